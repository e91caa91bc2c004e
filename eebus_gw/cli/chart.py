"""Power over time in characters, with the limits that held (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

CHARGING, DISCHARGING, LIMIT, FAINT = "cyan", "magenta", "yellow", "bright_black"
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_LABEL_WIDTHS = (6, 7, 8)
"""As narrow as the figures at the edges allow: ``12 kW``, ``-4.8 kW``, ``-13.2 kW``."""
_STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Sample:
    """Power at one moment, in monotonic seconds and W; ``limit_w`` is the limit that held then."""

    at: float
    power_w: float | None
    limit_w: float | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The powers of the upper and lower edge, and how many rows lie above and below zero."""

    top_w: float
    bottom_w: float
    above: int
    below: int

    @property
    def row_w(self) -> float:
        """What one row stands for."""
        return self.top_w / self.above


def power_chart(
    samples: Sequence[Sample], now: float, span_s: float, *, width: int, height: int
) -> list[Text]:
    """``height`` lines of ``width`` characters: the last ``span_s`` seconds, the newest at the right."""
    for label_width in _LABEL_WIDTHS:
        columns = max(1, width - label_width - 1)
        slots = _slots(samples, now, span_s, columns)
        scale = _scale(slots, max(2, height - 1))
        if len(_kilowatts(scale.top_w)) <= label_width >= len(_kilowatts(scale.bottom_w)):
            break
    lines = []
    for row in range(scale.above, -scale.below, -1):
        line = Text(f"{_label(scale, row):>{label_width}}", style=FAINT)
        line.append("┤" if _label(scale, row) else "│", style=FAINT)
        for slot in slots:
            line.append(*_cell(slot, row, scale))
        lines.append(line)
    return [*lines, Text(f"{'':{label_width + 1}}{_time_axis(span_s, columns)}", style=FAINT)]


def _slots(
    samples: Sequence[Sample], now: float, span_s: float, columns: int
) -> list[Sample | None]:
    """One sample a column: the mean power and the tightest limit of its time, else the last value."""
    grouped: list[list[Sample]] = [[] for _ in range(columns)]
    for sample in samples:
        column = columns - 1 - int((now - sample.at) / span_s * columns)
        if 0 <= column < columns and sample.at <= now:
            grouped[column].append(sample)
    slots: list[Sample | None] = []
    last: Sample | None = None
    for group in grouped:
        powers = [sample.power_w for sample in group if sample.power_w is not None]
        limits = [sample.limit_w for sample in group if sample.limit_w is not None]
        if group:
            power_w = sum(powers) / len(powers) if powers else None
            last = Sample(group[-1].at, power_w, min(limits) if limits else None)
        slots.append(last)
    return slots


def _scale(slots: Sequence[Sample | None], rows: int) -> Scale:
    values = [
        value
        for slot in slots
        if slot is not None
        for value in (slot.power_w, slot.limit_w)
        if value is not None
    ]
    highest, lowest = max([1000.0, *values]), min([0.0, *values])
    if lowest > -50:
        return Scale(_nice(highest), 0.0, rows, 0)
    above = max(1, min(rows - 1, round(rows * highest / (highest - lowest))))
    below = rows - above
    row_w = _nice(max(highest / above, -lowest / below))
    return Scale(row_w * above, -row_w * below, above, below)


def _nice(watts: float) -> float:
    """The next round number that is not below."""
    magnitude = 10.0 ** math.floor(math.log10(watts))
    step = next(step for step in _STEPS if step * magnitude >= watts * 0.999)
    return step * magnitude


def _label(scale: Scale, row: int) -> str:
    """The power at the edges and at zero, in the row that lies there."""
    if row == scale.above:
        return _kilowatts(scale.top_w)
    if row == (0 if scale.below else 1):
        return "0 kW"
    return _kilowatts(scale.bottom_w) if scale.below and row == 1 - scale.below else ""


def _kilowatts(watts: float) -> str:
    return f"{watts / 1000:.3g} kW"


def _cell(slot: Sample | None, row: int, scale: Scale) -> tuple[str, str]:
    """Character and style of one cell; row 1 lies directly above zero, row 0 directly below."""
    if slot is None:
        return " ", ""
    power_w = slot.power_w or 0.0
    if row >= 1:
        filled, colour = power_w / scale.row_w - (row - 1), CHARGING
        glyph = _EIGHTHS[min(8, max(0, round(filled * 8)))]
    else:
        filled, colour = -power_w / scale.row_w + row, DISCHARGING
        glyph = "█" if filled >= 0.75 else "▀" if filled >= 0.25 else " "
    if slot.limit_w is not None and _row_of(slot.limit_w, scale) == row:
        return "─", f"{LIMIT} on {colour}" if glyph == "█" else LIMIT
    return glyph, colour


def _row_of(watts: float, scale: Scale) -> int:
    """The row whose upper half or lower half is nearest to a power."""
    return min(scale.above, max(1 - scale.below, math.ceil(watts / scale.row_w - 0.001) or 1))


def _time_axis(span_s: float, columns: int) -> str:
    left = f"{-span_s / 60:.3g} min" if span_s >= 120 else f"{-span_s:.0f} s"
    gap = columns - len(left) - len("now")
    return f"{left}{' ' * gap}now" if gap > 0 else ""
