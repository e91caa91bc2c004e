"""A home battery that is steered by setpoints (COB): what its rules rest on, and what goes to the inverter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest

from eebus_gw.bridge.results import State
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.facts import SiteView
from eebus_gw.gateway.home_battery import battery_needs, battery_power
from eebus_gw.gateway.setpoint_facts import SetpointFacts
from eebus_gw.gateway.setpoint_hosts import BATTERY
from eebus_gw.gateway.setpoints import SetpointControl
from eebus_gw.site.bounds import FeedInRule, Limits, Measured, PowerRange
from eebus_gw.site.precedence import Rules
from eebus_gw.vocabulary.values import SetpointValue
from tests.gateway.bench import Bench
from tests.gateway.test_facts import Known

IDLE = SetpointValue(0.0, False)
POWERS = PowerRange(0, 5_000, 0, 5_000)


def battery(soc_percent: float | None = 50.0) -> Device:
    bench = Bench()
    bench.tell("cob", "max_ac_charge_w", 5_000.0)
    bench.tell("cob", "max_ac_discharge_w", -4_600.0)
    if soc_percent is not None:
        bench.tell("vabd", "soc_percent", soc_percent)
    return bench.device


# --- what the rules rest on


def test_the_inverter_states_how_much_it_can_do() -> None:
    assert battery_power(battery()) == PowerRange(0, 5_000, 0, 4_600)
    assert battery_power(Bench().device) is None


def test_above_the_reserve_the_battery_may_be_discharged() -> None:
    needs = battery_needs(battery(50), reserve_percent=10, capacity_wh=10_000)
    assert needs.dischargeable_wh() == pytest.approx(4_000)
    assert battery_needs(battery(9), reserve_percent=10, capacity_wh=None).dischargeable_wh() == 0


def test_without_a_state_of_charge_it_is_not_discharged() -> None:
    needs = battery_needs(battery(None), reserve_percent=10, capacity_wh=10_000)
    assert needs.minimum_wh is None
    assert needs.dischargeable_wh() == 0


class KnownBattery(Known):
    def __init__(self, **settings: Any) -> None:
        super().__init__(devices={"carport": settings} if settings else {})
        self.device.house = True
        self.tell("cob", "ac_setpoint", IDLE)
        self.tell("cob", "max_ac_charge_w", 5_000.0)
        self.tell("cob", "max_ac_discharge_w", 5_000.0)
        self.tell("vabd", "soc_percent", 50.0)
        self.tell("vabd", "power_w", -700.0)

    @property
    def found(self) -> SetpointFacts:
        return self.facts.of_battery(self.device)


def test_a_battery_has_a_reserve_instead_of_a_driver() -> None:
    found = KnownBattery().found
    assert found.minimum_percent == 10
    assert found.capacity_assumed
    assert found.discharge_permitted
    assert found.budget_left_wh is None
    configured = KnownBattery(reserve_percent=25, capacity_kwh=10).found
    assert configured.needs.dischargeable_wh() == pytest.approx(2_500)
    assert not configured.capacity_assumed


def test_below_its_reserve_it_is_not_charged_for_that() -> None:
    known = KnownBattery()
    assert not known.facts.rules(known.device).minimum_at_once
    assert Known().facts.rules(Known().device).minimum_at_once


def test_its_own_power_is_that_of_vabd() -> None:
    known = KnownBattery()
    assert known.found.measured == Measured(-700, known.now)


def test_while_the_site_is_limited_it_is_not_charged_by_setpoint() -> None:
    known = KnownBattery()
    assert known.found.limits.consumption_w is None
    known.site = SiteView(None, 2_000.0, None, limited=True)
    assert known.found.limits.consumption_w == 0
    assert known.found.limits.production_w == 2_000


def test_setpoints_of_a_battery_are_written_unless_the_user_forbids_it() -> None:
    known = KnownBattery()
    assert not known.facts.dry_run(known.device)
    dry = KnownBattery(bidirectional="dry_run")
    assert dry.facts.dry_run(dry.device)


def test_what_the_user_decided_is_shown_by_setting() -> None:
    known = KnownBattery(reserve_percent=25)
    assert known.facts.decided(known.device) == {
        "site.feed_in": "forbidden",
        "devices.carport.bidirectional": "on",
        "devices.carport.reserve_percent": 25,
        "devices.carport.capacity_kwh": None,
    }


# --- what goes to the inverter


@dataclass
class Steered(Bench):
    """A battery whose inverter answers each setpoint with ``error_number`` and tells what it took over.

    Writes have no token: the client side of COB makes them when heartbeat and control mode are through.
    """

    facts: SetpointFacts = field(
        default_factory=lambda: SetpointFacts(
            offered=True,
            power=POWERS,
            needs=battery_needs(battery(50), reserve_percent=10, capacity_wh=10_000),
            discharge_permitted=True,
            feed_in=FeedInRule(None),
        )
    )
    error_number: int = 0
    mute: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tell("cob", "ac_setpoint", IDLE)
        self.alarms: list[str] = []
        self.control = SetpointControl(
            self.device,
            self.tracker,
            self.hand_over,
            lambda: self.facts,
            lambda: Rules(minimum_at_once=False),
            dry_run=lambda: self.dry_run,
            clock=self.clock,
            alarm=self.alarms.append,
            host=BATTERY,
        )
        self._answered = 0

    def hand_over(self, use_case: Any, point: Any, value: Any) -> None:
        self.write(use_case, point, value)

    def wish(self, watts: float, name: str = "wish", *, active: bool = True) -> None:
        value = {"setpoint_w": watts, "active": active, "duration_s": 600.0}
        self.command(self.control.execute, name, value, field="setpoint")
        self.answer()

    def answer(self) -> None:
        if self.mute:
            return
        while self._answered < len(self.sent):
            value = self.sent[self._answered].value
            self._answered += 1
            if not value.active:
                self.control.take_back_done(self.error_number, "as it says", self.now)
            elif self.control.awaits(value):
                self.control.write_done(99, self.error_number, "as it says", self.now)
            if not self.error_number:
                self.tell("cob", "ac_setpoint", value)
                self.control.reported(self.now)

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while (at := self.control.next_deadline()) is not None and at <= end:
            self.clock.advance(max(0.0, at - self.now))
            self.control.handle_timer(self.now)
            self.answer()
        self.clock.advance(end - self.now)
        self.tracker.handle_timer(self.now)


def test_a_battery_needs_no_car() -> None:
    steered = Steered()
    assert not steered.device.plugged
    steered.wish(-2_000)
    steered.pass_time(5)
    assert steered.ended("wish") == (State.APPLIED, None)
    last = steered.sent[-1]
    assert (last.use_case, last.point) == ("cob", "ac_setpoint")
    assert last.value == SetpointValue(-2_000, True, end_s=120.0)


def test_it_is_stated_anew_before_the_client_side_would_do_so() -> None:
    """The client side of COB repeats a setpoint 30 s after it was wished."""
    steered = Steered()
    steered.wish(-2_000)
    steered.pass_time(5)
    steered.take()
    steered._answered = 0
    steered.pass_time(100)
    moments = [sent.at for sent in steered.take()]
    assert all(25 <= b - a < 30 for a, b in pairwise(moments))
    assert len(moments) == 4


def test_an_answer_to_another_value_is_not_the_one_awaited() -> None:
    steered = Steered(mute=True)
    steered.wish(-2_000)
    sent = steered.sent[-1].value
    assert steered.control.awaits(sent)
    assert not steered.control.awaits(replace(sent, watts=(sent.watts or 0.0) - 500))
    assert not steered.control.awaits(IDLE)


def test_a_refusal_ends_the_wish_and_the_setpoint() -> None:
    steered = Steered(error_number=7)
    steered.wish(2_000)
    assert steered.ended("wish") == (State.REJECTED, "remote_error")
    assert [sent.value.active for sent in steered.sent] == [True, False]  # control is given back
    steered.error_number = 0
    steered.pass_time(60)
    assert [sent.value.active for sent in steered.sent] == [True, False, False]


def test_the_end_leaves_the_inverter_to_itself() -> None:
    steered = Steered()
    steered.wish(-2_000)
    steered.pass_time(5)
    steered.mute = True
    steered.wish(0, "end", active=False)
    assert steered.sent[-1].value == IDLE
    assert steered.result("end") is None
    steered.mute = False
    steered.answer()
    assert steered.ended("end") == (State.APPLIED, None)
    steered.pass_time(60)
    assert steered.sent[-1].value == IDLE


def test_an_inverter_that_lets_itself_be_controlled_no_more_is_given_back() -> None:
    """The client side of COB would go on with the setpoint for two minutes, whatever becomes of the limits above it."""
    steered = Steered()
    steered.wish(-2_000)
    steered.pass_time(5)
    steered.tell("cob", "ac_setpoint", SetpointValue(-2_000, True, changeable=False))
    steered.control.reported(steered.now)
    assert steered.sent[-1].value == IDLE
    assert steered.control.document(steered.now)["reason"] == "refused_by_ev"


def test_what_was_left_over_from_before_the_connection_is_let_go() -> None:
    """A gateway that was away does not know what it wished; its heartbeat keeps the mode alive for ever."""
    steered = Steered()
    steered.control.mode_told(steered=True, now=steered.now)
    steered.pass_time(4.9)
    assert steered.sent == []
    steered.pass_time(0.1)
    assert [sent.value for sent in steered.sent] == [IDLE]
    steered.control.mode_told(steered=True, now=steered.now)
    steered.pass_time(600)
    assert len(steered.sent) == 1
    steered.control.session_over(steered.now)
    steered.control.mode_told(steered=True, now=steered.now)
    steered.pass_time(5)
    assert len(steered.sent) == 2


def test_a_wish_takes_over_what_was_left_over() -> None:
    steered = Steered()
    steered.control.mode_told(steered=True, now=steered.now)
    steered.pass_time(2)
    steered.wish(-2_000)
    steered.pass_time(60)
    assert all(sent.value.active for sent in steered.sent)


def test_an_inverter_on_its_own_is_left_alone() -> None:
    steered = Steered()
    steered.control.mode_told(steered=False, now=steered.now)
    steered.control.mode_told(steered=True, now=steered.now)
    steered.pass_time(60)
    steered.control.session_over(steered.now)
    steered.control.mode_told(steered=True, now=steered.now)
    steered.pass_time(1)
    steered.control.mode_told(steered=False, now=steered.now)
    steered.pass_time(60)
    assert steered.sent == []


def test_a_dry_run_lets_nothing_go() -> None:
    steered = Steered(dry_run=True)
    steered.control.mode_told(steered=True, now=steered.now)
    steered.pass_time(60)
    assert steered.sent == []


def test_the_feed_in_rule_holds_for_a_battery_too() -> None:
    steered = Steered()
    steered.facts = replace(
        steered.facts,
        feed_in=FeedInRule(0.0),
        grid=Measured(1_100, steered.now),
        measured=Measured(0.0, steered.now),
    )
    steered.wish(-4_000)
    steered.pass_time(5)
    assert steered.sent[-1].value.watts == -1_000  # the house's 1,100 W less the margin of 100 W
    assert steered.control.limited_by == "feed_in"


def test_a_limited_site_charges_no_battery() -> None:
    steered = Steered()
    steered.facts = replace(steered.facts, limits=Limits(consumption_w=0.0))
    steered.wish(3_000)
    steered.pass_time(5)
    assert steered.sent[-1].value.watts == 0
    assert steered.control.limited_by == "grid_consumption"


def test_the_document_shows_no_energy_that_rests_on_an_assumption() -> None:
    steered = Steered()
    assert steered.control.document(steered.now)["dischargeable_kwh"] == pytest.approx(4.0)
    steered.facts = replace(steered.facts, capacity_assumed=True)
    assert steered.control.document(steered.now)["dischargeable_kwh"] is None


def test_what_cannot_be_steered_says_who_would_have_to_offer_it() -> None:
    steered = Steered()
    steered.facts = replace(steered.facts, offered=False)
    steered.wish(1_000)
    assert steered.ended("wish") == (State.REJECTED, "usecase_unsupported")
    result = steered.result("wish")
    assert result is not None
    assert result.detail == "controlOfBattery not announced by the inverter"
