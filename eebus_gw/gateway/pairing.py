"""Pairing windows and the unknown peers that wait in them (pure).

A window only keeps unknown peers waiting and lists them; nothing is ever accepted by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

DEFAULT_WINDOW_S = 120.0


@dataclass(frozen=True, slots=True)
class WaitingPeer:
    """An unknown peer that asks to be trusted; moments in monotonic seconds."""

    ski: str
    address: str
    since: float
    waiting_until: float


@dataclass(slots=True)
class PairingWindow:
    """The window of one side of the gateway."""

    until: float | None = None
    opened_by: str | None = None
    waiting: dict[str, WaitingPeer] = field(default_factory=dict)

    def open(self, seconds: float, by: str, now: float) -> None:
        """Opens, or prolongs, the window."""
        self.until = now + seconds
        self.opened_by = by

    def close(self) -> None:
        """Closes the window; peers that wait already may still be approved."""
        self.until = None
        self.opened_by = None

    def is_open(self, now: float) -> bool:
        """Whether unknown peers are kept waiting."""
        return self.until is not None and now < self.until

    def requested(self, ski: str, address: str, waiting_s: float, now: float) -> None:
        """A peer waits, or goes on waiting."""
        known = self.waiting.get(ski)
        since = known.since if known is not None else now
        self.waiting[ski] = WaitingPeer(ski, address, since, now + waiting_s)

    def ended(self, ski: str) -> None:
        """The peer waits no longer."""
        self.waiting.pop(ski, None)

    def handle_timer(self, now: float) -> bool:
        """Closes the window when its time is over; True if it did."""
        if self.until is None or now < self.until:
            return False
        self.close()
        return True

    def next_deadline(self) -> float | None:
        """When the window closes by itself."""
        return self.until

    def remaining_s(self, now: float) -> float | None:
        """Seconds the window stays open."""
        return None if self.until is None else max(0.0, self.until - now)
