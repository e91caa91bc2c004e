"""What becomes of a charging wish when the energy manager that stated it falls silent (settings of section ``ems``).

Off by default: some energy managers repeat a command only when it changes (contract, silence).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from eebus_gw.gateway.device import Device
from eebus_gw.settings import EmsSettings

UNLIMITED_A = 1_000.0
LEAST_A = 6.0
EVENT = "ems_silent"


class EmsWatch:
    """Counts the time since the last command of each device that was ever steered.

    ``submit`` takes the fallback as a command like any other, ``tell`` the event that announces it.
    """

    def __init__(
        self,
        settings: EmsSettings,
        devices: Iterable[Device],
        submit: Callable[[str, dict[str, Any]], object],
        tell: Callable[..., None],
        now: float,
    ) -> None:
        self._settings = settings
        self._devices = devices
        self._submit = submit
        self._tell = tell
        self._started = now
        self._heard: dict[str, float] = {}
        self._fallen_back: set[str] = set()

    def heard(self, device_id: str, now: float) -> None:
        """A command came for this device."""
        self._heard[device_id] = now
        self._fallen_back.discard(device_id)

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        return min((at for _, at in self._due()), default=None)

    def handle_timer(self, now: float) -> None:
        """Applies the fallback where nothing was heard for too long, once."""
        for device, at in list(self._due()):
            if at <= now:
                self._fall_back(device)

    def _due(self) -> Iterable[tuple[Device, float]]:
        if self._settings.timeout_s == 0:
            return
        for device in self._devices:
            if device.wished and device.id not in self._fallen_back:
                heard_at = self._heard.get(device.id, self._started)
                yield device, heard_at + self._settings.timeout_s

    def _fall_back(self, device: Device) -> None:
        self._tell(EVENT, id=device.id, fallback=self._settings.fallback)
        members = self._command(device)
        if members is not None:
            self._submit(device.id, {**members, "source": "ems fallback"})
        # Last, for the command itself has been heard, too.
        self._fallen_back.add(device.id)

    def _command(self, device: Device) -> dict[str, Any] | None:
        match self._settings.fallback:
            case "pause":
                return {"charging_enabled": False}
            case "min":
                return {"charging_enabled": True, "max_current_a": _least(device)}
            case "release":
                return {"charging_enabled": True, "max_current_a": UNLIMITED_A}
        return None


def _least(device: Device) -> float:
    permitted = device.permitted()
    lowest = [a for a in permitted.each("lowest") if a is not None] if permitted else []
    return max(lowest, default=LEAST_A)
