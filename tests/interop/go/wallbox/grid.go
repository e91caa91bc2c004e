package main

import (
	"sync"
	"time"

	"eebus-gw/tests/interop/guard"
	"eebus-gw/tests/interop/peer"

	"github.com/enbility/eebus-go/api"
	ucapi "github.com/enbility/eebus-go/usecases/api"
	"github.com/enbility/eebus-go/usecases/cs/lpc"
	"github.com/enbility/eebus-go/usecases/cs/lpp"
	spineapi "github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
)

const (
	nominalMax       = 22080
	failsafePower    = 4200
	failsafeDuration = 2 * time.Hour
)

// grid is the Controllable System of LPC and LPP on the EVSE entity.
type grid struct {
	station *station
	lpc     *lpc.LPC
	lpp     *lpp.LPP

	mux  sync.Mutex
	ends map[string]*time.Timer
}

// direction is one of the two use cases seen alike.
type direction struct {
	name    string
	read    func() (ucapi.LoadLimit, error)
	set     func(ucapi.LoadLimit) error
	pending func() map[model.MsgCounterType]ucapi.LoadLimit
	decide  func(model.MsgCounterType, bool, string)
}

func newGrid(s *station) (*grid, error) {
	g := &grid{station: s, ends: map[string]*time.Timer{}}
	g.lpc = lpc.NewLPC(s.node.Entity, g.onConsumption)
	g.lpp = lpp.NewLPP(s.node.Entity, g.onProduction)
	for _, useCase := range []api.UseCaseInterface{g.lpc, g.lpp} {
		useCase.AddFeatures()
		useCase.AddUseCase()
	}
	for _, set := range []func() error{
		func() error { return g.lpc.SetConsumptionNominalMax(nominalMax) },
		func() error { return g.lpc.SetFailsafeConsumptionActivePowerLimit(failsafePower, true) },
		func() error { return g.lpc.SetFailsafeDurationMinimum(failsafeDuration, true) },
		func() error { return g.lpc.SetConsumptionLimit(ucapi.LoadLimit{Value: nominalMax, IsChangeable: true}) },
		func() error { return g.lpp.SetProductionLimit(ucapi.LoadLimit{IsChangeable: true}) },
	} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *grid) consumption() direction {
	return direction{"LPC", g.lpc.ConsumptionLimit, g.lpc.SetConsumptionLimit,
		g.lpc.PendingConsumptionLimits, g.lpc.ApproveOrDenyConsumptionLimit}
}

func (g *grid) production() direction {
	return direction{"LPP", g.lpp.ProductionLimit, g.lpp.SetProductionLimit,
		g.lpp.PendingProductionLimits, g.lpp.ApproveOrDenyProductionLimit}
}

func (g *grid) onConsumption(
	ski string, _ spineapi.DeviceRemoteInterface, _ spineapi.EntityRemoteInterface, event api.EventType,
) {
	switch event {
	case lpc.WriteApprovalRequired:
		g.decide(ski, g.consumption())
	case lpc.DataUpdateLimit:
		g.onLimit(ski, g.consumption())
	case lpc.DataUpdateFailsafeConsumptionActivePowerLimit:
		value, _, err := g.lpc.FailsafeConsumptionActivePowerLimit()
		g.reportFailsafe(ski, "LPC", "failsafe_w", value, err)
	case lpc.DataUpdateFailsafeDurationMinimum:
		value, _, err := g.lpc.FailsafeDurationMinimum()
		g.reportFailsafe(ski, "LPC", "failsafe_duration_s", value.Seconds(), err)
	}
}

func (g *grid) onProduction(
	ski string, _ spineapi.DeviceRemoteInterface, _ spineapi.EntityRemoteInterface, event api.EventType,
) {
	switch event {
	case lpp.WriteApprovalRequired:
		g.decide(ski, g.production())
	case lpp.DataUpdateLimit:
		g.onLimit(ski, g.production())
	case lpp.DataUpdateFailsafeProductionActivePowerLimit:
		value, _, err := g.lpp.FailsafeProductionActivePowerLimit()
		g.reportFailsafe(ski, "LPP", "failsafe_w", value, err)
	}
}

func (g *grid) reportFailsafe(ski, useCase, name string, value float64, err error) {
	if err == nil {
		g.station.node.Report("failsafe", peer.Members{
			"ski": ski, "use_case": useCase, "name": name, "value": value,
		})
	}
}

// decide approves or refuses the writes that wait for it.
func (g *grid) decide(ski string, of direction) {
	for counter, limit := range of.pending() {
		refused := g.station.isRefusing()
		members := guard.LimitMembers(limit)
		members["ski"], members["use_case"], members["refused"] = ski, of.name, refused
		g.station.node.Report("limit_asked", members)
		of.decide(counter, !refused, "refused by command")
	}
}

// onLimit reports a limit that is now in force and watches over its duration.
func (g *grid) onLimit(ski string, of direction) {
	limit, err := of.read()
	if err != nil {
		return
	}
	members := guard.LimitMembers(limit)
	members["ski"], members["use_case"] = ski, of.name
	g.station.node.Report("limit", members)

	g.mux.Lock()
	defer g.mux.Unlock()
	if timer := g.ends[of.name]; timer != nil {
		timer.Stop()
	}
	if limit.Duration > 0 {
		g.ends[of.name] = time.AfterFunc(limit.Duration, func() { g.expire(of) })
	}
}

func (g *grid) expire(of direction) {
	limit, err := of.read()
	if err != nil {
		return
	}
	_ = of.set(ucapi.LoadLimit{Value: limit.Value, IsChangeable: true})
	g.station.node.Report("limit_expired", peer.Members{"use_case": of.name})
}

// limit is the power in W that the grid permits, or nothing if it does not care.
func (g *grid) limit() (float64, bool) {
	limit, err := g.lpc.ConsumptionLimit()
	return limit.Value, err == nil && limit.IsActive
}
