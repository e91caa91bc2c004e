"""How soon a limit of the control box is answered, and how soon it has reached every wallbox."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from operator import ge, lt
from pathlib import Path
from typing import Any

from benchmarks import Figure
from benchmarks._observer import Observer, Seen
from benchmarks._processes import Json, paired_home, running, wallboxes
from eebus_gw.cli.demo_broker import LOOPBACK, embedded_broker
from eebus_gw.clock import SystemClock
from eebus_gw.home import Home
from eebus_gw.ledger import database, journal
from eebus_gw.ledger.entries import Kind
from eebus_gw.net.address import Address
from eebus_gw.net.options import NetworkOptions
from eebus_gw.node import Node, NodeEvent
from eebus_gw.roles.events import RoleEvent
from eebus_gw.sim.control_box import LPC, ControlBox

FLEETS = {"grid.fleet20": 20, "grid.fleet200": 200}
FIGURES = (
    "grid.answer_ms",
    *(f"{name}{suffix}" for name in FLEETS for suffix in ("_s", ".measured_s")),
)
ANSWERS = 25
PAUSE_S = 0.1
SHARES_W = (9_000, 8_000, 7_000, 6_000, 5_000)
"""One reduction after the other: a wallbox has to be spared increases for five minutes."""
MAXIMUM_W = 11_040
METER_SLACK = 1.01
POLL_S = 0.1
PATIENCE_S = 180.0


def measure(wanted: frozenset[str]) -> dict[str, Figure]:
    """Medians; seconds for fleets, milliseconds for answers."""
    figures: dict[str, Figure] = {}
    if "grid.answer_ms" in wanted:
        figures["grid.answer_ms"] = round(statistics.median(asyncio.run(_answers())) * 1000, 2)
    for name, size in FLEETS.items():
        if any(figure.startswith((f"{name}_", f"{name}.")) for figure in wanted):
            applied, measured = zip(*asyncio.run(_reductions(size)), strict=True)
            figures[f"{name}_s"] = round(statistics.median(applied), 3)
            figures[f"{name}.measured_s"] = round(statistics.median(measured), 2)
    return {name: figure for name, figure in figures.items() if name in wanted}


async def _answers() -> list[float]:
    """From writing a limit to its answer, after one to warm up; no wallbox is connected."""
    with tempfile.TemporaryDirectory() as name, embedded_broker(Path(name)) as port:
        async with _site(Path(name), [], port) as box:
            taken = []
            for number in range(ANSWERS + 1):
                await asyncio.sleep(PAUSE_S)
                written = box.write(4_200 + number)
                taken.append(await box.answered() - written)
            return taken[1:]


async def _reductions(size: int) -> list[tuple[float, float]]:
    """From writing each limit to the last wallbox's answer, and to the sum measured below it."""
    with (
        tempfile.TemporaryDirectory() as name,
        embedded_broker(Path(name)) as port,
        wallboxes(Path(name), size) as boxes,
        Observer(port, "+/meter") as observer,
    ):
        async with _site(Path(name), boxes, port) as control:
            await _applied(control.ledger, size, MAXIMUM_W)
            await asyncio.to_thread(observer.wait, _sum(size, partial(lt, size * SHARES_W[0])))
            taken = []
            for share_w in SHARES_W:
                limit_w = size * share_w
                written = control.write(limit_w)
                applied = await _applied(control.ledger, size, share_w)
                obeyed = _sum(size, partial(ge, limit_w * METER_SLACK))
                seen = await asyncio.to_thread(observer.wait, obeyed, after=written)
                taken.append((applied - written, seen.at - written))
            return taken


class _Control:
    """A control box on the network; times are monotonic, comparable with those of the gateway."""

    def __init__(self, home: Home, gateway: Home) -> None:
        self.ledger = gateway.ledger_path
        self._clock = SystemClock()
        self._answers: asyncio.Queue[tuple[float, Json]] = asyncio.Queue()
        ski = gateway.grid.ensure_identity().ski
        self.node = Node(
            home.ensure_identity(),
            trusts=lambda other: other == ski,
            device_type="ElectricitySupplySystem",
            options=NetworkOptions(port=0, host=LOOPBACK, mdns=False),
            listener=self._heard,
        )
        self._box = ControlBox(self.node.host, self._clock.now())

    def write(self, watts: float) -> float:
        """Limits the site, and returns when."""
        now = self._clock.now()
        self._box.limit(LPC, watts, now)
        self.node.flush()
        return now

    async def answered(self) -> float:
        """When the next limit was accepted."""
        while True:
            at, line = await asyncio.wait_for(self._answers.get(), PATIENCE_S)
            if line["error_number"]:
                raise RuntimeError(f"the limit was refused: {line}")
            return at

    def _heard(self, event: NodeEvent) -> None:
        now = self._clock.now()
        if isinstance(event, RoleEvent):
            self._box.handle(event, now)
        for line in self._box.take_lines():
            if line["event"] == "answered" and line["use_case"] == LPC:
                self._answers.put_nowait((now, line))


@asynccontextmanager
async def _site(directory: Path, boxes: list[Json], broker_port: int) -> AsyncIterator[_Control]:
    """A gateway paired with the wallboxes, and its control box, whose first limit was accepted."""
    gateway = Home.open(paired_home(directory / "gateway", boxes))
    home = Home.open(directory / "steuerbox")
    gateway.grid.ensure_identity()
    gateway.grid.peers.add(
        home.ensure_identity().ski, at=datetime.now(UTC), device_id="steuerbox", how="simulator"
    )
    control = _Control(home, gateway)
    with _gateway(directory / "gateway", broker_port) as ready:
        async with control.node as node:
            node.network.connect(ready["grid_ski"], [Address(LOOPBACK, ready["grid_port"])])
            control.write(len(boxes) * MAXIMUM_W + MAXIMUM_W)
            await control.answered()
            yield control


@contextmanager
def _gateway(home: Path, broker_port: int) -> Iterator[Json]:
    ports = ("--port", 0, "--grid-port", 0, "--no-mdns")
    url = f"mqtt://{LOOPBACK}:{broker_port}"
    options = ("--log-level", "warning", "run", "--mqtt", url, *ports, "--json")
    with running("eebus_gw", "--home", home, *options) as program:
        yield program.line()


async def _applied(ledger: Path, size: int, share_w: float) -> float:
    """When the last wallbox accepted its share, by the gateway's journal."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        at: dict[str, float] = {
            row["allocation"][0]["device"]: row["monotonic_s"] for row in _accepted(ledger, share_w)
        }
        if len(at) == size:
            return max(at.values())
        await asyncio.sleep(POLL_S)
    raise TimeoutError(f"{size} wallboxes have not accepted {share_w} W")


def _accepted(ledger: Path, share_w: float) -> list[dict[str, Any]]:
    with closing(database.connect(ledger, read_only=True)) as connection:
        rows = [row.members() for row in journal.rows(connection)]
    return [
        row
        for row in rows
        if (row["kind"], row["outcome"]) == (Kind.APPLIED, "accepted")
        and row["allocation"][0]["share_w"] == share_w
    ]


def _sum(size: int, wanted: Callable[[float], bool]) -> Callable[[Seen], bool]:
    """Whether all wallboxes have measured anew and their sum is as wanted."""
    watts: dict[str, float] = {}

    def complete(seen: Seen) -> bool:
        if (power_w := seen.document["power_w"]) is not None:
            watts[seen.leaf] = power_w
        return len(watts) == size and wanted(sum(watts.values()))

    return complete
