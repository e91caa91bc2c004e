"""The program itself as processes: gateways, simulated wallboxes, and a client that sees what is on the broker.

Nothing here waits for a fixed time: ``eventually`` waits for a condition and fails the test when it does not come true.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import pytest
from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from eebus_gw.control import ControlClient

T = TypeVar("T")
Json = dict[str, Any]

LOOPBACK = "127.0.0.1"
PATIENCE_S = 45.0
"""For what happens soon, also when other programs take most of the machine."""


async def eventually(
    condition: Callable[[], T], what: str = "", *, within: float = PATIENCE_S
) -> T:
    """The first true result of ``condition``; the test fails without one."""
    deadline = time.monotonic() + within
    while not (result := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within:g} s: {what or condition}")
        await asyncio.sleep(0.02)
    return result


class Program:
    """One ``eebus-gw`` process; its JSON lines are kept in ``lines``, its log in a file.

    ``inside`` are words before the command, such as ``ip netns exec NAME``.
    """

    def __init__(self, home: Path, arguments: Sequence[str], *, inside: Sequence[str] = ()) -> None:
        self.home = home
        self.lines: list[Json] = []
        self.log = home.with_suffix(".log")
        self.ended = False
        """Whether the test has ended it; else its end is a fault."""
        self._command = [
            *inside,
            sys.executable,
            "-m",
            "eebus_gw",
            "--home",
            str(home),
            *arguments,
            "--json",
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Json:
        """Starts the process, also again, and returns its ``ready`` line."""
        self.launch()
        deadline = time.monotonic() + PATIENCE_S
        while not self.lines:
            if self.returncode is not None or time.monotonic() > deadline:
                pytest.fail(f"{self._command} is not ready:\n{self.log_text()[-3000:]}")
            time.sleep(0.01)
        assert self.lines[0].get("event") == "ready", self.lines[0]
        return self.lines[0]

    def launch(self) -> None:
        """Starts the process without waiting for anything."""
        self.lines = []
        self.ended = False
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "EEBUS_GW_LOG_LEVEL": "info"},
            )
        assert self._process.stdout is not None
        threading.Thread(
            target=self._collect, args=(self._process.stdout, self.lines), daemon=True
        ).start()

    @staticmethod
    def _collect(stream: IO[bytes], lines: list[Json]) -> None:
        for line in stream:
            lines.append(json.loads(line))

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, ``None`` while it runs."""
        return self.process.poll()

    @property
    def rss_mb(self) -> float:
        """Memory in use."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1e6

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kill(self) -> None:
        """Ends the process as a crash does."""
        self.ended = True
        self.process.kill()
        self.process.wait(10)

    def stop(self, within: float = 20.0) -> int:
        """Asks the process to end and returns its exit status."""
        self.ended = True
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def check_healthy(self) -> None:
        """Fails when the process ended by itself or has logged an error of ours."""
        if not self.ended:
            assert self.returncode is None, f"ended by itself:\n{self.log_text()[-3000:]}"
        assert "Traceback" not in (text := self.log_text()), text[-6000:]
        assert "Task was destroyed" not in text, text[-3000:]


class Wallbox(Program):
    """``simulate wallbox``; trusts whoever connects unless ``trust`` names somebody."""

    def __init__(
        self,
        home: Path,
        *options: str,
        port: int = 0,
        trust: str | None = None,
        host: str | None = LOOPBACK,
        inside: Sequence[str] = (),
    ) -> None:
        whom = ("--auto-accept",) if trust is None else ("--trust", trust)
        where = () if host is None else ("--host", host, "--no-mdns")
        super().__init__(
            home,
            ["simulate", "wallbox", "--port", str(port), *whom, *where, *options],
            inside=inside,
        )
        self.ski = ""
        self.port = port

    def start(self) -> Json:
        ready = super().start()
        self.ski, self.port = ready["ski"], ready["port"]
        return ready

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def now(self) -> Json:
        """The newest line; empty before the first one."""
        return self.lines[-1] if len(self.lines) > 1 else {}


class Gateway(Program):
    """``run``; ``config`` is written as its configuration file."""

    def __init__(
        self,
        home: Path,
        *options: str,
        mqtt: int | str | None = None,
        port: int = 0,
        mdns: bool = False,
        config: str = "",
        inside: Sequence[str] = (),
    ) -> None:
        url = f"mqtt://{LOOPBACK}:{mqtt}" if isinstance(mqtt, int) else mqtt
        broker = () if url is None else ("--mqtt", url)
        discovery = () if mdns else ("--no-mdns",)
        super().__init__(
            home, ["run", "--port", str(port), *broker, *discovery, *options], inside=inside
        )
        if config:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            (home / "config.toml").write_text(config)
        self.ski = ""
        self.port = port

    def start(self) -> Json:
        ready = super().start()
        self.ski, self.port = ready["ski"], ready["port"]
        return ready

    async def ask(self, verb: str, **arguments: Any) -> Json:
        """One request over the control socket."""
        async with await ControlClient.connect(self.home / "control.sock") as client:
            return await client.ask(verb, **arguments)

    async def pair(self, wallbox: Wallbox, alias: str = "carport", **facts: Any) -> str:
        """Trusts the wallbox at its address, waits for nothing, and returns the device id."""
        facts.setdefault("address", wallbox.address)
        answer = await self.ask("pair", ski=wallbox.ski, alias=alias, **facts)
        return str(answer["id"])

    async def peer(self, device: str) -> Json:
        """The entry of one device in ``peers``."""
        entries = (await self.ask("peers"))["peers"]
        return next(entry for entry in entries if entry["id"] == device)


@dataclass(frozen=True, slots=True)
class Message:
    """What the broker delivered; ``retain`` is as the sender published it."""

    topic: str
    payload: bytes
    qos: int
    retain: bool

    @property
    def json(self) -> Any:
        return json.loads(self.payload)


@dataclass
class Observer:
    """An MQTT 5 client that keeps everything below the base topic and the discovery prefix."""

    port: int
    base: str = "eebus"
    messages: list[Message] = field(default_factory=list)
    state: dict[str, Message] = field(default_factory=dict)
    """The newest message of each topic that was published retained and not cleared."""

    def __post_init__(self) -> None:
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_connect = self._subscribe
        self._client.on_message = self._received
        self._client.reconnect_delay_set(0.1, 0.5)
        self._subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect(LOOPBACK, self.port)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _subscribe(self, client: paho.Client, *_: Any) -> None:
        options = SubscribeOptions(qos=2, retainAsPublished=True)
        client.subscribe([(f"{self.base}/#", options), ("homeassistant/#", options)])

    def _received(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        seen = Message(message.topic, bytes(message.payload), message.qos, bool(message.retain))
        if seen.retain and not seen.payload:
            self.state.pop(seen.topic, None)
        elif seen.retain:
            self.state[seen.topic] = seen
        self.messages.append(seen)

    # --- reading

    def text(self, leaf: str) -> str | None:
        """Retained text of a topic below the base."""
        message = self.state.get(f"{self.base}/{leaf}")
        return None if message is None else message.payload.decode()

    def document(self, leaf: str) -> Any:
        """Retained JSON of a topic below the base; an empty object as long as there is none."""
        message = self.state.get(f"{self.base}/{leaf}")
        return {} if message is None else message.json

    def on(self, leaf: str) -> list[Message]:
        """Everything that came on a topic, in order."""
        return [
            message for message in list(self.messages) if message.topic == f"{self.base}/{leaf}"
        ]

    def events(self, kind: str) -> list[Json]:
        """The data of each ``bridge/event`` of one type."""
        events = [message.json for message in self.on("bridge/event")]
        return [event["data"] for event in events if event["type"] == kind]

    def results(self, device: str, command: str) -> list[Json]:
        """Every state of a command, in order."""
        return [r for m in self.on(f"{device}/result") if (r := m.json)["id"] == command]

    # --- saying

    def publish(
        self,
        leaf: str,
        payload: Any,
        *,
        retain: bool = False,
        qos: int = 1,
        correlation: bytes | None = None,
    ) -> None:
        """Publishes below the base topic; everything but text and bytes as JSON."""
        data = payload if isinstance(payload, str | bytes) else json.dumps(payload)
        properties = None
        if correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)
            properties.CorrelationData = correlation
            properties.ResponseTopic = f"{self.base}/answer"
        self._client.publish(f"{self.base}/{leaf}", data, qos, retain, properties)

    async def command(self, device: str, command: str, **members: Any) -> Json:
        """Publishes a command and returns its final result."""
        self.publish(f"{device}/set", {"id": command, **members})
        return await self.final(device, command)

    async def final(self, device: str, command: str) -> Json:
        """The final result of a command."""

        def found() -> Json | None:
            states = self.results(device, command)
            return (
                states[-1] if states and states[-1]["state"] not in ("received", "sent") else None
            )

        result = await eventually(lambda: found(), f"a final result of {command}")
        assert result is not None
        return result


class Plant:
    """Everything one test runs; ``close`` ends it all and looks for faults."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.programs: list[Program] = []
        self._observers: list[Observer] = []

    def wallbox(self, name: str = "box", *options: str, **how: Any) -> Wallbox:
        """A running simulated wallbox."""
        box = Wallbox(self.directory / name, *options, **how)
        self.programs.append(box)
        box.start()
        return box

    def gateway(self, name: str = "gateway", *options: str, **how: Any) -> Gateway:
        """A running gateway."""
        gateway = Gateway(self.directory / name, *options, **how)
        self.programs.append(gateway)
        gateway.start()
        return gateway

    def observer(self, port: int) -> Observer:
        """A client of the broker at ``port``."""
        observer = Observer(port)
        self._observers.append(observer)
        return observer

    def close(self) -> None:
        for observer in self._observers:
            observer.close()
        for program in self.programs:
            program.check_healthy()

    def abort(self) -> None:
        """Ends every process, whatever happened before."""
        for program in self.programs:
            if program.returncode is None:
                program.kill()
