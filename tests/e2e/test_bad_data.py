"""What a paired peer may send once data flows: an error, a drop or a close, and nobody else notices."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eebus_gw.identity import Identity
from tests.e2e.hostile import obeys, trusted, violations
from tests.e2e.site import Site
from tests.support.peer import ShipPeer, address, datagram
from tests.support.processes import eventually

pytestmark = pytest.mark.usefixtures("unharmed")

DISCOVERY = {"nodeManagementDetailedDiscoveryData": []}


async def test_faulty_messages_are_dropped_and_the_third_in_a_row_ends_the_link(
    besieged: Site,
) -> None:
    async with await trusted(besieged) as peer:
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
    await eventually(lambda: len(violations(besieged, peer)) >= 4, "the violations are told")


async def test_a_thousand_faulty_messages_do_not_flood_the_broker(besieged: Site) -> None:
    """One violation is worth an event; the thousandth is not."""
    async with await trusted(besieged) as peer:
        await peer.handshake()
        for _ in range(400):
            await peer.send(b"\x02{")
            await peer.send(b'\x01{"accessMethodsRequest":[]}')
        await peer.alive()
    await obeys(besieged, besieged.devices[1])  # what is published comes in order
    assert 1 <= len(violations(besieged, peer)) < 100


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
    besieged: Site,
    classifier: str,
    command: dict[str, Any],
    entity: list[int],
    feature: int,
    number: int | None,
) -> None:
    async with await trusted(besieged) as peer:
        await peer.handshake()
        counter = await peer.ask(classifier, command, entity=entity, feature=feature)
        answer = await peer.answer_to(counter)
        if number is not None:
            assert await peer.error_of(counter) == number, answer
        await peer.alive()


async def test_datagrams_that_are_none_of_our_business(besieged: Site) -> None:
    async with await trusted(besieged) as peer:
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


async def test_unknown_enumerations_and_absurd_values_in_what_a_wallbox_says(
    besieged: Site,
) -> None:
    """A discovery full of words from the future, then a wallbox that is still a device."""
    async with await trusted(besieged) as peer:
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


async def test_writes_without_binding(besieged: Site) -> None:
    """At the wallbox, whose limits only the bound energy guard may write (SPINE 7.3.5)."""
    offered = besieged.boxes[1].now["limit_a"]
    async with ShipPeer(Identity.create(), besieged.boxes[1].port) as peer:
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
    assert besieged.boxes[1].now["limit_a"] == offered


@pytest.mark.parametrize("what", ["datagrams", "junk", "requests"])
async def test_five_thousand_frames(besieged: Site, what: str) -> None:
    """A flood is answered or cut off; meanwhile others are served."""
    flood = {
        "datagrams": b'\x02{"data":[{"header":[{"protocolId":"ee1.0"}]},{"payload":{"datagram":[]}}]}',
        "junk": b"\x02" + b"[1,2,{}]" * 50,
        "requests": b'\x01{"accessMethodsRequest":[]}',
    }[what]
    async with await trusted(besieged) as peer:
        await peer.handshake()

        async def pour() -> None:
            for _ in range(5000):
                await peer.send(flood)

        await asyncio.gather(pour(), obeys(besieged, besieged.devices[1]))
        await eventually(
            lambda: peer.close_code or sum(b"accessMethods" in f for f in peer.frames) > 4900,
            "cut off or served",
        )
    assert len(violations(besieged, peer)) < 100
