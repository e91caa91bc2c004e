"""What becomes of a charging wish when the energy manager falls silent."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from eebus_gw.gateway.device import Device
from eebus_gw.gateway.ems_watch import EmsWatch
from eebus_gw.settings import EmsSettings

Fallback = Literal["keep", "pause", "min", "release"]
START = 1000.0


class Desk:
    """One watched device; commands and events are kept."""

    def __init__(self, timeout_s: int, fallback: Fallback = "pause") -> None:
        self.device = Device("carport", "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40")
        self.device.wished = True
        self.commands: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        settings = EmsSettings(timeout_s=timeout_s, fallback=fallback)
        self.watch = EmsWatch(settings, [self.device], self.submit, self.tell, START)
        self.now = START

    def submit(self, device_id: str, members: dict[str, Any]) -> None:
        assert members.pop("source") == "ems fallback"
        self.commands.append(members)
        self.watch.heard(device_id, self.now)

    def tell(self, kind: str, **data: Any) -> None:
        self.events.append({"type": kind, **data})

    def at(self, now: float) -> None:
        self.now = now
        self.watch.handle_timer(now)


def test_off_by_default() -> None:
    desk = Desk(0)
    assert desk.watch.next_deadline() is None
    desk.at(START + 1e9)
    assert desk.commands == []


@pytest.mark.parametrize(
    ("fallback", "command"),
    [
        ("pause", {"charging_enabled": False}),
        ("min", {"charging_enabled": True, "max_current_a": 6.0}),
        ("release", {"charging_enabled": True, "max_current_a": 1000.0}),
    ],
)
def test_the_fallback_is_a_command_after_the_time_and_once(
    fallback: Fallback, command: dict[str, Any]
) -> None:
    desk = Desk(60, fallback)
    assert desk.watch.next_deadline() == START + 60
    desk.at(START + 59.9)
    assert desk.commands == []
    desk.at(START + 60)
    desk.at(START + 600)
    assert desk.commands == [command]
    assert desk.events == [{"type": "ems_silent", "id": "carport", "fallback": fallback}]
    assert desk.watch.next_deadline() is None


def test_keep_only_tells() -> None:
    desk = Desk(60, "keep")
    desk.at(START + 60)
    assert desk.commands == []
    assert desk.events == [{"type": "ems_silent", "id": "carport", "fallback": "keep"}]


def test_every_command_counts_anew() -> None:
    desk = Desk(60)
    desk.watch.heard("carport", START + 50)
    desk.at(START + 109)
    assert desk.commands == []
    desk.at(START + 110)
    assert len(desk.commands) == 1
    desk.watch.heard("carport", START + 200)
    assert desk.watch.next_deadline() == START + 260


def test_a_device_that_nobody_steers_is_left_alone() -> None:
    desk = Desk(60)
    desk.device.wished = False
    desk.at(START + 3600)
    assert desk.commands == []
    assert desk.events == []
