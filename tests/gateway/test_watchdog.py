"""A charging wish whose sender falls silent (settings `ems.timeout_s` and `ems.fallback`)."""

from __future__ import annotations

from typing import Literal

import pytest

from eebus_gw.gateway.device import Device
from eebus_gw.gateway.watchdog import Watchdog
from eebus_gw.settings import EmsSettings
from eebus_gw.site.charging import ChargingWish

SKI = "ab" * 20
Fallback = Literal["keep", "pause", "min", "release"]


def wished() -> Device:
    device = Device("carport", SKI)
    device.wished = True
    device.wish = ChargingWish((16.0, 16.0, 16.0))
    device.recommendation_a = (8.0, 8.0, 8.0)
    return device


def after(fallback: Fallback, seconds: float) -> tuple[Device, list[str]]:
    told: list[str] = []
    settings = EmsSettings(timeout_s=60, fallback=fallback)
    watchdog = Watchdog(settings, lambda device: told.append(device.id))
    device = wished()
    watchdog.heard(device.id, 100.0)
    watchdog.check(device, 100.0 + seconds)
    return device, told


@pytest.mark.parametrize(
    ("fallback", "wish"),
    [
        ("pause", ChargingWish((16.0, 16.0, 16.0), enabled=False)),
        ("min", ChargingWish((6.0, 6.0, 6.0))),
        ("release", ChargingWish()),
    ],
)
def test_the_wish_is_replaced_when_the_time_is_over(fallback: Fallback, wish: ChargingWish) -> None:
    device, told = after(fallback, 60.0)
    assert (device.wish, told) == (wish, ["carport"])


@pytest.mark.parametrize("fallback", ["pause", "min", "release"])
def test_before_that_it_stays(fallback: Fallback) -> None:
    device, told = after(fallback, 59.9)
    assert (device.wish, told) == (ChargingWish((16.0, 16.0, 16.0)), [])


def test_keeping_changes_nothing_but_is_told() -> None:
    device, told = after("keep", 3_600.0)
    assert (device.wish, told) == (ChargingWish((16.0, 16.0, 16.0)), ["carport"])


def test_a_release_withdraws_the_recommendation() -> None:
    device, _ = after("release", 60.0)
    assert device.recommendation_a is None


def test_a_command_begins_the_time_anew_and_a_fallback_comes_once() -> None:
    told: list[str] = []
    watchdog = Watchdog(EmsSettings(timeout_s=60, fallback="pause"), lambda d: told.append(d.id))
    device = wished()
    watchdog.heard(device.id, 0.0)
    watchdog.heard(device.id, 50.0)
    assert watchdog.next_deadline() == 110.0
    watchdog.check(device, 100.0)
    assert told == []
    watchdog.check(device, 110.0)
    watchdog.check(device, 120.0)
    assert told == ["carport"]
    assert watchdog.next_deadline() is None


def test_without_a_timeout_nothing_is_counted() -> None:
    watchdog = Watchdog(EmsSettings(), lambda device: None)
    watchdog.heard("carport", 0.0)
    assert watchdog.next_deadline() is None
