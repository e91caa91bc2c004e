"""A peer that says whatever a test wants, over real TLS and a real WebSocket.

Up to the data phase a sound ``Connection`` can do the talking (``handshake``); after that, or instead of it, every
frame is the test's own. What the other end says is kept in ``frames``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from eebus_gw.clock import SystemClock
from eebus_gw.identity import Identity
from eebus_gw.net.tls import TlsContext
from eebus_gw.ship.connection import Connection, Role
from eebus_gw.ship.events import Established
from eebus_gw.ship.frames import CMI_FRAME
from eebus_gw.ship.messages import read_data, write_data
from eebus_gw.spine.datagram import Datagram, decode_datagram
from eebus_gw.wire.codec import dumps, loads
from tests.support.processes import LOOPBACK, eventually

Address = list[dict[str, Any]]


class ShipPeer:
    """The client end of one connection to ``port``; an asynchronous context manager."""

    def __init__(self, identity: Identity, port: int, *, host: str = LOOPBACK) -> None:
        self.identity = identity
        self.frames: list[bytes] = []
        self.close_code: int | None = None
        """The code of the WebSocket close, 1006 without one; ``None`` as long as it is open."""
        self.closing: list[bytes] = []
        """SHIP close messages that came."""
        self._port = port
        self._host = host
        self._connection: Connection | None = None
        self._established = False
        self._clock = SystemClock()
        self._counters = itertools.count(1000)
        self._task: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            f"wss://{self._host}:{self._port}/ship/",
            ssl=TlsContext(self.identity),  # type: ignore[arg-type]
            server_hostname="",
            subprotocols=["ship"],  # type: ignore[list-item]
            compression=None,
            proxy=None,
            ping_interval=None,
            max_size=None,
            close_timeout=2,
        )
        self._task = asyncio.create_task(self._listen(self._socket))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._socket is not None
        assert self._task is not None
        self._socket.transport.abort()
        with contextlib.suppress(ConnectionClosed):
            await self._task

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                assert isinstance(frame, bytes)
                self.frames.append(frame)
                if frame[:1] == b"\x03":
                    self.closing.append(frame)
                if self._connection is not None:
                    self._connection.receive(frame, self._clock.now())
                    await self._drain()
        except ConnectionClosed:
            pass
        finally:
            self.close_code = socket.close_code or 1006

    async def _drain(self) -> None:
        assert self._connection is not None
        while (event := self._connection.next_event()) is not None:
            self._established |= isinstance(event, Established)
        for frame in self._connection.to_send():
            await self.send(frame)

    # --- what a test does with it

    async def handshake(self) -> Self:
        """Goes on to the data phase; the other end has to trust this peer."""
        self._connection = Connection(
            role=Role.CLIENT, own_id=self.identity.ship_id, trusted=True, now=self._clock.now()
        )
        await self._drain()
        await eventually(lambda: self._established or self.close_code, "data may flow")
        assert self._established, f"closed with {self.close_code}"
        return self

    async def introduce(self) -> list[bytes]:
        """Connection mode initialisation alone; returns what the other end answered."""
        await self.send(CMI_FRAME)
        await eventually(lambda: self.frames, "the answer to CMI")
        return self.frames

    async def send(self, frame: bytes | str) -> None:
        """One WebSocket message; text goes out as a text frame."""
        assert self._socket is not None
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(frame)

    async def send_data(self, tree: Any) -> None:
        """One SHIP data message around the payload ``tree``."""
        await self.send(b"\x02" + dumps(write_data(tree)))

    async def ask(
        self,
        classifier: str,
        command: dict[str, Any],
        *,
        entity: list[int],
        feature: int,
        device: str | None = None,
        source: Address | None = None,
        acknowledge: bool = False,
        reference: int | None = None,
    ) -> int:
        """Sends a datagram with one command and returns its counter."""
        counter = next(self._counters)
        await self.send_data(
            datagram(
                classifier,
                [command],
                counter=counter,
                source=source or address(f"d:_n:hostile_{self.identity.ski[:8]}", [0], 0),
                destination=address(device, entity, feature),
                acknowledge=acknowledge,
                reference=reference,
            )
        )
        return counter

    def datagrams(self) -> list[Datagram]:
        """Every datagram that came."""
        return [
            decode_datagram(read_data(loads(frame[1:])["data"])[1])
            for frame in self.frames
            if frame[:1] == b"\x02"
        ]

    async def answer_to(self, counter: int) -> Datagram:
        """The answer to one of our datagrams."""
        found = await eventually(
            lambda: [d for d in self.datagrams() if d.header.reference == counter],
            f"an answer to {counter}",
        )
        return found[0]

    async def error_of(self, counter: int) -> int | None:
        """The error number in the result for one of our datagrams."""
        answer = await self.answer_to(counter)
        assert answer.header.classifier == "result", answer.header
        number: int | None = getattr(answer.commands[0].data, "error_number", None)
        return number

    async def closed(self) -> int:
        """The code with which the other end closed."""
        code = await eventually(lambda: self.close_code, "the connection is closed")
        assert code is not None
        return code

    async def alive(self) -> None:
        """Returns once the other end has answered a SHIP request that comes after everything sent."""
        before = sum(b"accessMethods" in frame for frame in self.frames)
        await self.send(b'\x01{"accessMethodsRequest":[]}')
        await eventually(
            lambda: sum(b"accessMethods" in frame for frame in self.frames) > before,
            "an answer after everything else",
        )
        assert self.close_code is None


def address(device: str | None, entity: list[int], feature: int) -> Address:
    """A feature address on the wire."""
    place: Address = [{"entity": entity}, {"feature": feature}]
    return place if device is None else [{"device": device}, *place]


def datagram(
    classifier: str,
    commands: list[dict[str, Any]],
    *,
    counter: int,
    source: Address,
    destination: Address,
    acknowledge: bool = False,
    reference: int | None = None,
) -> dict[str, Any]:
    """The SHIP payload of one datagram, as it is on the wire."""
    header: list[dict[str, Any]] = [
        {"specificationVersion": "1.3.0"},
        {"addressSource": source},
        {"addressDestination": destination},
        {"msgCounter": counter},
    ]
    if reference is not None:
        header.append({"msgCounterReference": reference})
    header.append({"cmdClassifier": classifier})
    if acknowledge:
        header.append({"ackRequest": True})
    shown = [[{name: value} for name, value in command.items()] for command in commands]
    return {"datagram": [{"header": header}, {"payload": [{"cmd": shown}]}]}


def text_of(frame: bytes) -> Any:
    """The JSON of a frame."""
    return json.loads(frame[1:])
