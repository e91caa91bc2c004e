"""Carries charging wishes to a wallbox: writes what ``site.charging`` decides and follows it to its effect.

Limits belong to the plugged-in session: they are written again after every plug-in, reconnect and change of what the
car permits, and whenever the wallbox reports something else than was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from eebus_gw.bridge.commands import Command, CommandTracker
from eebus_gw.errors import RequestError
from eebus_gw.gateway.device import Device
from eebus_gw.site.charging import (
    ChargingSituation,
    ChargingWish,
    Curtailment,
    NotNow,
    decide,
    recommend,
)
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import PhaseLimits
from usecases.commissioning import EVCC
from usecases.curtailment import OPEV, OSCEV

TOLERANCE_A = 0.05
KEPT = "the wish is kept and takes effect later"
CHARGING_FIELDS = ("charging_enabled", "max_current_a", "recommended_current_a")

Write = Callable[[UseCase, Any, Any], int]
"""Writes to the device and returns a token; raises ``RequestError``."""
Answered = Callable[[int], None]
"""Told the error number of the wallbox's answer, 0 when it accepted."""


@dataclass(slots=True)
class _Flight:
    """A write that is under way: what was written, and the commands that wait for it."""

    use_case: UseCase
    limits: PhaseLimits
    bounded_by: str | None
    commands: list[int]
    answered: Answered | None = None


