package main

import (
	"eebus-gw/tests/interop/meter"
	"eebus-gw/tests/interop/peer"

	"github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/spine"
	"github.com/enbility/spine-go/util"
)

const (
	lowestCurrent  = 6.0
	highestCurrent = 32.0
	pauseCurrent   = 0.1
	safeCurrent    = 6.0
	voltage        = 230.0
	carConnection  = 0
	totalParameter = 8
)

// carSettings are the members of the commands `plug` and `set`.
type carSettings struct {
	Standard   string  `json:"standard"`
	Asymmetric bool    `json:"asymmetric"`
	Current    float64 `json:"current_a"` // what the car would draw if nobody limited it
	Soc        float64 `json:"soc_percent"`
	Capacity   float64 `json:"capacity_wh"`
	Standby    bool    `json:"standby"`
	Identity   string  `json:"identification"`
}

func newCarSettings() carSettings {
	return carSettings{
		Standard: "iso15118-2ed1",
		Current:  16,
		Soc:      42,
		Capacity: 60000,
		Identity: "02-00-5E-10-00-01",
	}
}

// car is the EV entity.
type car struct {
	station  *station
	settings carSettings
	entity   api.EntityLocalInterface
	limits   api.FeatureLocalInterface
	meter    meter.Meter
	energy   float64
}

// newCar builds the entity with all its features and data; nobody sees it before appear.
func newCar(s *station, settings carSettings) *car {
	c := &car{station: s, settings: settings}
	c.entity = spine.NewEntityLocal(s.node.Device, model.EntityTypeTypeEV,
		[]model.AddressEntityType{1, 1}, s.node.Options.Heartbeat)
	c.addLimits()
	c.addMeter()
	c.addRanges()
	c.addDescriptions()
	c.entity.GetOrAddFeature(model.FeatureTypeTypeDeviceDiagnosis, model.RoleTypeClient)
	c.publishSettings()
	return c
}

func (c *car) server(kind model.FeatureTypeType, functions ...model.FunctionType) api.FeatureLocalInterface {
	feature := c.entity.GetOrAddFeature(kind, model.RoleTypeServer)
	for _, function := range functions {
		feature.AddFunctionType(function, true, false)
	}
	return feature
}

// addMeter offers the quantities of EVCEM and EVSOC; limits refer to the currents 1 to 3.
func (c *car) addMeter() {
	quantities := meter.PerPhase(1, model.MeasurementTypeTypeCurrent,
		model.UnitOfMeasurementTypeA, model.ScopeTypeTypeACCurrent, 0, highestCurrent)
	quantities = append(quantities, meter.PerPhase(4, model.MeasurementTypeTypePower,
		model.UnitOfMeasurementTypeW, model.ScopeTypeTypeACPower, 0, highestCurrent*voltage)...)
	quantities = append(quantities,
		meter.Quantity{
			ID: 7, Kind: model.MeasurementTypeTypeEnergy, Unit: model.UnitOfMeasurementTypeWh,
			Scope: model.ScopeTypeTypeCharge, High: 1e6,
		},
		meter.Quantity{
			ID: 8, Kind: model.MeasurementTypeTypePercentage, Unit: model.UnitOfMeasurementTypepct,
			Scope: model.ScopeTypeTypeStateOfCharge, High: 100,
		})
	c.meter = meter.New(c.entity, carConnection, model.EnergyDirectionTypeConsume, quantities)
}

// addRanges tells per phase and in total what the car can draw.
func (c *car) addRanges() {
	electrical := c.server(model.FeatureTypeTypeElectricalConnection,
		model.FunctionTypeElectricalConnectionPermittedValueSetListData)
	parameters := c.meter.Parameters()
	parameters.ElectricalConnectionParameterDescriptionData = append(
		parameters.ElectricalConnectionParameterDescriptionData,
		model.ElectricalConnectionParameterDescriptionDataType{
			ElectricalConnectionId: util.Ptr(model.ElectricalConnectionIdType(carConnection)),
			ParameterId:            util.Ptr(model.ElectricalConnectionParameterIdType(totalParameter)),
			AcMeasuredPhases:       util.Ptr(model.ElectricalConnectionPhaseNameTypeAbc),
			ScopeType:              util.Ptr(model.ScopeTypeTypeACPowerTotal),
		})
	electrical.SetData(
		model.FunctionTypeElectricalConnectionParameterDescriptionListData, parameters)

	permitted := &model.ElectricalConnectionPermittedValueSetListDataType{}
	for i := range meter.Phases {
		permitted.ElectricalConnectionPermittedValueSetData = append(
			permitted.ElectricalConnectionPermittedValueSetData,
			permittedValues(uint(i)+1, lowestCurrent, highestCurrent, pauseCurrent))
	}
	permitted.ElectricalConnectionPermittedValueSetData = append(
		permitted.ElectricalConnectionPermittedValueSetData,
		permittedValues(totalParameter, 3*lowestCurrent*voltage, nominalMax, 100))
	electrical.SetData(model.FunctionTypeElectricalConnectionPermittedValueSetListData, permitted)
}

func permittedValues(
	parameter uint, low, high, pause float64,
) model.ElectricalConnectionPermittedValueSetDataType {
	return model.ElectricalConnectionPermittedValueSetDataType{
		ElectricalConnectionId: util.Ptr(model.ElectricalConnectionIdType(carConnection)),
		ParameterId:            util.Ptr(model.ElectricalConnectionParameterIdType(parameter)),
		PermittedValueSet: []model.ScaledNumberSetType{{
			Value: []model.ScaledNumberType{*model.NewScaledNumberType(pause)},
			Range: []model.ScaledNumberRangeType{{
				Min: model.NewScaledNumberType(low), Max: model.NewScaledNumberType(high),
			}},
		}},
	}
}

