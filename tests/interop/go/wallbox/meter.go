package main

import (
	"time"

	"github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/util"
)

var phases = []model.ElectricalConnectionPhaseNameType{
	model.ElectricalConnectionPhaseNameTypeA,
	model.ElectricalConnectionPhaseNameTypeB,
	model.ElectricalConnectionPhaseNameTypeC,
}

// quantity is one measured value.
type quantity struct {
	id    uint
	kind  model.MeasurementTypeType
	unit  model.UnitOfMeasurementType
	scope model.ScopeTypeType
	phase model.ElectricalConnectionPhaseNameType // empty: of no phase
	high  float64
}

// meter is a Measurement server whose quantities are joined to phases by an
// ElectricalConnection server with the same numbers.
type meter struct {
	connection uint
	quantities []quantity
	feature    api.FeatureLocalInterface
}

func perPhase(
	first uint, kind model.MeasurementTypeType, unit model.UnitOfMeasurementType,
	scope model.ScopeTypeType, high float64,
) []quantity {
	made := []quantity{}
	for i, phase := range phases {
		made = append(made, quantity{first + uint(i), kind, unit, scope, phase, high})
	}
	return made
}

func newMeter(entity api.EntityLocalInterface, connection uint, quantities []quantity) meter {
	m := meter{connection: connection, quantities: quantities}
	m.addElectricalConnection(entity)
	m.feature = entity.GetOrAddFeature(model.FeatureTypeTypeMeasurement, model.RoleTypeServer)
	m.feature.AddFunctionType(model.FunctionTypeMeasurementDescriptionListData, true, false)
	m.feature.AddFunctionType(model.FunctionTypeMeasurementConstraintsListData, true, false)
	m.feature.AddFunctionType(model.FunctionTypeMeasurementListData, true, false)
	m.feature.SetData(model.FunctionTypeMeasurementDescriptionListData, m.descriptions())
	m.feature.SetData(model.FunctionTypeMeasurementConstraintsListData, m.constraints())
	return m
}

func (m *meter) addElectricalConnection(entity api.EntityLocalInterface) {
	electrical := entity.GetOrAddFeature(
		model.FeatureTypeTypeElectricalConnection, model.RoleTypeServer)
	electrical.AddFunctionType(model.FunctionTypeElectricalConnectionDescriptionListData, true, false)
	electrical.AddFunctionType(model.FunctionTypeElectricalConnectionParameterDescriptionListData, true, false)
	electrical.SetData(model.FunctionTypeElectricalConnectionDescriptionListData,
		&model.ElectricalConnectionDescriptionListDataType{
			ElectricalConnectionDescriptionData: []model.ElectricalConnectionDescriptionDataType{{
				ElectricalConnectionId:  util.Ptr(model.ElectricalConnectionIdType(m.connection)),
				PowerSupplyType:         util.Ptr(model.ElectricalConnectionVoltageTypeTypeAc),
				AcConnectedPhases:       util.Ptr(uint(len(phases))),
				PositiveEnergyDirection: util.Ptr(model.EnergyDirectionTypeConsume),
			}},
		})
	electrical.SetData(
		model.FunctionTypeElectricalConnectionParameterDescriptionListData, m.parameters())
}

func (m *meter) parameters() *model.ElectricalConnectionParameterDescriptionListDataType {
	list := &model.ElectricalConnectionParameterDescriptionListDataType{}
	for _, q := range m.quantities {
		if q.phase == "" {
			continue
		}
		list.ElectricalConnectionParameterDescriptionData = append(
			list.ElectricalConnectionParameterDescriptionData,
			model.ElectricalConnectionParameterDescriptionDataType{
				ElectricalConnectionId:  util.Ptr(model.ElectricalConnectionIdType(m.connection)),
				ParameterId:             util.Ptr(model.ElectricalConnectionParameterIdType(q.id)),
				MeasurementId:           util.Ptr(model.MeasurementIdType(q.id)),
				VoltageType:             util.Ptr(model.ElectricalConnectionVoltageTypeTypeAc),
				AcMeasuredPhases:        util.Ptr(q.phase),
				AcMeasuredInReferenceTo: util.Ptr(model.ElectricalConnectionPhaseNameTypeNeutral),
				AcMeasurementType:       util.Ptr(model.ElectricalConnectionAcMeasurementTypeTypeReal),
				AcMeasurementVariant:    util.Ptr(model.ElectricalConnectionMeasurandVariantTypeRms),
			})
	}
	return list
}

