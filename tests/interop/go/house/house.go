package main

import (
	"sync"

	"eebus-gw/tests/interop/meter"
	"eebus-gw/tests/interop/peer"

	"github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/spine"
	"github.com/enbility/spine-go/util"
)

const (
	highestPower = 20_000
	peakPower    = 9_300
)

// settings are the members of the command `set`; powers in W, energies in Wh. Nothing flows by
// itself: the battery's power is that of its setpoint.
type settings struct {
	Load        float64   `json:"load_w"`
	PV          float64   `json:"pv_w"`
	Soc         float64   `json:"soc_percent"`
	Voltages    []float64 `json:"voltage_v"`
	Frequency   float64   `json:"frequency_hz"`
	Curtailment float64   `json:"curtailment_percent"`
	Drawn       float64   `json:"energy_consumed_wh"`
	FedIn       float64   `json:"energy_produced_wh"`
	Charged     float64   `json:"energy_charged_wh"`
	Discharged  float64   `json:"energy_discharged_wh"`
	Yield       float64   `json:"energy_yield_wh"`
}

// house has its grid meter on the main entity, the battery and the PV system each on the child of
// the entity that announces it, and the inverter beside them.
type house struct {
	node     *peer.Node
	grid     meter.Meter
	limits   *keys
	battery  meter.Meter
	pv       meter.Meter
	inverter *inverter

	mux      sync.Mutex
	settings settings
	power    float64 // W of the battery
}

func newHouse(node *peer.Node) (*house, error) {
	h := &house{node: node, settings: settings{
		Load: 3_000, Soc: 61.5, Voltages: []float64{229, 230, 231}, Frequency: 49.98, Curtailment: 100,
		Drawn: 1_234_500, FedIn: 7_654_300, Charged: 111_100, Discharged: 99_900, Yield: 5_432_100,
	}}
	h.addGrid()
	h.addBattery()
	h.addPV()
	h.inverter = newInverter(h, h.add(model.EntityTypeTypeInverter, 4))
	h.publish()
	node.Handle("set", h.setCommand)
	node.Handle("refuse", h.inverter.refuseCommand)
	return h, spine.Events.Subscribe(h.inverter)
}

func (h *house) add(kind model.EntityTypeType, address ...model.AddressEntityType) api.EntityLocalInterface {
	entity := spine.NewEntityLocal(h.node.Device, kind, address, h.node.Options.Heartbeat)
	h.node.Device.AddEntity(entity)
	return entity
}

// addGrid offers MGCP.
func (h *house) addGrid() {
	quantities := []meter.Quantity{
		totalPower(0),
		energy(1, model.ScopeTypeTypeGridFeedIn),
		energy(2, model.ScopeTypeTypeGridConsumption),
		{
			ID: 9, Kind: model.MeasurementTypeTypeFrequency, Unit: model.UnitOfMeasurementTypeHz,
			Scope: model.ScopeTypeTypeACFrequency, High: 100,
		},
	}
	quantities = append(quantities, meter.PerPhase(3, model.MeasurementTypeTypeCurrent,
		model.UnitOfMeasurementTypeA, model.ScopeTypeTypeACCurrent, -35, 35)...)
	quantities = append(quantities, meter.PerPhase(6, model.MeasurementTypeTypeVoltage,
		model.UnitOfMeasurementTypeV, model.ScopeTypeTypeACVoltage, 0, 300)...)
	h.grid = meter.New(h.node.Entity, 0, model.EnergyDirectionTypeConsume, quantities)
	h.limits = newKeys(h.node.Entity, false,
		key{model.DeviceConfigurationKeyNameTypePvCurtailmentLimitFactor, number(100)})
	h.node.Entity.AddUseCaseSupport(
		model.UseCaseActorTypeGridConnectionPoint, model.UseCaseNameTypeMonitoringOfGridConnectionPoint,
		"1.0.0", "release", true, []model.UseCaseScenarioSupportType{1, 2, 3, 4, 5, 6, 7})
}

