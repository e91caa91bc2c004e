"""Charging and discharging by setpoint: the wish of the energy manager under everything that stands above it.

A car (DBEVC) and a home battery (COB) follow setpoints alike; ``setpoint_hosts`` says how they differ.

``site.precedence`` decides what may be commanded; this module gathers what it rests on, keeps the setpoint on the
wire alive for as long as the wish holds, and ends it when anything goes quiet. On the wire every setpoint ends with
the wish, at most two minutes ahead, and is refreshed every 30 s; nothing is replayed after a reconnect, a plug-in or a
restart.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from eebus_gw.bridge.commands import Command, CommandTracker
from eebus_gw.clock import Clock
from eebus_gw.errors import RequestError
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.setpoint_course import (
    RESOLUTION_W,
    TakenBack,
    Wish,
    Written,
    changed,
    reduces,
)
from eebus_gw.gateway.setpoint_document import setpoint_document
from eebus_gw.gateway.setpoint_facts import SetpointFacts, vehicle_of
from eebus_gw.gateway.setpoint_hosts import CAR, SetpointHost
from eebus_gw.gateway.setpoint_watch import SetpointWatch
from eebus_gw.site.precedence import (
    Rules,
    VehicleDecision,
    VehicleState,
    admit,
    decide,
)
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.error_numbers import TIMEOUT
from eebus_gw.vocabulary.values import SetpointValue

logger = logging.getLogger(__name__)

DEFAULT_DURATION_S = 300.0
WIRE_END_S = 120.0
"""On the wire a setpoint always ends: at most two minutes ahead."""
LEFT_OVER_S = 5.0
"""How long a device that was steered before the connection came has to wait for a new wish, and how soon a device
that did not let a setpoint be taken back is asked again."""
STEP_S = 1.0
OFF = {"setpoint_w": 0, "active": False}

Write = Callable[[UseCase, Point[SetpointValue], SetpointValue], int | None]
"""Hands a setpoint over; the token of its write, or ``None`` where the use case decides when to write it."""


class SetpointControl:
    """The setpoint of one device; ``facts`` tells what the rules rest on, ``alarm`` hears of disobedience."""

    def __init__(
        self,
        device: Device,
        tracker: CommandTracker,
        write: Write,
        facts: Callable[[], SetpointFacts],
        rules: Callable[[], Rules],
        *,
        dry_run: Callable[[], bool],
        clock: Clock,
        alarm: Callable[[str], None],
        host: SetpointHost = CAR,
    ) -> None:
        self.device = device
        self.host = host
        self._tracker = tracker
        self._write = write
        self._facts = facts
        self._rules = rules
        self._dry_run = dry_run
        self._clock = clock
        self._watch = SetpointWatch(host.noun, alarm)
        self._wish: Wish | None = None
        self._written: Written | None = None
        self._taken_back: TakenBack | None = None
        self._ends_at = 0.0
        """When whatever was written has ended on the wire by itself."""
        self._state = VehicleState()
        self._decision: VehicleDecision | None = None
        self._next_at: float | None = None
        self._rejected: str | None = None
        self._held = False
        """Whether the device has, or may have, a setpoint of ours, or is controlled by us."""
        self._mode_known = False
        self._let_go_at: float | None = None

    # --- commands

    def execute(self, command: Command, now: float) -> None:
        """Takes a setpoint over, or refuses it with the reason."""
        value = command.value
        if not value["active"]:
            told = self._told()
            if told is not None and told.active and not self._dry_run():
                self._held = True  # also what an earlier run of ours has left behind
            self._supersede(self._unanswered(), now)
            self._end(now, command.token)
            return
        refusal = self._refusal(value["setpoint_w"], now)
        if refusal is not None:
            self._rejected = refusal[0]
            self._tracker.refused(command.token, *refusal, now)
            return
        self._rejected = self._let_go_at = None
        power = self._facts().power
        assert power is not None
        watts = admit(value["setpoint_w"], power)
        assert watts is not None
        duration_s = value["duration_s"] or DEFAULT_DURATION_S
        self._supersede(self._unsent(self._written) if self._written else self._commands(), now)
        self._wish = Wish(watts, now + duration_s, command.origin.value, [command.token])
        self._step(now)
        if self._written is not None and command.token in self._unsent(self._written):
            self._tracker.sent(command.token, now)  # its time to be sent is not over any more

    def _refusal(self, watts: float, now: float) -> tuple[str, str] | None:
        device, host = self.device, self.host
        if host.comes_and_goes and not device.plugged:
            return "ev_not_connected", f"no {host.noun} is plugged in"
        facts = self._facts()
        if not facts.offered:
            return "usecase_unsupported", f"{host.use_case.name} not announced by {host.place}"
        if facts.power is None:
            return "usecase_unsupported", f"the {host.noun} does not tell what it can do"
        if admit(watts, facts.power) is None:
            power = facts.power
            return (
                "out_of_range",
                f"the {host.noun} takes {-power.discharge_max_w:g} to {power.charge_max_w:g} W",
            )
        if self._dry_run():
            logger.info("%s: dry run, setpoint %s W is not written", device.id, watts)
            return "dry_run", "this model has not been proven; see devices.<id>.bidirectional"
        current = self._told()
        if current is not None and not current.changeable:
            return "refused_by_ev", f"the {host.noun} does not let itself be controlled now"
        decision = decide(vehicle_of(facts), watts, self._state, now, self._rules())
        refusal = decision.refusal()
        if refusal is not None:
            bound = decision.discharge_bound
            because = f", bound by {bound.value}" if bound is not None else ""
            return refusal, f"{decision.lowest_w:.0f} W is the least now{because}"
        return None

    # --- what happens

    def session_over(self, now: float) -> None:
        """The car or the connection is gone: the wish ends with it and is never replayed."""
        self._fail_commands("link_lost", now)
        for command in self._taken_back.commands if self._taken_back is not None else ():
            self._tracker.refused(command, "link_lost", "", now)
        self._wish = self._written = self._taken_back = self._decision = self._next_at = None
        self._watch.begin_anew()
        self._held = self._mode_known = False
        self._let_go_at = None
        self._state = VehicleState()

    def mode_told(self, *, steered: bool, now: float) -> None:
        """Whether the device goes by setpoints: if it did so before this connection and nobody wishes one, it is let
        go. No limit is applied to what nobody wishes, and our heartbeat alone keeps an inverter in its mode."""
        if not steered:
            self._let_go_at = None
        elif not self._mode_known and self._wish is None:
            self._let_go_at, self._ends_at = now + LEFT_OVER_S, now + WIRE_END_S
        self._mode_known = True

    def stop(self, now: float) -> None:
        """Nobody will refresh the setpoint any more: it is taken back."""
        self._fail_commands("link_lost", now)
        self._end(now)

    def source_lost(self, owner: str, now: float) -> None:
        """Whoever stated the wish can no longer be heard: it ends."""
        if self._wish is not None and self._wish.owner == owner:
            self._end(now)

    def give_up(self, reason: str, detail: str, now: float) -> None:
        """The wish cannot be carried out any more: it ends, with the reason."""
        self._rejected = reason
        self._fail_commands(reason, now, detail)
        self._end(now)

    def reconsider(self, now: float) -> None:
        """Something above the wish changed: what is commanded follows at once."""
        if self._wish is None:
            return
        if now >= self._wish.until:
            self._end(now)
        else:
            self._step(now)

    def awaits(self, value: SetpointValue) -> bool:
        """Whether the answer to a write of ``value`` is the one awaited, where writes have no token."""
        written = self._written
        return written is not None and value.active and value.total_w == written.watts

    def write_done(self, token: int | None, error_number: int, text: str, now: float) -> None:
        """The device answered a setpoint."""
        if token is not None and self._taken_back is not None and self._taken_back.token == token:
            self.take_back_done(error_number, text, now)
            return
        written = self._written
        if written is None or not written.awaited or written.token not in (None, token):
            return
        written.awaited = False
        written.accepted = error_number == 0
        self._held = self._held or error_number in (0, TIMEOUT)
        for command in written.commands:
            self._tracker.answered(command, error_number, text, now)
        if not error_number:
            self.reported(now)
        elif self._unsent(written):
            self._written = None  # a newer wish is still to be asked for
            self.reconsider(now)
        else:  # one that refuses ends the wish, whichever write of it that was
            self._rejected = "remote_error"
            self._end(now)

    def take_back_done(self, error_number: int, text: str, now: float) -> None:
        """The device answered that its setpoint is taken back; one that refuses is asked again."""
        back = self._taken_back
        if back is None or not back.awaited:
            return
        back.awaited = False
        for command in back.commands:
            self._tracker.answered(command, error_number, text, now)
        if error_number:
            self._taken_back = None
            self._take_back_again(now)
        else:
            self.reported(now)

    def reported(self, now: float) -> None:
        """The device told its setpoint: commands that it satisfies have been applied."""
        current = self._told()
        written, back = self._written, self._taken_back
        if current is not None and not current.active and back is not None:
            for command in back.commands:
                self._tracker.read_back(command, OFF, now)
            if not back.awaited:
                self._taken_back = None
        if current is None or written is None:
            return
        told = current.total_w if current.active else None
        if told is not None and abs(told - written.watts) <= RESOLUTION_W:
            self._read_back(told, now)
        if not current.changeable and self._wish is not None:
            if self.host.takes_control:  # its use case would go on with the setpoint
                self.give_up("refused_by_ev", "", now)
                return
            self._rejected = "refused_by_ev"
            self._fail_commands("refused_by_ev", now)
            self._wish = self._written = None

    def handle_timer(self, now: float) -> None:
        """Steps ramps, refreshes the setpoint on the wire, ends wishes, watches whether the device follows, and lets
        one go that was left over."""
        if self._let_go_at is not None and self._let_go_at <= now:
            self._let_go_at = None
            if not self._dry_run():
                self._take_back(now)
        if self._next_at is None or self._next_at > now:
            return
        self._next_at = None
        wish = self._wish
        if wish is None:
            return
        if now >= wish.until:
            self._end(now)
            return
        if self._obeyed(now):
            self._step(now)
        else:
            self._end(now)

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        moments = (self._next_at, self._let_go_at)
        return min((moment for moment in moments if moment is not None), default=None)

    # --- deciding and writing

    def _step(self, now: float) -> None:
        wish = self._wish
        assert wish is not None
        facts = self._facts()
        if facts.power is None:
            detail = f"the {self.host.noun} no longer tells what it can do"
            self.give_up("data_missing", detail, now)
            return
        decision = decide(vehicle_of(facts), wish.watts, self._state, now, self._rules())
        self._state = decision.state
        self._decision = decision
        self._next_at = now + STEP_S
        written = self._written
        if written is None:
            self._state_on_wire(decision.commanded_w, wish, now)
            return
        if not reduces(decision, written):
            if written.awaited:
                return  # the answer to the last one is awaited first
            if now < written.at + STEP_S:
                self._next_at = written.at + STEP_S
                return
        stated = not changed(decision, written) and not self._due(wish, written, now)
        if stated and self._unsent(written) and written.accepted:
            stated = self._holds_already(written.watts, now)
        if not stated:
            self._state_on_wire(decision.commanded_w, wish, now)

    def _due(self, wish: Wish, written: Written, now: float) -> bool:
        """Whether what is on the wire has to be stated anew."""
        too_early = written.ends_at < min(wish.until, now + WIRE_END_S - self.host.refresh_s)
        too_late = written.ends_at > wish.until
        return too_early or too_late or now - written.at >= self.host.refresh_s

    def _unsent(self, written: Written) -> list[int]:
        """Commands that came after what is on the wire."""
        return [command for command in self._commands() if command not in written.commands]

    def _unanswered(self) -> list[int]:
        """Commands that the device has not answered: of a write under way, and those that came after it."""
        written = self._written
        if written is None:
            return self._commands()
        return [*(written.commands if written.awaited else ()), *self._unsent(written)]

    def _state_on_wire(self, watts: float, wish: Wish, now: float) -> None:
        ends_at = min(now + WIRE_END_S, wish.until)
        watts = int(watts)  # towards zero: no limit is exceeded by a fraction
        try:
            end_s = min(WIRE_END_S, wish.until - now)
            token = self._hand_over(SetpointValue(watts, True, end_s=end_s))
        except RequestError as error:
            self._fail_commands(error.reason, now, str(error))
            self._end(now)
            return
        if self._written is not None:
            self._watch.replaced(self._written.watts, now)
            if self._written.awaited:
                self._supersede((c for c in self._written.commands if c not in wish.commands), now)
        self._written = Written(watts, now, ends_at, token, list(wish.commands), self.limited_by)
        self._ends_at = max(self._ends_at, ends_at)
        self._held = self._held or self.host.takes_control
        for command in self._commands():
            self._tracker.sent(command, now)

    def _end(self, now: float, command: int | None = None) -> None:
        """The wish ends: the setpoint is taken back; where that fails its end on the wire does it.

        ``command`` asked for it.
        """
        self._wish = self._next_at = self._decision = None
        self._watch.begin_anew()
        self._state = VehicleState(self._state.ramp.stopped(now))
        in_flight = self._written is not None and self._written.awaited
        self._written = None
        if in_flight or self._held:
            self._held = False
            self._take_back(now, command)
        elif command is not None and self._taken_back is not None:
            self._taken_back.commands.append(command)
            self._tracker.sent(command, now)
            if not self._taken_back.awaited:
                self._tracker.answered(command, 0, "", now)
        elif command is not None:
            self._tracker.applied(command, OFF, now)

    def _take_back(self, now: float, command: int | None = None) -> None:
        try:
            token = self._hand_over(SetpointValue(0.0, False))
        except RequestError as error:
            logger.info("%s: the setpoint ends by itself: %s", self.device.id, error)
            if command is not None:
                self._tracker.refused(command, error.reason, str(error), now)
            self._take_back_again(now)
            return
        self._taken_back = TakenBack(token, [] if command is None else [command])
        if command is not None:
            self._tracker.sent(command, now)

    def _take_back_again(self, now: float) -> None:
        """Unless it ends by itself before, or somebody wishes another one."""
        self._held = True
        again_at = now + LEFT_OVER_S
        if self._wish is None and again_at < self._ends_at:
            self._let_go_at = again_at

    def _obeyed(self, now: float) -> bool:
        """False once the device does the opposite of what is on the wire."""
        written, facts = self._written, self._facts()
        if written is None or not written.accepted or facts.measured is None:
            return True
        kept_w = facts.kept_w(written.watts)
        return self._watch.obeyed(written.watts, facts.measured.watts, now, kept_w=kept_w)

    def _told(self) -> SetpointValue | None:
        """The setpoint as the device states it."""
        told: SetpointValue | None = self.device.value(self.host.use_case.code, self.host.point.key)
        return told

    def _hand_over(self, value: SetpointValue) -> int | None:
        return self._write(self.host.use_case, self.host.point, value)

    def _commands(self) -> list[int]:
        return self._wish.commands if self._wish is not None else []

    def _holds_already(self, watts: float, now: float) -> bool:
        """Whether commands need no write of their own, as what they ask for stands on the wire already."""
        current = self._told()
        if current is None or not current.active or current.total_w is None:
            return False
        if abs(current.total_w - watts) > RESOLUTION_W:
            return False
        actual = {"setpoint_w": current.total_w}
        for command in self._commands():
            self._tracker.applied(command, actual, now, limited_by=self.limited_by)
        self._commands().clear()
        return True

    def _read_back(self, watts: float, now: float) -> None:
        written = self._written
        assert written is not None
        for command in written.commands:
            actual = {"setpoint_w": watts}
            self._tracker.read_back(command, actual, now, limited_by=written.limited_by)
        if self._wish is not None and not written.awaited:
            self._wish.commands[:] = self._unsent(written)

    def _supersede(self, commands: Iterable[int], now: float) -> None:
        """Commands of an earlier wish to which no answer will be heeded any more."""
        for command in commands:
            self._tracker.superseded(command, now)

    def _fail_commands(self, reason: str, now: float, detail: str = "") -> None:
        for command in (*self._unanswered(), *self._commands()):
            self._tracker.refused(command, reason, detail, now)

    # --- what others have to know

    @property
    def discharge_wish_w(self) -> float:
        """How much is wished to be discharged, W ≥ 0."""
        return max(0.0, -self._wish.watts) if self._wish is not None else 0.0

    @property
    def measured_w(self) -> float | None:
        """The device's own power, negative while discharging."""
        measured = self.host.measured(self.device)
        return None if measured is None else measured.watts

    # --- what is published

    @property
    def limited_by(self) -> str | None:
        """What keeps the commanded power from being the wish."""
        decision = self._decision
        return decision.limited_by.value if decision and decision.limited_by else None

    def document(self, now: float) -> dict[str, Any]:
        """The ``setpoint`` document without its time stamp."""
        facts, wish, decision = self._facts(), self._wish, self._decision
        if decision is None and facts.offered and facts.power is not None:
            decision = decide(vehicle_of(facts), None, self._state, now, self._rules())
        return setpoint_document(
            facts,
            decision,
            wish=wish,
            until=self._until(wish, now) if wish is not None else None,
            applied_w=self._written.watts if self._written is not None else None,
            limited_by=self.limited_by,
            state=self._published_state(facts),
            reason=self._rejected,
        )

    def _until(self, wish: Wish, now: float) -> datetime:
        until = self._clock.wall() + timedelta(seconds=wish.until - now + 0.5)
        return until.replace(microsecond=0)

    def _published_state(self, facts: SetpointFacts) -> str:
        if not facts.offered:
            return "unsupported"
        if self._dry_run():
            return "dry_run"
        if self._wish is not None:
            return "active"
        return "rejected" if self._rejected is not None else "ready"
