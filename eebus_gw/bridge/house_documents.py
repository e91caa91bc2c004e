"""The retained documents of a device of the house: grid meter (MGCP), home battery (VABD, COB), PV system (VAPD), or
another appliance that is measured (MPC), like a heat pump.

A document exists from the first value on; when the device is gone its members become ``null``.
"""

from __future__ import annotations

from datetime import datetime

from eebus_gw.bridge.readings import Readings
from eebus_gw.bridge.results import time_text
from eebus_gw.bridge.tables import THREE_UNKNOWN, Json, Member, kilo, per_phase, rounded, table


def _produced(power_w: float) -> float:
    """VAPD states production as a negative power."""
    return round(max(0.0, -power_w), 3)


def _measured_by(code: str) -> tuple[Member, ...]:
    return (
        Member("power_w", ((code, "power_w"),), rounded),
        Member("current_a", ((code, "current_a"),), per_phase, [*THREE_UNKNOWN]),
        Member("voltage_v", ((code, "voltage_v"),), per_phase, [*THREE_UNKNOWN]),
        Member("frequency_hz", ((code, "frequency_hz"),), rounded),
        Member("energy_import_kwh", ((code, "energy_consumed_wh"),), kilo),
        Member("energy_export_kwh", ((code, "energy_produced_wh"),), kilo),
    )


GRID_METER = (
    *_measured_by("mgcp"),
    Member("pv_curtailment_percent", (("mgcp", "curtailment_percent"),), rounded),
)
APPLIANCE_METER = _measured_by("mpc")
BATTERY = (
    Member("power_w", (("vabd", "power_w"),), rounded),
    Member("soc_percent", (("vabd", "soc_percent"),), rounded),
    Member("energy_charged_kwh", (("vabd", "energy_charged_wh"),), kilo),
    Member("energy_discharged_kwh", (("vabd", "energy_discharged_wh"),), kilo),
    Member("control_mode", (("cob", "control_mode"),)),
    Member("max_charge_w", (("cob", "max_ac_charge_w"),), rounded),
    Member("max_discharge_w", (("cob", "max_ac_discharge_w"),), rounded),
    Member("default_w", (("cob", "default_ac_w"),), rounded),
    Member("failsafe_w", (("cob", "failsafe_ac_w"),), rounded),
    Member("failsafe_duration_s", (("cob", "failsafe_duration_s"),)),
)
PV = (
    Member("production_w", (("vapd", "power_w"),), _produced),
    Member("peak_w", (("vapd", "peak_power_w"),), rounded),
    Member("energy_yield_kwh", (("vapd", "energy_yield_wh"),), kilo),
)
TABLES = {"meter": (GRID_METER, APPLIANCE_METER), "battery": (BATTERY,), "pv": (PV,)}
"""Of several tables the first one that a device offers anything of."""


def house_document(leaf: str, readings: Readings, ts: datetime) -> Json | None:
    """The document ``leaf`` of ``TABLES``; ``None`` where the device offers nothing of it."""
    for members in TABLES[leaf]:
        if not readings.offered.isdisjoint(s for member in members for s in member.sources):
            ((use_case, _),) = members[0].sources
            source = {"source": use_case} if leaf == "meter" else {}
            return {**table(members, readings), **source, "ts": time_text(ts)}
    return None
