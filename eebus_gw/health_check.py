"""``python -m eebus_gw.health_check``: whether the gateway of this home directory answers.

For container engines and supervisors without a watchdog of their own. Exit status 0 or 1, one line.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from eebus_gw.control import ControlClient
from eebus_gw.errors import EebusError
from eebus_gw.home import Home

PATIENCE_S = 10.0
"""An event loop that does not answer for so long stands still."""


def main() -> int:
    """Asks once, prints one line, and returns the exit status."""
    try:
        health = asyncio.run(_ask(Home.open().control_path))
    except (EebusError, OSError) as error:
        print(str(error) or "the gateway does not answer")
        return 1
    broker, devices = health["mqtt"], health["devices"]
    print(
        f"up for {health['uptime_s']} s, broker {'' if broker['connected'] else 'not '}connected, "
        f"{devices['connected']} of {devices['total']} devices connected"
    )
    return 0


async def _ask(socket: Path) -> dict[str, dict[str, object]]:
    async with asyncio.timeout(PATIENCE_S), await ControlClient.connect(socket) as gateway:
        return await gateway.ask("health")


if __name__ == "__main__":
    sys.exit(main())
