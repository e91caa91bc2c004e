"""Whether a peer may talk to us: trusted, pending until our user decides, or denied.

Nothing is ever trusted without a user (SHIP-IG 2.3): an open pairing window only keeps unknown
peers waiting so that they can be approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from eebus_gw.ship.states import Role

MAX_PENDING = 4
PENDING_LIFE_S = 1800.0
_REMEMBERED = 1024
"""Strangers whose time is remembered; who brings ever new keys meets the limit of pending ones."""


class Verdict(Enum):
    """What becomes of a peer."""

    TRUSTED = "trusted"
    PENDING = "pending"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and why; ``waiting_s`` is how long a pending peer may be kept waiting."""

    verdict: Verdict
    reason: str
    waiting_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    since: float
    connections: int


class PendingPeers:
    """Unknown peers that wait for our user: at most ``limit`` at once, each for ``life_s`` in all.

    The life of a peer goes on over its reconnects and ends with the window that let it in.
    """

    __slots__ = ("_life_s", "_limit", "_waiting")

    def __init__(self, limit: int = MAX_PENDING, life_s: float = PENDING_LIFE_S) -> None:
        self._limit = limit
        self._life_s = life_s
        self._waiting: dict[str, _Waiting] = {}

    @property
    def waiting(self) -> int:
        """How many peers wait at this moment."""
        return sum(1 for peer in self._waiting.values() if peer.connections)

    def remaining_s(self, ski: str, now: float) -> float:
        """How long ``ski`` may still be kept waiting."""
        known = self._waiting.get(ski)
        return self._life_s if known is None else max(0.0, known.since + self._life_s - now)

    def is_full_for(self, ski: str) -> bool:
        """Whether ``ski`` would be one peer too many."""
        known = self._waiting.get(ski)
        waits = known is not None and known.connections > 0
        return not waits and self.waiting >= self._limit

    def enter(self, ski: str, now: float) -> None:
        """A connection to ``ski`` is pending now."""
        known = self._waiting.get(ski, _Waiting(now, 0))
        self._waiting[ski] = _Waiting(known.since, known.connections + 1)

    def leave(self, ski: str, now: float) -> None:
        """A connection to ``ski`` is pending no longer; its life is remembered until it is over."""
        known = self._waiting.get(ski)
        if known is not None and known.connections:
            self._waiting[ski] = _Waiting(known.since, known.connections - 1)
        self._forget_old(now)

    def begin_anew(self, now: float) -> None:
        """The pairing window was opened anew: every peer may wait again, one that waits already for longer."""
        self._waiting = {
            ski: _Waiting(now, peer.connections)
            for ski, peer in self._waiting.items()
            if peer.connections
        }

    def _forget_old(self, now: float) -> None:
        # Twice the life, so that a peer cannot start anew as soon as its time is over.
        self._waiting = {
            ski: peer
            for ski, peer in self._waiting.items()
            if peer.connections or now - peer.since < 2 * self._life_s
        }
        idle = [ski for ski, peer in self._waiting.items() if not peer.connections]
        for ski in idle[:-_REMEMBERED]:
            del self._waiting[ski]


def decide(
    *,
    own_ski: str,
    peer_ski: str,
    role: Role,
    trusted: bool,
    window_open: bool,
    pending: PendingPeers,
    now: float,
) -> Decision:
    """What becomes of the peer with the (computed) ``peer_ski`` on a new connection.

    ``role`` is ours; ``trusted`` is what the trust store says. A pending decision counts only after
    ``pending.enter``.
    """
    if peer_ski == own_ski:
        return Decision(Verdict.DENIED, "the peer has our own SKI: a copied certificate or a loop")
    if trusted:
        return Decision(Verdict.TRUSTED, "the peer is paired")
    if role is Role.CLIENT:
        return Decision(Verdict.TRUSTED, "our user asked for this peer")
    if not window_open:
        return Decision(Verdict.DENIED, "the peer is unknown and no pairing window is open")
    if pending.is_full_for(peer_ski):
        return Decision(Verdict.DENIED, "too many unknown peers wait for a decision")
    waiting_s = pending.remaining_s(peer_ski, now)
    if waiting_s <= 0:
        return Decision(Verdict.DENIED, "the peer has waited for a decision long enough")
    return Decision(Verdict.PENDING, "our user has to decide", waiting_s)
