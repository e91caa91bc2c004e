"""What a SPINE session tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eebus_gw.errors import RemoteProtocolError

if TYPE_CHECKING:
    from eebus_gw.spine.address import FeatureAddress
    from eebus_gw.spine.datagram import Command
    from eebus_gw.spine.local import LocalFeature
    from eebus_gw.spine.remote import RemoteEntity, RemoteFeature
    from eebus_gw.wire.fold import Structure


class Event:
    """Base of the events of a session."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class EntityAdded(Event):
    """The peer announced an entity, for instance a car that was plugged in."""

    entity: RemoteEntity


@dataclass(frozen=True, slots=True)
class EntityRemoved(Event):
    """An entity of the peer is gone, with everything known about it."""

    entity: RemoteEntity


@dataclass(frozen=True, slots=True)
class Settled(Event):
    """Entities and use cases of the peer are known and quiet: the moment to match use cases (again)."""


@dataclass(frozen=True, slots=True)
class DataChanged(Event):
    """Data of a remote feature changed, or was received for the first time.

    ``keys`` names the list entries concerned; it is ``None`` for functions that are no lists.
    """

    feature: RemoteFeature
    function: str
    keys: frozenset[tuple[object, ...]] | None


@dataclass(frozen=True, slots=True)
class HeartbeatReceived(Event):
    """A sign of life of a remote entity; ``timeout_s`` is what it announces, if it does."""

    entity: RemoteEntity
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """A request of ours came to its end: ``error_number`` 0 is success, 2 stands for no answer in time."""

    token: int
    error_number: int
    description: str


@dataclass(frozen=True, slots=True)
class WriteRequested(Event):
    """The peer wants to change local data; the owner answers with ``Session.answer(token, …)``.

    ``candidate`` is the data as it would be after the write, ``command`` the fragment as it was sent.
    """

    token: int
    feature: LocalFeature
    command: Command
    candidate: Structure
    keys: frozenset[tuple[object, ...]]
    client: FeatureAddress
    counter: int | None


@dataclass(frozen=True, slots=True)
class RelationChanged(Event):
    """A binding or subscription of the peer on one of our features came or went."""

    kind: str
    granted: bool
    feature: LocalFeature
    client: FeatureAddress


@dataclass(frozen=True, slots=True)
class Mute(Event):
    """The peer leaves everything unanswered; dropping the connection and dialling again may help."""

    waited_s: float


@dataclass(frozen=True, slots=True)
class Violation(Event):
    """The peer broke a rule; the connection goes on."""

    error: RemoteProtocolError
