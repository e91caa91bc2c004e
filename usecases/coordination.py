"""Coordinated EV charging (CEVC 1.0.1): the car tells its demand, is told limits and prices, and shows its plan.

On the client side the Energy Guard owns the limit curve and the Energy Broker the prices; one entity may play both.
"""

from __future__ import annotations

from enum import StrEnum

from eebus_gw.vocabulary.definition import Actor, Scenario, Support, UseCase
from eebus_gw.vocabulary.points.incentives import (
    PriceBounds,
    PriceFormPoint,
    PricesWanted,
    PriceTablePoint,
)
from eebus_gw.vocabulary.points.series import (
    CurveSeries,
    DemandSeries,
    PlanSeries,
    SeriesBounds,
    SeriesWanted,
)
from eebus_gw.vocabulary.points.state import HeartbeatPoint, StatePoint
from eebus_gw.vocabulary.values import EnergyDemand

from .coordination_car import CoordinatedCar
from .coordination_client import CoordinatingManager

HEARTBEAT_TIMEOUT_S = 60.0
"""[CEVC-045], [CEVC-048]: at least every 60 s."""
CONSTRAINTS = "constraints"


class Strategy(StrEnum):
    """How a car means to charge, as its demand tells."""

    UNKNOWN = "unknown"
    DIRECT = "direct"
    NO_DEMAND = "no_demand"
    MINIMUM_SOC = "minimum_soc"
    TIMED = "timed"


def strategy_of(demand: EnergyDemand | None) -> Strategy:
    """The charging strategy behind a demand."""
    if demand is None:
        return Strategy.UNKNOWN
    wanted = demand.target_wh is not None and demand.target_wh > 0
    if demand.departure_s is None:
        return Strategy.DIRECT if wanted else Strategy.NO_DEMAND
    if demand.minimum_wh is not None and demand.minimum_wh > 0:
        return Strategy.MINIMUM_SOC
    if demand.target_wh is None:
        return Strategy.UNKNOWN
    return Strategy.TIMED if wanted else Strategy.NO_DEMAND


class CoordinatedCharging(UseCase):
    """CEVC: demand, limit curve, prices and plan, with the flags by which the car asks."""

    demand = DemandSeries("demand", "Wh", "singleDemand")
    limit_curve = CurveSeries("limit_curve", "W", CONSTRAINTS, writable=True)
    limit_curve_wanted = SeriesWanted("limit_curve_wanted", CONSTRAINTS)
    limit_curve_bounds = SeriesBounds("limit_curve_bounds", CONSTRAINTS)
    price_form = PriceFormPoint("price_form")
    prices = PriceTablePoint("prices")
    prices_wanted = PricesWanted("prices_wanted")
    prices_bounds = PriceBounds("prices_bounds")
    plan = PlanSeries("plan", "W", "plan")
    heartbeat = HeartbeatPoint("heartbeat")
    partner_state = StatePoint("partner_state")

    def __init__(self) -> None:
        curve = (self.limit_curve, self.limit_curve_wanted, self.limit_curve_bounds)
        prices = (self.price_form, self.prices, self.prices_wanted, self.prices_bounds)
        heartbeat, state = (self.heartbeat,), (self.partner_state,)
        super().__init__(
            code="cevc",
            name="coordinatedEvCharging",
            title="coordinated EV charging",
            version="1.0.1",
            sub_revision="release",
            clients=(
                Actor("EnergyGuard", ("CEM",), also=("CEM",), scenarios=(1, 2, 4, 5, 7)),
                # The curve is optional for a broker; cars that know one client actor only expect it there.
                Actor("EnergyBroker", ("CEM",), also=("CEM",), scenarios=(1, 2, 3, 4, 6, 8)),
            ),
            server=Actor("EV", ("EV",)),
            scenarios=(
                Scenario(1, "energy demand", (self.demand,)),
                Scenario(2, "maximum power limitation curve", curve),
                Scenario(3, "incentive table", prices, server=Support.OPTIONAL),
                Scenario(4, "charging plan", (self.plan,)),
                Scenario(5, "heartbeat of the Energy Guard", client_points=heartbeat),
                Scenario(6, "heartbeat of the Energy Broker", client_points=heartbeat),
                Scenario(7, "error state of the Energy Guard", client_points=state),
                Scenario(8, "error state of the Energy Broker", client_points=state),
            ),
            client_behaviour=CoordinatingManager,
            server_behaviour=CoordinatedCar,
            heartbeat_timeout_s=HEARTBEAT_TIMEOUT_S,
        )


CEVC = CoordinatedCharging()
