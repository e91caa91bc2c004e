from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.ledger.account import Account
from eebus_gw.ledger.quarters import Quality, Quarter, Source
from eebus_gw.ledger.sample import Sample

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def at(seconds: float, *, plugged: bool = True, **members: Any) -> Sample:
    return Sample(1_000 + seconds, NOON + timedelta(seconds=seconds), plugged, **members)


def fresh() -> Account:
    numbers = count(1)
    return Account("carport", lambda: f"s{next(numbers)}")


def run(account: Account, start: int, end: int, *, step: int = 10, **members: Any) -> None:
    for seconds in range(start, end + 1, step):
        account.observe(at(seconds, **members))


def restarted(account: Account) -> Account:
    """The account as a new process finds it."""
    state = json.loads(json.dumps(account.take_changes().state))
    return Account.from_state("carport", state, lambda: "again")


def by_start(account: Account) -> dict[str, Quarter]:
    return {f"{quarter.start:%H:%M}": quarter for quarter in account.take_changes().quarters}


# ── quarter hours ──


def test_power_over_time_is_derived_energy() -> None:
    account = fresh()
    run(account, 0, 1_800, power_w=4_000.0)
    quarters = by_start(account)
    assert list(quarters) == ["12:00", "12:15", "12:30"]
    full = quarters["12:15"]
    assert full.charged_wh == pytest.approx(1_000)
    assert full.discharged_wh == 0
    assert (full.source, full.quality, full.covered_s) == (Source.POWER, Quality.DERIVED, 900)


def test_a_meter_s_counters_are_measured_energy_in_both_directions() -> None:
    account = fresh()
    for tick in range(181):
        account.observe(
            at(tick * 10, power_w=0.0, import_wh=50_000 + tick * 10.0, export_wh=7_000 + tick * 2.0)
        )
    quarter = by_start(account)["12:15"]
    assert quarter.charged_wh == pytest.approx(900)
    assert quarter.discharged_wh == pytest.approx(180)
    assert (quarter.source, quarter.quality) == (Source.METER, Quality.MEASURED)


def test_a_session_counter_counts_and_discharging_comes_from_power() -> None:
    account = fresh()
    account.observe(at(0, plugged=False))
    for tick in range(1, 91):
        account.observe(at(tick * 10, power_w=3_600.0, session_wh=tick * 10.0))
    run(account, 910, 1_800, power_w=-3_600.0, session_wh=900.0)
    quarters = by_start(account)
    first, second = quarters["12:00"], quarters["12:15"]
    assert first.charged_wh == pytest.approx(900)
    assert (first.source, first.quality) == (Source.SESSION_COUNTER, Quality.MEASURED)
    assert second.discharged_wh == pytest.approx(890)
    assert (second.source, second.quality) == (Source.POWER, Quality.DERIVED)


def test_counters_that_come_back_one_after_the_other_count_once() -> None:
    """After a restart within a session a wallbox tells its values one by one."""
    account = fresh()
    account.observe(at(0, plugged=False, import_wh=7_000.0, export_wh=400.0))
    account.observe(at(1, import_wh=7_000.0, export_wh=400.0, session_wh=0.0))
    account = restarted(account)
    account.observe(at(60, session_wh=10.0))
    account.observe(at(60.1, import_wh=7_010.0, session_wh=10.0))
    account.observe(at(60.2, import_wh=7_010.0, export_wh=405.0, session_wh=10.0))
    account.observe(at(70, import_wh=7_030.0, export_wh=405.0, session_wh=30.0))
    assert (account.totals.charged_wh, account.totals.discharged_wh) == (30, 5)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_meter_that_was_away_does_not_count_again_what_power_told(sign: int) -> None:
    account = fresh()
    power_w = sign * 3_600.0
    risen = {0: 0.0, 30: 30.0}  # 1 Wh a second
    for seconds in range(0, 31, 10):
        member = "import_wh" if sign > 0 else "export_wh"
        told = {member: 500.0 + risen[seconds]} if seconds in risen else {}
        account.observe(at(seconds, power_w=power_w, **told))
    totals = account.totals
    assert totals.charged_wh - totals.discharged_wh == pytest.approx(sign * 30.0)


def test_silence_is_incomplete_then_missing_never_zero() -> None:
    account = fresh()
    run(account, 0, 600, power_w=4_000.0)
    account.observe(at(3_000, power_w=4_000.0))
    quarters = by_start(account)
    assert list(quarters) == ["12:00", "12:15", "12:30", "12:45"]
    assert quarters["12:00"].quality is Quality.INCOMPLETE
    assert quarters["12:00"].covered_s == 600
    assert quarters["12:15"].charged_wh is None
    assert quarters["12:15"].quality is Quality.MISSING


