"""What decisions about one car rest on, and what of it survives a restart (contract §3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from eebus_gw.gateway.facts import Facts, SiteView
from eebus_gw.retained import Retained
from eebus_gw.settings import Settings
from eebus_gw.site.bounds import Measured
from eebus_gw.site.charging import ChargingWish
from eebus_gw.vocabulary.values import (
    DischargeRequest,
    EnergyRequest,
    LimitValue,
    Manufacturer,
    PhaseLimits,
    PhaseValues,
    PowerConstraints,
    SetpointValue,
)
from tests.gateway.bench import Bench

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Known(Bench):
    """A connected device; ``received`` counts the messages of its connection."""

    def __init__(self, retained: Retained | None = None, **settings: Any) -> None:
        super().__init__()
        self.retained = retained or Retained()
        self.link = SimpleNamespace(connected=True, heartbeat_at=None)
        self.partner = SimpleNamespace(
            session=SimpleNamespace(received=1), refetch=lambda now: self.asked.append(now)
        )
        self.asked: list[float] = []
        self.discharged_wh = 5_000.0
        self.site = SiteView(None, None, None)
        side = SimpleNamespace(
            link=lambda ski: self.link,
            node=SimpleNamespace(
                host=SimpleNamespace(partners={self.device.ski: self.partner}),
                network=SimpleNamespace(wake=lambda ski: None),
            ),
        )
        metering = SimpleNamespace(discharged_wh=lambda device: self.discharged_wh)
        self.facts = Facts(
            side,  # type: ignore[arg-type]
            Settings.model_validate(settings),
            self.clock,
            metering,  # type: ignore[arg-type]
            self.retained,
            lambda device: self.site,
        )
        self.plug()

    def stale(self) -> bool:
        return self.facts.stale(self.device)

    def hear(self) -> None:
        self.partner.session.received += 1

    def ask(self) -> None:
        self.facts.ask_silent(self.device)


# --- stale data


def test_a_value_that_does_not_change_is_not_stale() -> None:
    known = Known()
    known.ask()
    for _ in range(10):
        known.clock.advance(50)
        known.hear()
        known.ask()
        assert not known.stale()
    assert known.asked == []


def test_after_60_s_of_silence_it_is_read_again_and_stale_after_10_s_without_answer() -> None:
    known = Known()
    known.ask()
    known.clock.advance(60)
    known.ask()
    assert known.asked == []
    known.clock.advance(1)
    known.ask()
    known.ask()
    assert known.asked == [known.now]
    known.clock.advance(10)
    assert not known.stale()
    known.clock.advance(0.5)
    assert known.stale()
    known.hear()
    assert not known.stale()


def test_a_link_that_is_down_makes_everything_stale() -> None:
    known = Known()
    known.link.connected = False
    assert known.stale()


def test_a_lost_heartbeat_makes_everything_stale() -> None:
    known = Known()
    known.link.heartbeat_at = known.now
    known.clock.advance(120)
    assert not known.stale()
    known.clock.advance(1)
    known.hear()
    assert known.stale()


# --- dry run (contract §3)


@pytest.mark.parametrize(
    ("brand", "name", "configured", "dry"),
    [
        (None, None, None, True),
        ("Elsewhere", "Box 3", None, True),
        ("Elsewhere", "simulated wallbox", None, True),
        ("eebus-gw", "simulated wallbox", None, False),
        ("eebus-gw", "simulated wallbox", "dry_run", True),
        ("Elsewhere", "Box 3", "on", False),
    ],
)
def test_what_nobody_has_proven_is_only_published(
    brand: str | None, name: str | None, configured: str | None, dry: bool
) -> None:
    known = Known(devices={"carport": {"bidirectional": configured} if configured else {}})
    if name is not None:
        told = Manufacturer(device_name=name, brand_name=brand)
        known.tell("evsecc", "manufacturer", told)
    assert known.facts.dry_run(known.device) is dry


# --- the driver


def test_the_driver_wants_what_the_contract_says_by_default() -> None:
    driver = Known().facts.driver(Known().device)
    assert (driver.minimum_percent, driver.target_percent) == (30, 80)
    assert driver.departure_at is None
    assert driver.discharge_permitted is False


def test_what_was_set_goes_before_the_configuration_and_survives_a_restart() -> None:
    configured = {"carport": {"driver": {"min_soc_percent": 40, "target_soc_percent": 90}}}
    known = Known(devices=configured)
    known.facts.set_driver(known.device, {"min_soc_percent": 55.0})
    known.facts.set_driver(known.device, {"departure": NOON + timedelta(hours=5)})
    again = Known(known.retained, devices=configured)
    driver = again.facts.driver(again.device)
    assert (driver.minimum_percent, driver.target_percent) == (55, 90)
    assert driver.departure_at == again.now + 5 * 3_600


def test_a_departure_that_has_passed_leaves_it_to_the_daily_one() -> None:
    local = (NOON + timedelta(hours=3)).astimezone()
    known = Known(devices={"carport": {"driver": {"departure": f"{local:%H:%M}"}}})
    known.facts.set_driver(known.device, {"departure": NOON + timedelta(hours=1)})
    assert known.facts.driver(known.device).departure_at == known.now + 3_600
    known.clock.advance(3_600)
    assert known.facts.driver(known.device).departure_at == known.now + 2 * 3_600
    known.clock.advance(2 * 3_600)
    assert known.facts.driver(known.device).departure_at == known.now + 24 * 3_600


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        (datetime(2026, 3, 28, 21, tzinfo=UTC), 8),
        (datetime(2026, 10, 24, 20, tzinfo=UTC), 10),
        (datetime(2026, 11, 25, 21, tzinfo=UTC), 9),
    ],
    ids=["to-summer-time", "from-summer-time", "usual"],
)
def test_a_departure_at_seven_is_at_seven_also_when_clocks_are_changed(
    evening: datetime, hours: int
) -> None:
    """Each evening is at 22:00 in Berlin."""
    known = Known(devices={"carport": {"driver": {"departure": "07:00"}}})
    known.clock.set_wall(evening)
    assert known.facts.driver(known.device).departure_at == known.now + hours * 3_600


def test_a_single_departure_that_has_passed_is_none() -> None:
    known = Known()
    known.facts.set_driver(known.device, {"departure": NOON - timedelta(minutes=1)})
    assert known.facts.driver(known.device).departure_at is None


# --- what a decision rests on


def test_the_cars_own_requests_count_from_the_moment_they_were_told() -> None:
    known = Known()
    known.tell("dbevc", "energy_request", EnergyRequest(-6_000, 12_000, 24_000, 7_200))
    known.tell("dbevc", "discharge_request", DischargeRequest(-6_000, 24_000))
    known.tell("dbevc", "discharge_below_target", True)
    told_at = known.now
    known.clock.advance(600)
    needs = known.facts.of(known.device).needs
    assert (needs.minimum_wh, needs.target_wh, needs.maximum_wh) == (-6_000, 12_000, 24_000)
    assert needs.departure_at == told_at + 7_200
    assert needs.dischargeable_wh() == 6_000


def test_without_requests_of_the_car_the_settings_and_its_state_of_charge_count() -> None:
    known = Known(devices={"carport": {"driver": {"discharge_permitted": True}}})
    known.tell("evsoc", "soc_percent", 50.0)
    assert known.facts.of(known.device).needs.minimum_wh is None
    known.tell("evsoc", "capacity_wh", 60_000.0)
    facts = known.facts.of(known.device)
    assert facts.needs.minimum_wh == pytest.approx(-12_000)
    assert facts.needs.target_wh == pytest.approx(18_000)
    assert facts.discharge_permitted is True


def test_a_cars_own_permission_goes_before_that_of_the_settings() -> None:
    """Contract §3: the setting is for cars that send none."""
    known = Known(devices={"carport": {"driver": {"discharge_permitted": True}}})
    known.tell("evsoc", "soc_percent", 50.0)
    known.tell("evsoc", "capacity_wh", 60_000.0)
    assert known.facts.of(known.device).needs.dischargeable_wh() == pytest.approx(12_000)
    known.tell("dbevc", "discharge_below_target", False)
    assert known.facts.of(known.device).needs.dischargeable_wh() == 0


@pytest.mark.parametrize("told", [False, True], ids=["not yet", "no more"])
def test_requests_that_a_car_has_but_does_not_tell_are_not_replaced_by_settings(told: bool) -> None:
    """Its driver may want to keep more than the settings say."""
    known = Known(devices={"carport": {"driver": {"discharge_permitted": True}}})
    known.tell("evsoc", "soc_percent", 50.0)
    known.tell("evsoc", "capacity_wh", 60_000.0)
    if told:
        known.tell("dbevc", "energy_request", EnergyRequest(6_000, 12_000, 24_000, None))
        known.device.settled = True
    known.tell("dbevc", "energy_request", None)
    needs = known.facts.of(known.device).needs
    assert needs.minimum_wh is None
    assert needs.dischargeable_wh() == 0


def test_a_car_that_describes_requests_and_never_tells_them_leaves_them_to_the_settings() -> None:
    known = Known(devices={"carport": {"driver": {"discharge_permitted": True}}})
    known.tell("evsoc", "soc_percent", 50.0)
    known.tell("evsoc", "capacity_wh", 60_000.0)
    known.tell("dbevc", "energy_request", None)
    known.device.settled = True
    assert known.facts.of(known.device).needs.dischargeable_wh() == pytest.approx(12_000)


def test_a_car_whose_powers_are_not_all_known_is_not_commanded() -> None:
    known = Known()
    known.tell("dbevc", "setpoint", SetpointValue(0.0, False))
    known.tell("dbevc", "power_constraints", PowerConstraints(1_380, 11_040, 1_380, None))
    facts = known.facts.of(known.device)
    assert facts.offered is True
    assert facts.power is None


def test_limits_of_grid_wallbox_and_contract_stand_side_by_side() -> None:
    known = Known(site={"contractual_consumption_w": 9_000})
    grid = Measured(800.0, known.now)
    known.site = SiteView(6_000.0, 2_000.0, grid, feed_in_w=4_000.0, feed_in_part_w=1_000.0)
    known.tell("opev", "limit_a", PhaseLimits((10.0, 10.0, 10.0)))
    facts = known.facts.of(known.device)
    assert facts.limits.consumption_w == 6_000
    assert facts.limits.production_w == 2_000
    assert facts.limits.site_production_w == 4_000
    assert facts.limits.site_production_part_w == 1_000
    assert facts.limits.overload_charge_w == 6_900
    assert facts.limits.overload_discharge_w is None
    assert facts.limits.contractual_w == 9_000
    assert facts.grid == Measured(800.0, known.now)


@pytest.mark.parametrize(
    ("amperes", "active", "asymmetric", "carried_w"),
    [
        ((10.0, 10.0, 10.0), (True, True, True), False, 6_900),
        ((10.0, 16.0, 16.0), (True, True, True), True, 9_660),
        ((10.0, 16.0, 16.0), (True, False, False), False, 6_900),
        ((10.0, 16.0, 16.0), (True, False, False), True, None),
        ((None, 10.0, 10.0), (True, True, True), False, 0),
        ((10.0, None, None), (True, None, None), False, 2_300),
        ((16.0, 16.0, 16.0), (False, False, False), False, None),
    ],
    ids=["all", "asymmetric", "one-binds-all", "one-of-a-free-sum", "unreadable", "one", "free"],
)
def test_what_the_wallbox_carries(
    amperes: PhaseValues,
    active: tuple[bool | None, ...],
    asymmetric: bool,
    carried_w: float | None,
) -> None:
    known = Known()
    known.tell("evcc", "asymmetric", asymmetric)
    known.tell("opev", "limit_a", PhaseLimits(amperes, active))  # type: ignore[arg-type]
    assert known.facts.of(known.device).limits.overload_charge_w == carried_w


def test_a_share_that_came_as_a_current_is_still_a_limit_of_the_grid() -> None:
    """4,200 W are 6 A on three phases, 4,140 W."""
    known = Known()
    known.site = SiteView(4_200.0, None, None)
    known.tell("opev", "limit_a", PhaseLimits((6.0, 6.0, 6.0)))
    limits = known.facts.of(known.device).limits
    assert (limits.consumption_w, limits.overload_charge_w) == (4_140, None)


def test_the_minimum_that_is_shown_is_the_cars_own() -> None:
    known = Known()
    known.tell("evsoc", "soc_percent", 80.0)
    known.tell("evsoc", "capacity_wh", 60_000.0)
    assert known.facts.of(known.device).minimum_percent == 30
    known.tell("dbevc", "energy_request", EnergyRequest(-6_000.0, 0.0, 12_000.0, None))
    assert known.facts.of(known.device).minimum_percent == 70


def test_the_driver_that_is_shown_is_the_one_that_counts() -> None:
    """What was set here does not count while the car states its own."""
    known = Known()
    known.tell("evsoc", "soc_percent", 60.0)
    known.tell("evsoc", "capacity_wh", 60_000.0)
    known.facts.set_driver(known.device, {"min_soc_percent": 40.0})
    members = known.facts.driver_members(known.device)
    assert (members["min_soc_percent"], members["target_soc_percent"]) == (40, 80)
    assert members["driver_source"] == "settings"
    known.tell("dbevc", "energy_request", EnergyRequest(-6_000.0, 6_000.0, 24_000.0, 7_200))
    members = known.facts.driver_members(known.device)
    assert (members["min_soc_percent"], members["target_soc_percent"]) == (50, 70)
    assert members["driver_source"] == "car"
    decided = known.facts.decided(known.device)
    assert decided["devices.carport.driver.min_soc_percent"] == 40
    assert decided["devices.carport.driver.departure"] is None


@pytest.mark.parametrize(
    ("configured", "limit_w"), [("forbidden", 0.0), (2_500, 2_500.0), ("allowed", None)]
)
def test_the_feed_in_rule_is_the_configured_one(
    configured: str | int, limit_w: float | None
) -> None:
    known = Known(site={"feed_in": configured})
    assert known.facts.of(known.device).feed_in.limit_w == limit_w


def test_limits_that_the_device_keeps_itself_are_known_while_they_are_in_force() -> None:
    known = Known()
    for active, held in ((True, (4_200, 3_000)), (False, (None, None))):
        known.tell("lpc", "limit", LimitValue(4_200.0, active))
        known.tell("lpp", "limit", LimitValue(-3_000.0, active))
        facts = known.facts.of(known.device)
        assert (facts.held_consumption_w, facts.held_production_w) == held


def test_feeding_in_is_forbidden_by_default() -> None:
    known = Known()
    assert known.facts.of(known.device).feed_in.limit_w == 0


# --- the budget of the day


def test_the_budget_counts_from_the_first_look_of_a_local_day_also_over_a_restart() -> None:
    known = Known(devices={"carport": {"discharge_budget_kwh_per_day": 8}})
    assert known.facts.budget_left_wh(known.device) == 8_000
    known.discharged_wh += 3_000
    assert known.facts.budget_left_wh(known.device) == 5_000
    again = Known(known.retained, devices={"carport": {"discharge_budget_kwh_per_day": 8}})
    again.discharged_wh = known.discharged_wh + 6_000
    assert again.facts.budget_left_wh(again.device) == 0
    again.clock.advance(86_400)
    assert again.facts.budget_left_wh(again.device) == 8_000


def test_a_clock_set_back_over_midnight_begins_no_day_twice() -> None:
    known = Known()
    midnight = datetime(2026, 11, 26, 0, 0, 1).astimezone()
    known.clock.set_wall(midnight)
    assert known.facts.budget_left_wh(known.device) == 20_000
    known.discharged_wh += 20_000
    known.clock.set_wall(midnight - timedelta(seconds=2))
    assert known.facts.budget_left_wh(known.device) == 0
    known.clock.set_wall(midnight)
    assert known.facts.budget_left_wh(known.device) == 0
    known.clock.set_wall(midnight - timedelta(days=300))
    assert known.facts.budget_left_wh(known.device) == 20_000


def test_a_ledger_that_begins_anew_makes_the_budget_no_larger() -> None:
    known = Known()
    known.facts.budget_left_wh(known.device)
    known.discharged_wh = 0.0
    assert known.facts.budget_left_wh(known.device) == 20_000
    known.discharged_wh = 1_000.0
    assert known.facts.budget_left_wh(known.device) == 19_000


def test_the_default_budget_is_20_kwh() -> None:
    known = Known()
    assert known.facts.budget_left_wh(known.device) == 20_000


# --- what survives a restart, and what does not


def test_a_charging_wish_survives_a_restart() -> None:
    known = Known()
    known.device.wish = ChargingWish((10.0, 10.0, 10.0), enabled=False)
    known.facts.keep_wish(known.device)
    again = Known(known.retained)
    again.facts.recall_wish(again.device)
    assert again.device.wish == ChargingWish((10.0, 10.0, 10.0), enabled=False)
    assert again.device.wished is True


def test_without_a_stored_wish_the_wallbox_is_left_alone() -> None:
    known = Known()
    known.facts.recall_wish(known.device)
    assert known.device.wished is False


def test_a_removed_device_leaves_nothing_behind() -> None:
    known = Known()
    known.facts.keep_wish(known.device)
    known.facts.set_driver(known.device, {"min_soc_percent": 50.0})
    known.facts.budget_left_wh(known.device)
    assert known.retained.names()
    known.facts.forget("carport")
    assert known.retained.names() == []
