// Package guard is the Energy Guard of LPC and LPP on a node's entity.
package guard

import (
	"time"

	"eebus-gw/tests/interop/peer"

	"github.com/enbility/eebus-go/api"
	ucapi "github.com/enbility/eebus-go/usecases/api"
	"github.com/enbility/eebus-go/usecases/eg/lpc"
	"github.com/enbility/eebus-go/usecases/eg/lpp"
	spineapi "github.com/enbility/spine-go/api"
	"github.com/enbility/spine-go/model"
)

// Guard writes limits and failsafe values to Controllable Systems and reports what they publish.
type Guard struct {
	node        *peer.Node
	consumption *lpc.LPC
	production  *lpp.LPP
	readings    map[api.EventType]peer.Reading
}

// Add puts both use cases on the node's entity and adds their commands:
// `limit` and `production_limit` {value_w, active, duration_s, ski},
// `failsafe` and `production_failsafe` {value_w, ski}, `failsafe_duration` {duration_s, ski}.
func Add(node *peer.Node) *Guard {
	g := &Guard{node: node}
	g.consumption = lpc.NewLPC(node.Entity, g.onEvent)
	g.production = lpp.NewLPP(node.Entity, g.onEvent)
	g.watch()
	for _, useCase := range []api.UseCaseInterface{g.consumption, g.production} {
		useCase.AddFeatures()
		useCase.AddUseCase()
	}
	node.CollectAnswers(model.FeatureTypeTypeLoadControl)
	node.CollectAnswers(model.FeatureTypeTypeDeviceConfiguration)
	node.Handle("limit", g.writer("LPC", g.consumption, g.consumption.WriteConsumptionLimit))
	node.Handle("production_limit", g.writer("LPP", g.production, g.production.WriteProductionLimit))
	node.Handle("failsafe", g.failsafe("LPC", g.consumption, g.writeConsumptionFailsafe))
	node.Handle("production_failsafe", g.failsafe("LPP", g.production, g.writeProductionFailsafe))
	node.Handle("failsafe_duration", g.failsafe("LPC", g.consumption, g.writeFailsafeDuration))
	return g
}

type arguments struct {
	Ski      string  `json:"ski"`
	Value    float64 `json:"value_w"`
	Active   *bool   `json:"active"`
	Duration float64 `json:"duration_s"`
}

func (a arguments) duration() time.Duration {
	return time.Duration(a.Duration * float64(time.Second))
}

func (a arguments) limit() ucapi.LoadLimit {
	return ucapi.LoadLimit{
		Value:    a.Value,
		IsActive: a.Active == nil || *a.Active,
		Duration: a.duration(),
	}
}

type write func(
	spineapi.EntityRemoteInterface, ucapi.LoadLimit, func(model.ResultDataType),
) (*model.MsgCounterType, error)

func (g *Guard) writer(useCase string, base peer.Supporter, write write) peer.Handler {
	return func(command peer.Command) (peer.Members, error) {
		var wanted arguments
		if err := command.Into(&wanted); err != nil {
			return nil, err
		}
		entity, err := g.node.Supporting(base, wanted.Ski)
		if err != nil {
			return nil, err
		}
		written := g.node.Writing(command, useCase, entity)
		return written.Sent(write(entity, wanted.limit(), nil))
	}
}

func (g *Guard) failsafe(
	useCase string, base peer.Supporter,
	write func(spineapi.EntityRemoteInterface, arguments) (*model.MsgCounterType, error),
) peer.Handler {
	return func(command peer.Command) (peer.Members, error) {
		var wanted arguments
		if err := command.Into(&wanted); err != nil {
			return nil, err
		}
		entity, err := g.node.Supporting(base, wanted.Ski)
		if err != nil {
			return nil, err
		}
		written := g.node.Writing(command, useCase, entity)
		return written.Sent(write(entity, wanted))
	}
}

func (g *Guard) writeConsumptionFailsafe(
	entity spineapi.EntityRemoteInterface, wanted arguments,
) (*model.MsgCounterType, error) {
	return g.consumption.WriteFailsafeConsumptionActivePowerLimit(entity, wanted.Value)
}

func (g *Guard) writeProductionFailsafe(
	entity spineapi.EntityRemoteInterface, wanted arguments,
) (*model.MsgCounterType, error) {
	return g.production.WriteFailsafeProductionActivePowerLimit(entity, wanted.Value)
}

func (g *Guard) writeFailsafeDuration(
	entity spineapi.EntityRemoteInterface, wanted arguments,
) (*model.MsgCounterType, error) {
	return g.consumption.WriteFailsafeDurationMinimum(entity, wanted.duration())
}
