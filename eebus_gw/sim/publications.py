"""The server sides of a simulated device, and what a simulated wallbox publishes of its snapshot through them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from eebus_gw.roles.host import Host
from eebus_gw.roles.provider import Provider
from eebus_gw.sim.snapshot import CarView, WallboxSnapshot
from eebus_gw.spine.local import LocalEntity
from eebus_gw.vocabulary.behaviour import Action, Behaviour
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.values import (
    Identification,
    OperatingState,
    PhaseLimits,
    PhaseRanges,
    PhaseValues,
    Range,
)
from usecases.commissioning import EVCC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.monitoring import MPC


class Publisher:
    """The server sides of one device, as far as ``offer`` (codes; ``None``: everything) has them."""

    def __init__(self, host: Host, offer: Collection[str] | None) -> None:
        self._host = host
        self._offer = offer
        self._providers: dict[str, Provider] = {}

    def provide(
        self,
        use_case: UseCase,
        entity: LocalEntity,
        now: float,
        behaviour: Behaviour | None = None,
        *,
        scenarios: Collection[int] | None = None,
    ) -> bool:
        """Serves a use case on an entity, ``None`` all its scenarios; false if it is not to be offered."""
        if not self.offers(use_case):
            return False
        self._providers[use_case.code] = self._host.provide(
            use_case, entity, now, scenarios=scenarios, behaviour=behaviour
        )
        return True

    def offers(self, use_case: UseCase) -> bool:
        """Whether a use case is to be offered."""
        return self._offer is None or use_case.code in self._offer

    def put(self, use_case: UseCase, point: Point[Any], value: Any) -> None:
        """Publishes a value; ``None`` and use cases that are not offered are passed over."""
        provider = self._providers.get(use_case.code)
        if provider is not None and value is not None:
            provider.put(point, value)

    def carry_out(self, use_case: UseCase, actions: Iterable[Action], now: float) -> None:
        """Carries out what a behaviour was asked for."""
        provider = self._providers.get(use_case.code)
        if provider is not None:
            self._host.carry_out_at(provider, actions, now)

    def forget(self, entity: LocalEntity) -> None:
        """The entity went away."""
        self._providers = {c: p for c, p in self._providers.items() if p.entity is not entity}


def publish_station(publisher: Publisher, snapshot: WallboxSnapshot) -> None:
    """What the wallbox measures."""
    put = publisher.put
    put(MPC, MPC.power_w, round(snapshot.power_w, 1))
    put(MPC, MPC.power_phase_w, _rounded(snapshot.power_phase_w, 1))
    put(MPC, MPC.energy_consumed_wh, round(snapshot.total_charged_wh, 1))
    put(MPC, MPC.energy_produced_wh, round(snapshot.total_discharged_wh, 1))
    put(MPC, MPC.current_a, _rounded(snapshot.current_a, 2))
    put(MPC, MPC.voltage_v, _rounded(snapshot.voltage_v, 1))
    put(MPC, MPC.frequency_hz, snapshot.frequency_hz)


def publish_car(publisher: Publisher, snapshot: WallboxSnapshot, car: CarView) -> None:
    """What the car tells of itself and is measured at it."""
    put = publisher.put
    put(EVCC, EVCC.standard, car.standard)
    put(EVCC, EVCC.asymmetric, car.asymmetric)
    put(EVCC, EVCC.power_range_w, Range(car.power_min_w, car.power_max_w, 0))
    put(EVCC, EVCC.operating_state, OperatingState(car.operating_state.value))
    if car.identification is not None:
        put(EVCC, EVCC.identification, (Identification("eui48", car.identification),))
    put(EVCEM, EVCEM.current_a, _rounded(snapshot.current_a, 2))
    put(EVCEM, EVCEM.power_w, _rounded(snapshot.power_phase_w, 1))
    put(EVCEM, EVCEM.power_total_w, round(snapshot.power_w, 1))
    put(EVCEM, EVCEM.energy_wh, round(snapshot.session_charged_wh, 1))
    put(EVSOC, EVSOC.soc_percent, None if car.soc_percent is None else round(car.soc_percent, 1))
    put(EVSOC, EVSOC.capacity_wh, car.capacity_wh)
    put(EVSOC, EVSOC.health_percent, car.health_percent)
    put(EVSOC, EVSOC.range_m, car.range_m)
    permitted = car.current_range
    each = Range(permitted.min_a, permitted.max_a, permitted.pause_a)
    a, b, c = (each if phase < snapshot.phases else None for phase in range(3))
    ranges = PhaseRanges((a, b, c))
    put(OPEV, OPEV.range_a, ranges)
    put(OSCEV, OSCEV.range_a, ranges)


def publish_free_limits(publisher: Publisher, car: CarView) -> None:
    """Nothing is curtailed when a car comes; the value is the permitted maximum."""
    highest = car.current_range.max_a
    free = PhaseLimits((highest, highest, highest), (False, False, False))
    publisher.put(OPEV, OPEV.limit_a, free)
    publisher.put(OSCEV, OSCEV.limit_a, free)
    if car.constraints is not None:
        publisher.put(OPEV, OPEV.discharge_a, free)


def _rounded(values: tuple[float, float, float], digits: int) -> PhaseValues:
    a, b, c = (round(value, digits) for value in values)
    return a, b, c
