"""What programs around the gateway say, and what comes back (contract, MQTT)."""

from __future__ import annotations

import pytest

from eebus_gw.bridge.messages import Received
from eebus_gw.errors import NotConnected
from eebus_gw.gateway.gateway import Gateway
from tests.gateway.test_bridge_state import STRANGER, Seen, gateway
from tests.support.processes import eventually

__all__ = ["gateway"]


async def test_a_command_for_a_device_that_does_not_exist_is_answered(gateway: Gateway) -> None:
    """But nothing of it is kept on the broker."""
    seen = Seen(gateway)
    seen.look()
    seen.topics.clear()
    gateway.reception.receive(Received("eebus/attic/set", b'{"id": "1", "max_current_a": 6}'))
    result = seen.look()["attic/result"]
    assert (result["state"], result["reason"]) == ("rejected", "device_unknown")
    assert seen.topics == ["eebus/attic/result"]


async def test_only_who_waits_can_be_approved(gateway: Gateway) -> None:
    with pytest.raises(NotConnected, match="waits for a decision"):
        await gateway.verbs.dispatch("pairing/approve", {"ski": STRANGER})
    assert gateway.wallbox.peers.get(STRANGER) is None
    gateway.wallbox.window.requested(STRANGER, "192.0.2.1", 60.0, gateway.clock.now())
    answer = await gateway.verbs.dispatch("pairing/approve", {"ski": STRANGER, "alias": "Attic"})
    assert answer == {"id": "attic", "ski": STRANGER}
    assert await gateway.verbs.dispatch("pairing/approve", {"ski": STRANGER}) == answer


async def test_the_birth_of_home_assistant_is_answered_a_moment_later(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, whatever comes within that moment; one that lay on the broker says nothing new."""
    seen = Seen(gateway)
    await eventually(lambda: "bridge/health" in seen.look(), "everything has gone out")
    longest: list[float] = []

    def drawn(least: float, most: float) -> float:
        longest.append(most)
        return 0.05

    monkeypatch.setattr("eebus_gw.gateway.reception.random.uniform", drawn)
    seen.topics.clear()
    gateway.reception.receive(Received("homeassistant/status", b"online", retained=True))
    assert longest == []
    for _ in range(2):
        gateway.reception.receive(Received("homeassistant/status", b"online"))
    seen.look()
    assert "eebus/bridge/info" not in seen.topics
    await eventually(lambda: seen.look() and "eebus/bridge/info" in seen.topics, "published again")
    assert longest == [5.0]
