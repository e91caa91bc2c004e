"""What a car does, given all that is said to it: the chain from fuse to wish, without time or
memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.ceilings import NO_LIMIT, Ceiling, Limits, cap_phases, level, on_phases, usable
from eebus_gw.sim.ev import IdleRule, Refusal, Traits, Vehicle
from eebus_gw.sim.snapshot import Bound, Phases, PowerConstraints

# Nobody asked for more than these, so they are no reason worth telling while a car charges by
# itself.
_NATURAL = (Bound.WALLBOX_MAXIMUM, Bound.CAR_MAXIMUM)
_ROUNDING = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class Installation:
    """The wallbox as installed. ``guarded``: an energy guard is expected, its silence means
    ``safe_current_a``.
    """

    phases: int = 3
    max_current_a: float = 16.0
    safe_current_a: float = 6.0
    guard_timeout_s: float = 4.0
    guarded: bool = True
    voltage_v: float = 230.0
    frequency_hz: float = 50.0

    def __post_init__(self) -> None:
        if self.phases not in (1, 2, 3):
            raise LocalProtocolError(f"a wallbox has 1 to 3 phases, not {self.phases}")

    def watts(self, amperes: float) -> float:
        """Power of ``amperes`` on every phase."""
        return amperes * self.phases * self.voltage_v


@dataclass(frozen=True, slots=True)
class Wish:
    """The power a car heads for, what bounds it, and the state of charge at which it ends."""

    power_w: float
    bound: Bound | None
    top_percent: float = 100.0


@dataclass(frozen=True)
class Situation:
    """One car at one wallbox at one moment, with everything that was stated to both."""

    vehicle: Vehicle
    installation: Installation
    limits: Limits
    guard_silent: bool
    now: float

    @cached_property
    def traits(self) -> Traits:
        """What the car is able to do over its present link."""
        return self.vehicle.traits(self.now)

    @cached_property
    def maximum_a(self) -> float:
        """The weaker of wallbox and car."""
        box, car = self.installation.max_current_a, self.vehicle.max_current_a
        return box if car is None else min(box, car)

    @cached_property
    def constraints(self) -> PowerConstraints:
        """Smallest and largest powers of both directions."""
        traits, watts = self.traits, self.installation.watts
        discharge_min_w = discharge_max_w = 0.0
        if traits.min_discharge_a is not None:
            discharge_min_w, discharge_max_w = watts(traits.min_discharge_a), watts(self.maximum_a)
        return PowerConstraints(
            watts(traits.min_current_a), watts(self.maximum_a), discharge_min_w, discharge_max_w
        )

    def controllable(self) -> bool:
        """Whether the car follows setpoints now."""
        return self.vehicle.controllable(self.constraints.charge_max_w, self.now)

    @cached_property
    def offered_a(self) -> Phases:
        """The current the wallbox offers per phase (OPEV: obligation, or safe current while the
        guard is silent).
        """
        natural = on_phases(self.maximum_a, self.installation.phases)
        if self.vehicle.refusal is Refusal.LIMITS:
            return natural
        if self.guard_silent:
            safe = self.installation.safe_current_a
            return cap_phases(natural, (safe, safe, safe))
        return self._balanced(cap_phases(natural, self.limits.obligation_a))

    @cached_property
    def shares_a(self) -> Phases:
        """The offered currents that can carry power; what is charged spreads over the phases in
        their proportion.
        """
        return usable(self.offered_a, self.traits.min_current_a)

    @cached_property
    def charge_ceiling(self) -> Ceiling:
        """The most the car may draw."""
        natural = Bound.WALLBOX_MAXIMUM if self.vehicle.max_current_a is None else Bound.CAR_MAXIMUM
        reason = Bound.SAFE_CURRENT if self.guard_silent else Bound.OVERLOAD
        ceiling = Ceiling(self.installation.watts(self.maximum_a), natural)
        ceiling = ceiling.under(sum(self.shares_a) * self.installation.voltage_v, reason)
        if self.vehicle.refusal is not Refusal.LIMITS:
            ceiling = ceiling.under(self.limits.consumption_w, Bound.GRID_CONSUMPTION)
        return self._stepped(ceiling)

    def discharge_bar(self) -> Bound | None:
        """Why discharging is out of the question, or ``None``."""
        return self.vehicle.discharge_bar(self.charge_ceiling.watts, self.now)

    def discharge_ceiling(self) -> Ceiling:
        """The most the car may give, as a magnitude."""
        phases = self.installation.phases
        amperes = level(
            cap_phases(on_phases(self.maximum_a, phases), self.limits.discharge_a), phases
        )
        ceiling = Ceiling(self.constraints.discharge_max_w, Bound.CAR_MAXIMUM)
        ceiling = ceiling.under(sum(amperes) * self.installation.voltage_v, Bound.OVERLOAD)
        ceiling = ceiling.under(self.limits.production_w, Bound.GRID_PRODUCTION)
        bar = self.discharge_bar()
        if bar is not None:
            ceiling = ceiling.under(0.0, bar)
        return ceiling.under(0.0, Bound.GUARD_SILENT) if self.guard_silent else ceiling

    def wish(self, setpoint_w: float | None) -> Wish:
        """What the car heads for under a setpoint, or left to itself."""
        reluctance = self.vehicle.reluctance()
        if reluctance is not None:
            return Wish(0.0, reluctance)
        if setpoint_w is None:
            return self._own_wish()
        return (
            self._discharge_wish(-setpoint_w) if setpoint_w < 0 else self._charge_wish(setpoint_w)
        )

    def _charge_wish(self, watts: float) -> Wish:
        if 0 < watts < self.constraints.charge_min_w * _ROUNDING:
            return Wish(0.0, Bound.GAP)
        ceiling = self.charge_ceiling
        return Wish(watts, None) if watts <= ceiling.watts else Wish(ceiling.watts, ceiling.bound)

    def _discharge_wish(self, watts: float) -> Wish:
        least_w = self.constraints.discharge_min_w * _ROUNDING
        if watts < least_w:
            return Wish(0.0, Bound.GAP)
        ceiling = self.discharge_ceiling()
        if watts <= ceiling.watts:
            return Wish(-watts, None)
        return Wish(-ceiling.watts if ceiling.watts >= least_w else 0.0, ceiling.bound)

    def _own_wish(self) -> Wish:
        vehicle, ceiling = self.vehicle, self.charge_ceiling
        if vehicle.satisfied():
            return Wish(0.0, Bound.DRIVER_TARGET, vehicle.driver.target_soc_percent)
        holds = vehicle.idle is IdleRule.HOLD and self.controllable()
        if holds and not vehicle.must_charge(ceiling.watts, self.now):
            return Wish(0.0, Bound.HOLDING)
        if not vehicle.below_minimum() and vehicle.refusal is not Refusal.LIMITS:
            ceiling = self._advised(ceiling)
        bound = None if ceiling.bound in _NATURAL else ceiling.bound
        return Wish(ceiling.watts, bound, vehicle.driver.target_soc_percent)

    def _advised(self, ceiling: Ceiling) -> Ceiling:
        advice = NO_LIMIT if self.guard_silent else self.limits.recommendation_a
        amperes = self._balanced(cap_phases(self.shares_a, advice))
        watts = sum(usable(amperes, self.traits.min_current_a)) * self.installation.voltage_v
        ceiling = ceiling.under(watts, Bound.RECOMMENDATION)
        return self._stepped(ceiling.under(self.limits.plan_w, Bound.PLAN))

    def _balanced(self, amperes: Phases) -> Phases:
        return amperes if self.vehicle.asymmetric else level(amperes, self.installation.phases)

    def _stepped(self, ceiling: Ceiling) -> Ceiling:
        """Below the smallest power of the phases in use nothing flows."""
        live = sum(1 for amperes in self.shares_a if amperes)
        least_w = self.traits.min_current_a * live * self.installation.voltage_v
        return ceiling if ceiling.watts >= least_w * _ROUNDING else Ceiling(0.0, ceiling.bound)
