"""Ramp, pause at zero and reversals of one vehicle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eebus_gw.site.ramp import RampSettings, RampState, step

SETTINGS = RampSettings()


def go(state: RampState, target_w: float, now: float, **bounds: float) -> RampState:
    limits = {"lowest_w": -10_000.0, "highest_w": 11_000.0, **bounds}
    return step(state, target_w, now, settings=SETTINGS, **limits)


@pytest.mark.parametrize(
    ("position_w", "target_w", "seconds", "reached_w"),
    [
        pytest.param(0, 5_000, 0.5, 500, id="up"),
        pytest.param(5_000, 0, 0.5, 4_500, id="down"),
        pytest.param(0, 200, 0.5, 200, id="arrives"),
        pytest.param(0, 5_000, 60, 1_000, id="never-more-than-one-second-at-once"),
        pytest.param(300, -5_000, 1, 0, id="stops-at-zero"),
        pytest.param(0, 5_000, -1, 0, id="time-does-not-run-back"),
    ],
)
def test_reach(position_w: float, target_w: float, seconds: float, reached_w: float) -> None:
    state = RampState(position_w, at=0.0, direction=1 if position_w else 0)
    assert go(state, target_w, seconds).position_w == reached_w


def test_the_first_step_knows_no_time_to_make_good() -> None:
    assert go(RampState(), 5_000, 1_000.0).position_w == 0


@pytest.mark.parametrize(
    ("bounds", "position_w"),
    [({"highest_w": 1_000.0}, 1_000), ({"highest_w": 0.0}, 0)],
    ids=["lowered", "forbidden"],
)
def test_bounds_cut_at_once(bounds: dict[str, float], position_w: float) -> None:
    state = RampState(5_000, at=0.0, direction=1)
    assert go(state, 5_000, 0.001, **bounds).position_w == position_w


def test_being_cut_to_zero_starts_the_pause() -> None:
    state = go(RampState(5_000, at=0.0, direction=1), -5_000, 1.0, highest_w=0.0)
    assert (state.position_w, state.zero_since) == (0, 1.0)
    assert go(state, -5_000, 5.9).position_w == 0
    assert go(replace(state, at=5.5), -5_000, 6.0).position_w == -500


def test_the_same_direction_again_needs_no_pause() -> None:
    state = go(RampState(100, at=0.0, direction=1), 0, 1.0)
    assert go(state, 3_000, 1.5).position_w == 500


def test_reversals_are_counted_for_an_hour() -> None:
    state = RampState(0.0, at=10.0, direction=1, zero_since=0.0, reversals=(5.0,))
    state = go(state, -3_000, 11.0)
    assert state.reversals == (5.0, 11.0)
    assert state.reversals_left(SETTINGS, 3_604.9) == 10
    assert state.reversals_left(SETTINGS, 3_605.0) == 11
    assert state.reversals_left(SETTINGS, 3_611.0) == 12
