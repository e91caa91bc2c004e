"""What both ends of LPC and LPP agree on."""

from __future__ import annotations

import math

import pytest

from usecases.limitation_rules import (
    TRANSITIONS,
    Direction,
    FailsafeDuration,
    Refusal,
    State,
    Trigger,
)

HOUR = 3_600.0


def test_001_signs_on_the_wire() -> None:
    assert Direction.CONSUME.signed(5_000) == 5_000
    assert Direction.PRODUCE.signed(5_000) == -5_000
    assert math.copysign(1, Direction.PRODUCE.signed(0.0)) == 1


@pytest.mark.parametrize(
    ("direction", "watts", "tolerant", "accepted"),
    [
        (Direction.CONSUME, 0.0, False, True),
        (Direction.CONSUME, 5.0, False, True),
        (Direction.CONSUME, -5.0, True, False),
        (Direction.PRODUCE, 0.0, False, True),
        (Direction.PRODUCE, -5.0, False, True),
        (Direction.PRODUCE, 5.0, False, False),
        (Direction.PRODUCE, 5.0, True, True),
    ],
)
def test_001_which_sign_a_limit_has(
    direction: Direction, watts: float, tolerant: bool, accepted: bool
) -> None:
    assert direction.accepts(watts, tolerate_sign=tolerant) is accepted


def test_only_the_ways_to_unlimited_autonomous_are_optional() -> None:
    optional = {row for row in TRANSITIONS.values() if row.optional}
    assert optional == {
        row for row in TRANSITIONS.values() if row.target is State.UNLIMITED_AUTONOMOUS
    }


def test_every_state_decides_every_write() -> None:
    writes = (Trigger.ACTIVATED, Trigger.DEACTIVATED, Trigger.REFUSED, Trigger.RESTARTED)
    assert all((state, write) in TRANSITIONS for state in State for write in writes)


@pytest.mark.parametrize("reason", list(Refusal))
def test_ts_035_3_an_energy_manager_may_name_every_reason(reason: Refusal) -> None:
    assert reason.permitted(energy_manager=True)
    excused = reason.permitted(energy_manager=False)
    assert excused is (reason is not Refusal.UNCONTROLLED_LOADS)


@pytest.mark.parametrize("seconds", [HOUR, 25 * HOUR, math.nan])
def test_022_1_a_preset_duration_out_of_range_is_a_mistake_of_ours(seconds: float) -> None:
    with pytest.raises(ValueError, match="2 h"):
        FailsafeDuration(seconds)
