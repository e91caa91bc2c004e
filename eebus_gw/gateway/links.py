"""What the gateway knows about the connection to each peer, for people who want to know why it hangs (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from eebus_gw.net import events as net
from eebus_gw.node import NodeEvent
from eebus_gw.ship.states import Turn
from eebus_gw.spine.remote import EntityPath
from eebus_gw.vocabulary.behaviour import HEARTBEAT_LOST_S

CONNECTED = "connected"
NOT_VISIBLE = "not visible"


@dataclass(frozen=True, slots=True)
class Beat:
    """The newest heartbeat of an entity; a single one, as in the answer to a read, promises no other."""

    at: float
    repeated: bool


@dataclass(slots=True)
class LinkState:
    """One peer's connection. Moments ending in ``_at`` are wall time, those of deadlines monotonic."""

    phase: str = NOT_VISIBLE
    turn: Turn = Turn.NOBODY
    waiting_until: float | None = None
    direction: str | None = None
    connected_at: datetime | None = None
    error_code: str | None = None
    error_text: str | None = None
    error_at: datetime | None = None
    connections: int = 0
    next_attempt: float | None = None
    heartbeat_at: float | None = None
    beats: dict[EntityPath, Beat] = field(default_factory=dict)
    rejected: bool = False
    lost_at: float | None = None
    """Since when there is no connection after one."""
    lost_before_s: float = 0.0

    @property
    def connected(self) -> bool:
        """Whether data may flow."""
        return self.connected_at is not None

    @property
    def reconnects(self) -> int:
        """How often the connection was made again."""
        return max(0, self.connections - 1)

    def disconnected_s(self, now: float) -> float:
        """How long the peer has been without us, once it had been connected."""
        return self.lost_before_s + (0.0 if self.lost_at is None else now - self.lost_at)

    def beat(self, entity: EntityPath, now: float) -> None:
        """An entity of the peer gave a sign of life."""
        self.heartbeat_at = now
        self.beats[entity] = Beat(now, repeated=entity in self.beats)

    def beating(self, now: float) -> bool:
        """Whether no heartbeat that used to come is missing."""
        return all(
            now - beat.at <= HEARTBEAT_LOST_S for beat in self.beats.values() if beat.repeated
        )

    def follow(self, event: NodeEvent, now: float, wall: datetime) -> None:
        """Takes an event of the peer into account; most say nothing of the connection."""
        match event:
            case net.PhaseChanged(phase=phase, turn=turn, waiting_s=waiting_s):
                self.phase, self.turn = phase, turn
                self.waiting_until = None if waiting_s is None else now + waiting_s
            case net.LinkUp(direction=direction):
                self._up(direction.value, now, wall)
            case net.LinkDown(cause=cause, text=text):
                self.lost_at = now if self.connected else self.lost_at
                self.connected_at = None
                self.direction = None
                self.heartbeat_at = None
                self.beats.clear()
                self.phase = "disconnected"
                self._fail(cause, text, wall)
            case net.ConnectFailedWith(text=text, retry_s=retry_s):
                self.phase = "dialling"
                self.next_attempt = now + retry_s
                self._fail("not_reachable", text, wall)
            case net.RejectedByPeer():
                self.rejected = True
                self.phase = "rejected by the peer"
                self.turn = Turn.PEER_USER
                self._fail("rejected", "the peer has not approved this gateway (yet)", wall)
            case net.UnpairedByPeer():
                self.phase = "unpaired by the peer"
                self._fail("unpaired", "the peer has removed this gateway", wall)
            case net.PeerChangedKey(found=found):
                self._fail("other_key", f"another key answers there: {found}", wall)
            case net.ProtocolViolation(error=error):
                self._fail("protocol_violation", str(error), wall)
            case net.PinNeeded():
                self.turn = Turn.PIN

    def _up(self, direction: str, now: float, wall: datetime) -> None:
        self.lost_before_s, self.lost_at = self.disconnected_s(now), None
        self.phase = CONNECTED
        self.turn = Turn.NOBODY
        self.waiting_until = None
        self.direction = {"incoming": "in", "outgoing": "out"}[direction]
        self.connected_at = wall
        self.connections += 1
        self.next_attempt = None
        self.rejected = False

    def _fail(self, code: str, text: str, wall: datetime) -> None:
        self.error_code, self.error_text, self.error_at = code, text, wall
