"""Clocks that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from eebus_gw.clock import SystemClock


class FakeClock:
    """``eebus_gw.clock.Clock`` whose monotonic and wall time move together, only by ``advance``."""

    def __init__(self, now: float = 1000.0, wall: datetime | None = None) -> None:
        self._now = now
        self._wall = wall or datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

    def now(self) -> float:
        return self._now

    def wall(self) -> datetime:
        return self._wall

    def advance(self, seconds: float) -> float:
        """Moves both clocks forward and returns the new monotonic time."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now += seconds
        self._wall += timedelta(seconds=seconds)
        return self._now

    def set_wall(self, wall: datetime) -> None:
        """Somebody sets the wall clock; monotonic time takes no notice."""
        self._wall = wall


class JumpingClock(SystemClock):
    """The machine's clocks, ahead by what the test has skipped."""

    ahead_s = 0.0

    def now(self) -> float:
        return super().now() + self.ahead_s

    def wall(self) -> datetime:
        return super().wall() + timedelta(seconds=self.ahead_s)