// addBattery offers VABD.
func (h *house) addBattery() {
	h.add(model.EntityTypeTypeElectricityStorageSystem, 2).AddUseCaseSupport(
		model.UseCaseActorTypeBatterySystem, model.UseCaseNameTypeVisualizationOfAggregatedBatteryData,
		"1.0.0", "RC1", true, []model.UseCaseScenarioSupportType{1, 2, 3, 4})
	child := h.add(model.EntityTypeTypeBatterySystem, 2, 1)
	h.battery = meter.New(child, 1, model.EnergyDirectionTypeConsume, []meter.Quantity{
		totalPower(10),
		energy(11, model.ScopeTypeTypeCharge),
		energy(12, model.ScopeTypeTypeDischarge),
		{
			ID: 13, Kind: model.MeasurementTypeTypePercentage, Unit: model.UnitOfMeasurementTypepct,
			Scope: model.ScopeTypeTypeStateOfCharge, High: 100,
		},
	})
}

// addPV offers VAPD; what it gives counts as positive.
func (h *house) addPV() {
	h.add(model.EntityTypeTypeElectricityGenerationSystem, 3).AddUseCaseSupport(
		model.UseCaseActorTypePVSystem, model.UseCaseNameTypeVisualizationOfAggregatedPhotovoltaicData,
		"1.0.0", "RC1", true, []model.UseCaseScenarioSupportType{1, 2, 3})
	child := h.add(model.EntityTypeTypePVSystem, 3, 1)
	h.pv = meter.New(child, 2, model.EnergyDirectionTypeProduce, []meter.Quantity{
		totalPower(20),
		energy(21, model.ScopeTypeTypeACYieldTotal),
	})
	newKeys(child, false,
		key{model.DeviceConfigurationKeyNameTypePeakPowerOfPVSystem, number(peakPower)})
}

func totalPower(id uint) meter.Quantity {
	return meter.Quantity{
		ID: id, Kind: model.MeasurementTypeTypePower, Unit: model.UnitOfMeasurementTypeW,
		Scope: model.ScopeTypeTypeACPowerTotal, Phase: model.ElectricalConnectionPhaseNameTypeAbc,
		Low: -highestPower, High: highestPower,
	}
}

func energy(id uint, scope model.ScopeTypeType) meter.Quantity {
	return meter.Quantity{
		ID: id, Kind: model.MeasurementTypeTypeEnergy, Unit: model.UnitOfMeasurementTypeWh,
		Scope: scope, High: 1e9,
	}
}

// setCommand changes members of settings.
func (h *house) setCommand(command peer.Command) (peer.Members, error) {
	h.mux.Lock()
	err := command.Into(&h.settings)
	h.mux.Unlock()
	h.publish()
	return nil, err
}

// follow sets the power of the battery.
func (h *house) follow(power float64) {
	h.mux.Lock()
	h.power = power
	h.mux.Unlock()
	h.publish()
}

// publish notifies everything; half of what flows through the grid connection is on the first phase.
func (h *house) publish() {
	h.mux.Lock()
	defer h.mux.Unlock()
	s := h.settings
	grid := s.Load + h.power - s.PV
	values := []float64{grid, s.FedIn, s.Drawn, s.Frequency}
	for i, share := range []float64{0.5, 0.3, 0.2} {
		values = append(values, share*grid/s.Voltages[i])
	}
	h.grid.Publish(append(values, s.Voltages...))
	h.limits.set(0, number(s.Curtailment))
	h.battery.Publish([]float64{h.power, s.Charged, s.Discharged, s.Soc})
	h.pv.Publish([]float64{s.PV, s.Yield})
	h.inverter.meter.Publish([]float64{h.power})
}

func number(value float64) model.DeviceConfigurationKeyValueValueType {
	return model.DeviceConfigurationKeyValueValueType{ScaledNumber: model.NewScaledNumberType(value)}
}

func text(value string) model.DeviceConfigurationKeyValueValueType {
	return model.DeviceConfigurationKeyValueValueType{
		String: util.Ptr(model.DeviceConfigurationKeyValueStringType(value)),
	}
}
