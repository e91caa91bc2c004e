"""States and answers of the setpoint server, row by row of the use case's tables."""

from __future__ import annotations

import math

import pytest

from eebus_gw.sim.setpoint import Conditions, SetpointControl, Verdict
from eebus_gw.sim.snapshot import PowerConstraints, SetpointState

CAR = PowerConstraints(1_380, 11_040, 1_380, 11_040)
READY = Conditions(True, CAR, True)
S = SetpointState


def written(
    watts: float = -3_000, *, start_s: float | None = None, end_s: float | None = 120
) -> SetpointControl:
    control = SetpointControl()
    verdict = control.write(
        watts, active=True, start_s=start_s, end_s=end_s, conditions=READY, now=100
    )
    assert verdict.accepted
    return control


def test_active_applies_the_value_until_its_end() -> None:
    control = written()
    assert (control.state, control.watts) == (S.ACTIVE, -3_000)
    assert control.next_deadline() == 220
    assert control.update(True, 219.9) == ()
    assert control.update(True, 220) == (S.EXPIRED, S.IDLE)
    assert control.watts is None


def test_scheduled_waits_for_its_start() -> None:
    control = written(start_s=10, end_s=60)
    assert (control.state, control.watts) == (S.SCHEDULED, None)
    view = control.view(104)
    assert (view.active, view.watts, view.start_s, view.end_s) == (True, -3_000, 6, 56)
    assert control.update(True, 110) == (S.ACTIVE,)
    assert control.watts == -3_000


def test_without_an_end_the_watchdog_of_120_s_ends_it() -> None:
    control = written(end_s=None)
    assert control.update(True, 219.9) == ()
    assert control.update(True, 220) == (S.LOST,)
    assert control.view(220).active is False


def test_a_heartbeat_keeps_it_and_brings_a_lost_one_back_to_idle() -> None:
    control = written(end_s=None)
    control.hear(200)
    assert control.update(True, 319) == ()
    control.lose()
    assert control.view(330).state is S.LOST
    control.hear(400)
    assert control.view(400).state is S.IDLE


def test_a_car_that_refuses_is_not_controllable_until_it_agrees_again() -> None:
    control = written()
    assert control.update(False, 101) == (S.NOT_CONTROLLABLE,)
    assert control.view(101).changeable is False
    assert control.update(False, 102) == ()
    assert control.update(True, 103) == (S.IDLE,)


def test_inactive_ends_it() -> None:
    control = written()
    control.write(0, active=False, start_s=None, end_s=None, conditions=READY, now=101)
    assert control.state is S.IDLE


@pytest.mark.parametrize(
    ("watts", "start_s", "end_s", "conditions"),
    [
        pytest.param(3_000, None, 120, Conditions(False, CAR, True), id="not-changeable"),
        pytest.param(math.nan, None, 120, READY, id="not-finite"),
        pytest.param(math.inf, None, 120, READY, id="infinite"),
        pytest.param(11_041, None, 120, READY, id="beyond-charge-maximum"),
        pytest.param(-11_041, None, 120, READY, id="beyond-discharge-maximum"),
        pytest.param(3_000, 60, 60, READY, id="end-at-start"),
        pytest.param(3_000, None, 0, READY, id="end-now"),
        pytest.param(3_000, None, math.nan, READY, id="end-unreadable"),
        pytest.param(3_000, -1, 60, READY, id="start-past"),
        pytest.param(-3_000, None, 120, Conditions(True, CAR, False), id="discharge-forbidden"),
    ],
)
def test_refused_with_error_7_and_nothing_changes(
    watts: float, start_s: float | None, end_s: float | None, conditions: Conditions
) -> None:
    control = written(2_000)
    verdict = control.write(
        watts, active=True, start_s=start_s, end_s=end_s, conditions=conditions, now=101
    )
    assert (verdict.accepted, verdict.error_number) == (False, 7)
    assert verdict.text
    assert control.watts == 2_000


@pytest.mark.parametrize("watts", [0, 500, -500, 11_040, -11_040])
def test_accepted_in_the_gap_and_at_the_limits(watts: float) -> None:
    control = SetpointControl()
    assert control.write(
        watts, active=True, start_s=None, end_s=120, conditions=READY, now=0
    ) == Verdict(True)
