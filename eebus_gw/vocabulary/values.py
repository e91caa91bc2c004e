"""The values that points read and write, in plain units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

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
    ``changeable`` is what a system says of its limit; nobody writes it.
    """

    watts: float | None
    active: bool
    duration_s: float | None = None
    changeable: bool = True


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


# --- setpoints of power (DBEVC, COB)


class SetpointFlaw(StrEnum):
    """What keeps a written setpoint from being understood as one."""

    UNREADABLE_VALUE = "unreadable value"
    UNREADABLE_TIME = "unreadable time"
    ABSOLUTE_TIME = "absolute time"
    BOTH_FORMS = "total and phase-specific together"
    INCOMPLETE_PHASES = "not all phases"
    UNEVEN_PHASES = "phases with different times"


@dataclass(frozen=True, slots=True)
class SetpointValue:
    """A power setpoint: positive charges, negative discharges; times in seconds from now.

    It stands for the whole connection (``watts``) or, with ``watts`` ``None``, for each phase (``phase_w``).
    ``start_at`` and ``end_at`` hold what a peer states as time of day instead, which is readable but never followed.
    """

    watts: float | None
    active: bool
    start_s: float | None = None
    end_s: float | None = None
    phase_w: PhaseValues = NO_PHASES
    changeable: bool = True
    flaw: SetpointFlaw | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None

    @property
    def per_phase(self) -> bool:
        """Whether the setpoint states a power for each phase instead of one for all."""
        return self.watts is None and self.phase_w != NO_PHASES

    @property
    def total_w(self) -> float | None:
        """The power of the whole connection in either form."""
        if not self.per_phase:
            return self.watts
        return sum(watts for watts in self.phase_w if watts is not None)


@dataclass(frozen=True, slots=True)
class EnergyRequest:
    """What driver and battery want (DBEVC scenario 2), Wh; negative: the stock is above the mark by that much.

    An unknown member is ``None`` and to be taken for the most restrictive one.
    """

    minimum_wh: float | None
    target_wh: float | None
    maximum_wh: float | None
    departure_s: float | None = None

    @property
    def consistent(self) -> bool:
        """Whether minimum ≤ target ≤ maximum holds for the members that are known."""
        return _ascending(self.minimum_wh, self.target_wh, self.maximum_wh)


@dataclass(frozen=True, slots=True)
class DischargeRequest:
    """The window of the battery reserved for cycling: Wh to be charged until it is entered and until it is left."""

    enter_wh: float | None
    leave_wh: float | None

    @property
    def consistent(self) -> bool:
        """Whether the window is entered before it is left."""
        return _ascending(self.enter_wh, self.leave_wh)

    @property
    def dischargeable_wh(self) -> float:
        """What can be discharged now; 0 outside the window and while it is unknown."""
        if self.enter_wh is None or self.leave_wh is None or not self.consistent:
            return 0.0
        return -self.enter_wh if self.enter_wh < 0 <= self.leave_wh else 0.0


@dataclass(frozen=True, slots=True)
class PowerConstraints:
    """Smallest and largest powers of each direction in watts, all magnitudes; below the smallest there is only 0."""

    charge_min_w: float | None
    charge_max_w: float | None
    discharge_min_w: float | None
    discharge_max_w: float | None


# --- coordinated charging (CEVC); all times in seconds from the moment a value was sent


@dataclass(frozen=True, slots=True)
class EnergyDemand:
    """What the car wants to charge: at least, best, at most (Wh), not before ``start_s`` and until departure."""

    minimum_wh: float | None
    target_wh: float | None
    maximum_wh: float | None
    departure_s: float | None = None
    start_s: float | None = None


@dataclass(frozen=True, slots=True)
class PowerSlot:
    """A maximum power; ``end_s`` is ``None`` where nobody said when it ends."""

    start_s: float
    end_s: float | None
    watts: float


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """Maximum powers one after the other."""

    slots: tuple[PowerSlot, ...]

    def later(self, seconds: float) -> PowerCurve:
        """What is left of the curve after ``seconds``, told from then."""
        return PowerCurve(_later(self.slots, seconds))


