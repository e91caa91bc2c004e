"""One charging session: from plug-in to unplug."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from eebus_gw.ledger.entries import format_utc, parse_utc
from eebus_gw.ledger.quarters import Portion, Quality
from eebus_gw.ledger.sample import Sample

# Below this a power has no direction: it is what stands by.
DEADBAND_W = 50.0
_QUALITIES = list(Quality)


@dataclass(frozen=True, slots=True)
class Session:
    """A charging session, running while ``ended`` is ``None``. Energies in Wh at the wallbox.

    ``peak_w`` is the highest charging power, ``peak_discharge_w`` the highest magnitude the other
    way. ``limit_seconds`` is the time under a grid limit, ``reversals`` how often the direction
    changed. ``equivalent_full_cycles``: half the energy of both directions over the capacity, where
    that is known. ``witnessed`` is false when the gateway did not see the car being plugged in.
    """

    id: str
    device: str
    started: datetime
    ended: datetime | None
    charged_wh: float
    discharged_wh: float
    peak_w: float
    peak_discharge_w: float
    soc_start_percent: float | None
    soc_end_percent: float | None
    limit_seconds: float
    reversals: int
    equivalent_full_cycles: float | None
    quality: Quality
    witnessed: bool
    duration_s: float


@dataclass(slots=True)
class OpenSession:
    """The session that runs."""

    id: str
    started: datetime
    witnessed: bool
    last: datetime | None = None
    charged_wh: float = 0.0
    discharged_wh: float = 0.0
    peak_w: float = 0.0
    peak_discharge_w: float = 0.0
    soc_start_percent: float | None = None
    soc_end_percent: float | None = None
    capacity_wh: float | None = None
    limit_seconds: float = 0.0
    reversals: int = 0
    direction: int = 0
    quality: Quality = Quality.MEASURED

    def add(self, portion: Portion, limited_s: float, sample: Sample) -> None:
        """Books what flowed up to ``sample`` and what it says."""
        self.last = max(sample.utc, self.last or sample.utc)
        self.charged_wh += portion.charged_wh
        self.discharged_wh += portion.discharged_wh
        self.limit_seconds += limited_s
        if portion.source is not None:
            self.quality = max(self.quality, portion.quality, key=_QUALITIES.index)
        if not sample.plugged:
            return
        if sample.soc_percent is not None:
            self.soc_end_percent = sample.soc_percent
            if self.soc_start_percent is None:
                self.soc_start_percent = sample.soc_percent
        self.capacity_wh = sample.capacity_wh or self.capacity_wh
        self._note_power(sample.power_w or 0.0)

    def view(self, device: str, ended: datetime | None) -> Session:
        """The session as it stands, or as it ended."""
        cycled_wh = (self.charged_wh + self.discharged_wh) / 2
        until = ended or self.last or self.started
        return Session(
            id=self.id,
            device=device,
            started=self.started,
            ended=ended,
            charged_wh=self.charged_wh,
            discharged_wh=self.discharged_wh,
            peak_w=self.peak_w,
            peak_discharge_w=self.peak_discharge_w,
            soc_start_percent=self.soc_start_percent,
            soc_end_percent=self.soc_end_percent,
            limit_seconds=round(self.limit_seconds, 3),
            reversals=self.reversals,
            equivalent_full_cycles=cycled_wh / self.capacity_wh if self.capacity_wh else None,
            quality=self.quality,
            witnessed=self.witnessed,
            duration_s=max(0.0, (until - self.started).total_seconds()),
        )

    def to_state(self) -> dict[str, Any]:
        """Plain data from which ``from_state`` makes the same session."""
        state = asdict(self)
        state["started"] = format_utc(self.started)
        state["last"] = format_utc(self.last) if self.last else None
        return state

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The reverse of ``to_state``."""
        members = dict(state)
        members["started"] = parse_utc(members["started"])
        members["last"] = parse_utc(members["last"]) if members["last"] else None
        members["quality"] = Quality(members["quality"])
        return cls(**members)

    def _note_power(self, power_w: float) -> None:
        self.peak_w = max(self.peak_w, power_w)
        self.peak_discharge_w = max(self.peak_discharge_w, -power_w)
        if abs(power_w) < DEADBAND_W:
            return
        direction = 1 if power_w > 0 else -1
        if self.direction not in (0, direction):
            self.reversals += 1
        self.direction = direction
