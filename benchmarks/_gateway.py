"""``python -m benchmarks._gateway HOME BROKER_PORT``: a gateway that connects to its one wallbox again and again.

It prints when it began to dial, in monotonic time; nothing else tells that moment from outside. Before each dial nobody
was connected for so long that the broker has been told everything about it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from eebus_gw.bridge.endpoint import parse_url
from eebus_gw.cli.demo_broker import LOOPBACK
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.gateway.side import Side
from eebus_gw.home import Home
from eebus_gw.net.events import Dialling, LinkDown
from eebus_gw.node import NodeEvent
from eebus_gw.settings import Settings

CONNECTED_S = 1.5
APART_S = 1.5


async def serve(home: Path, broker_port: int) -> None:
    """Runs until terminated."""
    settings = Settings.model_validate({"ship": {"mdns": False, "port": 0}})
    endpoint = parse_url(f"mqtt://{LOOPBACK}:{broker_port}")
    gateway = Gateway(Home.open(home), settings, endpoint=endpoint)
    down = asyncio.Event()

    def note(side: Side, event: NodeEvent) -> None:
        match event:
            case Dialling():
                sys.stdout.write(json.dumps({"dialled": gateway.clock.now()}) + "\n")
                sys.stdout.flush()
            case LinkDown():
                down.set()

    gateway.observers.add(note)
    async with gateway:
        (peer,) = gateway.wallbox.peers
        while True:
            await asyncio.sleep(CONNECTED_S)
            down.clear()
            gateway.wallbox.node.network.disconnect(peer.ski)
            await down.wait()
            await asyncio.sleep(APART_S)
            gateway.wallbox.dial(peer)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