@dataclass(frozen=True, slots=True)
class PlanSlot:
    """The powers a car plans: what it means to draw, at least and at most."""

    start_s: float
    end_s: float | None
    watts: float | None
    minimum_w: float | None = None
    maximum_w: float | None = None


@dataclass(frozen=True, slots=True)
class ChargingPlan:
    """What a car means to do until it departs."""

    slots: tuple[PlanSlot, ...]

    def at(self, elapsed_s: float) -> PlanSlot | None:
        """The slot that holds ``elapsed_s`` after the plan was sent."""
        for slot in self.slots:
            if slot.start_s <= elapsed_s and (slot.end_s is None or elapsed_s < slot.end_s):
                return slot
        return None


@dataclass(frozen=True, slots=True)
class PriceTier:
    """What energy costs from ``above_w`` on, per kWh; a relative price has no currency."""

    price: float | None
    above_w: float = 0.0
    co2_g: float | None = None
    renewable_percent: float | None = None


@dataclass(frozen=True, slots=True)
class PriceSlot:
    """Prices of one interval: a single tier, or up to three by power."""

    start_s: float
    end_s: float | None
    tiers: tuple[PriceTier, ...]


@dataclass(frozen=True, slots=True)
class PriceForm:
    """How a price table is built: its currency (``None``: relative prices), what each tier states, number of tiers."""

    currency: str | None
    incentives: tuple[str, ...]
    tiers: int = 1


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices one after the other, all of one form."""

    currency: str | None
    slots: tuple[PriceSlot, ...]

    @property
    def form(self) -> PriceForm:
        """The form a table of these prices has on the wire."""
        tiers = [tier for slot in self.slots for tier in slot.tiers]
        price = "relativeCost" if self.currency is None else "absoluteCost"
        stated = (
            (price, any(t.price is not None for t in tiers)),
            ("renewableEnergyPercentage", any(t.renewable_percent is not None for t in tiers)),
            ("co2Emission", any(t.co2_g is not None for t in tiers)),
        )
        return PriceForm(
            self.currency,
            tuple(kind for kind, present in stated if present),
            max((len(slot.tiers) for slot in self.slots), default=0),
        )

    def later(self, seconds: float) -> PriceTable:
        """What is left of the table after ``seconds``, told from then."""
        return PriceTable(self.currency, _later(self.slots, seconds))


@dataclass(frozen=True, slots=True)
class SlotBounds:
    """How a peer wants slots to be made; ``None`` where it does not say."""

    count_min: int | None = None
    count_max: int | None = None
    duration_min_s: float | None = None
    duration_max_s: float | None = None
    step_s: float | None = None
    watts_max: float | None = None


# --- charging summary (EVCS)


@dataclass(frozen=True, slots=True)
class SummaryShare:
    """The share of one source in a session, in percent of energy and of cost."""

    energy_percent: float | None
    cost_percent: float | None = None


@dataclass(frozen=True, slots=True)
class ChargingSummary:
    """What a charging session took and cost, and where it came from; nothing to bill by."""

    energy_wh: float | None
    cost: float | None = None
    currency: str | None = None
    duration_s: float | None = None
    grid: SummaryShare | None = None
    self_produced: SummaryShare | None = None


def _ascending(*values: float | None) -> bool:
    known = [value for value in values if value is not None]
    return all(a <= b for a, b in pairwise(known))


class _Interval(Protocol):
    @property
    def start_s(self) -> float: ...

    @property
    def end_s(self) -> float | None: ...


I = TypeVar("I", bound=_Interval)  # noqa: E741


def _later(slots: tuple[I, ...], seconds: float) -> tuple[I, ...]:
    return tuple(
        replace(  # type: ignore[type-var]
            slot,
            start_s=max(0.0, slot.start_s - seconds),
            end_s=None if slot.end_s is None else slot.end_s - seconds,
        )
        for slot in slots
        if slot.end_s is None or slot.end_s > seconds
    )
