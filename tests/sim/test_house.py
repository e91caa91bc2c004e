"""The house as physics: what balances, what is bounded, and how the inverter sees to itself."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.house import AT_REST, ON_ITS_OWN, House, HouseOptions, Order, Rule, sun

HOUR = 3_600.0
SETTLED_S = 6.0
"""Reaction and ramp across the whole range of the default inverter are over."""

POWERS = st.floats(0, 12_000).map(round)
ORDERS = st.one_of(
    st.just(ON_ITS_OWN),
    st.builds(Order, st.just(Rule.BATTERY_POWER), st.integers(-9_000, 9_000)),
    st.builds(Order, st.just(Rule.GRID_POWER), st.integers(-9_000, 9_000)),
)
MOMENTS = st.lists(
    st.tuples(
        POWERS,
        st.one_of(st.none(), POWERS),
        st.integers(-11_000, 22_000),
        ORDERS,
        st.floats(0.05, 400.0),
    ),
    min_size=1,
    max_size=12,
)
HOUSES = st.builds(
    HouseOptions,
    capacity_wh=st.sampled_from([0.0, 400.0, 10_000.0]),
    soc_percent=st.floats(0, 100),
    pv_peak_w=st.sampled_from([0.0, 8_000.0]),
    max_w=st.sampled_from([2_000.0, 5_000.0]),
)


def house(hour: float = 12.0, **options: float | None) -> House:
    return House(HouseOptions(**{"pv_w": 0.0, **options}), now=0.0, hour=hour)  # type: ignore[arg-type]


# ── laws


@settings(max_examples=60, deadline=None)
@given(HOUSES, MOMENTS, st.floats(0, 24))
def test_laws(
    options: HouseOptions,
    moments: list[tuple[int, int | None, int, Order, float]],
    hour: float,
) -> None:
    model, now = House(options, now=0.0, hour=hour), 0.0
    before = model.step(now)
    consumed_wh = 0.0
    for load_w, pv_w, other_w, order, seconds in moments:
        model.load_w, model.pv_w, model.other_w, model.order = load_w, pv_w, other_w, order
        now += seconds
        seen = model.step(now)
        consumed_wh += (load_w + other_w) * seconds / HOUR
        assert seen.now == now
        # The meter shows what there is behind it.
        balance = seen.load_w + seen.other_w + seen.battery_w - seen.pv_w
        assert seen.grid_w == pytest.approx(balance, abs=1e-9)
        # Counters rise, and balance as the powers do.
        for counter in ("drawn_wh", "fed_in_wh", "charged_wh", "discharged_wh", "yield_wh"):
            assert getattr(seen, counter) >= getattr(before, counter)
        stored = seen.charged_wh - seen.discharged_wh
        net = seen.drawn_wh - seen.fed_in_wh
        assert net == pytest.approx(consumed_wh + stored - seen.yield_wh, abs=1e-6)
        # What cannot be.
        assert abs(seen.battery_w) <= options.max_w
        assert 0 <= seen.pv_w <= max(options.pv_peak_w, pv_w or 0)
        if not options.pv_peak_w:
            assert seen.pv_w == seen.yield_wh == 0
        if seen.soc_percent is None:
            assert seen.battery_w == stored == 0
        else:
            assert 0 <= seen.soc_percent <= 100
            floor = min(options.reserve_percent, before.soc_percent or 0.0)
            assert seen.soc_percent >= floor - 1e-6
        before = seen


@settings(max_examples=40, deadline=None)
@given(POWERS, POWERS, st.integers(-11_000, 22_000), st.floats(0, 100))
def test_on_its_own_the_battery_neither_feeds_in_nor_charges_from_the_grid(
    load_w: int, pv_w: int, other_w: int, soc: float
) -> None:
    model = house(load_w=load_w, pv_w=pv_w, soc_percent=soc)
    model.other_w = other_w
    seen = model.step(SETTLED_S)
    rest_w = load_w + other_w - pv_w
    assert min(0, -rest_w) <= seen.battery_w <= max(0, -rest_w)
    assert seen.grid_w == 0 or seen.grid_w * rest_w > 0


@settings(max_examples=40, deadline=None)
@given(POWERS, POWERS, st.integers(-3_000, 3_000))
def test_the_power_at_the_meter_is_kept_as_far_as_the_inverter_reaches(
    load_w: int, pv_w: int, watts: int
) -> None:
    model = house(load_w=load_w, pv_w=pv_w)
    model.order = Order(Rule.GRID_POWER, watts)
    seen = model.step(SETTLED_S)
    wanted = watts - load_w + pv_w
    assert seen.battery_w == max(-5_000, min(5_000, wanted))
    if abs(wanted) <= 5_000:
        assert seen.grid_w == watts


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.05, 30.0), min_size=2, max_size=20), ORDERS)
def test_how_often_one_looks_changes_nothing_that_lasts(strides: list[float], order: Order) -> None:
    often, once = house(load_w=700.0), house(load_w=700.0)
    often.order = once.order = order
    now = 0.0
    for seconds in strides:
        now += seconds
        often.step(now)
    frequent, seldom = often.step(now + SETTLED_S), once.step(now + SETTLED_S)
    assert frequent.battery_w == seldom.battery_w
    # Within a ramp, steps may fall differently.
    assert frequent.drawn_wh == pytest.approx(seldom.drawn_wh, abs=1.0)
    assert frequent.soc_percent == pytest.approx(seldom.soc_percent, abs=0.02)


# ── what a battery does


def test_surplus_is_stored_until_the_battery_is_full_and_then_fed_in() -> None:
    model = house(load_w=500.0, pv_w=3_500.0, soc_percent=80.0, capacity_wh=5_000.0)
    assert model.step(5.0).battery_w == 3_000.0
    assert model.step(5.0).grid_w == 0.0
    slower = model.step(20 * 60.0)
    assert slower.soc_percent is not None
    assert 95 < slower.soc_percent < 99
    assert 250 < slower.battery_w < 3_000
    full = model.step(3 * HOUR)
    assert full.soc_percent == pytest.approx(100.0)
    assert full.battery_w == pytest.approx(0.0, abs=1e-6)
    assert full.grid_w == pytest.approx(-3_000.0)


def test_the_load_is_covered_down_to_the_reserve() -> None:
    model = house(load_w=1_000.0, soc_percent=10.0)
    assert model.step(5.0).battery_w == -1_000.0
    empty = model.step(HOUR)
    assert empty.soc_percent == pytest.approx(5.0)
    assert empty.battery_w == pytest.approx(0.0, abs=1e-6)
    assert empty.grid_w == pytest.approx(1_000.0)
    assert empty.discharged_wh == pytest.approx(500 * 0.92, abs=0.1)


def test_a_battery_below_its_reserve_is_charged_and_not_discharged() -> None:
    model = house(load_w=1_000.0, soc_percent=2.0)
    assert model.step(60.0).battery_w == 0.0
    model.order = Order(Rule.BATTERY_POWER, 2_000.0)
    assert model.step(120.0).battery_w == 2_000.0


def test_losses_in_both_directions() -> None:
    model = house(load_w=0.0)
    model.order = Order(Rule.BATTERY_POWER, 1_000.0)
    charged = model.step(HOUR)
    assert charged.soc_percent == pytest.approx(50 + charged.charged_wh * 0.92 / 100)
    model.order = Order(Rule.BATTERY_POWER, -1_000.0)
    back = model.step(2 * HOUR)
    assert back.soc_percent == pytest.approx(
        50 + back.charged_wh * 0.92 / 100 - back.discharged_wh / 0.92 / 100
    )


def test_the_inverter_reacts_and_ramps() -> None:
    model = house(load_w=0.0)
    model.order = Order(Rule.BATTERY_POWER, 5_000.0)
    assert model.step(0.4).battery_w == 0.0
    assert 1_000 < model.step(1.2).battery_w < 2_500
    assert model.step(2.7).battery_w == 5_000.0
    model.order = AT_REST
    assert model.step(3.2).battery_w == 0.0


def test_orders_beyond_the_inverter_are_followed_as_far_as_it_can() -> None:
    model = house(load_w=0.0, max_w=3_000.0)
    model.order = Order(Rule.BATTERY_POWER, -9_000.0)
    assert model.step(10.0).battery_w == -3_000.0


def test_currents_are_spread_evenly() -> None:
    seen = house(load_w=6_900.0, capacity_wh=0.0).step(1.0)
    assert seen.current_a == (10.0, 10.0, 10.0)


# ── the sun


@pytest.mark.parametrize(
    ("hour", "share"), [(0, 0), (6, 0), (13, 1), (20, 0), (23, 0), (30, 0), (37, 1)]
)
def test_the_sun_of_a_day(hour: float, share: float) -> None:
    assert sun(hour) == pytest.approx(share)


def test_the_sun_rises_until_13_and_sinks_after() -> None:
    morning = [sun(h / 10) for h in range(60, 131)]
    assert morning == sorted(morning)
    assert [sun(26 - h / 10) for h in range(60, 131)] == pytest.approx(morning)


def test_the_local_time_is_handed_in_and_goes_on() -> None:
    model = House(HouseOptions(capacity_wh=0.0), now=1_000.0, hour=12.0)
    assert model.step(1_000.0).pv_w == pytest.approx(8_000 * sun(12))
    assert model.step(1_000.0 + HOUR).pv_w == pytest.approx(8_000.0)
    assert model.step(1_000.0 + 9 * HOUR).pv_w == 0.0
    a_day = House(HouseOptions(capacity_wh=0.0), now=0.0, hour=0.0).step(24 * HOUR)
    shares = math.fsum(sun(h / 100) for h in range(2400)) / 100
    assert a_day.yield_wh == pytest.approx(8_000 * shares, rel=1e-3)


def test_time_never_goes_back() -> None:
    model = house(load_w=1_000.0, capacity_wh=0.0)
    later = model.step(HOUR)
    assert model.step(0.0) == later


@pytest.mark.parametrize("name", ["pv_peak_w", "pv_w", "max_w"])
def test_powers_below_zero_are_no_house(name: str) -> None:
    with pytest.raises(LocalProtocolError, match="positive"):
        House(replace(HouseOptions(), **{name: -1.0}), now=0.0)
