"""What is known of one device at present: the newest reading of each point, with its quality (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eebus_gw.vocabulary.values import Reading

Source = tuple[str, str]
"""Use case code and point key."""

NORMAL = "normal"


class Readings:
    """The newest value of each point. Values that a peer marks as faulty count as unknown ([MPC-003])."""

    def __init__(self) -> None:
        self._readings: dict[Source, Reading[Any]] = {}
        self.offered: set[Source] = set()
        """Points that the device describes, whether or not it has delivered a value yet."""
        self.told: set[Source] = set()
        """Points of which it has delivered a usable value once."""

    def put(self, source: Source, reading: Reading[Any]) -> None:
        """Takes a reading over."""
        self._readings[source] = reading
        self.offered.add(source)
        if self.value(source) is not None:
            self.told.add(source)

    def value(self, *sources: Source) -> Any:
        """The first usable value of several sources, best first; ``None`` if there is none."""
        for source in sources:
            reading = self._readings.get(source)
            if reading is not None and reading.value is not None and reading.state == NORMAL:
                return reading.value
        return None

    def state(self, *sources: Source) -> str | None:
        """Why there is no value although the device sent one: ``outOfRange`` or ``error``."""
        states = [self._readings[s].state for s in sources if s in self._readings]
        return next((state for state in states if state != NORMAL), None)

    def source(self, *sources: Source) -> Source | None:
        """Which of several sources delivers a usable value."""
        return next((source for source in sources if self.value(source) is not None), None)

    def forget(self, codes: Iterable[str] | None = None) -> None:
        """Forgets the points of some use cases, or everything."""
        gone = None if codes is None else set(codes)
        self._readings = {
            s: r for s, r in self._readings.items() if gone is not None and s[0] not in gone
        }
        self.offered = {s for s in self.offered if gone is not None and s[0] not in gone}
        self.told = {s for s in self.told if gone is not None and s[0] not in gone}
