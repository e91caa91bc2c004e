from __future__ import annotations

import pytest

from eebus_gw.bridge.topics import Address, Target, Topics
from eebus_gw.errors import ConfigError


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("eebus/carport/set", Address(Target.COMMAND, "carport")),
        ("eebus/carport/set/max_current_a", Address(Target.FIELD, "carport", "max_current_a")),
        ("eebus/carport/set/a/b", Address(Target.FIELD, "carport", "a/b")),
        ("eebus/grid/set", Address(Target.GRID, "grid")),
        ("eebus/grid/meter/set", Address(Target.GRID_METER, "grid")),
        ("eebus/bridge/request/health", Address(Target.REQUEST, name="health")),
        ("eebus/bridge/request/pairing/open", Address(Target.REQUEST, name="pairing/open")),
        ("homeassistant/status", Address(Target.HOME_ASSISTANT)),
        ("eebus/bridge/set", None),
        ("eebus/bridge/request", None),
        ("eebus/grid/set/failsafe_w", None),
        ("eebus/Carport/set", None),
        ("eebus/carport/meter", None),
        ("other/carport/set", None),
        ("eebus2/carport/set", None),
    ],
)
def test_address_of_incoming_topics(topic: str, expected: Address | None) -> None:
    assert Topics().address(topic) == expected


def test_names_below_a_base_of_several_levels() -> None:
    topics = Topics("home/energy", "ha")
    assert topics.bridge_state == "home/energy/bridge/state"
    assert topics.device("carport", "meter") == "home/energy/carport/meter"
    assert topics.grid("lpc") == "home/energy/grid/lpc"
    assert topics.response("device/remove") == "home/energy/bridge/response/device/remove"
    assert topics.discovery("gw-carport") == "ha/device/gw-carport/config"
    assert topics.address("home/energy/carport/set") == Address(Target.COMMAND, "carport")


@pytest.mark.parametrize("base", ["", "/eebus", "eebus/", "a/+/b", "a#", "a\nb", "$SYS"])
def test_unusable_base_topics_are_refused(base: str) -> None:
    with pytest.raises(ConfigError, match=r"mqtt\.base_topic"):
        Topics(base)


def test_subscriptions_do_not_overlap() -> None:
    """A broker may deliver a message once per matching subscription (MQTT 5, 3.3.4)."""
    topics = Topics()
    incoming = [
        "eebus/carport/set",
        "eebus/carport/set/setpoint",
        "eebus/grid/set",
        "eebus/grid/meter/set",
        "eebus/bridge/request/health",
        "homeassistant/status",
    ]
    for topic in incoming:
        assert sum(_matches(topic, entry) for entry in topics.subscriptions()) == 1, topic


def _matches(topic: str, subscription: str) -> bool:
    levels = topic.split("/")
    for index, pattern in enumerate(subscription.split("/")):
        if pattern == "#":
            return True
        if index >= len(levels) or pattern not in ("+", levels[index]):
            return False
    return len(levels) == len(subscription.split("/"))
