"""What a use case is made of: actors, scenarios and typed points.

A point is a two-way lens between one domain value and its place in SPINE. The client locates it in a peer's
descriptions, reads it and turns a wish into a change; the server describes it, publishes it and reads what a peer
asks for. Everything else – features, announcement, matching, documents – follows from these definitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from eebus_gw.errors import LocalProtocolError
from eebus_gw.spine.datagram import Filter
from eebus_gw.spine.remote import EntityPath
from eebus_gw.vocabulary.functions import ListFunction, ValueFunction, View
from eebus_gw.vocabulary.values import Reading

if TYPE_CHECKING:
    from eebus_gw.vocabulary.behaviour import Behaviour
    from eebus_gw.vocabulary.shelf import Shelf
    from eebus_gw.wire.fold import Structure

T = TypeVar("T")
Function = ListFunction[Any] | ValueFunction[Any]
Keys = frozenset[tuple[object, ...]]


class Support(StrEnum):
    """How a use case document wants a scenario supported."""

    MANDATORY = "M"
    RECOMMENDED = "R"
    OPTIONAL = "O"
    NONE = "–"


@dataclass(frozen=True, slots=True)
class Use:
    """A function a point needs at the server; descriptions are where identifiers come from."""

    function: Function
    write: bool = False
    description: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What a client writes: entries with identifiers and the elements to change, and elements to delete first."""

    function: Function
    entries: Sequence[Structure]
    """Of a function that is no list: the one new value, which is written whole."""
    deletes: Sequence[Filter] = ()


class Point(Generic[T]):
    """One value of a use case. Points are compared by identity and hold no state."""

    uses: tuple[Use, ...] = ()

    def __init__(self, key: str, unit: str | None = None, *, writable: bool = False) -> None:
        self.key = key
        self.unit = unit
        self.writable = writable

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key}>"

    def locate(self, view: View) -> Any:
        """Where the value lives in ``view``; ``None`` if the entity does not describe it."""
        raise NotImplementedError

    def read(self, view: View, place: Any) -> Reading[T] | None:
        """The present value, ``None`` while it is not known."""
        raise NotImplementedError

    def describe(self, shelf: Shelf) -> None:
        """Server: publishes descriptions (and flags) of the point on an entity of ours."""
        raise NotImplementedError

    def publish(self, shelf: Shelf, value: T) -> None:
        """Server: publishes a value; subscribers are told of what changed."""
        raise NotImplementedError

    def change(self, view: View, place: Any, value: T) -> Change:
        """Client: the write that asks the server for ``value``."""
        raise LocalProtocolError(f"{self.key} cannot be written")

    def asked(self, view: View, fragment: View, place: Any) -> Reading[T] | None:
        """Server: what a peer asks for; ``view`` is the data after the write, ``fragment`` what the write states."""
        return self.read(view, place)

    def owns(self, place: Any, function: str) -> Keys:
        """Server: the entries of ``function`` that a peer writes to ask for this point."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """A role in a use case; ``also`` lists other spellings and actors that partners announce instead."""

    name: str
    entities: tuple[str, ...]
    also: tuple[str, ...] = ()
    scenarios: tuple[int, ...] | None = None
    """Scenarios of this actor where several share the client side; ``None`` stands for all."""

    def accepts(self, announced: str) -> bool:
        """Whether a partner that announces ``announced`` plays this role."""
        return announced == self.name or announced in self.also


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario: what the server holds (``points``) and what the client has to hold (``client_points``)."""

    number: int
    name: str
    points: tuple[Point[Any], ...] = ()
    client_points: tuple[Point[Any], ...] = ()
    client: Support = Support.MANDATORY
    server: Support = Support.MANDATORY

    def features(self) -> dict[str, set[str]]:
        """Server features and the functions of each that the scenario cannot do without."""
        needed: dict[str, set[str]] = {}
        for point in self.points:
            for use in point.uses:
                if use.required:
                    needed.setdefault(use.function.feature, set()).add(use.function.name)
        return needed


@dataclass(frozen=True, eq=False)
class UseCase:
    """One use case as its document defines it, read from both ends."""

    code: str
    name: str
    title: str
    version: str
    sub_revision: str
    clients: tuple[Actor, ...]
    server: Actor
    scenarios: tuple[Scenario, ...]
    client_behaviour: type[Behaviour] | None = None
    server_behaviour: type[Behaviour] | None = None
    heartbeat_timeout_s: float | None = None
    """Announced time-out of the client's (and, where a scenario says so, the server's) heartbeat."""
    _points: dict[str, Point[Any]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for scenario in self.scenarios:
            for point in scenario.points:
                self._points[point.key] = point

    @property
    def points(self) -> tuple[Point[Any], ...]:
        """Every point of the server side, in the order of the scenarios."""
        return tuple(self._points.values())

    @property
    def client_points(self) -> tuple[Point[Any], ...]:
        """Every point that the client side has to hold."""
        return tuple({p.key: p for s in self.scenarios for p in s.client_points}.values())

    def point(self, key: str) -> Point[Any]:
        """The point with this key; raises ``KeyError``."""
        return self._points[key]

    def server_numbers(self) -> tuple[int, ...]:
        """Scenario numbers a complete server announces."""
        return tuple(s.number for s in self.scenarios if s.server is not Support.NONE)

    def client_numbers(self, actor: Actor) -> tuple[int, ...]:
        """Scenario numbers a complete client announces as ``actor``."""
        return tuple(
            s.number
            for s in self.scenarios
            if s.client is not Support.NONE
            and (actor.scenarios is None or s.number in actor.scenarios)
        )

    def for_device(self, address: str | None) -> UseCase:
        """The use case as the device with this SPINE address reads it; points keep their keys."""
        return self

    def __repr__(self) -> str:
        return f"<UseCase {self.code}>"


__all__ = [
    "Actor",
    "Change",
    "EntityPath",
    "Function",
    "Keys",
    "Point",
    "Scenario",
    "Support",
    "Use",
    "UseCase",
    "View",
]
