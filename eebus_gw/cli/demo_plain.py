"""The demonstration as plain lines, where there is no terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eebus_gw.cli.demo_plant import Observer
from eebus_gw.cli.demo_state import DemoState, answer_text, payload_text
from eebus_gw.cli.demo_story import Scene
from eebus_gw.cli.output import Output

WORTH_W = 1000.0
"""A line for the car each time its power has changed by so much."""


class PlainDemo(Observer):
    """Prints what happens."""

    def __init__(self, output: Output, state: DemoState) -> None:
        self._output = output
        self._state = state
        self._power_w: float | None = None

    def began(self, scene: Scene, now: float) -> None:
        """See ``Observer``."""
        self._say(now, scene.caption)
        if scene.field is not None:
            topic = f"{self._state.base}/{self._state.device}/set/{scene.field}"
            self._say(now, f"  {topic} {payload_text(scene.value)}")

    def stepped(self, line: Mapping[str, Any], now: float) -> None:
        """See ``Observer``."""
        power_w = line["power_w"]
        if self._power_w is None or abs(power_w - self._power_w) >= WORTH_W:
            self._power_w = power_w
            soc, grid_w = line["soc_percent"], self._state.grid_w
            grid = "" if grid_w is None else f", grid {grid_w / 1000:.2f} kW"
            self._say(now, f"  car {power_w / 1000:.2f} kW{grid}, battery {soc:.2f} %")

    def answered(self, answer: Mapping[str, Any], now: float) -> None:
        """See ``Observer``."""
        self._say(now, f"  {self._state.base}/{self._state.device}/result {answer_text(answer)}")

    def _say(self, now: float, text: str) -> None:
        self._output.line(f"{now - self._state.started:6.1f} s  {text}")
