"""How a budget is divided, who waits, and the failsafe limits of a site."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.site.boxes import Box, BoxState, Means
from eebus_gw.site.shares import Policy, Turn, divide, plan_failsafe

LPC = frozenset({Means.LPC})
A = Box("a", 4_140, 11_000, LPC)
B = Box("b", 4_140, 11_000, LPC)
C = Box("c", 1_380, 3_680, LPC)
PAUSE_ONLY = Box("p", 1_380, 3_680, frozenset({Means.PAUSE}))


@pytest.mark.parametrize(
    ("budget_w", "boxes", "policy", "shares"),
    [
        pytest.param(30_000, [A, B], Policy.EQUAL, [11_000, 11_000], id="plenty"),
        pytest.param(10_500, [A, B], Policy.EQUAL, [5_250, 5_250], id="equal"),
        pytest.param(10_501, [A, B], Policy.EQUAL, [5_250, 5_250], id="whole-watts"),
        pytest.param(12_000, [A, B, C], Policy.EQUAL, [4_160, 4_160, 3_680], id="minimum-first"),
        pytest.param(20_000, [A, B, C], Policy.EQUAL, [8_160, 8_160, 3_680], id="cap"),
        pytest.param(4_200, [A, B], Policy.EQUAL, [4_200, 0], id="one-waits"),
        pytest.param(4_200, [B, A], Policy.EQUAL, [4_200, 0], id="the-order-decides"),
        pytest.param(5_600, [A, B, C], Policy.EQUAL, [4_140, 0, 1_460], id="a-smaller-one-fits"),
        pytest.param(4_139, [A, B], Policy.EQUAL, [0, 0], id="below-every-minimum"),
        pytest.param(0, [A, B, C], Policy.EQUAL, [0, 0, 0], id="zero"),
        pytest.param(12_000, [A, B], Policy.PRIORITY, [7_860, 4_140], id="priority"),
        pytest.param(16_000, [A, B], Policy.PRIORITY, [11_000, 5_000], id="priority-cap"),
        pytest.param(
            12_000,
            [replace(A, demand_w=10_000), replace(B, demand_w=5_000)],
            Policy.DEMAND,
            [7_860, 4_140],
            id="demand-minimum",
        ),
        pytest.param(
            13_500,
            [replace(A, demand_w=10_000), replace(B, demand_w=5_000)],
            Policy.DEMAND,
            [9_000, 4_500],
            id="demand",
        ),
        pytest.param(
            30_000,
            [replace(A, demand_w=4_000), B],
            Policy.EQUAL,
            [0, 11_000],
            id="wish-below-minimum",
        ),
        pytest.param(
            9_000, [replace(A, demand_w=0), B], Policy.EQUAL, [0, 9_000], id="wish-of-nothing"
        ),
        pytest.param(5_000, [PAUSE_ONLY], Policy.EQUAL, [3_680], id="all-of-it"),
        pytest.param(3_000, [PAUSE_ONLY], Policy.EQUAL, [0], id="or-nothing"),
        pytest.param(
            3_000, [replace(C, minimum_w=0, id="z")], Policy.EQUAL, [3_000], id="without-minimum"
        ),
    ],
)
def test_divide(budget_w: float, boxes: list[Box], policy: Policy, shares: list[float]) -> None:
    divided = divide(budget_w, boxes, policy)
    assert [divided[box.id] for box in boxes] == shares


BOXES = st.lists(
    st.builds(
        lambda number, minimum, extra, demand, pause_only: Box(
            f"box-{number}",
            minimum,
            minimum + extra,
            frozenset({Means.PAUSE}) if pause_only else LPC,
            demand_w=demand,
        ),
        st.integers(0, 10_000),
        st.floats(0, 5_000),
        st.floats(0, 10_000),
        st.one_of(st.none(), st.floats(0, 15_000)),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda box: box.id,
)


@given(budget_w=st.floats(0, 60_000), boxes=BOXES, policy=st.sampled_from(Policy))
def test_shares_never_exceed_the_budget_nor_go_below_a_minimum(
    budget_w: float, boxes: list[Box], policy: Policy
) -> None:
    divided = divide(budget_w, boxes, policy)
    assert sum(divided.values()) <= budget_w + 1e-6
    for box in boxes:
        share = divided[box.id]
        assert share == 0 or box.lowest_w - 1e-9 <= share <= box.cap_w + 1e-6


@given(boxes=BOXES, policy=st.sampled_from(Policy))
def test_a_budget_for_all_is_given_to_all(boxes: list[Box], policy: Policy) -> None:
    divided = divide(sum(box.maximum_w for box in boxes) + 1, boxes, policy)
    for box in boxes:
        if box.cap_w >= box.lowest_w:
            assert divided[box.id] >= box.cap_w - 1.001


@pytest.mark.parametrize(
    ("states", "order"),
    [
        pytest.param([BoxState(), BoxState(), BoxState()], "abc", id="all-new"),
        pytest.param(
            [BoxState(waiting_since=50), BoxState(granted_at=90), BoxState(waiting_since=20)],
            "bca",
            id="within-its-turn-then-longest-waiting",
        ),
        pytest.param(
            [BoxState(granted_at=-900), BoxState(granted_at=90), BoxState(waiting_since=20)],
            "bca",
            id="turn-is-over",
        ),
    ],
)
def test_turns(states: list[BoxState], order: str) -> None:
    boxes = [A, B, replace(C, priority=9)]
    named = dict(zip("abc", states, strict=True))
    turn = Turn(Policy.EQUAL, 900)
    assert "".join(box.id for box in turn.order(boxes, named, 100.0)) == order


def test_priority_outranks_turns() -> None:
    named = {"a": BoxState(granted_at=90), "c": BoxState(waiting_since=99)}
    boxes = [A, replace(C, priority=9)]
    turn = Turn(Policy.PRIORITY, 900)
    assert [box.id for box in turn.order(boxes, named, 100.0)] == ["c", "a"]


# -- failsafe ----------------------------------------------------------------------------------

OPEV = Box("o", 1_380, 3_680, frozenset({Means.OPEV}))


@pytest.mark.parametrize(
    ("site_w", "reserved_w", "boxes", "shares", "excess_w"),
    [
        pytest.param(10_000, 0, [A, B], {"a": 5_000, "b": 5_000}, 0, id="split"),
        pytest.param(4_200, 0, [A, B], {"a": 4_200, "b": 0}, 0, id="one-box-only"),
        pytest.param(
            4_200, 0, [A, replace(B, priority=1)], {"a": 0, "b": 4_200}, 0, id="the-preferred-one"
        ),
        pytest.param(10_000, 1_720, [A, B], {"a": 4_140, "b": 4_140}, 0, id="reserved"),
        pytest.param(10_000, 0, [A, OPEV], {"a": 6_320}, 0, id="opev-counts-its-maximum"),
        pytest.param(
            10_000, 0, [A, replace(OPEV, failsafe_w=1_380)], {"a": 8_620}, 0, id="safe-current"
        ),
        pytest.param(3_000, 0, [A, OPEV], {"a": 0}, 680, id="too-much-without-lpc"),
        pytest.param(
            10_000,
            0,
            [replace(A, wants=False, demand_w=0), B],
            {"a": 5_000, "b": 5_000},
            0,
            id="whatever-car-is-there",
        ),
    ],
)
def test_failsafe_limits_stay_within_the_sites(
    site_w: float, reserved_w: float, boxes: list[Box], shares: dict[str, float], excess_w: float
) -> None:
    plan = plan_failsafe(site_w, boxes, reserved_w=reserved_w)
    assert (plan.shares_w, plan.excess_w) == (shares, excess_w)
