from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eebus_gw.sim.acting import act
from eebus_gw.sim.battery import Battery
from eebus_gw.sim.ev import Refusal, Vehicle, VehicleKind
from eebus_gw.sim.scenario import parse_scenario

EVENING = datetime(2026, 1, 15, 18, 0, tzinfo=UTC)


def played(text: str) -> Vehicle:
    vehicle = Vehicle(VehicleKind.BIDIRECTIONAL, Battery(60_000, 50))
    for step in parse_scenario(f"[[step]]\nat = 0\n{text}\n").due(0):
        assert act(step, vehicle, 1_000, EVENING)
    return vehicle


def test_the_driver_pauses_and_resumes() -> None:
    assert played("pause = true").paused
    vehicle = played("resume = true")
    assert not vehicle.paused


@pytest.mark.parametrize(
    ("value", "departure_at"),
    [("06:30:00", 46_000), ("19:00:00", 4_600), ("18:00:00", 87_400), ("600", 1_600), ("false", None)],
)  # fmt: skip
def test_a_departure_is_the_next_such_time(value: str, departure_at: float | None) -> None:
    assert played(f"departure = {value}").driver.departure_at == departure_at


def test_a_minimum_above_the_target_lifts_the_target() -> None:
    driver = played("min_soc = 90").driver
    assert (driver.min_soc_percent, driver.target_soc_percent) == (90, 90)


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ("true", Refusal.SETPOINTS),
        ('"setpoints"', Refusal.SETPOINTS),
        ('"limits"', Refusal.LIMITS),
        ("false", Refusal.NOTHING),
    ],
)
def test_a_refusal(value: str, refusal: Refusal) -> None:
    assert played(f"refuse = {value}").refusal is refusal


def test_a_refusal_for_some_time_ends_by_itself() -> None:
    scenario = parse_scenario("[[step]]\nat = 10\nrefuse = true\nfor = 60\n")
    assert [(step.at, step.value) for step in scenario.steps] == [(10, True), (70, False)]


def test_what_others_do_is_not_the_car_s() -> None:
    vehicle = Vehicle(VehicleKind.BIDIRECTIONAL, Battery(60_000, 50))
    (step,) = parse_scenario("[[step]]\nat = 0\nlimit = 4200\n").due(0)
    assert not act(step, vehicle, 0, EVENING)
