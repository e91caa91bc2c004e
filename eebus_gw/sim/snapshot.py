"""What a simulated wallbox looks like at one moment. Powers and currents are positive while
charging.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Phases = tuple[float, float, float]


class Bound(StrEnum):
    """What keeps a power from being what was wished; names shared with the MQTT contract where it
    has one.
    """

    GRID_CONSUMPTION = "grid_consumption"
    GRID_PRODUCTION = "grid_production"
    OVERLOAD = "overload"
    SAFE_CURRENT = "safe_current"
    GUARD_SILENT = "guard_silent"
    WALLBOX_MAXIMUM = "wallbox_maximum"
    CAR_MAXIMUM = "car_maximum"
    RECOMMENDATION = "recommendation"
    PLAN = "plan"
    GAP = "gap"
    RAMP = "ramp"
    DRIVER_MINIMUM = "driver_minimum"
    DRIVER_TARGET = "driver_target"
    DEPARTURE = "departure"
    DISCHARGE_PERMISSION = "discharge_permission"
    BATTERY = "battery"
    PAUSED_BY_DRIVER = "paused_by_driver"
    ASLEEP = "asleep"
    HOLDING = "holding"


class OperatingState(StrEnum):
    """Diagnosis state of the car (EVCC scenario 7, Table 12), in the spelling of the standard."""

    NORMAL = "normalOperation"
    ASLEEP = "standby"
    FINISHED = "finished"
    FAILURE = "failure"


class SetpointState(StrEnum):
    """States of a setpoint server."""

    NOT_CONTROLLABLE = "not_controllable"
    IDLE = "idle"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    EXPIRED = "expired"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class CurrentRange:
    """Permitted current of one phase (OPEV, OSCEV): 0 … pause, then ``min_a`` … ``max_a``."""

    min_a: float
    max_a: float
    pause_a: float


@dataclass(frozen=True, slots=True)
class PowerConstraints:
    """Nominal powers of the car (DBEVC scenario 3), magnitudes in W."""

    charge_min_w: float
    charge_max_w: float
    discharge_min_w: float
    discharge_max_w: float


@dataclass(frozen=True, slots=True)
class EnergyRequest:
    """What driver and battery want (DBEVC scenario 2), Wh in the cells; negative: already passed.

    ``cycle_enter_wh`` and ``cycle_leave_wh`` are the energies until the battery enters and leaves
    the window reserved for cycling; ``-cycle_enter_wh`` can be discharged now.
    """

    minimum_wh: float
    target_wh: float
    maximum_wh: float
    cycle_enter_wh: float
    cycle_leave_wh: float
    discharge_below_target: bool
    departure_s: float | None


@dataclass(frozen=True, slots=True)
class SetpointView:
    """The setpoint as its server states it; ``start_s`` and ``end_s`` count from the snapshot's
    moment.
    """

    state: SetpointState
    changeable: bool
    active: bool
    watts: float
    start_s: float | None
    end_s: float | None


@dataclass(frozen=True, slots=True)
class CarView:
    """What the car tells. Members it does not deliver over its kind of link are ``None``."""

    kind: str
    standard: str
    dc_power_w: float | None
    asymmetric: bool
    identification: str | None
    operating_state: OperatingState
    soc_percent: float | None
    capacity_wh: float | None
    health_percent: float | None
    range_m: float | None
    current_range: CurrentRange
    power_min_w: float
    power_max_w: float
    constraints: PowerConstraints | None
    request: EnergyRequest | None
    setpoint: SetpointView | None


@dataclass(frozen=True, slots=True)
class WallboxSnapshot:
    """Everything the use cases of a charging station publish, and what a test wants to see besides.

    Energies in Wh at the meter: ``session_*`` since the car was plugged in, ``total_*`` since the
    wallbox exists (they only rise). ``battery_percent`` is the true state of charge, whether or not
    the car tells it. ``limit_a`` is the current offered per phase, ``limited_by`` what bounds the
    power now. ``car`` is ``None`` while nothing is plugged in.
    """

    now: float
    phases: int
    power_w: float
    power_phase_w: Phases
    current_a: Phases
    voltage_v: Phases
    frequency_hz: float
    session_charged_wh: float
    session_discharged_wh: float
    total_charged_wh: float
    total_discharged_wh: float
    limit_a: Phases
    target_w: float
    limited_by: Bound | None
    guard_silent: bool
    battery_percent: float | None
    car: CarView | None

    @property
    def plugged(self) -> bool:
        """Whether a car is plugged in."""
        return self.car is not None

    @property
    def setpoint_w(self) -> float | None:
        """The setpoint that rules now, or ``None``."""
        setpoint = self.car.setpoint if self.car else None
        return setpoint.watts if setpoint and setpoint.state is SetpointState.ACTIVE else None

    def line(self, t: str | float, box: int) -> Mapping[str, Any]:
        """The members of one ``simulate wallbox --json`` line (contract, section 4)."""
        return {
            "t": t,
            "box": box,
            "plugged": self.plugged,
            "power_w": round(self.power_w, 1),
            "current_a": [round(current, 2) for current in self.current_a],
            "soc_percent": None if self.battery_percent is None else round(self.battery_percent, 3),
            "limit_a": round(min(self.limit_a[: self.phases]), 2),
            "setpoint_w": self.setpoint_w,
            "limited_by": self.limited_by,
        }
