"""A client of the broker that notes when what arrived."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple, Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from eebus_gw.cli.demo_broker import LOOPBACK
from eebus_gw.clock import SystemClock

BASE = "eebus"
CLOCK = SystemClock()
PATIENCE_S = 120.0


class Seen(NamedTuple):
    """One message; ``at`` is by the clock of the program, comparable between processes of one machine."""

    at: float
    leaf: str
    payload: bytes

    @property
    def document(self) -> Any:
        """The payload as JSON."""
        return json.loads(self.payload)


class Observer:
    """Keeps everything that comes on ``leaves``, topics below the base topic."""

    def __init__(self, port: int, *leaves: str) -> None:
        self._leaves = leaves
        self._seen: list[Seen] = []
        self._news = threading.Condition()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_connect = self._connected
        self._client.on_message = self._received
        self._client.connect(LOOPBACK, port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, leaf: str, content: Any) -> float:
        """Publishes JSON below the base topic and returns when."""
        now = CLOCK.now()
        self._client.publish(f"{BASE}/{leaf}", json.dumps(content), qos=1)
        return now

    def wait(self, wanted: Callable[[Seen], bool], *, after: float = 0.0) -> Seen:
        """The first message from ``after`` on that is ``wanted``; ``TimeoutError`` without one."""
        return self.wait_all(lambda seen: wanted(seen) or None, 1, after=after)

    def wait_all(
        self, key: Callable[[Seen], object | None], count: int, *, after: float = 0.0
    ) -> Seen:
        """The message with which ``count`` different keys have been seen; ``None`` is no key."""
        keys: set[object] = set()
        deadline = CLOCK.now() + PATIENCE_S
        place = 0
        while True:
            with self._news:
                while place >= len(self._seen):
                    if not self._news.wait(deadline - CLOCK.now()):
                        raise TimeoutError(f"only {len(keys)} of {count} came over MQTT")
                news, place = self._seen[place:], len(self._seen)
            for seen in news:
                found = key(seen) if seen.at >= after else None
                if found is not None:
                    keys.add(found)
                    if len(keys) == count:
                        return seen

    def _connected(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([(f"{BASE}/{leaf}", 0) for leaf in self._leaves])

    def _received(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        now, leaf = CLOCK.now(), message.topic.removeprefix(f"{BASE}/")
        seen = Seen(now, leaf, bytes(message.payload))
        self._acknowledge(client)
        with self._news:
            self._seen.append(seen)
            self._news.notify_all()

    @staticmethod
    def _acknowledge(client: paho.Client) -> None:
        """The broker sends small messages only when the last ones are acknowledged; Linux takes its time."""
        plain = client.socket()
        if isinstance(plain, socket.socket) and hasattr(socket, "TCP_QUICKACK"):
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
