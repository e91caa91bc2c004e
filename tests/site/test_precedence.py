"""One vehicle's limiting chain, step by step, then its laws."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.errors import LocalProtocolError
from eebus_gw.site.bounds import (
    Cause,
    FeedInRule,
    Limits,
    Measured,
    PowerRange,
    Vehicle,
)
from eebus_gw.site.departure import EnergyNeeds
from eebus_gw.site.precedence import Rules, VehicleDecision, VehicleState, admit, decide
from eebus_gw.site.ramp import RampSettings

POWER = PowerRange(
    charge_min_w=1_400, charge_max_w=11_000, discharge_min_w=1_000, discharge_max_w=10_000
)
STOCK = EnergyNeeds(
    minimum_wh=-20_000,
    target_wh=10_000,
    maximum_wh=30_000,
    window_known=False,
    below_target_permitted=True,
)
ALLOWED = FeedInRule(limit_w=None)
FREE = Vehicle(power=POWER, needs=STOCK, discharge_permitted=True, feed_in=ALLOWED)
SUDDEN = Rules(ramp=RampSettings(watts_per_s=1e9, dwell_s=0.0, reversals_per_hour=10_000))
WARM = replace(VehicleState(), ramp=replace(VehicleState().ramp, at=0.0))


def once(vehicle: Vehicle, wish_w: float | None, rules: Rules = SUDDEN) -> VehicleDecision:
    """The decision when no ramp is in the way."""
    return decide(vehicle, wish_w, WARM, 10.0, rules)


# -- steps 1 and 2: ceilings -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "wish_w", "commanded_w", "cause"),
    [
        pytest.param(Limits(), 5_000, 5_000, None, id="nothing-bounds"),
        pytest.param(Limits(), 12_000, 11_000, Cause.CAR_MAXIMUM, id="car-charge"),
        pytest.param(Limits(), -12_000, -10_000, Cause.CAR_MAXIMUM, id="car-discharge"),
        pytest.param(Limits(consumption_w=4_200), 9_000, 4_200, Cause.GRID_CONSUMPTION, id="lpc"),
        pytest.param(Limits(consumption_w=0), 9_000, 0, Cause.GRID_CONSUMPTION, id="lpc-zero"),
        pytest.param(
            Limits(contractual_w=8_000), 9_000, 8_000, Cause.GRID_CONSUMPTION, id="contract"
        ),
        pytest.param(
            Limits(overload_charge_w=6_900), 9_000, 6_900, Cause.OVERLOAD, id="opev-charge"
        ),
        pytest.param(Limits(production_w=2_000), -9_000, -2_000, Cause.GRID_PRODUCTION, id="lpp"),
        pytest.param(
            Limits(overload_discharge_w=3_000), -9_000, -3_000, Cause.OVERLOAD, id="opev-discharge"
        ),
        pytest.param(
            Limits(overload_charge_w=4_000, consumption_w=4_000),
            9_000,
            4_000,
            Cause.OVERLOAD,
            id="the-higher-ranking-of-equals",
        ),
        pytest.param(Limits(consumption_w=4_200), -9_000, -9_000, None, id="lpc-leaves-discharge"),
        pytest.param(Limits(production_w=0), 9_000, 9_000, None, id="lpp-leaves-charge"),
        pytest.param(
            Limits(consumption_w=math.nan), 9_000, 0, Cause.GRID_CONSUMPTION, id="no-number"
        ),
    ],
)
def test_ceilings(limits: Limits, wish_w: float, commanded_w: float, cause: Cause | None) -> None:
    decision = once(replace(FREE, limits=limits), wish_w)
    assert (decision.commanded_w, decision.limited_by) == (commanded_w, cause)
    assert decision.applied is (cause is None)


def test_a_full_battery_takes_nothing() -> None:
    full = replace(FREE, needs=replace(STOCK, target_wh=-1_000, maximum_wh=0))
    decision = once(full, 5_000)
    assert (decision.commanded_w, decision.limited_by) == (0, Cause.CAR_MAXIMUM)


# -- step 3: permission ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vehicle", "cause", "refusal"),
    [
        pytest.param(
            replace(FREE, data_stale=True), Cause.STALE_DATA, "data_missing", id="s1-stale"
        ),
        pytest.param(
            replace(FREE, needs=EnergyNeeds()), Cause.STALE_DATA, "data_missing", id="s1-unknown"
        ),
        pytest.param(
            replace(FREE, needs=replace(STOCK, target_wh=-30_000)),
            Cause.STALE_DATA,
            "data_missing",
            id="requests-out-of-order",
        ),
        pytest.param(
            replace(FREE, needs=replace(STOCK, minimum_wh=0)),
            Cause.DRIVER_MINIMUM,
            "driver_minimum",
            id="s1-minimum-just-reached",
        ),
        pytest.param(
            replace(FREE, discharge_permitted=False),
            Cause.DISCHARGE_PERMISSION,
            "discharge_not_permitted",
            id="s1-not-permitted",
        ),
        pytest.param(
            replace(FREE, needs=replace(STOCK, below_target_permitted=False)),
            Cause.DISCHARGE_PERMISSION,
            "discharge_not_permitted",
            id="s1-below-target",
        ),
        pytest.param(
            replace(FREE, feed_in=FeedInRule(0.0)),
            Cause.FEED_IN,
            "feed_in_not_allowed",
            id="s9-no-meter",
        ),
        pytest.param(replace(FREE, budget_left_wh=0.0), Cause.BUDGET, None, id="budget"),
        pytest.param(
            replace(FREE, limits=Limits(production_w=0.0)), Cause.GRID_PRODUCTION, None, id="lpp"
        ),
    ],
)
def test_discharging_is_forbidden(vehicle: Vehicle, cause: Cause, refusal: str | None) -> None:
    decision = once(vehicle, -3_000)
    assert (decision.commanded_w, decision.limited_by) == (0, cause)
    assert not decision.discharge_allowed
    assert decision.refusal() == refusal
    assert once(vehicle, 5_000).commanded_w == 5_000


@pytest.mark.parametrize(
    ("vehicle", "watts"),
    [
        pytest.param(replace(FREE, needs=replace(STOCK, minimum_wh=-20)), 2_400, id="minimum"),
        pytest.param(replace(FREE, budget_left_wh=10.0), 1_200, id="budget"),
    ],
)
def test_an_energy_that_runs_out_is_approached(vehicle: Vehicle, watts: float) -> None:
    assert once(vehicle, -9_000).commanded_w == -watts


# -- feed-in (S9) ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "grid", "vehicle_w", "commanded_w"),
    [
        pytest.param(FeedInRule(0.0, 0.0), Measured(3_000, 9.0), 0, -3_000, id="house-load"),
        pytest.param(FeedInRule(0.0), Measured(3_000, 9.0), 0, -2_900, id="margin"),
        pytest.param(FeedInRule(0.0, 0.0), Measured(0, 9.0), -3_000, -3_000, id="already-covering"),
        pytest.param(FeedInRule(0.0, 0.0), Measured(-2_000, 9.0), 0, 0, id="surplus"),
        pytest.param(FeedInRule(2_000.0, 0.0), Measured(3_000, 9.0), 0, -5_000, id="limit"),
        pytest.param(FeedInRule(2_000.0, 0.0), Measured(-1_500, 9.0), 0, 0, id="pv-uses-the-limit"),
        pytest.param(FeedInRule(0.0), Measured(3_000, -0.1), 0, 0, id="meter-older-than-10-s"),
        pytest.param(FeedInRule(0.0), Measured(3_000, 11.0), 0, 0, id="meter-from-the-future"),
        pytest.param(FeedInRule(0.0), Measured(math.nan, 9.0), 0, 0, id="meter-says-nothing"),
        pytest.param(FeedInRule(2_000.0), None, 0, 0, id="no-meter"),
        pytest.param(FeedInRule(None), None, 0, -9_000, id="allowed"),
    ],
)
def test_feed_in_rule(
    rule: FeedInRule, grid: Measured | None, vehicle_w: float, commanded_w: float
) -> None:
    vehicle = replace(FREE, feed_in=rule, grid=grid, measured=Measured(vehicle_w, 9.0))
    assert once(vehicle, -9_000).commanded_w == commanded_w


def test_s9_without_the_vehicles_own_power_the_house_is_unknown() -> None:
    vehicle = replace(FREE, feed_in=FeedInRule(0.0), grid=Measured(5_000, 9.0), measured=None)
    assert once(vehicle, -9_000).commanded_w == 0


# -- step 4: the driver's minimum --------------------------------------------------------------


@pytest.mark.parametrize("wish_w", [-5_000.0, 0.0, 2_000.0, None])
def test_a_missing_minimum_is_charged_at_once(wish_w: float | None) -> None:
    vehicle = replace(
        FREE,
        needs=replace(STOCK, minimum_wh=100),
        limits=Limits(consumption_w=4_200),
    )
    decision = once(vehicle, wish_w)
    assert (decision.commanded_w, decision.limited_by) == (4_200, Cause.DRIVER_MINIMUM)


def test_a_missing_minimum_only_forbids_discharging_when_it_may_wait() -> None:
    vehicle = replace(FREE, needs=replace(STOCK, minimum_wh=100))
    rules = replace(SUDDEN, minimum_at_once=False)
    assert once(vehicle, -5_000, rules).commanded_w == 0
    assert once(vehicle, 2_000, rules).commanded_w == 2_000


def test_a_limit_too_low_to_charge_is_named_instead_of_the_need() -> None:
    vehicle = replace(
        FREE, needs=replace(STOCK, minimum_wh=100), limits=Limits(consumption_w=1_000)
    )
    decision = once(vehicle, 0.0)
    assert (decision.commanded_w, decision.applied) == (0, True)
    assert once(vehicle, 5_000).limited_by is Cause.GRID_CONSUMPTION


# -- step 5: the gap ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish_w", "commanded_w", "cause"),
    [
        (1_399, 0, Cause.GAP),
        (1_400, 1_400, None),
        (-999, 0, Cause.GAP),
        (-1_000, -1_000, None),
        (0, 0, None),
    ],
)
def test_the_gap_around_zero(wish_w: float, commanded_w: float, cause: Cause | None) -> None:
    decision = once(FREE, wish_w)
    assert (decision.commanded_w, decision.limited_by) == (commanded_w, cause)


def test_what_a_limit_within_the_gap_has_stopped_rests_for_a_while() -> None:
    """The house draws by turns a little less and a little more than the smallest power and the margin."""

    def bound(watts: float) -> Vehicle:
        return replace(FREE, limits=Limits(production_w=watts))

    giving = decide(bound(1_050), -5_000, WARM, 10.0, SUDDEN)
    assert giving.commanded_w == -1_050
    stopped = decide(bound(950), -5_000, giving.state, 11.0, SUDDEN)
    assert stopped.commanded_w == 0
    for vehicle, wish_w, at, commanded_w in (
        (bound(1_050), -5_000, 12.0, 0),
        (bound(1_050), -5_000, 40.9, 0),
        (bound(1_050), -5_000, 41.0, -1_050),
        (bound(1_050), 5_000, 12.0, 5_000),
    ):
        decision = decide(vehicle, wish_w, stopped.state, at, SUDDEN)
        assert decision.commanded_w == commanded_w
        if not commanded_w:
            assert decision.limited_by is Cause.GRID_PRODUCTION
            assert decision.state.rest == stopped.state.rest


def test_after_a_wish_within_the_gap_nothing_rests() -> None:
    giving = decide(FREE, -5_000, WARM, 10.0, SUDDEN)
    nothing = decide(FREE, -500, giving.state, 11.0, SUDDEN)
    assert nothing.commanded_w == 0
    assert decide(FREE, -5_000, nothing.state, 12.0, SUDDEN).commanded_w == -5_000


def test_a_limit_within_the_gap_keeps_its_name() -> None:
    decision = once(replace(FREE, limits=Limits(consumption_w=1_000)), 5_000)
    assert (decision.commanded_w, decision.limited_by) == (0, Cause.GRID_CONSUMPTION)


# -- step 6: ramp, dwell, reversals ------------------------------------------------------------


@dataclass
class Drive:
    """A vehicle decided every half second."""

    vehicle: Vehicle = FREE
    rules: Rules = field(default_factory=Rules)
    state: VehicleState = field(default_factory=VehicleState)
    now: float = 0.0
    last: VehicleDecision | None = None

    def run(self, wish_w: float | None, seconds: float, step_s: float = 0.5) -> list[float]:
        commanded = []
        end = self.now + seconds
        while self.now < end:
            self.now += step_s
            self.last = decide(self.vehicle, wish_w, self.state, self.now, self.rules)
            self.state = self.last.state
            commanded.append(self.last.commanded_w)
        return commanded


def test_the_ramp_is_1000_w_per_second() -> None:
    drive = Drive()
    drive.run(0.0, 1)
    assert (
        drive.run(5_000, 6) == [0, 0, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500] + [5_000] * 3
    )
    assert drive.run(3_000, 2) == [4_500, 4_000, 3_500, 3_000]


def test_the_ramp_says_so() -> None:
    drive = Drive()
    drive.run(5_000, 2)
    assert drive.last is not None
    assert (drive.last.limited_by, drive.last.applied) == (Cause.RAMP, False)
    assert drive.last.next_at == drive.now + 1.0


def test_a_long_silence_is_no_licence_to_jump() -> None:
    drive = Drive()
    drive.run(0.0, 1)
    drive.now += 600
    assert drive.run(5_000, 0.5) == [0]
    assert drive.state.ramp.position_w == 1_000


def test_reversal_reaches_zero_dwells_and_goes_on() -> None:
    drive = Drive()
    drive.run(3_000, 5)
    commanded = drive.run(-3_000, 12)
    assert commanded[:5] == [2_500, 2_000, 1_500, 0, 0]
    zeros = commanded.count(0) - 1
    assert zeros * 0.5 >= 5.0
    assert commanded[-1] == -3_000
    assert len(drive.state.ramp.reversals) == 1


def test_a_long_pause_at_zero_needs_no_further_dwell() -> None:
    drive = Drive()
    drive.run(3_000, 5)
    drive.run(0, 20)
    assert drive.run(-3_000, 3)[-1] == -3_000


@pytest.mark.parametrize(
    ("change", "wish_w", "expected"),
    [
        pytest.param({"limits": Limits(production_w=1_500)}, -5_000, -1_500, id="s2-lpp"),
        pytest.param({"limits": Limits(overload_discharge_w=0)}, -5_000, 0, id="opev"),
        pytest.param({"data_stale": True}, -5_000, 0, id="s1-stale"),
        pytest.param({"discharge_permitted": False}, -5_000, 0, id="s1-permission"),
        pytest.param({"feed_in": FeedInRule(0.0)}, -5_000, 0, id="s9-feed-in"),
        pytest.param({"limits": Limits(consumption_w=4_200)}, 9_000, 4_200, id="s2-lpc"),
        pytest.param({"limits": Limits(consumption_w=0)}, 9_000, 0, id="s2-lpc-zero"),
    ],
)
def test_limits_and_safety_are_not_ramped(
    change: dict[str, object], wish_w: float, expected: float
) -> None:
    drive = Drive()
    drive.run(wish_w, 15)
    drive.vehicle = replace(FREE, **change)  # type: ignore[arg-type]
    assert drive.run(wish_w, 0.5) == [expected]


def test_a_released_limit_is_ramped() -> None:
    drive = Drive(replace(FREE, limits=Limits(consumption_w=4_200)))
    drive.run(9_000, 10)
    drive.vehicle = FREE
    assert drive.run(9_000, 1) == [4_700, 5_200]


def test_reversals_per_hour_are_budgeted_for_the_energy_manager_only() -> None:
    drive = Drive(rules=Rules(ramp=RampSettings(1_000.0, 5.0, reversals_per_hour=2)))
    drive.run(2_000, 10)
    drive.run(-2_000, 20)
    drive.run(2_000, 20)
    assert set(drive.run(-2_000, 20)[-10:]) == {0}
    assert drive.last is not None
    assert drive.last.limited_by is Cause.BUDGET
    drive.run(-2_000, 3_600, step_s=10)
    assert drive.last.commanded_w == -2_000


def test_a_missing_minimum_may_reverse_once_more() -> None:
    drive = Drive(rules=Rules(ramp=RampSettings(1_000.0, 5.0, reversals_per_hour=0)))
    drive.run(-3_000, 10)
    drive.vehicle = replace(FREE, needs=replace(STOCK, minimum_wh=10))
    assert drive.run(-3_000, 30)[-1] == 11_000


# -- step 7: departure guard -------------------------------------------------------------------


def test_discharging_ends_when_the_target_is_only_just_met() -> None:
    """0.9 × 11 kW × T ≤ 10 kWh + 0.5 kWh from T = 3818 s on."""
    vehicle = replace(FREE, needs=replace(STOCK, departure_at=4_000.0))
    at = {
        now: decide(vehicle, -5_000, replace(WARM, ramp=replace(WARM.ramp, at=now)), now, SUDDEN)
        for now in (100.0, 181.0, 182.0)
    }
    assert [decision.lowest_w for decision in at.values()] == [-10_000, -10_000, 0]
    assert at[182.0].limited_by in (Cause.DEPARTURE, Cause.RAMP)
    assert at[182.0].state.charging_for_departure


def test_the_departure_makes_an_idle_car_charge() -> None:
    drive = Drive(replace(FREE, needs=replace(STOCK, departure_at=1_000.0)))
    assert drive.run(None, 20)[-1] == 11_000
    assert drive.last is not None
    assert drive.last.limited_by is Cause.DEPARTURE


def test_a_target_that_is_met_needs_no_guard() -> None:
    needs = replace(STOCK, target_wh=-5_000, departure_at=1_000.0)
    assert once(replace(FREE, needs=needs), -3_000).commanded_w == -3_000


def test_the_guard_does_not_let_go_at_the_first_watt() -> None:
    needs = replace(STOCK, target_wh=9_000, departure_at=3_600.0)
    charging = replace(WARM, charging_for_departure=True)
    for state, departing in ((WARM, False), (charging, True)):
        decision = decide(replace(FREE, needs=needs), 0.0, state, 0.0, SUDDEN)
        assert decision.state.charging_for_departure is departing


# -- wishes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("watts", "admitted"),
    [
        (5_000, 5_000),
        (13_200, 11_000),
        (13_201, None),
        (-12_000, -10_000),
        (-12_001, None),
        (500, 500),
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
    ],
)
def test_s6_setpoints_are_clamped_up_to_a_fifth_beyond(
    watts: float, admitted: float | None
) -> None:
    assert admit(watts, POWER) == admitted


def test_a_car_that_cannot_discharge_refuses_to() -> None:
    assert admit(-1, PowerRange(1_400, 11_000)) is None


def test_a_wish_that_is_no_number_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(LocalProtocolError):
        once(FREE, math.nan)


@pytest.mark.parametrize(
    ("default_w", "commanded_w"), [(0.0, 0.0), (2_000.0, 2_000.0), (None, 11_000.0)]
)
def test_without_a_wish_the_default_holds(default_w: float | None, commanded_w: float) -> None:
    decision = once(FREE, None, replace(SUDDEN, default_w=default_w))
    assert (decision.commanded_w, decision.applied) == (commanded_w, True)


# -- laws --------------------------------------------------------------------------------------

WATTS = st.sampled_from([None, 0.0, 900.0, 1_500.0, 4_200.0, 20_000.0])


@st.composite
def vehicles(draw: st.DrawFn, now: float) -> Vehicle:
    energy = st.one_of(st.none(), st.floats(-20_000, 20_000))
    grid_at = draw(st.sampled_from([now, now - 5.0, now - 11.0]))
    return Vehicle(
        power=POWER,
        needs=EnergyNeeds(
            minimum_wh=draw(energy),
            target_wh=draw(energy),
            maximum_wh=draw(energy),
            cycling_min_wh=draw(energy),
            cycling_max_wh=draw(energy),
            window_known=draw(st.booleans()),
            below_target_permitted=draw(st.booleans()),
            departure_at=draw(st.sampled_from([None, now + 600.0, now + 50_000.0])),
        ),
        limits=Limits(*(draw(WATTS) for _ in range(5))),
        discharge_permitted=draw(st.booleans()),
        data_stale=draw(st.sampled_from([False, False, False, True])),
        measured=draw(st.sampled_from([None, Measured(0.0, now), Measured(-4_000.0, now)])),
        grid=draw(st.sampled_from([None, Measured(3_000.0, grid_at), Measured(-500.0, grid_at)])),
        feed_in=FeedInRule(draw(st.sampled_from([None, 0.0, 1_000.0])), 0.0),
        budget_left_wh=draw(st.sampled_from([None, 0.0, 5_000.0])),
    )


def least(*watts: float | None) -> float:
    return min((one for one in watts if one is not None), default=math.inf)


def assert_within(vehicle: Vehicle, decision: VehicleDecision) -> None:
    """The rules again, in other words than the code's."""
    limits, needs, power = vehicle.limits, vehicle.needs, decision.commanded_w
    if power > 0:
        assert power >= POWER.charge_min_w
        assert power <= least(
            POWER.charge_max_w, limits.consumption_w, limits.overload_charge_w, limits.contractual_w
        )
        assert needs.maximum_wh is None or needs.maximum_wh > 0
    if power < 0:
        assert -power >= POWER.discharge_min_w
        assert -power <= least(
            POWER.discharge_max_w, limits.production_w, limits.overload_discharge_w
        )
        assert vehicle.discharge_permitted
        assert not vehicle.data_stale
        assert needs.minimum_wh is not None
        assert needs.minimum_wh < 0
        assert needs.below_target_permitted or (needs.target_wh is not None and needs.target_wh < 0)
        if needs.window_known:
            assert needs.cycling_min_wh is not None
            assert needs.cycling_max_wh is not None
            assert needs.cycling_min_wh < 0 <= needs.cycling_max_wh
        assert vehicle.budget_left_wh is None or vehicle.budget_left_wh > 0
        if vehicle.feed_in.limit_w is not None:
            assert vehicle.grid is not None
            assert vehicle.measured is not None
            house = vehicle.grid.watts - vehicle.measured.watts
            assert -power <= max(0.0, house + vehicle.feed_in.limit_w)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_order_of_events_commands_beyond_a_rule(data: st.DataObject) -> None:
    state, now = VehicleState(), 0.0
    vehicle = data.draw(vehicles(now))
    for _ in range(data.draw(st.integers(1, 12))):
        now += data.draw(st.sampled_from([0.0, 0.1, 1.0, 10.0, 4_000.0]))
        if data.draw(st.booleans()):
            vehicle = data.draw(vehicles(now))
        vehicle = replace(
            vehicle, grid=vehicle.grid and replace(vehicle.grid, at=min(vehicle.grid.at, now))
        )
        wish = data.draw(st.one_of(st.none(), st.floats(-15_000, 15_000)))
        before = state.ramp
        decision = decide(vehicle, wish, state, now, Rules())
        state = decision.state
        assert_within(vehicle, decision)
        assert decision.applied is (decision.limited_by is None)
        assert decision.lowest_w <= decision.commanded_w <= decision.highest_w
        moved_away = abs(state.ramp.position_w) - abs(before.position_w)
        assert (
            moved_away <= 1_000.0 * min(1.0, now - (now if before.at is None else before.at)) + 1e-6
        )
        assert before.position_w * state.ramp.position_w >= 0


