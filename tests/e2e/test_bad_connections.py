"""Whoever connects with something else than SHIP: documented answers, and the wallboxes do not notice."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from eebus_gw.identity import Identity
from eebus_gw.net.tls import TlsContext
from tests.e2e.hostile import obeys, stranger, trusted
from tests.e2e.side_by_side import Outcomes, Scenario
from tests.e2e.site import Site, build_site
from tests.net.support import credentials, plain_context
from tests.support.broker import Mosquitto
from tests.support.peer import ShipPeer, text_of
from tests.support.processes import LOOPBACK, Plant

pytestmark = pytest.mark.usefixtures("unharmed")

READY = b'\x01{"connectionHello":[{"phase":"ready"}]}'
FAULTY_HELLOS = {
    "cut off": b"\x01{",
    "no UTF-8": b'\x01{"connectionHello":[{"phase":"\xff"}]}',
    "NaN": b'\x01{"connectionHello":[{"phase":"pending"},{"waiting":NaN}]}',
    "unknown phase": b'\x01{"connectionHello":[{"phase":"perhaps"}]}',
    "negative": b'\x01{"connectionHello":[{"phase":"pending"},{"waiting":-5}]}',
    "depth 10000": b"\x01" + b"[" * 10_000 + b"]" * 10_000,
    "data too early": b'\x02{"data":[{"header":[{"protocolId":"ee1.0"}]},{"payload":{"datagram":[]}}]}',
}


async def test_plain_http(besieged: Site) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, besieged.gateway.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n")
    answer = b""
    with contextlib.suppress(ConnectionError):
        answer = await asyncio.wait_for(reader.read(), 20)
    assert not answer.startswith(b"HTTP/1.1 2")
    writer.close()


async def test_certificates_that_are_refused_in_tls(besieged: Site, tmp_path: Path) -> None:
    """TC_SHIP_SEC_001, 002: no WebSocket, not to speak of a SHIP handshake, and the alert says so."""
    for number, own in enumerate(
        (
            None,
            credentials(ski=b"\x12" * 20),
            credentials(ski=bytes.fromhex(besieged.boxes[0].ski)),
            credentials(curve=ec.SECP384R1()),
        )
    ):
        context = plain_context(own=own, directory=tmp_path / str(number))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await upgrade(besieged.gateway.port, context)


async def upgrade(port: int, context: ssl.SSLContext) -> None:
    """With TLS 1.2 a client hears of the refusal in the handshake or with the first answer."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=context)
    writer.write(b"GET /ship/ HTTP/1.1\r\n\r\n")
    if not await asyncio.wait_for(reader.read(), 20):
        raise ConnectionResetError("closed without a word")


async def test_no_sub_protocol(besieged: Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            f"wss://{LOOPBACK}:{besieged.gateway.port}/ship/",
            ssl=TlsContext(Identity.create()),  # type: ignore[arg-type]
            server_hostname="",
            proxy=None,
        ):
            pass
    assert refused.value.response.status_code == 400


async def test_one_peer_connects_in_a_loop(besieged: Site) -> None:
    """Ten handshakes a minute and SKI; the rest is told so before the upgrade."""
    identity = Identity.create()
    for _ in range(10):
        async with ShipPeer(identity, besieged.gateway.port):
            pass
    for _ in range(10):
        with pytest.raises(InvalidStatus, match="503"):
            await ShipPeer(identity, besieged.gateway.port).__aenter__()


@pytest.mark.parametrize(
    "frame",
    [b"\x01\x00", b"\xff\x00", b"\x00\x01", READY],
    ids=["type 1", "type 255", "head 1", "hello"],
)
async def test_wrong_connection_mode(besieged: Site, frame: bytes) -> None:
    """TC_SHIP_CMI_001, 005: our own initialisation, then the end."""
    async with stranger(besieged) as peer:
        await peer.send(frame)
        await peer.closed()
        assert peer.frames == [b"\x00\x00"]


async def test_a_stranger_is_refused(besieged: Site) -> None:
    async with stranger(besieged) as peer:
        await peer.introduce()
        await peer.send(READY)
        assert await peer.closed() == 4452
        assert any(b'"aborted"' in frame for frame in peer.frames)


async def test_faulty_hellos_abort(besieged: Site) -> None:
    """Side by side, for each peer is given a second to read the abort before the socket closes."""
    await asyncio.gather(*(aborts(besieged, what, hello) for what, hello in FAULTY_HELLOS.items()))


async def aborts(site: Site, what: str, hello: bytes) -> None:
    async with await trusted(site) as peer:
        await peer.introduce()
        await peer.send(hello)
        await peer.closed()
        assert text_of(peer.frames[-1]) == {"connectionHello": [{"phase": "aborted"}]}, what


async def test_text_frame(besieged: Site) -> None:
    async with stranger(besieged) as peer:
        await peer.send("hello")
        assert await peer.closed() == 1003


async def test_ten_megabytes(besieged: Site) -> None:
    before = besieged.gateway.rss_mb
    async with stranger(besieged) as peer:
        await peer.introduce()
        await peer.send(b"\x01" + b" " * 10_000_000)
        assert await peer.closed() == 1009
    assert besieged.gateway.rss_mb < before + 15


async def many_silent_clients_are_closed(plant: Plant, broker: Mosquitto) -> None:
    """More TCP clients than the gateway may open files, none of which ever says anything: the oldest give way, the
    others go after ten seconds, and nobody is kept out by them."""
    site = await build_site(plant, broker)
    resource.prlimit(site.gateway.pid, resource.RLIMIT_NOFILE, (500, 500))
    silent = [await asyncio.open_connection(LOOPBACK, site.gateway.port) for _ in range(600)]
    await obeys(site, site.device)
    async with stranger(site) as peer:
        await peer.introduce()
    for reader, writer in silent:
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()
    await obeys(site, site.device)


@pytest.mark.parametrize(
    "scenario", [many_silent_clients_are_closed], ids=lambda scenario: scenario.__name__
)
def test_strangers(scenario: Scenario, outcomes: Outcomes) -> None:
    outcomes.check(scenario)
