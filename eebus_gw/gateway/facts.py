"""Gathers what the site rules want to know about one car or home battery, and keeps what must survive a restart: the
driver's wishes, the charging wish and the discharge budget of the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from eebus_gw.clock import MACHINE_ZONE, Clock, moment_after, next_time_of_day
from eebus_gw.gateway.device import UNKNOWN_HIGHEST_A, UNKNOWN_LOWEST_A, Device
from eebus_gw.gateway.home_battery import battery_measured, battery_needs, battery_power
from eebus_gw.gateway.metering import Metering
from eebus_gw.gateway.setpoint_facts import SetpointFacts
from eebus_gw.gateway.side import Side
from eebus_gw.gateway.vehicle import (
    DriverWishes,
    car_measured,
    energy_needs,
    overload_w,
    power_range,
    stated_minimum_percent,
    stated_target_percent,
)
from eebus_gw.retained import Retained
from eebus_gw.settings import EmsSettings, FeedIn, Settings
from eebus_gw.site.amperes import NOMINAL_V
from eebus_gw.site.bounds import FeedInRule, Limits, Measured, Others
from eebus_gw.site.charging import ChargingWish
from eebus_gw.site.precedence import Rules
from eebus_gw.site.ramp import RampSettings
from eebus_gw.vocabulary.behaviour import HEARTBEAT_LOST_S
from eebus_gw.vocabulary.values import LimitValue, Manufacturer, PhaseValues, Range
from usecases.commissioning import EVSECC
from usecases.limitation import LPC, LPP, Limitation
from usecases.setpoints import COB

WHOLE_AMPERE_W = 3 * NOMINAL_V
SILENCE_S = 60.0
ANSWER_S = 10.0


class StoredDriver(BaseModel):
    """The driver's wishes as they were set over MQTT or on the command line."""

    departure: datetime | None = None
    min_soc_percent: float | None = None
    target_soc_percent: float | None = None
    discharge_permitted: bool | None = None


class StoredWish(BaseModel):
    """A charging wish: it stays until it is replaced, also over a restart."""

    max_current_a: PhaseValues | None = None
    enabled: bool = True
    recommended_a: PhaseValues | None = None


class StoredBudget(BaseModel):
    """Energy discharged in total at the beginning of a local day."""

    day: date
    discharged_wh: float


@dataclass(frozen=True, slots=True)
class SiteView:
    """What the site says to one device: its share of the limits in W, and the grid meter."""

    consumption_w: float | None
    production_w: float | None
    grid: Measured | None
    others: Others = field(default_factory=Others)
    """What else is steered to discharge now."""
    limited: bool = False
    """Whether the grid limits the consumption of the site."""
    feed_in_w: float | None = None
    """What the whole site may feed in by the grid's limit and by contract."""
    feed_in_part_w: float | None = None
    """The part of it that falls to the device."""


