"""The live screen of the demonstration."""

from __future__ import annotations

from typing import Any, Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from eebus_gw.cli.chart import CHARGING, DISCHARGING, FAINT, LIMIT, power_chart
from eebus_gw.cli.demo_state import CHART_S, DemoState, answer_text, payload_text
from eebus_gw.cli.pair_view import clock_text
from eebus_gw.clock import Clock, SystemClock

FULL_W = 11_040.0
FRESH_S = 1.5
"""How long a change stays bright."""
_CAR_WIDTH = 33
_BOUNDS = {
    "overload": "energy manager",
    "grid_consumption": "grid",
    "ramp": "its own ramp",
    "driver_target": "driver's target",
    "feed_in": "feed-in rule",
    "driver_minimum": "driver's minimum",
}


class DemoView:
    """A context manager that shows ``state`` until it ends."""

    def __init__(
        self,
        state: DemoState,
        broker: str,
        console: Console | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._state = state
        self._broker = broker
        self._clock = clock or SystemClock()
        self._console = console or Console()
        self._live = Live(
            console=self._console, get_renderable=self.render, screen=True, refresh_per_second=4
        )

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def render(self) -> RenderableType:
        """The screen as it is now."""
        width, height = self._console.size
        now = self._clock.now()
        chart_rows = max(5, (height - 12) * 3 // 5)
        layout = Layout()
        layout.split_column(
            Layout(self._title(now, width), size=1),
            Layout(self._story(), size=5),
            Layout(name="middle", minimum_size=6),
            Layout(self._chart(now, width, chart_rows), size=chart_rows + 2),
            Layout(self._footer(), size=1),
        )
        middle = height - 7 - chart_rows - 2
        layout["middle"].split_row(
            Layout(self._car(), size=_CAR_WIDTH),
            Layout(self._topics(now, middle - 2)),
        )
        return layout

    def _title(self, now: float, width: int) -> Text:
        left = " eebus-gw demo"
        middle = "   simulated wallbox ⇄ gateway ⇄ MQTT broker"
        right = f"{clock_text(now - self._state.started)} "
        gap = max(1, width - len(left) - len(middle) - len(right))
        return Text.assemble((left, "bold"), (middle, FAINT), " " * gap, (right, FAINT))

    def _story(self) -> Panel:
        state = self._state
        lines, answer = [Text(state.scene.caption)], Text("")
        if state.scene.field is not None:
            topic = f"{state.base}/{state.device}/set/{state.scene.field}"
            line = Text.assemble((f"{topic} ", "bold"), (payload_text(state.scene.value), LIMIT))
            line.no_wrap, line.overflow = True, "ellipsis"
            lines.append(line)
        if state.answer is not None:
            good = state.answer["state"] in ("applied", "accepted", "sent")
            answer = Text(f" {answer_text(state.answer)} ", style="green" if good else "red")
        return _panel(Group(*lines), "what happens", answer)

    def _car(self) -> Panel:
        car = self._state.car
        if not car:
            return _panel(Text("connecting …", style=FAINT), "wallbox and car")
        power_w = car["power_w"]
        word, colour = _doing(power_w)
        table = Table.grid(padding=(0, 1))
        table.add_column(style=FAINT, no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_row("car", Text(word, style=f"bold {colour}"))
        table.add_row("power", Text(f"{power_w / 1000:6.2f} kW", style="bold"))
        table.add_row("", _bar(abs(power_w) / FULL_W, colour))
        if car.get("setpoint_w") is not None and self._state.grid_w is not None:
            table.add_row("grid", f"{self._state.grid_w / 1000:6.2f} kW")
        else:
            table.add_row("offered", f"{car['limit_a']:6.1f} A")
        # What bounds the setpoint at the gateway comes before what bounds it in the car.
        bound = self._state.bound or car["limited_by"]
        if bound:
            table.add_row("bound by", _BOUNDS.get(bound, bound.replace("_", " ")))
        else:
            table.add_row("bound by", Text("nothing", style=FAINT))
        if car["soc_percent"] is not None:
            table.add_row("battery", f"{car['soc_percent']:6.2f} %")
        return _panel(table, "wallbox and car")

    def _topics(self, now: float, rows: int) -> Panel:
        state = self._state
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(no_wrap=True, style=FAINT)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for name, topic in state.shown_topics(rows):
            fresh = now - topic.changed_at < FRESH_S
            short = name.removeprefix(f"{state.base}/{state.device}/").removeprefix(
                f"{state.base}/"
            )
            table.add_row(short, Text(topic.text, style="bold" if fresh else ""))
        return _panel(
            table,
            f"{state.base}/{state.device}/…",
            f"{len(state.topics)} topics, {state.messages} messages",
        )

    def _chart(self, now: float, width: int, rows: int) -> Panel:
        chart = power_chart(self._state.samples, now, CHART_S, width=width - 4, height=rows)
        legend = Text.assemble(("█", CHARGING), " power  ", ("─", LIMIT), " limit ")
        return _panel(Group(*chart), "power", legend)

    def _footer(self) -> Text:
        return Text.assemble(
            (f" mosquitto_sub -p {self._broker} -t '{self._state.base}/#' -v", FAINT),
            ("   Ctrl-C ends", FAINT),
        )


def _panel(content: RenderableType, title: str, subtitle: str | Text = "") -> Panel:
    return Panel(
        content,
        title=Text(title, style="bold"),
        title_align="left",
        subtitle=Text(subtitle, style=FAINT) if isinstance(subtitle, str) else subtitle,
        subtitle_align="right",
        box=box.ROUNDED,
        border_style=FAINT,
    )


def _doing(power_w: float) -> tuple[str, str]:
    if power_w > 50:
        return "charging", CHARGING
    return ("discharging", DISCHARGING) if power_w < -50 else ("waiting", LIMIT)


def _bar(share: float, colour: str, width: int = 18) -> Text:
    filled = round(min(1.0, share) * width)
    return Text.assemble(("━" * filled, colour), ("━" * (width - filled), FAINT))
