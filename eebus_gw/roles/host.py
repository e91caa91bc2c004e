"""Runs the use cases of one device: clients towards its peers, servers on its entities.

Pure: events of sessions go in, role events come out; what has to be sent stands in the sessions, and ``touched`` names
the peers whose session has something to say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eebus_gw.errors import LocalProtocolError, NotConnected
from eebus_gw.roles.consumer import Consumer
from eebus_gw.roles.events import (
    EntityChanged,
    GuardChanged,
    Heartbeat,
    PeerMute,
    Reported,
    RoleEvent,
    Update,
    UseCasesMatched,
    WriteDone,
    Written,
)
from eebus_gw.roles.guards import Guard, Guards
from eebus_gw.roles.partner import Partner
from eebus_gw.roles.provider import Asked, Decide, Provider, accept_everything, judge_write
from eebus_gw.spine import events as spine
from eebus_gw.spine.heartbeat import Heartbeats
from eebus_gw.spine.local import DEVICE_INFORMATION, LocalDevice, LocalEntity, LocalUseCase
from eebus_gw.spine.relations import Kind
from eebus_gw.spine.remote import EntityPath
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.behaviour import Action, Answer, Beat, Behaviour, Put, Report, Write
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.functions import HEARTBEAT, STATE
from eebus_gw.vocabulary.points.state import HeartbeatPoint, ManufacturerPoint, StatePoint
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import Manufacturer, OperatingState, Reading

NORMAL_OPERATION = OperatingState("normalOperation")
REJECTED = 7
TIMEOUT = 2


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity this device is made of, and what it is the client of."""

    type: str
    client: tuple[UseCase, ...] = ()
    heartbeat_timeout_s: float | None = None
    """Overrides the time-out its use cases ask for."""


