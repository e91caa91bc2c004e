"""Setpoints of one car: watchdogs and refusals (contract §3), documents, ramps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.bridge.commands import Origin
from eebus_gw.bridge.results import State
from eebus_gw.gateway.setpoint_facts import SetpointFacts
from eebus_gw.gateway.setpoints import SetpointControl
from eebus_gw.site.bounds import FeedInRule, Limits, Measured, PowerRange
from eebus_gw.site.departure import EnergyNeeds
from eebus_gw.site.precedence import Rules
from eebus_gw.site.ramp import RampSettings
from eebus_gw.vocabulary.values import SetpointValue
from tests.gateway.bench import Bench, NoBinding, Sent

CAR = PowerRange(1_380, 11_040, 1_380, 11_040)
NEEDS = EnergyNeeds(
    minimum_wh=-12_000,
    target_wh=18_000,
    maximum_wh=30_000,
    cycling_min_wh=-12_000,
    cycling_max_wh=30_000,
    below_target_permitted=True,
)
FREE = SetpointFacts(
    offered=True,
    power=CAR,
    needs=NEEDS,
    discharge_permitted=True,
    feed_in=FeedInRule(None),
    minimum_percent=30.0,
)
TAKEN_BACK = SetpointValue(0.0, False)


@dataclass
class Setpoints(Bench):
    """A control whose car answers each write at once, unless ``mute``, and then tells what it took over."""

    facts: SetpointFacts = FREE
    rules: Rules = field(default_factory=Rules)
    dry_run: bool = False
    mute: bool = False
    alarms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.plug()
        self.tell("dbevc", "setpoint", SetpointValue(0.0, False))
        self.control = self.started()
        self._answered = 0

    def started(self) -> SetpointControl:
        """A control as a gateway that starts makes it."""
        return SetpointControl(
            self.device,
            self.tracker,
            self.write,
            lambda: self.facts,
            lambda: self.rules,
            dry_run=lambda: self.dry_run,
            clock=self.clock,
            alarm=self.alarms.append,
        )

    def wish(
        self,
        watts: float = -3_000,
        name: str = "wish",
        *,
        for_s: float | None = None,
        active: bool = True,
        origin: Origin = Origin.MQTT,
    ) -> None:
        value = {"setpoint_w": watts, "active": active, "duration_s": for_s}
        self.command(self.control.execute, name, value, field="setpoint", origin=origin)
        self.answer()

    def answer(self) -> None:
        """The car answers what it was not yet asked to, and notifies."""
        if self.mute:
            return
        while self._answered < len(self.sent):
            sent = self.sent[self._answered]
            self._answered += 1
            self.tell("dbevc", "setpoint", sent.value)
            self.control.write_done(sent.token, 0, "", self.now)
            self.control.reported(self.now)

    def take(self) -> list[Sent]:
        self._answered = 0
        return super().take()

    def pass_time(self, seconds: float) -> None:
        """Calls the control whenever it wants to be called."""
        end = self.now + seconds
        while True:
            deadline = self.control.next_deadline()
            if deadline is None or deadline > end:
                break
            self.clock.advance(max(0.0, deadline - self.now))
            self.control.handle_timer(self.now)
            self.answer()
        self.clock.advance(end - self.now)
        self.tracker.handle_timer(self.now)

    def change(self, **facts: Any) -> None:
        """Something a decision rests on changes, and the control hears of it."""
        self.facts = replace(self.facts, **facts)
        self.control.reconsider(self.now)
        self.answer()

    @property
    def commanded_w(self) -> float:
        """The power of the setpoint on the wire, 0 where none is active."""
        value = self.sent[-1].value if self.sent else TAKEN_BACK
        return float(value.watts) if value.active else 0.0

    def discharging(self) -> Setpoints:
        """After a wish of -3,000 W has been reached."""
        self.wish(for_s=3_600)
        self.pass_time(5)
        assert self.commanded_w == -3_000
        return self


# --- taking over


def test_the_wish_is_approached_from_zero_with_the_ramp() -> None:
    car = Setpoints()
    car.wish()
    car.pass_time(5)
    assert [sent.value.watts for sent in car.sent] == [0, -2_000, -3_000]  # -1,000 W: in the gap
    assert {sent.value.active for sent in car.sent} == {True}


def test_every_setpoint_ends_two_minutes_ahead_and_is_refreshed_after_30_s() -> None:
    car = Setpoints().discharging()
    car.take()
    car.pass_time(100)
    assert [sent.value for sent in car.take()] == [SetpointValue(-3_000, True, end_s=120.0)] * 3
    assert car.result("wish") is not None


def test_gaps_between_refreshes_never_reach_the_end_on_the_wire() -> None:
    car = Setpoints().discharging()
    car.pass_time(900)
    moments = [sent.at for sent in car.sent]
    assert max(b - a for a, b in pairwise(moments)) <= 31


def test_a_wish_is_applied_when_the_car_tells_it() -> None:
    car = Setpoints(mute=True)
    car.wish()
    assert [result.state for result in car.results("wish")] == [State.RECEIVED, State.SENT]
    car.mute = False
    car.answer()
    assert car.ended("wish") == (State.APPLIED, None)


def test_a_wish_above_a_limit_is_applied_with_the_limit_as_reason() -> None:
    car = Setpoints(facts=replace(FREE, limits=Limits(production_w=2_000.0)))
    car.wish(-5_000)
    car.pass_time(10)
    assert car.commanded_w == -2_000
    assert car.control.limited_by == "grid_production"
    document = car.control.document(car.now)
    assert (document["setpoint_w"], document["applied_w"]) == (-5_000, -2_000)
    car.change(limits=Limits())
    car.pass_time(10)
    assert car.commanded_w == -5_000


@pytest.mark.parametrize(
    ("wish_w", "commanded_w"),
    [
        pytest.param(12_000, 11_040, id="clamped up to 1.2 times"),
        pytest.param(-13_248, -11_040, id="clamped down to 1.2 times"),
        pytest.param(1_000, 0, id="gap above zero"),
        pytest.param(-1_000, 0, id="gap below zero"),
    ],
)
def test_a_wish_is_fitted_to_what_the_car_can_do(wish_w: float, commanded_w: float) -> None:
    car = Setpoints()
    car.wish(wish_w)
    car.pass_time(20)
    assert car.commanded_w == commanded_w


# --- refusals


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"discharge_permitted": False}, "discharge_not_permitted"),
        ({"needs": replace(NEEDS, below_target_permitted=False)}, "discharge_not_permitted"),
        ({"needs": replace(NEEDS, minimum_wh=0.0)}, "driver_minimum"),
        ({"needs": EnergyNeeds()}, "data_missing"),
        ({"data_stale": True}, "data_missing"),
        ({"feed_in": FeedInRule(0.0)}, "feed_in_not_allowed"),
        ({"offered": False}, "usecase_unsupported"),
        ({"power": None}, "usecase_unsupported"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_rule_forbids_altogether_is_refused(change: dict[str, Any], reason: str) -> None:
    car = Setpoints(facts=replace(FREE, **change))
    car.wish()
    car.pass_time(60)
    assert car.ended("wish") == (State.REJECTED, reason)
    assert car.sent == []


@pytest.mark.parametrize("watts", [13_249, -13_249, float("nan")])
def test_more_than_1_2_times_the_nominal_power_is_out_of_range(watts: float) -> None:
    car = Setpoints()
    car.wish(watts)
    assert car.ended("wish") == (State.REJECTED, "out_of_range")
    assert car.sent == []


def test_without_a_car_there_is_nothing_to_command() -> None:
    car = Setpoints()
    car.device.car_left()
    car.wish()
    assert car.ended("wish") == (State.REJECTED, "ev_not_connected")


def test_dry_run_says_so_and_writes_nothing() -> None:
    car = Setpoints(dry_run=True)
    car.wish()
    car.pass_time(60)
    assert car.ended("wish") == (State.REJECTED, "dry_run")
    assert car.sent == []
    assert car.control.document(car.now)["state"] == "dry_run"


def test_a_refused_wish_leaves_the_one_that_holds() -> None:
    car = Setpoints().discharging()
    car.wish(20_000, "too-much")
    assert car.ended("too-much") == (State.REJECTED, "out_of_range")
    car.pass_time(40)
    assert car.commanded_w == -3_000


def test_a_car_that_lets_nobody_control_it_is_not_written_to() -> None:
    car = Setpoints()
    car.tell("dbevc", "setpoint", SetpointValue(0.0, False, changeable=False))
    car.wish()
    assert car.ended("wish") == (State.REJECTED, "refused_by_ev")
    assert car.sent == []


# --- what stands above a wish that holds already


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"discharge_permitted": False}, "discharge_permission"),
        ({"needs": replace(NEEDS, minimum_wh=0.0)}, "driver_minimum"),
        ({"data_stale": True}, "stale_data"),
        ({"feed_in": FeedInRule(0.0)}, "feed_in"),
        ({"limits": Limits(production_w=0.0)}, "grid_production"),
        ({"limits": Limits(overload_discharge_w=0.0)}, "overload"),
        ({"budget_left_wh": 0.0}, "budget"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_forbids_discharging_ends_it_in_one_step(change: dict[str, Any], cause: str) -> None:
    car = Setpoints().discharging()
    car.take()
    car.change(**change)
    (sent,) = car.take()
    assert (sent.value.watts, sent.at) == (0, car.now)
    assert car.control.limited_by == cause


def test_a_reduction_does_not_wait_for_the_answer_to_the_last_write() -> None:
    car = Setpoints().discharging()
    car.mute = True
    car.pass_time(31)
    car.take()
    car.change(limits=Limits(production_w=1_500.0))
    assert [sent.value.watts for sent in car.take()] == [-1_500]


def test_below_the_drivers_minimum_the_car_charges_whatever_is_wished() -> None:
    car = Setpoints().discharging()
    car.change(needs=replace(NEEDS, minimum_wh=600.0))
    assert car.commanded_w == 0
    car.pass_time(30)
    assert car.commanded_w == 11_040
    assert car.control.limited_by == "driver_minimum"


def test_departure_turns_discharging_into_charging_with_a_pause_at_zero() -> None:
    car = Setpoints().discharging()
    departure_at = car.now + 3_600
    at = car.now
    car.take()
    car.change(needs=replace(NEEDS, departure_at=departure_at))
    car.pass_time(30)
    sent = car.take()
    assert sent[0].value.watts == 0
    assert sent[0].at == at
    assert next(s.at for s in sent if s.value.watts > 0) - at >= 5
    assert (car.control.limited_by, sent[-1].value.watts) == ("departure", 11_040)


def test_discharge_stays_below_the_houses_own_load() -> None:
    car = Setpoints(facts=replace(FREE, feed_in=FeedInRule(0.0, margin_w=100.0)))
    meter = Measured(1_900.0, car.now)
    car.facts = replace(car.facts, grid=meter, measured=Measured(0.0, car.now))
    car.wish(-5_000)
    car.pass_time(5)
    assert car.commanded_w == -1_800
    car.pass_time(6)  # the meter's reading is older than 10 s now
    assert car.commanded_w == 0


@pytest.mark.parametrize(("wish_w", "highest_w"), [(-3_000, 1_666.67), (3_000, 2_999.5)])
def test_a_fraction_of_a_watt_is_not_rounded_beyond_a_limit(
    wish_w: float, highest_w: float
) -> None:
    """5 kW of production among three: 1,667 W each would be 5,001 W."""
    car = Setpoints()
    car.facts = replace(FREE, limits=Limits(consumption_w=highest_w, production_w=highest_w))
    car.wish(wish_w)
    car.pass_time(5)
    assert abs(car.commanded_w) == int(highest_w)


def test_a_limit_that_tightens_by_less_than_is_usually_written_is_kept() -> None:
    car = Setpoints().discharging()
    car.change(limits=Limits(production_w=2_995))
    assert car.commanded_w == -2_995


# --- what a command is told


def refuses(car: Setpoints) -> None:
    """The car refuses what was written last."""
    car.control.write_done(car.sent[-1].token, 7, "not now", car.now)


def test_an_answer_to_an_older_write_is_none_to_a_newer_command() -> None:
    """A refresh of 3,000 W is under way when 3,900 W are wished, which the car refuses."""
    car = Setpoints()
    car.wish(3_000, for_s=600)
    car.pass_time(25)
    car.take()
    car.mute = True
    car.pass_time(10)
    assert car.commanded_w == 3_000
    car.wish(3_900, "more", for_s=600)
    car.mute = False
    car.answer()
    assert car.result("more") is None
    car.mute = True
    car.pass_time(2)
    assert car.commanded_w == 3_900
    refuses(car)
    assert car.ended("more") == (State.REJECTED, "remote_error")


def test_a_wish_that_a_newer_one_replaces_before_it_was_written_is_superseded() -> None:
    """Whoever sends a new one each second hears of each: no answer will ever come to the second."""
    car = Setpoints(mute=True)
    car.wish(-3_000, "first")
    for watts, name in ((-4_000, "second"), (-5_000, "last")):
        car.clock.advance(1.1)
        car.wish(watts, name)
    assert car.ended("second") == (State.SUPERSEDED, None)
    car.mute = False
    car.answer()
    car.pass_time(8)
    assert [car.ended(name)[0] for name in ("first", "last")] == [State.APPLIED, State.APPLIED]


def test_a_write_that_another_replaces_before_its_answer_supersedes_its_command() -> None:
    """The car has lost its setpoint, so that it is written again for the first, and a smaller one for the last."""
    car = Setpoints().discharging()
    car.mute = True
    car.tell("dbevc", "setpoint", TAKEN_BACK)
    car.wish(-2_000, "first")
    car.clock.advance(1.1)
    car.wish(-2_000, "last")
    assert [sent.value.watts for sent in car.sent[-2:]] == [-3_000, -2_000]
    assert car.ended("first") == (State.SUPERSEDED, None)
    car.mute = False
    car.answer()
    assert car.ended("last") == (State.APPLIED, None)


def test_what_limited_a_write_is_said_with_it_however_late_it_is_answered() -> None:
    """The ramp began at 0 W; by the time the car answers, nothing would keep it from the wish any more."""
    car = Setpoints(mute=True)
    car.wish(-3_000)
    car.pass_time(5)
    car.mute = False
    car.answer()
    result = car.result("wish")
    assert result is not None
    assert (result.actual, result.limited_by) == ({"setpoint_w": 0}, "ramp")


def test_a_command_that_waits_for_an_older_answer_does_not_expire_while_its_wish_holds() -> None:
    car = Setpoints(mute=True)
    car.wish(3_000)
    car.wish(4_000, "more")
    car.pass_time(1)
    car.run(car.control.execute)
    assert [result.state for result in car.results("more")][-1] is State.SENT
    car.mute = False
    car.answer()
    car.pass_time(5)
    assert car.ended("more") == (State.APPLIED, None)


def test_a_stop_supersedes_the_wish_whose_write_is_under_way() -> None:
    """The answer to it says nothing any more."""
    car = Setpoints(mute=True)
    car.wish(3_000, "first")
    car.clock.advance(1.1)
    car.wish(0, "stop", active=False)
    assert car.ended("first") == (State.SUPERSEDED, None)
    car.mute = False
    car.answer()
    assert car.ended("stop") == (State.APPLIED, None)


def test_a_refused_write_refuses_its_own_command_and_not_a_newer_one() -> None:
    car = Setpoints(mute=True)
    car.wish(3_000, "first")
    car.clock.advance(1.1)
    car.wish(4_000, "newer")
    refuses(car)
    assert car.ended("first") == (State.REJECTED, "remote_error")
    assert car.result("newer") is None
    car.mute = False
    car.answer()
    car.pass_time(6)
    assert car.ended("newer") == (State.APPLIED, None)
    assert car.commanded_w == 4_000


def test_with_the_car_all_fail_that_it_has_not_answered() -> None:
    car = Setpoints(mute=True)
    car.wish(3_000, "first")
    car.clock.advance(1.1)
    car.wish(4_000, "newer")
    car.control.session_over(car.now)
    assert [car.ended(name) for name in ("first", "newer")] == [(State.REJECTED, "link_lost")] * 2


def test_a_stop_is_applied_once_the_car_has_stopped() -> None:
    car = Setpoints().discharging()
    car.mute = True
    car.wish(0, "stop", active=False)
    assert car.sent[-1].value == TAKEN_BACK
    assert car.result("stop") is None
    car.mute = False
    car.answer()
    assert car.ended("stop") == (State.APPLIED, None)


def test_a_stop_that_the_car_refuses_is_not_applied_and_asked_for_again() -> None:
    car = Setpoints().discharging()
    car.mute = True
    car.wish(0, "stop", active=False)
    refuses(car)
    assert car.ended("stop") == (State.REJECTED, "remote_error")
    car.take()
    car.pass_time(5)
    assert [sent.value for sent in car.take()] == [TAKEN_BACK]


def test_a_second_stop_waits_for_the_first() -> None:
    car = Setpoints().discharging()
    car.mute = True
    car.wish(0, "stop", active=False)
    car.clock.advance(2)
    car.wish(0, "again", active=False)
    assert car.result("again") is None
    refuses(car)
    assert car.ended("again") == (State.REJECTED, "remote_error")
    car.clock.advance(2)
    car.wish(0, "third", active=False)
    assert car.result("third") is None
    car.mute = False
    car.answer()
    assert car.ended("third") == (State.APPLIED, None)


def test_a_stop_that_cannot_be_written_is_not_applied() -> None:
    car = Setpoints().discharging()
    car.impossible = NoBinding("not bound")
    car.wish(0, "stop", active=False)
    assert car.ended("stop") == (State.REJECTED, "no_binding")


def test_a_stop_ends_also_what_an_earlier_run_has_left_behind() -> None:
    car = Setpoints()
    car.tell("dbevc", "setpoint", SetpointValue(-3_000, True, end_s=100))
    car.wish(0, "stop", active=False)
    assert [sent.value for sent in car.sent] == [TAKEN_BACK]
    assert car.ended("stop") == (State.APPLIED, None)


def test_a_stop_under_way_fails_with_the_car() -> None:
    car = Setpoints().discharging()
    car.mute = True
    car.wish(0, "stop", active=False)
    car.control.session_over(car.now)
    assert car.ended("stop") == (State.REJECTED, "link_lost")


# --- ends


def ends_at(car: Setpoints) -> float:
    """When the setpoint that was written last ends by itself."""
    sent = car.sent[-1]
    return sent.at + float(sent.value.end_s)


def test_on_the_wire_a_setpoint_never_outlasts_its_wish() -> None:
    """The car may refuse to have it taken back: contract §3, the command's own duration."""
    car = Setpoints()
    until = car.now + 45
    car.wish(for_s=45)
    car.pass_time(20)
    assert ends_at(car) == until
    car.pass_time(24)
    assert ends_at(car) == until
    car.mute = True
    car.pass_time(1)
    assert car.sent[-1].value == TAKEN_BACK


