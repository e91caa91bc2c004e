"""What this device does as a client, towards all its peers: one ``Partner`` a connection, writes and their ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from eebus_gw.errors import NotConnected, NotReady
from eebus_gw.roles.consulting import actions_of
from eebus_gw.roles.consumer import GONE, Consumer
from eebus_gw.roles.events import (
    EntityChanged,
    Reported,
    RoleEvent,
    Update,
    UseCasesMatched,
    WriteDone,
)
from eebus_gw.roles.partner import News, Partner
from eebus_gw.roles.timers import Timers
from eebus_gw.spine import events as spine
from eebus_gw.spine.error_numbers import TIMEOUT, UNSUPPORTED
from eebus_gw.spine.heartbeat import Heartbeats
from eebus_gw.spine.local import LocalDevice, LocalEntity
from eebus_gw.spine.relations import Kind
from eebus_gw.spine.remote import EntityPath
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.behaviour import Action, Answer, Beat, Behaviour, Report, Write
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.functions import HEARTBEAT

_Token = tuple[str, int]


class ClientSide:
    """The consumers of every connected peer."""

    def __init__(
        self, device: LocalDevice, heartbeats: Heartbeats, tell: Callable[[RoleEvent], None]
    ) -> None:
        self.use_cases: dict[UseCase, LocalEntity] = {}
        """What we are the client of, and on which entity of ours."""
        self.partners: dict[str, Partner] = {}
        self._device = device
        self._heartbeats = heartbeats
        self._tell = tell
        self._writes: dict[_Token, tuple[Consumer, Point[Any], Any]] = {}
        self._timers = Timers()

    # --- what the program around us asks for

    def consumer(self, ski: str, use_case: UseCase, entity: EntityPath | None) -> Consumer:
        """Raises ``NotConnected`` or ``NotReady`` with the reason."""
        partner = self.partners.get(ski)
        if partner is None:
            raise NotConnected("the device is not connected", hint="it is dialled again by itself")
        return partner.need(use_case, entity)

    def write(self, ski: str, consumer: Consumer, point: Point[Any], value: Any, now: float) -> int:
        """Writes at once; the end is told as ``WriteDone``. Raises ``NotReady``."""
        token = consumer.write(point, value, now)
        self._writes[(ski, token)] = (consumer, point, value)
        self._device.touched.add(ski)
        return token

    def wish(self, ski: str, consumer: Consumer, point: Point[Any], value: Any, now: float) -> None:
        """Hands a wish to the behaviour of a use case that has one."""
        if consumer.behaviour is not None:
            self._consult(ski, consumer, now, consumer.behaviour.on_wish, point.key, value)

    # --- connections

    def link_up(self, ski: str, session: Session) -> None:
        """Nothing is remembered of an earlier connection."""
        self.partners[ski] = Partner(session, self.use_cases)

    def link_down(self, ski: str, now: float) -> None:
        """Writes end without an answer, behaviours learn that their partner is lost."""
        partner = self.partners.pop(ski, None)
        if partner is None:
            return
        for token in [token for token in self._writes if token[0] == ski]:
            self._write_done(token, TIMEOUT, "the connection was lost")
        for consumer, behaviour in _behaving(partner):
            self._consult(ski, consumer, now, behaviour.on_partner_lost)
        self._timers.drop(partner.consumers.values())

    # --- what a session reports

    def data_changed(
        self, ski: str, partner: Partner, event: spine.DataChanged, now: float
    ) -> None:
        """Tells the readings that are new."""
        for news in partner.data_changed(event.feature.entity, event.function):
            self._update(ski, news, now)

    def settled(self, ski: str, partner: Partner, now: float) -> None:
        """Entities and use cases are known, or changed."""
        settlement = partner.settle(now)
        self._timers.drop(settlement.ended)
        opened = tuple(consumer.key for consumer in settlement.opened)
        ended = tuple(consumer.key for consumer in settlement.ended)
        self._tell(UseCasesMatched(ski, opened, ended))
        for news in settlement.news:
            self._update(ski, news, now)
        self._start(ski, settlement.ready, now)

    def entity_removed(self, ski: str, partner: Partner, event: spine.EntityRemoved) -> None:
        """Ends the consumers of an entity that is gone."""
        ended = partner.entity_removed(event.entity)
        self._timers.drop(ended)
        self._tell(EntityChanged(ski, event.entity, False))
        if ended:
            self._tell(UseCasesMatched(ski, (), tuple(consumer.key for consumer in ended)))

    def answered(self, ski: str, partner: Partner, event: spine.Answered, now: float) -> None:
        """A request came to its end: perhaps a write, perhaps the last read a behaviour waits for."""
        written = self._write_done((ski, event.token), event.error_number, event.description)
        if written is not None:
            consumer, point = written
            if event.error_number and partner.runs(consumer):
                # Refused or unknown, the peer may have taken over some of it.
                consumer.read_again(point, now)
                self._device.touched.add(ski)
            if consumer.behaviour is not None and partner.runs(consumer):
                answer = Answer(not event.error_number, event.error_number, event.description)
                self._consult(ski, consumer, now, consumer.behaviour.on_written, point.key, answer)
        self._start(ski, partner.answered(event.token, event.error_number), now)

    def heartbeat(self, ski: str, partner: Partner, remote: EntityPath, now: float) -> None:
        """A sign of life of an entity we are the client of."""
        for consumer, behaviour in _behaving(partner):
            if consumer.entity.path == remote:
                self._consult(ski, consumer, now, behaviour.on_heartbeat)

    def heartbeat_subscribed(self, ski: str, local: LocalEntity, now: float) -> None:
        """A peer listens to the heartbeat of an entity of ours."""
        partner = self.partners.get(ski)
        for consumer, behaviour in _behaving(partner) if partner is not None else ():
            if consumer.local is local:
                self._consult(ski, consumer, now, behaviour.on_heartbeat_subscribed)

    # --- time

    def handle_timer(self, now: float) -> None:
        """Handles the deadlines of behaviours that passed."""
        for consumer in self._timers.due(now):
            if consumer.behaviour is not None:
                self._consult(consumer.session.peer, consumer, now, consumer.behaviour.handle_timer)

    def next_deadline(self) -> float | None:
        """When the first behaviour wants to be called."""
        return self._timers.earliest()

    # --- behaviours

    def _start(self, ski: str, ready: Iterable[Consumer], now: float) -> None:
        """First answers are there: behaviours begin, and learn what is known already."""
        for consumer in ready:
            consumer.started = True
            behaviour = consumer.behaviour
            if behaviour is None:
                continue
            self._consult(ski, consumer, now, behaviour.start)
            if self._listens(ski, consumer.local):
                self._consult(ski, consumer, now, behaviour.on_heartbeat_subscribed)
            for key, reading in list(consumer.readings.items()):
                self._consult(ski, consumer, now, behaviour.on_update, key, reading.value)

    def _update(self, ski: str, news: News, now: float) -> None:
        consumer, reading = news.consumer, news.reading
        self._tell(Update(ski, consumer, news.point, reading))
        if consumer.behaviour is not None and consumer.started and reading is not GONE:
            on_update = consumer.behaviour.on_update
            self._consult(ski, consumer, now, on_update, news.point.key, reading.value)

    def _consult(
        self,
        ski: str,
        consumer: Consumer,
        now: float,
        call: Callable[..., list[Action]],
        *arguments: Any,
    ) -> None:
        actions = actions_of(call, *arguments, now)
        self._timers.look(consumer)
        for action in actions:
            match action:
                case Write(key, value):
                    self._try_to_write(ski, consumer, key, value, now)
                case Beat():
                    self._heartbeats.beat_now(consumer.local.path, now, only=ski)
                case Report(name, data):
                    path = consumer.entity.path
                    self._tell(Reported(ski, consumer.use_case, path, name, data))

    def _try_to_write(self, ski: str, consumer: Consumer, key: str, value: Any, now: float) -> None:
        """What cannot be written ends like a refusal, so that the behaviour tries again in its own time."""
        try:
            self.write(ski, consumer, consumer.use_case.point(key), value, now)
        except NotReady as error:
            data = {"key": key, "text": str(error)}
            path = consumer.entity.path
            self._tell(Reported(ski, consumer.use_case, path, "write_impossible", data))
            if consumer.behaviour is not None:
                answer = Answer(False, UNSUPPORTED, str(error))
                self._consult(ski, consumer, now, consumer.behaviour.on_written, key, answer)

    def _listens(self, ski: str, local: LocalEntity) -> bool:
        """Whether the peer subscribed the heartbeat of an entity of ours, perhaps before it was matched."""
        feature = local.server(HEARTBEAT.feature)
        return feature is not None and any(
            (relation.server.entity, relation.server.feature) == (local.path, feature.number)
            for relation in self._device.relations.of_peer(Kind.SUBSCRIPTION, ski)
        )

    def _write_done(
        self, token: _Token, error_number: int, text: str
    ) -> tuple[Consumer, Point[Any]] | None:
        """Tells the end of a write of ours; other requests are nobody's business."""
        written = self._writes.pop(token, None)
        if written is None:
            return None
        consumer, point, value = written
        self._tell(WriteDone(*token, error_number, text, consumer.use_case, point, value))
        return consumer, point


def _behaving(partner: Partner) -> list[tuple[Consumer, Behaviour]]:
    return [
        (consumer, consumer.behaviour)
        for consumer in partner.consumers.values()
        if consumer.behaviour is not None and consumer.started
    ]
