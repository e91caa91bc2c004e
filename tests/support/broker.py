"""Brokers for tests: a Mosquitto process on a free loopback port, and a double of our interface."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eebus_gw.bridge.broker import BrokerStatus
from eebus_gw.bridge.messages import Publication, Received
from eebus_gw.bridge.outbox import Outbox
from eebus_gw.clock import Clock


def mosquitto_program() -> str:
    """Where Mosquitto is; skips the test without it, or fails it where it is required."""
    program = shutil.which(
        "mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    )
    if program is not None:
        return program
    if "mosquitto" in os.environ.get("EEBUS_GW_REQUIRE", "").split(","):
        pytest.fail("mosquitto is required and not installed")
    pytest.skip("mosquitto is not installed")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Mosquitto:
    """One broker that can be stopped, killed and started again on the same port.

    ``settings`` are further lines of its configuration. Nothing is persisted: a restart forgets
    every retained message unless ``persistent``.
    """

    def __init__(
        self, directory: Path, *, settings: Sequence[str] = (), persistent: bool = False
    ) -> None:
        self._program = mosquitto_program()
        self.port = free_port()
        self._configuration = directory / f"mosquitto-{self.port}.conf"
        lines = [f"listener {self.port} 127.0.0.1", *settings]
        if not any(line.startswith(("allow_anonymous", "password_file")) for line in settings):
            lines.append("allow_anonymous true")
        if persistent:
            lines += ["persistence true", f"persistence_location {directory}/"]
        if os.geteuid() == 0:
            lines.append("user root")
        self._configuration.write_text("\n".join([*lines, ""]))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Mosquitto:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process and returns once the port answers."""
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("mosquitto did not start") from None
                time.sleep(0.01)

    def stop(self) -> None:
        """Ends the process in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the process at once, as a crash does."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Lets the process stand still: connections stay open and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(how)
        self._process.wait(timeout=10)
        self._process = None


class MemoryBroker:
    """``eebus_gw.bridge.broker.Broker`` without a network.

    ``published`` is everything in order, ``retained`` what would lie on the broker. ``lose`` and
    ``regain`` take the connection away and give it back. ``deliver`` is a message from outside.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        received: Callable[[Received], None],
        clock: Clock,
        changed: Callable[[bool], None] = lambda connected: None,
    ) -> None:
        self._outbox = outbox
        self._received = received
        self._changed = changed
        self._clock = clock
        self._status = BrokerStatus(since=clock.now())
        self._work = asyncio.Event()
        self._stopping = False
        self._running = asyncio.Event()
        self.published: list[Publication] = []
        self.retained: dict[str, bytes] = {}
        outbox.wake = self._work.set

    @property
    def status(self) -> BrokerStatus:
        return self._status

    async def run(self) -> None:
        self.regain()
        while not self._stopping:
            self._work.clear()
            self.drain()
            await self._work.wait()
        self._running.set()

    async def stop(self) -> None:
        self.drain()
        self._stopping = True
        self._work.set()
        await self._running.wait()

    def drain(self) -> None:
        """Publishes what is ready at the clock's present time."""
        while self._status.connected:
            publication = self._outbox.take(self._clock.now())
            if publication is None:
                return
            self.published.append(publication)
            self._outbox.delivered(publication)
            if not publication.retain:
                continue
            if publication.payload:
                self.retained[publication.topic] = publication.payload
            else:
                self.retained.pop(publication.topic, None)

    def deliver(self, topic: str, payload: bytes | str, *, retained: bool = False) -> None:
        data = payload.encode() if isinstance(payload, str) else payload
        self._received(Received(topic, data, retained))

    def lose(self) -> None:
        self._note(connected=False)

    def regain(self) -> None:
        self._note(connected=True)
        self._status.connections += 1
        self._outbox.republish()
        self._work.set()

    def on(self, topic: str) -> list[bytes]:
        """Every payload published on ``topic``, in order."""
        return [entry.payload for entry in self.published if entry.topic == topic]

    def _note(self, *, connected: bool) -> None:
        self._status.connected = connected
        self._status.since = self._clock.now()
        self._changed(connected)