@pytest.mark.parametrize(("first_s", "then_s"), [(20, 600), (600, 20)])
def test_on_the_wire_the_end_follows_that_of_a_newer_wish(first_s: float, then_s: float) -> None:
    car = Setpoints()
    car.wish(for_s=first_s)
    car.pass_time(10)
    car.wish(name="then", for_s=then_s)
    until = car.now + then_s
    car.pass_time(2)
    assert car.commanded_w == -3_000
    assert car.now + 30 <= ends_at(car) <= until if then_s > 120 else ends_at(car) == until


def test_what_an_earlier_run_has_left_on_the_wire_is_taken_back() -> None:
    car = Setpoints()
    car.tell("dbevc", "setpoint", SetpointValue(-3_000, True, end_s=100))
    car.control.mode_told(steered=True, now=car.now)
    car.mute = True
    car.pass_time(5)
    assert [sent.value for sent in car.sent] == [TAKEN_BACK]
    refuses(car)
    car.pass_time(5)
    assert [sent.value for sent in car.sent] == [TAKEN_BACK] * 2


def test_a_car_that_refuses_less_is_told_to_stop_until_it_does() -> None:
    """Production is limited to 1,500 W, the car refuses that and the stop after it."""
    car = Setpoints().discharging()
    car.mute = True
    car.change(limits=Limits(production_w=1_500))
    refuses(car)
    for _ in range(3):
        assert car.sent[-1].value == TAKEN_BACK
        refuses(car)
        car.take()
        car.pass_time(5)
    car.mute = False
    car.answer()
    car.take()
    car.pass_time(60)
    assert car.take() == []


