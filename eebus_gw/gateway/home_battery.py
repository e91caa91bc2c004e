"""What the site rules rest on for one home battery: its inverter (COB), its data as a whole (VABD), settings (pure).

While the grid limits what controlled devices may draw, a battery is not charged by setpoint: the limit is shared out
over the wallboxes.
"""

from __future__ import annotations

from eebus_gw.gateway.device import Device
from eebus_gw.site.bounds import Measured, PowerRange
from eebus_gw.site.departure import DriverSettings, EnergyNeeds, needs_from_settings
from usecases.aggregates import VABD
from usecases.setpoints import COB

ASSUMED_CAPACITY_WH = 5_000.0
"""Where none is configured; a small one approaches the reserve early rather than late."""


def battery_power(device: Device) -> PowerRange | None:
    """The largest powers that the inverter states, ``None`` while it has not told them."""
    charge_w = device.value(COB.code, COB.max_ac_charge_w.key)
    discharge_w = device.value(COB.code, COB.max_ac_discharge_w.key)
    if charge_w is None or discharge_w is None:
        return None
    # Magnitudes, whichever sign a peer gives the second.
    return PowerRange(0.0, abs(charge_w), 0.0, abs(discharge_w))


def battery_measured(device: Device) -> Measured | None:
    """The battery's own power."""
    source = (VABD.code, VABD.power_w.key)
    watts: float | None = device.value(*source)
    return None if watts is None else Measured(watts, device.told_at.get(source, 0.0))


def battery_needs(
    device: Device, *, reserve_percent: float, capacity_wh: float | None
) -> EnergyNeeds:
    """What must stay in the battery; all unknown, which forbids discharging, without a state of charge."""
    return needs_from_settings(
        DriverSettings(reserve_percent, reserve_percent, discharge_permitted=True),
        soc_percent=device.value(VABD.code, VABD.soc_percent.key),
        capacity_wh=capacity_wh or ASSUMED_CAPACITY_WH,
        departure_at=None,
    )
