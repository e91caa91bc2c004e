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
	"github.com/enbility/eebus-go/usecases/cem/vabd"
	"github.com/enbility/eebus-go/usecases/cem/vapd"
	"github.com/enbility/eebus-go/usecases/ma/mgcp"
	"github.com/enbility/eebus-go/usecases/ma/mpc"
	spineapi "github.com/enbility/spine-go/api"
)

type entity = spineapi.EntityRemoteInterface

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
		vabd.UseCaseSupportUpdate:   {"VABD", m.vabd},
		vapd.UseCaseSupportUpdate:   {"VAPD", m.vapd},
	}
}

func (m *manager) readingEvents() map[api.EventType]peer.Reading {
	return map[api.EventType]peer.Reading{
		evsecc.DataUpdateManufacturerData: peer.ReadingOf("EVSECC", "manufacturer", m.evsecc.ManufacturerData),
		evsecc.DataUpdateOperatingState:   peer.ReadingOf("EVSECC", "operating_state", m.operatingState),

		evcc.DataUpdateCommunicationStandard:     peer.ReadingOf("EVCC", "standard", m.evcc.CommunicationStandard),
		evcc.DataUpdateAsymmetricChargingSupport: peer.ReadingOf("EVCC", "asymmetric", m.evcc.AsymmetricChargingSupport),
		evcc.DataUpdateIdentifications:           peer.ReadingOf("EVCC", "identification", m.evcc.Identifications),
		evcc.DataUpdateManufacturerData:          peer.ReadingOf("EVCC", "manufacturer", m.evcc.ManufacturerData),
		evcc.DataUpdateCurrentLimits:             peer.ReadingOf("EVCC", "power_range_w", m.powerRange),

		evcem.DataUpdatePhasesConnected: peer.ReadingOf("EVCEM", "phases", m.evcem.PhasesConnected),
		evcem.DataUpdateCurrentPerPhase: peer.ReadingOf("EVCEM", "current_a", m.evcem.CurrentPerPhase),
		evcem.DataUpdatePowerPerPhase:   peer.ReadingOf("EVCEM", "power_w", m.evcem.PowerPerPhase),
		evcem.DataUpdateEnergyCharged:   peer.ReadingOf("EVCEM", "energy_wh", m.evcem.EnergyCharged),

		evsoc.DataUpdateStateOfCharge: peer.ReadingOf("EVSOC", "soc_percent", m.evsoc.StateOfCharge),

		opev.DataUpdateLimit:          peer.ReadingOf("OPEV", "limit_a", phaseLimits(m.opev.LoadControlLimits)),
		opev.DataUpdateCurrentLimits:  peer.ReadingOf("OPEV", "range_a", ranges(m.opev.CurrentLimits)),
		oscev.DataUpdateLimit:         peer.ReadingOf("OSCEV", "limit_a", phaseLimits(m.oscev.LoadControlLimits)),
		oscev.DataUpdateCurrentLimits: peer.ReadingOf("OSCEV", "range_a", ranges(m.oscev.CurrentLimits)),

		mpc.DataUpdatePower:            peer.ReadingOf("MPC", "power_w", m.mpc.Power),
		mpc.DataUpdatePowerPerPhase:    peer.ReadingOf("MPC", "power_phase_w", m.mpc.PowerPerPhase),
		mpc.DataUpdateEnergyConsumed:   peer.ReadingOf("MPC", "energy_consumed_wh", m.mpc.EnergyConsumed),
		mpc.DataUpdateEnergyProduced:   peer.ReadingOf("MPC", "energy_produced_wh", m.mpc.EnergyProduced),
		mpc.DataUpdateCurrentsPerPhase: peer.ReadingOf("MPC", "current_a", m.mpc.CurrentPerPhase),
		mpc.DataUpdateVoltagePerPhase:  peer.ReadingOf("MPC", "voltage_v", m.mpc.VoltagePerPhase),
		mpc.DataUpdateFrequency:        peer.ReadingOf("MPC", "frequency_hz", m.mpc.Frequency),

		mgcp.DataUpdatePowerLimitationFactor: peer.ReadingOf("MGCP", "curtailment_percent", m.mgcp.PowerLimitationFactor),
		mgcp.DataUpdatePower:                 peer.ReadingOf("MGCP", "power_w", m.mgcp.Power),
		mgcp.DataUpdateEnergyFeedIn:          peer.ReadingOf("MGCP", "energy_produced_wh", m.mgcp.EnergyFeedIn),
		mgcp.DataUpdateEnergyConsumed:        peer.ReadingOf("MGCP", "energy_consumed_wh", m.mgcp.EnergyConsumed),
		mgcp.DataUpdateCurrentPerPhase:       peer.ReadingOf("MGCP", "current_a", m.mgcp.CurrentPerPhase),
		mgcp.DataUpdateVoltagePerPhase:       peer.ReadingOf("MGCP", "voltage_v", m.mgcp.VoltagePerPhase),
		mgcp.DataUpdateFrequency:             peer.ReadingOf("MGCP", "frequency_hz", m.mgcp.Frequency),

		vabd.DataUpdatePower:            peer.ReadingOf("VABD", "power_w", m.vabd.Power),
		vabd.DataUpdateEnergyCharged:    peer.ReadingOf("VABD", "energy_charged_wh", m.vabd.EnergyCharged),
		vabd.DataUpdateEnergyDischarged: peer.ReadingOf("VABD", "energy_discharged_wh", m.vabd.EnergyDischarged),
		vabd.DataUpdateStateOfCharge:    peer.ReadingOf("VABD", "soc_percent", m.vabd.StateOfCharge),

		vapd.DataUpdatePowerNominalPeak: peer.ReadingOf("VAPD", "peak_power_w", m.vapd.PowerNominalPeak),
		vapd.DataUpdatePower:            peer.ReadingOf("VAPD", "power_w", m.vapd.Power),
		vapd.DataUpdatePVYieldTotal:     peer.ReadingOf("VAPD", "energy_yield_wh", m.vapd.PVYieldTotal),

		cevc.DataUpdateEnergyDemand:        peer.ReadingOf("CEVC", "demand", m.cevc.EnergyDemand),
		cevc.DataUpdateTimeSlotConstraints: peer.ReadingOf("CEVC", "slots", m.cevc.TimeSlotConstraints),
		cevc.DataUpdateIncentiveTable:      peer.ReadingOf("CEVC", "incentive_slots", m.cevc.IncentiveConstraints),
		cevc.DataUpdateChargePlan:          peer.ReadingOf("CEVC", "plan", m.cevc.ChargePlan),
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
	reading, ok := m.readings[event]
	if !ok {
		m.node.Report("signal", peer.Members{
			"ski": ski, "entity": peer.EntityAddress(from), "name": event,
		})
		return
	}
	m.node.ReportValue(from, reading)
}
