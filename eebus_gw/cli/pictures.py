"""Charts as PNG or SVG: what the grid asked for against what was drawn, and energies per quarter hour.

Needs the extra ``charts`` (matplotlib), which is imported when a chart is drawn and not before.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from importlib import import_module
from pathlib import Path
from typing import Any

from eebus_gw.errors import ConfigError
from eebus_gw.ledger.curve import Curves, Step
from eebus_gw.ledger.export import gap_free
from eebus_gw.ledger.quarters import QUARTER, Quality, Quarter
from eebus_gw.ledger.session import Session

Axes = Any
Figure = Any
"""Matplotlib's own types know neither dates nor spans of time as coordinates."""

FORMATS = (".png", ".svg")
CHARGED, DISCHARGED, LIMIT, FEED_IN = "#2a6fb0", "#d9822b", "#c0392b", "#7d4fa3"
INK, FAINT, GRID = "#333333", "#8a8a8a", "#e3e3e3"
MOST_BARS = 400
FEW_BARS = 100
"""Up to here bars have gaps between them; narrower ones would get them at random."""
MOST_DEVICES = 12
LEAST_SHOWN_WH = 50.0
JOINED_WITHIN = timedelta(minutes=1)
"""The journal measures around what happens, not all the time."""
ROOM_FOR_WORDS = 0.12
"""Share of the width a session needs to be labelled."""
WIDTHS = (timedelta(minutes=15), timedelta(hours=1), timedelta(days=1), timedelta(days=7))
_WORDS = {WIDTHS[0]: "quarter hour", WIDTHS[1]: "hour", WIDTHS[2]: "day", WIDTHS[3]: "week"}
_MARKS = {"refused": ("x", "refused"), "excess": ("v", "excess"), "alarm": ("v", "alarm")}


def check_picture(file: Path) -> None:
    """Raises ``ConfigError`` for another ending, and where matplotlib is not installed."""
    if file.suffix.lower() not in FORMATS:
        raise ConfigError(f"--chart: {file} ends neither in .png nor in .svg")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ConfigError(
            "charts need the extra 'charts'", hint="pip install 'eebus-gw[charts]'"
        ) from None


def grid_picture(curves: Curves, quarters: Sequence[Quarter], format_: str, zone: tzinfo) -> bytes:
    """Limits in force and measured power over time."""
    figure = _figure(4.6)
    axes = figure.subplots()
    starts = [step.utc for step in (*curves.consumption, *curves.production)]
    moments = [*starts, *(utc for utc, _ in curves.power), *(mark.utc for mark in curves.marks)]
    first, last = _span(moments)
    _mean_power(axes, [q for q in quarters if first - QUARTER <= q.start <= last])
    for number, run in enumerate(measured_runs(curves.power)):
        times, watts = zip(*run, strict=True)
        kilowatts = [w / 1000 for w in watts]
        label = "_" if number else "measured"
        axes.plot(times, kilowatts, ".-", color=CHARGED, lw=0.9, ms=5, label=label)
    _limit(axes, curves.consumption, last, LIMIT, 1, "limit of consumption")
    _limit(axes, curves.production, last, FEED_IN, -1, "limit of production")
    _forbid(axes, curves, last)
    for kind, (marker, label) in _MARKS.items():
        at = [mark.utc for mark in curves.marks if mark.kind == kind]
        if at:
            axes.plot(at, [0] * len(at), marker, color=INK, ms=7, ls="", label=label, clip_on=False)
    axes.set_ylabel("kW, all wallboxes together")
    axes.set_xlim(first, last)
    _finish(axes, "Limits of the grid, and what was drawn", zone)
    _legend(figure, [axes])
    return _bytes(figure, format_)