def test_a_wish_holds_for_300_s_unless_it_says_otherwise() -> None:
    car = Setpoints()
    car.wish()
    car.pass_time(299)
    assert car.commanded_w == -3_000
    car.pass_time(1)
    assert car.sent[-1].value == TAKEN_BACK
    assert car.control.next_deadline() is None


def test_a_wish_ends_with_its_own_duration() -> None:
    car = Setpoints()
    car.wish(for_s=20)
    car.pass_time(20)
    assert car.sent[-1].value == TAKEN_BACK


@pytest.mark.parametrize(("origin", "ends"), [(Origin.MQTT, True), (Origin.CLI, False)])
def test_only_what_came_over_the_broker_ends_with_it(origin: Origin, ends: bool) -> None:
    car = Setpoints()
    car.wish(for_s=3_600, origin=origin)
    car.pass_time(10)
    car.control.source_lost(Origin.MQTT.value, car.now)
    assert (car.sent[-1].value == TAKEN_BACK) is ends
    car.take()
    car.pass_time(60)
    assert (car.take() == []) is ends


def test_ending_a_wish_takes_the_setpoint_back_at_once() -> None:
    car = Setpoints().discharging()
    car.pass_time(2)
    car.wish(0, "end", active=False)
    assert car.ended("end")[0] is State.APPLIED
    assert car.sent[-1].value == TAKEN_BACK
    assert car.control.document(car.now)["state"] == "ready"


