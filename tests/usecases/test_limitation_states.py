"""The Controllable System of LPC and LPP, rule by rule; times are seconds of a virtual clock that
starts at 1000.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.vocabulary.values import LimitValue
from usecases.limitation_rules import (
    ROWS,
    TRANSITIONS,
    Direction,
    FailsafeDuration,
    Memory,
    Refusal,
    Settings,
    State,
    Trigger,
)
from usecases.limitation_states import (
    Decision,
    Effect,
    FailsafeStated,
    LimitMachine,
    LimitStated,
    Remember,
    StateChanged,
)

START = 1000.0
NOMINAL_W = 11_000.0
FAILSAFE_W = 4_200.0
HOUR = 3_600.0

INIT, UNLIMITED, LIMITED = State.INIT, State.UNLIMITED_CONTROLLED, State.LIMITED
FAILSAFE, AUTONOMOUS = State.FAILSAFE, State.UNLIMITED_AUTONOMOUS


@pytest.fixture(params=list(Direction), ids=lambda direction: direction.code)
def direction(request: pytest.FixtureRequest) -> Direction:
    chosen: Direction = request.param
    return chosen


@dataclass
class Rig:
    """A machine, its clock and everything it asked for."""

    machine: LimitMachine
    now: float = START

    def __post_init__(self) -> None:
        self.effects: list[Effect] = self.machine.start(self.now)

    def beat(self) -> None:
        self.effects += self.machine.heartbeat(self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.effects += self.machine.handle_timer(self.now)

    def limit(
        self, watts: float | None, active: bool = True, duration_s: float | None = None
    ) -> Decision:
        signed = None if watts is None else self.machine.direction.signed(watts)
        decision = self.machine.limit_written(LimitValue(signed, active, duration_s), self.now)
        self.effects += decision.effects
        return decision

    def refused_limit(self) -> Decision:
        return self.limit(-1.0)

    @property
    def state(self) -> State:
        return self.machine.state

    @property
    def effective_w(self) -> float | None:
        return self.machine.effective_w(self.now)

    def transitions(self) -> list[str]:
        return [item.transition.number for item in self.effects if isinstance(item, StateChanged)]

    def stated(self) -> LimitValue:
        return [item.limit for item in self.effects if isinstance(item, LimitStated)][-1]


def make(direction: Direction, state: State = INIT, **options: object) -> Rig:
    """A machine brought into ``state`` the way a guard would, last heard at the present moment
    where it is controlled.
    """
    chosen = {"nominal_max_w": NOMINAL_W, "stays_in_failsafe": False, **options}
    rig = Rig(LimitMachine(direction, settings=Settings(**chosen)))  # type: ignore[arg-type]
    if state is AUTONOMOUS:
        rig.wait(120)
    elif state is not INIT:
        rig.beat()
        rig.limit(2_000, active=state is not UNLIMITED)
    if state is FAILSAFE:
        rig.wait(120)
    assert rig.state is state
    rig.effects.clear()
    return rig


def drive(rig: Rig, trigger: Trigger) -> Decision | None:
    """Lets ``trigger`` happen; opens the gate first where the state has one and the trigger is a
    write.
    """
    if trigger in (Trigger.ACTIVATED, Trigger.DEACTIVATED, Trigger.REFUSED):
        rig.beat()
        if trigger is Trigger.REFUSED:
            return rig.refused_limit()
        return rig.limit(3_000, active=trigger is Trigger.ACTIVATED)
    if trigger is Trigger.RESTARTED:
        rig.effects += rig.machine.start(rig.now)
    elif trigger is Trigger.EXPIRED:
        rig.limit(2_000, duration_s=60)
        rig.wait(60)
    elif trigger is Trigger.INTERRUPTED:
        rig.effects += rig.machine.interrupt(Refusal.SAFETY, rig.now)
    elif trigger in (Trigger.SILENT, Trigger.SETTLED):
        rig.wait(120)
    elif trigger is Trigger.WAITED:
        rig.wait(2 * HOUR)
    elif trigger is Trigger.NOT_FOLLOWED:
        rig.beat()
        rig.wait(60)
        rig.beat()
        rig.wait(60)
    return None


# (number, from, trigger, to, clauses), typed from LPC §2.3 (LPP the same)
REQUIRED = [
    *(("T0", state, Trigger.RESTARTED, INIT, "901/1 903 009/2") for state in State),
    ("T1", INIT, Trigger.REFUSED, UNLIMITED, "902"),
    ("T1", INIT, Trigger.DEACTIVATED, UNLIMITED, "905"),
    ("T2", INIT, Trigger.ACTIVATED, LIMITED, "904"),
    ("T3", INIT, Trigger.SETTLED, AUTONOMOUS, "906"),
    ("T4", UNLIMITED, Trigger.ACTIVATED, LIMITED, "910 914/1"),
    ("T5", UNLIMITED, Trigger.SILENT, FAILSAFE, "911 914/2"),
    ("T6", LIMITED, Trigger.EXPIRED, UNLIMITED, "908"),
    ("T6", LIMITED, Trigger.DEACTIVATED, UNLIMITED, "909"),
    ("T6", LIMITED, Trigger.INTERRUPTED, UNLIMITED, "923"),
    ("T7", LIMITED, Trigger.SILENT, FAILSAFE, "912 914/2"),
    ("T8", FAILSAFE, Trigger.REFUSED, UNLIMITED, "918"),
    ("T8", FAILSAFE, Trigger.DEACTIVATED, UNLIMITED, "920"),
    ("T9", FAILSAFE, Trigger.ACTIVATED, LIMITED, "919 916"),
    ("T10", FAILSAFE, Trigger.WAITED, AUTONOMOUS, "922"),
    ("T10", FAILSAFE, Trigger.NOT_FOLLOWED, AUTONOMOUS, "921"),
    ("T11", AUTONOMOUS, Trigger.REFUSED, UNLIMITED, "918"),
    ("T11", AUTONOMOUS, Trigger.DEACTIVATED, UNLIMITED, "920"),
    ("T12", AUTONOMOUS, Trigger.ACTIVATED, LIMITED, "919"),
    ("", UNLIMITED, Trigger.DEACTIVATED, UNLIMITED, "002/1"),
    ("", UNLIMITED, Trigger.REFUSED, UNLIMITED, "907/2"),
    ("", LIMITED, Trigger.ACTIVATED, LIMITED, "002/1"),
    ("", LIMITED, Trigger.REFUSED, LIMITED, "907/1"),
]


def _row_id(row: tuple[str, State, Trigger, State, str]) -> str:
    number, source, trigger, _, rules = row
    return f"{number or 'stay'}-{source.value}-{trigger.value}-{rules.replace(' ', '+')}"


@pytest.mark.parametrize("row", REQUIRED, ids=_row_id)
def test_transition(row: tuple[str, State, Trigger, State, str], direction: Direction) -> None:
    number, source, trigger, target, rules = row
    rig = make(direction, source)
    drive(rig, trigger)
    assert rig.state is target
    if number:
        last = [item for item in rig.effects if isinstance(item, StateChanged)][-1].transition
        assert (last.number, last.source, last.target) == (number, source, target)
        assert last.rules == tuple(rules.split())
    else:
        assert rig.transitions() == []


def test_every_row_of_the_table_is_required_and_exercised() -> None:
    required = {
        (source, trigger): (number, target) for number, source, trigger, target, _ in REQUIRED
    }
    assert required == {key: (row.number, row.target) for key, row in TRANSITIONS.items()}
    assert len(ROWS) == len(TRANSITIONS) == len(REQUIRED)


@pytest.mark.parametrize("row", REQUIRED, ids=_row_id)
def test_009_the_active_flag_and_the_ceiling_follow_the_state(
    row: tuple[str, State, Trigger, State, str], direction: Direction
) -> None:
    _, source, trigger, target, _ = row
    rig = make(direction, source)
    drive(rig, trigger)
    assert rig.machine.limit.active is (target is LIMITED)
    ceilings = {INIT: FAILSAFE_W, FAILSAFE: FAILSAFE_W, UNLIMITED: NOMINAL_W, AUTONOMOUS: NOMINAL_W}
    if target is LIMITED:
        expected = 2_000.0 if trigger is Trigger.REFUSED else 3_000.0
    elif trigger is Trigger.RESTARTED and source is LIMITED:
        expected = 2_000.0
    else:
        expected = ceilings[target]
    assert rig.effective_w == expected


# LPC §2.3: state, write, accepted, state afterwards
WRITES = [
    (INIT, "closed", False, INIT),
    (INIT, "off", True, UNLIMITED),
    (INIT, "on", True, LIMITED),
    (INIT, "bad", False, UNLIMITED),
    (UNLIMITED, "off", True, UNLIMITED),
    (UNLIMITED, "on", True, LIMITED),
    (UNLIMITED, "bad", False, UNLIMITED),
    (LIMITED, "off", True, UNLIMITED),
    (LIMITED, "on", True, LIMITED),
    (LIMITED, "bad", False, LIMITED),
    (FAILSAFE, "closed", False, FAILSAFE),
    (FAILSAFE, "off", True, UNLIMITED),
    (FAILSAFE, "on", True, LIMITED),
    (FAILSAFE, "bad", False, UNLIMITED),
    (AUTONOMOUS, "closed", False, AUTONOMOUS),
    (AUTONOMOUS, "off", True, UNLIMITED),
    (AUTONOMOUS, "on", True, LIMITED),
    (AUTONOMOUS, "bad", False, UNLIMITED),
]


@pytest.mark.parametrize(
    ("source", "write", "accepted", "target"),
    WRITES,
    ids=[f"002/1-003/1-{source.value}-{write}" for source, write, _, _ in WRITES],
)
def test_write_decision(
    source: State, write: str, accepted: bool, target: State, direction: Direction
) -> None:
    rig = make(direction, source)
    if write != "closed":
        rig.beat()
    decision = rig.refused_limit() if write == "bad" else rig.limit(3_000, active=write != "off")
    assert (decision.accepted, decision.error_number) == (accepted, 0 if accepted else 7)
    assert rig.state is target
    assert decision.clause.startswith(direction.code)
    assert any(isinstance(item, LimitStated) for item in decision.effects) is accepted


# (watts towards the wire, active, duration, accepted)
VALUES = [
    ("001-zero", 0.0, True, None, True),
    ("001-exact", 4_201.0, True, None, True),
    ("001-wrong-sign", -1.0, True, None, False),
    ("001-wrong-sign-inactive", -1.0, False, None, False),
    ("TS-035/4-beyond-range", 1e12, True, None, True),
    ("003/1-unreadable", None, True, None, False),
    ("003/1-nan", math.nan, True, None, False),
    ("003/1-infinite", math.inf, True, None, False),
    ("004-no-duration", 1_000.0, True, None, True),
    ("004-duration", 1_000.0, True, 10.0, True),
    ("004-negative-duration", 1_000.0, True, -1.0, False),
    ("004-nan-duration", 1_000.0, True, math.nan, False),
    ("008-inactive", 0.0, False, None, True),
]


@pytest.mark.parametrize(
    ("watts", "active", "duration_s", "accepted"),
    [row[1:] for row in VALUES],
    ids=[row[0] for row in VALUES],
)
def test_values_of_a_limit(
    watts: float | None,
    active: bool,
    duration_s: float | None,
    accepted: bool,
    direction: Direction,
) -> None:
    rig = make(direction, UNLIMITED)
    decision = rig.limit(watts, active, duration_s)
    assert decision.accepted is accepted
    if accepted:
        assert watts is not None
        assert rig.stated() == LimitValue(direction.signed(watts), active, duration_s)
        assert rig.effective_w == (min(watts, NOMINAL_W) if active else NOMINAL_W)


@pytest.mark.parametrize(("tolerant", "accepted"), [(False, False), (True, True)])
def test_lpp_001_the_switch_reads_a_positive_limit_as_its_negative(
    tolerant: bool, accepted: bool
) -> None:
    rig = make(Direction.PRODUCE, UNLIMITED, tolerate_sign=tolerant)
    decision = rig.machine.limit_written(LimitValue(5_000.0, True, None), rig.now)
    assert decision.accepted is accepted
    assert rig.effective_w == (5_000.0 if accepted else NOMINAL_W)
    if accepted:
        assert rig.machine.limit.watts == -5_000.0


def test_lpc_001_the_switch_changes_nothing_for_consumption() -> None:
    rig = make(Direction.CONSUME, UNLIMITED, tolerate_sign=True)
    assert not rig.machine.limit_written(LimitValue(-5_000.0, True, None), rig.now).accepted


# -- gates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [INIT, FAILSAFE, AUTONOMOUS], ids=lambda state: state.value)
@pytest.mark.parametrize(
    ("age", "open_"), [(0.0, True), (60.0, True), (60.001, False)], ids=["0s", "60s", "61s"]
)
def test_ts_036_limit_gate(source: State, age: float, open_: bool, direction: Direction) -> None:
    rig = make(direction, source)
    rig.beat()
    rig.wait(age)
    before = rig.machine.stated(rig.now)
    decision = rig.limit(3_000)
    assert decision.accepted is open_
    if not open_:
        assert decision.clause == f"{direction.code}-TS-036"
        assert (rig.state, rig.machine.stated(rig.now)) == (source, before)


@pytest.mark.parametrize("source", [INIT, FAILSAFE, AUTONOMOUS], ids=lambda state: state.value)
def test_ts_036_the_gate_comes_before_the_sign(source: State, direction: Direction) -> None:
    rig = make(direction, source)
    assert rig.refused_limit().clause == f"{direction.code}-TS-036"
    assert rig.state is source


@pytest.mark.parametrize("source", [UNLIMITED, LIMITED], ids=lambda state: state.value)
def test_no_60_s_gate_while_controlled(source: State, direction: Direction) -> None:
    rig = make(direction, source)
    rig.wait(119)
    assert rig.limit(3_000).accepted


@pytest.mark.parametrize("source", list(State), ids=lambda state: state.value)
def test_ts_037_failsafe_gate(source: State, direction: Direction) -> None:
    rig = make(direction, source)
    rig.beat()
    power = rig.machine.failsafe_power_written(5_001.0, rig.now)
    duration = rig.machine.failsafe_duration_written(3 * HOUR, rig.now)
    too_long = rig.machine.failsafe_duration_written(25 * HOUR, rig.now)
    assert power.accepted is duration.accepted is source.controlled
    assert not too_long.accepted
    if not source.controlled:
        assert {item.clause for item in (power, duration)} == {f"{direction.code}-TS-037"}
        assert (rig.machine.failsafe_w, rig.machine.duration.seconds) == (FAILSAFE_W, 2 * HOUR)


def test_902_a_refused_limit_opens_the_failsafe_values(direction: Direction) -> None:
    rig = make(direction)
    rig.beat()
    assert not rig.refused_limit().accepted
    assert rig.machine.failsafe_power_written(5_000.0, rig.now).accepted


# -- heartbeat -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "rule"), [(UNLIMITED, "911"), (LIMITED, "912")], ids=["911", "912"]
)
def test_the_watchdog_counts_from_the_last_heartbeat(
    source: State, rule: str, direction: Direction
) -> None:
    rig = make(direction, source)
    rig.wait(100)
    rig.beat()
    assert rig.machine.next_deadline() == rig.now + 120
    rig.wait(119.999)
    assert rig.state is source
    rig.wait(0.001)
    assert rig.state is FAILSAFE
    assert rig.effective_w == FAILSAFE_W
    changed = [item for item in rig.effects if isinstance(item, StateChanged)][-1]
    assert rule in changed.transition.rules


def test_912_a_beat_that_comes_too_late_finds_the_failsafe_state(direction: Direction) -> None:
    rig = make(direction, LIMITED)
    rig.now += 300
    rig.beat()
    assert rig.state is FAILSAFE
    assert rig.transitions() == ["T7"]


def test_912_a_write_after_a_long_sleep_meets_the_gate(direction: Direction) -> None:
    rig = make(direction, LIMITED)
    rig.now += 300
    assert not rig.limit(3_000).accepted
    assert rig.state is FAILSAFE


def test_heartbeats_alone_change_no_state(direction: Direction) -> None:
    for source in State:
        rig = make(direction, source, stays_in_failsafe=True) if source is not AUTONOMOUS else None
        if rig is None:
            rig = make(direction, source)
        for _ in range(10):
            rig.beat()
            rig.wait(60)
        assert rig.state is source


def test_heartbeat_loss_comes_before_a_duration_due_at_once(direction: Direction) -> None:
    rig = make(direction, LIMITED)
    rig.limit(2_000, duration_s=120)
    rig.wait(120)
    assert rig.transitions() == ["T7"]


def test_a_duration_that_ended_first_is_honoured_first_after_a_sleep(direction: Direction) -> None:
    rig = make(direction, LIMITED)
    rig.limit(2_000, duration_s=60)
    rig.wait(200)
    assert rig.transitions() == ["T6", "T5"]


def test_914_2_the_limit_does_not_come_back_after_failsafe(direction: Direction) -> None:
    rig = make(direction, LIMITED)
    rig.limit(2_000, duration_s=HOUR)
    rig.wait(120)
    assert rig.machine.stated(rig.now) == LimitValue(direction.signed(2_000), False, None)
    rig.beat()
    rig.limit(0, active=False)
    assert (rig.state, rig.effective_w) == (UNLIMITED, NOMINAL_W)


# -- durations -------------------------------------------------------------------------------------


def test_004_reads_show_the_remaining_duration(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(2_000, duration_s=100)
    rig.wait(30)
    assert rig.machine.stated(rig.now).duration_s == 70
    assert rig.machine.remaining_s(rig.now) == 70


def test_007_an_expired_duration_deactivates_and_goes(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(2_000, duration_s=100)
    rig.wait(100)
    assert rig.state is UNLIMITED
    assert rig.stated() == LimitValue(direction.signed(2_000), False, None)


def test_004_an_absent_duration_never_ends(direction: Direction) -> None:
    rig = make(direction, LIMITED)
    for _ in range(48):
        rig.wait(60)
        rig.beat()
    assert (rig.state, rig.machine.remaining_s(rig.now)) == (LIMITED, None)


def test_a_new_limit_replaces_value_and_duration(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(2_000, duration_s=60)
    rig.limit(2_500)
    rig.wait(100)
    assert (rig.state, rig.effective_w) == (LIMITED, 2_500)


def test_907_1_a_refused_limit_leaves_value_and_duration(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(2_000, duration_s=100)
    rig.wait(10)
    rig.limit(-5.0, duration_s=500)
    assert rig.machine.stated(rig.now) == LimitValue(direction.signed(2_000), True, 90)


def test_ig_2_2_activated_with_zero_duration_is_deactivated(direction: Direction) -> None:
    rig = make(direction, LIMITED)
    assert rig.limit(1_000, duration_s=0).accepted
    assert (rig.state, rig.machine.limit.active) == (UNLIMITED, False)


def test_the_duration_of_an_inactive_limit_runs_out_quietly(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(1_000, active=False, duration_s=50)
    rig.wait(50)
    assert rig.stated().duration_s is None
    assert rig.transitions() == []


# -- failsafe values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("watts", "accepted"),
    [
        pytest.param(0.0, True, id="010-zero"),
        pytest.param(4_201.0, True, id="010-exact"),
        pytest.param(1e9, True, id="021-beyond-range"),
        pytest.param(-1.0, False, id="010-negative"),
        pytest.param(None, False, id="003/2-unreadable"),
        pytest.param(math.nan, False, id="003/2-nan"),
    ],
)
def test_failsafe_power(watts: float | None, accepted: bool, direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    decision = rig.machine.failsafe_power_written(watts, rig.now)
    assert (decision.accepted, decision.error_number) == (accepted, 0 if accepted else 7)
    assert rig.machine.failsafe_w == (watts if accepted else FAILSAFE_W)
    if accepted:
        assert FailsafeStated(watts or 0.0, 2 * HOUR) in decision.effects
        rig.wait(120)
        assert rig.effective_w == min(watts or 0.0, NOMINAL_W)


@pytest.mark.parametrize(
    ("longest_h", "written_s", "accepted", "kept_s"),
    [
        pytest.param(24, 2 * HOUR, True, 2 * HOUR, id="022/1-shortest"),
        pytest.param(24, 24 * HOUR, True, 24 * HOUR, id="022/1-longest"),
        pytest.param(24, 2 * HOUR - 1, False, 3 * HOUR, id="003/2-too-short"),
        pytest.param(24, None, False, 3 * HOUR, id="003/2-unreadable"),
        pytest.param(6, 6 * HOUR, True, 6 * HOUR, id="022/4-own-maximum"),
        pytest.param(6, 6 * HOUR + 1, False, 6 * HOUR, id="022/5-beyond-own-maximum"),
        pytest.param(24, 25 * HOUR, False, 24 * HOUR, id="022/5-beyond-24h"),
    ],
)
def test_failsafe_duration(
    longest_h: int, written_s: float | None, accepted: bool, kept_s: float, direction: Direction
) -> None:
    duration = FailsafeDuration(3 * HOUR, longest_s=longest_h * HOUR)
    rig = Rig(LimitMachine(direction, duration=duration))
    rig.beat()
    rig.limit(0, active=False)
    decision = rig.machine.failsafe_duration_written(written_s, rig.now)
    assert (decision.accepted, decision.error_number) == (accepted, 0 if accepted else 7)
    assert duration.seconds == kept_s
    stated = [item for item in decision.effects if isinstance(item, FailsafeStated)]
    assert bool(stated) is (accepted or kept_s != 3 * HOUR)


def test_022_5_no_second_notify_at_the_own_maximum(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    rig.machine.failsafe_duration_written(25 * HOUR, rig.now)
    assert rig.machine.failsafe_duration_written(25 * HOUR, rig.now).effects == ()


def test_ts_041_one_duration_for_both_directions() -> None:
    shared = FailsafeDuration()
    lpc, lpp = (
        Rig(LimitMachine(each, duration=shared, settings=Settings(stays_in_failsafe=False)))
        for each in Direction
    )
    lpc.beat()
    lpc.limit(0, active=False)
    assert lpc.machine.failsafe_duration_written(4 * HOUR, lpc.now).accepted
    lpp.beat()
    lpp.limit(0, active=False)
    lpp.wait(120)
    lpp.wait(4 * HOUR - 1)
    assert lpp.state is FAILSAFE
    lpp.wait(1)
    assert lpp.state is AUTONOMOUS


def test_ts_041_a_guard_of_one_direction_writes_the_shared_duration() -> None:
    """Both use cases of an entity are asked about the one key, and both have to agree."""
    shared = FailsafeDuration()
    lpc, lpp = (Rig(LimitMachine(each, duration=shared)) for each in Direction)
    for machine in (lpc.machine, lpp.machine):
        assert not machine.failsafe_duration_written(4 * HOUR, START).accepted
    lpc.beat()
    lpc.limit(0, active=False)
    for machine in (lpc.machine, lpp.machine):
        assert machine.failsafe_duration_written(4 * HOUR, START).accepted
    assert not lpp.machine.failsafe_power_written(1_000.0, START).accepted


def test_ts_011_2_the_operator_no_longer_changes_what_the_guard_set(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    assert rig.machine.set_failsafe(rig.now, power_w=6_000, duration_s=3 * HOUR).accepted
    assert (rig.machine.failsafe_w, rig.machine.duration.seconds) == (6_000, 3 * HOUR)
    rig.machine.failsafe_power_written(5_000.0, rig.now)
    assert not rig.machine.set_failsafe(rig.now, power_w=9_000).accepted
    assert rig.machine.failsafe_w == 5_000


@pytest.mark.parametrize("values", [{"power_w": -1.0}, {"duration_s": HOUR}], ids=["010", "022/1"])
def test_the_operator_is_bound_to_the_ranges_as_well(
    values: dict[str, float], direction: Direction
) -> None:
    rig = make(direction)
    assert not rig.machine.set_failsafe(rig.now, **values).accepted
    assert (rig.machine.failsafe_w, rig.machine.duration.seconds) == (FAILSAFE_W, 2 * HOUR)


# -- ways to unlimited/autonomous ------------------------------------------------------------------


@pytest.mark.parametrize("heard", [False, True], ids=["silent", "heartbeat-only"])
def test_906_nobody_took_control(heard: bool, direction: Direction) -> None:
    rig = make(direction)
    rig.wait(100)
    if heard:
        rig.beat()
    rig.wait(19.999)
    assert rig.state is INIT
    rig.wait(0.001)
    assert rig.state is AUTONOMOUS


def test_ts_012_failsafe_lasts_at_least_its_minimum(direction: Direction) -> None:
    rig = make(direction, FAILSAFE)
    rig.wait(2 * HOUR - 0.001)
    assert rig.state is FAILSAFE
    rig.wait(0.001)
    assert rig.state is AUTONOMOUS


def test_921_counts_from_the_first_heartbeat(direction: Direction) -> None:
    rig = make(direction, FAILSAFE)
    rig.wait(500)
    rig.beat()
    rig.wait(60)
    rig.beat()
    rig.wait(59.999)
    assert rig.state is FAILSAFE
    rig.wait(0.001)
    assert rig.state is AUTONOMOUS


def test_921_a_beat_that_died_again_releases_nothing(direction: Direction) -> None:
    rig = make(direction, FAILSAFE)
    rig.beat()
    rig.wait(600)
    assert rig.state is FAILSAFE
    rig.beat()
    rig.wait(60)
    rig.beat()
    rig.wait(60)
    assert rig.state is AUTONOMOUS


def test_921_a_refused_write_ends_the_waiting(direction: Direction) -> None:
    rig = make(direction, FAILSAFE)
    rig.beat()
    rig.wait(59)
    rig.beat()
    rig.refused_limit()
    rig.wait(61)
    assert rig.state is UNLIMITED


@pytest.mark.parametrize("source", [INIT, FAILSAFE], ids=["906", "922"])
def test_by_default_nothing_but_a_guard_ends_the_failsafe_limit(
    source: State, direction: Direction
) -> None:
    rig = make(direction, source, stays_in_failsafe=True)
    for _ in range(30):
        rig.wait(HOUR)
        rig.beat()
        rig.wait(60)
        rig.beat()
    assert (rig.state, rig.effective_w) == (source, FAILSAFE_W)
    assert rig.limit(3_000).accepted


# -- refusals of the device's own ------------------------------------------------------------------


@pytest.mark.parametrize("reason", list(Refusal), ids=lambda reason: f"TS-035/3-{reason.value}")
@pytest.mark.parametrize("energy_manager", [True, False], ids=["cem", "appliance"])
def test_permitted_reasons(reason: Refusal, energy_manager: bool, direction: Direction) -> None:
    permitted = energy_manager or reason is not Refusal.UNCONTROLLED_LOADS
    asked: list[float] = []

    def objection(ceiling_w: float, _now: float) -> Refusal:
        asked.append(ceiling_w)
        return reason

    machine = LimitMachine(
        direction, settings=Settings(energy_manager=energy_manager), objection=objection
    )
    rig = Rig(machine)
    rig.beat()
    decision = rig.limit(1_234)
    assert asked == [1_234.0]
    assert decision.accepted is not permitted
    assert rig.state is (UNLIMITED if permitted else LIMITED)
    assert rig.limit(0, active=False).accepted


@pytest.mark.parametrize(("energy_manager", "state"), [(True, UNLIMITED), (False, LIMITED)])
def test_923_an_appliance_may_not_blame_other_loads(
    energy_manager: bool, state: State, direction: Direction
) -> None:
    rig = make(direction, LIMITED, energy_manager=energy_manager)
    rig.machine.interrupt(Refusal.UNCONTROLLED_LOADS, rig.now)
    assert rig.state is state


def test_923_an_interruption_is_stated_with_its_cause(direction: Direction) -> None:
    rig = make(direction, LIMITED)
    drive(rig, Trigger.INTERRUPTED)
    assert rig.stated() == LimitValue(direction.signed(2_000), False, None)
    assert [item.cause for item in rig.effects if isinstance(item, StateChanged)] == [
        Refusal.SAFETY
    ]


@pytest.mark.parametrize("source", [INIT, UNLIMITED, FAILSAFE, AUTONOMOUS])
def test_923_there_is_nothing_to_interrupt_outside_limited(
    source: State, direction: Direction
) -> None:
    rig = make(direction, source)
    assert rig.machine.interrupt(Refusal.SAFETY, rig.now) == []
    assert rig.state is source


# -- restart ---------------------------------------------------------------------------------------


def restarted(rig: Rig, after_s: float = 0.0, **options: object) -> Rig:
    """A new process with another monotonic clock that was told what the last stored memory was."""
    memory = [item.memory for item in rig.effects if isinstance(item, Remember)][-1]
    left = memory.limit_remaining_s
    memory = Memory(
        memory.failsafe_w,
        memory.failsafe_duration_s,
        memory.owned,
        memory.limit_w,
        None if left is None else max(0.0, left - after_s),
    )
    chosen = {"nominal_max_w": NOMINAL_W, **options}
    machine = LimitMachine(rig.machine.direction, settings=Settings(**chosen), memory=memory)  # type: ignore[arg-type]
    return Rig(machine, now=50.0)


def test_901_1_a_device_starts_with_its_failsafe_limit(direction: Direction) -> None:
    machine = LimitMachine(direction, settings=Settings(nominal_max_w=NOMINAL_W))
    assert machine.effective_w(0.0) == FAILSAFE_W
    rig = Rig(machine)
    assert (rig.state, rig.effective_w) == (INIT, FAILSAFE_W)
    assert rig.stated() == LimitValue(direction.signed(NOMINAL_W), False, None)


def test_903_without_stored_values_the_preset_ones_apply(direction: Direction) -> None:
    rig = Rig(LimitMachine(direction, memory=Memory()))
    assert (rig.machine.failsafe_w, rig.machine.duration.seconds) == (4_200.0, 2 * HOUR)


def test_ts_044_failsafe_values_survive_a_power_loss(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    for decision in (
        rig.machine.failsafe_power_written(5_001.0, rig.now),
        rig.machine.failsafe_duration_written(5 * HOUR, rig.now),
    ):
        rig.effects += decision.effects
    again = restarted(rig)
    assert (again.machine.failsafe_w, again.machine.duration.seconds) == (5_001.0, 5 * HOUR)
    assert again.machine.owned
    assert FailsafeStated(5_001.0, 5 * HOUR) in again.effects


def test_903_a_duration_that_nobody_changed_is_preset_anew_at_each_start(
    direction: Direction,
) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(1_000)
    memory = rig.machine.memory(rig.now)
    configured = FailsafeDuration(4 * HOUR)
    again = LimitMachine(direction, duration=configured, memory=memory)
    assert again.duration.seconds == 4 * HOUR


@pytest.mark.parametrize(("limit_w", "commanded_w"), [(1_000, 1_000), (9_000, FAILSAFE_W)])
def test_4_6_a_restart_never_widens_what_is_commanded(
    limit_w: float, commanded_w: float, direction: Direction
) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(limit_w)
    again = restarted(rig)
    assert (again.state, again.machine.limit.active) == (INIT, False)
    assert again.effective_w == commanded_w
    again.wait(10 * HOUR)
    assert again.effective_w == commanded_w


def test_4_6_the_old_limit_counts_until_its_end(direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(1_000, duration_s=600)
    again = restarted(rig, after_s=100)
    again.wait(499)
    assert again.effective_w == 1_000
    again.wait(1)
    assert again.effective_w == FAILSAFE_W
    assert again.effects[-1] == Remember(again.machine.memory(again.now))
    assert again.machine.memory(again.now).limit_w is None


@pytest.mark.parametrize("write", ["accepted", "refused", "closed"])
def test_4_6_the_old_limit_counts_until_the_next_evaluated_write(
    write: str, direction: Direction
) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(1_000)
    again = restarted(rig)
    if write != "closed":
        again.beat()
    again.limit(-1.0) if write == "refused" else again.limit(3_000)
    assert again.effective_w == {"accepted": 3_000, "refused": NOMINAL_W, "closed": 1_000}[write]


def test_4_6_a_second_restart_neither_forgets_nor_prolongs(direction: Direction) -> None:
    rig = make(direction, UNLIMITED, stays_in_failsafe=True)
    rig.limit(1_000, duration_s=600)
    rig.wait(100)
    rig.effects += rig.machine.start(rig.now)
    rig.wait(100)
    rig.effects += rig.machine.start(rig.now)
    assert rig.machine.memory(rig.now).limit_remaining_s == 400
    rig.wait(399)
    assert rig.effective_w == 1_000
    rig.wait(1)
    assert rig.effective_w == FAILSAFE_W


@pytest.mark.parametrize("ending", ["off", "expired", "silent"])
def test_4_6_a_limit_that_ended_leaves_nothing_behind(ending: str, direction: Direction) -> None:
    rig = make(direction, UNLIMITED)
    rig.limit(1_000, duration_s=60)
    if ending == "off":
        rig.limit(0, active=False)
    else:
        rig.wait(60 if ending == "expired" else 200)
    assert restarted(rig).effective_w == FAILSAFE_W


def test_010_the_nominal_maximum_bounds_every_state(direction: Direction) -> None:
    for source in State:
        rig = make(direction, source, nominal_max_w=1_500.0)
        assert rig.effective_w == 1_500.0


def test_without_a_nominal_maximum_nothing_bounds_an_unlimited_system(direction: Direction) -> None:
    rig = make(direction, UNLIMITED, nominal_max_w=None)
    assert rig.effective_w is None


# -- laws ------------------------------------------------------------------------------------------

STIMULI = st.one_of(
    st.just(("beat",)),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 30.0, 59.0, 60.0, 61.0, 120.0, 7_200.0])),
    st.tuples(
        st.just("limit"),
        st.sampled_from([None, -1.0, 0.0, 1_000.0, 9_000.0]),
        st.booleans(),
        st.sampled_from([None, 0.0, 30.0, 300.0]),
    ),
    st.just(("interrupt",)),
    st.just(("restart",)),
)


@settings(max_examples=150, deadline=None)
@given(
    direction=st.sampled_from(Direction),
    stays=st.booleans(),
    stimuli=st.lists(STIMULI, max_size=40),
)
def test_laws_of_every_history(
    direction: Direction, stays: bool, stimuli: list[tuple[object, ...]]
) -> None:
    rig = make(direction, stays_in_failsafe=stays)
    for stimulus in stimuli:
        match stimulus:
            case ("beat",):
                rig.beat()
            case ("wait", float(seconds)):
                rig.wait(seconds)
            case ("limit", watts, bool(active), duration):
                rig.limit(watts, active, duration)  # type: ignore[arg-type]
            case ("interrupt",):
                rig.effects += rig.machine.interrupt(Refusal.LEGAL, rig.now)
            case _:
                rig.effects += rig.machine.start(rig.now)
        machine = rig.machine
        assert machine.limit.active is (rig.state is LIMITED)
        assert rig.effective_w is not None
        assert rig.effective_w <= NOMINAL_W
        if rig.state in (INIT, FAILSAFE):
            assert rig.effective_w <= FAILSAFE_W
        if rig.state is LIMITED:
            assert rig.effective_w == min(NOMINAL_W, abs(machine.limit.watts or 0.0))
        if rig.state.controlled:
            age = machine.heartbeat_age_s(rig.now)
            assert age is None or age < 120
        deadline = machine.next_deadline()
        assert deadline is None or deadline > rig.now
        if stays:
            assert rig.state is not AUTONOMOUS
    moves = [item.transition for item in rig.effects if isinstance(item, StateChanged)]
    for first, second in itertools.pairwise(moves):
        assert first.target is second.source