func (m *meter) descriptions() *model.MeasurementDescriptionListDataType {
	list := &model.MeasurementDescriptionListDataType{}
	for _, q := range m.quantities {
		list.MeasurementDescriptionData = append(list.MeasurementDescriptionData,
			model.MeasurementDescriptionDataType{
				MeasurementId:   util.Ptr(model.MeasurementIdType(q.id)),
				MeasurementType: util.Ptr(q.kind),
				CommodityType:   util.Ptr(model.CommodityTypeTypeElectricity),
				Unit:            util.Ptr(q.unit),
				ScopeType:       util.Ptr(q.scope),
			})
	}
	return list
}

func (m *meter) constraints() *model.MeasurementConstraintsListDataType {
	list := &model.MeasurementConstraintsListDataType{}
	for _, q := range m.quantities {
		list.MeasurementConstraintsData = append(list.MeasurementConstraintsData,
			model.MeasurementConstraintsDataType{
				MeasurementId: util.Ptr(model.MeasurementIdType(q.id)),
				ValueRangeMin: model.NewScaledNumberType(0),
				ValueRangeMax: model.NewScaledNumberType(q.high),
				ValueStepSize: model.NewScaledNumberType(0.1),
			})
	}
	return list
}

// publish notifies one value for each quantity, in their order.
func (m *meter) publish(values []float64) {
	list := &model.MeasurementListDataType{}
	for i, q := range m.quantities {
		list.MeasurementData = append(list.MeasurementData, model.MeasurementDataType{
			MeasurementId: util.Ptr(model.MeasurementIdType(q.id)),
			ValueType:     util.Ptr(model.MeasurementValueTypeTypeValue),
			Timestamp:     model.NewAbsoluteOrRelativeTimeTypeFromTime(time.Now().UTC()),
			Value:         model.NewScaledNumberType(values[i]),
			ValueSource:   util.Ptr(model.MeasurementValueSourceTypeMeasuredValue),
		})
	}
	m.feature.UpdateData(
		model.FunctionTypeMeasurementListData, list, model.NewFilterTypePartial(), nil)
}

// addMeter offers MPC on the EVSE entity.
func (s *station) addMeter() {
	quantities := []quantity{{
		0, model.MeasurementTypeTypePower, model.UnitOfMeasurementTypeW,
		model.ScopeTypeTypeACPowerTotal, model.ElectricalConnectionPhaseNameTypeAbc, nominalMax,
	}}
	quantities = append(quantities, perPhase(1, model.MeasurementTypeTypePower,
		model.UnitOfMeasurementTypeW, model.ScopeTypeTypeACPower, nominalMax/3)...)
	quantities = append(quantities, quantity{
		4, model.MeasurementTypeTypeEnergy, model.UnitOfMeasurementTypeWh,
		model.ScopeTypeTypeACEnergyConsumed, "", 1e9,
	})
	quantities = append(quantities, perPhase(5, model.MeasurementTypeTypeCurrent,
		model.UnitOfMeasurementTypeA, model.ScopeTypeTypeACCurrent, highestCurrent)...)
	s.meter = newMeter(s.node.Entity, 0, quantities)
	s.node.Entity.AddUseCaseSupport(
		model.UseCaseActorTypeMonitoredUnit, model.UseCaseNameTypeMonitoringOfPowerConsumption,
		"1.0.0", "release", true, []model.UseCaseScenarioSupportType{1, 2, 3})
}
