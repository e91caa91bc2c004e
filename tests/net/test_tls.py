"""TLS with unknown self-signed peers, seen from plain standard-library ends (SHIP 9, 12.1)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from eebus_gw.net.tls import READ_BUFFER, SUITES, DialContext, TlsContext, TlsObject, checked_ski
from eebus_gw.ship.ski import claimed_ski, ski_of_certificate
from tests.net.support import (
    CBC,
    GCM,
    Credentials,
    Cutter,
    credentials,
    identity,
    lax_boolean,
    lax_critical,
    plain_context,
)
from tests.support.waiting import until

HANDSHAKE_TIMEOUT = 1.0


class Server:
    """Echoes, and remembers what it learned of its peers."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.port = 0
        self.peers: list[TlsObject] = []
        self.lost: list[BaseException | None] = []

    def factory(self) -> asyncio.Protocol:
        owner = self

        class Echo(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                self.transport = transport
                owner.peers.append(transport.get_extra_info("ssl_object"))

            def data_received(self, data: bytes) -> None:
                self.transport.write(data)

            def connection_lost(self, error: Exception | None) -> None:
                owner.lost.append(error)

        return Echo()


@contextlib.asynccontextmanager
async def serving(context: Any) -> AsyncIterator[Server]:
    loop = asyncio.get_running_loop()
    unexpected: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, problem: unexpected.append(problem))
    server = Server(context)
    listening = await loop.create_server(
        server.factory, "127.0.0.1", 0, ssl=context, ssl_handshake_timeout=HANDSHAKE_TIMEOUT
    )
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
    assert unexpected == []


async def talk(port: int, context: Any, message: bytes = b"hello") -> tuple[bytes, Any]:
    """Sends ``message`` and returns the echo with what the client knows of the connection."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname=""
    )
    try:
        writer.write(message)
        async with asyncio.timeout(5):
            return await reader.readexactly(len(message)), writer.get_extra_info("ssl_object")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def ours(number: int = 1) -> TlsContext:
    return TlsContext(identity(number))


def blocking_handshake(port: int, context: ssl.SSLContext) -> str:
    """What a plain blocking client gets to see when the server refuses it."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        try:
            with context.wrap_socket(plain) as secure:
                secure.recv(1)
        except ssl.SSLError as error:
            return str(error)
        except OSError as error:
            return type(error).__name__
    return "accepted"


@pytest.mark.parametrize("suite", [GCM, CBC])
async def test_both_suites_work_and_both_ends_know_the_ski(suite: str, tmp_path: Path) -> None:
    peer = credentials()
    async with serving(ours()) as server:
        echo, seen = await talk(
            server.port, plain_context(own=peer, directory=tmp_path, suite=suite)
        )
        assert echo == b"hello"
        assert seen.cipher()[0] == suite
        assert seen.version() == "TLSv1.2"
        assert ski_of_certificate(seen.getpeercert(True)) == identity(1).ski
        (tls,) = server.peers
        assert tls.cipher() == (suite, "TLSv1.2", 128)
        assert tls.peer_ski == ski_of_certificate(peer.der)
        assert tls.getpeercert(binary_form=True) == peer.der


async def test_gcm_is_preferred_whatever_the_order_of_the_client(tmp_path: Path) -> None:
    context = plain_context(own=credentials(), directory=tmp_path, suite=f"{CBC}:{GCM}")
    async with serving(ours()) as server:
        _, seen = await talk(server.port, context)
    assert seen.cipher()[0] == SUITES[0] == GCM


async def test_own_client_meets_own_server() -> None:
    async with serving(ours(1)) as server:
        dial = DialContext(ours(2), identity(1).ski)
        echo, seen = await talk(server.port, dial, b"x" * 200_000)
        assert echo == b"x" * 200_000
        assert (seen.peer_ski, server.peers[0].peer_ski) == (identity(1).ski, identity(2).ski)
        assert dial.failure == ""


async def test_tls_13_is_an_option() -> None:
    async with serving(TlsContext(identity(1), allow_tls13=True)) as server:
        _, seen = await talk(server.port, TlsContext(identity(2), allow_tls13=True))
        assert seen.version() == "TLSv1.3"
        _, seen = await talk(server.port, ours(2))
        assert seen.version() == "TLSv1.2"


