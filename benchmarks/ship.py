"""From the TCP connection to a trusted wallbox to the moment at which data may flow."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from benchmarks import Figure
from benchmarks._processes import Json, wallboxes
from eebus_gw.cli.demo_broker import LOOPBACK
from eebus_gw.home import Home
from eebus_gw.net.events import Dialling, LinkDown, LinkUp
from eebus_gw.net.options import NetworkOptions
from eebus_gw.node import Node, NodeEvent

FIGURES = ("ship.connect_ms",)
ROUNDS = 25


def measure(wanted: frozenset[str]) -> dict[str, Figure]:
    """Milliseconds, median of ``ROUNDS`` connections after one to warm up."""
    with tempfile.TemporaryDirectory() as name, wallboxes(Path(name), 1) as (box,):
        home = Home.open(Path(name) / "gateway")
        taken = asyncio.run(_connect_often(home, box))
    return {"ship.connect_ms": round(statistics.median(taken[1:]) * 1000, 2)}


async def _connect_often(home: Home, box: Json) -> list[float]:
    events: asyncio.Queue[tuple[float, NodeEvent]] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    ski, address = box["ski"], (LOOPBACK, box["port"], "/ship/")
    taken = []

    async def moment(kind: type[NodeEvent]) -> float:
        while True:
            at, event = await events.get()
            if isinstance(event, kind):
                return at

    async with Node(
        home.ensure_identity(),
        trusts=lambda other: other == ski,
        options=NetworkOptions(port=0, host=LOOPBACK, mdns=False),
        listener=lambda event: events.put_nowait((loop.time(), event)),
    ) as node:
        for _ in range(ROUNDS + 1):
            node.network.connect(ski, [address])
            dialled = await moment(Dialling)
            taken.append(await moment(LinkUp) - dialled)
            node.network.disconnect(ski)
            await moment(LinkDown)
    return taken
