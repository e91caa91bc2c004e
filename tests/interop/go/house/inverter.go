package main

import (
	"errors"
	"sync"
	"time"

	"eebus-gw/tests/interop/meter"
	"eebus-gw/tests/interop/peer"

	"github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/spine"
	"github.com/enbility/spine-go/util"
)

const (
	acMeasurement    = 30
	batteryPower     = 6_000
	defaultPower     = 100
	failsafePower    = -50
	failsafeDuration = 3 * time.Hour
	heartbeatFresh   = 60 * time.Second

	keyMode   = 0
	modePower = "power"
	modeAuto  = "auto"
)

// inverter follows the AC setpoint of COB. It insists on the order of things: a control mode counts
// after a heartbeat, a setpoint in the mode `power`.
type inverter struct {
	house    *house
	entity   api.EntityLocalInterface
	meter    meter.Meter
	keys     *keys
	setpoint setpoint

	mux     sync.Mutex
	heard   time.Time
	refuses bool
	end     *time.Timer
}

func newInverter(h *house, entity api.EntityLocalInterface) *inverter {
	i := &inverter{house: h, entity: entity}
	h.node.Amend = inWords
	i.meter = meter.New(entity, 3, model.EnergyDirectionTypeConsume,
		[]meter.Quantity{totalPower(acMeasurement)})
	i.keys = newKeys(entity, true,
		key{model.DeviceConfigurationKeyNameTypeBatteryActiveControlMode, text(modeAuto)},
		key{model.DeviceConfigurationKeyNameTypeDefaultAcPower, number(defaultPower)},
		key{model.DeviceConfigurationKeyNameTypeFailsafeAcPowerSetpoint, number(failsafePower)},
		key{
			model.DeviceConfigurationKeyNameTypeFailsafeDurationMinimum,
			model.DeviceConfigurationKeyValueValueType{Duration: model.NewDurationType(failsafeDuration)},
		},
		key{model.DeviceConfigurationKeyNameTypeMaxAcChargePower, number(batteryPower)},
		key{model.DeviceConfigurationKeyNameTypeMaxAcDischargePower, number(batteryPower)})
	i.setpoint = newSetpoint(entity, acMeasurement)
	_ = i.keys.feature.AddWriteApprovalCallback(i.decider(i.keys.feature, "mode_asked", i.objectionToKey))
	_ = i.setpoint.feature.AddWriteApprovalCallback(
		i.decider(i.setpoint.feature, "setpoint_asked", i.objectionToSetpoint))
	entity.GetOrAddFeature(model.FeatureTypeTypeDeviceDiagnosis, model.RoleTypeClient)
	entity.AddUseCaseSupport(
		model.UseCaseActorTypeInverter, model.UseCaseNameTypeControlOfBattery,
		"1.0.0", "release", true, []model.UseCaseScenarioSupportType{1, 2, 3, 4, 5})
	return i
}

// decider answers and reports the writes to a feature; a setpoint or mode with objection is refused.
func (i *inverter) decider(
	feature api.FeatureLocalInterface, event string,
	objection func(model.CmdType) (peer.Members, error),
) api.WriteApprovalCallbackFunc {
	return func(message *api.Message) {
		verdict := model.ErrorType{}
		members, err := objection(message.Cmd)
		if err != nil {
			verdict.ErrorNumber = model.ErrorNumberTypeCommandRejected
			verdict.Description = util.Ptr(model.DescriptionType(err.Error()))
			members["text"] = err.Error()
		}
		members["refused"] = err != nil
		i.house.node.Report(event, members)
		feature.ApproveOrDenyWrite(message, verdict)
	}
}

func (i *inverter) objectionToKey(command model.CmdType) (peer.Members, error) {
	mode := modeOf(command.DeviceConfigurationKeyValueListData)
	members := peer.Members{"mode": mode}
	i.mux.Lock()
	defer i.mux.Unlock()
	switch {
	case mode != "" && time.Since(i.heard) > heartbeatFresh:
		return members, errors.New("no heartbeat within the last 60 s")
	case mode != "" && mode != modePower && mode != modeAuto:
		return members, errors.New("no such control mode")
	}
	return members, nil
}

func (i *inverter) objectionToSetpoint(command model.CmdType) (peer.Members, error) {
	asked, err := orderOf(command.SetpointListData)
	members := peer.Members{
		"value_w": asked.watts, "active": asked.active, "duration_s": asked.duration.Seconds(),
	}
	i.mux.Lock()
	defer i.mux.Unlock()
	switch {
	case err != nil:
		return members, err
	case asked.active && i.mode() != modePower:
		return members, errors.New("the setpoint does not belong to the control mode")
	case asked.active && i.refuses:
		return members, errors.New("refused by command")
	}
	return members, nil
}

// modeOf is the control mode in a list of key values, empty without one.
func modeOf(list *model.DeviceConfigurationKeyValueListDataType) string {
	if list == nil {
		return ""
	}
	for _, entry := range list.DeviceConfigurationKeyValueData {
		if entry.KeyId != nil && *entry.KeyId == keyMode && entry.Value != nil && entry.Value.String != nil {
			return string(*entry.Value.String)
		}
	}
	return ""
}

// mode is the control mode in force.
func (i *inverter) mode() string {
	data, err := spine.LocalFeatureDataCopyOfType[*model.DeviceConfigurationKeyValueListDataType](
		i.keys.feature, model.FunctionTypeDeviceConfigurationKeyValueListData)
	if err != nil {
		return ""
	}
	return modeOf(data)
}

// refuseCommand makes the inverter refuse active setpoints from now on: {on}.
func (i *inverter) refuseCommand(command peer.Command) (peer.Members, error) {
	on, err := peer.SwitchOf(command)
	i.mux.Lock()
	defer i.mux.Unlock()
	i.refuses = on
	return nil, err
}

// HandleEvent is called by the SPINE stack.
func (i *inverter) HandleEvent(payload api.EventPayload) {
	if payload.EventType == api.EventTypeEntityChange && payload.ChangeType == api.ElementChangeAdd {
		i.house.node.HearHeartbeats(i.entity, payload.Entity)
	}
	if payload.EventType != api.EventTypeDataChange || payload.LocalFeature == nil ||
		payload.LocalFeature.Entity() != i.entity {
		return
	}
	switch payload.Data.(type) {
	case *model.DeviceDiagnosisHeartbeatDataType:
		i.mux.Lock()
		i.heard = time.Now()
		i.mux.Unlock()
	case *model.DeviceConfigurationKeyValueListDataType, *model.SetpointListDataType:
		i.obey()
	}
}

// obey does what mode and setpoint say now.
func (i *inverter) obey() {
	i.mux.Lock()
	defer i.mux.Unlock()
	mode := i.mode()
	standing, err := i.setpoint.stands()
	members := peer.Members{
		"mode": mode, "value_w": standing.watts, "active": standing.active,
		"duration_s": standing.duration.Seconds(),
	}
	if err != nil {
		members["text"] = err.Error()
	}
	i.house.node.Report("order", members)
	if i.end != nil {
		i.end.Stop()
	}
	switch {
	case mode != modePower:
		i.house.follow(0)
	case !standing.active:
		i.house.follow(defaultPower)
	default:
		i.house.follow(standing.watts)
		if standing.duration > 0 {
			i.end = time.AfterFunc(standing.duration, i.expire)
		}
	}
}

func (i *inverter) expire() {
	i.setpoint.set(0, false)
	i.house.node.Report("setpoint_expired", nil)
	i.obey()
}