def test_after_link_or_car_were_gone_nothing_is_replayed() -> None:
    car = Setpoints(mute=True)
    car.wish()
    car.control.session_over(car.now)
    assert car.ended("wish") == (State.REJECTED, "link_lost")
    car.take()
    car.mute = False
    car.plug()
    car.change()
    car.pass_time(600)
    assert car.take() == []


def test_a_gateway_that_starts_again_knows_no_setpoint() -> None:
    car = Setpoints().discharging()
    car.take()
    car.control = car.started()
    car.change()
    car.pass_time(600)
    assert car.take() == []
    assert car.control.document(car.now)["mode"] == "off"


def test_a_setpoint_that_the_car_refuses_is_over() -> None:
    car = Setpoints(mute=True)
    car.wish()
    (sent,) = car.sent
    car.control.write_done(sent.token, 7, "not now", car.now)
    result = car.result("wish")
    assert result is not None
    assert (result.state, result.reason, result.error_number) == (
        State.REJECTED,
        "remote_error",
        7,
    )
    car.take()
    car.pass_time(120)
    assert not any(sent.value.active for sent in car.take())
    assert car.control.document(car.now)["state"] == "rejected"


def test_a_car_that_withdraws_control_is_not_written_to_any_more() -> None:
    car = Setpoints().discharging()
    car.take()
    car.tell("dbevc", "setpoint", SetpointValue(0.0, False, changeable=False))
    car.control.reported(car.now)
    car.pass_time(120)
    assert car.take() == []
    document = car.control.document(car.now)
    assert (document["active"], document["reason"]) == (False, "refused_by_ev")


