package main

import (
	"eebus-gw/tests/interop/peer"

	"github.com/enbility/eebus-go/api"
	ucapi "github.com/enbility/eebus-go/usecases/api"
	"github.com/enbility/eebus-go/usecases/cem/cevc"
	"github.com/enbility/eebus-go/usecases/cem/evcc"
	"github.com/enbility/eebus-go/usecases/cem/evcem"
	"github.com/enbility/eebus-go/usecases/cem/evsecc"
	"github.com/enbility/eebus-go/usecases/cem/evsoc"
	"github.com/enbility/eebus-go/usecases/cem/opev"
	"github.com/enbility/eebus-go/usecases/cem/oscev"
	"github.com/enbility/eebus-go/usecases/ma/mgcp"
	"github.com/enbility/eebus-go/usecases/ma/mpc"
	spineapi "github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
)

type entity = spineapi.EntityRemoteInterface

// reading is one value of a use case.
type reading struct {
	useCase string
	name    string
	read    func(entity) (any, error)
}

func of[Value any](useCase, name string, read func(entity) (Value, error)) []reading {
	return []reading{{useCase, name, func(from entity) (any, error) { return read(from) }}}
}

func (m *manager) supportEvents() map[api.EventType]support {
	return map[api.EventType]support{
		evsecc.UseCaseSupportUpdate: {"EVSECC", m.evsecc},
		evcc.UseCaseSupportUpdate:   {"EVCC", m.evcc},
		evcem.UseCaseSupportUpdate:  {"EVCEM", m.evcem},
		evsoc.UseCaseSupportUpdate:  {"EVSOC", m.evsoc},
		opev.UseCaseSupportUpdate:   {"OPEV", m.opev},
		oscev.UseCaseSupportUpdate:  {"OSCEV", m.oscev},
		cevc.UseCaseSupportUpdate:   {"CEVC", m.cevc},
		mpc.UseCaseSupportUpdate:    {"MPC", m.mpc},
		mgcp.UseCaseSupportUpdate:   {"MGCP", m.mgcp},
	}
}

func (m *manager) readingEvents() map[api.EventType][]reading {
	return map[api.EventType][]reading{
		evsecc.DataUpdateManufacturerData: of("EVSECC", "manufacturer", m.evsecc.ManufacturerData),
		evsecc.DataUpdateOperatingState:   of("EVSECC", "operating_state", m.operatingState),

		evcc.DataUpdateCommunicationStandard:     of("EVCC", "standard", m.evcc.CommunicationStandard),
		evcc.DataUpdateAsymmetricChargingSupport: of("EVCC", "asymmetric", m.evcc.AsymmetricChargingSupport),
		evcc.DataUpdateIdentifications:           of("EVCC", "identification", m.evcc.Identifications),
		evcc.DataUpdateManufacturerData:          of("EVCC", "manufacturer", m.evcc.ManufacturerData),
		evcc.DataUpdateCurrentLimits:             of("EVCC", "power_range_w", m.powerRange),

		evcem.DataUpdatePhasesConnected: of("EVCEM", "phases", m.evcem.PhasesConnected),
		evcem.DataUpdateCurrentPerPhase: of("EVCEM", "current_a", m.evcem.CurrentPerPhase),
		evcem.DataUpdatePowerPerPhase:   of("EVCEM", "power_w", m.evcem.PowerPerPhase),
		evcem.DataUpdateEnergyCharged:   of("EVCEM", "energy_wh", m.evcem.EnergyCharged),

		evsoc.DataUpdateStateOfCharge: of("EVSOC", "soc_percent", m.evsoc.StateOfCharge),

		opev.DataUpdateLimit:          of("OPEV", "limit_a", phaseLimits(m.opev.LoadControlLimits)),
		opev.DataUpdateCurrentLimits:  of("OPEV", "range_a", ranges(m.opev.CurrentLimits)),
		oscev.DataUpdateLimit:         of("OSCEV", "limit_a", phaseLimits(m.oscev.LoadControlLimits)),
		oscev.DataUpdateCurrentLimits: of("OSCEV", "range_a", ranges(m.oscev.CurrentLimits)),

		mpc.DataUpdatePower:            of("MPC", "power_w", m.mpc.Power),
		mpc.DataUpdatePowerPerPhase:    of("MPC", "power_phase_w", m.mpc.PowerPerPhase),
		mpc.DataUpdateEnergyConsumed:   of("MPC", "energy_consumed_wh", m.mpc.EnergyConsumed),
		mpc.DataUpdateEnergyProduced:   of("MPC", "energy_produced_wh", m.mpc.EnergyProduced),
		mpc.DataUpdateCurrentsPerPhase: of("MPC", "current_a", m.mpc.CurrentPerPhase),
		mpc.DataUpdateVoltagePerPhase:  of("MPC", "voltage_v", m.mpc.VoltagePerPhase),
		mpc.DataUpdateFrequency:        of("MPC", "frequency_hz", m.mpc.Frequency),

		mgcp.DataUpdatePowerLimitationFactor: of("MGCP", "curtailment_percent", m.mgcp.PowerLimitationFactor),
		mgcp.DataUpdatePower:                 of("MGCP", "power_w", m.mgcp.Power),
		mgcp.DataUpdateEnergyFeedIn:          of("MGCP", "energy_produced_wh", m.mgcp.EnergyFeedIn),
		mgcp.DataUpdateEnergyConsumed:        of("MGCP", "energy_consumed_wh", m.mgcp.EnergyConsumed),
		mgcp.DataUpdateCurrentPerPhase:       of("MGCP", "current_a", m.mgcp.CurrentPerPhase),
		mgcp.DataUpdateVoltagePerPhase:       of("MGCP", "voltage_v", m.mgcp.VoltagePerPhase),
		mgcp.DataUpdateFrequency:             of("MGCP", "frequency_hz", m.mgcp.Frequency),

		cevc.DataUpdateEnergyDemand:        of("CEVC", "demand", m.cevc.EnergyDemand),
		cevc.DataUpdateTimeSlotConstraints: of("CEVC", "slots", m.cevc.TimeSlotConstraints),
		cevc.DataUpdateIncentiveTable:      of("CEVC", "incentive_slots", m.cevc.IncentiveConstraints),
		cevc.DataUpdateChargePlan:          of("CEVC", "plan", m.cevc.ChargePlan),
	}
}

