"""A simulated wallbox as a SPINE device: joins the physical model to the server side of the use cases.

Pure: ``step`` lets the model's time pass and publishes what it shows; role events of the host tell the model what
peers want.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from eebus_gw.roles.events import GuardChanged, Heartbeat, Reported, RoleEvent, Written
from eebus_gw.roles.guards import Guard
from eebus_gw.roles.host import Entity, Host
from eebus_gw.sim.ceilings import PhaseLimit
from eebus_gw.sim.controlled import ControlledCar
from eebus_gw.sim.coordinated import CoordinatedPlan
from eebus_gw.sim.ev import TRAITS, Vehicle, VehicleKind
from eebus_gw.sim.limited import PowerLimits
from eebus_gw.sim.publications import (
    Publisher,
    publish_car,
    publish_free_limits,
    publish_station,
)
from eebus_gw.sim.snapshot import CarView, WallboxSnapshot
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.spine.local import LocalEntity
from eebus_gw.spine.remote import EntityPath
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.values import Manufacturer, OperatingState, PhaseLimits
from usecases.commissioning import EVCC, EVSECC
from usecases.coordination import CEVC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.monitoring import MPC
from usecases.summary import EVCS, SummarizedStation

NORMAL = OperatingState("normalOperation")
EV_SIDE: dict[VehicleKind, tuple[UseCase, ...]] = {
    VehicleKind.IEC61851: (EVCC, EVCEM, OPEV, OSCEV),
    VehicleKind.ISO15118: (EVCC, EVCEM, EVSOC, OPEV, OSCEV),
    VehicleKind.BIDIRECTIONAL: (EVCC, EVCEM, EVSOC, OPEV, OSCEV),
    VehicleKind.BIDIRECTIONAL_DC: (EVCC, EVCEM, EVSOC, OPEV, OSCEV),
}

BIDIRECTIONAL = (VehicleKind.BIDIRECTIONAL, VehicleKind.BIDIRECTIONAL_DC)


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
        before: Station | None = None,
    ) -> None:
        """``before`` is this wallbox until its restart; its car is still there."""
        self.model = model
        self._host = host
        self._publisher = Publisher(host, offer)
        self._summaries = SummarizedStation()
        self._ev: LocalEntity | None = None
        self._controlled: ControlledCar | None = None
        self._coordinated: CoordinatedPlan | None = None
        self._evse = host.add_entity(Entity("EVSE"), now)
        for use_case in (EVSECC, MPC):
            self._publisher.provide(use_case, self._evse, now)
        self._publisher.provide(EVCS, self._evse, now, self._summaries)
        self._publisher.put(EVSECC, EVSECC.manufacturer, manufacturer)
        self._publisher.put(EVSECC, EVSECC.operating_state, NORMAL)
        self.limited: PowerLimits = PowerLimits(
            host,
            self._evse,
            model,
            now,
            offer=offer,
            before=before.limited if before is not None else None,
        )
        host.announce()

    @property
    def plugged(self) -> bool:
        """Whether a car is there."""
        return self._ev is not None

    def plug(self, now: float, vehicle: Vehicle | None = None) -> None:
        """A car is plugged in: its entity appears with what it offers."""
        self.model.plug(now, vehicle)
        assert self.model.vehicle is not None
        kind = self.model.vehicle.kind
        self._ev = self._host.add_entity(Entity("EV"), now, parent=self._evse.path)
        for use_case in EV_SIDE[kind]:
            self._publisher.provide(use_case, self._ev, now)
        if kind in BIDIRECTIONAL:
            self._controlled = ControlledCar(self._publisher, self._ev, self.model, now)
        if TRAITS[kind].digital:
            self._coordinated = CoordinatedPlan(self._publisher, self._ev, self.model, now)
        snapshot = self.model.step(now)
        assert snapshot.car is not None
        self._publish(snapshot, snapshot.car, now)
        publish_free_limits(self._publisher, snapshot.car)
        self._host.announce(self._ev)

    def unplug(self, now: float) -> None:
        """The cable is pulled: the car's entity disappears, and the wallbox asks for the session's summary."""
        self.model.unplug(now)
        if self._ev is not None:
            self._host.remove_entity(self._ev)
            self._publisher.forget(self._ev)
            self._ev = self._controlled = self._coordinated = None
            self._publisher.carry_out(EVCS, self._summaries.ask(now), now)

    def step(self, now: float) -> WallboxSnapshot:
        """Lets the time up to ``now`` pass and publishes what there is to see."""
        snapshot = self.model.step(now)
        publish_station(self._publisher, snapshot)
        if snapshot.car is not None:
            self._publish(snapshot, snapshot.car, now)
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
            case Reported(use_case=use_case, name="replan", data=data) if use_case is CEVC:
                if self._coordinated is not None:
                    self._coordinated.replan(data, now)

    def _publish(self, snapshot: WallboxSnapshot, car: CarView, now: float) -> None:
        publish_car(self._publisher, snapshot, car)
        if self._controlled is not None:
            self._controlled.publish(car, now)
        if self._coordinated is not None:
            self._coordinated.step(car, now)

    def _obey(self, point: Point[Any], value: Any, now: float) -> None:
        limits = self.model.limits
        if point is OPEV.limit_a:
            limits = replace(limits, obligation_a=_in_force(value))
        elif point is OPEV.discharge_a:
            limits = replace(limits, discharge_a=_in_force(value))
        elif point is OSCEV.limit_a:
            limits = replace(limits, recommendation_a=_in_force(value))
        self.model.restrict(limits, now)

    def _guard_is_normal(self, ski: str, entity: EntityPath) -> bool:
        partner = self._host.partners.get(ski)
        remote = partner.session.remote.entities.get(entity) if partner is not None else None
        reading = OPEV.partner_state.read(remote, True) if remote is not None else None
        return reading is None or reading.value.state == NORMAL.state


def _in_force(limits: PhaseLimits) -> PhaseLimit:
    a, b, c = (
        amperes if active else None
        for amperes, active in zip(limits.amperes, limits.active, strict=True)
    )
    return a, b, c