def test_what_cannot_be_written_is_refused_with_the_reason() -> None:
    car = Setpoints(impossible=NoBinding("no binding"))
    car.wish()
    assert car.ended("wish") == (State.REJECTED, "no_binding")
    assert car.control.document(car.now)["active"] is False


def test_the_reversals_of_an_hour_are_those_of_all_its_wishes() -> None:
    """Contract §3: an energy manager that stops in between turns the car round all the same."""
    car = Setpoints(rules=Rules(ramp=RampSettings(reversals_per_hour=2)))

    def reached(watts: float, number: int) -> float:
        car.clock.advance(2)
        car.wish(watts, f"wish-{number}")
        car.pass_time(20)
        commanded_w = car.commanded_w
        car.wish(0, f"stop-{number}", active=False)
        return commanded_w

    wishes = (3_000, -3_000, 3_000, -3_000, 3_000)
    assert [reached(w, n) for n, w in enumerate(wishes)] == [3_000, -3_000, 3_000, 0, 3_000]
    car.clock.advance(3_600)
    assert reached(-3_000, 9) == -3_000


def test_a_stop_in_between_does_not_shorten_the_pause_at_zero() -> None:
    car = Setpoints().discharging()
    car.wish(0, "stop", active=False)
    stopped_at = car.now
    car.clock.advance(1)
    car.take()
    car.wish(3_000, "charge")
    car.pass_time(10)
    assert min(sent.at for sent in car.sent if sent.value.watts) >= stopped_at + 5


