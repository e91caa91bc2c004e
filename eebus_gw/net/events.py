"""What the network tells the node, by a synchronous callback, in the order in which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias

from eebus_gw.errors import RemoteProtocolError
from eebus_gw.net.address import Address
from eebus_gw.ship.states import Turn
from eebus_gw.ship.txt import ServiceRecord


class SessionLike(Protocol):
    """The SPINE side of one link, ``spine.session.Session``; payloads are ``{"datagram": […]}``."""

    def start(self, now: float) -> None: ...

    def receive(self, payload: dict[str, Any], now: float) -> None: ...

    def handle_timer(self, now: float) -> None: ...

    def next_deadline(self) -> float | None: ...

    def to_send(self) -> list[dict[str, Any]]: ...

    def next_event(self) -> Any | None: ...

    def close(self, now: float) -> None: ...


@dataclass(frozen=True, slots=True)
class VisibleNode:
    """A node that announces itself by mDNS; all it says is a claim until TLS has shown its key."""

    name: str
    """Instance name on the network."""
    addresses: tuple[str, ...]
    """In the order in which to try them; link-local IPv6 with scope."""
    port: int
    record: ServiceRecord | None
    """``None`` when its TXT record is unusable."""
    findings: tuple[str, ...] = ()
    """What is wrong with the TXT record, for a user."""


class Direction(Enum):
    """Who opened the connection."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True)
class NodeVisible:
    """A SHIP node announces itself, or announces something new."""

    node: VisibleNode


@dataclass(frozen=True, slots=True)
class NodeGone:
    """A SHIP node withdrew its announcement; a live link to it stays."""

    node: VisibleNode


@dataclass(frozen=True, slots=True)
class PairingRequested:
    """An unknown peer waits ``waiting_s`` seconds for ``Network.approve`` or ``Network.deny``.

    Repeated when the peer grants more time.
    """

    ski: str
    waiting_s: float
    address: str


@dataclass(frozen=True, slots=True)
class PairingEnded:
    """The peer no longer waits; ``approved`` says whether because it was approved."""

    ski: str
    approved: bool


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """How far a connection has come, in plain words, and how long it may wait like this."""

    ski: str
    phase: str
    turn: Turn = Turn.NOBODY
    waiting_s: float | None = None


@dataclass(frozen=True, slots=True)
class PinNeeded:
    """The peer wants its PIN (``Network.enter_pin``); ``refused``: the one we sent was wrong."""

    ski: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Data may flow; ``session`` is new and replaces an earlier one of the same peer.

    Another ``LinkUp`` without ``LinkDown``: the peer went over to a second connection.
    """

    ski: str
    direction: Direction
    session: SessionLike
    dialled: Address | None = None
    """Where we reached the peer; ``None`` when it has dialled us."""
    certificate: bytes | None = None
    """The certificate it has shown, DER."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The peer's last connection is gone. ``cause`` is one word, ``text`` one sentence."""

    ski: str
    cause: str
    text: str


@dataclass(frozen=True, slots=True)
class Dialling:
    """An attempt to reach a trusted peer begins."""

    ski: str
    address: str


@dataclass(frozen=True, slots=True)
class ConnectFailedWith:
    """One attempt to reach a trusted peer failed; the next follows in ``retry_s`` seconds."""

    ski: str
    address: str
    text: str
    retry_s: float


@dataclass(frozen=True, slots=True)
class PeerIdentified:
    """The peer named its SHIP ID."""

    ski: str
    ship_id: str


@dataclass(frozen=True, slots=True)
class RejectedByPeer:
    """The peer refuses us, or has not approved us yet: its user has to. We keep trying, slowly."""

    ski: str


@dataclass(frozen=True, slots=True)
class UnpairedByPeer:
    """The peer has removed us; we stop dialling until ``Network.reconnect``."""

    ski: str


@dataclass(frozen=True, slots=True)
class PeerChangedKey:
    """Where we expected a trusted peer another key answered; nothing was sent to it."""

    address: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class CertificateRefused:
    """A TLS handshake ended because of the peer's certificate; ``text`` says why."""

    text: str


@dataclass(frozen=True, slots=True)
class PeerRefused:
    """An unknown peer was sent away because nobody would have decided on it; ``text`` says why."""

    ski: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class SpineEvent:
    """What the session of a link reports."""

    ski: str
    session: SessionLike
    event: Any


@dataclass(frozen=True, slots=True)
class ProtocolViolation:
    """A peer broke a rule of SHIP or below; unless the rule is lenient, the connection ends."""

    ski: str
    error: RemoteProtocolError


NetworkEvent: TypeAlias = (
    NodeVisible
    | NodeGone
    | PairingRequested
    | PairingEnded
    | PhaseChanged
    | PinNeeded
    | LinkUp
    | LinkDown
    | Dialling
    | ConnectFailedWith
    | PeerIdentified
    | RejectedByPeer
    | UnpairedByPeer
    | PeerChangedKey
    | CertificateRefused
    | PeerRefused
    | SpineEvent
    | ProtocolViolation
)
