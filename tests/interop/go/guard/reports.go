package guard

import (
	"time"

	"eebus-gw/tests/interop/peer"

	"github.com/enbility/eebus-go/api"
	ucapi "github.com/enbility/eebus-go/usecases/api"
	"github.com/enbility/eebus-go/usecases/eg/lpc"
	"github.com/enbility/eebus-go/usecases/eg/lpp"
	spineapi "github.com/enbility/spine-go/api"
)

type entity = spineapi.EntityRemoteInterface

func (g *Guard) watch() {
	c, p := g.consumption, g.production
	g.readings = map[api.EventType]peer.Reading{
		lpc.DataUpdateLimit: peer.ReadingOf("LPC", "limit", limitOf(c.ConsumptionLimit)),
		lpc.DataUpdateFailsafeConsumptionActivePowerLimit: peer.ReadingOf(
			"LPC", "failsafe_w", c.FailsafeConsumptionActivePowerLimit),
		lpc.DataUpdateFailsafeDurationMinimum: peer.ReadingOf(
			"LPC", "failsafe_duration_s", secondsOf(c.FailsafeDurationMinimum)),

		lpp.DataUpdateLimit: peer.ReadingOf("LPP", "limit", limitOf(p.ProductionLimit)),
		lpp.DataUpdateFailsafeProductionActivePowerLimit: peer.ReadingOf(
			"LPP", "failsafe_w", p.FailsafeProductionActivePowerLimit),
		lpp.DataUpdateFailsafeDurationMinimum: peer.ReadingOf(
			"LPP", "failsafe_duration_s", secondsOf(p.FailsafeDurationMinimum)),
	}
	for _, reading := range g.readings {
		g.node.Watch(reading)
	}
	g.node.Watch(
		peer.ReadingOf("LPC", "nominal_max_w", c.ConsumptionNominalMax),
		peer.ReadingOf("LPP", "nominal_max_w", p.ProductionNominalMax))
}

func limitOf(read func(entity) (ucapi.LoadLimit, error)) func(entity) (peer.Members, error) {
	return func(from entity) (peer.Members, error) {
		limit, err := read(from)
		return LimitMembers(limit), err
	}
}

func secondsOf(read func(entity) (time.Duration, error)) func(entity) (float64, error) {
	return func(from entity) (float64, error) {
		duration, err := read(from)
		return duration.Seconds(), err
	}
}

// LimitMembers is a limit as it is reported; a duration of 0 stands for none.
func LimitMembers(limit ucapi.LoadLimit) peer.Members {
	return peer.Members{
		"value_w":    limit.Value,
		"active":     limit.IsActive,
		"changeable": limit.IsChangeable,
		"duration_s": limit.Duration.Seconds(),
	}
}

func (g *Guard) onEvent(
	ski string, _ spineapi.DeviceRemoteInterface, from entity, event api.EventType,
) {
	switch event {
	case lpc.UseCaseSupportUpdate:
		g.node.ReportSupport("LPC", g.consumption, ski, from)
	case lpp.UseCaseSupportUpdate:
		g.node.ReportSupport("LPP", g.production, ski, from)
	default:
		if reading, known := g.readings[event]; known {
			g.node.ReportValue(from, reading)
		}
	}
}
