"""Everything this node does as a client with one peer on one connection: matches, fetches, reads, writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eebus_gw.errors import NotReady
from eebus_gw.roles.consumer import Consumer
from eebus_gw.roles.matching import Match, Verdict, match, verdicts
from eebus_gw.spine.local import LocalEntity
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.remote import EntityPath, RemoteEntity
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.values import Reading


@dataclass(frozen=True, slots=True)
class News:
    """A reading of a peer that is new."""

    consumer: Consumer
    point: Point[Any]
    reading: Reading[Any]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a new matching brought: consumers, and readings they found in data that was known already."""

    opened: list[Consumer]
    ended: list[Consumer]
    news: list[News]
    ready: list[Consumer]
    """Those that have nothing to wait for."""


class Partner:
    """The client side towards one peer; made new with each connection."""

    def __init__(self, session: Session, clients: Mapping[UseCase, LocalEntity]) -> None:
        self.session = session
        self.consumers: dict[tuple[str, EntityPath], Consumer] = {}
        self._clients = clients
        self._verdicts: list[Verdict] | None = None
        self._fetched: dict[tuple[EntityPath, int, str], int] = {}
        self._unanswered: set[int] = set()
        self._refused: set[int] = set()
        """Reads that ended without data."""
        self._awaited: dict[Consumer, set[int]] = {}
        self._by_function: dict[tuple[EntityPath, str], list[Consumer]] = {}

    def verdicts(self) -> list[Verdict]:
        """What can be done with this peer, and why not the rest."""
        if self._verdicts is None:
            self._verdicts = verdicts(self._clients, self.session.remote)
        return self._verdicts

    def settle(self, now: float) -> Settlement:
        """Matches again after the peer's entities or use cases changed."""
        self._verdicts = None
        wanted = {m.key: m for m in match(self._clients, self.session.remote)}
        ended = [c for key, c in self.consumers.items() if self._outdated(c, wanted.get(key))]
        for consumer in ended:
            del self.consumers[consumer.key]
        opened = [self._open(wanted[key]) for key in wanted if key not in self.consumers]
        self._index()
        for consumer in self.consumers.values():
            self._fetch(consumer, now)
        news = [n for c in opened for n in self._known(c)]
        return Settlement(opened, ended, news, self._ready())

    def answered(self, token: int, error_number: int = 0) -> list[Consumer]:
        """A read came to its end; consumers for which it was the last one to wait for."""
        if token not in self._unanswered:
            return []
        self._unanswered.discard(token)
        if error_number and token in self._fetched.values():
            self._refused.add(token)
        return self._ready()

    def confirms(self, use_case: UseCase, point: Point[Any]) -> bool:
        """Whether the last reads of what a point's value is taken from were answered with data."""
        consumer = self.find(use_case)
        tokens = [] if consumer is None else [self._fetched.get(p) for p in consumer.places(point)]
        pending = self._unanswered | self._refused
        return bool(tokens) and all(t is not None and t not in pending for t in tokens)

    def runs(self, consumer: Consumer) -> bool:
        """Whether the consumer has not ended."""
        return self.consumers.get(consumer.key) is consumer

    def entity_removed(self, entity: RemoteEntity) -> list[Consumer]:
        """Ends what was running with an entity that is gone."""
        self._verdicts = None
        ended = [c for c in self.consumers.values() if c.entity is entity]
        for consumer in ended:
            del self.consumers[consumer.key]
        self._fetched = {f: t for f, t in self._fetched.items() if f[0] != entity.path}
        self._refused.intersection_update(self._fetched.values())
        self._index()
        return ended

    def refetch(self, now: float, use_case: UseCase | None = None) -> None:
        """Reads everything again, or all of one use case, for instance when the owner asks for it."""
        again = [c for c in self.consumers.values() if use_case in (None, c.use_case)]
        paths = {consumer.entity.path for consumer in again}
        functions = {name for consumer in again for _, name, _ in consumer.functions()}
        self._fetched = {
            place: token
            for place, token in self._fetched.items()
            if place[0] not in paths or place[2] not in functions
        }
        self._refused.intersection_update(self._fetched.values())
        for consumer in again:
            self._fetch(consumer, now)

    def data_changed(self, entity: EntityPath, function: str) -> list[News]:
        """Readings that are new because a function of an entity changed."""
        return [
            News(consumer, point, reading)
            for consumer in self._by_function.get((entity, function), ())
            for point, reading in consumer.update(function)
        ]

    def find(self, use_case: UseCase, entity: EntityPath | None = None) -> Consumer | None:
        """The consumer of a use case, at ``entity`` or at the first one that has it."""
        for (code, path), consumer in self.consumers.items():
            if code == use_case.code and entity in (None, path):
                return consumer
        return None

    def need(self, use_case: UseCase, entity: EntityPath | None = None) -> Consumer:
        """Like ``find``, but raises ``NotReady`` with the reason."""
        consumer = self.find(use_case, entity)
        if consumer is None:
            verdict = verdicts([use_case], self.session.remote)[0]
            raise NotReady(f"{use_case.name}: {verdict.why_not or 'not ready yet'}")
        return consumer

    def _outdated(self, consumer: Consumer, wanted: Match | None) -> bool:
        return (
            wanted is None
            or wanted.entity is not consumer.entity
            or wanted.scenarios != consumer.scenarios
        )

    def _ready(self) -> list[Consumer]:
        waiting = {c: tokens & self._unanswered for c, tokens in self._awaited.items()}
        self._awaited = {c: tokens for c, tokens in waiting.items() if tokens and self.runs(c)}
        return [c for c, tokens in waiting.items() if not tokens and self.runs(c)]

    def _open(self, found: Match) -> Consumer:
        consumer = Consumer(found, self._clients[found.use_case], self.session)
        self.consumers[consumer.key] = consumer
        self._awaited[consumer] = set()
        return consumer

    @staticmethod
    def _known(consumer: Consumer) -> list[News]:
        functions = dict.fromkeys(name for _, name, _ in consumer.functions())
        return [
            News(consumer, point, reading)
            for function in functions
            for point, reading in consumer.update(function)
        ]

    def _index(self) -> None:
        index: dict[tuple[EntityPath, str], list[Consumer]] = {}
        for consumer in self.consumers.values():
            for function in {name for _, name, _ in consumer.functions()}:
                index.setdefault((consumer.entity.path, function), []).append(consumer)
        self._by_function = index

    def _fetch(self, consumer: Consumer, now: float) -> None:
        """Subscribe first, so that no change is missed, then bind, then read."""
        functions = list(dict.fromkeys(consumer.functions()))
        self._subscribe(consumer, functions, now)
        for feature_type, function, write in functions:
            feature = consumer.entity.server(feature_type, function)
            if write and feature is not None:
                self.session.bind(consumer.local.feature(feature_type, "client"), feature, now)
        tokens = [self._read(consumer, kind, function, now) for kind, function, _ in functions]
        if consumer in self._awaited:
            self._awaited[consumer] |= {token for token in tokens if token is not None}

    def _subscribe(
        self, consumer: Consumer, functions: Sequence[tuple[str, str, bool]], now: float
    ) -> None:
        for feature_type, function, _ in functions:
            feature = consumer.entity.server(feature_type, function)
            if feature is not None:
                self.session.subscribe(consumer.local.feature(feature_type, "client"), feature, now)

    def _read(self, consumer: Consumer, feature_type: str, function: str, now: float) -> int | None:
        """Reads a function once per connection; the token of that read."""
        feature = consumer.entity.server(feature_type, function)
        if feature is None:
            return None
        place = (feature.entity, feature.number, function)
        if place in self._fetched:
            return self._fetched[place]
        operations = feature.operations.get(function)
        if operations is None and not _mandatory(consumer, function):
            return None
        client = consumer.local.feature(feature_type, "client")
        token = self._fetched[place] = self.session.read(client, feature, function, now)
        self._unanswered.add(token)
        return token


def _mandatory(consumer: Consumer, function: str) -> bool:
    """A function some devices answer although they do not announce it is read once."""
    return function in FUNCTIONS and any(
        use.required
        for point in consumer.points
        for use in point.uses
        if use.function.name == function
    )
