"""What comes in on ``grid/set`` and ``grid/meter/set``: the operator's values and a meter feed (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eebus_gw.bridge.fields import FAILSAFE_DURATION
from eebus_gw.bridge.intake import PERMITTED_SKEW_S, read_json
from eebus_gw.bridge.shapes import Members, Moment, Nullable, Number, Series, ShapeError
from eebus_gw.site.bounds import METER_FRESH_S

_WATTS = Number(0, 10_000_000, "W")
_GRID_VALUES = Members(
    optional={
        "failsafe_w": _WATTS,
        "failsafe_duration_s": FAILSAFE_DURATION,
        # Known, so that a message with it is not refused as a whole; the grid side refuses the member.
        "nominal_max_w": _WATTS,
        "contractual_max_w": _WATTS,
    }
)
_ENERGY = Nullable(Number(0, 1_000_000_000, "kWh"))
_METER = Members(
    required={"ts": Moment()},
    optional={
        "power_w": Nullable(Number(-10_000_000, 10_000_000, "W")),
        "energy_import_kwh": _ENERGY,
        "energy_export_kwh": _ENERGY,
        "current_a": Nullable(Series(Nullable(Number(-10_000, 10_000, "A")), longest=3)),
        "voltage_v": Nullable(Series(Nullable(Number(0, 1_000, "V")), longest=3)),
        "frequency_hz": Nullable(Number(0, 100, "Hz")),
    },
    ignore_unknown=True,
)


@dataclass(frozen=True, slots=True)
class MeterFeed:
    """One fed measurement of the grid connection; positive is consumption, ``None`` is unknown."""

    ts: datetime
    power_w: float | None = None
    energy_import_kwh: float | None = None
    energy_export_kwh: float | None = None
    current_a: Sequence[float | None] | None = None
    voltage_v: Sequence[float | None] | None = None
    frequency_hz: float | None = None


def read_grid_values(payload: bytes) -> dict[str, Any]:
    """The operator's values in ``payload``; raises ``ShapeError`` with the reason code."""
    given = _GRID_VALUES.check(read_json(payload))
    if not given:
        raise ShapeError("wrong_type", f"lacks one of {', '.join(_GRID_VALUES.optional)}")
    return given


def read_meter_feed(payload: bytes, wall: datetime) -> MeterFeed:
    """The measurement in ``payload``; raises ``ShapeError``, ``stale`` when it is over 10 s old."""
    feed = MeterFeed(**_METER.check(read_json(payload)))
    age_s = (wall - feed.ts).total_seconds()
    if age_s > METER_FRESH_S:
        raise ShapeError("stale", f"older than {METER_FRESH_S:g} s")
    if age_s < -PERMITTED_SKEW_S:
        raise ShapeError("stale", "ts lies in the future")
    for name in ("current_a", "voltage_v"):
        phases = getattr(feed, name)
        if phases is not None and len(phases) != 3:
            raise ShapeError("wrong_type", f".{name} must be an array of three")
    return feed