def test_a_counter_bridges_silence_as_an_estimate() -> None:
    account = fresh()
    account.observe(at(0, import_wh=1_000.0, export_wh=0.0))
    account.observe(at(3_600, import_wh=5_000.0, export_wh=0.0))
    quarters = by_start(account)
    assert quarters["12:15"].charged_wh == pytest.approx(1_000)
    assert quarters["12:15"].quality is Quality.ESTIMATED


def test_an_unplugged_wallbox_without_values_used_nothing() -> None:
    account = fresh()
    run(account, 0, 900, plugged=False)
    quarter = by_start(account)["12:00"]
    assert (quarter.charged_wh, quarter.quality) == (0, Quality.DERIVED)


def test_the_cause_is_what_ruled_longest() -> None:
    account = fresh()
    run(account, 0, 600, power_w=4_000.0, cause="grid_limit")
    run(account, 610, 900, power_w=4_000.0, cause="driver")
    assert by_start(account)["12:00"].cause == "grid_limit"


def test_taking_changes_twice_repeats_the_running_quarter_as_it_stands() -> None:
    account = fresh()
    run(account, 0, 300, power_w=4_000.0)
    assert by_start(account) == by_start(account)


def test_a_restart_goes_on_within_the_quarter() -> None:
    whole, broken = fresh(), fresh()
    run(whole, 0, 900, power_w=4_000.0, import_wh=100.0)
    run(broken, 0, 450, power_w=4_000.0, import_wh=100.0)
    broken = restarted(broken)
    run(broken, 460, 900, power_w=4_000.0, import_wh=100.0)
    assert by_start(broken)["12:00"].charged_wh == by_start(whole)["12:00"].charged_wh
    assert broken.totals == whole.totals


def test_a_wall_clock_set_back_reopens_nothing() -> None:
    account = fresh()
    run(account, 0, 1_000, power_w=3_600.0)
    first = by_start(account)["12:00"]
    account.observe(Sample(2_010, NOON + timedelta(seconds=100), True, power_w=3_600.0))
    account.observe(Sample(2_020, NOON + timedelta(seconds=110), True, power_w=3_600.0))
    assert "12:00" not in by_start(account)
    assert first.charged_wh == pytest.approx(900)
    assert account.totals.charged_wh == pytest.approx(1_020)


def test_a_wall_clock_set_for_the_first_time_fills_no_decades() -> None:
    account = fresh()
    account.observe(Sample(5, datetime(1970, 1, 1, tzinfo=UTC), True, power_w=3_600.0))
    account.observe(Sample(15, NOON, True, power_w=3_600.0))
    account.observe(Sample(25, NOON + timedelta(seconds=10), True, power_w=3_600.0))
    assert list(by_start(account)) == ["00:00", "12:00"]
    assert account.totals.charged_wh == pytest.approx(20)


# ── sessions ──


def test_a_session_from_plug_to_unplug() -> None:
    account = fresh()
    account.observe(at(0, plugged=False))
    run(account, 10, 600, power_w=7_200.0, soc_percent=40.0, capacity_wh=60_000.0)
    run(account, 610, 1_200, power_w=-3_600.0, soc_percent=41.0, limited=True)
    run(account, 1_210, 1_800, power_w=20.0)
    run(account, 1_810, 2_400, power_w=3_600.0, soc_percent=42.0)
    running = account.session
    assert running is not None
    assert running.ended is None
    before = account.lifetime()
    assert (before.reversals, account.totals.reversals) == (2, 0)
    account.observe(at(2_410, plugged=False))
    assert account.lifetime() == account.totals
    cycles = before.equivalent_full_cycles
    assert account.totals.equivalent_full_cycles == pytest.approx(cycles, rel=0.01)
    assert account.session is None
    (session,) = account.take_changes().sessions
    assert account.latest == session
    assert (session.id, session.witnessed) == ("s1", True)
    assert session.started == NOON + timedelta(seconds=10)
    assert session.ended == NOON + timedelta(seconds=2_410)
    assert session.charged_wh == pytest.approx(1_200 + 600 + 20 / 6, abs=1)
    assert session.discharged_wh == pytest.approx(600)
    assert (session.peak_w, session.peak_discharge_w) == (7_200, 3_600)
    assert (session.soc_start_percent, session.soc_end_percent) == (40, 42)
    assert session.limit_seconds == 600
    assert session.reversals == 2
    assert session.equivalent_full_cycles == pytest.approx(2_400 / 120_000, rel=0.01)
    assert session.duration_s == 2_400
    assert account.totals.sessions == 1
    assert account.totals.reversals == 2
    assert account.totals.charged_wh == session.charged_wh


