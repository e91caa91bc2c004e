// Package meter is a Measurement server whose quantities are joined to phases by an
// ElectricalConnection server with the same numbers.
package meter

import (
	"time"

	"github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/util"
)

// Phases are the three of a connection.
var Phases = []model.ElectricalConnectionPhaseNameType{
	model.ElectricalConnectionPhaseNameTypeA,
	model.ElectricalConnectionPhaseNameTypeB,
	model.ElectricalConnectionPhaseNameTypeC,
}

// Quantity is one measured value, which lies between Low and High.
type Quantity struct {
	ID    uint
	Kind  model.MeasurementTypeType
	Unit  model.UnitOfMeasurementType
	Scope model.ScopeTypeType
	Phase model.ElectricalConnectionPhaseNameType // empty: of no phase
	Low   float64
	High  float64
}

// Meter publishes its quantities.
type Meter struct {
	connection uint
	positive   model.EnergyDirectionType
	quantities []Quantity
	feature    api.FeatureLocalInterface
}

// PerPhase makes the same quantity for each phase, with numbers from first on.
func PerPhase(
	first uint, kind model.MeasurementTypeType, unit model.UnitOfMeasurementType,
	scope model.ScopeTypeType, low, high float64,
) []Quantity {
	made := []Quantity{}
	for i, phase := range Phases {
		made = append(made, Quantity{first + uint(i), kind, unit, scope, phase, low, high})
	}
	return made
}

// New describes the quantities on an entity; positive is the direction of positive powers.
func New(
	entity api.EntityLocalInterface, connection uint, positive model.EnergyDirectionType,
	quantities []Quantity,
) Meter {
	m := Meter{connection: connection, positive: positive, quantities: quantities}
	m.addElectricalConnection(entity)
	m.feature = entity.GetOrAddFeature(model.FeatureTypeTypeMeasurement, model.RoleTypeServer)
	m.feature.AddFunctionType(model.FunctionTypeMeasurementDescriptionListData, true, false)
	m.feature.AddFunctionType(model.FunctionTypeMeasurementConstraintsListData, true, false)
	m.feature.AddFunctionType(model.FunctionTypeMeasurementListData, true, false)
	m.feature.SetData(model.FunctionTypeMeasurementDescriptionListData, m.descriptions())
	m.feature.SetData(model.FunctionTypeMeasurementConstraintsListData, m.constraints())
	return m
}

func (m *Meter) addElectricalConnection(entity api.EntityLocalInterface) {
	electrical := entity.GetOrAddFeature(
		model.FeatureTypeTypeElectricalConnection, model.RoleTypeServer)
	electrical.AddFunctionType(model.FunctionTypeElectricalConnectionDescriptionListData, true, false)
	electrical.AddFunctionType(model.FunctionTypeElectricalConnectionParameterDescriptionListData, true, false)
	electrical.SetData(model.FunctionTypeElectricalConnectionDescriptionListData,
		&model.ElectricalConnectionDescriptionListDataType{
			ElectricalConnectionDescriptionData: []model.ElectricalConnectionDescriptionDataType{{
				ElectricalConnectionId:  util.Ptr(model.ElectricalConnectionIdType(m.connection)),
				PowerSupplyType:         util.Ptr(model.ElectricalConnectionVoltageTypeTypeAc),
				AcConnectedPhases:       util.Ptr(uint(len(Phases))),
				PositiveEnergyDirection: util.Ptr(m.positive),
			}},
		})
	electrical.SetData(
		model.FunctionTypeElectricalConnectionParameterDescriptionListData, m.Parameters())
}

// Parameters tells which phase each quantity is measured on.
func (m *Meter) Parameters() *model.ElectricalConnectionParameterDescriptionListDataType {
	list := &model.ElectricalConnectionParameterDescriptionListDataType{}
	for _, q := range m.quantities {
		if q.Phase == "" {
			continue
		}
		list.ElectricalConnectionParameterDescriptionData = append(
			list.ElectricalConnectionParameterDescriptionData,
			model.ElectricalConnectionParameterDescriptionDataType{
				ElectricalConnectionId:  util.Ptr(model.ElectricalConnectionIdType(m.connection)),
				ParameterId:             util.Ptr(model.ElectricalConnectionParameterIdType(q.ID)),
				MeasurementId:           util.Ptr(model.MeasurementIdType(q.ID)),
				VoltageType:             util.Ptr(model.ElectricalConnectionVoltageTypeTypeAc),
				AcMeasuredPhases:        util.Ptr(q.Phase),
				AcMeasuredInReferenceTo: util.Ptr(model.ElectricalConnectionPhaseNameTypeNeutral),
				AcMeasurementType:       util.Ptr(model.ElectricalConnectionAcMeasurementTypeTypeReal),
				AcMeasurementVariant:    util.Ptr(model.ElectricalConnectionMeasurandVariantTypeRms),
			})
	}
	return list
}

func (m *Meter) descriptions() *model.MeasurementDescriptionListDataType {
	list := &model.MeasurementDescriptionListDataType{}
	for _, q := range m.quantities {
		list.MeasurementDescriptionData = append(list.MeasurementDescriptionData,
			model.MeasurementDescriptionDataType{
				MeasurementId:   util.Ptr(model.MeasurementIdType(q.ID)),
				MeasurementType: util.Ptr(q.Kind),
				CommodityType:   util.Ptr(model.CommodityTypeTypeElectricity),
				Unit:            util.Ptr(q.Unit),
				ScopeType:       util.Ptr(q.Scope),
			})
	}
	return list
}

func (m *Meter) constraints() *model.MeasurementConstraintsListDataType {
	list := &model.MeasurementConstraintsListDataType{}
	for _, q := range m.quantities {
		list.MeasurementConstraintsData = append(list.MeasurementConstraintsData,
			model.MeasurementConstraintsDataType{
				MeasurementId: util.Ptr(model.MeasurementIdType(q.ID)),
				ValueRangeMin: model.NewScaledNumberType(q.Low),
				ValueRangeMax: model.NewScaledNumberType(q.High),
				ValueStepSize: model.NewScaledNumberType(0.1),
			})
	}
	return list
}

// Publish notifies one value for each quantity, in their order.
func (m *Meter) Publish(values []float64) {
	list := &model.MeasurementListDataType{}
	for i, q := range m.quantities {
		list.MeasurementData = append(list.MeasurementData, model.MeasurementDataType{
			MeasurementId: util.Ptr(model.MeasurementIdType(q.ID)),
			ValueType:     util.Ptr(model.MeasurementValueTypeTypeValue),
			Timestamp:     model.NewAbsoluteOrRelativeTimeTypeFromTime(time.Now().UTC()),
			Value:         model.NewScaledNumberType(values[i]),
			ValueSource:   util.Ptr(model.MeasurementValueSourceTypeMeasuredValue),
		})
	}
	m.feature.UpdateData(
		model.FunctionTypeMeasurementListData, list, model.NewFilterTypePartial(), nil)
}
