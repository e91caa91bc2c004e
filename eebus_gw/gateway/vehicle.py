"""What the site rules rest on for one car: its own readings, else the settings (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.bridge.documents import power
from eebus_gw.gateway.device import Device
from eebus_gw.site.bounds import Measured, PowerRange
from eebus_gw.site.departure import DriverSettings, EnergyNeeds, needs_from_settings
from eebus_gw.vocabulary.values import (
    DischargeRequest,
    EnergyDemand,
    EnergyRequest,
    PhaseLimits,
    PowerConstraints,
)

POWER_SOURCES = (
    ("evcem", "power_total_w"),
    ("evcem", "power_w"),
    ("evcem", "current_a"),
    ("mpc", "power_w"),
)
REQUEST = ("dbevc", "energy_request")


@dataclass(frozen=True, slots=True)
class DriverWishes:
    """The driver's wishes that apply where the car states none; ``departure_at`` in monotonic seconds."""

    minimum_percent: float = 30.0
    target_percent: float = 80.0
    departure_at: float | None = None
    discharge_permitted: bool = False


def car_measured(device: Device) -> Measured | None:
    """The car's own power, by whatever use case tells it."""
    watts, _ = power(device.readings)
    told_at = max((device.told_at.get(source, 0.0) for source in POWER_SOURCES), default=0.0)
    return None if watts is None else Measured(watts, told_at)


def power_range(device: Device) -> PowerRange | None:
    """Nominal powers of a bidirectional car, ``None`` while it has not told them."""
    stated: PowerConstraints | None = device.value("dbevc", "power_constraints")
    if stated is None or stated.charge_max_w is None or stated.discharge_max_w is None:
        return None
    return PowerRange(
        stated.charge_min_w or 0.0,
        stated.charge_max_w,
        stated.discharge_min_w or 0.0,
        stated.discharge_max_w,
    )


def energy_needs(device: Device, driver: DriverWishes) -> EnergyNeeds:
    """What must stay in or get into the battery: the car's own requests, else the driver's settings.

    All unknown, which forbids discharging, while a car that states requests has not done so yet or does no more.
    """
    request: EnergyRequest | None = device.value(*REQUEST)
    window: DischargeRequest | None = device.value("dbevc", "discharge_request")
    below_target = device.value("dbevc", "discharge_below_target")
    if request is None:
        readings = device.readings
        if REQUEST in readings.told or (REQUEST in readings.offered and not device.settled):
            return EnergyNeeds(departure_at=_stated_departure(device) or driver.departure_at)
        permitted = driver.discharge_permitted if below_target is None else bool(below_target)
        return needs_from_settings(
            DriverSettings(driver.minimum_percent, driver.target_percent, permitted),
            soc_percent=device.value("evsoc", "soc_percent"),
            capacity_wh=device.value("evsoc", "capacity_wh"),
            departure_at=_stated_departure(device) or driver.departure_at,
        )
    told_at = device.told_at.get(REQUEST, 0.0)
    departure_at = None if request.departure_s is None else told_at + request.departure_s
    return EnergyNeeds(
        minimum_wh=request.minimum_wh,
        target_wh=request.target_wh,
        maximum_wh=request.maximum_wh,
        cycling_min_wh=window.enter_wh if window is not None else None,
        cycling_max_wh=window.leave_wh if window is not None else None,
        below_target_permitted=bool(below_target),
        departure_at=departure_at if departure_at is not None else driver.departure_at,
    )


def stated_minimum_percent(device: Device) -> float | None:
    """The driver's minimum as the car states it, % of its capacity; ``None`` where it states none."""
    request: EnergyRequest | None = device.value("dbevc", "energy_request")
    return _stated_percent(device, request.minimum_wh if request is not None else None)


def stated_target_percent(device: Device) -> float | None:
    """The driver's target as the car states it, in the same way."""
    request: EnergyRequest | None = device.value("dbevc", "energy_request")
    return _stated_percent(device, request.target_wh if request is not None else None)


def _stated_percent(device: Device, missing_wh: float | None) -> float | None:
    soc_percent = device.value("evsoc", "soc_percent")
    capacity_wh = device.value("evsoc", "capacity_wh")
    if missing_wh is None or soc_percent is None or not capacity_wh:
        return None
    return min(100.0, max(0.0, round(float(soc_percent + missing_wh / capacity_wh * 100.0))))


def _stated_departure(device: Device) -> float | None:
    """When a car that coordinates its charging means to leave."""
    demand: EnergyDemand | None = device.value("cevc", "demand")
    if demand is None or demand.departure_s is None:
        return None
    return device.told_at.get(("cevc", "demand"), 0.0) + demand.departure_s


def overload_w(device: Device, key: str, voltage_v: float) -> float | None:
    """Power that the active current limits leave, ``None`` where they bound no sum.

    The lowest binds all phases of a symmetric car; a limit that cannot be read leaves nothing.
    """
    limits: PhaseLimits | None = device.value("opev", key)
    if limits is None:
        return None
    phases = [active for active in limits.active if active is not None]
    bound = [a or 0.0 for a, active in zip(limits.amperes, limits.active, strict=True) if active]
    if device.value("evcc", "asymmetric") is not True:
        return len(phases) * min(bound) * voltage_v if bound else None
    return sum(bound) * voltage_v if phases and len(bound) == len(phases) else None
