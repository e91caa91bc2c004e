"""What the gateway takes of the machine with one wallbox and with two hundred, each measuring once a second."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks import Figure
from benchmarks._observer import Observer, Seen
from benchmarks._processes import gateway, paired_home, wallboxes
from eebus_gw.cli.demo_broker import embedded_broker

FIGURES = (
    "idle1.rss_mb",
    "idle1.cpu_percent",
    "fleet200.rss_mb",
    "fleet200.cpu_percent",
    "fleet200.all_connected_s",
)
SIZES = {"idle1": 1, "fleet200": 200}
RUNS = 3
SETTLING_S = 10.0
WINDOW_S = 20.0


class _Run(NamedTuple):
    rss_mb: float
    cpu_percent: float
    all_connected_s: float


def measure(wanted: frozenset[str]) -> dict[str, Figure]:
    """Medians over ``RUNS`` starts of the gateway."""
    figures: dict[str, Figure] = {}
    for group, size in SIZES.items():
        if any(name.startswith(group) for name in wanted):
            runs = _runs(size)
            for figure in _Run._fields:
                median = statistics.median(getattr(run, figure) for run in runs)
                figures[f"{group}.{figure}"] = round(median, 2)
    return {name: figure for name, figure in figures.items() if name in wanted}


def _runs(size: int) -> list[_Run]:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with wallboxes(directory, size) as boxes:
            home = paired_home(directory / "gateway", boxes)
            return [_run(directory, home, size) for _ in range(RUNS)]


def _run(directory: Path, home: Path, size: int) -> _Run:
    with embedded_broker(directory) as port, Observer(port, "+/availability") as observer:
        started = time.monotonic()
        with gateway(home, port) as program:
            all_connected = observer.wait_all(_online, size).at - started
            time.sleep(SETTLING_S)
            cpu_percent = program.cpu_percent(WINDOW_S)
            return _Run(program.rss_mb, cpu_percent, all_connected)


def _online(seen: Seen) -> str | None:
    return seen.leaf if seen.payload == b"online" else None
