"""The charging plan of a simulated ISO 15118 car (CEVC): asks for limits and prices, plans, and follows its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from eebus_gw.sim.plan import HORIZON_S, ChargingPlan, Demand, Slot, plan_charging
from eebus_gw.sim.publications import Publisher
from eebus_gw.sim.snapshot import CarView
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.spine.local import LocalEntity
from eebus_gw.vocabulary import values
from usecases.coordination import CEVC
from usecases.coordination_car import DEFAULT_BOUNDS, CoordinatedCar

ENERGY_STEP_WH = 500.0
REPLAN_S = 300.0
"""A plan that was overtaken by limits or by the driver is made anew this often."""


class CoordinatedPlan:
    """Serves CEVC for the car that is plugged in; without curve and prices the car charges as it likes."""

    def __init__(
        self, publisher: Publisher, entity: LocalEntity, model: Wallbox, now: float
    ) -> None:
        self._publisher = publisher
        self._model = model
        installation = model.installation
        watts_max = installation.watts(installation.max_current_a)
        self.behaviour = CoordinatedCar(replace(DEFAULT_BOUNDS, watts_max=watts_max))
        self._offered = publisher.provide(CEVC, entity, now, self.behaviour)
        self._told: object = None
        self._wishes: object = None
        self._curve: tuple[values.PowerCurve, float] | None = None
        self._prices: tuple[values.PriceTable, float] | None = None
        self._plan: ChargingPlan | None = None

    def step(self, car: CarView, now: float) -> None:
        """Tells a changed demand, asks again when the driver's wishes changed, and keeps to the plan."""
        if not self._offered or car.request is None:
            return
        self._publish_demand(car, now)
        if self._bound:
            if self._plan is None or now - self._plan.made_at >= REPLAN_S:
                self._make_plan(car, now)
            self._restrict(self._plan.power_w(now) if self._plan is not None else None, now)

    def replan(self, data: Mapping[str, Any], now: float) -> None:
        """Takes over the curve and prices that hold from now on."""
        self._curve = _dated(data["curve"], data["curve_at"])
        self._prices = _dated(data["prices"], data["prices_at"])
        self._plan = None
        if not self._bound:
            self._restrict(None, now)

    @property
    def _bound(self) -> bool:
        return self._curve is not None or self._prices is not None

    def _publish_demand(self, car: CarView, now: float) -> None:
        demand = self._demand(car)
        departure_at = None if demand.departure_s is None else round(now + demand.departure_s)
        energies = (demand.minimum_wh, demand.target_wh, demand.maximum_wh)
        coarse = tuple(round((energy or 0.0) / ENERGY_STEP_WH) for energy in energies)
        if (coarse, departure_at) != self._told:
            self._told = (coarse, departure_at)
            self._publisher.put(CEVC, CEVC.demand, demand)
        driver = self._model.vehicle.driver if self._model.vehicle is not None else None
        if driver != self._wishes:
            self._wishes = driver
            self._publisher.carry_out(CEVC, self.behaviour.renegotiate(now), now)

    def _demand(self, car: CarView) -> values.EnergyDemand:
        """The energies as the meter will count them; a car asks for nothing it has already."""
        assert car.request is not None
        assert self._model.vehicle is not None
        efficiency = self._model.vehicle.battery.charge_efficiency
        minimum, target, maximum = (
            max(0.0, energy) / efficiency
            for energy in (
                car.request.minimum_wh,
                car.request.target_wh,
                car.request.maximum_wh,
            )
        )
        return values.EnergyDemand(minimum, target, maximum, car.request.departure_s, 0.0)

    def _make_plan(self, car: CarView, now: float) -> None:
        demand = self._demand(car)
        self._plan = plan_charging(
            Demand(demand.minimum_wh or 0.0, demand.target_wh or 0.0, demand.departure_s),
            now,
            min_w=car.power_min_w,
            max_w=car.power_max_w,
            limits=_limits(self._curve, now),
            prices=_prices(self._prices, now),
        )
        slots = tuple(
            values.PlanSlot(slot.start_s, slot.end_s, slot.value, 0.0, car.power_max_w)
            for slot in self._plan.slots
        )
        self._publisher.put(CEVC, CEVC.plan, values.ChargingPlan(slots))

    def _restrict(self, watts: float | None, now: float) -> None:
        if self._model.limits.plan_w != watts:
            self._model.restrict(replace(self._model.limits, plan_w=watts), now)


def _dated(value: Any, at: float | None) -> tuple[Any, float] | None:
    return None if value is None or at is None else (value, at)


def _limits(held: tuple[values.PowerCurve, float] | None, now: float) -> list[Slot]:
    if held is None:
        return []
    curve, at = held
    return [Slot(s.start_s, s.end_s or HORIZON_S, s.watts) for s in curve.later(now - at).slots]


def _prices(held: tuple[values.PriceTable, float] | None, now: float) -> list[Slot]:
    if held is None:
        return []
    table, at = held
    return [
        Slot(s.start_s, s.end_s or HORIZON_S, _cost(s.tiers[0]))
        for s in table.later(now - at).slots
    ]


def _cost(tier: values.PriceTier) -> float:
    """What a car goes by: the price, else the emissions, else how little of it is renewable."""
    if tier.price is not None:
        return tier.price
    return tier.co2_g if tier.co2_g is not None else -(tier.renewable_percent or 0.0)
