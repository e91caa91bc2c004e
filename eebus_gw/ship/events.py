"""What a connection tells the program around it, in the order in which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from eebus_gw.errors import RemoteProtocolError
from eebus_gw.ship.states import Phase, State
from eebus_gw.ship.words import Cause


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The connection moved on."""

    phase: Phase
    """In words for a user."""
    state: State
    """For traces."""


@dataclass(frozen=True, slots=True)
class TrustRequested:
    """Our user has to decide: ``approve`` or ``deny``. Repeated when the peer grants more time."""

    waiting_s: float
    """For how long the peer waits, if it does not grant more."""


@dataclass(frozen=True, slots=True)
class WaitingForPeer:
    """The peer's user has to decide. Repeated when the peer asks for more time."""

    waiting_s: float
    """For how long we wait, if the peer does not ask for more."""


@dataclass(frozen=True, slots=True)
class PinRequired:
    """The peer exchanges no data before it got its PIN: ``enter_pin``."""

    input_permitted: bool
    """Whether the peer takes a PIN now; one entered earlier is sent as soon as it does."""


@dataclass(frozen=True, slots=True)
class PinRefused:
    """The PIN we sent was wrong; it is not sent again."""


@dataclass(frozen=True, slots=True)
class Established:
    """The handshake is done: ``send_data`` is possible and data may arrive."""


@dataclass(frozen=True, slots=True)
class PeerIdentified:
    """The peer told its SHIP ID; it may differ from an earlier one."""

    ship_id: str


@dataclass(frozen=True, slots=True)
class DataReceived:
    """A payload as a tree: an object whose only member is usually ``datagram``."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MessageDropped:
    """The peer sent something unreadable; the connection goes on without it."""

    error: RemoteProtocolError


@dataclass(frozen=True, slots=True)
class PeerClosing:
    """The peer ends the connection in order; ``reason`` is its own word and may be empty."""

    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The last event: write what ``to_send`` still holds, then close the WebSocket."""

    code: int
    """WebSocket close code to use, or the one the peer used."""
    reason: str
    """Text of the close frame."""
    error: RemoteProtocolError | None
    """What went wrong; ``None`` for an orderly end and for a refusal."""
    cause: Cause
    """``local``: we wanted it (close, deny). ``peer``: the peer did. ``rejected``: the peer refused
    us or has not approved us yet. ``removed``: the peer has unpaired us. ``timeout`` and
    ``violation``: see ``error``."""


Event: TypeAlias = (
    PhaseChanged
    | TrustRequested
    | WaitingForPeer
    | PinRequired
    | PinRefused
    | Established
    | PeerIdentified
    | DataReceived
    | MessageDropped
    | PeerClosing
    | Closed
)
