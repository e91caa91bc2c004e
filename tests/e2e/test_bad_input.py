"""What a hostile or broken peer may send: each gets the documented answer, and nobody else notices (ship 3, 8)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from eebus_gw.identity import Identity
from eebus_gw.net.tls import TlsContext
from tests.e2e.conftest import running_plant
from tests.e2e.site import Site, build_site
from tests.net.support import Credentials, credentials, plain_context
from tests.support.broker import Mosquitto
from tests.support.peer import ShipPeer, address, datagram, text_of
from tests.support.processes import LOOPBACK, eventually

READY = b'\x01{"connectionHello":[{"phase":"ready"}]}'
currents = itertools.cycle(
    [15, 14, 13, 12, 11, 10, 9, 8, 7]
)  # reductions never wait for their turn


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One gateway with two wallboxes that has to survive everything in this module."""
    directory: Path = tmp_path_factory.mktemp("hostile")
    with Mosquitto(directory) as broker, running_plant(directory) as plant:
        site = asyncio.run(build_site(plant, broker, boxes=2))
        yield site
        for device in site.devices:
            link = site.mqtt.document(f"{device}/link")
            assert link["reconnects"] == 0, f"{device} has noticed: {link}"
        assert site.gateway.rss_mb < 160
        assert len(site.gateway.log_text().splitlines()) < 300, "the log is flooded"


@pytest.fixture(autouse=True)
async def unharmed(site: Site) -> AsyncIterator[None]:
    """After each attack a command to a wallbox that has nothing to do with it has its effect."""
    yield
    await obeys(site, site.devices[0])


async def obeys(site: Site, device: str) -> None:
    ampere = next(currents)
    result = await site.mqtt.command(
        device, f"unharmed-{time.monotonic_ns()}", max_current_a=ampere
    )
    assert result["state"] == "applied", result
    assert result["actual"] == [ampere] * 3


async def stranger(site: Site) -> ShipPeer:
    """A peer that nobody knows; a new one each time, for one SKI is limited to ten a minute."""
    return ShipPeer(Identity.create(), site.gateway.port)


async def trusted(site: Site) -> ShipPeer:
    """A peer whom the gateway trusts."""
    identity = Identity.create()
    await site.gateway.ask("pair", ski=identity.ski, alias=f"bad {identity.ski[:6]}")
    return ShipPeer(identity, site.gateway.port)


def violations(site: Site, peer: ShipPeer) -> list[str]:
    events = site.mqtt.events("protocol_violation")
    return [event["text"] for event in events if event["ski"] == peer.identity.ski]


# --- before the WebSocket


async def test_plain_http(site: Site) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, site.gateway.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n")
    answer = b""
    with contextlib.suppress(ConnectionError):
        answer = await asyncio.wait_for(reader.read(), 20)
    assert not answer.startswith(b"HTTP/1.1 2")
    writer.close()


async def test_many_silent_clients_are_closed(site: Site) -> None:
    """TCP clients that never say anything: closed after ten seconds, nobody is kept out by them."""
    silent = [await asyncio.open_connection(LOOPBACK, site.gateway.port) for _ in range(200)]
    await obeys(site, site.devices[1])
    async with await stranger(site) as peer:
        await peer.introduce()
    for reader, writer in silent:
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: credentials(ski=b"\x12" * 20), id="forged SKI"),
        pytest.param(
            lambda: credentials(
                curve=__import__("cryptography").hazmat.primitives.asymmetric.ec.SECP384R1()
            ),
            id="another curve",
        ),
        pytest.param(lambda: None, id="no certificate"),
    ],
)
async def test_certificates_that_are_refused_in_tls(
    site: Site, tmp_path: Path, make: Callable[[], Credentials | None]
) -> None:
    """TC_SHIP_SEC_001: no WebSocket, not to speak of a SHIP handshake."""
    context = plain_context(own=make(), directory=tmp_path)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        reader, writer = await asyncio.open_connection(LOOPBACK, site.gateway.port, ssl=context)
        writer.write(b"GET /ship/ HTTP/1.1\r\n\r\n")
        if await asyncio.wait_for(reader.read(), 20) == b"":
            raise ConnectionResetError


