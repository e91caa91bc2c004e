"""One site limit over several wallboxes, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.site.allocation import (
    Allocation,
    AllocationRules,
    AllocationState,
    Basis,
    Command,
    Site,
    decide,
)
from eebus_gw.site.bounds import Measured
from eebus_gw.site.boxes import Box, Means
from eebus_gw.site.obedience import beyond_control_w, commanded_w
from eebus_gw.site.shares import Policy

LPC = frozenset({Means.LPC})
ALL = frozenset(Means)


def box(name: str, measured_w: float | None = 0.0, **changes: object) -> Box:
    known = {"minimum_w": 4_140.0, "maximum_w": 11_000.0, "means": LPC, **changes}
    return Box(name, measured_w=measured_w, **known)  # type: ignore[arg-type]


@dataclass
class Run:
    """A site decided again and again; keeps the last decision."""

    rules: AllocationRules = field(default_factory=AllocationRules)
    state: AllocationState = field(default_factory=AllocationState)
    last: Allocation | None = None

    def decide(self, now: float, limit_w: float | None, *boxes: Box, **site: object) -> Allocation:
        snapshot = Site(limit_w, boxes, **site)  # type: ignore[arg-type]
        self.last = decide(snapshot, self.state, now, self.rules)
        self.state = self.last.state
        return self.last


def sent(allocation: Allocation) -> dict[str, float | None]:
    return {command.box_id: command.watts for command in allocation.commands}


def held(allocation: Allocation) -> dict[str, float | None]:
    return {command.box_id: command.watts for command in allocation.held}


# -- sharing out -------------------------------------------------------------------------------


def test_a_limit_is_shared_and_commanded_at_once() -> None:
    run = Run()
    first = run.decide(0, 10_500, box("a", 11_000), box("b", 11_000))
    assert sent(first) == {"a": 5_250, "b": 5_250}
    assert [share.share_w for share in first.shares] == [5_250, 5_250]
    assert not run.decide(1, 10_500, box("a", 5_250), box("b", 5_250)).commands


def test_a_site_limit_of_zero_pauses_everybody() -> None:
    assert sent(Run().decide(0, 0, box("a"), box("b"))) == {"a": 0, "b": 0}


def test_a_minimum_is_respected_by_pausing() -> None:
    assert sent(Run().decide(0, 4_200, box("a"), box("b"))) == {"a": 4_200, "b": 0}


def test_a_release_takes_every_command_back() -> None:
    run = Run()
    run.decide(0, 4_200, box("a"), box("b"))
    released = run.decide(5, None, box("a", 4_200), box("b"))
    assert sent(released) == {"a": None, "b": None}
    assert released.budget_w is None


def test_without_a_limit_nothing_is_commanded() -> None:
    assert not Run().decide(0, None, box("a"), box("b")).commands


def test_a_box_without_a_car_gets_nothing_and_is_held_down() -> None:
    allocation = Run().decide(0, 11_000, box("a"), box("b", None, wants=False))
    assert sent(allocation) == {"a": 11_000, "b": 0}


def test_a_car_that_stops_keeps_a_share_nobody_needs() -> None:
    """Without it, it would wait when it starts again: LPC is widened only every five minutes."""
    run = Run()
    run.decide(0, 4_200, box("a"))
    assert not run.decide(1, 4_200, box("a", 0, wants=False)).commands
    assert sent(run.decide(2, 7_000, box("a", 0, wants=False))) == {"a": 7_000}
    assert sent(run.decide(3, 4_200, box("a", 0, wants=False))) == {"a": 4_200}


def test_what_a_car_that_stops_keeps_goes_to_one_that_starts() -> None:
    run = Run()
    run.decide(0, 4_200, box("a", 4_200), box("b", 0, wants=False))
    started = run.decide(1, 4_200, box("a", 0, wants=False), box("b", 0))
    assert sent(started) == {"a": 0, "b": 4_200}


def test_two_cars_that_stop_keep_what_they_have() -> None:
    run = Run()
    run.decide(0, 12_000, box("a", 11_000, wants=True), box("b", 0, wants=False))
    assert not run.decide(1, 12_000, box("a", 0, wants=False), box("b", 0, wants=False)).commands


def test_reservations_and_margin_come_off_first() -> None:
    allocation = Run().decide(0, 10_000, box("a"), reserved_w=3_000.0, margin_w=200.0)
    assert (allocation.budget_w, sent(allocation)) == (6_800, {"a": 6_800})


@pytest.mark.parametrize(
    ("means", "best"),
    [
        (ALL, Means.LPC),
        (frozenset({Means.OPEV, Means.PAUSE}), Means.OPEV),
        (frozenset({Means.PAUSE}), Means.PAUSE),
    ],
)
def test_the_best_means_a_box_offers(means: frozenset[Means], best: Means) -> None:
    allocation = Run().decide(0, 11_000, box("a", means=means))
    assert allocation.commands == (Command("a", 11_000, best),)


def test_the_policy_decides_about_the_rest() -> None:
    boxes = (box("a", priority=1), box("b"))
    run = Run(AllocationRules(policy=Policy.PRIORITY))
    assert sent(run.decide(0, 12_000, *boxes)) == {"a": 7_860, "b": 4_140}


# -- reductions before increases ---------------------------------------------------------------


def two_sharing_then_one_less() -> Run:
    run = Run()
    run.decide(0, 12_000, box("a", 6_000), box("b", 6_000))
    return run


def test_an_increase_waits_for_the_reduction_to_show() -> None:
    run = two_sharing_then_one_less()
    wanting_less = {"demand_w": 4_140.0}
    changed = run.decide(10, 12_000, box("a", 6_000, **wanting_less), box("b", 6_000))
    assert (sent(changed), held(changed)) == ({"a": 4_140}, {"b": 7_860})
    still = run.decide(12, 12_000, box("a", 5_000, **wanting_less), box("b", 6_000))
    assert (sent(still), held(still)) == ({}, {"b": 7_860})
    shown = run.decide(13, 12_000, box("a", 4_140, **wanting_less), box("b", 6_000))
    assert (sent(shown), held(shown)) == ({"b": 7_860}, {})


def test_a_reduction_that_is_effective_already_holds_nothing_up() -> None:
    run = two_sharing_then_one_less()
    changed = run.decide(10, 12_000, box("a", 4_000, demand_w=4_140.0), box("b", 6_000))
    assert sent(changed) == {"a": 4_140, "b": 7_860}


def test_an_unmetered_box_is_believed() -> None:
    run = two_sharing_then_one_less()
    unmetered = box("a", None, metered=False, demand_w=4_140.0)
    assert sent(run.decide(10, 12_000, unmetered, box("b", 6_000))) == {"a": 4_140, "b": 7_860}


def test_the_next_look_is_due_when_the_time_to_follow_is_over() -> None:
    run = two_sharing_then_one_less()
    changed = run.decide(10, 12_000, box("a", 6_000, demand_w=4_140.0), box("b", 6_000))
    assert changed.next_at == 18


# -- disobedience ------------------------------------------------------------------------------


def test_the_others_are_paused_when_one_does_not_follow() -> None:
    run = Run()
    boxes = (box("a", 11_000, means=ALL), box("b", 4_200), box("c", 4_200))
    run.decide(0, 12_600, *boxes)
    assert run.decide(7, 12_600, *boxes).alarm is None
    judged = run.decide(8, 12_600, *boxes)
    assert sent(judged) == {"a": 0, "b": 0, "c": 0}
    assert [share.obeying for share in judged.shares] == [False, True, True]
    assert judged.alarm is not None
    assert (judged.alarm.excess_w, judged.alarm.boxes) == (0, ("a",))


def test_an_excess_that_no_command_changes_raises_the_alarm() -> None:
    run = Run()
    boxes = (box("a", 11_000), box("b", 4_200))
    run.decide(0, 9_000, *boxes)
    alarm = run.decide(8, 9_000, *boxes).alarm
    assert alarm is not None
    assert (alarm.excess_w, alarm.boxes) == (2_000, ("a",))


def test_a_large_limit_is_no_excuse_either() -> None:
    run = Run()
    boxes = (box("a", 11_000), box("b", 9_000), box("c", 9_000))
    run.decide(0, 27_000, *boxes)
    judged = run.decide(8, 27_000, *boxes)
    assert sent(judged) == {"a": 0, "b": 0, "c": 0}
    assert judged.alarm is not None


def test_ever_stronger_means_are_tried_then_the_last_again() -> None:
    run = Run()
    stubborn = box("a", 11_000, means=ALL)
    tried = []
    for now in range(100):
        tried += [(now, *run.decide(now, 5_000, stubborn).commands)]
    commands = [(now, one[0].watts, one[0].means) for now, *one in tried if one]
    assert commands == [
        (0, 5_000, Means.LPC),
        (8, 0, Means.OPEV),
        (16, 0, Means.PAUSE),
        (46, 0, Means.PAUSE),
        (76, 0, Means.PAUSE),
    ]


def test_a_penitent_box_gets_its_share_after_five_minutes() -> None:
    run = Run()
    run.decide(0, 5_000, box("a", 11_000, means=ALL))
    run.decide(8, 5_000, box("a", 11_000, means=ALL))
    calm = box("a", 0.0, means=ALL)
    assert not run.decide(20, 5_000, calm).commands
    assert run.last is not None
    assert run.last.next_at == 320
    assert run.decide(320, 5_000, calm).commands == (Command("a", 5_000, Means.LPC),)


def test_while_it_follows_its_pause_the_others_go_on() -> None:
    run = Run()
    run.decide(0, 9_000, box("a", 11_000), box("b", 4_500))
    run.decide(8, 9_000, box("a", 11_000), box("b", 4_500))
    assert sent(run.decide(12, 9_000, box("a", 0), box("b", 0))) == {"b": 9_000}


def test_a_stale_measurement_counts_as_the_maximum() -> None:
    run = Run()
    run.decide(0, 12_600, box("a", 6_300), box("b", 6_300))
    run.decide(10, 12_600, box("a", None), box("b", 6_300))
    judged = run.decide(18, 12_600, box("a", None), box("b", 6_300))
    assert sent(judged) == {"a": 0, "b": 0}
    assert judged.alarm is None
    seen_again = run.decide(30, 12_600, box("a", 0), box("b", 0))
    assert sent(seen_again) == {"a": 6_300, "b": 6_300}


# -- boxes out of reach ------------------------------------------------------------------------


def test_a_lost_box_counts_until_its_failsafe_limit_then_with_that() -> None:
    run = Run()
    boxes = (box("a", 5_000, failsafe_w=1_400.0), box("b", 5_000))
    run.decide(0, 10_000, *boxes)
    lost = box("a", None, failsafe_w=1_400.0, reachable=False)
    assert not run.decide(10, 10_000, lost, box("b", 5_000)).commands
    assert sent(run.decide(131, 10_000, lost, box("b", 5_000))) == {"b": 8_600}


def test_a_lost_box_under_opev_counts_with_its_maximum() -> None:
    run = Run()
    opev = frozenset({Means.OPEV})
    run.decide(0, 10_000, box("a", 5_000, means=opev), box("b", 5_000))
    gone = run.decide(10, 10_000, box("a", None, means=opev, reachable=False), box("b", 5_000))
    assert sent(gone) == {"b": 0}
    assert gone.alarm is not None


def test_a_box_that_returns_is_told_again_before_others_get_more() -> None:
    run = Run()
    run.decide(0, 10_000, box("a", 5_000, failsafe_w=1_400.0), box("b", 5_000))
    run.decide(10, 10_000, box("a", None, failsafe_w=1_400.0, reachable=False), box("b", 5_000))
    run.decide(200, 10_000, box("a", None, failsafe_w=1_400.0, reachable=False), box("b", 5_000))
    back = run.decide(210, 10_000, box("a", 1_400, failsafe_w=1_400.0), box("b", 8_600))
    assert sent(back) == {"a": 5_000, "b": 5_000}


def test_a_box_that_is_removed_is_forgotten() -> None:
    run = Run()
    run.decide(0, 10_000, box("a"), box("b"))
    assert set(run.decide(1, 10_000, box("b")).state.boxes) == {"b"}


# -- turns -------------------------------------------------------------------------------------


def test_paused_cars_take_turns() -> None:
    run = Run()
    charging: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    measured = dict.fromkeys("abc", 0.0)
    for now in range(0, 2_700, 30):
        allocation = run.decide(now, 4_200, *(box(name, measured[name]) for name in "abc"))
        for name, state in allocation.state.boxes.items():
            measured[name] = commanded_w(box(name), state)
            if measured[name] > 0:
                charging[name].append(now)
    assert {name: (min(times), max(times)) for name, times in charging.items()} == {
        "a": (0, 870),
        "b": (930, 1_770),
        "c": (1_830, 2_670),
    }


def test_a_turn_is_not_cut_short_by_a_newcomer() -> None:
    run = Run()
    run.decide(0, 4_200, box("b", 4_200))
    assert sent(run.decide(60, 4_200, box("a"), box("b", 4_200))) == {"a": 0}


# -- basis -------------------------------------------------------------------------------------

METER = AllocationRules(basis=Basis.METER)


@pytest.mark.parametrize(
    ("grid_w", "budget_w"),
    [
        pytest.param(6_000, 9_000, id="house-draws-1-kw"),
        pytest.param(5_000, 10_000, id="house-draws-nothing"),
        pytest.param(2_000, 13_000, id="surplus-of-3-kw"),
        pytest.param(20_000, 0, id="house-alone-exceeds"),
    ],
)
def test_basis_meter_leaves_what_the_house_leaves(grid_w: float, budget_w: float) -> None:
    allocation = Run(METER).decide(0, 10_000, box("a", 5_000), grid=Measured(grid_w, 0.0))
    assert allocation.budget_w == budget_w


def test_basis_meter_leaves_nothing_before_the_meter_has_told() -> None:
    """After a restart the house draws what it drew before, only nobody knows it yet."""
    run = Run(METER)
    assert run.decide(0, 10_000, box("a", 5_000)).budget_w == 0
    told = run.decide(5, 10_000, box("a", 5_000), grid=Measured(6_000, 5.0))
    assert told.budget_w == 9_000
    assert Run(METER).decide(0, None, box("a", 5_000)).budget_w is None


def test_basis_controlled_ignores_the_meter() -> None:
    allocation = Run().decide(0, 10_000, box("a", 5_000), grid=Measured(20_000, 0.0))
    assert allocation.budget_w == 10_000


def test_a_silent_meter_leaves_the_last_house_load_but_no_surplus() -> None:
    run = Run(METER)
    run.decide(0, 10_000, box("a", 5_000), grid=Measured(7_000, 0.0))
    assert run.decide(60, 10_000, box("a", 5_000), grid=Measured(7_000, 0.0)).budget_w == 8_000
    run.decide(70, 10_000, box("a", 5_000), grid=Measured(0, 70.0))
    assert run.decide(90, 10_000, box("a", 5_000)).budget_w == 10_000


def test_a_stale_box_does_not_make_the_house_look_smaller() -> None:
    run = Run(METER)
    fresh = run.decide(0, 10_000, box("a", 5_000), box("b", 4_000), grid=Measured(9_000, 0.0))
    assert fresh.budget_w == 10_000
    stale = run.decide(6, 10_000, box("a", None), box("b", 4_000), grid=Measured(9_000, 6.0))
    assert stale.budget_w == 5_000


def test_a_car_that_the_house_has_stopped_does_not_go_on_with_each_kettle() -> None:
    run = Run(METER)
    car = box("a", 4_140)
    assert sent(run.decide(0, 5_000, car, grid=Measured(5_000, 0.0))) == {"a": 4_140}
    assert sent(run.decide(10, 5_000, car, grid=Measured(5_010, 10.0))) == {"a": 0}
    stopped = box("a", 0)
    waiting = run.decide(20, 5_000, stopped, grid=Measured(800, 20.0))
    assert sent(waiting) == {}
    assert waiting.next_at == 70
    assert sent(run.decide(70, 5_000, stopped, grid=Measured(800, 70.0))) == {"a": 4_200}


def test_a_car_that_waited_for_the_meter_goes_on_with_its_first_reading() -> None:
    run = Run(METER)
    assert sent(run.decide(0, 5_000, box("a"))) == {"a": 0}
    assert sent(run.decide(1, 5_000, box("a"), grid=Measured(800, 1.0))) == {"a": 4_200}


# -- laws --------------------------------------------------------------------------------------

MEANS = st.sampled_from([LPC, ALL, frozenset({Means.OPEV}), frozenset({Means.PAUSE}), frozenset()])


@st.composite
def sites(draw: st.DrawFn) -> Site:
    boxes = []
    for name in draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4)):
        minimum = draw(st.sampled_from([0.0, 1_380.0, 4_140.0]))
        boxes.append(
            Box(
                name,
                minimum,
                minimum + draw(st.sampled_from([0.0, 2_300.0, 6_860.0])),
                draw(MEANS),
                wants=draw(st.booleans()),
                demand_w=draw(st.sampled_from([None, 0.0, 2_000.0, 20_000.0])),
                measured_w=draw(st.sampled_from([None, 0.0, 3_000.0, 12_000.0])),
                metered=draw(st.booleans()),
                failsafe_w=draw(st.sampled_from([None, 0.0, 4_200.0])),
                reachable=draw(st.sampled_from([True, True, True, False])),
                priority=draw(st.integers(0, 1)),
            )
        )
    limit = draw(st.sampled_from([None, 0.0, 4_200.0, 7_560.0, 15_000.0, 40_000.0]))
    return Site(limit, tuple(boxes))


@settings(max_examples=200, deadline=None)
@given(data=st.data(), policy=st.sampled_from(Policy))
def test_the_commanded_sum_is_within_the_limit_after_every_step(
    data: st.DataObject, policy: Policy
) -> None:
    state, now = AllocationState(), 0.0
    rules = AllocationRules(policy=policy)
    site = data.draw(sites())
    for _ in range(data.draw(st.integers(1, 12))):
        now += data.draw(st.sampled_from([0.0, 1.0, 8.0, 130.0, 1_000.0]))
        if data.draw(st.booleans()):
            site = data.draw(sites())
        before = state
        allocation = decide(site, state, now, rules)
        state = allocation.state
        if site.limit_w is None:
            assert all(share.share_w is None for share in allocation.shares)
            continue
        beyond = sum(beyond_control_w(one, state.boxes[one.id], now) for one in site.boxes)
        commanded = sum(
            commanded_w(one, state.boxes[one.id]) for one in site.boxes if one.controllable
        )
        shared = sum(share.share_w or 0.0 for share in allocation.shares)
        assert commanded <= max(0.0, site.limit_w - beyond) + 1e-6
        assert shared <= max(0.0, site.limit_w - beyond) + 1e-6
        others = sum(
            beyond_control_w(one, state.boxes[one.id], now)
            for one in site.boxes
            if one.id not in allocation.taken_w
        )
        taken = sum(allocation.taken_w.values())
        assert taken <= max(0.0, site.limit_w - others) + 1e-6
        assert (allocation.alarm is not None) >= (beyond > site.limit_w)
        for command in allocation.held:
            told = before.boxes.get(command.box_id)
            assert told is not None
            assert told.commanded_w is not None
            assert command.watts is None or command.watts > told.commanded_w
        repeated = decide(site, state, now, rules)
        assert repeated.commands == ()


@dataclass
class Car:
    """Follows a command after ``delay_s``, or never."""

    delay_s: float | None
    power_w: float = 11_000.0
    pending: list[tuple[float, float]] = field(default_factory=list)

    def told(self, watts: float | None, now: float) -> None:
        if self.delay_s is not None:
            self.pending.append((now + self.delay_s, 11_000.0 if watts is None else watts))

    def step(self, now: float) -> None:
        for _, watts in [item for item in self.pending if item[0] <= now]:
            self.power_w = watts
        self.pending = [item for item in self.pending if item[0] > now]


@settings(max_examples=60, deadline=None)
@given(
    delays=st.lists(st.sampled_from([0.0, 1.0, 3.0, 5.0, None]), min_size=1, max_size=4),
    limits=st.lists(
        st.tuples(
            st.sampled_from([None, 0.0, 4_200.0, 9_000.0, 20_000.0]), st.sampled_from([15, 40])
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_measured_power_is_above_the_limit_for_less_than_ten_seconds(
    delays: list[float | None], limits: list[tuple[float | None, int]]
) -> None:
    """Otherwise every car that obeys is paused and the alarm is on; two decisions a second."""
    run = Run()
    cars = {f"car-{number}": Car(delay) for number, delay in enumerate(delays)}
    now, above_since = 0.0, None
    for limit_w, seconds in limits:
        above_since = None
        for _ in range(2 * seconds):
            boxes = [box(name, car.power_w) for name, car in cars.items()]
            allocation = run.decide(now, limit_w, *boxes)
            for command in allocation.commands:
                cars[command.box_id].told(command.watts, now)
            now += 0.5
            for car in cars.values():
                car.step(now)
            total = sum(car.power_w for car in cars.values())
            if limit_w is None or total <= limit_w + 200.0 * len(cars):
                above_since = None
                continue
            above_since = now if above_since is None else above_since
            if now - above_since < 10:
                continue
            assert None in delays
            assert allocation.alarm is not None
            told = [state.commanded_w for state in run.state.boxes.values()]
            assert told == [0.0] * len(cars)
