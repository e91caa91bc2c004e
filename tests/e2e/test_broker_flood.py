"""Nonsense at 1,000 messages a second and a consumer that stands still: the EEBUS side does not notice."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.e2e.secured import Secured, password, secured_broker
from tests.support.processes import (
    Gateway,
    Observer,
    Plant,
    Wallbox,
    connections,
    eventually,
    lasting_port,
)

FLOOD_S = 10.0
PER_SECOND = 1_000
MOST_GROWTH_MB = 30
ANSWERED_WITHIN_S = 3.0
REFRESH_S = 3
CONFIG = f"refresh_s = {REFRESH_S}\nallow_pairing = false\n"
NEWEST = ("bridge/state", "bridge/devices", "box1/limits", "box2/availability", "box2/ev")
ANSWERS = {
    "box2/result": 40,
    "grid/event": 40,
    "bridge/response/health": 10,
    "bridge/response/pairing/open": 10,
    "bridge/response/no/such/verb": 10,
}
"""What is said about nonsense, a second: as much as is read, and as many refusals for the rate."""
NONSENSE = (
    ("box2/set", '{"max_current_a": "much"}'),
    ("box2/set", b"\xff\x00" * 400),
    ("box2/set/max_current_a", "[[[[[[[[[["),
    ("box2/set/no_such_field", "1"),
    ("nobody/set", '{"max_current_a": 10}'),
    ("grid/set", '{"failsafe_w": "much"}'),
    ("grid/meter/set", "nonsense"),
    ("bridge/request/health", "{"),
    ("bridge/request/pairing/open", '{"seconds": 600}'),
    ("bridge/request/no/such/verb", "{}"),
)


class Display:
    """A process that reads everything, and can be stopped like one that hangs."""

    def __init__(self, secured: Secured) -> None:
        program = Path(__file__).with_name("display.py")
        self._process = subprocess.Popen(
            [
                *(sys.executable, str(program), str(secured.broker.port)),
                *(str(secured.authority.file), "display", password("display")),
            ],
            stdout=subprocess.PIPE,
        )
        self.newest: dict[str, str] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            topic, payload = json.loads(line)
            self.newest[topic.removeprefix("eebus/")] = payload

    def stand_still(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._reader.join(10)


@contextmanager
def display(secured: Secured) -> Iterator[Display]:
    running = Display(secured)
    try:
        yield running
    finally:
        running.end()


async def pour(ems: Observer) -> int:
    """Publishes nonsense at the rate for the time, and returns how much it was."""
    started, sent, kinds = time.monotonic(), 0, cycle(NONSENSE)
    while (elapsed := time.monotonic() - started) < FLOOD_S:
        while sent < elapsed * PER_SECOND:
            leaf, payload = next(kinds)
            ems.publish(leaf, payload, qos=0)
            sent += 1
        await asyncio.sleep(0.005)
    return sent


@dataclass
class Disturbed:
    """What is measured while the flood comes."""

    memory_mb: float
    commands: int = 0
    slowest_s: float = 0.0

    async def command(self, ems: Observer, gateway: Gateway) -> None:
        """A command that is due, to a wallbox that has nothing to do with the flood."""
        self.commands += 1
        began, ampere = time.monotonic(), 16 - self.commands % 8
        result = await ems.command("box1", f"due-{self.commands}", max_current_a=ampere)
        assert (result["state"], result["actual"]) == ("applied", [ampere] * 3), result
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        self.memory_mb = max(self.memory_mb, gateway.rss_mb)


async def build(plant: Plant, secured: Secured, ems: Observer) -> tuple[Gateway, Wallbox, Wallbox]:
    """A gateway with two wallboxes and a grid side."""
    boxes = [Wallbox(plant.directory / name) for name in ("box1", "box2")]
    gateway = Gateway(
        plant.directory / "gateway",
        *("--grid-port", str(lasting_port())),
        config=secured.settings("eebus") + CONFIG,
    )
    await asyncio.to_thread(plant.start, *boxes, gateway)
    for box in boxes:
        await gateway.pair(box, box.home.name)
        await eventually(
            lambda box=box: ems.document(f"{box.home.name}/limits").get("obligation"),  # type: ignore[misc]
            f"{box.home.name} is ready",
        )
    return gateway, boxes[0], boxes[1]


async def during(flood: Coroutine[Any, Any, int], act: Callable[[], Awaitable[None]]) -> int:
    """Acts again and again until the flood is over, and returns its result."""
    running = asyncio.create_task(flood)
    try:
        while not running.done():
            await act()
    finally:
        running.cancel()
    return await running


def newest(observer: Observer) -> dict[str, str | None]:
    return {leaf: observer.text(leaf) for leaf in NEWEST}


async def test_a_flood_and_a_consumer_that_stands_still(tmp_path: Path) -> None:
    with (
        secured_broker(tmp_path, "password") as secured,
        Plant(tmp_path) as plant,
        display(secured) as shown,
    ):
        ems, flooder = (
            plant.observer(secured.broker.port, prepare=secured.client("ems")) for _ in range(2)
        )
        gateway, first, second = await build(plant, secured, ems)
        await eventually(lambda: shown.newest.get("box2/availability") == "online", "shown")
        shown.stand_still()
        before, lines = gateway.rss_mb, len(gateway.log_text().splitlines())
        mark, seen = Disturbed(before), len(ems.messages)
        heard = ems.document("box2/meter")["ts"]
        told = {"box1": len(first.lines), "box2": len(second.lines)}
        sent = await during(pour(flooder), lambda: mark.command(ems, gateway))
        assert sent >= 0.9 * FLOOD_S * PER_SECOND
        assert mark.slowest_s < ANSWERED_WITHIN_S
        assert mark.memory_mb < before + MOST_GROWTH_MB
        assert len(gateway.log_text().splitlines()) < lines + 50
        answers = Counter(m.topic.removeprefix("eebus/") for m in ems.messages[seen:])
        for leaf, per_second in ANSWERS.items():
            assert 0 < answers[leaf] <= per_second * (FLOOD_S + 2), leaf

        for device, box in (("box1", first), ("box2", second)):
            assert connections(box.port) == 1
            link = ems.document(f"{device}/link")
            assert (link["reconnects"], link["last_error"]) == (0, None)
            assert (link["heartbeat"]["tx_ok"], link["heartbeat"]["rx_ok"]) == (True, True)
            bounds = {line["limited_by"] for line in box.lines[told[device] :]}
            assert "safe_current" not in bounds, "the heartbeat of the gateway went on"
        assert ems.document("box2/meter")["ts"] > heard
        assert ems.document("bridge/pairing")["open"] is False

        await ems.command("box1", "last", max_current_a=7)
        second.kill()
        await eventually(lambda: ems.text("box2/availability") == "offline", "noticed")
        shown.go_on()
        await eventually(
            lambda: {leaf: shown.newest.get(leaf) for leaf in NEWEST} == newest(ems),
            "the newest state of everything",
            within=3 * REFRESH_S,
        )
        assert json.loads(shown.newest["box1/limits"])["obligation"]["value_a"] == [7.0] * 3
        assert secured.denied("eebus-gw") == []