async def test_the_ski_of_a_trusted_peer_cannot_be_forged(site: Site, tmp_path: Path) -> None:
    """TC_SHIP_SEC_002."""
    forged = credentials(ski=bytes.fromhex(site.boxes[0].ski))
    context = plain_context(own=forged, directory=tmp_path)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        reader, writer = await asyncio.open_connection(LOOPBACK, site.gateway.port, ssl=context)
        writer.write(b"GET /ship/ HTTP/1.1\r\n\r\n")
        if await asyncio.wait_for(reader.read(), 20) == b"":
            raise ConnectionResetError


async def test_no_sub_protocol(site: Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            f"wss://{LOOPBACK}:{site.gateway.port}/ship/",
            ssl=TlsContext(Identity.create()),  # type: ignore[arg-type]
            server_hostname="",
            proxy=None,
        ):
            pass
    assert refused.value.response.status_code == 400


async def test_one_peer_connects_in_a_loop(site: Site) -> None:
    """Ten handshakes a minute and SKI; the rest is told so before the upgrade."""
    identity = Identity.create()
    refused = 0
    for _ in range(30):
        try:
            async with ShipPeer(identity, site.gateway.port):
                pass
        except InvalidStatus as error:
            assert error.response.status_code == 503
            refused += 1
    assert refused == 20


# --- the handshake


@pytest.mark.parametrize(
    "frame",
    [b"\x01\x00", b"\xff\x00", b"\x00\x01", READY],
    ids=["type 1", "type 255", "head 1", "hello"],
)
async def test_wrong_connection_mode(site: Site, frame: bytes) -> None:
    """TC_SHIP_CMI_001, 005: our own initialisation, then the end."""
    async with await stranger(site) as peer:
        await peer.send(frame)
        await peer.closed()
        assert peer.frames == [b"\x00\x00"]


async def test_a_stranger_is_refused(site: Site) -> None:
    async with await stranger(site) as peer:
        await peer.introduce()
        await peer.send(READY)
        assert await peer.closed() == 4452
        assert any(b'"aborted"' in frame for frame in peer.frames)


@pytest.mark.parametrize(
    "hello",
    [
        b"\x01{",
        b'\x01{"connectionHello":[{"phase":"\xff"}]}',
        b'\x01{"connectionHello":[{"phase":"pending"},{"waiting":NaN}]}',
        b'\x01{"connectionHello":[{"phase":"perhaps"}]}',
        b'\x01{"connectionHello":[{"phase":"pending"},{"waiting":-5}]}',
        b"\x01" + b"[" * 10_000 + b"]" * 10_000,
        b'\x02{"data":[{"header":[{"protocolId":"ee1.0"}]},{"payload":{"datagram":[]}}]}',
    ],
    ids=["cut", "UTF-8", "NaN", "unknown phase", "negative", "depth 10000", "data too early"],
)
async def test_faulty_hello_aborts(site: Site, hello: bytes) -> None:
    async with await trusted(site) as peer:
        await peer.introduce()
        await peer.send(hello)
        await peer.closed()
        assert text_of(peer.frames[-1]) == {"connectionHello": [{"phase": "aborted"}]}


async def test_text_frame(site: Site) -> None:
    async with await stranger(site) as peer:
        await peer.send("hello")
        assert await peer.closed() == 1003


async def test_ten_megabytes(site: Site) -> None:
    before = site.gateway.rss_mb
    async with await stranger(site) as peer:
        await peer.introduce()
        await peer.send(b"\x01" + b" " * 10_000_000)
        assert await peer.closed() == 1009
    assert site.gateway.rss_mb < before + 15


# --- the data phase


