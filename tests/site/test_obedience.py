"""Whether a wallbox follows, and what it counts as."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eebus_gw.site.boxes import Box, BoxState, Means
from eebus_gw.site.obedience import ObedienceRules, assumed_w, beyond_control_w, follows, observe

RULES = ObedienceRules()
BOX = Box("a", 1_380, 11_000, frozenset(Means), measured_w=4_000.0, failsafe_w=1_400.0)
TOLD = BoxState(commanded_w=4_000.0, means=Means.LPC)


@pytest.mark.parametrize(
    ("changes", "assumed", "obeys"),
    [
        pytest.param({}, 4_000, True, id="on-the-spot"),
        pytest.param({"measured_w": 4_200.0}, 4_200, True, id="within-tolerance"),
        pytest.param({"measured_w": 4_201.0}, 4_201, False, id="beyond-tolerance"),
        pytest.param({"measured_w": None}, 11_000, False, id="stale-counts-as-maximum"),
        pytest.param({"measured_w": None, "metered": False}, 4_000, True, id="unmetered"),
        pytest.param({"measured_w": None, "wants": False}, 0, True, id="no-car"),
        pytest.param({"measured_w": 5_000.0, "wants": False}, 5_000, False, id="idle-but-drawing"),
        pytest.param({"measured_w": None, "reachable": False}, 11_000, True, id="unreachable"),
    ],
)
def test_what_a_box_is_taken_to_draw(
    changes: dict[str, object], assumed: float, obeys: bool
) -> None:
    box = replace(BOX, **changes)  # type: ignore[arg-type]
    assert assumed_w(box, TOLD) == assumed
    assert follows(box, TOLD, RULES) is obeys


def test_a_box_has_eight_seconds_to_follow() -> None:
    over = replace(BOX, measured_w=9_000.0)
    state = replace(TOLD, reduced_at=0.0, over_since=0.0)
    state = observe(over, state, 7.9, RULES)
    assert state.unruly_since is None
    assert observe(over, state, 8.0, RULES).unruly_since == 8.0
    assert observe(BOX, state, 8.0, RULES).over_since is None


def test_ever_new_reductions_buy_twice_the_time_at_most() -> None:
    over = replace(BOX, measured_w=9_000.0)
    state = replace(TOLD, over_since=0.0)
    for now in (3.0, 6.0, 9.0, 12.0, 15.0):
        state = observe(over, replace(state, reduced_at=now), now, RULES)
        assert state.unruly_since is None
    assert observe(over, state, 16.0, RULES).unruly_since == 16.0


@pytest.mark.parametrize(("seen", "trusted_at"), [(True, 310.0), (False, 10.0)])
def test_trust_comes_back_slowly_after_disobedience_at_once_after_silence(
    seen: bool, trusted_at: float
) -> None:
    state = replace(TOLD, unruly_since=5.0, over_since=0.0, seen_over=seen)
    state = observe(BOX, state, 10.0, RULES)
    assert (state.unruly_since is None) is (trusted_at == 10.0)
    state = observe(BOX, state, trusted_at - 0.1, RULES)
    assert observe(BOX, state, trusted_at, RULES).unruly_since is None


def test_a_relapse_starts_the_waiting_again() -> None:
    state = replace(TOLD, unruly_since=5.0, seen_over=True, calm_since=10.0)
    state = observe(replace(BOX, measured_w=9_000.0), state, 200.0, RULES)
    assert state.calm_since is None
    assert observe(BOX, state, 311.0, RULES).unruly_since == 5.0


@pytest.mark.parametrize(
    ("changes", "state", "counted_w"),
    [
        pytest.param({}, TOLD, 0, id="controlled"),
        pytest.param({"means": frozenset()}, TOLD, 11_000, id="no-means"),
        pytest.param({"means": frozenset(), "wants": False}, TOLD, 4_000, id="no-means-no-car"),
        pytest.param(
            {"measured_w": 12_000.0},
            replace(TOLD, unruly_since=0.0, over_since=0.0),
            12_000,
            id="unruly",
        ),
        pytest.param({}, replace(TOLD, unruly_since=0.0), 0, id="unruly-but-following"),
        pytest.param(
            {"reachable": False}, replace(TOLD, lost_at=-100.0), 4_000, id="lost-within-120-s"
        ),
        pytest.param(
            {"reachable": False}, replace(TOLD, lost_at=-121.0), 1_400, id="lost-in-failsafe"
        ),
        pytest.param(
            {"reachable": False}, BoxState(lost_at=-100.0), 11_000, id="lost-and-never-told"
        ),
        pytest.param(
            {"reachable": False, "failsafe_w": None},
            replace(TOLD, lost_at=-900.0),
            11_000,
            id="lost-with-unknown-failsafe",
        ),
        pytest.param(
            {"reachable": False, "means": frozenset({Means.OPEV})},
            replace(TOLD, lost_at=-900.0),
            11_000,
            id="lost-under-opev",
        ),
    ],
)
def test_what_is_beyond_control(
    changes: dict[str, object], state: BoxState, counted_w: float
) -> None:
    assert beyond_control_w(replace(BOX, **changes), state, 0.0) == counted_w  # type: ignore[arg-type]


def test_a_box_that_comes_back_knows_no_command() -> None:
    away = observe(replace(BOX, reachable=False), TOLD, 5.0, RULES)
    assert away.lost_at == 5.0
    back = observe(BOX, away, 9.0, RULES)
    assert (back.lost_at, back.commanded_w, back.means) == (None, None, None)