def test_a_session_survives_a_restart() -> None:
    account = fresh()
    account.observe(at(0, plugged=False))
    run(account, 10, 600, power_w=3_600.0, soc_percent=40.0)
    account = restarted(account)
    run(account, 610, 1_200, power_w=3_600.0, soc_percent=45.0)
    account.observe(at(1_210, plugged=False))
    (session,) = account.take_changes().sessions
    assert (session.id, session.soc_start_percent) == ("s1", 40)
    assert session.charged_wh == pytest.approx(1_190)
    assert account.totals.sessions == 1


def test_a_car_that_left_during_a_restart_ends_its_session_when_last_seen() -> None:
    account = fresh()
    account.observe(at(0, plugged=False))
    run(account, 10, 600, power_w=3_600.0)
    account = restarted(account)
    account.observe(at(5_000, plugged=False))
    (session,) = account.take_changes().sessions
    assert session.ended == NOON + timedelta(seconds=600)


def test_a_car_found_plugged_in_is_no_witnessed_start() -> None:
    account = fresh()
    run(account, 0, 100, session_wh=12_000.0)
    session = account.session
    assert session is not None
    assert (session.witnessed, session.charged_wh) == (False, 0)


def test_a_stale_session_counter_at_plug_in_is_no_energy() -> None:
    account = fresh()
    account.observe(at(0, plugged=False))
    for seconds, reading in ((1, 12_000.0), (2, 0.0), (12, 10.0), (22, 20.0)):
        account.observe(at(seconds, session_wh=reading))
    assert account.totals.charged_wh == 20


def test_an_account_read_too_late_is_taken_over() -> None:
    earlier, account = fresh(), fresh()
    run(earlier, 0, 600, power_w=3_600.0)
    earlier = restarted(earlier)
    run(account, 1_000, 1_900, power_w=3_600.0)
    account.absorb(earlier)
    changes = account.take_changes()
    assert account.totals.charged_wh == pytest.approx(1_500)
    assert [f"{quarter.start:%H:%M}" for quarter in changes.quarters] == ["12:00", "12:15", "12:30"]
    assert changes.sessions[0].ended == NOON + timedelta(seconds=600)


_samples = st.lists(
    st.tuples(
        st.integers(1, 4_000),
        st.booleans(),
        st.none() | st.floats(-11_000, 11_000),
        st.none() | st.floats(0, 1e6),
        st.none() | st.floats(0, 1e5),
        st.booleans(),
    ),
    max_size=40,
)


@given(samples=_samples)
def test_sums_only_rise_quarters_add_up_and_leave_no_gap(samples: list[Any]) -> None:
    account = fresh()
    found: dict[datetime, Quarter] = {}
    elapsed = 0
    for pause, plugged, power_w, import_wh, session_wh, restart in samples:
        before = (account.totals.charged_wh, account.totals.discharged_wh)
        elapsed += pause
        account.observe(
            at(
                elapsed,
                plugged=plugged,
                power_w=power_w,
                import_wh=import_wh,
                session_wh=session_wh,
            )
        )
        after = (account.totals.charged_wh, account.totals.discharged_wh)
        assert all(new >= old for new, old in zip(after, before, strict=True))
        changes = account.take_changes()
        found.update({quarter.start: quarter for quarter in changes.quarters})
        if restart:
            account = restarted(account)
    starts = sorted(found)
    assert all(later - earlier == timedelta(minutes=15) for earlier, later in pairwise(starts))
    charged_wh = sum(quarter.charged_wh or 0 for quarter in found.values())
    assert charged_wh == pytest.approx(account.totals.charged_wh, abs=1e-6)


def test_a_session_of_a_removed_device_ends_with_what_was_seen_last() -> None:
    account = fresh()
    run(account, 0, 600, power_w=4_000.0)
    account.leave()
    assert account.session is None
    (session,) = account.take_changes().sessions
    assert session.ended == NOON + timedelta(seconds=600)
    run(account, 3_600, 3_660, power_w=4_000.0)
    assert account.session is not None, "paired again, a new one begins"
    assert account.session.id != session.id
    assert account.session.charged_wh == pytest.approx(4_000 * 60 / 3_600)


def test_a_device_without_a_car_may_be_removed() -> None:
    account = fresh()
    run(account, 0, 600, plugged=False, power_w=0.0)
    account.leave()
    assert account.take_changes().sessions == ()
