"""Which use cases the messages of a record belong to.

Both devices of a dialogue are followed as they describe themselves: entities, announced use cases, descriptions. A
message is named at the end of the dialogue, because what a number means is often described after it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from eebus_gw.errors import DatagramError
from eebus_gw.roles.matching import Match, match
from eebus_gw.spine import discovery
from eebus_gw.spine.address import EntityAddress
from eebus_gw.spine.datagram import Command, Datagram
from eebus_gw.spine.merge import merge
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.model.node_management import (
    NodeManagementBindingRequestCallType,
    NodeManagementDetailedDiscoveryDataType,
    NodeManagementSubscriptionRequestCallType,
    NodeManagementUseCaseDataType,
)
from eebus_gw.spine.remote import RemoteDevice, RemoteEntity
from eebus_gw.vocabulary.definition import Point, Scenario, Use, UseCase
from eebus_gw.wire.fold import Structure

_FROM_OWNER = ("reply", "notify")
_ASKING = ("read", "call")


@dataclass(frozen=True, slots=True)
class Part:
    """A use case that a message belongs to."""

    code: str
    points: tuple[str, ...] = ()
    """What of it the message is about, where it carries values."""
    certain: bool = True
    """False where the record does not describe the devices, so that only the function speaks for it."""


@dataclass(slots=True)
class _Side:
    """One device of a dialogue, and the use cases that could be used with each of its entities."""

    device: RemoteDevice = field(default_factory=RemoteDevice)
    matches: dict[RemoteEntity, dict[str, Match]] = field(default_factory=dict)
    places: dict[tuple[RemoteEntity, Point[Any]], Any] = field(default_factory=dict)

    def match(self, use_cases: Iterable[UseCase]) -> None:
        """Entities come and go with the car; what was usable once explains the messages of that time."""
        for found in match(use_cases, self.device):
            known = self.matches.setdefault(found.entity, {})
            before = known.get(found.use_case.code)
            scenarios = found.scenarios | (before.scenarios if before is not None else frozenset())
            known[found.use_case.code] = Match(found.use_case, found.entity, scenarios)

    def place(self, entity: RemoteEntity, lens: Point[Any]) -> Any:
        """Where a point lives by all that the entity described."""
        key = (entity, lens)
        if key not in self.places:
            self.places[key] = lens.locate(entity)
        return self.places[key]


@dataclass(frozen=True, slots=True)
class Mention:
    """A message whose use cases are asked for: whose data it is about, and which."""

    sender: str
    by_owner: bool
    """Whether the sender holds the data; otherwise it is the other device."""
    path: EntityAddress
    entity: RemoteEntity | None
    """The entity at ``path`` while the message was sent, if it was known."""
    partner: EntityAddress
    asking: bool
    """Whether it carries no values."""
    write: bool
    function: str = ""
    feature: str = ""
    """Instead of a function, for subscriptions and bindings."""
    data: Structure | None = None

    def concerns(self, use: Use) -> bool:
        """Whether a point that uses this may be meant."""
        if self.write and not use.write:
            return False
        return self.function == use.function.name or self.feature == use.function.feature


@dataclass(frozen=True, slots=True)
class _Fragment:
    """An entity whose data of one function is only what a message carries."""

    entity: RemoteEntity
    function: str
    stated: Structure

    def data(self, feature_type: str, function: str) -> Structure | None:
        if function == self.function:
            return self.stated
        return self.entity.data(feature_type, function)


class Attribution:
    """Follows one dialogue and names the use cases of its messages."""

    def __init__(self, use_cases: Iterable[UseCase]) -> None:
        self._use_cases = tuple(use_cases)
        self._sides: dict[str, _Side] = {}

    def follow(self, sender: str, datagram: Datagram) -> list[Mention]:
        """Takes over what the message says about its sender; what ``parts`` is to be asked at the end."""
        side = self._sides.setdefault(sender, _Side())
        mentions = []
        for command in datagram.commands:
            try:
                if datagram.header.classifier in _FROM_OWNER:
                    self._learn(side, datagram, command)
                mention = self._mention(sender, datagram, command)
            except DatagramError:
                continue
            mentions += [mention] if mention is not None else []
        return mentions

    def parts(self, mention: Mention) -> tuple[Part, ...]:
        """The use cases of a message, in the order of the catalogue; none where nothing speaks for one."""
        sender = self._sides[mention.sender]
        other = self._other(mention.sender)
        owner, partner = (sender, other) if mention.by_owner else (other, sender)
        if not owner.device.entities:
            return self._by_function(mention, owner, partner)
        entity = mention.entity or owner.device.entities.get(mention.path)
        if entity is None:
            return ()
        found: dict[str, tuple[str, ...]] = {}
        for use_case, points in self._candidates(mention, owner, partner, entity):
            keys = _meant(mention, owner, entity, points)
            if keys is not None:
                found[use_case.code] = tuple(dict.fromkeys((*found.get(use_case.code, ()), *keys)))
        order = [use_case.code for use_case in self._use_cases]
        return tuple(Part(code, found[code]) for code in sorted(found, key=order.index))

    # --- following

    def _learn(self, side: _Side, datagram: Datagram, command: Command) -> None:
        partial = any(part.partial for part in command.filters)
        match data := command.data:
            case NodeManagementDetailedDiscoveryDataType():
                discovery.apply_discovery(side.device, data, partial=partial)
                side.match(self._use_cases)
            case NodeManagementUseCaseDataType():
                discovery.apply_use_cases(side.device, data, partial=partial)
                side.match(self._use_cases)
            case _ if command.known:
                source = datagram.header.source
                feature = side.device.feature(source.entity, source.feature)
                if feature is not None:
                    before = feature.data.get(command.function)
                    after = merge(FUNCTIONS[command.function], before, data, command.filters)
                    feature.data[command.function] = after.data

    def _mention(self, sender: str, datagram: Datagram, command: Command) -> Mention | None:
        header, data = datagram.header, command.data
        by_owner = header.classifier in _FROM_OWNER
        path, partner = header.destination.entity, header.source.entity
        if by_owner:
            path, partner = partner, path
        function, feature = command.function, ""
        write = header.classifier == "write"
        match data:
            case NodeManagementSubscriptionRequestCallType(subscription_request=request):
                pass
            case NodeManagementBindingRequestCallType(binding_request=request):
                write = True
            case _:
                request = None
        if header.classifier == "call":
            if request is None or request.server_address is None or not request.server_feature_type:
                return None
            function, feature = "", request.server_feature_type
            path = tuple(request.server_address.entity or ())
            if request.client_address is not None:
                partner = tuple(request.client_address.entity or ())
        owner = self._sides[sender] if by_owner else self._other(sender)
        entity = owner.device.entities.get(path)
        asking = header.classifier in _ASKING
        return Mention(
            sender, by_owner, path, entity, partner, asking, write, function, feature, data
        )

    def _other(self, sender: str) -> _Side:
        others = (side for name, side in self._sides.items() if name != sender)
        return next(others, _Side())

    # --- naming

    def _candidates(
        self, mention: Mention, owner: _Side, partner: _Side, entity: RemoteEntity
    ) -> Iterator[tuple[UseCase, list[Point[Any]]]]:
        """Use cases with those of their points the function is for: as the server's data, and as the client's."""
        served = list(owner.matches.get(entity, {}).values())
        for found in _played(served, client=partner):
            reading = found.use_case.for_device(owner.device.address)
            keys = [point.key for s in _scenarios(found) for point in s.points]
            yield found.use_case, _concerned(mention, map(reading.point, keys))
        used = [one for matches in partner.matches.values() for one in matches.values()]
        here = [one for one in used if one.entity.path == mention.partner]
        for found in _played(here or used, client=owner):
            points = (point for s in _scenarios(found) for point in s.client_points)
            yield found.use_case, _concerned(mention, points)

    def _by_function(self, mention: Mention, owner: _Side, partner: _Side) -> tuple[Part, ...]:
        fitting = [
            use_case
            for use_case in self._use_cases
            if _concerned(mention, (*use_case.points, *use_case.client_points))
        ]
        announced = {one.name.lower() for side in (owner, partner) for one in side.device.use_cases}
        told = [use_case for use_case in fitting if use_case.name.lower() in announced]
        return tuple(Part(use_case.code, certain=False) for use_case in told or fitting)


def _scenarios(found: Match) -> Iterator[Scenario]:
    return (one for one in found.use_case.scenarios if one.number in found.scenarios)


def _concerned(mention: Mention, points: Iterable[Point[Any]]) -> list[Point[Any]]:
    return [point for point in points if any(map(mention.concerns, point.uses))]


def _played(matches: list[Match], client: _Side) -> list[Match]:
    """Those the client announces its part in; all where it announces none of them."""
    announced = client.device.use_cases
    played = [
        found
        for found in matches
        if any(
            one.name.lower() == found.use_case.name.lower()
            and any(actor.accepts(one.actor) for actor in found.use_case.clients)
            for one in announced
        )
    ]
    return played or matches


def _meant(
    mention: Mention, owner: _Side, entity: RemoteEntity, points: list[Point[Any]]
) -> tuple[str, ...] | None:
    """Which of the points a message is about; ``None`` if it is about none of them."""
    stated = mention.data
    if not points:
        return None
    if mention.asking or stated is None:
        return ()
    fragment = _Fragment(entity, mention.function, stated)
    if all(_described(mention.function, point) for point in points):
        return () if any(point.locate(fragment) is not None for point in points) else None
    found = []
    for point in points:
        place = owner.place(entity, point)
        if place is None:
            place = point.locate(fragment)
        if place is not None and point.read(fragment, place) is not None:
            found.append(point.key)
    return tuple(found) or None


def _described(function: str, point: Point[Any]) -> bool:
    return any(use.description and use.function.name == function for use in point.uses)