class ChargingControl:
    """The charging wishes of one device."""

    def __init__(
        self,
        device: Device,
        tracker: CommandTracker,
        write: Write,
        *,
        installed_a: float | None = None,
    ) -> None:
        """``installed_a`` is the largest current per phase of the installation behind the wallbox."""
        self.device = device
        self.ceiling_a: float | None = None
        self.bounded_by: str | None = None
        self._tracker = tracker
        self._write = write
        self._installed_a = installed_a
        self._flights: dict[int, _Flight] = {}
        self._awaiting: list[_Flight] = []
        self._stated: dict[str, PhaseLimits] = {}

    def execute(self, command: Command, now: float) -> None:
        """Takes a wish over and writes what follows from it."""
        device = self.device
        device.wished = True
        match command.field:
            case "charging_enabled":
                device.wish = replace(device.wish, enabled=command.value)
            case "max_current_a":
                device.wish = ChargingWish(command.value, enabled=device.wish.enabled)
            case "recommended_current_a":
                device.recommendation_a = command.value
        use_case = OSCEV if command.field == "recommended_current_a" else OPEV
        wanted = self._wanted(use_case)
        if isinstance(wanted, NotNow):
            self._tracker.refused(command.token, wanted.reason, f"{wanted.detail}; {KEPT}", now)
            self._follow(use_case, now)
        else:
            self._state(use_case, wanted, [command.token], now)

    def reconsider(self, now: float, *, released: bool = False) -> None:
        """Something the decision rests on changed: writes where the wallbox should have other limits.

        Without any wish or limit the wallbox is left alone; ``released`` says that a limit just ended.
        """
        limited = self.ceiling_a is not None or self._installed_a is not None
        for use_case in (OPEV, OSCEV):
            if use_case is OSCEV and self.device.recommendation_a is None:
                continue
            if not self.device.wished and not limited and not released:
                continue
            self._follow(use_case, now)

    def fall_back(self, now: float) -> None:
        """The wish was replaced while its sender is silent; a recommendation may have gone, too."""
        for use_case in (OPEV, OSCEV):
            self._follow(use_case, now)

    def limit_current(
        self, ceiling_a: float | None, now: float, answered: Answered | None = None
    ) -> None:
        """What a limit above the wish leaves to each phase; 0 pauses the car, ``None`` leaves all.

        The same ceiling again is written again where the wallbox has refused it. ``answered`` hears of the answer,
        at once where nothing has to be written, never where nothing can be.
        """
        released = ceiling_a is None and self.ceiling_a is not None
        self.ceiling_a = ceiling_a
        if released or ceiling_a is not None:
            self.reconsider(now, released=released)
        under_way = [f for f in self._flights.values() if f.use_case is OPEV]
        if under_way:
            under_way[-1].answered = answered
        elif answered is not None and self._holds():
            answered(0)

    def session_over(self) -> None:
        """The car or the connection is gone; nothing stated before holds any more."""
        self._flights.clear()
        self._awaiting.clear()
        self._stated.clear()

    def write_done(self, token: int, error_number: int, text: str, now: float) -> None:
        """The wallbox answered a write."""
        flight = self._flights.pop(token, None)
        if flight is None:
            return
        if flight.answered is not None:
            flight.answered(error_number)
        if error_number:
            self._stated.pop(flight.use_case.code, None)
        for command in flight.commands:
            self._tracker.answered(command, error_number, text, now)
        if not error_number:
            self._awaiting.append(flight)
            self.limits_reported(flight.use_case, now)

    def limits_reported(self, use_case: UseCase, now: float) -> None:
        """The wallbox told its limits: commands whose limits they are have been applied."""
        reported = self.device.value(use_case.code, "limit_a")
        for flight in [*self._awaiting, *self._flights.values()]:
            if flight.use_case is use_case and reported is not None:
                if not _same(flight.limits, reported):
                    continue
                for command in flight.commands:
                    self._tracker.read_back(
                        command, _shown(reported), now, limited_by=flight.bounded_by
                    )
                if flight in self._awaiting:
                    self._awaiting.remove(flight)

    def _follow(self, use_case: UseCase, now: float) -> None:
        due = self._due(use_case)
        if due is not None and self._differs(use_case, due.limits):
            self._state(use_case, due, [], now)

    def _due(self, use_case: UseCase) -> Curtailment | None:
        """What the wallbox should have now, be it the wish or what holds meanwhile."""
        wanted = self._wanted(use_case)
        return wanted.meanwhile if isinstance(wanted, NotNow) else wanted

    def _wanted(self, use_case: UseCase) -> Curtailment | NotNow:
        device = self.device
        if not device.plugged:
            return NotNow("ev_not_connected", "no car is plugged in")
        permitted = device.permitted(use_case.code)
        if permitted is None and not device.settled:
            return NotNow("data_missing", "the car has not said yet what it permits")
        if use_case is OSCEV:
            if permitted is None:
                return NotNow("usecase_unsupported", "the wallbox takes no recommendations")
            return Curtailment(recommend(device.recommendation_a, permitted))
        if permitted is None:
            return NotNow(
                "usecase_unsupported", "the wallbox offers no limit of the charging current"
            )
        situation = ChargingSituation(
            permitted,
            device.value("evcc", "standard"),
            device.value("evcc", "asymmetric"),
            self.ceiling_a,
            self._installed_a,
            device.settled,
            any(code == EVCC.code for code, _ in device.readings.offered),
        )
        return decide(device.wish, situation)

    def _state(
        self, use_case: UseCase, wanted: Curtailment, commands: list[int], now: float
    ) -> None:
        reported: PhaseLimits | None = self.device.value(use_case.code, "limit_a")
        if use_case is OPEV:
            self.bounded_by = wanted.bounded_by
        if reported is not None and _unchangeable(wanted.limits, reported):
            self._refuse(commands, "limit_not_changeable", use_case.name, now)
            return
        if reported is not None and _same(wanted.limits, reported) and not self._flights:
            self._stated[use_case.code] = wanted.limits
            for command in commands:
                self._tracker.applied(command, _shown(reported), now, limited_by=wanted.bounded_by)
            return
        try:
            token = self._write(use_case, use_case.point("limit_a"), wanted.limits)
        except RequestError as error:
            self._refuse(commands, error.reason, str(error), now)
            return
        self._stated[use_case.code] = wanted.limits
        self._flights[token] = _Flight(use_case, wanted.limits, wanted.bounded_by, commands)
        for command in commands:
            self._tracker.sent(command, now)

    def _refuse(self, commands: list[int], reason: str, detail: str, now: float) -> None:
        for command in commands:
            self._tracker.refused(command, reason, detail, now)

    def _holds(self) -> bool:
        """Whether the wallbox has the obligation it should have."""
        due = self._due(OPEV)
        known = self.device.value(OPEV.code, "limit_a") is not None
        return due is not None and known and not self._differs(OPEV, due.limits)

    def _differs(self, use_case: UseCase, limits: PhaseLimits) -> bool:
        """Whether these limits are neither stated already nor what the wallbox has by itself."""
        stated = self._stated.get(use_case.code)
        if stated is not None and _same(limits, stated):
            return False
        reported: PhaseLimits | None = self.device.value(use_case.code, "limit_a")
        return self.device.settled if reported is None else not _same(limits, reported)


def _same(wanted: PhaseLimits, reported: PhaseLimits) -> bool:
    """Whether the reported limits have the wanted effect; of an inactive limit the value means nothing."""
    for want, want_active, have, have_active in zip(
        wanted.amperes, wanted.active, reported.amperes, reported.active, strict=True
    ):
        if want is None:
            continue
        if bool(want_active) != bool(have_active):
            return False
        if want_active and (have is None or abs(want - have) > TOLERANCE_A):
            return False
    return True


def _unchangeable(wanted: PhaseLimits, reported: PhaseLimits) -> bool:
    return any(
        want is not None and changeable is False
        for want, changeable in zip(wanted.amperes, reported.changeable, strict=True)
    )


def _shown(limits: PhaseLimits) -> list[float | None]:
    return [None if a is None else round(a, 3) for a in limits.amperes]
