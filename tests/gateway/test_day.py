"""A day of bidirectional driving: the gateway's rules steer the simulated car, in virtual time (contract §3).

The day itself stands in ``tests/support/day.py``. Its energy manager is greedy on purpose; whatever keeps that within
bounds is the gateway's doing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from eebus_gw.gateway.facts import Facts, SiteView
from eebus_gw.gateway.setpoints import SetpointControl
from eebus_gw.retained import Retained
from eebus_gw.settings import Settings
from eebus_gw.sim.battery import Battery
from eebus_gw.sim.decision import Installation
from eebus_gw.sim.ev import Driver, IdleRule, Vehicle, VehicleKind
from eebus_gw.sim.snapshot import WallboxSnapshot
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.site.bounds import Measured
from eebus_gw.vocabulary import values
from tests.gateway.bench import Bench
from tests.support.clock import FakeClock
from tests.support.day import (
    CONSUMPTION_W,
    FULL,
    HOUR,
    HOUSE,
    MINIMUM,
    PRODUCTION_W,
    TARGET,
    Phase,
    Span,
    stored_wh,
    wanted_w,
)
from tests.support.household import Household

TICK_S = 5
"""The meter's period; timers that are due in between are handled late, as on a busy machine."""
ASK_S = 120
START = round(FULL.span(Phase.MORNING).start)
AWAY = FULL.span(Phase.AWAY)
CONSUMPTION = FULL.span(Phase.CONSUMPTION)
PRODUCTION = FULL.span(Phase.PRODUCTION)
SPEECHLESS = FULL.span(Phase.SPEECHLESS)
FOLLOWS_S = 10
"""Time a car has to follow a new limit."""
IDLE_W = 50.0


@dataclass
class Day(Bench):
    """A house at second ``second`` of its first day; ``site`` is what the grid limits."""

    start_at: int = START
    soc_percent: float = 55.0
    site: SiteView = field(default_factory=lambda: SiteView(None, None, None))

    def __post_init__(self) -> None:
        midnight = datetime(2026, 6, 21, tzinfo=UTC)
        self.clock = FakeClock(self.start_at, midnight + timedelta(seconds=self.start_at))
        super().__post_init__()
        self.house = HOUSE
        self.vehicle = Vehicle(
            VehicleKind.BIDIRECTIONAL,
            Battery(60_000, self.soc_percent),
            Driver(MINIMUM, TARGET, departure_at=FULL.departure),
            idle=IdleRule.HOLD,
        )
        self.box = Wallbox(Installation(guarded=False), vehicle=self.vehicle, now=self.start_at)
        self.retained = Retained()
        self.answers: list[tuple[int, int, str]] = []
        self.alarms: list[str] = []
        self.start()

    def start(self) -> None:
        """The gateway starts: nothing is left but what is retained."""
        link = SimpleNamespace(connected=True, heartbeat_at=None)
        side = SimpleNamespace(
            link=lambda ski: link,
            node=SimpleNamespace(host=SimpleNamespace(partners={})),
        )
        metering = SimpleNamespace(discharged_wh=lambda device: self.discharged_wh)
        settings = Settings.model_validate({"devices": {"carport": {"bidirectional": "on"}}})
        facts = Facts(
            side,  # type: ignore[arg-type]
            settings,
            self.clock,
            metering,  # type: ignore[arg-type]
            self.retained,
            lambda device: self.site,
        )
        self.control = SetpointControl(
            self.device,
            self.tracker,
            self.set_at_car,
            lambda: facts.of(self.device),
            lambda: facts.rules(self.device),
            dry_run=lambda: facts.dry_run(self.device),
            clock=self.clock,
            alarm=self.alarms.append,
        )

    @property
    def second(self) -> int:
        return round(self.now)

    @property
    def discharged_wh(self) -> float:
        return self.box.step(self.now).total_discharged_wh

    def set_at_car(self, use_case: Any, point: Any, value: values.SetpointValue) -> int:
        token = self.write(use_case, point, value)
        verdict = self.box.write_setpoint(
            value.watts or 0.0, self.now, active=value.active, end_s=value.end_s
        )
        self.answers.append((token, verdict.error_number, verdict.text))
        return token

    # --- the car

    def plugs_in(self) -> None:
        self.box.plug(self.now)
        self.plug()

    def unplugs(self) -> None:
        self.box.unplug(self.now)
        self.control.session_over(self.now)
        self.device.car_left()

    def publish(self, snapshot: WallboxSnapshot) -> None:
        """What the car tells goes into the readings of the gateway."""
        car = snapshot.car
        if car is None:
            return
        assert car.setpoint is not None
        assert car.constraints is not None
        assert car.request is not None
        view, power, wants = car.setpoint, car.constraints, car.request
        told = {
            ("evcem", "power_total_w"): snapshot.power_w,
            ("evsoc", "soc_percent"): car.soc_percent,
            ("dbevc", "setpoint"): values.SetpointValue(
                view.watts, view.active, end_s=view.end_s, changeable=view.changeable
            ),
            ("dbevc", "power_constraints"): values.PowerConstraints(
                power.charge_min_w,
                power.charge_max_w,
                power.discharge_min_w,
                power.discharge_max_w,
            ),
            ("dbevc", "energy_request"): values.EnergyRequest(
                wants.minimum_wh, wants.target_wh, wants.maximum_wh, wants.departure_s
            ),
            ("dbevc", "discharge_request"): values.DischargeRequest(
                wants.cycle_enter_wh, wants.cycle_leave_wh
            ),
            ("dbevc", "discharge_below_target"): wants.discharge_below_target,
        }
        for (code, key), value in told.items():
            self.tell(code, key, value)

    # --- time

    def tick(self) -> WallboxSnapshot:
        """Five seconds pass: the meter tells, the car tells, the gateway decides, the car answers."""
        self.clock.advance(TICK_S)
        snapshot = self.box.step(self.now)
        grid_w = self.house.grid_w(self.now, snapshot.power_w)
        self.site = replace(self.site, grid=Measured(grid_w, self.now))
        self.publish(snapshot)
        self.control.reported(self.now)
        self.control.handle_timer(self.now)
        self.tracker.handle_timer(self.now)
        self.answer()
        return snapshot

    def answer(self) -> None:
        while self.answers:
            token, number, text = self.answers.pop(0)
            self.publish(self.box.step(self.now))
            self.control.write_done(token, number, text, self.now)

    def limit(self, **limits: float | None) -> None:
        self.site = replace(self.site, **limits)
        self.control.reconsider(self.now)
        self.answer()

    def asks(self) -> None:
        """What the energy manager wants for the next minutes."""
        surplus_w = -self.house.grid_w(self.now)
        soc_percent = self.vehicle.battery.soc_percent
        self.asks_for(wanted_w(FULL.phase(self.now), surplus_w, soc_percent))

    def asks_for(self, watts: float) -> None:
        value = {"setpoint_w": watts, "active": True, "duration_s": 300.0}
        self.command(self.control.execute, f"at-{self.second}", value, field="setpoint")
        self.answer()