func (m *manager) operatingState(from entity) (peer.Members, error) {
	state, code, err := m.evsecc.OperatingState(from)
	return peer.Members{"state": state, "error_code": code}, err
}

func (m *manager) powerRange(from entity) (peer.Members, error) {
	low, high, pause, err := m.evcc.ChargingPowerLimits(from)
	return peer.Members{"min": low, "max": high, "pause": pause}, err
}

func ranges(
	read func(entity) ([]float64, []float64, []float64, error),
) func(entity) (peer.Members, error) {
	return func(from entity) (peer.Members, error) {
		low, high, pause, err := read(from)
		return peer.Members{"min": low, "max": high, "pause": pause}, err
	}
}

func phaseLimits(
	read func(entity) ([]ucapi.LoadLimitsPhase, error),
) func(entity) (peer.Members, error) {
	return func(from entity) (peer.Members, error) {
		limits, err := read(from)
		amperes, active := []float64{}, []bool{}
		for _, limit := range limits {
			amperes = append(amperes, limit.Value)
			active = append(active, limit.IsActive)
		}
		return peer.Members{"amperes": amperes, "active": active}, err
	}
}

func (m *manager) onEvent(
	ski string, _ spineapi.DeviceRemoteInterface, from entity, event api.EventType,
) {
	if known, ok := m.supports[event]; ok {
		m.node.ReportSupport(known.useCase, known.base, ski, from)
		return
	}
	readings, ok := m.readings[event]
	if !ok {
		m.node.Report("signal", peer.Members{
			"ski": ski, "entity": peer.EntityAddress(from), "name": event,
		})
	}
	m.report(ski, from, readings)
}

func (m *manager) report(ski string, from entity, readings []reading) {
	for _, reading := range readings {
		m.node.ReportValue(reading.useCase, reading.name, ski, from, func() (any, error) {
			return reading.read(from)
		})
	}
}

// HandleEvent reports the operating state of an EV: the stack's own event for it never comes.
func (m *manager) HandleEvent(payload spineapi.EventPayload) {
	_, isState := payload.Data.(*model.DeviceDiagnosisStateDataType)
	if payload.EventType != spineapi.EventTypeDataChange || !isState ||
		payload.Entity == nil || payload.Entity.EntityType() != model.EntityTypeTypeEV {
		return
	}
	m.report(payload.Ski, payload.Entity, of("EVCC", "charge_state", m.evcc.ChargeState))
}

// read reports everything that is known of the peers again.
func (m *manager) read(command peer.Command) (peer.Members, error) {
	var wanted phaseArguments
	if err := command.Into(&wanted); err != nil {
		return nil, err
	}
	for _, from := range m.node.RemoteEntities(wanted.Ski) {
		for _, readings := range m.readings {
			m.report(from.Device().Ski(), from, readings)
		}
	}
	return nil, nil
}
