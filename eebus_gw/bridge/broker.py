"""What the gateway sees of a broker, and how long it waits between two attempts to reach one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

SHORTEST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0


@dataclass(slots=True)
class BrokerStatus:
    """What is known of the connection; ``since`` is the monotonic moment of its last change.

    ``heard_at`` is when the broker gave its last sign of life: a message or an acknowledgement. A connection that
    dies silently is noticed only a while later.
    """

    connected: bool = False
    since: float = 0.0
    heard_at: float = 0.0
    protocol: str | None = None
    connections: int = 0
    dropped: int = 0
    last_error: str | None = None
    insecure: bool = False
    """Whether its certificate goes unverified."""

    @property
    def reconnects(self) -> int:
        """How often the connection was made again after it had been lost."""
        return max(0, self.connections - 1)


class Broker(Protocol):
    """What the gateway sees of a broker; publishing goes through the outbox given to it."""

    @property
    def status(self) -> BrokerStatus: ...

    async def run(self) -> None:
        """Serves the connection until ``stop``; never raises for anything a broker does."""
        ...

    async def stop(self) -> None:
        """Sends what still waits, publishes ``offline``, disconnects; returns within seconds."""
        ...


class Backoff:
    """Pauses between attempts: doubling from 1 s to 60 s, each off by up to 20 %."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._pause = SHORTEST_PAUSE_S

    def reset(self) -> None:
        self._pause = SHORTEST_PAUSE_S

    def next_s(self) -> float:
        """The pause before the next attempt; ``random`` gives numbers from 0 to 1."""
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE_S)
        return pause * (0.8 + 0.4 * self._random())
