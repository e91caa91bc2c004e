"""Whether one more connection of a peer is taken; pure, so that its bounds can be tested."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from eebus_gw.net.options import Limits

_MINUTE = 60.0
_REMEMBERED_PEERS = 1024


class Admission:
    """Bounds what strangers can make us do; what exists is never given up for something new."""

    def __init__(self, own_ski: str, limits: Limits) -> None:
        self._own_ski = own_ski
        self._limits = limits
        self._handshakes: dict[str, deque[float]] = {}

    def refusal(self, ski: str, incoming: Iterable[str], now: float) -> str | None:
        """Why not, in words for the peer; ``incoming`` has the SKI of every incoming connection."""
        present = list(incoming)
        if ski == self._own_ski:
            return "this is our own certificate"
        if self._too_often(ski, now):
            return "too many connections in a minute"
        if len(present) >= self._limits.incoming:
            return "no room for another connection"
        if present.count(ski) >= self._limits.incoming_per_ski:
            return "too many connections with this certificate"
        return None

    def _too_often(self, ski: str, now: float) -> bool:
        times = self._handshakes.pop(ski, deque())
        while times and now - times[0] >= _MINUTE:
            times.popleft()
        self._handshakes[ski] = times  # the latest last
        while len(self._handshakes) > _REMEMBERED_PEERS:
            del self._handshakes[next(iter(self._handshakes))]
        if len(times) >= self._limits.handshakes_per_minute:
            return True
        times.append(now)
        return False