class Facts:
    """Facts about the devices of one side; ``site`` tells what stands above a device."""

    def __init__(
        self,
        side: Side,
        settings: Settings,
        clock: Clock,
        metering: Metering,
        retained: Retained,
        site: Callable[[Device], SiteView],
    ) -> None:
        self._side = side
        self._settings = settings
        self._clock = clock
        self._metering = metering
        self._retained = retained
        self._site = site

    @property
    def ems(self) -> EmsSettings:
        """What is to happen when the energy manager falls silent."""
        return self._settings.ems

    def of(self, device: Device) -> SetpointFacts:
        """Everything a decision about ``device`` rests on, as it is now."""
        site = self._site(device)
        driver = self.driver(device)
        voltage_v = self._settings.site.voltage_v
        stated_percent = stated_minimum_percent(device)
        share_w, carried_w = _by_cause(
            site.consumption_w, self._carried_w(device, overload_w(device, "limit_a", voltage_v))
        )
        return SetpointFacts(
            offered=device.value("dbevc", "setpoint") is not None,
            power=power_range(device),
            needs=energy_needs(device, driver),
            limits=Limits(
                consumption_w=share_w,
                production_w=site.production_w,
                overload_charge_w=carried_w,
                overload_discharge_w=self._carried_w(
                    device, overload_w(device, "discharge_a", voltage_v)
                ),
                contractual_w=self._settings.site.contractual_consumption_w,
                site_production_w=site.feed_in_w,
                site_production_part_w=site.feed_in_part_w,
            ),
            discharge_permitted=device.value("dbevc", "discharge_below_target") is not None
            or driver.discharge_permitted,
            data_stale=self.stale(device),
            measured=car_measured(device),
            grid=site.grid,
            feed_in=_feed_in(self._settings, site.others),
            budget_left_wh=self.budget_left_wh(device),
            minimum_percent=driver.minimum_percent if stated_percent is None else stated_percent,
            held_consumption_w=_held_w(device, LPC),
            held_production_w=_held_w(device, LPP),
        )

    def of_battery(self, device: Device) -> SetpointFacts:
        """The same for a home battery. It has no driver: its reserve takes the place of the minimum."""
        site = self._site(device)
        settings = self._settings.device(device.id)
        capacity_kwh = settings.capacity_kwh
        return SetpointFacts(
            offered=device.value(COB.code, COB.ac_setpoint.key) is not None,
            power=battery_power(device),
            needs=battery_needs(
                device,
                reserve_percent=settings.reserve_percent,
                capacity_wh=None if capacity_kwh is None else capacity_kwh * 1000,
            ),
            limits=Limits(
                consumption_w=0.0 if site.limited else None,
                production_w=site.production_w,
                contractual_w=self._settings.site.contractual_consumption_w,
                site_production_w=site.feed_in_w,
                site_production_part_w=site.feed_in_part_w,
            ),
            discharge_permitted=True,
            data_stale=self.stale(device),
            measured=battery_measured(device),
            grid=site.grid,
            feed_in=_feed_in(self._settings, site.others),
            minimum_percent=settings.reserve_percent,
            capacity_assumed=capacity_kwh is None,
            held_consumption_w=_held_w(device, LPC),
            held_production_w=_held_w(device, LPP),
        )

    def _carried_w(self, device: Device, limit_w: float | None) -> float | None:
        """``limit_w``, or what the installation behind the wallbox carries if that is less."""
        installed_a = self.installed_a(device.id)
        if installed_a is None:
            return limit_w
        permitted = device.permitted()
        phases = sum(phase is not None for phase in permitted.phases) if permitted else 0
        carried_w = installed_a * (phases or 3) * self._settings.site.voltage_v
        return carried_w if limit_w is None else min(limit_w, carried_w)

    def rules(self, device: Device) -> Rules:
        """What the user decided about one vehicle or battery; a battery below its reserve is not charged for that."""
        settings = self._settings.device(device.id)
        ramp = RampSettings(reversals_per_hour=settings.reversals_per_hour)
        return Rules(minimum_at_once=not device.house, ramp=ramp)

    def usual_range(self, device_id: str) -> Range:
        """Permitted currents to assume where a wallbox states none."""
        settings = self._settings.device(device_id)
        highest = settings.max_current_a or UNKNOWN_HIGHEST_A
        lowest = UNKNOWN_LOWEST_A if settings.min_current_a is None else settings.min_current_a
        return Range(min(lowest, highest), highest, None)

    def installed_a(self, device_id: str) -> float | None:
        """Largest current per phase of the installation behind a wallbox, ``None`` = not stated."""
        return self._settings.device(device_id).max_current_a

    def dry_run(self, device: Device) -> bool:
        """Whether setpoints are only published: by default for cars at models that nobody has proven.

        The wire form of a battery's setpoints is no inference, so that they are written unless the user forbids it.
        """
        configured = self._settings.device(device.id).bidirectional
        if configured is not None:
            return configured == "dry_run"
        if device.house:
            return False
        return not _is_simulated(device.value(EVSECC.code, EVSECC.manufacturer.key))

    def decided(self, device: Device) -> dict[str, Any]:
        """What the user decided about discharging, by the name of the setting, as it is in force (contract §3)."""
        settings = self._settings.device(device.id)
        feed_in = self._settings.site.feed_in
        own: dict[str, Any] = {"bidirectional": "dry_run" if self.dry_run(device) else "on"}
        if device.house:
            own["reserve_percent"] = settings.reserve_percent
            own["capacity_kwh"] = settings.capacity_kwh
        else:
            driver = self.driver(device)
            own["discharge_budget_kwh_per_day"] = settings.discharge_budget_kwh_per_day
            own["reversals_per_hour"] = settings.reversals_per_hour
            own["driver.min_soc_percent"] = driver.minimum_percent
            own["driver.target_soc_percent"] = driver.target_percent
            own["driver.departure"] = self._departure_text(driver.departure_at)
            own["driver.discharge_permitted"] = driver.discharge_permitted
        return {
            "site.feed_in": feed_in.value if isinstance(feed_in, FeedIn) else feed_in,
            **{f"devices.{device.id}.{name}": value for name, value in own.items()},
        }

    # --- liveness

    def stale(self, device: Device) -> bool:
        """Link down, heartbeat lost, or a re-read after a minute of silence unanswered: an unchanged value is not."""
        link = self._side.link(device.ski)
        now = self._clock.now()
        if not link.connected:
            return True
        if link.heartbeat_at is not None and now - link.heartbeat_at > HEARTBEAT_LOST_S:
            return True
        self._listen(device, now)
        asked_at = device.asked_at
        return asked_at is not None and now - asked_at > ANSWER_S

    def ask_silent(self, device: Device) -> None:
        """Reads a device again that has said nothing for a minute."""
        now = self._clock.now()
        self._listen(device, now)
        partner = self._side.node.host.partners.get(device.ski)
        silent = now - device.heard_at > SILENCE_S
        if partner is not None and silent and device.asked_at is None:
            device.asked_at = now
            partner.refetch(now)
            self._side.node.network.wake(device.ski)

    def _listen(self, device: Device, now: float) -> None:
        partner = self._side.node.host.partners.get(device.ski)
        received = partner.session.received if partner is not None else 0
        if received != device.received:
            device.received = received
            device.heard_at = now
            device.asked_at = None

    # --- the driver

    def driver(self, device: Device) -> DriverWishes:
        """The driver's wishes: as set, else from the configuration."""
        stored = self._retained.get(f"driver.{device.id}", StoredDriver) or StoredDriver()
        configured = self._settings.device(device.id).driver
        wall = self._clock.wall()
        departure = stored.departure
        if departure is None or departure <= wall:
            usual = configured.departure
            local = wall.astimezone(MACHINE_ZONE)
            departure = None if usual is None else next_time_of_day(usual, local)
        departure_at = None
        if departure is not None:
            departure_at = self._clock.now() + (departure - wall).total_seconds()
        return DriverWishes(
            _first(stored.min_soc_percent, configured.min_soc_percent),
            _first(stored.target_soc_percent, configured.target_soc_percent),
            departure_at,
            bool(_first(stored.discharge_permitted, configured.discharge_permitted)),
        )

    def set_driver(self, device: Device, value: dict[str, Any]) -> dict[str, Any]:
        """Takes over the driver's wishes that ``value`` names; returns all of them."""
        stored = self._retained.get(f"driver.{device.id}", StoredDriver) or StoredDriver()
        changed = stored.model_copy(update=value)
        self._retained.put(f"driver.{device.id}", changed, self._clock.now(), urgent=True)
        return changed.model_dump(mode="json")

    def driver_members(self, device: Device) -> dict[str, Any]:
        """The driver's members of the ``ev`` document: the car's own where it tells them."""
        driver = self.driver(device)
        below_target = device.value("dbevc", "discharge_below_target")
        from_car = device.value("dbevc", "energy_request") is not None
        return {
            "departure": self._departure_text(energy_needs(device, driver).departure_at),
            "min_soc_percent": stated_minimum_percent(device)
            if from_car
            else driver.minimum_percent,
            "target_soc_percent": stated_target_percent(device)
            if from_car
            else driver.target_percent,
            "discharge_permitted": below_target
            if below_target is not None
            else driver.discharge_permitted,
            "driver_source": "car" if from_car else "settings",
        }

    def _departure_text(self, departure_at: float | None) -> str | None:
        """To the minute: computed anew each time, it would otherwise change with every look."""
        if departure_at is None:
            return None
        at = moment_after(self._clock.wall(), departure_at - self._clock.now() + 30)
        return at.replace(second=0, microsecond=0).isoformat().replace("+00:00", "Z")

    # --- what survives a restart

    def keep_wish(self, device: Device) -> None:
        """Stores the charging wish."""
        wish = StoredWish(
            max_current_a=device.wish.max_current_a,
            enabled=device.wish.enabled,
            recommended_a=device.recommendation_a,
        )
        self._retained.put(f"wish.{device.id}", wish, self._clock.now(), urgent=True)

    def recall_wish(self, device: Device) -> None:
        """Takes a stored charging wish over."""
        stored = self._retained.get(f"wish.{device.id}", StoredWish)
        if stored is not None:
            device.wish = ChargingWish(stored.max_current_a, stored.enabled)
            device.recommendation_a = stored.recommended_a
            device.wished = True

    def forget(self, device_id: str) -> None:
        """A device was removed."""
        for section in ("driver", "wish", "budget"):
            self._retained.drop(f"{section}.{device_id}", self._clock.now())

    def budget_left_wh(self, device: Device) -> float:
        """What may still leave the battery on this local day."""
        today = self._clock.wall().astimezone().date()
        total_wh = self._metering.discharged_wh(device)
        stored = self._retained.get(f"budget.{device.id}", StoredBudget)
        if stored is None or total_wh < stored.discharged_wh or _begins(today, stored.day):
            stored = StoredBudget(day=today, discharged_wh=total_wh)
            self._retained.put(f"budget.{device.id}", stored, self._clock.now())
        allowed_wh = self._settings.device(device.id).discharge_budget_kwh_per_day * 1000
        return max(0.0, allowed_wh - (total_wh - stored.discharged_wh))


