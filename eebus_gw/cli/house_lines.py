"""The seconds of a simulated house as lines for people: only what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATES = {
    "init": "just started",
    "power_control": "battery power is set",
    "pcc_control": "grid power is set",
    "auto_control": "on its own, as asked",
    "auto_uncontrolled": "on its own",
    "failsafe": "failsafe: nobody is heard",
}


class HouseLines:
    """Powers in steps of 10 W, so that a steady house is quiet."""

    def __init__(self) -> None:
        self._last: tuple[Any, ...] | None = None

    def text(self, line: Mapping[str, Any]) -> str | None:
        """One line of ``simulate house``, ``None`` if it looks like the one before."""
        powers = [round(line[name], -1) for name in ("grid_w", "load_w", "pv_w", "battery_w")]
        shown = (*powers, line["setpoint_w"], line["state"])
        if shown == self._last:
            return None
        self._last = shown
        text = f"{line['t']:8.1f} s  grid {line['grid_w']:.0f} W  load {line['load_w']:.0f} W"
        text += f"  PV {line['pv_w']:.0f} W"
        if line["soc_percent"] is not None:
            text += f"  battery {line['battery_w']:.0f} W at {line['soc_percent']:.1f} %"
        if line["state"] is not None:
            text += f"  {STATES[line['state']]}"
        return text if line["setpoint_w"] is None else f"{text} to {line['setpoint_w']:g} W"
