"""What the listening side refuses, seen from a plain WebSocket client (SHIP §8, §10)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from eebus_gw.net.events import PairingRequested, ProtocolViolation
from eebus_gw.net.options import Limits
from eebus_gw.net.tls import TlsContext
from tests.net.nodes import LOOPBACK, TestNode, node
from tests.net.support import identity
from tests.support.waiting import until

SHIP = Subprotocol("ship")


async def knock(target: TestNode, number: int, **options: Any) -> ClientConnection:
    """A WebSocket of the peer ``number``, which then speaks no SHIP."""
    settings: dict[str, Any] = {"subprotocols": [SHIP], "compression": None, **options}
    return await connect(
        f"wss://{LOOPBACK}:{target.network.port}/any/path",
        ssl=TlsContext(identity(number)),
        server_hostname="",
        proxy=None,
        **settings,
    )


async def close_code(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code


async def test_takes_any_path_and_confirms_the_subprotocol_without_extensions() -> None:
    async with node(1) as a:
        socket = await knock(a, 2, compression="deflate")
        assert socket.subprotocol == "ship"
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers
        assert "Server" not in socket.response.headers
        await socket.close()


@pytest.mark.parametrize("offered", [None, [Subprotocol("chat")]])
async def test_without_the_subprotocol_the_upgrade_fails(offered: Any) -> None:
    async with node(1) as a:
        with pytest.raises(InvalidStatus) as refusal:
            await knock(a, 2, subprotocols=offered)
        assert refusal.value.response.status_code == 400


async def test_text_frame_closes_with_1003() -> None:
    async with node(1) as a:
        socket = await knock(a, 2)
        await socket.send("text")
        assert await close_code(socket) == 1003
        await until(lambda: a.seen(ProtocolViolation))
        assert a.seen(ProtocolViolation)[0].ski == identity(2).ski


async def test_oversize_message_closes_with_1009() -> None:
    async with node(1, limits=Limits(message_bytes=1000)) as a:
        socket = await knock(a, 2)
        await socket.send(b"\x00" * 1001)
        assert await close_code(socket) == 1009
        await until(lambda: a.seen(ProtocolViolation))


async def test_wrong_first_message_is_answered_then_closed() -> None:
    async with node(1) as a:
        socket = await knock(a, 2)
        await socket.send(b"\x01{}")
        assert await socket.recv() == b"\x00\x00"
        await close_code(socket)


async def test_at_most_two_connections_of_one_ski() -> None:
    async with node(1) as a:
        kept = [await knock(a, 2) for _ in range(2)]
        with pytest.raises(InvalidStatus) as refusal:
            await knock(a, 2)
        assert refusal.value.response.status_code == 503
        for socket in kept:
            await socket.close()


async def test_no_room_beyond_the_limit_and_what_exists_stays() -> None:
    async with node(1, limits=Limits(incoming=2)) as a:
        kept = [await knock(a, number) for number in (2, 3)]
        with pytest.raises(InvalidStatus) as refusal:
            await knock(a, 4)
        assert refusal.value.response.status_code == 503
        assert [await (await socket.ping()) > 0 for socket in kept] == [True, True]
        for socket in kept:
            await socket.close()


async def test_own_certificate_is_refused() -> None:
    async with node(1) as a:
        with pytest.raises(InvalidStatus) as refusal:
            await knock(a, 1)
        assert b"our own" in (refusal.value.response.body or b"")


async def test_no_more_than_the_limit_of_unknown_peers_wait() -> None:
    hello = b'\x01{"connectionHello":[{"phase":"ready"},{"waiting":60000}]}'
    async with node(1, window=True, limits=Limits(pending=1)) as a:
        sockets = [await knock(a, number) for number in (2, 3)]
        for socket in sockets:
            await socket.send(b"\x00\x00")
            await socket.send(hello)
        assert await close_code(sockets[1]) == 4452
        assert {event.ski for event in a.seen(PairingRequested)} == {identity(2).ski}
        await sockets[0].close()


async def test_after_shutdown_began_nobody_is_let_in() -> None:
    async with node(1) as a:
        port = a.network.port
    with pytest.raises((OSError, InvalidStatus, InvalidMessage)):
        await connect(
            f"wss://{LOOPBACK}:{port}/", ssl=TlsContext(identity(2)), server_hostname="", proxy=None
        )


async def test_flooding_peer_does_not_starve_the_others() -> None:
    async with node(1) as a, node(2) as b, node(3) as c:
        for one in (b, c):
            a.trusted.add(one.ski)
            one.dial(a)
            await a.up(one)
            await one.up(a)
        for number in range(400):
            b.sessions[a.ski].outgoing.append({"datagram": [{"header": [number]}]})
        b.network.wake(a.ski)
        c.say(a, 1)
        await until(lambda: a.heard(c))
        await until(lambda: len(a.heard(b)) == 400)
