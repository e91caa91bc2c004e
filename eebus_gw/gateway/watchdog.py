"""What becomes of a charging wish when the energy manager sends nothing any more (setting ``ems``; pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eebus_gw.gateway.device import Device
from eebus_gw.settings import EmsSettings
from eebus_gw.site.charging import ChargingWish
from eebus_gw.vocabulary.values import PhaseValues


class Watchdog:
    """Counts the time since the last command to each device; ``fell_back`` hears of one that none reaches any more.

    A device counts from its first command, or from the start where a wish was kept over it. A command ends a fallback
    by what it says, and begins the time anew.
    """

    def __init__(self, settings: EmsSettings, fell_back: Callable[[Device], None]) -> None:
        self._timeout_s = settings.timeout_s
        self._fallback = settings.fallback
        self._fell_back = fell_back
        self._ends_at: dict[str, float] = {}

    def heard(self, device_id: str, now: float) -> None:
        """A command for the device came."""
        if self._timeout_s:
            self._ends_at[device_id] = now + self._timeout_s

    def forget(self, device_id: str) -> None:
        """The device was removed."""
        self._ends_at.pop(device_id, None)

    def next_deadline(self) -> float | None:
        """When ``check`` wants to be called."""
        return min(self._ends_at.values(), default=None)

    def check(self, device: Device, now: float) -> None:
        """Applies the fallback to a device that no command has reached in time, once."""
        ends_at = self._ends_at.get(device.id)
        if ends_at is None or now < ends_at:
            return
        del self._ends_at[device.id]
        if not device.wished:
            return
        match self._fallback:
            case "pause":
                device.wish = replace(device.wish, enabled=False)
            case "min":
                device.wish = ChargingWish(_least(device))
            case "release":
                device.wish = ChargingWish()
                device.recommendation_a = None
        self._fell_back(device)


def _least(device: Device) -> PhaseValues:
    least_a = device.least_a()
    return least_a, least_a, least_a
