"""What this device does as a server: providers on its entities, the guards that steer them, writes of peers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from eebus_gw.clock import earliest
from eebus_gw.errors import LocalProtocolError
from eebus_gw.roles.consulting import actions_of
from eebus_gw.roles.events import GuardChanged, Reported, RoleEvent, Written
from eebus_gw.roles.guards import Guard, Guards
from eebus_gw.roles.provider import Provider, judge_write
from eebus_gw.spine import events as spine
from eebus_gw.spine.error_numbers import REJECTED
from eebus_gw.spine.heartbeat import Heartbeats
from eebus_gw.spine.local import LocalDevice, LocalEntity, LocalFeature
from eebus_gw.spine.remote import EntityPath, RemoteEntity
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.behaviour import Action, Beat, Put, Report, Write
from eebus_gw.vocabulary.points.state import StatePoint

PARTNER_STATE = StatePoint("partner_state")


class ServerSide:
    """The providers of one device."""

    def __init__(
        self, device: LocalDevice, heartbeats: Heartbeats, tell: Callable[[RoleEvent], None]
    ) -> None:
        self.providers: list[Provider] = []
        self.guards = Guards(device)
        self._device = device
        self._heartbeats = heartbeats
        self._tell = tell
        device.before_read = self._before_read

    def add(self, provider: Provider, now: float) -> None:
        """Lets a provider work."""
        self.providers.append(provider)
        if provider.behaviour is not None:
            self._consult(provider, now, provider.behaviour.start)

    def remove(self, entity: LocalEntity) -> None:
        """An entity of ours goes away with its descendants."""
        path = entity.path
        self.providers = [p for p in self.providers if p.entity.path[: len(path)] != path]
        self.guards.forget(path)

    # --- what a session reports

    def write_requested(
        self, ski: str, session: Session, event: spine.WriteRequested, now: float
    ) -> None:
        """All use cases a write concerns have to accept it; the first refusal answers it."""
        here = [p for p in self.providers if p.entity.path == event.feature.entity]
        asked = judge_write(here, event, now)
        refusal = next((a.answer for a in asked if not a.answer.accepted), None)
        if not asked:
            session.answer(event.token, REJECTED, "no use case here owns what was written")
        elif refusal is not None:
            session.answer(event.token, refusal.error_number, refusal.text)
        else:
            session.answer(event.token, 0)
        for each in asked:
            answer, provider = refusal or each.answer, each.provider
            self.carry_out(provider, each.actions, now)
            if answer.accepted and provider.behaviour is not None:
                on_applied = provider.behaviour.on_applied
                self._consult(provider, now, on_applied, each.point.key, each.value)
            self._tell(Written(ski, provider, each.point, each.value, answer, event.counter))

    def bindings_changed(self, local: LocalEntity, session: Session, now: float) -> None:
        """A binding on an entity of ours came or went: who steers it may have changed."""
        self._guard_changed(local, *self.guards.update(local), now)
        self.guards.follow(local, session, now)

    def link_down(self, ski: str, now: float) -> None:
        """The connection to a peer is gone, and with it what it steered."""
        for local in list(self._device.entities.values()):
            guard = self.guards.of(local.path)
            if guard is not None and guard.ski == ski:
                self._guard_changed(local, *self.guards.update(local, lost=ski), now)

    def guard_state(self, ski: str, remote: RemoteEntity, now: float) -> None:
        """The operating state of an entity of a peer, which may be a guard's."""
        reading = PARTNER_STATE.read(remote, True)
        if reading is not None:
            for provider in self._steered_by(Guard(ski, remote.path)):
                on_update = provider.behaviour.on_update if provider.behaviour is not None else None
                if on_update is not None:
                    self._consult(provider, now, on_update, PARTNER_STATE.key, reading.value)

    def heartbeat(self, ski: str, remote: EntityPath, now: float) -> None:
        """A sign of life of an entity of a peer, which may be a guard's."""
        for provider in self._steered_by(Guard(ski, remote)):
            if provider.behaviour is not None:
                self._consult(provider, now, provider.behaviour.on_heartbeat)

    # --- time

    def handle_timer(self, now: float) -> None:
        """Handles the deadlines of behaviours that passed."""
        for provider in list(self.providers):
            behaviour = provider.behaviour
            deadline = behaviour.next_deadline() if behaviour is not None else None
            if behaviour is not None and deadline is not None and deadline <= now:
                self._consult(provider, now, behaviour.handle_timer)

    def next_deadline(self) -> float | None:
        """When the first behaviour wants to be called."""
        behaviours = (p.behaviour for p in self.providers if p.behaviour is not None)
        return earliest(*(behaviour.next_deadline() for behaviour in behaviours))

    # --- behaviours

    def carry_out(self, provider: Provider, actions: Iterable[Action], now: float) -> None:
        """Does what a behaviour wants, also when the program around us asked it."""
        for action in actions:
            match action:
                case Put(key, value):
                    provider.put(provider.use_case.point(key), value)
                case Beat():
                    self._heartbeats.beat_now(provider.entity.path, now)
                case Report(name, data):
                    path = provider.entity.path
                    self._tell(Reported(None, provider.use_case, path, name, data))
                case Write(key):
                    raise LocalProtocolError(f"a server cannot write {key} to a peer")

    def _consult(
        self, provider: Provider, now: float, call: Callable[..., list[Action]], *arguments: Any
    ) -> None:
        self.carry_out(provider, actions_of(call, *arguments, now), now)

    def _before_read(self, feature: LocalFeature, function: str, now: float) -> None:
        for provider in self.providers:
            if provider.entity.path == feature.entity:
                provider.renew(function, now)

    def _guard_changed(
        self, local: LocalEntity, former: Guard | None, guard: Guard | None, now: float
    ) -> None:
        if former == guard:
            return
        if former is not None:
            self._tell(GuardChanged(former.ski, local.path, former.entity, False))
            for provider in self._steered(local.path):
                if provider.behaviour is not None:
                    self._consult(provider, now, provider.behaviour.on_partner_lost)
        if guard is not None:
            self._tell(GuardChanged(guard.ski, local.path, guard.entity, True))

    def _steered_by(self, guard: Guard) -> list[Provider]:
        return [p for path in self.guards.steered_by(guard) for p in self._steered(path)]

    def _steered(self, path: EntityPath) -> list[Provider]:
        return [p for p in self.providers if p.entity.path == path and p.use_case.client_points]
