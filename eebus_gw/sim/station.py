"""A simulated wallbox as a SPINE device: joins the physical model to the server side of the use cases.

Pure: ``step`` lets the model's time pass and publishes what it shows; role events of the host tell the model what
peers want.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from eebus_gw.roles.events import GuardChanged, Heartbeat, RoleEvent, Written
from eebus_gw.roles.guards import Guard
from eebus_gw.roles.host import Entity, Host
from eebus_gw.roles.provider import Provider
from eebus_gw.sim.ceilings import PhaseLimit
from eebus_gw.sim.ev import Vehicle, VehicleKind
from eebus_gw.sim.limited import PowerLimits
from eebus_gw.sim.snapshot import CarView, WallboxSnapshot
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.spine.local import LocalEntity
from eebus_gw.vocabulary.behaviour import ACCEPTED, Answer, refused
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.values import (
    Identification,
    Manufacturer,
    OperatingState,
    PhaseLimits,
    PhaseRanges,
    PhaseValues,
    Range,
)
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.monitoring import MPC

NORMAL = OperatingState("normalOperation")
EV_SIDE: dict[VehicleKind, tuple[UseCase, ...]] = {
    VehicleKind.IEC61851: (EVCC, EVCEM, OPEV, OSCEV),
    VehicleKind.ISO15118: (EVCC, EVCEM, EVSOC, OPEV, OSCEV),
    VehicleKind.BIDIRECTIONAL: (EVCC, EVCEM, EVSOC, OPEV, OSCEV),
    VehicleKind.BIDIRECTIONAL_DC: (EVCC, EVCEM, EVSOC, OPEV, OSCEV),
}


class Station:
    """One wallbox; ``offer`` restricts the use cases to these codes."""

    def __init__(
        self,
        host: Host,
        model: Wallbox,
        manufacturer: Manufacturer,
        now: float,
        *,
        offer: Collection[str] | None = None,
    ) -> None:
        self.model = model
        self._host = host
        self._offer = offer
        self._providers: dict[str, Provider] = {}
        self._ev: LocalEntity | None = None
        self._evse = host.add_entity(Entity("EVSE"), now)
        for use_case in (EVSECC, MPC):
            self._provide(use_case, self._evse, now)
        self._put(EVSECC, EVSECC.manufacturer, manufacturer)
        self._put(EVSECC, EVSECC.operating_state, NORMAL)
        self.limited = PowerLimits(host, self._evse, model, now, offer=offer)
        host.announce()

    @property
    def plugged(self) -> bool:
        """Whether a car is there."""
        return self._ev is not None

    def plug(self, now: float, vehicle: Vehicle | None = None) -> None:
        """A car is plugged in: its entity appears with what it offers."""
        self.model.plug(now, vehicle)
        assert self.model.vehicle is not None
        self._ev = self._host.add_entity(Entity("EV"), now, parent=self._evse.path)
        for use_case in EV_SIDE[self.model.vehicle.kind]:
            self._provide(use_case, self._ev, now)
        snapshot = self.model.step(now)
        assert snapshot.car is not None
        self._publish_car(snapshot, snapshot.car)
        self._publish_limits(snapshot.car)
        self._host.announce(self._ev)

    def unplug(self, now: float) -> None:
        """The cable is pulled: the car's entity disappears."""
        self.model.unplug(now)
        if self._ev is not None:
            self._host.remove_entity(self._ev)
            gone = self._ev.path
            self._providers = {c: p for c, p in self._providers.items() if p.entity.path != gone}
            self._ev = None

    def step(self, now: float) -> WallboxSnapshot:
        """Lets the time up to ``now`` pass and publishes what there is to see."""
        snapshot = self.model.step(now)
        self._publish_station(snapshot)
        if snapshot.car is not None:
            self._publish_car(snapshot, snapshot.car)
        return snapshot

    def handle(self, event: RoleEvent, now: float) -> None:
        """Tells the model what a peer said."""
        self.limited.follow(now)
        match event:
            case Written(point=point, value=value, answer=answer) if answer.accepted:
                self._obey(point, value, now)
            case Heartbeat(ski, entity):
                if self._ev and self._host.guards.of(self._ev.path) == Guard(ski, entity):
                    self.model.hear_guard(now, normal=self._guard_is_normal(ski, entity))
            case GuardChanged(entity=entity, present=present) if not present:
                if self._ev is not None and entity == self._ev.path:
                    self.model.lose_guard(now)

    # --- what peers ask for

    def _decide(self, point: Point[Any], value: Any) -> Answer:
        if isinstance(value, PhaseLimits) and any(a is not None and a < 0 for a in value.amperes):
            return refused("a current limit is not negative", "OPEV 1.0.1b Table 6")
        return ACCEPTED

    def _obey(self, point: Point[Any], value: Any, now: float) -> None:
        limits = self.model.limits
        if point is OPEV.limit_a:
            limits = replace(limits, obligation_a=_in_force(value))
        elif point is OSCEV.limit_a:
            limits = replace(limits, recommendation_a=_in_force(value))
        self.model.restrict(limits, now)

    def _guard_is_normal(self, ski: str, entity: tuple[int, ...]) -> bool:
        partner = self._host.partners.get(ski)
        remote = partner.session.remote.entities.get(entity) if partner is not None else None
        reading = OPEV.partner_state.read(remote, True) if remote is not None else None
        return reading is None or reading.value.state == NORMAL.state

    # --- what is published

    def _provide(self, use_case: UseCase, entity: LocalEntity, now: float) -> None:
        if self._offer is not None and use_case.code not in self._offer:
            return
        self._providers[use_case.code] = self._host.provide(
            use_case, entity, now, decide=self._decide
        )

    def _put(self, use_case: UseCase, point: Point[Any], value: Any) -> None:
        provider = self._providers.get(use_case.code)
        if provider is not None and value is not None:
            provider.put(point, value)

    def _publish_station(self, snapshot: WallboxSnapshot) -> None:
        self._put(MPC, MPC.power_w, round(snapshot.power_w, 1))
        self._put(MPC, MPC.power_phase_w, _rounded(snapshot.power_phase_w, 1))
        self._put(MPC, MPC.energy_consumed_wh, round(snapshot.total_charged_wh, 1))
        self._put(MPC, MPC.energy_produced_wh, round(snapshot.total_discharged_wh, 1))
        self._put(MPC, MPC.current_a, _rounded(snapshot.current_a, 2))
        self._put(MPC, MPC.voltage_v, _rounded(snapshot.voltage_v, 1))
        self._put(MPC, MPC.frequency_hz, snapshot.frequency_hz)

    def _publish_car(self, snapshot: WallboxSnapshot, car: CarView) -> None:
        self._put(EVCC, EVCC.standard, car.standard)
        self._put(EVCC, EVCC.asymmetric, car.asymmetric)
        self._put(EVCC, EVCC.power_range_w, Range(car.power_min_w, car.power_max_w, 0))
        self._put(EVCC, EVCC.operating_state, OperatingState(car.operating_state.value))
        if car.identification is not None:
            identification = Identification("eui48", car.identification)
            self._put(EVCC, EVCC.identification, (identification,))
        self._put(EVCEM, EVCEM.current_a, _rounded(snapshot.current_a, 2))
        self._put(EVCEM, EVCEM.power_w, _rounded(snapshot.power_phase_w, 1))
        self._put(EVCEM, EVCEM.power_total_w, round(snapshot.power_w, 1))
        self._put(EVCEM, EVCEM.energy_wh, round(snapshot.session_charged_wh, 1))
        self._put(EVSOC, EVSOC.soc_percent, _maybe_rounded(car.soc_percent))
        self._put(EVSOC, EVSOC.capacity_wh, car.capacity_wh)
        self._put(EVSOC, EVSOC.health_percent, car.health_percent)
        self._put(EVSOC, EVSOC.range_m, car.range_m)
        permitted = car.current_range
        ranges = PhaseRanges(
            _on_phases(snapshot, Range(permitted.min_a, permitted.max_a, permitted.pause_a))
        )
        self._put(OPEV, OPEV.range_a, ranges)
        self._put(OSCEV, OSCEV.range_a, ranges)

    def _publish_limits(self, car: CarView) -> None:
        """Nothing is curtailed when a car comes; the value is the permitted maximum (OPEV 6.3)."""
        highest = car.current_range.max_a
        free = PhaseLimits((highest, highest, highest), (False, False, False))
        self._put(OPEV, OPEV.limit_a, free)
        self._put(OSCEV, OSCEV.limit_a, free)


def _in_force(limits: PhaseLimits) -> PhaseLimit:
    a, b, c = (
        amperes if active else None
        for amperes, active in zip(limits.amperes, limits.active, strict=True)
    )
    return a, b, c


def _rounded(values: tuple[float, float, float], digits: int) -> PhaseValues:
    a, b, c = (round(value, digits) for value in values)
    return a, b, c


def _maybe_rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _on_phases(
    snapshot: WallboxSnapshot, permitted: Range
) -> tuple[Range | None, Range | None, Range | None]:
    a, b, c = (permitted if phase < snapshot.phases else None for phase in range(3))
    return a, b, c
