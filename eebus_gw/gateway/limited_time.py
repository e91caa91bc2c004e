"""How long the site was limited in one direction since local midnight, also across restarts."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from eebus_gw.clock import Clock
from eebus_gw.retained import Retained

STORED_EVERY_S = 60.0


class StoredTime(BaseModel):
    """What was counted on a local day."""

    day: date
    seconds: float


class LimitedTime:
    """``pass_time`` counts what passed since the last call; ``section`` is where the time is kept."""

    def __init__(self, retained: Retained, clock: Clock, section: str = "grid.limited") -> None:
        self._section = section
        self._retained = retained
        self._clock = clock
        self._day = self._today()
        self._at = clock.now()
        stored = retained.get(section, StoredTime)
        self.seconds = stored.seconds if stored is not None and stored.day == self._day else 0.0
        self._stored_s = self.seconds

    def pass_time(self, *, limited: bool) -> bool:
        """Counts the time up to now, if it was limited; whether a new day has begun."""
        now, today = self._clock.now(), self._today()
        new_day = today != self._day
        if new_day:
            self._day, self.seconds = today, 0.0
        if limited:
            self.seconds += now - self._at
        self._at = now
        if new_day or self.seconds - self._stored_s >= STORED_EVERY_S:
            self.store()
        return new_day

    def store(self) -> None:
        """Keeps what was counted for the next start."""
        self._stored_s = self.seconds
        stored = StoredTime(day=self._day, seconds=round(self.seconds, 1))
        self._retained.put(self._section, stored, self._clock.now())

    def _today(self) -> date:
        return self._clock.wall().astimezone().date()
