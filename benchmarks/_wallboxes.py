"""``python -m benchmarks._wallboxes HOME COUNT``: simulated wallboxes whose measurements never stand still.

As ``simulate wallbox --count``, but the mains voltage moves a little every second: with a steady one only the
counted energies would be news.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks._broker import LOOPBACK
from eebus_gw.sim.fleet import BoxOptions, Fleet
from eebus_gw.sim.snapshot import WallboxSnapshot

NOMINAL_V = 230.0
SWING_V = 4.0
PERIOD_S = 60.0


def main(directory: str, count: str) -> None:
    """Runs until terminated; prints a ``ready`` line for each wallbox."""
    options = BoxOptions(auto_accept=True, host=LOOPBACK, mdns=False)
    fleet = Fleet(Path(directory), 0, options, count=int(count))

    def ready(line: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    def seen(elapsed_s: float, number: int, snapshot: WallboxSnapshot) -> None:
        model = fleet.boxes[number - 1].model
        voltage_v = NOMINAL_V + SWING_V * math.sin(2 * math.pi * elapsed_s / PERIOD_S)
        model.installation = replace(model.installation, voltage_v=round(voltage_v, 1))

    asyncio.run(fleet.run(ready, seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
