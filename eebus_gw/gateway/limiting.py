"""Power limits for one wallbox as Energy Guard: the share of the grid limit and the wishes of the user (LPC, LPP).

What is required of the wallbox is the smaller of both; releasing one never withdraws the other. The behaviour of the
use case decides when a requirement is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from eebus_gw.bridge.commands import Command, CommandTracker
from eebus_gw.clock import earliest
from eebus_gw.errors import RequestError
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.failsafe import FAILSAFE_FIELD, FailsafeControl, Wish
from eebus_gw.vocabulary.values import LimitValue
from usecases.limitation import LPC, LPP, Limitation

LIMIT_FIELDS = {"lpc": LPC, "lpp": LPP}
TOLERANCE_W = 0.5
DEFERRED = "limits are widened at most once in five minutes (LPC implementation guide 2.10); this one is written"

LATER_END = "the limit is in force; its new end is written before the present one passes,"


@dataclass(slots=True)
class _Required:
    """What is wanted in one direction; magnitudes in W, ``None`` = nothing."""

    wish_w: float | None = None
    wish_until: float | None = None
    last_wish_w: float | None = None
    held: tuple[float | None, float | None] = (None, None)
    """The wish last told as accepted, and its end; a refused one gives way to it."""
    share_w: float | None = None
    stated: bool = False
    """Whether a requirement was ever handed over: only then there is something to release."""

    def hold(self) -> None:
        """The wish was accepted."""
        self.held = self.wish_w, self.wish_until

    @property
    def watts(self) -> float | None:
        """The smaller of wish and share."""
        given = [w for w in (self.wish_w, self.share_w) if w is not None]
        return min(given) if given else None

    def bounded_by(self, use_case: Limitation) -> str | None:
        """Why what is required is less than the wish."""
        if self.wish_w == self.watts:
            return None
        return "grid_consumption" if use_case is LPC else "grid_production"


class LimitControl:
    """The limits of one device in both directions."""

    def __init__(self, device: Device, tracker: CommandTracker, wish: Wish) -> None:
        self.device = device
        self._tracker = tracker
        self._wish = wish
        self._required = {LPC.code: _Required(), LPP.code: _Required()}
        self.failsafe = FailsafeControl(device, tracker, wish)
        self._commands: dict[str, dict[int, bool]] = {LPC.code: {}, LPP.code: {}}
        """Tokens of the commands that wait for their effect, and whether their write was answered."""

    def execute(self, command: Command, now: float) -> None:
        """Takes a wish for a limit or for failsafe values over."""
        if command.field == FAILSAFE_FIELD:
            self.failsafe.execute(command, now)
            return
        use_case = LIMIT_FIELDS[command.field]
        required = self._required[use_case.code]
        value = command.value
        told: LimitValue | None = self.device.value(use_case.code, "limit")
        if told is not None and not told.changeable:
            self._tracker.refused(command.token, "limit_not_changeable", use_case.name, now)
            return
        before = replace(required)
        if value["limit_w"] is not None:
            required.last_wish_w = value["limit_w"]
        if value["active"] and required.last_wish_w is None:
            self._tracker.refused(command.token, "out_of_range", "no limit was wished before", now)
            return
        required.wish_w = required.last_wish_w if value["active"] else None
        duration_s = value["duration_s"] if value["active"] else None
        required.wish_until = None if duration_s is None else now + duration_s
        self._commands[use_case.code][command.token] = False
        if self._state(use_case, now):
            self._tracker.sent(command.token, now)
            self._holds_already(use_case, command, now)
        else:
            self._required[use_case.code] = before

    @property
    def bounded_by(self) -> str | None:
        """What keeps the wallbox below all that it could draw: its share of the grid's limit."""
        required = self._required[LPC.code]
        if required.share_w is None or required.watts != required.share_w:
            return None
        nominal_w: float | None = self.device.value(LPC.code, LPC.nominal_max_w.key)
        free = nominal_w is not None and required.share_w >= nominal_w
        return None if free else required.bounded_by(LPC)

    def share(self, watts: float | None, now: float) -> None:
        """The share of the grid's consumption limit that falls to this wallbox by LPC."""
        self._share(LPC, watts, now)

    def share_production(self, watts: float | None, now: float) -> None:
        """The share of the grid's production limit that falls to this wallbox by LPP."""
        self._share(LPP, watts, now)

    def share_failsafe(self, watts: float) -> None:
        """What the wallbox may draw by itself when it no longer hears us, so that all stay within the site's value."""
        self.failsafe.share(watts)

    def usable(self, now: float) -> None:
        """The wallbox is connected and offers a limit: what is required is stated (again)."""
        self.failsafe.usable()
        for use_case in (LPC, LPP):
            required = self._required[use_case.code]
            if required.stated or required.watts is not None:
                self._state(use_case, now)

    def written(self, use_case: Limitation, error_number: int, text: str, now: float) -> None:
        """The wallbox answered a limit write."""
        commands = self._commands[use_case.code]
        for token in commands:
            self._tracker.answered(token, error_number, text, now)
            commands[token] = True
        required = self._required[use_case.code]
        if error_number and commands:
            # The Energy Guard tries again, but what was rejected must not act then.
            commands.clear()
            required.wish_w, required.wish_until = required.held
            self._state(use_case, now)
        elif not error_number:
            required.hold()
        self.reported(use_case, now)

    def reported(self, use_case: Limitation, now: float) -> None:
        """The wallbox told its limit: commands that it satisfies have been applied.

        Many wallboxes tell it before they answer the write; then the command still waits for the answer.
        """
        required = self._required[use_case.code]
        reported: LimitValue | None = self.device.value(use_case.code, "limit")
        if reported is None or not _same(required.watts, reported):
            return
        waiting = self._commands[use_case.code]
        for token, answered in list(waiting.items()):
            self._tracker.read_back(
                token, _shown(reported), now, limited_by=required.bounded_by(use_case)
            )
            if answered:
                del waiting[token]

    def deferred(self, use_case: Limitation, seconds: float, now: float) -> None:
        """The Energy Guard keeps a wider limit or a later end back for a while: said, as nothing happens until then."""
        reported: LimitValue | None = self.device.value(use_case.code, "limit")
        holds = reported is not None and _same(self._required[use_case.code].watts, reported)
        self._required[use_case.code].hold()
        detail = f"{LATER_END if holds else DEFERRED} in {seconds:.0f} s"
        for token in self._commands[use_case.code]:
            self._tracker.kept(token, detail, now)
        self._commands[use_case.code].clear()

    def handle_timer(self, now: float) -> None:
        """Wishes end with their duration."""
        for use_case in (LPC, LPP):
            required = self._required[use_case.code]
            if required.wish_until is not None and required.wish_until <= now:
                self._state(use_case, now)

    def next_deadline(self) -> float | None:
        """When the first wish ends."""
        return earliest(*(required.wish_until for required in self._required.values()))

    def _share(self, use_case: Limitation, watts: float | None, now: float) -> None:
        required = self._required[use_case.code]
        if required.share_w != watts or (watts is not None and not required.stated):
            required.share_w = watts
            self._state(use_case, now)

    def _holds_already(self, use_case: Limitation, command: Command, now: float) -> None:
        """What the wallbox reports already is not written again, so no answer would come."""
        reported: LimitValue | None = self.device.value(use_case.code, "limit")
        if reported is None or list(self._commands[use_case.code]) != [command.token]:
            return
        required = self._required[use_case.code]
        if _same(required.watts, reported):
            required.hold()
            self._tracker.applied(
                command.token, _shown(reported), now, limited_by=required.bounded_by(use_case)
            )
            self._commands[use_case.code].clear()

    def _state(self, use_case: Limitation, now: float) -> bool:
        """Hands the requirement to the Energy Guard; False if it cannot be had."""
        required = self._required[use_case.code]
        if required.wish_until is not None and required.wish_until <= now:
            required.wish_w = required.wish_until = None
        sign = 1 if use_case is LPC else -1
        watts = required.watts
        # A wish that ends is counted by the wallbox itself, unless another limit holds beyond it.
        lasts_s = None
        if required.share_w is None and required.wish_until is not None:
            lasts_s = required.wish_until - now
        value = LimitValue(0.0, False)
        if watts is not None:
            value = LimitValue(sign * watts, True, lasts_s)
        try:
            self._wish(use_case, use_case.limit, value)
        except RequestError as error:
            for token in self._commands[use_case.code]:
                self._tracker.refused(token, error.reason, str(error), now)
            self._commands[use_case.code].clear()
            return False
        required.stated = True
        return True


def _same(watts: float | None, reported: LimitValue) -> bool:
    if watts is None:
        return not reported.active
    stated = None if reported.watts is None else abs(reported.watts)
    return reported.active and stated is not None and abs(stated - watts) <= TOLERANCE_W


def _shown(limit: LimitValue) -> dict[str, Any]:
    watts = None if limit.watts is None else abs(limit.watts)
    return {"limit_w": watts, "active": limit.active, "duration_s": limit.duration_s}