DISCOVERY = {"nodeManagementDetailedDiscoveryData": []}


async def test_faulty_messages_are_dropped_and_the_third_in_a_row_ends_the_link(site: Site) -> None:
    async with await trusted(site) as peer:
        await peer.handshake()
        await peer.send(b"\x02\xff\xfe")
        await peer.send(b'\x02{"data":NaN}')
        await peer.alive()
        await peer.send(b"\x02" + b'{"data":' + b"[" * 10_000 + b"]" * 10_000 + b"}")
        await peer.send(b"\x02")
        await peer.send(b"\xff" + b"junk")
        await peer.send(b"")
        await peer.alive()
        counter = await peer.ask("read", DISCOVERY, entity=[0], feature=0)
        assert (await peer.answer_to(counter)).header.classifier == "reply"
        for _ in range(3):
            await peer.send(b"\x02{")
        await peer.closed()
    await eventually(lambda: len(violations(site, peer)) >= 4, "the violations are told")


async def test_a_thousand_faulty_messages_do_not_flood_the_broker(site: Site) -> None:
    """One violation is worth an event; the thousandth is not."""
    async with await trusted(site) as peer:
        await peer.handshake()
        for _ in range(400):
            await peer.send(b"\x02{")
            await peer.send(b'\x01{"accessMethodsRequest":[]}')
        await peer.alive()
    await obeys(site, site.devices[1])  # what is published comes in order
    assert 1 <= len(violations(site, peer)) < 100


@pytest.mark.parametrize(
    ("classifier", "command", "entity", "feature", "number"),
    [
        ("read", {"wonderfulNewData": []}, [0], 0, 6),
        ("read", {"measurementListData": []}, [0], 0, 6),
        ("read", DISCOVERY, [9, 9], 1, 4),
        ("read", DISCOVERY, [1], 1, 4),
        ("call", {"nodeManagementBindingRequestCall": []}, [0], 0, 6),
        ("write", {"nodeManagementUseCaseData": []}, [0], 0, 6),
        ("write", {"loadControlLimitListData": []}, [1], 99, 4),
        ("read", {"function": "measurementListData", **DISCOVERY}, [0], 0, None),
    ],
)
async def test_requests_that_cannot_be_served(
    site: Site,
    classifier: str,
    command: dict[str, Any],
    entity: list[int],
    feature: int,
    number: int | None,
) -> None:
    async with await trusted(site) as peer:
        await peer.handshake()
        counter = await peer.ask(classifier, command, entity=entity, feature=feature)
        answer = await peer.answer_to(counter)
        if number is not None:
            assert await peer.error_of(counter) == number, answer
        await peer.alive()


async def test_datagrams_that_are_none_of_our_business(site: Site) -> None:
    async with await trusted(site) as peer:
        await peer.handshake()
        wrong = await peer.ask("read", DISCOVERY, entity=[0], feature=0, device="d:_n:elsewhere_1")
        assert await peer.error_of(wrong) == 5
        several = datagram(
            "read",
            [DISCOVERY, DISCOVERY],
            counter=7,
            source=address("d:_n:x_1", [0], 0),
            destination=address(None, [0], 0),
        )
        await peer.send_data(several)
        assert await peer.error_of(7) == 1
        bark = await peer.ask("bark", DISCOVERY, entity=[0], feature=0)
        assert await peer.error_of(bark) == 6
        answered = len(peer.datagrams())
        for classifier in ("reply", "result", "notify"):
            await peer.ask(classifier, DISCOVERY, entity=[0], feature=0, reference=4711)
        await peer.ask(
            "result", {"resultData": [{"errorNumber": 7}]}, entity=[0], feature=0, reference=1
        )
        await peer.send_data({"datagram": [{"payload": []}]})
        await peer.send_data({"datagram": "nonsense"})
        await peer.send_data({"weather": [{"sun": True}]})
        await peer.alive()
        results = [d for d in peer.datagrams()[answered:] if d.header.classifier == "result"]
        assert results == []


