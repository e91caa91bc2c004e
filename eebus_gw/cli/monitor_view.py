"""The live screen of ``monitor``: a block with values and a chart for every device that finds room."""

from __future__ import annotations

from collections import deque
from typing import Any, Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from eebus_gw.cli.chart import Sample, power_chart
from eebus_gw.cli.foreign import harmless
from eebus_gw.cli.monitor import house_powers, limit_text
from eebus_gw.clock import Clock, SystemClock

Json = dict[str, Any]

LEAST_CHART_ROWS = 5
MOST_CHART_ROWS = 20
_STATE_STYLES = {"active": "cyan", "error": "red", "paused": "yellow"}


class MonitorView:
    """A context manager; ``span_s`` is the time the charts show."""

    def __init__(
        self, span_s: float, console: Console | None = None, clock: Clock | None = None
    ) -> None:
        self._span_s = span_s
        self._clock = clock or SystemClock()
        self._console = console or Console()
        self._values: dict[str, Json] = {}
        self._samples: dict[str, deque[Sample]] = {}
        self._live = Live(
            console=self._console,
            get_renderable=self.render,
            screen=True,
            refresh_per_second=2,
        )

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def show(self, values: Json) -> None:
        """See ``Screen``."""
        now = self._clock.now()
        self._values[values["id"]] = values
        samples = self._samples.setdefault(values["id"], deque())
        power_w = values["power_w"] if values["power_w"] is not None else values["battery_w"]
        samples.append(Sample(now, power_w, values["limit_w"]))
        while samples and samples[0].at < now - self._span_s:
            samples.popleft()

    def render(self) -> RenderableType:
        """The screen as it is now."""
        width, height = self._console.size
        if not self._values:
            return Text("no wallbox is paired yet: eebus-gw pair PEER", style="dim")
        room = (height - 1) // len(self._values)
        if room < LEAST_CHART_ROWS + 3:
            body: RenderableType = self._table()
        else:
            body = Group(*(self._block(each, width, room) for each in self._values.values()))
        return Group(body, Text(" Ctrl-C ends", style="bright_black"))

    def _block(self, values: Json, width: int, room: int) -> Panel:
        rows = min(room - 3, MOST_CHART_ROWS)
        chart = power_chart(
            self._samples[values["id"]],
            self._clock.now(),
            self._span_s,
            width=width - 4,
            height=rows,
        )
        title = str(values["alias"] or values["id"])
        return Panel(
            Group(_line(values, width - 4), *chart),
            title=Text(title, style="bold"),
            title_align="left",
            box=box.ROUNDED,
            border_style="bright_black",
        )

    def _table(self) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
        table.add_column("device")
        table.add_column("state")
        table.add_column("power", justify="right")
        table.add_column("battery", justify="right")
        table.add_column("limit")
        for values in self._values.values():
            table.add_row(
                Text(harmless(str(values["alias"] or values["id"]))),
                _state(values),
                _power(values),
                _battery(values),
                (limit_text(values) or "") if values["connected"] else "",
            )
        return table


def _line(values: Json, width: int) -> Text:
    """The values in the order of their worth, as many as there is room for."""
    line = _state(values)
    if not values["connected"]:
        return line
    currents = [f"{a:.1f}" for a in values["current_a"] or () if a is not None]
    powers = house_powers(values) if values["kind"] == "house" else _power(values)
    parts = [
        (powers, "bold"),
        (limit_text(values), "yellow"),
        (f"battery {_battery(values)}" if values["soc_percent"] is not None else None, ""),
        (f"{values['energy_kwh']:.2f} kWh" if values["energy_kwh"] is not None else None, ""),
        (f"{' / '.join(currents)} A" if currents else None, ""),
    ]
    for text, style in parts:
        if text is not None and len(line) + 3 + len(text) <= width:
            line.append(f"   {text}", style=style)
    return line


def _state(values: Json) -> Text:
    if not values["connected"]:
        return Text(str(values["phase"]), style="red")
    if values["kind"] == "house":
        return Text("house")
    state = str(values["charge_state"] or "unknown")
    word = "discharging" if state == "active" and (values["power_w"] or 0) < 0 else state
    return Text({"active": "charging"}.get(word, word), style=_STATE_STYLES.get(state, ""))


def _power(values: Json) -> str:
    known = values["connected"] and values["power_w"] is not None
    return f"{values['power_w'] / 1000:.2f} kW" if known else "–"


def _battery(values: Json) -> str:
    known = values["connected"] and values["soc_percent"] is not None
    return f"{values['soc_percent']:.1f} %" if known else "–"
