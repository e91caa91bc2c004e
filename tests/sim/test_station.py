"""The simulated wallbox as a device, seen by a client in memory: what it offers and what its car does about writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from eebus_gw.roles.events import Reported, WriteDone
from eebus_gw.roles.host import Entity
from eebus_gw.sim.battery import Battery
from eebus_gw.sim.decision import Installation
from eebus_gw.sim.ev import Driver, Refusal, Vehicle, VehicleKind
from eebus_gw.sim.station import Station
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import (
    ChargingSummary,
    Manufacturer,
    PhaseLimits,
    PowerConstraints,
    PowerCurve,
    PowerSlot,
    PriceSlot,
    PriceTable,
    PriceTier,
    Range,
    SetpointValue,
)
from tests.support.pair import Pair
from usecases.coordination import CEVC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.setpoints import DBEVC
from usecases.summary import EVCS

HOUR = 3600.0
CLIENT = (EVCEM, EVSOC, OPEV, OSCEV, CEVC, EVCS, DBEVC)


class Drive(Pair):
    """A client and a simulated wallbox with a car, stepped once a second."""

    def __init__(
        self,
        kind: VehicleKind,
        *,
        soc: float = 50.0,
        driver: Driver | None = None,
        offer: Iterable[str] | None = None,
    ) -> None:
        super().__init__()
        self.cem.host.add_entity(Entity("CEM", CLIENT), self.now)
        self.cem.host.announce()
        self.car = Vehicle(kind, Battery(60_000, soc), driver or Driver())
        self.model = Wallbox(Installation(), vehicle=self.car, now=self.now)
        self.station = Station(
            self.box.host,
            self.model,
            Manufacturer(brand_name="box"),
            self.now,
            offer=list(offer) if offer is not None else None,
        )
        self._heard = 0
        self.station.plug(self.now)
        self.connect()
        self.run(1)

    def run(self, seconds: int) -> None:
        """Lets time pass for both ends and the model."""
        for _ in range(seconds):
            self.advance(1.0)
            self.listen()
            self.station.step(self.now)
            self.settle()

    def listen(self) -> None:
        while self._heard < len(self.box.events):
            event = self.box.events[self._heard]
            self._heard += 1
            self.station.handle(event, self.now)

    def read(self, use_case: UseCase, key: str) -> Any:
        reading = self.cem.host.get("box", use_case, use_case.point(key))
        return reading.value if reading is not None else None

    def wish(self, use_case: UseCase, key: str, value: Any) -> None:
        self.cem.host.wish("box", use_case, use_case.point(key), value, self.now)
        self.settle()
        self.listen()

    def write(self, use_case: UseCase, key: str, value: Any) -> WriteDone:
        token = self.cem.host.write("box", use_case, use_case.point(key), value, self.now)
        self.settle()
        self.listen()
        done: WriteDone = next(d for d in self.cem.of(WriteDone) if d.token == token)
        return done

    @property
    def power_w(self) -> float:
        return float(self.read(EVCEM, "power_total_w"))

    def reported(self, name: str) -> list[dict[str, Any]]:
        return [dict(e.data) for e in self.cem.of(Reported) if e.name == name]


def matched(drive: Drive) -> set[str]:
    return {code for code, _ in drive.cem.host.partners["box"].consumers}


PLANNING = {"evcem", "evsoc", "opev", "oscev", "evcs", "cevc"}


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (VehicleKind.IEC61851, {"evcem", "opev", "oscev", "evcs"}),
        (VehicleKind.ISO15118, PLANNING),
        (VehicleKind.BIDIRECTIONAL, PLANNING | {"dbevc"}),
        (VehicleKind.BIDIRECTIONAL_DC, PLANNING | {"dbevc"}),
    ],
    ids=str,
)
def test_each_kind_offers_what_it_can(kind: VehicleKind, codes: set[str]) -> None:
    assert matched(Drive(kind)) == codes


def test_offer_restricts() -> None:
    drive = Drive(VehicleKind.BIDIRECTIONAL, offer={"evcem", "opev"})
    drive.run(3)
    assert matched(drive) == {"evcem", "opev"}


# ── DBEVC


@pytest.fixture
def v2h() -> Drive:
    return Drive(VehicleKind.BIDIRECTIONAL)


def test_car_tells_requests_and_constraints(v2h: Drive) -> None:
    request = v2h.read(DBEVC, "energy_request")
    assert request.minimum_wh == pytest.approx(-12_000, abs=100)
    assert request.target_wh == pytest.approx(18_000, abs=100)
    assert request.maximum_wh == pytest.approx(30_000, abs=100)
    assert v2h.read(DBEVC, "discharge_request").dischargeable_wh == pytest.approx(12_000, abs=100)
    assert v2h.read(DBEVC, "discharge_below_target") is True
    assert v2h.read(DBEVC, "power_constraints") == PowerConstraints(
        1380.0, 11040.0, 1380.0, 11040.0
    )
    assert v2h.read(DBEVC, "setpoint_range_w") == Range(-11040.0, 11040.0)
    assert v2h.read(DBEVC, "setpoint").changeable is True


def test_power_follows_the_setpoint_both_ways(v2h: Drive) -> None:
    v2h.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=600.0))
    v2h.run(20)
    assert v2h.power_w == pytest.approx(-3000.0, abs=50)
    assert v2h.read(DBEVC, "setpoint").watts == -3000.0
    v2h.wish(DBEVC, "setpoint", SetpointValue(2000.0, True, end_s=600.0))
    v2h.run(25)
    assert v2h.power_w == pytest.approx(2000.0, abs=50)


def test_setpoint_ends_by_itself(v2h: Drive) -> None:
    v2h.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=40.0))
    v2h.run(30)
    assert v2h.power_w == pytest.approx(-3000.0, abs=50)
    v2h.run(30)
    assert v2h.read(DBEVC, "setpoint").active is False
    assert v2h.power_w > -50


def test_a_read_shows_the_time_that_remains(v2h: Drive) -> None:
    v2h.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=100.0))
    v2h.run(20)
    assert v2h.read(DBEVC, "setpoint").end_s == pytest.approx(100.0, abs=1.5)
    v2h.cem.host.partners["box"].refetch(v2h.now)
    v2h.settle()
    assert v2h.read(DBEVC, "setpoint").end_s == pytest.approx(80.0, abs=1.5)


def test_deactivated_setpoint(v2h: Drive) -> None:
    v2h.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=600.0))
    v2h.run(20)
    v2h.wish(DBEVC, "setpoint", SetpointValue(0.0, False))
    v2h.run(15)
    assert v2h.read(DBEVC, "setpoint").active is False
    assert v2h.power_w > -50


def test_gap_is_accepted_and_published_as_zero(v2h: Drive) -> None:
    assert v2h.write(DBEVC, "setpoint", SetpointValue(500.0, True, end_s=60.0)).error_number == 0
    v2h.run(15)
    assert v2h.read(DBEVC, "setpoint").watts == 0.0
    assert v2h.power_w == 0.0


@pytest.mark.parametrize("watts", [-12_000.0, 12_000.0])
def test_beyond_the_range_is_refused(v2h: Drive, watts: float) -> None:
    done = v2h.write(DBEVC, "setpoint", SetpointValue(watts, True, end_s=60.0))
    assert (done.error_number, done.text) == (7, "the setpoint is beyond 11040 W")


def test_driver_forbids_discharging_below_the_target() -> None:
    drive = Drive(VehicleKind.BIDIRECTIONAL, driver=Driver(discharge_below_target=False))
    done = drive.write(DBEVC, "setpoint", SetpointValue(-2000.0, True, end_s=60.0))
    assert (done.error_number, done.text) == (7, "the driver does not permit discharging now")
    assert drive.read(DBEVC, "setpoint").active is False


def test_refusing_car_takes_its_permission_back(v2h: Drive) -> None:
    v2h.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=600.0))
    v2h.run(15)
    v2h.car.refusal = Refusal.SETPOINTS
    v2h.run(3)
    assert v2h.read(DBEVC, "setpoint").changeable is False
    assert v2h.reported("setpoint_withdrawn") == [{"point": "setpoint"}]
    done = v2h.write(DBEVC, "setpoint", SetpointValue(1500.0, True, end_s=60.0))
    assert done.error_number == 7


def test_below_the_drivers_minimum_nothing_can_be_set() -> None:
    drive = Drive(VehicleKind.BIDIRECTIONAL, soc=20.0)
    assert drive.read(DBEVC, "setpoint").changeable is False
    assert drive.read(DBEVC, "energy_request").minimum_wh > 0


def test_lost_connection_ends_discharging(v2h: Drive) -> None:
    v2h.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=600.0))
    v2h.run(15)
    v2h.disconnect()
    v2h.run(10)
    assert v2h.station.step(v2h.now).power_w > -50


def test_silent_manager_ends_discharging(v2h: Drive) -> None:
    v2h.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=600.0))
    v2h.run(15)
    v2h.cem.host.heartbeats.silent = True
    v2h.run(10)
    assert v2h.power_w > -50


def test_discharge_limit_is_a_ceiling(v2h: Drive) -> None:
    assert v2h.read(OPEV, "discharge_a").active == (False, False, False)
    v2h.write(OPEV, "discharge_a", PhaseLimits((4.0,) * 3))
    v2h.wish(DBEVC, "setpoint", SetpointValue(-5000.0, True, end_s=600.0))
    v2h.run(20)
    assert v2h.power_w == pytest.approx(-4.0 * 3 * 230, abs=50)
    v2h.write(OPEV, "limit_a", PhaseLimits((10.0,) * 3))
    assert v2h.read(OPEV, "discharge_a").amperes == (4.0,) * 3


# ── CEVC


def departing(hours: float) -> Driver:
    return Driver(target_soc_percent=60.0, departure_at=100.0 + hours * HOUR)


@pytest.fixture
def planned() -> Drive:
    return Drive(VehicleKind.ISO15118, driver=departing(6))


CHEAP_LATE = PriceTable(
    "EUR",
    (
        PriceSlot(0.0, 2 * HOUR, (PriceTier(0.40),)),
        PriceSlot(2 * HOUR, 6 * HOUR, (PriceTier(0.10),)),
    ),
)


def test_car_tells_its_demand_and_asks(planned: Drive) -> None:
    demand = planned.read(CEVC, "demand")
    assert demand.target_wh == pytest.approx(6000 / 0.92, abs=30)
    assert demand.departure_s == pytest.approx(6 * HOUR, abs=2)
    assert planned.read(CEVC, "limit_curve_wanted") is True
    assert {r["point"] for r in planned.reported("wanted")} == {"limit_curve", "prices"}


def test_without_answer_the_car_charges_as_it_likes(planned: Drive) -> None:
    planned.run(30)
    assert planned.power_w == pytest.approx(11_040, abs=50)


def test_plan_moves_to_the_cheap_hours_and_the_power_follows(planned: Drive) -> None:
    planned.wish(CEVC, "prices", CHEAP_LATE)
    planned.run(30)
    plan = planned.read(CEVC, "plan")
    assert [slot.watts for slot in plan.slots][:2] == [0.0, 11_040.0]
    assert plan.slots[0].end_s == pytest.approx(2 * HOUR, abs=60)
    assert planned.power_w == 0.0
    planned.now += 2 * HOUR - 60
    planned.run(120)
    assert planned.power_w == pytest.approx(11_040, abs=50)


def test_a_car_that_discharges_plans_too_and_a_setpoint_goes_before_its_plan() -> None:
    drive = Drive(VehicleKind.BIDIRECTIONAL, driver=departing(6))
    request = drive.read(DBEVC, "energy_request")
    assert (request.minimum_wh, request.target_wh) == (-12_000.0, 6_000.0), "not CEVC's demand"
    drive.wish(CEVC, "prices", CHEAP_LATE)
    drive.run(30)
    assert drive.power_w == 0.0
    drive.wish(DBEVC, "setpoint", SetpointValue(-3000.0, True, end_s=60.0))
    drive.run(30)
    assert drive.power_w == pytest.approx(-3000, abs=1)
    drive.run(60)
    assert drive.power_w == 0.0, "the cheap hours are still to come"


def test_limit_curve_bounds_the_plan(planned: Drive) -> None:
    curve = PowerCurve((PowerSlot(0.0, 6 * HOUR, 5000.0),))
    planned.wish(CEVC, "limit_curve", curve)
    planned.run(30)
    assert max(slot.watts for slot in planned.read(CEVC, "plan").slots) == 5000.0
    assert planned.power_w == pytest.approx(5000.0, abs=50)


def test_driver_changes_the_departure_and_the_car_asks_again(planned: Drive) -> None:
    planned.wish(CEVC, "prices", CHEAP_LATE)
    planned.wish(CEVC, "limit_curve", PowerCurve((PowerSlot(0.0, 6 * HOUR, 11_040.0),)))
    planned.run(20)
    before = len(planned.cem.of(WriteDone))
    planned.car.driver = departing(1)
    planned.run(30)
    assert planned.read(CEVC, "demand").departure_s == pytest.approx(HOUR - 30, abs=15)
    assert len(planned.cem.of(WriteDone)) >= before + 3
    assert planned.power_w == pytest.approx(11_040, abs=50)


# ── EVCS


def test_summary_is_asked_for_after_unplugging(planned: Drive) -> None:
    planned.wish(EVCS, "summary", ChargingSummary(energy_wh=1500.0, cost=0.45, currency="EUR"))
    assert planned.read(EVCS, "summary") is None
    planned.station.unplug(planned.now)
    planned.run(2)
    assert planned.read(EVCS, "summary").energy_wh == 1500.0
    assert planned.read(EVCS, "summary_wanted") is False