# --- watching the car


def test_a_car_that_does_not_follow_raises_one_alarm() -> None:
    car = Setpoints(facts=replace(FREE, measured=Measured(0.0, 1_000.0))).discharging()
    car.pass_time(5)
    assert car.alarms == []
    car.pass_time(30)
    assert len(car.alarms) == 1
    assert car.commanded_w == -3_000


@pytest.mark.parametrize(
    ("wish_w", "held", "power_w"),
    [
        (8_000, {"held_consumption_w": 4_200.0}, 4_200.0),
        (-8_000, {"held_production_w": 3_000.0}, -3_000.0),
        (-8_000, {"held_production_w": 0.0}, 0.0),
    ],
)
def test_a_limit_that_the_wallbox_keeps_for_a_while_is_no_reason_for_an_alarm(
    wish_w: float, held: dict[str, float], power_w: float
) -> None:
    """An Energy Guard widens it at most once in five minutes; until then it outranks the setpoint."""
    car = Setpoints(facts=replace(FREE, measured=Measured(power_w, 1_000.0), **held))
    car.wish(wish_w, for_s=600)
    car.pass_time(60)
    assert (car.commanded_w, car.alarms) == (wish_w, [])
    car.facts = replace(FREE, measured=Measured(power_w, 1_000.0))
    car.pass_time(30)
    assert len(car.alarms) == 1


