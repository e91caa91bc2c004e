"""The frame trace on demand: what is kept in memory, and traces that go to a file from now on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eebus_gw.bridge.results import time_text
from eebus_gw.errors import StoreError
from eebus_gw.trace.recording import TraceFile, TraceRecord

if TYPE_CHECKING:
    from eebus_gw.gateway.gateway import Gateway

TRACES_DIRECTORY = "traces"
DEFAULT_S = 600.0
FILES_KEPT = 20
"""Whoever may ask for traces must not fill the disk with them: the oldest go."""
LINES_PER_TURN = 200
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Running:
    path: Path
    file: TraceFile
    detach: Callable[[], None]
    waiting: asyncio.Task[None]


class Tracing:
    """Writes traces; at most one a party at a time, ``None`` stands for all of them."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._running: dict[str | None, _Running] = {}

    async def export(self, party: str | None, full_skis: bool) -> AsyncGenerator[Json, None]:
        """The lines of the frames in memory, without secrets; ``party`` is a SKI."""
        lines = list(self._gateway.frames.lines(party=party, full_skis=full_skis))
        for number, line in enumerate(lines):
            yield {"line": line}
            if number % LINES_PER_TURN == LINES_PER_TURN - 1:
                await asyncio.sleep(0)

    def start(self, party: str | None, seconds: float | None) -> Json:
        """Writes frames to a new file in the home directory for so long; one that runs is ended."""
        self.stop(party)
        gateway = self._gateway
        wall = gateway.clock.wall()
        directory = gateway.home.path / TRACES_DIRECTORY
        name = f"{wall:%Y%m%d-%H%M%S}{'' if party is None else f'-{party[:8]}'}.jsonl"
        lasting = seconds or DEFAULT_S
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            _make_room(directory)
            file = TraceFile(directory / name, gateway.clock.now())
        except OSError as error:
            raise StoreError(f"{directory / name} cannot be written: {error.strerror}") from error
        waiting = gateway.background(self._wait(lasting))
        running = _Running(directory / name, file, self._attach(file, party), waiting)
        self._running[party] = running
        # Also when the gateway ends before the task has begun.
        waiting.add_done_callback(lambda _: self._end(party, running))
        return {"file": str(directory / name), "seconds": lasting, "started": time_text(wall)}

    def stop(self, party: str | None) -> Json:
        """Ends the trace; ``file`` is ``None`` where none was running."""
        running = self._running.get(party)
        if running is None:
            return {"file": None}
        self._end(party, running)
        running.waiting.cancel()
        return {"file": str(running.path), "bytes": running.path.stat().st_size}

    def _attach(self, file: TraceFile, party: str | None) -> Callable[[], None]:
        def sink(record: TraceRecord) -> None:
            if party is None or party in (record.sender, record.receiver):
                file(record)

        return self._gateway.frames.attach(sink)

    def _end(self, party: str | None, running: _Running) -> None:
        if self._running.get(party) is running:
            del self._running[party]
            running.detach()
            running.file.close()

    @staticmethod
    async def _wait(seconds: float) -> None:
        await asyncio.sleep(seconds)


def _make_room(directory: Path) -> None:
    """Names begin with the time, so that the oldest come first."""
    traces = sorted(directory.glob("*.jsonl"))
    for path in traces[: max(0, len(traces) - FILES_KEPT + 1)]:
        path.unlink(missing_ok=True)
