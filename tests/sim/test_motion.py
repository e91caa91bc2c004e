from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.sim.motion import Dynamics, Motion


def run(motion: Motion, start: float, end: float) -> float:
    """Moves in steps of 0.1 s from ``start`` to ``end``; returns the last power."""
    for tick in range(round((end - start) * 10)):
        at = start + tick / 10
        motion.move(motion.target_w(at), at, 0.1)
    return motion.power_w


def test_an_increase_waits_for_the_reaction_and_then_climbs_a_kilowatt_a_second() -> None:
    motion = Motion(Dynamics())
    motion.command(3_000, 0.0)
    assert run(motion, 0.0, 1.5) == 0
    assert run(motion, 1.5, 2.5) == pytest.approx(1_000)
    assert run(motion, 2.5, 10.0) == 3_000


def test_a_reduction_is_there_within_half_a_second() -> None:
    motion = Motion(Dynamics())
    motion.command(11_000, 0.0)
    run(motion, 0.0, 20.0)
    motion.command(4_140, 20.0)
    assert run(motion, 20.0, 20.3) == 11_000
    assert run(motion, 20.3, 20.5) == 4_140


def test_a_reduction_overtakes_an_increase_that_still_waits() -> None:
    motion = Motion(Dynamics())
    motion.command(6_000, 0.0)
    run(motion, 0.0, 10.0)
    motion.command(9_000, 10.0)
    motion.command(0, 10.2)
    assert run(motion, 10.0, 11.0) == 0


@pytest.mark.parametrize("reversal_s", [1.0, 5.0])
def test_a_reversal_rests_at_zero(reversal_s: float) -> None:
    motion = Motion(Dynamics(reversal_s=reversal_s))
    motion.command(3_000, 0.0)
    run(motion, 0.0, 10.0)
    motion.command(-3_000, 10.0)
    assert run(motion, 10.0, 10.5) == 0
    rested = 10.4 + max(reversal_s, 1.1)
    assert run(motion, 10.5, rested - 0.2) == 0
    assert run(motion, rested - 0.2, rested + 1.0) < -500
    assert run(motion, rested + 1.0, 25.0) == -3_000


@given(
    commands=st.lists(
        st.tuples(st.floats(-11_000, 11_000), st.integers(1, 80)), min_size=1, max_size=20
    )
)
def test_the_power_arrives_at_the_last_command_and_never_jumps_up(
    commands: list[tuple[float, int]],
) -> None:
    motion = Motion(Dynamics())
    at = 0.0
    for power_w, ticks in [*commands, (commands[-1][0], 300)]:
        motion.command(power_w, at)
        for _ in range(ticks):
            before = motion.power_w
            after = motion.move(motion.target_w(at), at, 0.1)
            assert abs(after) - abs(before) <= 100 + 1e-6
            assert before * after >= 0
            at += 0.1
    assert motion.power_w == commands[-1][0]