async def test_unknown_enumerations_and_absurd_values_in_what_a_wallbox_says(site: Site) -> None:
    """A discovery full of words from the future, then a wallbox that is still a device."""
    async with await trusted(site) as peer:
        await peer.handshake()
        await eventually(lambda: peer.datagrams(), "the gateway asks")
        question = peer.datagrams()[0].header
        name = f"d:_n:hostile_{peer.identity.ski[:8]}"
        future = {
            "nodeManagementDetailedDiscoveryData": [
                {"specificationVersionList": [{"specificationVersion": ["1.3.0", "99.0.0"]}]},
                {
                    "deviceInformation": [
                        {
                            "description": [
                                {"deviceAddress": [{"device": name}]},
                                {"deviceType": "FlyingCarpet"},
                                {"networkFeatureSet": "telepathic"},
                            ]
                        }
                    ]
                },
                {
                    "entityInformation": [
                        [
                            {
                                "description": [
                                    {"entityAddress": [{"entity": path}]},
                                    {"entityType": kind},
                                ]
                            }
                        ]
                        for path, kind in (
                            ([0], "DeviceInformation"),
                            ([1], "EVSE"),
                            ([1, 1], "Hovercraft"),
                            ([1] * 40, "EV"),
                        )
                    ]
                },
                {
                    "featureInformation": [
                        [
                            {
                                "description": [
                                    {"featureAddress": [{"entity": entity}, {"feature": number}]},
                                    {"featureType": kind},
                                    {"role": role},
                                    {"supportedFunction": [[{"function": "crystalBallData"}]]},
                                ]
                            }
                        ]
                        for entity, number, kind, role in (
                            ([0], 0, "NodeManagement", "special"),
                            ([1], 4294967296, "Measurement", "server"),
                            ([1], 2, "Divination", "oracle"),
                        )
                    ]
                },
            ]
        }
        await peer.ask(
            "reply",
            future,
            entity=[0],
            feature=0,
            reference=question.counter,
            source=address(name, [0], 0),
        )
        await peer.ask(
            "notify",
            {"deviceDiagnosisStateData": [{"operatingState": "levitating"}]},
            entity=[1],
            feature=1,
        )
        await peer.alive()


async def test_writes_without_binding(site: Site) -> None:
    """At the wallbox, whose limits only the bound energy guard may write (SPINE 7.3.5)."""
    offered = site.boxes[1].now["limit_a"]
    async with ShipPeer(Identity.create(), site.boxes[1].port) as peer:
        await peer.handshake()
        asked = await peer.ask("read", DISCOVERY, entity=[0], feature=0)
        reply = await peer.answer_to(asked)
        features = reply.commands[0].data.feature_information  # type: ignore[union-attr]
        place = next(
            f.description.feature_address
            for f in features
            if f.description.feature_type == "LoadControl" and f.description.role == "server"
        )
        limit = [{"limitId": 0}, {"isLimitActive": True}, {"value": [{"number": 0}, {"scale": 0}]}]
        counter = await peer.ask(
            "write",
            {
                "function": "loadControlLimitListData",
                "filter": [[{"cmdControl": [{"partial": []}]}]],
                "loadControlLimitListData": [{"loadControlLimitData": [limit]}],
            },
            entity=place.entity,
            feature=place.feature,
            source=address(f"d:_n:hostile_{peer.identity.ski[:8]}", [1], 1),
        )
        assert await peer.error_of(counter) == 9
        await peer.alive()
    assert site.boxes[1].now["limit_a"] == offered


