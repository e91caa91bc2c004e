package main

import (
	"time"

	"eebus-gw/tests/interop/peer"

	"github.com/enbility/eebus-go/features/client"
	ucapi "github.com/enbility/eebus-go/usecases/api"
)

type slotArguments struct {
	Ski     string    `json:"ski"`
	Values  []float64 `json:"values"`
	Seconds float64   `json:"seconds"`
}

func (a slotArguments) slots() []ucapi.DurationSlotValue {
	slots := []ucapi.DurationSlotValue{}
	for _, value := range a.Values {
		length := time.Duration(a.Seconds * float64(time.Second))
		slots = append(slots, ucapi.DurationSlotValue{Duration: length, Value: value})
	}
	return slots
}

// slotCommand writes {values, seconds, ski} to an EV; the stack does not tell the answer.
func (m *manager) slotCommand(write func(entity, []ucapi.DurationSlotValue) error) peer.Handler {
	return func(command peer.Command) (peer.Members, error) {
		var wanted slotArguments
		if err := command.Into(&wanted); err != nil {
			return nil, err
		}
		to, err := m.node.Supporting(m.cevc, wanted.Ski)
		if err != nil {
			return nil, err
		}
		return peer.Members{}, write(to, wanted.slots())
	}
}

// writePrices writes the description that the stack makes by itself, then the prices.
func (m *manager) writePrices(to entity, slots []ucapi.DurationSlotValue) error {
	if err := m.learnIncentiveConstraints(to); err != nil {
		return err
	}
	if err := m.cevc.WriteIncentiveTableDescriptions(to, nil); err != nil {
		return err
	}
	return m.cevc.WriteIncentives(to, slots)
}

// learnIncentiveConstraints reads what the stack wants to know before it writes prices, but never asks for.
func (m *manager) learnIncentiveConstraints(to entity) error {
	incentives, err := client.NewIncentiveTable(m.node.Entity, to)
	if err != nil {
		return err
	}
	if _, err = incentives.RequestConstraints(); err != nil {
		return err
	}
	for waited := time.Duration(0); waited < 2*time.Second; waited += 20 * time.Millisecond {
		if _, err = m.cevc.IncentiveConstraints(to); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}
