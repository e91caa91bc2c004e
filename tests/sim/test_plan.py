from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.plan import HORIZON_S, ChargingPlan, Demand, Slot, plan_charging

HOUR = 3_600.0
CHEAP_NIGHT = (
    Slot(0, 4 * HOUR, 0.30),
    Slot(4 * HOUR, 6 * HOUR, 0.10),
    Slot(6 * HOUR, HORIZON_S, 0.25),
)


def made(demand: Demand, **conditions: tuple[Slot, ...]) -> tuple[Slot, ...]:
    return plan_charging(demand, 0, min_w=4_000, max_w=10_000, **conditions).slots


def energy_wh(slots: tuple[Slot, ...]) -> float:
    return sum(slot.value * (slot.end_s - slot.start_s) for slot in slots) / HOUR


def cost(slots: tuple[Slot, ...], prices: tuple[Slot, ...]) -> float:
    return sum(
        slot.value * max(0.0, min(slot.end_s, p.end_s) - max(slot.start_s, p.start_s)) * p.value
        for slot in slots
        for p in prices
    )


def test_without_prices_it_charges_at_once() -> None:
    assert made(Demand(0, 20_000, 8 * HOUR)) == (
        Slot(0, 2 * HOUR, 10_000),
        Slot(2 * HOUR, 8 * HOUR, 0),
    )


def test_it_shifts_to_the_cheap_hours() -> None:
    assert made(Demand(0, 20_000, 8 * HOUR), prices=CHEAP_NIGHT) == (
        Slot(0, 4 * HOUR, 0),
        Slot(4 * HOUR, 6 * HOUR, 10_000),
        Slot(6 * HOUR, 8 * HOUR, 0),
    )


def test_the_minimum_comes_first_whatever_it_costs() -> None:
    assert made(Demand(5_000, 15_000, 8 * HOUR), prices=CHEAP_NIGHT) == (
        Slot(0, HOUR / 2, 10_000),
        Slot(HOUR / 2, 4 * HOUR, 0),
        Slot(4 * HOUR, 5 * HOUR, 10_000),
        Slot(5 * HOUR, 8 * HOUR, 0),
    )


def test_the_curve_caps_and_what_lies_below_the_car_s_minimum_is_unusable() -> None:
    curve = (Slot(0, HOUR, 3_000), Slot(HOUR, 2 * HOUR, 6_000))
    assert made(Demand(0, 11_000, 4 * HOUR), limits=curve) == (
        Slot(0, HOUR, 0),
        Slot(HOUR, 2 * HOUR, 6_000),
        Slot(2 * HOUR, 2.5 * HOUR, 10_000),
        Slot(2.5 * HOUR, 4 * HOUR, 0),
    )


def test_without_departure_the_plan_reaches_48_hours() -> None:
    assert made(Demand(0, 1_000, None))[-1].end_s == 172_800


def test_no_demand_is_a_plan_of_nothing() -> None:
    assert made(Demand(-3_000, -1_000, HOUR)) == (Slot(0, HOUR, 0),)


def test_the_power_of_a_moment() -> None:
    plan = ChargingPlan(100, (Slot(0, 60, 5_000), Slot(60, 90, 0)))
    assert [plan.power_w(now) for now in (99, 100, 159, 160, 190)] == [None, 5_000, 5_000, 0, None]


def test_a_slot_without_length_is_a_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        Slot(5, 5, 1)


_slot_lists = st.lists(
    st.tuples(st.integers(1, 20), st.integers(0, 12_000)), max_size=6
).map(
    lambda parts: tuple(
        Slot(900.0 * sum(width for width, _ in parts[:i]), 900.0 * sum(w for w, _ in parts[: i + 1]), float(v))
        for i, (_, v) in enumerate(parts)
    )
)  # fmt: skip


@given(
    minimum=st.floats(-10_000, 40_000),
    more=st.floats(0, 40_000),
    departure=st.none() | st.floats(60, 100_000),
    limits=_slot_lists,
    prices=_slot_lists,
)
def test_a_plan_has_no_gap_keeps_the_curve_and_never_beats_the_demand(
    minimum: float,
    more: float,
    departure: float | None,
    limits: tuple[Slot, ...],
    prices: tuple[Slot, ...],
) -> None:
    demand = Demand(minimum, minimum + more, departure)
    slots = made(demand, limits=limits, prices=prices)
    assert slots[0].start_s == 0
    assert slots[-1].end_s == (departure or HORIZON_S)
    for earlier, later in pairwise(slots):
        assert earlier.end_s == later.start_s
    for slot in slots:
        assert slot.value == 0 or 4_000 <= slot.value <= 10_000
        for limit in limits:
            if slot.start_s < limit.end_s and limit.start_s < slot.end_s:
                assert slot.value <= limit.value
    assert energy_wh(slots) <= max(0.0, demand.target_wh) + 1e-3
    at_once = made(demand, limits=limits)
    assert energy_wh(slots) == pytest.approx(energy_wh(at_once), abs=1e-3)
    if prices and minimum <= 0 and prices[-1].end_s >= slots[-1].end_s:
        assert cost(slots, prices) <= cost(at_once, prices) * (1 + 1e-9) + 1e-3