@settings(max_examples=50, deadline=None)
@given(
    wishes=st.lists(st.sampled_from([-9_000.0, -1_200.0, 0.0, 9_000.0]), min_size=1, max_size=8),
    stop=st.sampled_from(["stale", "permission", "minimum", "feed_in", "production"]),
)
def test_the_safe_state_is_reached_in_the_very_next_decision(
    wishes: list[float], stop: str
) -> None:
    drive = Drive()
    for wish in wishes:
        drive.run(wish, 15)
    drive.vehicle = {
        "stale": replace(FREE, data_stale=True),
        "permission": replace(FREE, discharge_permitted=False),
        "minimum": replace(FREE, needs=replace(STOCK, minimum_wh=0.0)),
        "feed_in": replace(FREE, feed_in=FeedInRule(0.0)),
        "production": replace(FREE, limits=Limits(production_w=0.0)),
    }[stop]
    assert drive.run(-9_000, 0.5)[0] >= 0


@settings(max_examples=25, deadline=None)
@given(
    wishes=st.lists(st.sampled_from([-9_000.0, -3_000.0, 0.0]), min_size=1, max_size=12),
    stock_wh=st.floats(0, 400),
)
def test_a_battery_is_never_drained_below_the_drivers_minimum(
    wishes: list[float], stock_wh: float
) -> None:
    """Decisions every five seconds against a battery that follows, with 90 % efficiency."""
    state, now = VehicleState(), 0.0
    for wish in wishes * 6:
        for _ in range(4):
            now += 5.0
            needs = replace(STOCK, minimum_wh=-stock_wh)
            decision = decide(
                replace(FREE, needs=needs),
                wish,
                state,
                now,
                replace(SUDDEN, minimum_at_once=False),
            )
            state = decision.state
            stock_wh += (
                decision.commanded_w * 5.0 / 3_600.0 / (0.9 if decision.commanded_w < 0 else 1)
            )
            assert stock_wh >= 0