@pytest.mark.parametrize(
    "peer",
    [
        pytest.param(lambda: credentials(expired=True), id="expired"),
        pytest.param(lambda: credentials(ca=False), id="leaf"),
        pytest.param(lambda: credentials(with_ski=False), id="without-ski-extension"),
        pytest.param(lambda: credentials(patch=lax_boolean), id="boolean-01"),
        pytest.param(lambda: credentials(patch=lax_critical), id="critical-01"),
    ],
)
async def test_faults_that_do_not_matter(peer: Any, tmp_path: Path) -> None:
    own: Credentials = peer()
    async with serving(ours()) as server:
        echo, _ = await talk(server.port, plain_context(own=own, directory=tmp_path))
        assert echo == b"hello"
        assert server.peers[0].peer_ski == ski_of_certificate(own.der)


@pytest.mark.parametrize(
    ("peer", "alert"),
    [
        pytest.param(lambda: None, "HANDSHAKE_FAILURE", id="no-certificate"),
        pytest.param(lambda: credentials(ski=bytes(20)), "ALERT", id="TC_SHIP_SEC_001-forged-ski"),
        pytest.param(lambda: credentials(ski=bytes(19)), "ALERT", id="short-ski"),
    ],
)
async def test_refused_inside_tls_with_an_alert(peer: Any, alert: str, tmp_path: Path) -> None:
    own: Credentials | None = peer()
    refused: list[str] = []
    async with serving(TlsContext(identity(1), on_refused=refused.append)) as server:
        context = plain_context(own=own, directory=tmp_path)
        seen = await asyncio.to_thread(blocking_handshake, server.port, context)
        assert alert in seen.upper()
        assert server.peers == []
    if own is not None:
        claimed, computed = claimed_ski(own.der), ski_of_certificate(own.der)
        assert refused == [f"the certificate claims SKI {claimed}, its key has {computed}"]


def test_other_curves_are_refused() -> None:
    with pytest.raises(ValueError, match="secp256r1"):
        checked_ski(credentials(curve=ec.SECP384R1()).der)


async def test_client_refuses_a_server_with_a_forged_ski(tmp_path: Path) -> None:
    context = plain_context(server=True, own=credentials(ski=bytes(20)), directory=tmp_path)
    async with serving(context) as server:
        dial = DialContext(ours(), identity(2).ski)
        with pytest.raises(OSError):  # noqa: PT011 - a reset or a TLS error, as the race goes
            await talk(server.port, dial)
        assert "claims SKI 0000" in dial.failure


async def test_client_refuses_another_key_than_the_one_it_dialled() -> None:
    async with serving(ours(1)) as server:
        dial = DialContext(ours(2), identity(3).ski)
        began = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011 - a reset or a TLS error, as the race goes
            await talk(server.port, dial)
        assert dial.found == identity(1).ski
        assert "another key" in dial.failure
        assert server.peers == []
        assert time.monotonic() - began < HANDSHAKE_TIMEOUT  # nobody waits for the other one


@pytest.mark.parametrize("size", [7, 11])
async def test_records_cut_into_tiny_pieces(size: int) -> None:
    async with serving(ours(1)) as server, Cutter(server.port, size=size) as proxy:
        echo, _ = await talk(proxy.port, ours(2), b"y" * 20_000)
        assert echo == b"y" * 20_000


async def test_small_records_on_request() -> None:
    async with serving(ours(1)) as server:
        echo, _ = await talk(server.port, TlsContext(identity(2), record_size=512), b"z" * 5_000)
        assert echo == b"z" * 5_000


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", b"", b"\x16\x03\x01\x00\x05hello"])
async def test_what_is_no_tls_raises_nothing(first: bytes) -> None:
    async with serving(ours()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(first)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(10):
                await (
                    reader.read()
                )  # until the server hangs up: at once, or by the handshake time-out
        writer.close()
        assert server.peers == []


async def test_reset_and_end_without_close_notify_only_end_the_connection() -> None:
    async with serving(ours(1)) as server:
        for abrupt in (True, False):
            _, writer = await asyncio.open_connection(
                "127.0.0.1", server.port, ssl=ours(2), server_hostname=""
            )
            count = len(server.lost)
            if abrupt:
                writer.transport.abort()
            else:
                writer.close()
            await until(lambda count=count: len(server.lost) > count)


async def test_connections_do_not_carry_large_buffers() -> None:
    async with serving(ours(1)) as server:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", server.port, ssl=ours(2), server_hostname=""
        )
        inner: Any = writer.transport
        assert len(inner._ssl_protocol._ssl_buffer) == READ_BUFFER
        writer.close()
        await writer.wait_closed()
