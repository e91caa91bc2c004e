"""What follows setpoints: a bidirectional car (DBEVC) or a home battery behind its inverter (COB)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eebus_gw.gateway.device import Device
from eebus_gw.gateway.home_battery import battery_measured
from eebus_gw.gateway.vehicle import car_measured
from eebus_gw.site.bounds import Measured
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.values import SetpointValue
from usecases.setpoints import COB, DBEVC


@dataclass(frozen=True, slots=True)
class SetpointHost:
    """The two differ in their use case and in who has to be there; the rules above the setpoint are the same."""

    use_case: UseCase
    point: Point[SetpointValue]
    noun: str
    place: str
    """Where the use case is announced, for people."""
    comes_and_goes: bool
    """Whether there may be nobody to follow: a car that is not plugged in."""
    measured: Callable[[Device], Measured | None]
    """Its own power."""
    refresh_s: float
    """How often the setpoint is stated anew. The client side of COB would do so by itself after 30 s."""
    takes_control: bool
    """Whether a wish takes control of the device, which has to be given back whatever becomes of the setpoint."""


CAR = SetpointHost(DBEVC, DBEVC.setpoint, "car", "the EV entity", True, car_measured, 30.0, False)
BATTERY = SetpointHost(
    COB, COB.ac_setpoint, "battery", "the inverter", False, battery_measured, 25.0, True
)