@pytest.mark.parametrize("what", ["datagrams", "junk", "requests"])
async def test_five_thousand_frames(site: Site, what: str) -> None:
    """A flood is answered or cut off; meanwhile others are served."""
    flood = {
        "datagrams": b'\x02{"data":[{"header":[{"protocolId":"ee1.0"}]},{"payload":{"datagram":[]}}]}',
        "junk": b"\x02" + b"[1,2,{}]" * 50,
        "requests": b'\x01{"accessMethodsRequest":[]}',
    }[what]
    async with await trusted(site) as peer:
        await peer.handshake()

        async def pour() -> None:
            for _ in range(5000):
                await peer.send(flood)

        await asyncio.gather(pour(), obeys(site, site.devices[1]))
        await eventually(
            lambda: peer.close_code or sum(b"accessMethods" in f for f in peer.frames) > 4900,
            "cut off or served",
        )
    assert len(violations(site, peer)) < 100


# --- MQTT


async def test_payloads_that_are_no_commands(site: Site) -> None:
    device = site.devices[1]
    bad: list[tuple[bytes, str]] = [
        (b"{", "invalid_json"),
        (b'{"max_current_a": NaN}', "invalid_json"),
        (b'{"max_current_a": "\xff"}', "invalid_json"),
        (b'{"max_current_a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "invalid_json"),
        (b'{"max_current_a": 10, "pad": "' + b"x" * 20_000 + b'"}', "invalid_json"),
        (b"[]", "wrong_type"),
        (b"17", "wrong_type"),
        (b'{"max_current_a": {"a": 1}}', "wrong_type"),
    ]
    for payload, reason in bad:
        before = len(site.mqtt.on(f"{device}/result"))
        site.mqtt.publish(f"{device}/set", payload)
        (result,) = await eventually(
            lambda before=before: site.mqtt.on(f"{device}/result")[before:],
            "a refusal",  # type: ignore[misc]
        )
        assert result.json["state"] == "rejected"
        assert result.json["reason"] == reason, payload[:40]
        assert len(result.payload) < 2_000


@pytest.mark.parametrize(
    "topic",
    [
        "nobody/set",
        "bridge/set",
        "box2/set/max_current_a/deeper",
        "bridge/request/no/such/verb",
        "bridge/request/pairing/open",
        "bridge/request/device/trust",
        "box2/set/" + "x" * 3000,
    ],
)
async def test_messages_for_nobody(site: Site, topic: str) -> None:
    site.mqtt.publish(topic, b"\xff\x00nonsense")
    site.mqtt.publish(topic, "{}")
    site.mqtt.publish(topic, b"")
    assert (await site.gateway.ask("peers"))["pending"] == []


async def test_a_thousand_messages_a_second(site: Site) -> None:
    """Twenty a second are answered; the rest costs neither memory nor a command that is due."""
    device = site.devices[1]
    before = site.gateway.rss_mb
    lines = len(site.gateway.log_text().splitlines())
    started = time.monotonic()
    sent = 0
    while (elapsed := time.monotonic() - started) < 3:
        while sent < elapsed * 1000:
            site.mqtt.publish(
                f"{device}/set", json.dumps({"id": f"n{sent}", "max_current_a": "much"}), qos=0
            )
            site.mqtt.publish("bridge/request/health", "{", qos=0)
            sent += 1
        await asyncio.sleep(0.01)
    await obeys(site, site.devices[0])
    last = await eventually(
        lambda: [m.json for m in site.mqtt.on(f"{device}/result") if b"rate_limited" in m.payload],
        "the flood is refused for its rate",
    )
    assert last[-1]["state"] == "rejected"
    await eventually_obeys(site, device)
    assert site.gateway.rss_mb < before + 25
    assert len(site.gateway.log_text().splitlines()) < lines + 50


async def eventually_obeys(site: Site, device: str) -> None:
    """Commands that are refused for the rate are tried again until one is taken."""
    deadline = time.monotonic() + 30
    while True:
        result = await site.mqtt.command(
            device, f"try-{time.monotonic_ns()}", max_current_a=next(currents)
        )
        if result["state"] == "applied":
            return
        assert result["reason"] == "rate_limited", result
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
