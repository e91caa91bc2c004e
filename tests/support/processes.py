"""The program itself as processes: gateways, simulated wallboxes, and a client that sees what is on the broker.

Nothing here waits for a fixed time: ``eventually`` waits for a condition and fails the test when it does not come true.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
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
from paho.mqtt.reasoncodes import ReasonCode
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
        return self.started()

    def started(self) -> Json:
        """The ``ready`` line of a process that was launched."""
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
        faults = [
            line
            for line in self.log_text().splitlines()
            if not line.startswith("{") or json.loads(line)["level"] in ("error", "critical")
        ]
        assert not faults, "\n".join(faults)[-6000:]


def lasting_port(count: int = 1) -> int:
    """A port that nobody listens on, and that the system gives to nobody while its owner restarts.

    With ``count`` the first of so many in a row.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_000), 200):
        if all(_is_free(one) for one in range(port, port + count)):
            return port
    raise RuntimeError("no free port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind((LOOPBACK, port))
        return True
    return False


def connections(port: int) -> int:
    """How many established TCP connections a loopback port has accepted."""
    local = f"{port:04X}"
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return sum(row[1].endswith(f":{local}") and row[3] == "01" for row in rows)


class Simulator(Program):
    """``simulate <kind>``; trusts whoever connects unless ``trust`` names somebody."""

    kind = ""

    def __init__(
        self,
        home: Path,
        *options: str,
        port: int | None = None,
        trust: str | None = None,
        host: str | None = LOOPBACK,
        inside: Sequence[str] = (),
    ) -> None:
        whom = ("--auto-accept",) if trust is None else ("--trust", trust)
        where = () if host is None else ("--host", host, "--no-mdns")
        self.port = port or lasting_port()
        self.ski = ""
        super().__init__(
            home,
            ["simulate", self.kind, "--port", str(self.port), *whom, *where, *options],
            inside=inside,
        )

    def started(self) -> Json:
        ready = super().started()
        self.ski = ready["ski"]
        assert ready["port"] == self.port
        return ready

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def now(self) -> Json:
        """The newest line; empty before the first one."""
        return self.lines[-1] if len(self.lines) > 1 else {}


class Wallbox(Simulator):
    """A wallbox with its car."""

    kind = "wallbox"


class House(Simulator):
    """A house with grid meter, PV system and battery."""

    kind = "house"


class Gateway(Program):
    """``run``; ``config`` is written as its configuration file."""

    def __init__(
        self,
        home: Path,
        *options: str,
        mqtt: int | str | None = None,
        port: int | None = None,
        mdns: bool = False,
        config: str = "",
        inside: Sequence[str] = (),
    ) -> None:
        url = f"mqtt://{LOOPBACK}:{mqtt}" if isinstance(mqtt, int) else mqtt
        broker = () if url is None else ("--mqtt", url)
        discovery = () if mdns else ("--no-mdns",)
        self.port = port or lasting_port()
        self.ski = ""
        super().__init__(
            home,
            ["run", "--port", str(self.port), *broker, *discovery, *options],
            inside=inside,
        )
        if config:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            (home / "config.toml").write_text(config)

    def started(self) -> Json:
        ready = super().started()
        self.ski = ready["ski"]
        assert ready["port"] == self.port
        return ready

    async def ask(self, verb: str, **arguments: Any) -> Json:
        """One request over the control socket."""
        async with await ControlClient.connect(self.home / "control.sock") as client:
            return await client.ask(verb, **arguments)

    async def pair(self, peer: Simulator, alias: str = "carport", **facts: Any) -> str:
        """Trusts a device at its address, waits for nothing, and returns the device id."""
        facts.setdefault("address", peer.address)
        answer = await self.ask("pair", ski=peer.ski, alias=alias, **facts)
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
    """An MQTT 5 client that keeps everything below the base topic and the discovery prefix.

    ``prepare`` gives it credentials before it connects; ``also`` are further topics to subscribe to.
    """

    port: int
    base: str = "eebus"
    prepare: Callable[[paho.Client], None] = lambda client: None
    also: Sequence[str] = ()
    messages: list[Message] = field(default_factory=list)
    state: dict[str, Message] = field(default_factory=dict)
    """The newest message of each topic that was published retained and not cleared."""
    refusals: list[str] = field(default_factory=list)
    """What the broker answered to messages that it did not take."""

    def __post_init__(self) -> None:
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_connect = self._subscribe
        self._client.on_message = self._received
        self._client.on_publish = self._published
        self._client.reconnect_delay_set(0.1, 0.5)
        self._subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self.prepare(self._client)
        self._client.connect(LOOPBACK, self.port)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _subscribe(self, client: paho.Client, *_: Any) -> None:
        options = SubscribeOptions(qos=2, retainAsPublished=True)
        topics = (f"{self.base}/#", "homeassistant/#", *self.also)
        client.subscribe([(topic, options) for topic in topics])

    def _published(
        self, client: paho.Client, userdata: Any, number: int, reason: ReasonCode, *_: Any
    ) -> None:
        if reason.is_failure:
            self.refusals.append(str(reason))

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

    def on(self, leaf: str, mark: int = 0) -> list[Message]:
        """Everything that came on a topic after the first ``mark`` messages, in order."""
        topic = f"{self.base}/{leaf}"
        return [message for message in self.messages[mark:] if message.topic == topic]

    def events(self, kind: str) -> list[Json]:
        """The data of each ``bridge/event`` of one type."""
        events = [message.json for message in self.on("bridge/event")]
        return [event["data"] for event in events if event["type"] == kind]

    def results(self, device: str, command: str, mark: int = 0) -> list[Json]:
        """Every result of a command, in order."""
        return [r for m in self.on(f"{device}/result", mark) if (r := m.json)["id"] == command]

    # --- saying

    def publish(
        self,
        leaf: str,
        payload: Any,
        *,
        retain: bool = False,
        qos: int = 1,
        correlation: bytes | None = None,
        answer_to: str | None = None,
    ) -> None:
        """Publishes below the base topic; everything but text and bytes as JSON.

        With ``correlation`` it asks for an answer on ``answer_to``.
        """
        properties = None
        if correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)
            properties.CorrelationData = correlation
            properties.ResponseTopic = answer_to or f"{self.base}/answer"
        self.say(f"{self.base}/{leaf}", payload, retain=retain, qos=qos, properties=properties)

    def say(
        self,
        topic: str,
        payload: Any,
        *,
        retain: bool = False,
        qos: int = 1,
        properties: Properties | None = None,
    ) -> None:
        """The same with the whole topic."""
        data = payload if isinstance(payload, str | bytes) else json.dumps(payload)
        self._client.publish(topic, data, qos, retain, properties)

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
    """Everything one test runs. Leaving its context ends it all, and fails the test when a program died by itself or
    has logged an error of ours."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.programs: list[Program] = []
        self._observers: list[Observer] = []

    def __enter__(self) -> Plant:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        for observer in self._observers:
            observer.close()
        try:
            for program in self.programs if kind is None else ():
                program.check_healthy()
        finally:
            for program in self.programs:
                if program.returncode is None:
                    program.kill()

    def wallbox(self, name: str = "box", *options: str, **how: Any) -> Wallbox:
        """A running simulated wallbox."""
        box = Wallbox(self.directory / name, *options, **how)
        self.start(box)
        return box

    def gateway(self, name: str = "gateway", *options: str, **how: Any) -> Gateway:
        """A running gateway."""
        gateway = Gateway(self.directory / name, *options, **how)
        self.start(gateway)
        return gateway

    def start(self, *programs: Program) -> None:
        """Starts programs side by side and returns when all of them are ready."""
        for program in programs:
            self.programs.append(program)
            program.launch()
        for program in programs:
            program.started()

    def observer(self, port: int, **how: Any) -> Observer:
        """A client of the broker at ``port``."""
        observer = Observer(port, **how)
        self._observers.append(observer)
        return observer
