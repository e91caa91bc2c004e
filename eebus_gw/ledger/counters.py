"""Energy counters of wallboxes as they are: they reset, vanish, fall to 0 during a reboot."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS_PER_HOUR = 3600.0
# No AC or small DC wallbox charges faster; a larger jump is another counter, not energy.
PLAUSIBLE_W = 60_000.0
_SLACK_S = 120.0


@dataclass(slots=True)
class Counter:
    """Turns a counter's readings into energies that are never negative.

    A reading below the last one is first taken for a reboot: the last value holds. If the counter
    then rises from down there, it was a reset and counts on from its new base.
    """

    base_wh: float | None = None
    low_wh: float | None = None

    def advance(self, reading_wh: float, seconds: float) -> float | None:
        """Energy since the last reading, ``seconds`` ago; ``None`` when the reading tells nothing."""
        base_wh = self.base_wh
        if base_wh is None:
            self.base_wh = reading_wh
            return None
        if reading_wh < base_wh:
            low_wh = self.low_wh
            if low_wh is None or reading_wh <= low_wh:
                self.low_wh = reading_wh
                return None
            base_wh = low_wh
        self.base_wh, self.low_wh = reading_wh, None
        risen_wh = reading_wh - base_wh
        plausible_wh = PLAUSIBLE_W * (seconds + _SLACK_S) / SECONDS_PER_HOUR
        return risen_wh if risen_wh <= plausible_wh else None
