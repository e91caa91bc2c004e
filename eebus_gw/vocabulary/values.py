"""The values that points read and write, in plain units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)

PhaseValues = tuple[float | None, float | None, float | None]
"""L1, L2, L3; ``None`` for a phase that does not exist or is unknown."""

NO_PHASES: PhaseValues = (None, None, None)
PHASES = ("a", "b", "c")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T_co]):
    """One value of a peer; ``state`` is ``outOfRange`` or ``error`` where the value must not be used ([MPC-003])."""

    value: T_co
    state: str = "normal"


@dataclass(frozen=True, slots=True)
class LimitValue:
    """A power limit (LPC: watts ≥ 0, LPP: watts ≤ 0).

    ``watts`` is ``None`` where a written value cannot be read; ``duration_s`` is ``None`` without an end.
    """

    watts: float | None
    active: bool
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseLimits:
    """Current limits of an EV per phase (OPEV, OSCEV); an inactive phase is not curtailed."""

    amperes: PhaseValues
    active: tuple[bool | None, bool | None, bool | None] = (True, True, True)
    changeable: tuple[bool | None, bool | None, bool | None] = (True, True, True)


@dataclass(frozen=True, slots=True)
class Range:
    """What a peer permits: ``lowest`` to ``highest``, and ``pause`` where a separate value stops it."""

    lowest: float | None
    highest: float | None
    pause: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseRanges:
    """A permitted range for each phase."""

    phases: tuple[Range | None, Range | None, Range | None]

    def each(self, member: str) -> PhaseValues:
        """One member of the three ranges, for instance ``highest``."""
        l1, l2, l3 = (getattr(r, member) if r is not None else None for r in self.phases)
        return (l1, l2, l3)


@dataclass(frozen=True, slots=True)
class SetpointValue:
    """A power setpoint: positive charges, negative discharges; times in seconds from now."""

    watts: float
    active: bool
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Manufacturer:
    """What a device says about itself; every member may be missing."""

    device_name: str | None = None
    device_code: str | None = None
    serial_number: str | None = None
    software_revision: str | None = None
    hardware_revision: str | None = None
    vendor_name: str | None = None
    vendor_code: str | None = None
    brand_name: str | None = None


@dataclass(frozen=True, slots=True)
class OperatingState:
    """``state`` as in DeviceDiagnosis: ``normalOperation``, ``standby``, ``failure``, ``finished`` …"""

    state: str
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Identification:
    """An identification of a vehicle or user, for instance of type ``eui48``."""

    type: str
    value: str
