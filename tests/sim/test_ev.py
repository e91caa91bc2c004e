from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.battery import Battery
from eebus_gw.sim.ev import TRAITS, Driver, Refusal, Vehicle, VehicleKind
from eebus_gw.sim.snapshot import Bound, OperatingState

K = VehicleKind


def car(soc: float = 50, kind: VehicleKind = K.BIDIRECTIONAL, **driver: Any) -> Vehicle:
    return Vehicle(kind, Battery(60_000, soc), Driver(**driver))


@pytest.mark.parametrize(
    ("kind", "standard", "pause_a", "bidirectional", "dc"),
    [
        (K.IEC61851, "iec61851", 0.0, False, False),
        (K.ISO15118, "iso15118-2ed2", 0.1, False, False),
        (K.BIDIRECTIONAL, "iso15118-20", 0.1, True, False),
        (K.BIDIRECTIONAL_DC, "iso15118-20", 0.1, True, True),
    ],
)
def test_evcc_003_to_005_kinds(
    kind: VehicleKind, standard: str, pause_a: float, bidirectional: bool, dc: bool
) -> None:
    traits = TRAITS[kind]
    found = (traits.standard, traits.pause_a, traits.bidirectional, traits.dc)
    assert found == (standard, pause_a, bidirectional, dc)


@pytest.mark.parametrize(
    ("vehicle", "bar"),
    [
        (car(50), None),
        (car(30), Bound.DRIVER_MINIMUM),
        (car(20), Bound.DRIVER_MINIMUM),
        (car(50, discharge_below_target=False), Bound.DISCHARGE_PERMISSION),
        (car(85, discharge_below_target=False), None),
        (car(50, departure_at=3_600), Bound.DEPARTURE),
        (car(50, departure_at=40_000), None),
        (car(85, departure_at=60), None),
    ],
)
def test_what_forbids_discharging(vehicle: Vehicle, bar: Bound | None) -> None:
    assert vehicle.discharge_bar(11_040, 0) is bar


def test_a_departure_in_the_past_is_none() -> None:
    assert car(departure_at=100).departure_s(100) is None
    assert car(departure_at=100).departure_s(40) == 60


def test_what_makes_a_car_not_controllable() -> None:
    assert car().controllable(11_040, 0)
    assert not car(kind=K.ISO15118).controllable(11_040, 0)
    assert not car(20).controllable(11_040, 0)
    assert not car(departure_at=3_600).controllable(11_040, 0)
    for member, value in (("paused", True), ("failed", True), ("refusal", Refusal.SETPOINTS)):
        vehicle = car()
        setattr(vehicle, member, value)
        assert not vehicle.controllable(11_040, 0)


def test_a_sleeping_car_wakes_only_by_a_new_offer_or_by_hand() -> None:
    vehicle = car()
    vehicle.sleep()
    vehicle.notice_offer(True, 1)
    assert vehicle.operating_state() is OperatingState.ASLEEP
    vehicle.notice_offer(False, 2)
    vehicle.notice_offer(True, 3)
    assert vehicle.operating_state() is OperatingState.NORMAL
    vehicle.sleep()
    vehicle.wake()
    assert vehicle.operating_state() is OperatingState.NORMAL


def test_a_failed_car_says_so() -> None:
    vehicle = car()
    vehicle.failed = True
    assert vehicle.operating_state() is OperatingState.FAILURE
    assert vehicle.reluctance() is not None


def test_the_pilot_tells_no_identification() -> None:
    vehicle = Vehicle(K.ISO15118, Battery(60_000, 50), identification="02-00-00-AA-BB-CC")
    assert vehicle.identification(0) == "02-00-00-AA-BB-CC"
    vehicle.end_link()
    assert vehicle.identification(0) is None
    vehicle.plug(10)
    assert vehicle.identification(10) == "02-00-00-AA-BB-CC"


@pytest.mark.parametrize(("minimum", "target"), [(90, 80), (-1, 80), (30, 101)])
def test_a_driver_who_wants_the_impossible_is_refused(minimum: float, target: float) -> None:
    with pytest.raises(LocalProtocolError):
        Driver(min_soc_percent=minimum, target_soc_percent=target)


def test_no_car_is_no_vehicle() -> None:
    with pytest.raises(LocalProtocolError):
        car(kind=K.NONE)