def within(second: float, span: Span, follows_s: float = FOLLOWS_S) -> bool:
    """Whether ``span`` holds for so long that the car follows it."""
    return span.start + follows_s <= second < span.stop


@dataclass
class Observed:
    """What one tick after the other shows; ``check`` fails the test when a rule is broken."""

    day: Day
    lowest_w: float = 0.0
    highest_w: float = 0.0
    fed_in_by_car: list[int] = field(default_factory=list)

    def check(self, state: WallboxSnapshot) -> None:
        day, second, watts = self.day, self.day.second, state.power_w
        self.lowest_w, self.highest_w = min(self.lowest_w, watts), max(self.highest_w, watts)
        # the driver
        if watts < -IDLE_W:
            assert state.battery_percent is not None
            assert state.battery_percent >= MINIMUM - 0.01, second
            assert second not in AWAY
        # the grid
        if within(second, CONSUMPTION):
            assert watts <= CONSUMPTION_W + 1, second
        if within(second, PRODUCTION):
            assert watts >= -PRODUCTION_W - 1, second
        # no energy from the car flows into the grid, but for the moment in which the house changes
        if watts < -IDLE_W and day.house.grid_w(day.now, watts) < 0:
            self.fed_in_by_car.append(second)
        # nobody speaks: discharging ends with the setpoint's end on the wire
        if within(second, SPEECHLESS, 125):
            assert watts > -IDLE_W, second
        for sent in day.take():
            value = sent.value
            assert not value.active or 0 < value.end_s <= 120
            assert -11_040 <= value.watts <= 11_040


def test_a_greedy_energy_manager_breaks_no_rule_and_the_driver_departs_with_the_target() -> None:
    day = Day()
    observed = Observed(day)
    battery = day.vehicle.battery
    held_wh: list[float] = []  # at each plugging and unplugging
    day.plugs_in()
    day.publish(day.box.step(day.now))
    held_wh.append(battery.stored_wh)
    while day.second < FULL.departure:
        match day.second:
            case AWAY.start:
                held_wh.append(battery.stored_wh)
                day.unplugs()
            case AWAY.stop:
                battery.refill(40)
                held_wh.append(battery.stored_wh)
                day.plugs_in()
            case CONSUMPTION.start:
                day.limit(consumption_w=CONSUMPTION_W)
            case CONSUMPTION.stop:
                day.limit(consumption_w=None)
            case PRODUCTION.start:
                day.limit(production_w=PRODUCTION_W)
            case PRODUCTION.stop:
                day.limit(production_w=None)
            case SPEECHLESS.start:
                day.start()
        observed.check(day.tick())
        quiet = day.second in AWAY or day.second in SPEECHLESS
        if not quiet and day.second % ASK_S == 0:
            day.asks()
    held_wh.append(battery.stored_wh)

    end = day.box.step(day.now)
    assert battery.soc_percent >= TARGET
    assert observed.fed_in_by_car == []
    assert observed.lowest_w < -3_000
    assert observed.highest_w > 8_000
    assert end.total_discharged_wh > 4_000
    assert day.alarms == []
    gained_wh = held_wh[1] - held_wh[0] + held_wh[3] - held_wh[2]
    booked_wh = stored_wh(end.total_charged_wh, end.total_discharged_wh)
    assert booked_wh == pytest.approx(gained_wh, rel=0.005)


def test_an_energy_manager_that_only_discharges_cannot_spoil_the_departure() -> None:
    day = Day(start_at=round(23 * HOUR), soc_percent=70.0)
    day.house = Household(load_factor=10.0)
    day.plugs_in()
    day.publish(day.box.step(day.now))
    bounds: list[str | None] = []
    while day.second < FULL.departure:
        if day.second % ASK_S == 0:
            day.asks_for(-3_000)
        state = day.tick()
        assert state.battery_percent is not None
        assert state.battery_percent >= MINIMUM - 0.01
        if day.control.limited_by not in bounds[-1:]:
            bounds.append(day.control.limited_by)
    assert day.vehicle.battery.soc_percent >= TARGET - 0.5
    assert day.box.step(day.now).total_discharged_wh > 1_000
    assert "departure" in bounds
