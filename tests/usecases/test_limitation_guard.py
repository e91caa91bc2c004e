"""The Energy Guard of LPC and LPP; ids name the rule or the section of the implementation guide."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.vocabulary.behaviour import Action, Beat, Report, Write
from eebus_gw.vocabulary.values import LimitValue
from usecases.limitation_guard import GuardMachine, Phase
from usecases.limitation_rules import Direction, Settings, State
from usecases.limitation_states import LimitMachine

HOUR = 3_600.0


@pytest.fixture(params=list(Direction), ids=lambda direction: direction.code)
def direction(request: pytest.FixtureRequest) -> Direction:
    chosen: Direction = request.param
    return chosen


@dataclass
class Rig:
    """A guard, its clock, and everything it did with the moment at which it did it."""

    guard: GuardMachine
    now: float = 0.0
    log: list[tuple[float, Action]] = field(default_factory=list)

    def note(self, actions: list[Action]) -> None:
        self.log += [(self.now, action) for action in actions]

    def connect(self, *, subscribed: bool = True) -> None:
        self.note(self.guard.connected(self.now))
        if subscribed:
            self.note(self.guard.heartbeat_subscribed(self.now))

    def require(self, watts: float, active: bool = True, duration_s: float | None = None) -> None:
        limit = LimitValue(self.guard.direction.signed(watts), active, duration_s)
        self.note(self.guard.require(limit, self.now))

    def answer(self, accepted: bool = True) -> None:
        self.note(self.guard.limit_answered(accepted, self.now))

    def report(self, watts: float, active: bool = True) -> None:
        limit = LimitValue(self.guard.direction.signed(watts), active)
        self.note(self.guard.limit_reported(limit, self.now))

    def run(self, seconds: float, *, accepted: bool | None = None) -> None:
        """Lets time pass from deadline to deadline; ``accepted`` is the answer to every write."""
        end = self.now + seconds
        while True:
            while accepted is not None and self.guard._pending is not None:
                self.answer(accepted)
            deadline = self.guard.next_deadline()
            if deadline is None or deadline > end:
                break
            self.now = max(self.now, deadline)
            self.note(self.guard.handle_timer(self.now))
        self.now = end

    def limits(self) -> list[tuple[float, float, bool, float | None]]:
        """When which magnitude was written, active or not, for how long."""
        return [
            (at, abs(action.value.watts), action.value.active, action.value.duration_s)
            for at, action in self.log
            if isinstance(action, Write) and action.point_key == "limit"
        ]

    def failsafes(self) -> list[tuple[float, str, float]]:
        return [
            (at, action.point_key, action.value)
            for at, action in self.log
            if isinstance(action, Write) and action.point_key != "limit"
        ]

    def reports(self) -> list[tuple[float, str]]:
        return [(at, action.name) for at, action in self.log if isinstance(action, Report)]


def with_nominal(direction: Direction, watts: float) -> Rig:
    """A guard that knows the nominal maximum of its peer."""
    rig = Rig(GuardMachine(direction))
    rig.note(rig.guard.nominal_reported(watts, rig.now))
    return rig


def in_charge(direction: Direction, watts: float = 3_000) -> Rig:
    """A guard whose opening limit, without end, was accepted at 0 s."""
    rig = Rig(GuardMachine(direction))
    rig.require(watts)
    rig.connect()
    rig.answer()
    rig.log.clear()
    return rig


# -- opening -----------------------------------------------------------------------------------


def test_913_heartbeat_then_limit(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(4_200)
    rig.connect()
    wire = LimitValue(direction.signed(4_200), True, None)
    assert rig.log == [(0.0, Beat()), (0.0, Write("limit", wire))]


def test_ig_2_11_the_beat_waits_for_the_subscription(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(4_200)
    rig.connect(subscribed=False)
    rig.run(7)
    assert rig.log == []
    rig.note(rig.guard.heartbeat_subscribed(rig.now))
    assert rig.limits() == [(7.0, 4_200, True, None)]


def test_ig_2_11_but_not_longer_than_10_s(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(4_200)
    rig.connect(subscribed=False)
    rig.run(60)
    assert rig.limits() == [(10.0, 4_200, True, None)]


def test_ig_2_11_a_subscription_older_than_our_own_set_up_counts(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(4_200)
    rig.note(rig.guard.heartbeat_subscribed(rig.now))
    rig.run(3)
    rig.connect(subscribed=False)
    assert rig.limits() == [(3.0, 4_200, True, None)]


def test_ig_2_13_the_opening_is_owed_and_never_a_deactivation(direction: Direction) -> None:
    rig = with_nominal(direction, 11_000)
    rig.connect()
    rig.run(60)
    assert rig.limits() == [(45.0, 11_000, True, None)]


def test_913_an_opening_that_nobody_can_state_is_reported(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.connect()
    rig.run(300)
    assert rig.limits() == []
    assert rig.reports() == [(60.0, "opening_overdue")]


def test_ig_2_13_a_deactivation_that_is_required_is_written(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(0, active=False)
    rig.connect()
    assert rig.limits() == [(0.0, 0, False, None)]


def test_913_again_after_each_reconnection(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.now = 20.0
    rig.guard.disconnected()
    assert rig.guard.phase is Phase.AWAY
    rig.now = 30.0
    rig.connect()
    assert rig.limits() == [(30.0, 3_000, True, None)]


@pytest.mark.parametrize(
    ("watts", "duration_s"),
    [(1.0, None), (math.nan, None), (math.inf, None), (0.0, 0.0), (0.0, math.nan)],
    ids=["001-sign", "nan", "infinite", "ig-2.2-zero-duration", "nan-duration"],
)
def test_what_a_guard_may_not_ask_for(
    watts: float, duration_s: float | None, direction: Direction
) -> None:
    guard = GuardMachine(direction)
    with pytest.raises(ValueError, match="limit"):
        guard.require(LimitValue(-direction.signed(watts), True, duration_s), 0.0)
    with pytest.raises(ValueError, match="finite"):
        guard.require(LimitValue(None, True), 0.0)


# -- refusals ----------------------------------------------------------------------------------


def test_ig_2_5_retries_at_once_then_60_120_180(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(4_200)
    rig.connect()
    rig.run(600, accepted=False)
    assert [at for at, *_ in rig.limits()] == [0.0, 0.0, 55.0, 175.0, 355.0, 595.0]
    rig.run(1, accepted=True)
    beats = [at for at, action in rig.log if isinstance(action, Beat)]
    assert beats == [at for at, *_ in rig.limits()]


def test_ts_046_the_first_retry_of_a_later_limit_comes_within_60_s(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.require(2_000)
    rig.answer(accepted=False)
    assert rig.guard.phase is Phase.REFUSED
    rig.run(60)
    assert [at for at, *_ in rig.limits()] == [0.0, 55.0]
    rig.answer()
    assert rig.guard.phase is Phase.IN_CHARGE


def test_ig_2_5_an_opening_without_requirement_is_retried_as_well(direction: Direction) -> None:
    rig = with_nominal(direction, 4_200)
    rig.connect()
    rig.run(200, accepted=False)
    assert [at for at, *_ in rig.limits()] == [45.0, 45.0, 100.0]


def test_a_write_that_timed_out_waits(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(4_200)
    rig.connect()
    rig.now = 10.0
    rig.note(rig.guard.limit_answered(False, rig.now, timed_out=True))
    rig.run(60)
    assert [at for at, *_ in rig.limits()] == [0.0, 55.0]


def test_a_tighter_requirement_does_not_wait_for_the_retry(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.require(2_000)
    rig.answer(accepted=False)
    rig.run(5)
    rig.require(1_000)
    assert rig.limits()[-1] == (5.0, 1_000, True, None)


# -- pace --------------------------------------------------------------------------------------


def test_ig_2_10_reductions_at_once_increases_every_five_minutes(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.run(10)
    rig.require(2_000)
    rig.answer()
    rig.run(10)
    rig.require(9_000)
    rig.run(400, accepted=True)
    assert rig.limits() == [(10.0, 2_000, True, None), (310.0, 9_000, True, None)]


def test_ig_2_10_a_release_waits_its_turn(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.run(10)
    rig.require(0, active=False)
    rig.run(400, accepted=True)
    assert rig.limits() == [(300.0, 0, False, None)]


def test_ig_2_10_only_the_last_of_several_increases_is_written(direction: Direction) -> None:
    rig = in_charge(direction)
    for watts in (4_000, 5_000, 6_000):
        rig.run(50)
        rig.require(watts)
    rig.run(400, accepted=True)
    assert rig.limits() == [(300.0, 6_000, True, None)]


def test_an_unchanged_requirement_is_not_written_again(direction: Direction) -> None:
    rig = in_charge(direction)
    for _ in range(20):
        rig.require(3_000)
        rig.run(60, accepted=True)
    assert rig.limits() == []


# -- durations ---------------------------------------------------------------------------------


def test_a_requirement_with_an_end_is_not_renewed(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(3_000, duration_s=900)
    rig.connect()
    rig.run(5_000, accepted=True)
    assert rig.limits() == [(0.0, 3_000, True, 900)]


def test_the_duration_on_the_wire_is_what_is_left(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(3_000, duration_s=900)
    rig.run(100)
    rig.connect()
    assert rig.limits() == [(100.0, 3_000, True, 800)]


def test_ig_2_6_a_prolonged_requirement_is_rewritten_before_its_end(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.require(3_000, duration_s=900)
    rig.connect()
    rig.answer()
    rig.run(100)
    rig.require(3_000, duration_s=3_600)
    rig.run(2_000, accepted=True)
    assert rig.limits()[1:] == [(840.0, 3_000, True, 2_860)]


def test_a_shortened_requirement_waits_its_turn_only(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.run(100)
    rig.require(3_000, duration_s=3_600)
    rig.run(400, accepted=True)
    assert rig.limits() == [(300.0, 3_000, True, 3_400)]


# -- deviations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("watts", "active", "at"),
    [(3_000, False, 100.0), (9_000, True, 100.0), (1_000, True, 300.0)],
    ids=["inactive", "looser", "tighter"],
)
def test_ig_2_6_a_deviating_limit_is_written_again(
    watts: float, active: bool, at: float, direction: Direction
) -> None:
    rig = in_charge(direction)
    rig.run(100)
    rig.report(watts, active)
    rig.run(300, accepted=True)
    assert rig.limits() == [(at, 3_000, True, None)]


def test_ig_2_6_a_peer_that_keeps_deviating_is_not_flooded(direction: Direction) -> None:
    rig = in_charge(direction)
    for _ in range(300):
        rig.run(1, accepted=True)
        rig.report(3_000, active=False)
    assert [at for at, *_ in rig.limits()] == [60.0, 120.0, 180.0, 240.0, 300.0]


def test_ig_2_6_the_limit_as_required_is_no_deviation(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.report(3_000.4)
    rig.run(1_000)
    assert rig.limits() == []


def test_a_value_stated_before_the_answer_is_no_deviation(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.require(2_000)
    rig.report(3_000)
    rig.answer()
    rig.run(1_000)
    assert len(rig.limits()) == 1


# -- failsafe values ---------------------------------------------------------------------------


def test_ts_037_failsafe_values_follow_the_evaluated_limit(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.note(rig.guard.require_failsafe(0.0, power_w=4_200, duration_s=4 * HOUR))
    rig.require(3_000)
    rig.connect()
    assert rig.failsafes() == []
    rig.answer()
    assert rig.failsafes() == [
        (0.0, "failsafe_w", 4_200),
        (0.0, "failsafe_duration_s", 4 * HOUR),
    ]


def test_a_limit_refused_twice_has_been_evaluated(direction: Direction) -> None:
    rig = Rig(GuardMachine(direction))
    rig.note(rig.guard.require_failsafe(0.0, power_w=4_200))
    rig.require(3_000)
    rig.connect()
    rig.answer(accepted=False)
    assert rig.failsafes() == []
    rig.answer(accepted=False)
    assert rig.failsafes() == [(0.0, "failsafe_w", 4_200)]


def test_what_the_peer_has_is_not_written(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.note(rig.guard.failsafe_reported("failsafe_w", 4_200.0, rig.now))
    rig.note(rig.guard.require_failsafe(rig.now, power_w=4_200, duration_s=4 * HOUR))
    assert [key for _, key, _ in rig.failsafes()] == ["failsafe_duration_s"]


def test_failsafe_values_are_retried_with_patience(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.note(rig.guard.require_failsafe(rig.now, power_w=4_200))
    rig.note(rig.guard.failsafe_answered("failsafe_w", False, rig.now))
    rig.run(55)
    rig.note(rig.guard.failsafe_answered("failsafe_w", False, rig.now))
    rig.run(120)
    rig.note(rig.guard.failsafe_answered("failsafe_w", True, rig.now))
    rig.run(5_000)
    assert [at for at, *_ in rig.failsafes()] == [0.0, 55.0, 175.0]
    assert rig.reports() == [(0.0, "failsafe_refused"), (55.0, "failsafe_refused")]


def test_a_value_wanted_during_the_write_is_written_afterwards(direction: Direction) -> None:
    rig = in_charge(direction)
    rig.note(rig.guard.require_failsafe(rig.now, power_w=4_200))
    rig.note(rig.guard.require_failsafe(rig.now, power_w=5_000))
    rig.note(rig.guard.failsafe_answered("failsafe_w", True, rig.now))
    assert [value for _, _, value in rig.failsafes()] == [4_200, 5_000]


@pytest.mark.parametrize(
    "values",
    [{"power_w": -1.0}, {"power_w": math.nan}, {"duration_s": HOUR}, {"duration_s": 25 * HOUR}],
    ids=["010", "nan", "022/3-short", "022/3-long"],
)
def test_failsafe_values_out_of_range(values: dict[str, float], direction: Direction) -> None:
    with pytest.raises(ValueError, match="failsafe"):
        GuardMachine(direction).require_failsafe(0.0, **values)


# -- laws --------------------------------------------------------------------------------------

STIMULI = st.one_of(
    st.tuples(st.just("run"), st.sampled_from([1.0, 10.0, 60.0, 299.0, 301.0])),
    st.tuples(
        st.just("require"),
        st.sampled_from([0.0, 1_000.0, 4_200.0, 11_000.0]),
        st.booleans(),
        st.sampled_from([None, 400.0, 4_000.0]),
    ),
    st.just(("reconnect",)),
)


@settings(max_examples=100, deadline=None)
@given(
    direction=st.sampled_from(Direction),
    stimuli=st.lists(STIMULI, max_size=25),
)
def test_ig_2_10_no_increase_or_renewal_within_five_minutes(
    direction: Direction, stimuli: list[tuple[object, ...]]
) -> None:
    rig = with_nominal(direction, 4_200)
    rig.connect()
    openings = {0}
    for stimulus in stimuli:
        match stimulus:
            case ("run", float(seconds)):
                rig.run(seconds, accepted=True)
            case ("require", float(watts), bool(active), duration):
                rig.run(0, accepted=True)
                rig.require(watts, active, duration)  # type: ignore[arg-type]
                assert len(rig.limits()) == 0 or rig.guard._in_force or rig.guard._pending
            case _:
                rig.guard.disconnected()
                openings.add(len(rig.limits()))
                rig.connect()
    written = rig.limits()
    for index in range(1, len(written)):
        at, watts, active, _ = written[index]
        before_at, before_watts, before_active, lasts_s = written[index - 1]
        reduced = (watts if active else math.inf) < (before_watts if before_active else math.inf)
        lapses = before_active and lasts_s is not None and before_at + lasts_s - at <= 60
        assert index in openings or reduced or lapses or at - before_at >= 300


def test_a_required_limit_is_renewed_before_it_lapses_however_short_it_was() -> None:
    rig = with_nominal(Direction.CONSUME, 4_200)
    rig.connect()
    rig.require(4_200, True, 90.0)
    rig.run(0, accepted=True)
    rig.require(4_200, True, None)
    rig.run(40, accepted=True)
    at, watts, active, duration = rig.limits()[-1]
    assert (watts, active, duration) == (4_200, True, None)
    assert at - rig.limits()[-2][0] <= 90


def test_after_a_limit_has_ended_the_next_one_is_no_increase() -> None:
    rig = with_nominal(Direction.CONSUME, 4_200)
    rig.connect()
    rig.require(4_200, True, 10.0)
    rig.run(12, accepted=True)
    count = len(rig.limits())
    rig.require(5_000, True, None)
    assert rig.limits()[count:]
    assert rig.limits()[-1][1] == 5_000
    assert rig.guard.deferred_s(rig.limits()[-1][0]) == 0


@settings(max_examples=60, deadline=None)
@given(
    direction=st.sampled_from(Direction),
    restarts=st.lists(st.sampled_from([5.0, 70.0, 130.0, 400.0]), max_size=6),
)
def test_both_ends_meet(direction: Direction, restarts: list[float]) -> None:
    """A guard and a system joined in memory agree on the limit, whatever the system's restarts."""
    guard = GuardMachine(direction)
    system = LimitMachine(direction, settings=Settings(nominal_max_w=11_000.0))
    system.start(0.0)
    rig = Rig(guard)
    rig.require(3_333)
    now = 0.0
    for pause in [*restarts, 60.0]:
        guard.disconnected()
        system.start(now)
        rig.now = now
        rig.connect()
        for _, action in rig.log:
            if isinstance(action, Beat):
                system.heartbeat(now)
            elif isinstance(action, Write):
                decision = system.limit_written(action.value, now)
                guard.limit_answered(decision.accepted, now)
        rig.log.clear()
        assert system.state is State.LIMITED
        assert system.effective_w(now) == 3_333
        now += pause
        system.handle_timer(now)
