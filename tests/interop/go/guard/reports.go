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

func (g *Guard) onConsumption(
	ski string, _ spineapi.DeviceRemoteInterface, from entity, event api.EventType,
) {
	switch event {
	case lpc.UseCaseSupportUpdate:
		g.node.ReportSupport("LPC", g.consumption, ski, from)
	case lpc.DataUpdateLimit:
		g.reportLimit("LPC", ski, from, g.consumption.ConsumptionLimit)
	case lpc.DataUpdateFailsafeConsumptionActivePowerLimit:
		g.reportPower("LPC", "failsafe_w", ski, from, g.consumption.FailsafeConsumptionActivePowerLimit)
	case lpc.DataUpdateFailsafeDurationMinimum:
		g.reportDuration("LPC", ski, from, g.consumption.FailsafeDurationMinimum)
	}
}

func (g *Guard) onProduction(
	ski string, _ spineapi.DeviceRemoteInterface, from entity, event api.EventType,
) {
	switch event {
	case lpp.UseCaseSupportUpdate:
		g.node.ReportSupport("LPP", g.production, ski, from)
	case lpp.DataUpdateLimit:
		g.reportLimit("LPP", ski, from, g.production.ProductionLimit)
	case lpp.DataUpdateFailsafeProductionActivePowerLimit:
		g.reportPower("LPP", "failsafe_w", ski, from, g.production.FailsafeProductionActivePowerLimit)
	case lpp.DataUpdateFailsafeDurationMinimum:
		g.reportDuration("LPP", ski, from, g.production.FailsafeDurationMinimum)
	}
}

func (g *Guard) reportLimit(
	useCase, ski string, from entity, read func(entity) (ucapi.LoadLimit, error),
) {
	g.node.ReportValue(useCase, "limit", ski, from, func() (any, error) {
		limit, err := read(from)
		return LimitMembers(limit), err
	})
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

func (g *Guard) reportPower(
	useCase, name, ski string, from entity, read func(entity) (float64, error),
) {
	g.node.ReportValue(useCase, name, ski, from, func() (any, error) { return read(from) })
}

func (g *Guard) reportDuration(
	useCase, ski string, from entity, read func(entity) (time.Duration, error),
) {
	g.node.ReportValue(useCase, "failsafe_duration_s", ski, from, func() (any, error) {
		duration, err := read(from)
		return duration.Seconds(), err
	})
}

// readLimits reports everything again, and the nominal maxima that no event tells of.
func (g *Guard) readLimits(command peer.Command) (peer.Members, error) {
	var wanted arguments
	if err := command.Into(&wanted); err != nil {
		return nil, err
	}
	for _, from := range g.node.RemoteEntities(wanted.Ski) {
		ski := from.Device().Ski()
		if g.consumption.AvailableScenariosForEntity(from) != nil {
			g.onConsumption(ski, nil, from, lpc.DataUpdateLimit)
			g.onConsumption(ski, nil, from, lpc.DataUpdateFailsafeConsumptionActivePowerLimit)
			g.onConsumption(ski, nil, from, lpc.DataUpdateFailsafeDurationMinimum)
			g.reportPower("LPC", "nominal_max_w", ski, from, g.consumption.ConsumptionNominalMax)
		}
		if g.production.AvailableScenariosForEntity(from) != nil {
			g.onProduction(ski, nil, from, lpp.DataUpdateLimit)
			g.onProduction(ski, nil, from, lpp.DataUpdateFailsafeProductionActivePowerLimit)
			g.reportPower("LPP", "nominal_max_w", ski, from, g.production.ProductionNominalMax)
		}
	}
	return nil, nil
}
