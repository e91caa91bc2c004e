"""Steps of a script that are the driver's or the car's own, played on the model of the car."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from eebus_gw.clock import next_time_of_day
from eebus_gw.sim.ev import Driver, Refusal, Vehicle
from eebus_gw.sim.scenario import Step


def act(step: Step, vehicle: Vehicle, now: float, local: datetime) -> bool:
    """Plays ``step`` if it concerns driver or car; false for steps of the wallbox or control box.

    ``local`` is the wall time at ``now``; a departure given as time of day is the next such time.
    """
    match step.action:
        case "pause":
            vehicle.paused = True
        case "resume":
            vehicle.paused = False
        case "min_soc":
            vehicle.driver = _with_minimum(vehicle.driver, step.value)
        case "departure":
            departure_at = _departure_at(step.value, now, local)
            vehicle.driver = replace(vehicle.driver, departure_at=departure_at)
        case "refuse":
            vehicle.refusal = _refusal(step.value)
        case _:
            return False
    return True


def _with_minimum(driver: Driver, value: object) -> Driver:
    minimum = float(value) if isinstance(value, int | float) else driver.min_soc_percent
    target = max(minimum, driver.target_soc_percent)
    return replace(driver, min_soc_percent=minimum, target_soc_percent=target)


def _departure_at(value: object, now: float, local: datetime) -> float | None:
    if isinstance(value, time):
        return now + (next_time_of_day(value, local) - local).total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return now + value


def _refusal(value: object) -> Refusal:
    if isinstance(value, str):
        return Refusal(value)
    return Refusal.SETPOINTS if value else Refusal.NOTHING
