"""Every inferred wire choice of DBEVC in one place.

The wire document of DBEVC is not public; what this project takes for granted about it is a member of ``Wire``, and
nothing else in the code says it. ``WIRE`` is what is written. Reading also takes the ``ALTERNATIVES`` wherever they
cannot be mistaken for something else. A correction is one changed default here; a device that differs from the rest
gets an entry in ``DEVICES``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from eebus_gw.vocabulary.points.energy_request import DepartureField, DischargeSign, EnergyFields


@dataclass(frozen=True, slots=True)
class Wire:
    """How DBEVC is spelled. Certain are only the actors and that the vocabulary exists in SPINE 1.3.0."""

    use_case_name: str = "dynamicBidirectionalEvCharging"
    version: str = "1.0.0"
    sub_revision: str = "release"
    scope_total: str = "batteryAcPower"
    scope_phase: str = "batteryAcPowerPhaseSpecific"
    scope_dc: str = "batteryDcPower"
    setpoint_type: str = "valueAbsolute"
    total_phase_exclusive: bool = True
    """Total and phase-specific setpoints activated together are refused; else the total one rules."""
    absolute_times: bool = False
    """Times of day in a written setpoint are understood; ours are relative in any case."""
    energy_series_type: str = "energyRequest"
    discharge_series_type: str = "dischargingEnergyRequest"
    energy_field_map: EnergyFields = field(default_factory=EnergyFields)
    departure_field: DepartureField = DepartureField.BOTH
    discharge_sign: DischargeSign = DischargeSign.ISO
    """The riskiest inference: whether the discharging request is a window around the present charge or an energy."""
    flag_key: str = "dischargingBelowTargetEnergyRequestPermitted"
    characteristic_context: str = "entity"
    negative_production: bool = False
    """Publish the powers of discharging as negative numbers; either sign is read."""
    gap_refused: bool = False
    """Refuse a setpoint inside the gap around zero instead of applying 0."""
    heartbeat_required: bool = False
    """Take setpoints only from a client whose heartbeat is heard."""

    def read(self, member: str) -> tuple[str, ...]:
        """What is read for ``member``: what is written, then its alternatives."""
        written = str(getattr(self, member))
        return tuple(dict.fromkeys((written, *ALTERNATIVES.get(member, ()))))


ALTERNATIVES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "scope_total": ("batteryAcPower", "acPowerTotal"),
        "scope_phase": ("batteryAcPowerPhaseSpecific", "acPower"),
        "scope_dc": ("batteryDcPower", "dcPower"),
        "energy_series_type": ("energyRequest", "singleDemand"),
    }
)
"""Read at once besides the configured spelling. Names are compared without regard to case, signs, contexts and
departure fields in every form; a permutation of energy fields and the sign of discharging cannot be told apart."""

WIRE: Final = Wire()


@dataclass(frozen=True, slots=True)
class DeviceWire:
    """Members in which devices differ whose SPINE address matches ``pattern``, and where that is known from."""

    pattern: str
    source: str
    members: Mapping[str, Any]


DEVICES: Final[tuple[DeviceWire, ...]] = ()
"""No device is on record yet."""


def wire_of(
    address: str | None, wire: Wire = WIRE, devices: tuple[DeviceWire, ...] = DEVICES
) -> Wire:
    """The wire form of one device; later entries win."""
    for device in devices:
        if re.search(device.pattern, address or "", re.IGNORECASE):
            wire = replace(wire, **device.members)
    return wire
