"""Machines of LPC and LPP behind the behaviour interface, each end alone and both ends joined."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import pytest

from eebus_gw.vocabulary.behaviour import Action, Answer, Beat, Put, Report, Write
from eebus_gw.vocabulary.values import LimitValue
from usecases.limitation_behaviour import (
    ConsumptionGuard,
    ControllableSystem,
    EnergyGuard,
    ProductionGuard,
)
from usecases.limitation_rules import Direction, Memory, Refusal, Settings, State

HOUR = 3_600.0


@pytest.fixture(params=list(Direction), ids=lambda direction: direction.code)
def direction(request: pytest.FixtureRequest) -> Direction:
    chosen: Direction = request.param
    return chosen


@pytest.mark.parametrize(
    ("energy_manager", "key"),
    [(True, "contractual_max_w"), (False, "nominal_max_w")],
    ids=["TS-039", "TS-040"],
)
def test_start_publishes_everything(energy_manager: bool, key: str, direction: Direction) -> None:
    settings = Settings(nominal_max_w=11_000.0, energy_manager=energy_manager)
    actions = ControllableSystem(direction, settings=settings).start(0.0)
    assert [action for action in actions if isinstance(action, Put)] == [
        Put("limit", LimitValue(direction.signed(11_000.0), False, None)),
        Put("failsafe_w", 4_200.0),
        Put("failsafe_duration_s", 2 * HOUR),
        Put(key, 11_000.0),
    ]


def test_an_unknown_maximum_is_not_published(direction: Direction) -> None:
    actions = ControllableSystem(direction).start(0.0)
    keys = [action.point_key for action in actions if isinstance(action, Put)]
    assert keys == ["limit", "failsafe_w", "failsafe_duration_s"]


def test_a_write_is_answered_published_and_reported(direction: Direction) -> None:
    system = ControllableSystem(direction)
    system.start(0.0)
    system.on_heartbeat(1.0)
    limit = LimitValue(direction.signed(4_201.0), True, 60.0)
    answer, actions = system.on_write("limit", limit, 2.0)
    assert (answer.accepted, answer.error_number) == (True, 0)
    assert actions[0] == Report(
        "state",
        {
            "transition": "T2",
            "trigger": "limit_activated",
            "previous": "init",
            "state": "limited",
            "clauses": (f"{direction.code}-904",),
            "cause": None,
        },
    )
    assert actions[1] == Put("limit", limit)
    assert isinstance(actions[2], Report)
    remembered = actions[2].data["memory"]
    assert remembered == Memory(None, None, False, 4_201.0, 60.0)
    assert system.next_deadline() == 62.0
    expired = system.handle_timer(62.0)
    assert Put("limit", LimitValue(limit.watts, False, None)) in expired


def test_a_refused_write_names_its_clause(direction: Direction) -> None:
    system = ControllableSystem(direction)
    system.start(0.0)
    answer, actions = system.on_write("limit", LimitValue(0.0, True), 1.0)
    assert answer == Answer(
        False, 7, "no heartbeat within the last 60 s", f"{direction.code}-TS-036"
    )
    assert actions == []


def test_nothing_else_can_be_written(direction: Direction) -> None:
    answer, _ = ControllableSystem(direction).on_write("nominal_max_w", 1.0, 0.0)
    assert (answer.accepted, answer.error_number) == (False, 7)


def test_the_operator_and_the_device_itself(direction: Direction) -> None:
    system = ControllableSystem(direction)
    system.start(0.0)
    answer, actions = system.set_failsafe(0.0, power_w=6_000.0)
    assert answer.accepted
    assert Put("failsafe_w", 6_000.0) in actions
    system.on_heartbeat(1.0)
    system.on_write("limit", LimitValue(0.0, True), 1.0)
    reports = [a for a in system.interrupt(Refusal.LEGAL, 2.0) if isinstance(a, Report)]
    assert reports[0].data["cause"] == "legal_requirement"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("limit", LimitValue(None, True)),
        ("limit", 4_200.0),
        ("failsafe_w", -1.0),
        ("failsafe_duration_s", HOUR),
        ("nominal_max_w", 5.0),
    ],
)
def test_a_wish_no_system_may_accept_is_reported(
    key: str, value: object, direction: Direction
) -> None:
    actions = EnergyGuard(direction).on_wish(key, value, 0.0)
    assert [(a.name, a.data["key"]) for a in actions if isinstance(a, Report)] == [
        ("wish_refused", key)
    ]


@pytest.mark.parametrize(
    ("key", "value"), [("failsafe_w", 3_000.0), ("failsafe_duration_s", 7_200.0)]
)
def test_a_failsafe_value_before_the_first_limit_is_kept_and_said(
    key: str, value: float, direction: Direction
) -> None:
    guard = EnergyGuard(direction)
    guard.start(0.0)
    assert guard.on_wish(key, value, 1.0) == [Report("failsafe_deferred", {})]
    guard.on_wish("limit", LimitValue(0.0, True), 2.0)
    guard.on_heartbeat_subscribed(2.0)
    assert Write(key, value) in guard.on_written("limit", Answer(True), 3.0)


def test_guards_of_both_use_cases_need_no_arguments() -> None:
    assert ConsumptionGuard().machine.direction is Direction.CONSUME
    assert ProductionGuard().machine.direction is Direction.PRODUCE


def test_a_timed_out_opening_is_not_repeated_at_once(direction: Direction) -> None:
    guard = EnergyGuard(direction)
    guard.on_wish("limit", LimitValue(0.0, True), 0.0)
    guard.start(0.0)
    guard.on_heartbeat_subscribed(0.0)
    actions = guard.on_written("limit", Answer(False, 2), 10.0)
    assert not any(isinstance(action, Write) for action in actions)
    assert guard.next_deadline() == 55.0


@dataclass
class Link:
    """A guard and a system joined in memory; the guard beats every 50 s while it is not ``mute``."""

    guard: EnergyGuard
    system: ControllableSystem
    now: float = 0.0
    mute: bool = False
    published: dict[str, object] = field(default_factory=dict)
    writes: list[tuple[float, str, bool]] = field(default_factory=list)

    def power_up(self) -> None:
        self._publish(self.system.start(self.now))

    def connect(self) -> None:
        self._carry_out(self.guard.start(self.now))
        self._carry_out(self.guard.on_heartbeat_subscribed(self.now))
        for key, value in list(self.published.items()):
            self._carry_out(self.guard.on_update(key, value, self.now))

    def wish(self, key: str, value: object) -> None:
        self._carry_out(self.guard.on_wish(key, value, self.now))

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += 1
            if not self.mute and self.now % 50 == 0:
                self._publish(self.system.on_heartbeat(self.now))
            self._publish(self.system.handle_timer(self.now))
            self._carry_out(self.guard.handle_timer(self.now))

    def _publish(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Put):
                self.published[action.point_key] = action.value
                self._carry_out(self.guard.on_update(action.point_key, action.value, self.now))

    def _carry_out(self, actions: list[Action]) -> None:
        queue = deque(actions)
        while queue:
            action = queue.popleft()
            if isinstance(action, Beat) and not self.mute:
                self._publish(self.system.on_heartbeat(self.now))
            elif isinstance(action, Write) and not self.mute:
                answer, effects = self.system.on_write(action.point_key, action.value, self.now)
                self.writes.append((self.now, action.point_key, answer.accepted))
                queue.extend(self.guard.on_written(action.point_key, answer, self.now))
                self._publish(effects)


def joined(direction: Direction) -> Link:
    link = Link(
        EnergyGuard(direction),
        ControllableSystem(direction, settings=Settings(nominal_max_w=11_000.0)),
    )
    link.power_up()
    link.wish("limit", LimitValue(direction.signed(4_201.0), True))
    return link


def test_913_both_ends_meet_in_limited(direction: Direction) -> None:
    link = joined(direction)
    link.connect()
    assert link.writes == [(0.0, "limit", True)]
    assert link.system.machine.state is State.LIMITED
    assert link.system.machine.effective_w(link.now) == 4_201.0
    link.run(HOUR)
    assert len(link.writes) == 1


def test_failsafe_values_follow_the_limit(direction: Direction) -> None:
    link = joined(direction)
    link.wish("failsafe_w", 3_000.0)
    link.wish("failsafe_duration_s", 4 * HOUR)
    link.connect()
    assert link.writes == [
        (0.0, "limit", True),
        (0.0, "failsafe_w", True),
        (0.0, "failsafe_duration_s", True),
    ]
    assert link.published["failsafe_w"] == 3_000.0


def test_912_silence_leads_to_failsafe_and_919_the_guard_back_out(direction: Direction) -> None:
    link = joined(direction)
    link.connect()
    link.mute = True
    link.run(121)
    assert link.system.machine.state is State.FAILSAFE
    assert link.system.machine.effective_w(link.now) == 4_200.0
    link.mute = False
    link.guard.on_partner_lost(link.now)
    link.connect()
    assert link.system.machine.state is State.LIMITED


def test_ig_2_6_an_interrupted_limit_is_asked_for_again(direction: Direction) -> None:
    link = joined(direction)
    link.connect()
    link.run(10)
    link._publish(link.system.interrupt(Refusal.SAFETY, link.now))
    assert link.system.machine.state is State.UNLIMITED_CONTROLLED
    link.run(60)
    assert link.system.machine.state is State.LIMITED