def sessions_picture(
    quarters: Sequence[Quarter], sessions: Sequence[Session], format_: str, zone: tzinfo
) -> bytes:
    """Energies charged and discharged over time, one panel a device, sessions as bands."""
    devices = sorted({q.device for q in quarters} | {s.device for s in sessions})[:MOST_DEVICES]
    moments = [q.start for q in quarters] + [q.start + QUARTER for q in quarters]
    moments += [s.started for s in sessions] + [s.ended for s in sessions if s.ended]
    first, last = _span(moments)
    width = next((w for w in WIDTHS if (last - first) / w <= MOST_BARS), WIDTHS[-1])
    figure = _figure(1.4 + 2.4 * max(1, len(devices)))
    panels = figure.subplots(max(1, len(devices)), sharex=True, squeeze=False)[:, 0]
    for axes, device in zip(panels, devices or [""], strict=True):
        _energies(axes, [q for q in quarters if q.device == device], width, zone)
        _bands(axes, [s for s in sessions if s.device == device], first, last)
        axes.set_ylabel(f"kWh per {_WORDS[width]}")
        axes.set_xlim(first, last)
        _finish(axes, device, zone)
    _legend(figure, panels)
    return _bytes(figure, format_)


# --- parts


def _figure(height: float) -> Figure:
    from matplotlib import figure, rcParams

    rcParams["svg.hashsalt"] = "eebus-gw"
    return figure.Figure(figsize=(10, height), dpi=110, layout="constrained")


def _span(moments: Iterable[datetime]) -> tuple[datetime, datetime]:
    """From the first to the last moment, with some room for a single one."""
    known = sorted(moments) or [datetime.fromisoformat("2026-01-01T00:00:00+00:00")]
    room = max((known[-1] - known[0]) * 0.03, timedelta(minutes=1))
    return known[0] - room, known[-1] + room


def measured_runs(power: Iterable[tuple[datetime, float]]) -> list[list[tuple[datetime, float]]]:
    """Measurements that follow each other closely; a line over a longer silence would be made up."""
    runs: list[list[tuple[datetime, float]]] = []
    for moment, watts in power:
        if not runs or moment - runs[-1][-1][0] > JOINED_WITHIN:
            runs.append([])
        runs[-1].append((moment, watts))
    return runs


def _limit(
    axes: Axes, steps: Sequence[Step], last: datetime, color: str, sign: int, label: str
) -> None:
    named = set()
    for step, end in _intervals(steps, last):
        words = label if step.reason == "limit" else f"{label} ({step.reason})"
        axes.plot(
            [step.utc, end],
            [sign * (step.watts or 0.0) / 1000] * 2,
            "-" if step.reason == "limit" else "--",
            color=color,
            lw=2.2,
            label="_" if words in named else words,
        )
        named.add(words)


def _forbid(axes: Axes, curves: Curves, last: datetime) -> None:
    """Shades what the limits forbid, over the range of the other curves."""
    axes.margins(y=0.12)
    low, high = axes.get_ylim()
    for steps, color, sign, edge in (
        (curves.consumption, LIMIT, 1, high),
        (curves.production, FEED_IN, -1, low),
    ):
        for step, end in _intervals(steps, last):
            height = sign * (step.watts or 0.0) / 1000
            axes.fill_between([step.utc, end], height, edge, color=color, alpha=0.08, lw=0)
    axes.set_ylim(low, high)


def _intervals(steps: Sequence[Step], last: datetime) -> list[tuple[Step, datetime]]:
    """Each limit with its end."""
    ends = [step.utc for step in steps[1:]] + ([last] if steps else [])
    return [(s, end) for s, end in zip(steps, ends, strict=True) if s.watts is not None]


def _mean_power(axes: Axes, quarters: Sequence[Quarter]) -> None:
    """The mean of each quarter hour, over all devices, from the counted energies."""
    means: dict[datetime, float] = defaultdict(float)
    for quarter in quarters:
        if quarter.charged_wh is not None:
            energy_wh = quarter.charged_wh - (quarter.discharged_wh or 0.0)
            means[quarter.start] += energy_wh / 1000 / (QUARTER / timedelta(hours=1))
    if means:
        axes.bar(
            list(means),
            list(means.values()),
            width=QUARTER,
            align="edge",
            color=CHARGED,
            alpha=0.25,
            lw=0,
            label="mean of the quarter hour",
        )


