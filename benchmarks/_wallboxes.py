"""``python -m benchmarks._wallboxes HOME COUNT``: simulated wallboxes whose measurements never stand still.

As ``simulate wallbox --count``, but the current of each car moves a little every second, as it does in reality: else
only the counted energies would be news.
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

from eebus_gw.cli.demo_broker import LOOPBACK
from eebus_gw.clock import SystemClock
from eebus_gw.sim.fleet import Fleet, WallboxOptions
from eebus_gw.sim.simulated_node import Reach
from eebus_gw.sim.snapshot import WallboxSnapshot

MEAN_A = 15.0
SWING_A = 0.5
PERIOD_S = 60.0


def main(directory: str, count: str) -> None:
    """Runs until terminated; prints a ``ready`` line for each wallbox."""
    clock = SystemClock()
    reach = Reach(host=LOOPBACK, mdns=False, auto_accept=True)
    fleet = Fleet(Path(directory), reach, WallboxOptions(), count=int(count), clock=clock)

    def ready(line: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    def seen(elapsed_s: float, number: int, snapshot: WallboxSnapshot) -> None:
        model = fleet.boxes[number - 1].model
        amperes = MEAN_A + SWING_A * math.sin(2 * math.pi * elapsed_s / PERIOD_S)
        model.restrict(replace(model.limits, recommendation_a=(amperes,) * 3), clock.now())

    asyncio.run(fleet.run(ready, seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
