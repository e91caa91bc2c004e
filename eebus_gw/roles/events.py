"""What the use cases of a node tell the program around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eebus_gw.roles.consumer import Consumer
from eebus_gw.roles.provider import Provider
from eebus_gw.spine.remote import EntityPath, RemoteEntity
from eebus_gw.vocabulary.behaviour import Answer
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.values import Reading


@dataclass(frozen=True, slots=True)
class Update:
    """A peer published a new reading."""

    ski: str
    consumer: Consumer
    point: Point[Any]
    reading: Reading[Any]


@dataclass(frozen=True, slots=True)
class WriteDone:
    """The end of a write of ours: ``error_number`` 0 is success, 2 stands for no answer in time."""

    ski: str
    token: int
    error_number: int
    text: str
    use_case: UseCase
    point: Point[Any]
    value: Any


@dataclass(frozen=True, slots=True)
class Written:
    """A peer asked one of our use cases for ``value``; ``answer`` is what it got."""

    ski: str
    provider: Provider
    point: Point[Any]
    value: Any
    answer: Answer
    counter: int | None = None


@dataclass(frozen=True, slots=True)
class EntityChanged:
    """An entity of a peer came or went; of type ``EV`` it is a car that was plugged or unplugged."""

    ski: str
    entity: RemoteEntity
    present: bool


@dataclass(frozen=True, slots=True)
class UseCasesMatched:
    """The use cases that work with a peer are known, or changed."""

    ski: str
    opened: tuple[tuple[str, EntityPath], ...]
    ended: tuple[tuple[str, EntityPath], ...]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life of an entity of a peer."""

    ski: str
    entity: EntityPath
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class GuardChanged:
    """A peer took or lost the right to steer an entity of ours."""

    ski: str
    entity: EntityPath
    guard: EntityPath
    present: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """A behaviour reports, for instance a change of state."""

    ski: str | None
    use_case: UseCase
    entity: EntityPath
    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PeerMute:
    """A connected peer leaves everything unanswered."""

    ski: str
    waited_s: float


RoleEvent = (
    Update
    | WriteDone
    | Written
    | EntityChanged
    | UseCasesMatched
    | Heartbeat
    | GuardChanged
    | Reported
    | PeerMute
)
