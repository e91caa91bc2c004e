"""State machine of COB; numbers in test names are rule numbers."""

from __future__ import annotations

from itertools import product

import pytest

from usecases.battery_states import (
    AC,
    DC,
    PCC,
    ROWS,
    TRANSITIONS,
    BatteryMachine,
    BatterySettings,
    Mode,
    Ruling,
    State,
    Trigger,
)

INIT, POWER, PCC_CONTROL = State.INIT, State.POWER_CONTROL, State.PCC_CONTROL
AUTO, UNCONTROLLED, FAILSAFE = State.AUTO_CONTROL, State.AUTO_UNCONTROLLED, State.FAILSAFE
WRITES = {
    Trigger.POWER_WRITTEN: ("power", POWER),
    Trigger.PCC_WRITTEN: ("pcc", PCC_CONTROL),
    Trigger.AUTO_WRITTEN: ("auto", AUTO),
    Trigger.MODE_REFUSED: ("none of them", AUTO),
}


def machine() -> BatteryMachine:
    made = BatteryMachine(BatterySettings(defaults={AC: 0.0, PCC: 100.0}, failsafe={AC: -500.0}))
    made.start(0.0)
    return made


def in_state(state: State) -> tuple[BatteryMachine, float]:
    """A machine that reached ``state`` by the writes and silences that lead there, and the time."""
    made = machine()
    if state is INIT:
        return made, 0.0
    if state is UNCONTROLLED:
        made.handle_timer(120.0)
        return made, 120.0
    made.heartbeat(10.0)
    text = {PCC_CONTROL: "pcc", AUTO: "auto"}.get(state, "power")
    made.mode_written(text, 10.0)
    if state is FAILSAFE:
        made.handle_timer(130.0)
        return made, 130.0
    return made, 10.0


@pytest.mark.parametrize("state", State, ids=lambda s: s.value)
def test_every_state_is_reached(state: State) -> None:
    assert in_state(state)[0].state is state


@pytest.mark.parametrize(
    ("state", "trigger"), list(product(State, WRITES)), ids=lambda value: value.value
)
def test_031_a_mode_with_fresh_heartbeat_moves_every_state(state: State, trigger: Trigger) -> None:
    made, now = in_state(state)
    text, target = WRITES[trigger]
    made.heartbeat(now)
    outcome = made.mode_written(text, now + 60.0)
    assert made.state is target
    assert outcome.accepted is (trigger is not Trigger.MODE_REFUSED)
    assert outcome.transition == TRANSITIONS[state, trigger]


@pytest.mark.parametrize("state", State, ids=lambda s: s.value)
def test_a_mode_without_heartbeat_in_the_preceding_60_s_counts_for_nothing(state: State) -> None:
    made, now = in_state(state)
    outcome = made.mode_written("power", now + 60.1)
    assert not outcome.accepted
    assert made.state is state


@pytest.mark.parametrize("state", [POWER, PCC_CONTROL, AUTO], ids=lambda s: s.value)
def test_913_silence_of_120_s_leads_to_failsafe(state: State) -> None:
    made, now = in_state(state)
    made.heartbeat(now + 1)
    assert made.next_deadline() == now + 121
    made.handle_timer(now + 120.9)
    assert made.state is state
    outcome = made.handle_timer(now + 121)
    assert made.state is FAILSAFE
    assert outcome.transition is not None
    assert outcome.transition.rules == ("913", "009/2")


@pytest.mark.parametrize("state", State, ids=lambda s: s.value)
def test_901_restart_leads_to_init_with_the_failsafe_setpoint(state: State) -> None:
    made, now = in_state(state)
    made.start(now + 1)
    assert made.state is INIT
    assert made.ruling() == Ruling(AC, -500.0)


def test_905_nobody_took_control_within_120_s() -> None:
    made = machine()
    made.handle_timer(119.9)
    assert made.state is INIT
    made.handle_timer(120.0)
    assert made.state is UNCONTROLLED
    assert made.ruling() == Ruling(None, None)


def test_915_failsafe_duration_over() -> None:
    made, now = in_state(FAILSAFE)
    made.handle_timer(now + 7199.9)
    assert made.state is FAILSAFE
    made.handle_timer(now + 7200.0)
    assert made.state is UNCONTROLLED


def test_916_heartbeat_is_back_but_no_mode_follows() -> None:
    made, now = in_state(FAILSAFE)
    made.heartbeat(now + 10)
    made.heartbeat(now + 60)
    made.handle_timer(now + 129.9)
    assert made.state is FAILSAFE
    made.handle_timer(now + 130.0)
    assert made.state is UNCONTROLLED


def test_every_row_belongs_to_one_state_and_trigger() -> None:
    assert len(ROWS) == len(TRANSITIONS) == 6 + 6 * 4 + 3 + 3


# ── setpoints


@pytest.mark.parametrize(
    ("state", "key", "accepted"),
    [
        (POWER, AC, True),
        (POWER, DC, True),
        (POWER, PCC, False),
        (PCC_CONTROL, PCC, True),
        (PCC_CONTROL, AC, False),
        (AUTO, AC, False),
        (FAILSAFE, AC, False),
        (INIT, AC, False),
    ],
    ids=lambda value: getattr(value, "value", str(value)),
)
def test_002_003_a_setpoint_is_taken_in_its_own_mode(
    state: State, key: str, accepted: bool
) -> None:
    made, now = in_state(state)
    outcome = made.setpoint_written(key, 1000.0, active=True, end_s=None, now=now)
    assert outcome.accepted is accepted
    assert made.state is state


def test_003_a_refused_setpoint_leaves_the_old_one() -> None:
    made, now = in_state(POWER)
    made.setpoint_written(AC, 1000.0, active=True, end_s=None, now=now)
    made.setpoint_written(PCC, 1.0, active=True, end_s=None, now=now)
    assert made.ruling() == Ruling(AC, 1000.0)


def test_005_006_917_at_its_end_the_default_holds() -> None:
    made, now = in_state(POWER)
    made.setpoint_written(AC, -1000.0, active=True, end_s=30.0, now=now)
    assert made.ruling() == Ruling(AC, -1000.0)
    assert made.next_deadline() == now + 30
    assert made.handle_timer(now + 30).ended == (AC,)
    assert made.ruling() == Ruling(AC, 0.0)


def test_005_the_duration_runs_while_inactive() -> None:
    made, now = in_state(POWER)
    made.setpoint_written(AC, -1000.0, active=False, end_s=30.0, now=now)
    assert made.ruling() == Ruling(AC, 0.0)
    assert made.handle_timer(now + 30).ended == (AC,)


def test_913_all_setpoints_are_deactivated_in_failsafe() -> None:
    made, now = in_state(POWER)
    made.setpoint_written(AC, 1000.0, active=True, end_s=None, now=now)
    assert made.handle_timer(now + 120).ended == (AC,)
    assert made.ruling() == Ruling(AC, -500.0)


def test_modes_an_inverter_lacks_are_refused() -> None:
    made = BatteryMachine(BatterySettings(modes=(Mode.POWER,)))
    made.start(0.0)
    made.heartbeat(1.0)
    assert not made.mode_written("pcc", 2.0).accepted
    assert made.state is AUTO
