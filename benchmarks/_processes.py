"""The gateway and simulated wallboxes as processes, and what they use of the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eebus_gw.cli.demo_broker import LOOPBACK
from eebus_gw.home import Home

Json = dict[str, Any]

PATIENCE_S = 30.0
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGESIZE") / 1e6


@dataclass(frozen=True, slots=True)
class Program:
    """A running process that prints JSON lines."""

    process: subprocess.Popen[bytes]

    def line(self) -> Json:
        """The next line; ``RuntimeError`` when the process has ended."""
        assert self.process.stdout is not None
        text = self.process.stdout.readline()
        if not text:
            raise RuntimeError(f"{self.process.args!r} has ended")
        line: Json = json.loads(text)
        return line

    @property
    def rss_mb(self) -> float:
        """Memory in use, in 10^6 bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * _PAGE_MB

    @property
    def cpu_s(self) -> float:
        """Processor time of all threads so far, in steps of usually 10 ms."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK_S

    def cpu_percent(self, seconds: float) -> float:
        """Share of one core over the next ``seconds``."""
        cpu, now = self.cpu_s, time.monotonic()
        time.sleep(seconds)
        return (self.cpu_s - cpu) / (time.monotonic() - now) * 100


@contextmanager
def running(module: str, *arguments: str | Path | int) -> Iterator[Program]:
    """A Python module as a process; ended with the block."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        yield Program(process)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def wallboxes(directory: Path, count: int) -> Iterator[list[Json]]:
    """The ``ready`` lines of charging wallboxes, all in one process, that trust whoever connects."""
    with running("benchmarks._wallboxes", directory / "wallboxes", count) as program:
        yield [program.line() for _ in range(count)]


def paired_home(directory: Path, boxes: Sequence[Json]) -> Path:
    """The home of a gateway that trusts the wallboxes and knows their addresses."""
    home = Home.open(directory)
    home.ensure_identity()
    for box in boxes:
        home.peers.add(
            box["ski"],
            at=datetime.now(UTC),
            device_id=f"box-{box['box']}",
            how="simulator",
            static_address=f"{LOOPBACK}:{box['port']}",
        )
    return directory


@contextmanager
def gateway(home: Path, broker_port: int) -> Iterator[Program]:
    """``eebus-gw run``, without mDNS, not ready yet."""
    url = f"mqtt://{LOOPBACK}:{broker_port}"
    options = ("--log-level", "warning", "run", "--mqtt", url, "--port", 0, "--no-mdns", "--json")
    with running("eebus_gw", "--home", home, *options) as program:
        yield program