// addDescriptions offers the rest of EVCC.
func (c *car) addDescriptions() {
	configuration := c.server(model.FeatureTypeTypeDeviceConfiguration,
		model.FunctionTypeDeviceConfigurationKeyValueDescriptionListData,
		model.FunctionTypeDeviceConfigurationKeyValueListData)
	configuration.SetData(model.FunctionTypeDeviceConfigurationKeyValueDescriptionListData,
		&model.DeviceConfigurationKeyValueDescriptionListDataType{
			DeviceConfigurationKeyValueDescriptionData: []model.DeviceConfigurationKeyValueDescriptionDataType{
				{
					KeyId:     util.Ptr(model.DeviceConfigurationKeyIdType(0)),
					KeyName:   util.Ptr(model.DeviceConfigurationKeyNameTypeCommunicationsStandard),
					ValueType: util.Ptr(model.DeviceConfigurationKeyValueTypeTypeString),
				},
				{
					KeyId:     util.Ptr(model.DeviceConfigurationKeyIdType(1)),
					KeyName:   util.Ptr(model.DeviceConfigurationKeyNameTypeAsymmetricChargingSupported),
					ValueType: util.Ptr(model.DeviceConfigurationKeyValueTypeTypeBoolean),
				},
			},
		})
	classification := c.server(model.FeatureTypeTypeDeviceClassification,
		model.FunctionTypeDeviceClassificationManufacturerData)
	classification.SetData(model.FunctionTypeDeviceClassificationManufacturerData,
		&model.DeviceClassificationManufacturerDataType{
			DeviceName: text("Peer Car"), BrandName: text("PeerCars"),
		})
	c.server(model.FeatureTypeTypeDeviceDiagnosis, model.FunctionTypeDeviceDiagnosisStateData)
	c.server(model.FeatureTypeTypeIdentification, model.FunctionTypeIdentificationListData)
}

// publishSettings notifies what the settings say, apart from measurements.
func (c *car) publishSettings() {
	c.server(model.FeatureTypeTypeDeviceConfiguration).SetData(
		model.FunctionTypeDeviceConfigurationKeyValueListData,
		&model.DeviceConfigurationKeyValueListDataType{
			DeviceConfigurationKeyValueData: []model.DeviceConfigurationKeyValueDataType{
				{
					KeyId: util.Ptr(model.DeviceConfigurationKeyIdType(0)),
					Value: &model.DeviceConfigurationKeyValueValueType{
						String: util.Ptr(model.DeviceConfigurationKeyValueStringType(c.settings.Standard)),
					},
				},
				{
					KeyId: util.Ptr(model.DeviceConfigurationKeyIdType(1)),
					Value: &model.DeviceConfigurationKeyValueValueType{
						Boolean: util.Ptr(c.settings.Asymmetric),
					},
				},
			},
		})
	c.server(model.FeatureTypeTypeIdentification).SetData(
		model.FunctionTypeIdentificationListData,
		&model.IdentificationListDataType{
			IdentificationData: []model.IdentificationDataType{{
				IdentificationId:    util.Ptr(model.IdentificationIdType(0)),
				IdentificationType:  util.Ptr(model.IdentificationTypeTypeEui48),
				IdentificationValue: util.Ptr(model.IdentificationValueType(c.settings.Identity)),
			}},
		})
	state := model.DeviceDiagnosisOperatingStateTypeNormalOperation
	if c.settings.Standby {
		state = model.DeviceDiagnosisOperatingStateTypeStandby
	}
	c.server(model.FeatureTypeTypeDeviceDiagnosis).SetData(
		model.FunctionTypeDeviceDiagnosisStateData,
		&model.DeviceDiagnosisStateDataType{OperatingState: &state})
}

type carUseCase struct {
	name      model.UseCaseNameType
	version   model.SpecificationVersionType
	revision  string
	scenarios []model.UseCaseScenarioSupportType
}

var carUseCases = []carUseCase{
	{
		model.UseCaseNameTypeEVCommissioningAndConfiguration, "1.0.1", "release",
		[]model.UseCaseScenarioSupportType{1, 2, 3, 4, 5, 6, 7, 8},
	},
	{
		model.UseCaseNameTypeMeasurementOfElectricityDuringEVCharging, "1.0.1", "release",
		[]model.UseCaseScenarioSupportType{1, 2, 3},
	},
	{
		model.UseCaseNameTypeEVStateOfCharge, "1.0.0", "RC1",
		[]model.UseCaseScenarioSupportType{1},
	},
	{
		model.UseCaseNameTypeOverloadProtectionByEVChargingCurrentCurtailment, "1.0.1", "release",
		[]model.UseCaseScenarioSupportType{1, 2, 3},
	},
	{
		model.UseCaseNameTypeOptimizationOfSelfConsumptionDuringEVCharging, "1.0.1", "release",
		[]model.UseCaseScenarioSupportType{1, 2, 3},
	},
}

// appear adds the entity to the device, then its use cases one by one.
func (c *car) appear() {
	c.station.node.Device.AddEntity(c.entity)
	for _, useCase := range carUseCases {
		c.entity.AddUseCaseSupport(model.UseCaseActorTypeEV, useCase.name,
			useCase.version, useCase.revision, true, useCase.scenarios)
	}
	for _, remote := range c.station.node.RemoteEntities("") {
		c.station.node.HearHeartbeats(c.entity, remote)
	}
	c.station.node.Report("plugged", nil)
}

func (c *car) disappear() {
	c.station.node.Device.RemoveEntity(c.entity)
	c.station.node.ForgetHeartbeats(peer.EntityAddress(c.entity))
	c.station.node.Report("unplugged", nil)
}
