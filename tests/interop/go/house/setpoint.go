package main

import (
	"bytes"
	"errors"
	"time"

	"github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
	"github.com/enbility/spine-go/spine"
	"github.com/enbility/spine-go/util"
)

// The stack keeps unit and scope of a setpoint as numbers; these are exchanged for words on the way out.
const placeholder = 424242

var words = map[string]string{
	`"unit":{"number":424242}`:      `"unit":"W"`,
	`"scopeType":{"number":424242}`: `"scopeType":"batteryAcPower"`,
}

func inWords(message []byte) []byte {
	for number, word := range words {
		message = bytes.ReplaceAll(message, []byte(number), []byte(word))
	}
	return message
}

const setpointID = model.SetpointIdType(5)

// order is a setpoint as it stands.
type order struct {
	watts    float64
	active   bool
	duration time.Duration // 0: no end
}

// setpoint is a Setpoint server with the AC power of the battery.
type setpoint struct {
	feature api.FeatureLocalInterface
}

func newSetpoint(entity api.EntityLocalInterface, measurement uint) setpoint {
	s := setpoint{entity.GetOrAddFeature(model.FeatureTypeTypeSetpoint, model.RoleTypeServer)}
	s.feature.AddFunctionType(model.FunctionTypeSetpointDescriptionListData, true, false)
	s.feature.AddFunctionType(model.FunctionTypeSetpointListData, true, true)
	word := &model.ScaledNumberType{Number: util.Ptr(model.NumberType(placeholder))}
	s.feature.SetData(model.FunctionTypeSetpointDescriptionListData,
		&model.SetpointDescriptionListDataType{
			SetpointDescriptionData: []model.SetpointDescriptionDataType{{
				SetpointId:    util.Ptr(setpointID),
				MeasurementId: util.Ptr(model.SetpointIdType(measurement)),
				SetpointType:  util.Ptr(model.SetpointTypeTypeValueAbsolute),
				Unit:          word,
				ScopeType:     word,
			}},
		})
	s.set(0, false)
	return s
}

// set notifies a setpoint without end.
func (s setpoint) set(watts float64, active bool) {
	s.feature.SetData(model.FunctionTypeSetpointListData, &model.SetpointListDataType{
		SetpointData: []model.SetpointDataType{{
			SetpointId:           util.Ptr(setpointID),
			Value:                model.NewScaledNumberType(watts),
			IsSetpointChangeable: util.Ptr(true),
			IsSetpointActive:     util.Ptr(active),
		}},
	})
}

// stands reads what was written last.
func (s setpoint) stands() (order, error) {
	data, err := spine.LocalFeatureDataCopyOfType[*model.SetpointListDataType](
		s.feature, model.FunctionTypeSetpointListData)
	if err != nil {
		return order{}, err
	}
	return orderOf(data)
}

var errUnreadable = errors.New("the setpoint cannot be read")

func orderOf(data *model.SetpointListDataType) (order, error) {
	if data == nil || len(data.SetpointData) != 1 {
		return order{}, errUnreadable
	}
	entry := data.SetpointData[0]
	if entry.SetpointId == nil || *entry.SetpointId != setpointID || entry.Value == nil ||
		entry.IsSetpointActive == nil {
		return order{}, errUnreadable
	}
	found := order{watts: entry.Value.GetValue(), active: *entry.IsSetpointActive}
	if entry.TimePeriod == nil || entry.TimePeriod.EndTime == nil {
		return found, nil
	}
	// The stack keeps a relative end as the moment it means.
	var err error
	found.duration, err = entry.TimePeriod.GetDuration()
	return found, err
}