def _energies(axes: Axes, quarters: Sequence[Quarter], width: timedelta, zone: tzinfo) -> None:
    """Bars of both directions; what is only estimated or has gaps is paler."""
    energies: dict[str, dict[datetime, float]] = defaultdict(dict)
    doubtful: set[datetime] = set()
    for quarter in quarters:
        start = interval_start(quarter.start, width, zone)
        if quarter.quality in (Quality.ESTIMATED, Quality.INCOMPLETE, Quality.MISSING):
            doubtful.add(start)
        for name, energy_wh in (
            ("charged", quarter.charged_wh),
            ("discharged", quarter.discharged_wh),
        ):
            bars = energies[name]
            bars[start] = bars.get(start, 0.0) + (energy_wh or 0.0) / 1000
    for name, bars in energies.items():
        for pale in (False, True):
            sign, color = (1, CHARGED) if name == "charged" else (-1, DISCHARGED)
            shown = {s: sign * kwh for s, kwh in bars.items() if kwh and (s in doubtful) is pale}
            if shown:
                axes.bar(
                    list(shown),
                    list(shown.values()),
                    width=width * (0.9 if len(bars) < FEW_BARS else 1.0),
                    align="edge",
                    color=color,
                    alpha=0.45 if pale else 1,
                    lw=0,
                    label=f"{name}, estimated or with gaps" if pale else name,
                )
    for quarter in gap_free(quarters):
        if quarter.quality is Quality.MISSING:
            axes.axvspan(quarter.start, quarter.start + QUARTER, color=FAINT, alpha=0.15, lw=0)


def interval_start(start: datetime, width: timedelta, zone: tzinfo) -> datetime:
    """The beginning of the interval that holds ``start``; days and weeks are local ones."""
    if width == QUARTER:
        return start
    local = start.astimezone(zone).replace(minute=0)
    if width >= timedelta(days=1):
        local = local.replace(hour=0)
    if width > timedelta(days=1):
        local -= timedelta(days=local.weekday())
    # Compared within one zone, the two hours between two and three of a night in autumn are the same.
    return local.astimezone(UTC)


def _bands(axes: Axes, sessions: Sequence[Session], first: datetime, last: datetime) -> None:
    """A line over each session; where there is room, with its energies and states of charge."""
    across = axes.get_xaxis_transform()
    for session in sessions:
        start, end = max(session.started, first), min(session.ended or last, last)
        axes.plot(
            [start, end],
            [1.02, 1.02],
            transform=across,
            color=INK,
            lw=2.5,
            solid_capstyle="butt",
            clip_on=False,
        )
        if (end - start) / (last - first) > ROOM_FOR_WORDS:
            middle = start + (end - start) / 2
            axes.text(
                middle,
                1.04,
                _session_words(session),
                transform=across,
                ha="center",
                va="bottom",
                fontsize=8,
                color=INK,
            )


def _session_words(session: Session) -> str:
    energies = f"{session.charged_wh / 1000:.1f}"
    if session.discharged_wh >= LEAST_SHOWN_WH:
        energies = f"+{energies} −{session.discharged_wh / 1000:.1f}"
    words = f"{energies} kWh"
    begin, end = session.soc_start_percent, session.soc_end_percent
    if begin is not None and end is not None:
        words += f", {begin:.0f} → {end:.0f} %"
    return words


def _legend(figure: Figure, panels: Iterable[Axes]) -> None:
    """One legend below everything, each entry once."""
    entries: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    if entries:
        figure.legend(
            list(entries.values()),
            list(entries),
            loc="outside lower center",
            ncols=min(4, len(entries)),
            fontsize=9,
            frameon=False,
        )


def _finish(axes: Axes, title: str, zone: tzinfo) -> None:
    dates: Any = import_module("matplotlib.dates")
    locator = dates.AutoDateLocator(tz=zone, minticks=4, maxticks=10)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=zone))
    axes.axhline(0, color=FAINT, lw=0.8)
    axes.set_title(title, loc="left", color=INK, fontsize=11, pad=18, weight="bold")
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)


def _bytes(figure: Any, format_: str) -> bytes:
    picture = io.BytesIO()
    metadata = {"Date": None} if format_ == "svg" else None
    figure.savefig(picture, format=format_, metadata=metadata)
    return picture.getvalue()
