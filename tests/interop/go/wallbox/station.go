package main

import (
	"errors"
	"sync"
	"time"

	"eebus-gw/tests/interop/meter"
	"eebus-gw/tests/interop/peer"

	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/spine"
	"github.com/enbility/spine-go/util"
)

// station is the EVSE entity, the car on it and what flows.
type station struct {
	node  *peer.Node
	grid  *grid
	meter meter.Meter

	mux     sync.Mutex
	car     *car
	refuses bool
	deaf    map[string]bool // entities whose energy manager is silent, by address
	energy  float64         // Wh since the start
	time    time.Time
}

func newStation(node *peer.Node) (*station, error) {
	s := &station{node: node, deaf: map[string]bool{}, time: time.Now()}
	s.addCommissioning()
	s.addMeter()
	var err error
	if s.grid, err = newGrid(s); err != nil {
		return nil, err
	}
	node.OnHeartbeatLoss(s.onHeartbeat)
	node.Handle("plug", s.plugCommand)
	node.Handle("unplug", s.unplugCommand)
	node.Handle("set", s.setCommand)
	node.Handle("refuse", s.refuseCommand)
	node.Handle("state", s.stateCommand)
	return s, spine.Events.Subscribe(s)
}

// addCommissioning offers EVSECC: manufacturer data and operating state.
func (s *station) addCommissioning() {
	classification := s.node.Entity.GetOrAddFeature(
		model.FeatureTypeTypeDeviceClassification, model.RoleTypeServer)
	classification.AddFunctionType(model.FunctionTypeDeviceClassificationManufacturerData, true, false)
	classification.SetData(model.FunctionTypeDeviceClassificationManufacturerData,
		&model.DeviceClassificationManufacturerDataType{
			DeviceName:       text("Peer Wallbox"),
			DeviceCode:       text("Wallbox"),
			SerialNumber:     text(s.node.Options.Serial),
			SoftwareRevision: text("2.1.0"),
			HardwareRevision: text("B"),
			VendorName:       text("Peer"),
			VendorCode:       text("99999"),
			BrandName:        text("PeerBrand"),
			PowerSource:      util.Ptr(model.PowerSourceTypeMains3Phase),
		})
	diagnosis := s.node.Entity.GetOrAddFeature(
		model.FeatureTypeTypeDeviceDiagnosis, model.RoleTypeServer)
	diagnosis.AddFunctionType(model.FunctionTypeDeviceDiagnosisStateData, true, false)
	s.setState(model.DeviceDiagnosisOperatingStateTypeNormalOperation, "")
	s.node.Entity.AddUseCaseSupport(
		model.UseCaseActorTypeEVSE, model.UseCaseNameTypeEVSECommissioningAndConfiguration,
		"1.0.1", "release", true, []model.UseCaseScenarioSupportType{1, 2})
}

// addMeter offers MPC on the EVSE entity.
func (s *station) addMeter() {
	quantities := []meter.Quantity{{
		ID: 0, Kind: model.MeasurementTypeTypePower, Unit: model.UnitOfMeasurementTypeW,
		Scope: model.ScopeTypeTypeACPowerTotal, Phase: model.ElectricalConnectionPhaseNameTypeAbc,
		High: nominalMax,
	}}
	quantities = append(quantities, meter.PerPhase(1, model.MeasurementTypeTypePower,
		model.UnitOfMeasurementTypeW, model.ScopeTypeTypeACPower, 0, nominalMax/3)...)
	quantities = append(quantities, meter.Quantity{
		ID: 4, Kind: model.MeasurementTypeTypeEnergy, Unit: model.UnitOfMeasurementTypeWh,
		Scope: model.ScopeTypeTypeACEnergyConsumed, High: 1e9,
	})
	quantities = append(quantities, meter.PerPhase(5, model.MeasurementTypeTypeCurrent,
		model.UnitOfMeasurementTypeA, model.ScopeTypeTypeACCurrent, 0, highestCurrent)...)
	s.meter = meter.New(s.node.Entity, 0, model.EnergyDirectionTypeConsume, quantities)
	s.node.Entity.AddUseCaseSupport(
		model.UseCaseActorTypeMonitoredUnit, model.UseCaseNameTypeMonitoringOfPowerConsumption,
		"1.0.0", "release", true, []model.UseCaseScenarioSupportType{1, 2, 3})
}

func text(value string) *model.DeviceClassificationStringType {
	return util.Ptr(model.DeviceClassificationStringType(value))
}

func (s *station) setState(state model.DeviceDiagnosisOperatingStateType, code string) {
	data := &model.DeviceDiagnosisStateDataType{OperatingState: &state}
	if code != "" {
		data.LastErrorCode = util.Ptr(model.LastErrorCodeType(code))
	}
	s.node.Entity.FeatureOfTypeAndRole(model.FeatureTypeTypeDeviceDiagnosis, model.RoleTypeServer).
		SetData(model.FunctionTypeDeviceDiagnosisStateData, data)
}

// stateCommand sets the operating state of the EVSE: {state, error_code}.
func (s *station) stateCommand(command peer.Command) (peer.Members, error) {
	var wanted struct {
		State string `json:"state"`
		Code  string `json:"error_code"`
	}
	if err := command.Into(&wanted); err != nil {
		return nil, err
	}
	s.setState(model.DeviceDiagnosisOperatingStateType(wanted.State), wanted.Code)
	return nil, nil
}

// refuseCommand makes the wallbox refuse all limits from now on: {on}.
func (s *station) refuseCommand(command peer.Command) (peer.Members, error) {
	on, err := peer.SwitchOf(command)
	s.mux.Lock()
	defer s.mux.Unlock()
	s.refuses = on
	return nil, err
}

func (s *station) isRefusing() bool {
	s.mux.Lock()
	defer s.mux.Unlock()
	return s.refuses
}

// plugCommand plugs a car in: the members of carSettings.
func (s *station) plugCommand(command peer.Command) (peer.Members, error) {
	settings := newCarSettings()
	if err := command.Into(&settings); err != nil {
		return nil, err
	}
	return nil, s.plug(settings)
}

func (s *station) plug(settings carSettings) error {
	s.mux.Lock()
	if s.car != nil {
		s.mux.Unlock()
		return errors.New("a car is plugged in")
	}
	s.car = newCar(s, settings)
	s.mux.Unlock()
	s.car.appear()
	return nil
}

func (s *station) unplugCommand(peer.Command) (peer.Members, error) {
	s.mux.Lock()
	car := s.car
	s.car = nil
	s.mux.Unlock()
	if car == nil {
		return nil, errors.New("no car is plugged in")
	}
	car.disappear()
	return nil, nil
}

// setCommand changes members of carSettings of the car that is there.
func (s *station) setCommand(command peer.Command) (peer.Members, error) {
	s.mux.Lock()
	defer s.mux.Unlock()
	if s.car == nil {
		return nil, errors.New("no car is plugged in")
	}
	if err := command.Into(&s.car.settings); err != nil {
		return nil, err
	}
	s.car.publishSettings()
	return nil, nil
}
