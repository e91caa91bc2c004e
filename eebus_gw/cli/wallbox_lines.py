"""The seconds of simulated wallboxes as lines for people: only what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eebus_gw.cli.bounds import bound_text


class WallboxLines:
    """Powers in steps of 10 W, so that a steady wallbox is quiet."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[Any, ...]] = {}

    def text(self, line: Mapping[str, Any]) -> str | None:
        """One line of ``simulate wallbox``, ``None`` if it looks like the one before of this box."""
        box = line["box"]
        shown = (line["plugged"], round(line["power_w"], -1), line["limit_a"], line["limited_by"])
        if self._last.get(box) == shown:
            return None
        self._last[box] = shown
        soc = "" if line["soc_percent"] is None else f"  {line['soc_percent']:.1f} %"
        car = f"{line['power_w']:.0f} W{soc}" if line["plugged"] else "no car"
        bound = f"  limited by {bound_text(line['limited_by'])}" if line["limited_by"] else ""
        return f"{line['t']:8.1f} s  box {box}  {car}  offers {line['limit_a']} A{bound}"