def _is_simulated(stated: Manufacturer | None) -> bool:
    """Whether a peer is one of this project's simulators, which say so themselves.

    Over their connection: what mDNS says of a peer anybody on the network can say.
    """
    if stated is None or stated.brand_name != "eebus-gw":
        return False
    return (stated.device_name or "").startswith("simulated")


def _by_cause(share_w: float | None, carried_w: float | None) -> tuple[float | None, float | None]:
    """Share of the grid's limit and limit of the installation, so that the smaller one is named for what it is.

    A share that goes to a wallbox as a current (OPEV) comes back rounded down to whole amperes.
    """
    if share_w is None or carried_w is None or not 0 <= share_w - carried_w < WHOLE_AMPERE_W:
        return share_w, carried_w
    return carried_w, None


def _held_w(device: Device, use_case: Limitation) -> float | None:
    """The limit that a device says is in force, W ≥ 0."""
    told: LimitValue | None = device.value(use_case.code, use_case.limit.key)
    return abs(told.watts) if told is not None and told.active and told.watts is not None else None


def _feed_in(settings: Settings, others: Others) -> FeedInRule:
    feed_in = settings.site.feed_in
    if feed_in is FeedIn.ALLOWED:
        return FeedInRule(None)
    limit_w = 0.0 if isinstance(feed_in, FeedIn) else float(feed_in)
    return FeedInRule(limit_w, others=others)


def _begins(today: date, counted: date) -> bool:
    """Whether another day than the one counted has begun; a clock set back over midnight begins none."""
    return not today <= counted <= today + timedelta(days=1)


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)
