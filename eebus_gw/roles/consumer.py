"""The client side of one use case towards one remote entity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from eebus_gw.errors import DatagramError, NotOffered, NotReady
from eebus_gw.roles.matching import Match
from eebus_gw.spine.datagram import Filter
from eebus_gw.spine.local import LocalEntity
from eebus_gw.spine.merge import merge
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.remote import EntityPath, RemoteEntity
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.behaviour import Behaviour
from eebus_gw.vocabulary.definition import Change, Point, UseCase
from eebus_gw.vocabulary.functions import ValueFunction
from eebus_gw.vocabulary.values import Reading
from eebus_gw.wire.fold import Structure

GONE: Final[Reading[Any]] = Reading(None)
"""Instead of a value that the peer does not have any more."""


class Consumer:
    """Keeps the readings of one use case and turns wishes into writes."""

    def __init__(self, match: Match, local: LocalEntity, session: Session) -> None:
        self.use_case: UseCase = match.use_case
        self.entity: RemoteEntity = match.entity
        self.scenarios = match.scenarios
        self.local = local
        self.session = session
        self.readings: dict[str, Reading[Any]] = {}
        self.started = False
        """Whether the first reads came to their end, which a behaviour waits for."""
        self.behaviour: Behaviour | None = (
            self.use_case.client_behaviour() if self.use_case.client_behaviour else None
        )
        self.points = tuple(
            point
            for scenario in self.use_case.scenarios
            if scenario.number in self.scenarios
            for point in scenario.points
        )
        reading = self.use_case.for_device(session.remote.address)
        self._lenses = {point.key: reading.point(point.key) for point in self.points}
        """The points as this device spells them."""
        self._places: dict[str, Any] = {}
        self._concerned = _by_function(self.points, self._lenses)

    @property
    def key(self) -> tuple[str, EntityPath]:
        """Identifies the consumer within one peer."""
        return (self.use_case.code, self.entity.path)

    def functions(self) -> Iterator[tuple[str, str, bool]]:
        """Feature, function and whether it is written, descriptions first."""
        uses = [use for lens in self._lenses.values() for use in lens.uses]
        for use in sorted(uses, key=lambda use: not use.description):
            yield use.function.feature, use.function.name, use.write

    def places(self, point: Point[Any]) -> Iterator[tuple[EntityPath, int, str]]:
        """Where the values of a point are read: entity, feature and function."""
        for use in self._lenses[point.key].uses if point.key in self._lenses else ():
            feature = self.entity.server(use.function.feature, use.function.name)
            if feature is not None and not use.description:
                yield feature.entity, feature.number, use.function.name

    def offers(self, point: Point[Any]) -> bool:
        """Whether the peer describes the point at all."""
        lens = self._lenses.get(point.key)
        return lens is not None and self._place(lens) is not None

    def update(self, function: str) -> list[tuple[Point[Any], Reading[Any]]]:
        """Readings that are new because data of ``function`` changed; one that the peer took away is ``GONE``."""
        news = []
        for point, lens, described in self._concerned.get(function, ()):
            if described:
                self._places.pop(point.key, None)
            reading = self._read(lens)
            known = self.readings.get(point.key)
            if reading is None and known is not None:
                del self.readings[point.key]
                news.append((point, GONE))
            elif reading is not None and reading != known:
                self.readings[point.key] = reading
                news.append((point, reading))
        return news

    def write(self, point: Point[Any], value: Any, now: float) -> int:
        """Asks the peer for ``value``; the token comes back with ``Answered``.

        Raises ``NotOffered``, or ``NotReady`` where what the peer describes cannot be used.
        """
        lens = self._lenses.get(point.key)
        place = self._place(lens) if lens is not None else None
        if lens is None or place is None:
            raise NotOffered(
                f"{self.use_case.name}: {point.key} is not described by the peer",
                hint="see `inspect` for what the peer offers",
            )
        change = lens.change(self.entity, place, value)
        if not change.entries:
            raise NotOffered(
                f"{self.use_case.name}: the peer has {point.key} in another form only",
                hint="see `inspect` for what the peer offers",
            )
        function = change.function.name
        feature = self.entity.server(change.function.feature, function)
        operations = self.entity.operations(change.function.feature, function)
        if feature is None or operations is None or not operations.write:
            raise NotOffered(f"{self.use_case.name}: the peer does not permit writing {function}")
        client = self.local.feature(change.function.feature, "client")
        try:
            data, filters = self._command(change, partial=operations.write_partial)
        except DatagramError as error:
            raise NotReady(
                f"{self.use_case.name}: {function} of the peer is contradictory: {error}"
            ) from error
        self.session.bind(client, feature, now)
        return self.session.write(client, feature, function, data, filters, now)

    def read_again(self, point: Point[Any], now: float) -> None:
        """Reads what a write of ``point`` was about, because its outcome is not certain."""
        for use in self._lenses[point.key].uses:
            feature = self.entity.server(use.function.feature, use.function.name)
            if use.write and feature is not None:
                client = self.local.feature(use.function.feature, "client")
                self.session.read(client, feature, use.function.name, now)

    def _command(self, change: Change, *, partial: bool) -> tuple[Structure, list[Filter]]:
        if isinstance(change.function, ValueFunction):
            return change.entries[0], []
        definition = FUNCTIONS[change.function.name]
        data = definition.data_type(**{change.function.field: list(change.entries)})
        filters = [*change.deletes, Filter(partial=True)]
        if partial:
            return data, filters
        # Peers without partial write get the complete list with the change applied.
        stored = self.entity.data(change.function.feature, change.function.name)
        return merge(definition, stored, data, filters).data, []

    def _read(self, lens: Point[Any]) -> Reading[Any] | None:
        place = self._place(lens)
        return lens.read(self.entity, place) if place is not None else None

    def _place(self, lens: Point[Any]) -> Any:
        if lens.key in self._places:
            return self._places[lens.key]
        place = lens.locate(self.entity)
        if any(use.description for use in lens.uses):
            # Only a new description can move it; other values describe themselves.
            self._places[lens.key] = place
        return place


_Concerned = Mapping[str, Sequence[tuple[Point[Any], Point[Any], bool]]]


def _by_function(points: Sequence[Point[Any]], lenses: Mapping[str, Point[Any]]) -> _Concerned:
    """Which points a function concerns, with their lenses, and whether it describes them."""
    found: dict[str, list[tuple[Point[Any], Point[Any], bool]]] = {}
    for point in points:
        lens = lenses[point.key]
        described = {use.function.name: use.description for use in reversed(lens.uses)}
        for function, description in described.items():
            found.setdefault(function, []).append((point, lens, description))
    return found