def test_a_car_that_does_the_opposite_is_let_go() -> None:
    car = Setpoints(facts=replace(FREE, measured=Measured(4_000.0, 1_000.0))).discharging()
    car.pass_time(15)
    assert car.sent[-1].value == TAKEN_BACK
    assert any("opposite" in alarm for alarm in car.alarms)


def test_a_car_that_follows_raises_none() -> None:
    car = Setpoints(facts=replace(FREE, measured=Measured(-2_900.0, 1_000.0))).discharging()
    car.pass_time(120)
    assert car.alarms == []


def test_a_car_that_is_late_on_a_long_ramp_raises_none() -> None:
    """From 0 to 11 kW in eleven steps of a second, the car three seconds behind."""
    car = Setpoints(facts=replace(FREE, measured=Measured(0.0, 1_000.0)))
    car.wish(11_000, for_s=600)
    for _ in range(30):
        behind = [sent.value.watts for sent in car.sent if sent.at <= car.now - 3]
        car.facts = replace(car.facts, measured=Measured(behind[-1] if behind else 0.0, car.now))
        car.pass_time(1)
    assert car.commanded_w == 11_000
    assert car.alarms == []


# --- the document

MEMBERS = [
    "mode",
    "setpoint_w",
    "applied_w",
    "limited_by",
    "active",
    "min_w",
    "max_w",
    "until",
    "discharge_allowed",
    "soc_min_percent",
    "soc_max_percent",
    "owner",
    "state",
]


