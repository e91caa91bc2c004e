"""Energy of one device per quarter hour, aligned to UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from eebus_gw.ledger.entries import format_utc, parse_utc

QUARTER = timedelta(minutes=15)
QUARTER_S = QUARTER.total_seconds()
_FULL_S = QUARTER_S - 5.0


class Source(StrEnum):
    """Where an energy comes from, best first."""

    METER = "meter"
    SESSION_COUNTER = "session_counter"
    POWER = "power"


class Quality(StrEnum):
    """How far to trust an interval, best first.

    ``MEASURED`` comes from counters alone; ``DERIVED`` at least partly from power over time;
    ``ESTIMATED`` spreads a counter's rise over a time without readings; ``INCOMPLETE`` lacks a part
    of the interval; ``MISSING`` has nothing.
    """

    MEASURED = "measured"
    DERIVED = "derived"
    ESTIMATED = "estimated"
    INCOMPLETE = "incomplete"
    MISSING = "missing"


_SOURCES, _QUALITIES = list(Source), list(Quality)


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter hour of one device; energies in Wh at the wallbox, ``None`` when nothing is
    known.

    ``covered_s`` is the part of the interval with data, ``cause`` what ruled most of it.
    """

    device: str
    start: datetime
    charged_wh: float | None
    discharged_wh: float | None
    source: Source | None
    quality: Quality
    covered_s: float
    cause: str | None


@dataclass(frozen=True, slots=True)
class Portion:
    """Energy of a span of time, how it was found, and what ruled it. ``source`` ``None``: unknown."""

    charged_wh: float
    discharged_wh: float
    source: Source | None
    quality: Quality
    cause: str | None


@dataclass(slots=True)
class OpenQuarter:
    """The quarter hour that is being filled."""

    start: datetime
    charged_wh: float = 0.0
    discharged_wh: float = 0.0
    covered_s: float = 0.0
    source: Source | None = None
    quality: Quality = Quality.MEASURED
    causes: dict[str, float] = field(default_factory=dict)

    def add(self, portion: Portion, share: float, seconds: float) -> None:
        """Books ``share`` (0 … 1) of ``portion``, which lasted ``seconds`` here."""
        if portion.source is None:
            return
        self.charged_wh += portion.charged_wh * share
        self.discharged_wh += portion.discharged_wh * share
        self.covered_s += seconds
        self.source = max(self.source or portion.source, portion.source, key=_SOURCES.index)
        self.quality = max(self.quality, portion.quality, key=_QUALITIES.index)
        if portion.cause:
            self.causes[portion.cause] = self.causes.get(portion.cause, 0.0) + seconds

    def close(self, device: str, elapsed_s: float = QUARTER_S) -> Quarter:
        """The interval as it stands after ``elapsed_s`` of it."""
        known = self.source is not None
        quality = self.quality if known else Quality.MISSING
        if known and self.covered_s < min(elapsed_s, _FULL_S):
            quality = Quality.INCOMPLETE
        return Quarter(
            device=device,
            start=self.start,
            charged_wh=self.charged_wh if known else None,
            discharged_wh=self.discharged_wh if known else None,
            source=self.source,
            quality=quality,
            covered_s=round(self.covered_s, 3),
            cause=max(self.causes, key=self.causes.__getitem__, default=None),
        )

    def to_state(self) -> dict[str, Any]:
        """Plain data from which ``from_state`` makes the same quarter."""
        return {
            "start": format_utc(self.start),
            "charged_wh": self.charged_wh,
            "discharged_wh": self.discharged_wh,
            "covered_s": self.covered_s,
            "source": self.source,
            "quality": self.quality,
            "causes": self.causes,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The reverse of ``to_state``."""
        return cls(
            start=parse_utc(state["start"]),
            charged_wh=state["charged_wh"],
            discharged_wh=state["discharged_wh"],
            covered_s=state["covered_s"],
            source=Source(state["source"]) if state["source"] else None,
            quality=Quality(state["quality"]),
            causes=dict(state["causes"]),
        )


def quarter_start(moment: datetime) -> datetime:
    """The beginning of the UTC quarter hour that holds ``moment``."""
    utc = moment.astimezone(UTC)
    return utc.replace(minute=utc.minute // 15 * 15, second=0, microsecond=0)


def spans(start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """The quarter hours between two moments, each with its seconds; at least one, maybe with 0 s."""
    at = start
    while True:
        quarter = quarter_start(at)
        upper = min(end, quarter + QUARTER)
        yield quarter, (upper - at).total_seconds()
        if end < quarter + QUARTER:
            return
        at = upper
