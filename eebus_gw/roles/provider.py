"""The server side of one use case on one local entity."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from eebus_gw.roles.consulting import decision_of, foreseen
from eebus_gw.spine.events import WriteRequested
from eebus_gw.spine.local import LocalDevice, LocalEntity
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.vocabulary.behaviour import ACCEPTED, Action, Answer, Behaviour, refused
from eebus_gw.vocabulary.definition import Keys, Point, UseCase
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import Reading
from eebus_gw.wire.fold import Structure

UNREADABLE = refused("the value cannot be read")

Decide = Callable[[Point[Any], Any], Answer]


def accept_everything(point: Point[Any], value: Any) -> Answer:
    """The decision of a program that has no objections of its own."""
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class Asked:
    """What a write asks of one provider, and its decision."""

    provider: Provider
    point: Point[Any]
    value: Any
    answer: Answer
    actions: tuple[Action, ...] = ()


class Provider:
    """Publishes values and judges what peers write; ``decide`` is the say of the program around us."""

    def __init__(
        self,
        use_case: UseCase,
        device: LocalDevice,
        entity: LocalEntity,
        *,
        scenarios: Iterable[int] | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        self.use_case = use_case
        self.entity = entity
        self.scenarios = tuple(scenarios or use_case.server_numbers())
        self.behaviour = behaviour
        self.decide: Decide = accept_everything
        self.points = tuple(
            point
            for scenario in use_case.scenarios
            if scenario.number in self.scenarios
            for point in scenario.points
        )
        self._shelf = Shelf(device, entity)
        for point in self.points:
            point.describe(self._shelf)

    def put(self, point: Point[Any], value: Any) -> None:
        """Publishes a value."""
        point.publish(self._shelf, value)

    def get(self, point: Point[Any]) -> Reading[Any] | None:
        """The value as it is published now."""
        place = point.locate(self._shelf)
        return point.read(self._shelf, place) if place is not None else None

    def renew(self, function: str, now: float) -> None:
        """A peer is about to read: publishes what changes by itself, like the time that remains of a limit."""
        if self.behaviour is None:
            return
        for point in self.owned(function):
            value = self.behaviour.stated(point.key, now)
            if value is not None:
                self.put(point, value)

    def owned(self, function: str) -> dict[Point[Any], Keys]:
        """The entries of a function that belong to each writable point of this use case."""
        found = {}
        for point in self.points:
            place = point.locate(self._shelf) if point.writable else None
            if place is not None and (keys := point.owns(place, function)):
                found[point] = keys
        return found

    def judge(self, point: Point[Any], event: WriteRequested, now: float) -> Asked:
        """The decision on what a write asks of ``point``."""
        reading = self._asked(point, event)
        if reading is None:
            return Asked(self, point, None, UNREADABLE)
        value = reading.value
        answer, actions = ACCEPTED, list[Action]()
        if self.behaviour is not None:
            answer, actions = decision_of(self.behaviour.on_write, point.key, value, now)
        if answer.accepted:
            answer = self.decide(point, value)
        return Asked(self, point, value, answer, tuple(actions))

    def foresee(self, point: Point[Any], event: WriteRequested, now: float) -> Answer:
        """What the use case is going to decide, without any effect."""
        reading = self._asked(point, event)
        if reading is None:
            return UNREADABLE
        if self.behaviour is None:
            return ACCEPTED
        return foreseen(self.behaviour.foresee, point.key, reading.value, now)

    def spare(self, point: Point[Any], event: WriteRequested, refusal: Answer) -> Asked:
        """Nothing comes of what a write asks of ``point``: another part of it is refused."""
        reading = self._asked(point, event)
        return Asked(self, point, reading.value if reading is not None else None, refusal)

    def _asked(self, point: Point[Any], event: WriteRequested) -> Reading[Any] | None:
        function = event.command.function
        view = _Overlay(self.entity, function, event.candidate)
        fragment = _Overlay(None, function, event.command.data)
        return point.asked(view, fragment, point.locate(self._shelf))


def judge_write(providers: Iterable[Provider], event: WriteRequested, now: float) -> list[Asked]:
    """The decisions of all use cases a write concerns; empty if it changes an entry of none of them.

    A write takes effect as a whole or not at all (SPINE 5.3.4.2): with a refusal in sight, nobody else is asked.
    """
    concerned: list[tuple[Provider, Point[Any]]] = []
    foreign = _changed(event)
    for provider in providers:
        for point, keys in provider.owned(event.command.function).items():
            if keys & event.keys:
                foreign -= keys
                concerned.append((provider, point))
    if foreign:
        return []
    if len(concerned) == 1:
        return [provider.judge(point, event, now) for provider, point in concerned]
    answers = [provider.foresee(point, event, now) for provider, point in concerned]
    refusal = next((answer for answer in answers if not answer.accepted), None)
    return [
        provider.spare(point, event, refusal)
        if refusal is not None and answer.accepted
        else provider.judge(point, event, now)
        for (provider, point), answer in zip(concerned, answers, strict=True)
    ]


def _changed(event: WriteRequested) -> set[tuple[object, ...]]:
    """What a write really changes: clients without partial write copy foreign entries into it."""
    function = FUNCTIONS[event.command.function]
    if not function.keys:
        return set(event.keys)
    stored = event.feature.data.get(function.name)
    before = {function.key_of(entry): entry for entry in function.entries(stored)}
    after = {function.key_of(entry): entry for entry in function.entries(event.candidate)}
    return {key for key in event.keys if before.get(key) != after.get(key)}


class _Overlay:
    """An entity as it would be after a write; without ``entity``, the written data alone."""

    def __init__(
        self, entity: LocalEntity | None, function: str, written: Structure | None
    ) -> None:
        self._entity = entity
        self._function = function
        self._written = written

    def data(self, feature_type: str, function: str) -> Structure | None:
        if function == self._function:
            return self._written
        return self._entity.data(feature_type, function) if self._entity is not None else None
