"""The wallbox with its car in virtual time: measured power, reasons, energies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.battery import Battery
from eebus_gw.sim.ceilings import Limits
from eebus_gw.sim.decision import Installation
from eebus_gw.sim.ev import Driver, IdleRule, Refusal, Vehicle, VehicleKind
from eebus_gw.sim.snapshot import Bound, OperatingState, SetpointState
from eebus_gw.sim.wallbox import Wallbox

K = VehicleKind


def car(kind: VehicleKind = K.BIDIRECTIONAL, soc: float = 50, **options: Any) -> Vehicle:
    return Vehicle(kind, Battery(60_000, soc), **options)


def box_with(vehicle: Vehicle, *, guarded: bool = False, **installation: Any) -> Wallbox:
    """A wallbox with ``vehicle`` plugged in at 0 s."""
    box = Wallbox(Installation(guarded=guarded, **installation), vehicle=vehicle, now=0)
    box.plug(0)
    return box


def restrict(box: Wallbox, now: float, **members: Any) -> None:
    box.restrict(replace(box.limits, **members), now)


def listen(box: Wallbox, start: int, end: int) -> None:
    """The energy guard is heard every 2 s."""
    for second in range(start, end + 1, 2):
        box.hear_guard(second)


def test_an_unlimited_car_charges_with_all_the_wallbox_has() -> None:
    state = box_with(car(K.IEC61851)).step(30)
    assert state.power_w == 11_040
    assert state.current_a == (16, 16, 16)
    assert state.power_phase_w == (3_680, 3_680, 3_680)
    assert state.limited_by is None


def test_no_car_no_power() -> None:
    state = Wallbox(now=0).step(10)
    assert (state.plugged, state.power_w, state.limited_by) == (False, 0, None)


# ── OPEV ──


def test_opev_003_a_curtailment_is_obeyed_within_half_a_second() -> None:
    box = box_with(car(K.IEC61851))
    box.step(30)
    restrict(box, 30, obligation_a=(10.0, 10.0, 10.0))
    state = box.step(30.5)
    assert state.power_w == 6_900
    assert (state.limit_a, state.limited_by) == ((10, 10, 10), Bound.OVERLOAD)


def test_opev_002_a_symmetric_car_takes_the_lowest_phase() -> None:
    box = box_with(car(K.IEC61851))
    restrict(box, 0, obligation_a=(16.0, 8.0, 12.0))
    assert box.step(30).current_a == (8, 8, 8)


def test_an_asymmetric_car_uses_each_phase() -> None:
    box = box_with(car(asymmetric=True))
    restrict(box, 0, obligation_a=(16.0, 8.0, 1.0))
    assert box.step(30).current_a == pytest.approx((16, 8, 0))


def test_on_one_phase_the_others_carry_nothing() -> None:
    state = box_with(car(K.IEC61851), phases=1).step(30)
    assert state.current_a == (16, 0, 0)
    assert state.voltage_v == (230, 0, 0)


@pytest.mark.parametrize(
    ("kind", "minimum_a"), [(K.IEC61851, 6.0), (K.ISO15118, 3.0), (K.BIDIRECTIONAL, 2.0)]
)
def test_below_its_minimum_a_car_pauses_instead_of_slowing_down(
    kind: VehicleKind, minimum_a: float
) -> None:
    box = box_with(car(kind))
    below = minimum_a - 0.1
    restrict(box, 0, obligation_a=(minimum_a, minimum_a, minimum_a))
    assert box.step(30).power_w == pytest.approx(minimum_a * 690)
    restrict(box, 30, obligation_a=(below, below, below))
    assert box.step(31).power_w == 0


def test_a_digital_car_survives_its_pause_value_and_falls_back_at_zero() -> None:
    box = box_with(car(K.ISO15118))
    restrict(box, 0, obligation_a=(0.1, 0.1, 0.1))
    paused = box.step(10)
    assert paused.car is not None
    assert (paused.car.standard, paused.power_w) == ("iso15118-2ed2", 0)
    restrict(box, 10, obligation_a=(0.0, 0.0, 0.0))
    ended = box.step(20)
    assert ended.car is not None
    assert (ended.car.standard, ended.car.soc_percent) == ("iec61851", None)
    assert ended.car.current_range.min_a == 6


def test_opev_005_silence_of_more_than_4_s_means_safe_current() -> None:
    box = box_with(car(K.IEC61851), guarded=True)
    listen(box, 0, 30)
    assert box.step(33.9).power_w == 11_040
    state = box.step(34.5)
    assert state.power_w == pytest.approx(4_140)
    assert (state.guard_silent, state.limited_by) == (True, Bound.SAFE_CURRENT)


def test_opev_005_a_guard_never_heard_means_safe_current() -> None:
    assert box_with(car(K.IEC61851), guarded=True).step(30).power_w == pytest.approx(4_140)


def test_opev_007_a_failed_guard_means_safe_current() -> None:
    box = box_with(car(K.IEC61851), guarded=True)
    box.hear_guard(0)
    box.hear_guard(2, normal=False)
    assert box.step(3).guard_silent


def test_oscev_recommendation_binds_without_a_setpoint_and_is_void_in_silence() -> None:
    box = box_with(car(K.IEC61851), guarded=True, safe_current_a=16.0)
    box.hear_guard(0)
    restrict(box, 0, recommendation_a=(7.0, 7.0, 7.0))
    box.step(2)
    listen(box, 2, 28)
    state = box.step(30)
    assert state.power_w == pytest.approx(4_830)
    assert state.limited_by is Bound.RECOMMENDATION
    assert box.step(60).power_w == 11_040


# ── LPC, LPP ──


def test_lpc_caps_in_watts() -> None:
    box = box_with(car(K.IEC61851))
    restrict(box, 0, consumption_w=4_200.0)
    state = box.step(30)
    assert (state.power_w, state.limited_by) == (4_200, Bound.GRID_CONSUMPTION)


def test_lpc_below_the_minimum_pauses() -> None:
    box = box_with(car(K.IEC61851))
    restrict(box, 0, consumption_w=4_000.0)
    state = box.step(30)
    assert (state.power_w, state.limited_by) == (0, Bound.GRID_CONSUMPTION)


def test_lpp_reduces_discharging_at_once_and_leaves_the_setpoint() -> None:
    box = box_with(car())
    assert box.write_setpoint(-3_000, 0, end_s=300).accepted
    assert box.step(20).power_w == -3_000
    restrict(box, 20, production_w=2_000.0)
    state = box.step(20.5)
    assert (state.power_w, state.setpoint_w) == (-2_000, -3_000)
    assert state.limited_by is Bound.GRID_PRODUCTION
    restrict(box, 21, production_w=0.0)
    assert box.step(21.5).power_w == 0


def test_a_discharge_limit_in_amperes_caps_discharging_only() -> None:
    box = box_with(car())
    restrict(box, 0, discharge_a=(6.0, 6.0, 6.0))
    box.write_setpoint(-11_000, 0, end_s=300)
    state = box.step(30)
    assert state.power_w == pytest.approx(-4_140)
    assert state.limited_by is Bound.OVERLOAD


# ── DBEVC ──


def test_a_setpoint_is_followed_both_ways() -> None:
    box = box_with(car())
    box.write_setpoint(5_000, 0, end_s=300)
    assert box.step(20).power_w == 5_000
    box.write_setpoint(-5_000, 20, end_s=300)
    state = box.step(40)
    assert (state.power_w, state.limited_by) == (-5_000, None)
    assert state.current_a == pytest.approx((-7.246, -7.246, -7.246), abs=0.001)


def test_a_dc_station_needs_seconds_to_reverse() -> None:
    powers = {}
    for kind in (K.BIDIRECTIONAL, K.BIDIRECTIONAL_DC):
        box = box_with(car(kind))
        box.write_setpoint(5_000, 0, end_s=300)
        box.step(20)
        box.write_setpoint(-5_000, 20, end_s=300)
        powers[kind] = box.step(24).power_w
    assert powers[K.BIDIRECTIONAL] < -1_000
    assert powers[K.BIDIRECTIONAL_DC] == 0


def test_a_dc_station_measures_ac_and_tells_dc() -> None:
    box = box_with(car(K.BIDIRECTIONAL_DC))
    box.write_setpoint(5_000, 0, end_s=300)
    state = box.step(20)
    assert state.car is not None
    assert state.car.dc_power_w == pytest.approx(4_600)


@pytest.mark.parametrize("watts", [1_000, -1_000])
def test_in_the_gap_around_zero_nothing_flows(watts: float) -> None:
    box = box_with(car())
    assert box.write_setpoint(watts, 0, end_s=300).accepted
    state = box.step(20)
    assert (state.power_w, state.limited_by) == (0, Bound.GAP)


def test_discharging_ends_at_the_drivers_minimum() -> None:
    box = box_with(car(soc=30.2))
    box.write_setpoint(-11_000, 0, end_s=600)
    listen(box, 0, 118)
    state = box.step(120)
    assert (state.power_w, state.limited_by) == (0, Bound.DRIVER_MINIMUM)
    assert state.battery_percent == pytest.approx(30, abs=0.001)
    assert not box.write_setpoint(-3_000, 121, end_s=60).accepted


def test_without_permission_below_the_target_nothing_is_discharged() -> None:
    box = box_with(car(driver=Driver(discharge_below_target=False)))
    assert box.write_setpoint(-3_000, 0, end_s=60).error_number == 7
    above = box_with(car(soc=80.2, driver=Driver(discharge_below_target=False)))
    assert above.write_setpoint(-11_000, 0, end_s=600).accepted
    listen(above, 0, 118)
    state = above.step(120)
    assert state.limited_by is Bound.DISCHARGE_PERMISSION
    assert state.battery_percent == pytest.approx(80, abs=0.001)


def test_discharging_ends_in_time_and_then_the_car_charges_for_its_departure() -> None:
    box = box_with(car(driver=Driver(departure_at=3 * 3600)))
    box.write_setpoint(-5_000, 0, end_s=3 * 3600)
    bounds: list[Bound | None] = []
    for second in range(0, 3 * 3600, 2):
        box.hear_guard(second)
        state = box.step(second + 1)
        if state.limited_by not in bounds[-1:]:
            bounds.append(state.limited_by)
    assert bounds[:3] == [Bound.RAMP, None, Bound.DEPARTURE]
    assert state.battery_percent == pytest.approx(80, abs=0.2)
    assert state.session_discharged_wh > 2_000


def test_below_the_minimum_the_car_charges_and_is_not_controllable() -> None:
    box = box_with(car(soc=20, idle=IdleRule.HOLD))
    state = box.step(20)
    assert state.power_w == 11_040
    assert state.car is not None
    assert state.car.setpoint is not None
    assert state.car.setpoint.state is SetpointState.NOT_CONTROLLABLE


def test_a_holding_car_waits_until_its_departure_demands_it() -> None:
    vehicle = car(idle=IdleRule.HOLD, driver=Driver(departure_at=7_200))
    box = box_with(vehicle)
    assert box.step(60).limited_by is Bound.HOLDING
    assert box.step(3_600).power_w == 11_040


@pytest.mark.parametrize(
    ("event", "deadline"),
    [
        pytest.param("socket", 10, id="socket-closes"),
        pytest.param("heartbeat", 10, id="heartbeat-missing"),
        pytest.param("end", 125, id="setpoint-end"),
    ],
)
@pytest.mark.parametrize("idle", list(IdleRule))
def test_watchdog_discharging_ends_in_time(event: str, deadline: float, idle: IdleRule) -> None:
    box = box_with(car(idle=idle), guarded=event != "end")
    box.hear_guard(0)
    box.write_setpoint(-11_000, 0, end_s=120)
    listen(box, 2, 40)
    box.write_setpoint(-11_000, 40, end_s=120)
    assert box.step(40).power_w == -11_000
    if event == "socket":
        box.lose_guard(40)
    assert box.step(40 + deadline).power_w > -50
    expected = SetpointState.IDLE if event == "end" else SetpointState.LOST
    assert box.setpoint.state is expected


def test_a_car_that_refuses_setpoints_charges_by_its_own_rule() -> None:
    vehicle = car()
    box = box_with(vehicle)
    box.write_setpoint(-3_000, 0, end_s=300)
    box.step(20)
    vehicle.refusal = Refusal.SETPOINTS
    assert box.step(60).power_w == 11_040
    assert not box.write_setpoint(-3_000, 60, end_s=300).accepted


def test_a_disobedient_car_ignores_every_limit() -> None:
    vehicle = car(K.IEC61851)
    vehicle.refusal = Refusal.LIMITS
    box = box_with(vehicle)
    restrict(box, 0, obligation_a=(6.0, 6.0, 6.0), consumption_w=0.0)
    assert box.step(30).power_w == 11_040


# ── the car ──


def test_charging_ends_at_the_drivers_target() -> None:
    box = box_with(car(K.IEC61851, soc=79.9))
    state = box.step(120)
    assert (state.power_w, state.limited_by) == (0, Bound.DRIVER_TARGET)
    assert state.battery_percent == pytest.approx(80, abs=0.001)
    assert state.car is not None
    assert state.car.operating_state is OperatingState.FINISHED


def test_near_full_the_battery_takes_less() -> None:
    box = box_with(car(K.IEC61851, soc=96, driver=Driver(target_soc_percent=100)))
    state = box.step(30)
    assert 4_140 < state.power_w < 8_500
    assert state.limited_by is Bound.BATTERY
    assert box.step(4 * 3600).battery_percent == pytest.approx(100, abs=0.001)


def test_a_paused_car_draws_nothing_until_resumed() -> None:
    vehicle = car(K.IEC61851)
    box = box_with(vehicle)
    box.step(30)
    vehicle.paused = True
    state = box.step(32)
    assert (state.power_w, state.limited_by) == (0, Bound.PAUSED_BY_DRIVER)
    vehicle.paused = False
    assert box.step(60).power_w == 11_040


def test_a_car_left_without_current_falls_asleep_and_wakes_when_offered() -> None:
    vehicle = car(K.IEC61851, sleep_after_s=60)
    box = box_with(vehicle)
    restrict(box, 0, obligation_a=(0.0, 0.0, 0.0))
    asleep = box.step(61).car
    assert asleep is not None
    assert asleep.operating_state is OperatingState.ASLEEP
    restrict(box, 61, obligation_a=(10.0, 10.0, 10.0))
    assert box.step(90).power_w == 6_900


def test_a_digital_link_starts_as_a_pilot_signal() -> None:
    box = box_with(car(identify_after_s=4, identification="02-00-00-AA-BB-CC"))
    first, later = box.step(1).car, box.step(5).car
    assert first is not None
    assert later is not None
    assert (first.standard, first.identification) == ("iec61851", None)
    assert (later.standard, later.identification) == ("iso15118-20", "02-00-00-AA-BB-CC")


def test_what_a_pilot_signal_car_does_not_tell_is_none() -> None:
    state = box_with(car(K.IEC61851)).step(1)
    assert state.car is not None
    told = state.car
    assert (told.soc_percent, told.capacity_wh, told.request, told.setpoint) == (None,) * 4
    assert state.battery_percent == pytest.approx(50, abs=0.01)


def test_the_energy_request_counts_from_the_state_of_charge() -> None:
    state = box_with(car(driver=Driver(departure_at=43_200))).step(0)
    assert state.car is not None
    request = state.car.request
    assert request is not None
    assert (request.minimum_wh, request.target_wh, request.maximum_wh) == (-12_000, 18_000, 30_000)
    assert (request.cycle_enter_wh, request.cycle_leave_wh) == (-12_000, 30_000)
    assert request.departure_s == 43_200


def test_unplugging_ends_everything_and_a_new_session_starts_at_zero() -> None:
    box = box_with(car())
    restrict(box, 0, obligation_a=(10.0, 10.0, 10.0), consumption_w=9_000.0)
    box.write_setpoint(5_000, 0, end_s=3_600)
    box.step(100)
    box.unplug(100)
    gone = box.step(101)
    assert (gone.plugged, gone.power_w, gone.setpoint_w) == (False, 0, None)
    assert gone.session_charged_wh > 0
    box.plug(200)
    state = box.step(200)
    assert state.session_charged_wh == 0
    assert state.total_charged_wh == gone.total_charged_wh
    assert box.limits == Limits(consumption_w=9_000)


def test_plugging_twice_or_without_a_car_is_a_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        box_with(car()).plug(1)
    with pytest.raises(LocalProtocolError):
        Wallbox(now=0).plug(1)


def test_the_line_has_the_members_of_the_contract() -> None:
    box = box_with(car())
    box.write_setpoint(-3_000, 0, end_s=60)
    line = box.step(20).line(20.0, 1)
    assert list(line) == [
        "t", "box", "plugged", "power_w", "current_a", "soc_percent", "limit_a", "setpoint_w",
        "limited_by",
    ]  # fmt: skip
    assert (line["power_w"], line["setpoint_w"], line["limit_a"]) == (-3_000, -3_000, 16)


def test_steps_of_any_length_see_the_same() -> None:
    coarse, fine = box_with(car()), box_with(car())
    for box in (coarse, fine):
        box.write_setpoint(-3_000, 0, end_s=30)
    for tick in range(1, 6_000):
        fine.step(tick / 10)
    assert fine.step(600).battery_percent == pytest.approx(coarse.step(600).battery_percent)


_actions = st.lists(
    st.one_of(
        st.tuples(st.just("setpoint"), st.floats(-12_000, 12_000)),
        st.tuples(st.just("obligation"), st.floats(0, 20)),
        st.tuples(st.just("consumption"), st.floats(0, 12_000)),
        st.tuples(st.just("production"), st.floats(0, 12_000)),
        st.tuples(st.just("wait"), st.floats(0.05, 1_800)),
        st.tuples(st.just("replug"), st.just(0.0)),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(actions=_actions, soc=st.floats(0, 100))
def test_energy_is_conserved_and_limits_hold_whatever_happens(
    actions: list[tuple[str, float]], soc: float
) -> None:
    vehicle = car(soc=soc)
    box = box_with(vehicle)
    start_wh = vehicle.battery.stored_wh
    for name, value in actions:
        now = box.step(0).now
        if name == "setpoint":
            box.write_setpoint(value, now, end_s=3_600)
        elif name == "obligation":
            restrict(box, now, obligation_a=(value, value, value))
        elif name in ("consumption", "production"):
            restrict(box, now, **{f"{name}_w": value})
        elif name == "replug":
            box.unplug(now)
            box.plug(now)
        box.step(now + (value if name == "wait" else 2.0))
        state = box.step(0)
        limits = box.limits
        amperes = limits.obligation_a[0]
        assert state.power_w <= 11_040 + 1e-6
        if amperes is not None:
            assert state.power_w <= amperes * 690 + 1e-6
        if limits.consumption_w is not None and name != "wait":
            assert state.power_w <= limits.consumption_w + 1e-6
        if limits.production_w is not None:
            assert -state.power_w <= limits.production_w + 1e-6
    state = box.step(0)
    gained_wh = state.total_charged_wh * 0.92 - state.total_discharged_wh / 0.92
    assert vehicle.battery.stored_wh - start_wh == pytest.approx(gained_wh, abs=1e-6)
    assert state.total_charged_wh == pytest.approx(vehicle.battery.charged_wh, abs=1e-6)
