"""What may lie on the broker: each command gets its reason code, and floods cost nothing that is due."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from tests.e2e.hostile import obeys
from tests.e2e.site import Site
from tests.support.processes import eventually

pytestmark = pytest.mark.usefixtures("unharmed")


async def test_payloads_that_are_no_commands(besieged: Site) -> None:
    device = besieged.devices[1]
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
        before = len(besieged.mqtt.on(f"{device}/result"))
        besieged.mqtt.publish(f"{device}/set", payload)
        (result,) = await eventually(
            lambda before=before: besieged.mqtt.on(f"{device}/result")[before:],
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
async def test_messages_for_nobody(besieged: Site, topic: str) -> None:
    besieged.mqtt.publish(topic, b"\xff\x00nonsense")
    besieged.mqtt.publish(topic, "{}")
    besieged.mqtt.publish(topic, b"")
    assert (await besieged.gateway.ask("peers"))["pending"] == []


async def test_a_thousand_messages_a_second(besieged: Site) -> None:
    """Twenty a second are answered; the rest costs neither memory nor a command that is due."""
    device = besieged.devices[1]
    before = besieged.gateway.rss_mb
    lines = len(besieged.gateway.log_text().splitlines())
    started = time.monotonic()
    sent = 0
    while (elapsed := time.monotonic() - started) < 3:
        while sent < elapsed * 1000:
            besieged.mqtt.publish(
                f"{device}/set", json.dumps({"id": f"n{sent}", "max_current_a": "much"}), qos=0
            )
            besieged.mqtt.publish("bridge/request/health", "{", qos=0)
            sent += 1
        await asyncio.sleep(0.01)
    await obeys(besieged, besieged.devices[0])
    last = await eventually(
        lambda: [
            m.json for m in besieged.mqtt.on(f"{device}/result") if b"rate_limited" in m.payload
        ],
        "the flood is refused for its rate",
    )
    assert last[-1]["state"] == "rejected"
    await obeys(besieged, device, patience_s=30)
    assert besieged.gateway.rss_mb < before + 25
    assert len(besieged.gateway.log_text().splitlines()) < lines + 50


async def test_twenty_thousand_messages_at_once(besieged: Site) -> None:
    """What stands behind them in the queue is read all the same, and nothing is said about each."""
    device = besieged.devices[1]
    before = besieged.gateway.rss_mb
    lines = len(besieged.gateway.log_text().splitlines())
    for _ in range(20_000):
        besieged.mqtt.publish(f"{device}/set", "nonsense", qos=0)
    await obeys(besieged, besieged.devices[0])
    assert besieged.gateway.rss_mb < before + 25
    assert len(besieged.gateway.log_text().splitlines()) < lines + 50
