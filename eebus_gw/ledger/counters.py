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

    ``elsewhere_wh`` was booked by other means while the counter told nothing; its next rise holds
    that, too.
    """

    base_wh: float | None = None
    low_wh: float | None = None
    elsewhere_wh: float = 0.0

    def miss(self, energy_wh: float) -> None:
        """The counter tells nothing of a time for which ``energy_wh`` is booked by other means."""
        if self.base_wh is not None:
            self.elsewhere_wh += energy_wh

    def advance(self, reading_wh: float, seconds: float) -> float | None:
        """Energy since the last reading, ``seconds`` ago; ``None`` when the reading tells nothing."""
        base_wh, elsewhere_wh = self.base_wh, self.elsewhere_wh
        if base_wh is None:
            self.base_wh = reading_wh
            return None
        if reading_wh < base_wh:
            low_wh = self.low_wh
            if low_wh is None or reading_wh <= low_wh:
                self.low_wh = reading_wh
                return None
            base_wh, elsewhere_wh = low_wh, 0.0
        self.base_wh, self.low_wh = reading_wh, None
        risen_wh = reading_wh - base_wh
        self.elsewhere_wh = max(0.0, elsewhere_wh - risen_wh)
        plausible_wh = PLAUSIBLE_W * (seconds + _SLACK_S) / SECONDS_PER_HOUR
        return max(0.0, risen_wh - elsewhere_wh) if risen_wh <= plausible_wh else None
