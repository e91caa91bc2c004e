"""What one wallbox falls back to when it no longer hears us: the share of the site's value and the wish of the user.

The smaller power of both is what is required, so that all wallboxes together stay within the site's value.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eebus_gw.bridge.commands import Command, CommandTracker
from eebus_gw.errors import RequestError
from eebus_gw.gateway.device import Device
from usecases.limitation import LPC, Limitation

FAILSAFE_FIELD = "lpc_failsafe"
POWER = LPC.failsafe_w.key
DURATION = LPC.failsafe_duration_s.key
MEMBERS = {"limit_w": POWER, "duration_s": DURATION}
DEFERRED = "failsafe values are written once the device has answered a first limit"

Wish = Callable[[Limitation, Any, Any], None]
"""Hands a wish to the Energy Guard of the device; raises ``RequestError``."""


class FailsafeControl:
    """The failsafe values of one device."""

    def __init__(self, device: Device, tracker: CommandTracker, wish: Wish) -> None:
        self.device = device
        self._tracker = tracker
        self._wish = wish
        self._wish_w: float | None = None
        self._share_w: float | None = None
        self._required: dict[str, float] = {}
        """What the Energy Guard was told last, by point."""
        self._stated_w: float | None = None
        """The power it was told in this connection."""
        self._open: dict[int, tuple[Command, set[str]]] = {}
        """Commands that wait for their effect, by token, with the points whose write was not answered yet."""

    def execute(self, command: Command, now: float) -> None:
        """Takes a wish over; a power above the share is remembered and the share is required."""
        wanted = {key: command.value.get(member) for member, key in MEMBERS.items()}
        if wanted[POWER] is not None:
            self._wish_w = wanted[POWER]
            wanted[POWER] = self._power_w
        asked = {key: value for key, value in wanted.items() if value is not None}
        written = {key for key, value in asked.items() if self.device.value(LPC.code, key) != value}
        self._open[command.token] = (command, written)
        try:
            for key, value in asked.items():
                self._require(key, value)
        except RequestError as error:
            self._open.pop(command.token, None)
            self._tracker.refused(command.token, error.reason, str(error), now)
            return
        if written:
            self._tracker.sent(command.token, now)
        else:
            self._open.pop(command.token, None)
            self._tracker.applied(
                command.token, self._told(command), now, limited_by=self._limited_by(command)
            )

    def share(self, watts: float) -> None:
        """The part of the site's failsafe value that falls to this wallbox, in W."""
        self._share_w = watts
        power_w = self._power_w
        if power_w is None or self._stated_w == power_w:
            return
        if self.device.value(LPC.code, POWER) is not None:
            with suppress(RequestError):
                self._require(POWER, power_w)

    def usable(self) -> None:
        """The wallbox is connected (again): what it was told before may be lost."""
        self._stated_w = None

    def answered(self, key: str, error_number: int, text: str, now: float) -> None:
        """The wallbox answered the write of a value."""
        for token, (_, unanswered) in list(self._open.items()):
            if key not in unanswered:
                continue
            unanswered.discard(key)
            if error_number:
                del self._open[token]
            if error_number or not unanswered:
                self._tracker.answered(token, error_number, text, now)
        self.reported(now)

    def reported(self, now: float) -> None:
        """The wallbox told a value: commands that all values satisfy have been applied."""
        for token, (command, unanswered) in list(self._open.items()):
            keys = [key for member, key in MEMBERS.items() if command.value.get(member) is not None]
            if any(self.device.value(LPC.code, key) != self._required.get(key) for key in keys):
                continue
            self._tracker.read_back(
                token, self._told(command), now, limited_by=self._limited_by(command)
            )
            if not unanswered:
                del self._open[token]

    def deferred(self, now: float) -> None:
        """The Energy Guard keeps the values back: said, as nothing happens until then."""
        for token in self._open:
            self._tracker.kept(token, DEFERRED, now)
        self._open.clear()

    @property
    def _power_w(self) -> float | None:
        given = [watts for watts in (self._wish_w, self._share_w) if watts is not None]
        return min(given) if given else None

    def _require(self, key: str, value: float) -> None:
        self._wish(LPC, LPC.point(key), value)
        self._required[key] = value
        if key == POWER:
            self._stated_w = value

    def _told(self, command: Command) -> dict[str, Any]:
        return {
            member: self.device.value(LPC.code, key)
            for member, key in MEMBERS.items()
            if command.value.get(member) is not None
        }

    def _limited_by(self, command: Command) -> str | None:
        wanted, required = command.value.get("limit_w"), self._power_w
        if wanted is None or required is None or wanted <= required:
            return None
        return "grid_consumption"