class Host:
    """The use cases of one device."""

    def __init__(
        self,
        device: LocalDevice,
        manufacturer: Manufacturer,
        wall: Callable[[], datetime],
    ) -> None:
        self.device = device
        self.heartbeats = Heartbeats(device, wall)
        self.partners: dict[str, Partner] = {}
        self.providers: list[Provider] = []
        self.guards = Guards()
        self.clients: dict[UseCase, LocalEntity] = {}
        self._writes: dict[tuple[str, int], tuple[Consumer, Point[Any], Any]] = {}
        self._events: deque[RoleEvent] = deque()
        information = Shelf(device, device.entities[DEVICE_INFORMATION])
        ManufacturerPoint("manufacturer").publish(information, manufacturer)

    # --- building the device ------------------------------------------------------------------------

    def add_entity(self, wanted: Entity, now: float, *, parent: EntityPath = ()) -> LocalEntity:
        """An entity with the client side of its use cases; announce it once its servers are added."""
        entity = self.device.add_entity(wanted.type, parent=parent)
        for use_case in wanted.client:
            self.clients[use_case] = entity
            for point in use_case.points:
                for use in point.uses:
                    entity.feature(use.function.feature, "client")
            self._hold_client_points(use_case, entity, wanted, now)
        return entity

    def provide(
        self,
        use_case: UseCase,
        entity: LocalEntity,
        now: float,
        *,
        scenarios: Iterable[int] | None = None,
        behaviour: Behaviour | None = None,
        decide: Decide = accept_everything,
    ) -> Provider:
        """The server side of a use case on an entity of ours, with the use case's own behaviour if none is given."""
        if behaviour is None and use_case.server_behaviour is not None:
            behaviour = use_case.server_behaviour()
        provider = Provider(
            use_case,
            self.device,
            entity,
            scenarios=scenarios,
            behaviour=behaviour,
            decide=decide,
        )
        self.providers.append(provider)
        if use_case.client_points:
            entity.feature(HEARTBEAT.feature, "client")
        if any(isinstance(point, HeartbeatPoint) for point in provider.points):
            self.heartbeats.start(entity, use_case.heartbeat_timeout_s or 60.0, now)
        if behaviour is not None:
            self.carry_out_at(provider, behaviour.start(now), now)
        return provider

    def announce(self, entity: LocalEntity | None = None) -> None:
        """Tells peers of a new entity (if given) and of the use cases as they are now."""
        if entity is not None:
            self.device.announce(entity)
        self.device.announce_use_cases(self._announced())

    def remove_entity(self, entity: LocalEntity) -> None:
        """Takes an entity away, for instance a car that was unplugged."""
        self.providers = [p for p in self.providers if p.entity is not entity]
        self.guards.forget(entity.path)
        self.device.remove_entity(entity)

    def restrict(self, provider: Provider, scenarios: Iterable[int]) -> None:
        """Announces fewer (or again more) scenarios of a use case, for instance [OSCEV-009]."""
        provider.scenarios = tuple(scenarios)
        self.announce()

    # --- what the program around asks for ------------------------------------------------------------

    def consumer(self, ski: str, use_case: UseCase, entity: EntityPath | None = None) -> Consumer:
        """The client side of a use case with a peer; raises ``NotConnected`` or ``NotReady``."""
        partner = self.partners.get(ski)
        if partner is None:
            raise NotConnected("the device is not connected", hint="it is dialled again by itself")
        return partner.need(use_case, entity)

    def get(
        self, ski: str, use_case: UseCase, point: Point[Any], entity: EntityPath | None = None
    ) -> Reading[Any] | None:
        """The newest reading of a peer, ``None`` while there is none."""
        partner = self.partners.get(ski)
        consumer = partner.find(use_case, entity) if partner is not None else None
        return consumer.readings.get(point.key) if consumer is not None else None

    def write(
        self,
        ski: str,
        use_case: UseCase,
        point: Point[Any],
        value: Any,
        now: float,
        entity: EntityPath | None = None,
    ) -> int:
        """Writes at once; the outcome comes as ``WriteDone`` with the returned token."""
        consumer = self.consumer(ski, use_case, entity)
        return self._write(ski, consumer, point, value, now)

    def wish(
        self,
        ski: str,
        use_case: UseCase,
        point: Point[Any],
        value: Any,
        now: float,
        entity: EntityPath | None = None,
    ) -> None:
        """Hands a wish to the behaviour of the use case, which decides when to write it."""
        consumer = self.consumer(ski, use_case, entity)
        if consumer.behaviour is None:
            raise LocalProtocolError(f"{use_case.code} has no behaviour to hold a wish")
        self._carry_out(ski, consumer, consumer.behaviour.on_wish(point.key, value, now), now)

    def put(self, provider: Provider, point: Point[Any], value: Any) -> None:
        """Publishes a value of our own."""
        provider.put(point, value)

    # --- stimuli ---------------------------------------------------------------------------------------

    def link_up(self, ski: str, session: Session) -> None:
        """A connection reached data exchange; its session replaces an earlier one."""
        self.link_down(ski, 0.0)
        self.partners[ski] = Partner(session, self.clients)

    def link_down(self, ski: str, now: float) -> None:
        """The connection is gone: everything of the peer is forgotten, which is not an unplugged car."""
        partner = self.partners.pop(ski, None)
        if partner is None:
            return
        for key in [key for key in self._writes if key[0] == ski]:
            self._write_done(ski, key[1], TIMEOUT, "the connection was lost")
        for consumer in partner.consumers.values():
            if consumer.behaviour is not None:
                self._carry_out(ski, consumer, consumer.behaviour.on_partner_lost(now), now)
        for path, guard in self.guards.lost(ski):
            self._guard_gone(path, guard, now)

    def session_event(self, ski: str, session: Session, event: spine.Event, now: float) -> None:
        """Handles what a session reports."""
        partner = self.partners.get(ski)
        if partner is None or partner.session is not session:
            return
        match event:
            case spine.DataChanged():
                self._data_changed(ski, partner, event, now)
            case spine.HeartbeatReceived():
                self._heartbeat(ski, partner, event, now)
            case spine.WriteRequested():
                self._write_requested(ski, session, event, now)
            case spine.Answered():
                self._answered(ski, event, now)
            case spine.Settled():
                self._settled(ski, partner, now)
            case spine.EntityAdded():
                self._events.append(EntityChanged(ski, event.entity, True))
            case spine.EntityRemoved():
                self._entity_removed(ski, partner, event)
            case spine.RelationChanged():
                self._relation_changed(ski, session, event, now)
            case spine.Mute():
                self._events.append(PeerMute(ski, event.waited_s))

    def handle_timer(self, now: float) -> None:
        """Handles every deadline of heartbeats and behaviours that passed."""
        self.heartbeats.handle_timer(now)
        for provider in list(self.providers):
            behaviour = provider.behaviour
            if behaviour is not None and _due(behaviour, now):
                self.carry_out_at(provider, behaviour.handle_timer(now), now)
        for ski, partner in list(self.partners.items()):
            for consumer in list(partner.consumers.values()):
                if consumer.behaviour is not None and _due(consumer.behaviour, now):
                    self._carry_out(ski, consumer, consumer.behaviour.handle_timer(now), now)

    def next_deadline(self) -> float | None:
        """The earliest deadline of heartbeats and behaviours."""
        behaviours = [p.behaviour for p in self.providers]
        behaviours += [c.behaviour for p in self.partners.values() for c in p.consumers.values()]
        moments = [b.next_deadline() for b in behaviours if b is not None]
        moments.append(self.heartbeats.next_deadline())
        return min((moment for moment in moments if moment is not None), default=None)

    def next_event(self) -> RoleEvent | None:
        """Drains the events."""
        return self._events.popleft() if self._events else None

    def take_touched(self) -> set[str]:
        """Peers whose sessions have something to send since the last call."""
        touched, self.device.touched = self.device.touched, set()
        return touched

    # --- client side -------------------------------------------------------------------------------------

    def _data_changed(
        self, ski: str, partner: Partner, event: spine.DataChanged, now: float
    ) -> None:
        for news in partner.data_changed(event.feature.entity, event.function):
            self._tell(ski, news.consumer, news.point, news.reading, now)
        if event.function == STATE.name:
            self._guard_state(ski, partner, event.feature.entity, now)

    def _tell(
        self, ski: str, consumer: Consumer, point: Point[Any], reading: Reading[Any], now: float
    ) -> None:
        self._events.append(Update(ski, consumer, point, reading))
        if consumer.behaviour is not None:
            actions = consumer.behaviour.on_update(point.key, reading.value, now)
            self._carry_out(ski, consumer, actions, now)

    def _settled(self, ski: str, partner: Partner, now: float) -> None:
        settlement = partner.settle(now)
        self._events.append(
            UseCasesMatched(
                ski,
                tuple(c.key for c in settlement.opened),
                tuple(c.key for c in settlement.ended),
            )
        )
        for consumer in settlement.opened:
            if consumer.behaviour is not None:
                self._carry_out(ski, consumer, consumer.behaviour.start(now), now)
                if self._listens(ski, consumer.local):
                    actions = consumer.behaviour.on_heartbeat_subscribed(now)
                    self._carry_out(ski, consumer, actions, now)
        for news in settlement.news:
            self._tell(ski, news.consumer, news.point, news.reading, now)
        for path, entity in self.device.entities.items():
            guard = self.guards.of(path)
            if guard is not None and guard.ski == ski:
                self.guards.follow(entity, partner.session, now)

    def _entity_removed(self, ski: str, partner: Partner, event: spine.EntityRemoved) -> None:
        ended = partner.entity_removed(event.entity)
        self._events.append(EntityChanged(ski, event.entity, False))
        if ended:
            self._events.append(UseCasesMatched(ski, (), tuple(c.key for c in ended)))

    def _write(
        self, ski: str, consumer: Consumer, point: Point[Any], value: Any, now: float
    ) -> int:
        token = consumer.write(point, value, now)
        self._writes[(ski, token)] = (consumer, point, value)
        self.device.touched.add(ski)
        return token

    def _answered(self, ski: str, event: spine.Answered, now: float) -> None:
        consumer = self._write_done(ski, event.token, event.error_number, event.description)
        if consumer is None or consumer[0].behaviour is None:
            return
        asked, point = consumer
        answer = Answer(event.error_number == 0, event.error_number, event.description)
        assert asked.behaviour is not None
        self._carry_out(ski, asked, asked.behaviour.on_written(point.key, answer, now), now)

    def _write_done(
        self, ski: str, token: int, error_number: int, text: str
    ) -> tuple[Consumer, Point[Any]] | None:
        """Tells the end of a write of ours; other requests are nobody's business."""
        written = self._writes.pop((ski, token), None)
        if written is None:
            return None
        consumer, point, value = written
        self._events.append(
            WriteDone(ski, token, error_number, text, consumer.use_case, point, value)
        )
        return consumer, point

    def _carry_out(
        self, ski: str, consumer: Consumer, actions: Iterable[Action], now: float
    ) -> None:
        for action in actions:
            match action:
                case Write(key, value):
                    self._write(ski, consumer, consumer.use_case.point(key), value, now)
                case Beat():
                    self.heartbeats.beat_now(consumer.local.path, now)
                case Report(name, data):
                    path = consumer.entity.path
                    self._events.append(Reported(ski, consumer.use_case, path, name, data))
                case Put(key):
                    raise LocalProtocolError(f"a client cannot publish {key}")

    # --- server side -------------------------------------------------------------------------------------

    def _write_requested(
        self, ski: str, session: Session, event: spine.WriteRequested, now: float
    ) -> None:
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
            answer = refusal or each.answer
            self.carry_out_at(each.provider, each.actions, now)
            if answer.accepted and each.provider.behaviour is not None:
                actions = each.provider.behaviour.on_applied(each.point.key, each.value, now)
                self.carry_out_at(each.provider, actions, now)
            self._events.append(_written(ski, each, answer, event.counter))

    def _relation_changed(
        self, ski: str, session: Session, event: spine.RelationChanged, now: float
    ) -> None:
        guard = Guard(ski, event.client.entity)
        local = self.device.entities.get(event.feature.entity)
        if local is None:
            return
        if event.kind == Kind.SUBSCRIPTION:
            if event.granted and event.feature.type == HEARTBEAT.feature:
                self._heartbeat_subscribed(ski, local, now)
            return
        if event.granted and self.guards.bound(local, guard, session, now):
            self._events.append(GuardChanged(ski, local.path, guard.entity, True))
        elif not event.granted and self.guards.unbound(local.path, guard):
            self._guard_gone(local.path, guard, now)

    def _heartbeat_subscribed(self, ski: str, local: LocalEntity, now: float) -> None:
        """A guard that waits for a notify gets one at once."""
        self.heartbeats.beat_now(local.path, now)
        partner = self.partners.get(ski)
        for consumer in partner.consumers.values() if partner is not None else ():
            if consumer.local is local and consumer.behaviour is not None:
                actions = consumer.behaviour.on_heartbeat_subscribed(now)
                self._carry_out(ski, consumer, actions, now)

    def _listens(self, ski: str, local: LocalEntity) -> bool:
        """Whether the peer subscribed the heartbeat of an entity of ours, perhaps before it was matched."""
        return any(
            relation.peer == ski and relation.server.entity == local.path
            for relation in self.device.relations
            if relation.kind == Kind.SUBSCRIPTION
        )

    def _guard_gone(self, path: EntityPath, guard: Guard, now: float) -> None:
        self._events.append(GuardChanged(guard.ski, path, guard.entity, False))
        for provider in self._steered(path):
            if provider.behaviour is not None:
                self.carry_out_at(provider, provider.behaviour.on_partner_lost(now), now)

    def _guard_state(self, ski: str, partner: Partner, remote: EntityPath, now: float) -> None:
        entity = partner.session.remote.entities[remote]
        reading = StatePoint("partner_state").read(entity, True)
        if reading is None:
            return
        for path in self.guards.steered_by(Guard(ski, remote)):
            for provider in self._steered(path):
                if provider.behaviour is not None:
                    actions = provider.behaviour.on_update("partner_state", reading.value, now)
                    self.carry_out_at(provider, actions, now)

    def _heartbeat(
        self, ski: str, partner: Partner, event: spine.HeartbeatReceived, now: float
    ) -> None:
        remote = event.entity.path
        self._events.append(Heartbeat(ski, remote, event.timeout_s))
        for path in self.guards.steered_by(Guard(ski, remote)):
            for provider in self._steered(path):
                if provider.behaviour is not None:
                    self.carry_out_at(provider, provider.behaviour.on_heartbeat(now), now)
        for consumer in list(partner.consumers.values()):
            if consumer.behaviour is not None and consumer.entity.path == remote:
                self._carry_out(ski, consumer, consumer.behaviour.on_heartbeat(now), now)

    def _steered(self, path: EntityPath) -> list[Provider]:
        return [p for p in self.providers if p.entity.path == path and p.use_case.client_points]

    def carry_out_at(self, provider: Provider, actions: Iterable[Action], now: float) -> None:
        """Carries out what a server behaviour wants, also when the program around us asked it."""
        for action in actions:
            match action:
                case Put(key, value):
                    provider.put(provider.use_case.point(key), value)
                case Beat():
                    self.heartbeats.beat_now(provider.entity.path, now)
                case Report(name, data):
                    path = provider.entity.path
                    self._events.append(Reported(None, provider.use_case, path, name, data))
                case Write(key):
                    raise LocalProtocolError(f"a server cannot write {key} to a peer")

    # --- announcing ----------------------------------------------------------------------------------------

    def _hold_client_points(
        self, use_case: UseCase, entity: LocalEntity, wanted: Entity, now: float
    ) -> None:
        shelf = Shelf(self.device, entity)
        for point in use_case.client_points:
            point.describe(shelf)
            if isinstance(point, StatePoint):
                point.publish(shelf, NORMAL_OPERATION)
            if isinstance(point, HeartbeatPoint):
                timeout_s = wanted.heartbeat_timeout_s or use_case.heartbeat_timeout_s or 60.0
                self.heartbeats.start(entity, timeout_s, now)

    def _announced(self) -> list[LocalUseCase]:
        return [
            LocalUseCase(
                entity.path,
                actor,
                use_case.name,
                use_case.version,
                use_case.sub_revision,
                scenarios,
            )
            for use_case, entity, actor, scenarios in self._sides()
        ]

    def _sides(self) -> Iterable[tuple[UseCase, LocalEntity, str, tuple[int, ...]]]:
        for use_case, entity in self.clients.items():
            for actor in use_case.clients:
                yield use_case, entity, actor.name, use_case.client_numbers(actor)
        for provider in self.providers:
            use_case = provider.use_case
            yield use_case, provider.entity, use_case.server.name, provider.scenarios


def _written(ski: str, asked: Asked, answer: Answer, counter: int | None) -> Written:
    return Written(ski, asked.provider, asked.point, asked.value, answer, counter)


def _due(behaviour: Behaviour, now: float) -> bool:
    deadline = behaviour.next_deadline()
    return deadline is not None and deadline <= now