def test_the_document_has_every_member_from_the_start() -> None:
    document = Setpoints().control.document(1_000.0)
    assert set(MEMBERS) <= set(document)
    assert (document["mode"], document["state"], document["owner"]) == ("off", "ready", "none")
    assert document["min_w"] == -11_040
    assert document["max_w"] == 11_040
    assert document["discharge_allowed"] is True


def test_the_document_of_a_wish_that_holds() -> None:
    car = Setpoints()
    car.wish(for_s=600)
    car.pass_time(10)
    document = car.control.document(car.now)
    assert {key: document[key] for key in ("mode", "active", "owner", "state", "until")} == {
        "mode": "discharge",
        "active": True,
        "owner": "mqtt",
        "state": "active",
        "until": "2026-11-25T12:10:00.000Z",
    }


def test_a_car_without_the_use_case_is_shown_as_such() -> None:
    car = Setpoints(facts=SetpointFacts(offered=False, power=None, needs=EnergyNeeds()))
    document = car.control.document(car.now)
    assert (document["state"], document["discharge_allowed"]) == ("unsupported", False)
    assert document["min_w"] is None


# --- for any order of events

WATTS = st.sampled_from([0.0, 1_500.0, 4_000.0, 11_040.0])
CHANGES = st.one_of(
    st.fixed_dictionaries({"limits": st.builds(Limits, consumption_w=WATTS, production_w=WATTS)}),
    st.fixed_dictionaries({"discharge_permitted": st.booleans()}),
    st.fixed_dictionaries({"data_stale": st.booleans()}),
    st.fixed_dictionaries(
        {"needs": st.sampled_from([NEEDS, replace(NEEDS, minimum_wh=0.0), EnergyNeeds()])}
    ),
    st.fixed_dictionaries({"feed_in": st.sampled_from([FeedInRule(None), FeedInRule(0.0)])}),
)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), CHANGES),
        st.tuples(st.just("wish"), st.sampled_from([-11_040, -3_000, 0, 3_000, 11_040])),
        st.tuples(st.just("time"), st.sampled_from([0.5, 3, 35])),
        st.tuples(st.just("mute"), st.booleans()),
    ),
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(EVENTS)
def test_no_write_ever_exceeds_what_stands_above_it(events: list[tuple[str, Any]]) -> None:
    car = Setpoints()
    for number, (kind, value) in enumerate(events):
        match kind:
            case "change":
                car.change(**value)
            case "wish":
                car.wish(value, f"wish-{number}", for_s=60)
            case "time":
                car.pass_time(value)
            case "mute":
                car.mute = value
        limits, facts = car.facts.limits, car.facts
        forbidden = (
            not facts.discharge_permitted
            or facts.data_stale
            or facts.needs.minimum_wh in (0.0, None)
            or facts.feed_in.limit_w == 0.0
        )
        lowest = 0.0 if forbidden else -(limits.production_w or 0.0)
        if limits == Limits():
            lowest = 0.0 if forbidden else -CAR.discharge_max_w
        highest = CAR.charge_max_w if limits == Limits() else limits.consumption_w or 0.0
        assert lowest <= car.commanded_w <= highest


def test_others_are_told_how_much_is_wished_to_be_discharged() -> None:
    car = Setpoints()
    assert car.control.discharge_wish_w == 0
    car.wish(-3_000)
    assert car.control.discharge_wish_w == 3_000
    car.wish(0, "end", active=False)
    assert car.control.discharge_wish_w == 0
