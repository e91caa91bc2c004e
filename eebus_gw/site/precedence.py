"""What one vehicle is commanded: limits over the driver over the energy manager over the default.

``decide`` walks the limiting chain for one moment. Watts follow the load convention:
positive charges, negative discharges. What one step leaves to the next stands in ``VehicleState``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from eebus_gw.errors import LocalProtocolError

from .bounds import (
    Bound,
    Cause,
    Measured,
    PowerRange,
    Vehicle,
    charge_ceiling,
    discharge_ceiling,
    house_load_w,
    remembered,
)
from .departure import EFFICIENCY, must_charge
from .ramp import RampSettings, RampState, sign, step

TOLERATED_EXCESS = 1.2
REST_S = 30.0
"""What a limit below the smallest power has stopped does not go on before: it would with each kettle."""

REFUSALS = {
    Cause.FEED_IN: "feed_in_not_allowed",
    Cause.DRIVER_MINIMUM: "driver_minimum",
    Cause.DISCHARGE_PERMISSION: "discharge_not_permitted",
    Cause.STALE_DATA: "data_missing",
}
"""Reason code of a discharge setpoint that a rule of the user or the data forbid altogether."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the user decided about one vehicle.

    ``default_w`` is commanded without a wish, ``None`` = charge as fast as allowed.
    ``minimum_at_once`` charges up to the driver's minimum whatever the wish is. ``margin_wh`` is
    the reserve of the departure guard.
    """

    default_w: float | None = 0.0
    minimum_at_once: bool = True
    margin_wh: float = 500.0
    efficiency: float = EFFICIENCY
    ramp: RampSettings = field(default_factory=RampSettings)


@dataclass(frozen=True, slots=True)
class Rest:
    """A pause after a limit left less than the smallest power, and which limit that was."""

    until: float
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class VehicleState:
    """What is carried from one decision to the next."""

    ramp: RampState = field(default_factory=RampState)
    history: tuple[Measured, ...] = ()
    house_w: float | None = None
    charging_for_departure: bool = False
    rest: Rest | None = None


@dataclass(frozen=True, slots=True)
class VehicleDecision:
    """The power to command now and why it is not the wish.

    ``requested_w`` is the wish, or the default without one; ``applied`` says that it is commanded
    unchanged. ``lowest_w`` ≤ 0 ≤ ``highest_w`` is the range permitted now, ``next_at`` when to
    decide again at the latest.
    """

    commanded_w: float
    requested_w: float
    applied: bool
    limited_by: Cause | None
    lowest_w: float
    highest_w: float
    discharge_bound: Cause | None
    next_at: float | None
    state: VehicleState

    @property
    def discharge_allowed(self) -> bool:
        """The vehicle may discharge now."""
        return self.lowest_w < 0

    def refusal(self) -> str | None:
        """Reason code when a wish to discharge is refused rather than limited, else ``None``."""
        if self.requested_w >= 0 or self.discharge_allowed or self.discharge_bound is None:
            return None
        return REFUSALS.get(self.discharge_bound)


@dataclass(frozen=True, slots=True)
class _Target:
    watts: float
    cause: Cause | None = None
    forced: bool = False


def admit(watts: float, power: PowerRange) -> float | None:
    """The setpoint a command states, clamped to the nominal powers; ``None`` = out of range.

    Up to 1.2 times the nominal power is clamped, more is refused, and so is what is no finite
    number.
    """
    highest, lowest = power.charge_max_w, -power.discharge_max_w
    if not math.isfinite(watts):
        return None
    if not TOLERATED_EXCESS * lowest <= watts <= TOLERATED_EXCESS * highest:
        return None
    return min(max(watts, lowest), highest)


def decide(
    vehicle: Vehicle, wish_w: float | None, state: VehicleState, now: float, rules: Rules
) -> VehicleDecision:
    """One pass of the limiting chain; raises ``LocalProtocolError`` for a wish that ``admit`` would
    have refused.
    """
    if wish_w is not None and not math.isfinite(wish_w):
        raise LocalProtocolError("a setpoint is a finite number of watts")
    charge = charge_ceiling(vehicle)
    house_w = house_load_w(vehicle, state.history, now, state.house_w)
    discharge = discharge_ceiling(vehicle, house_w)
    departing = _departing(vehicle, charge, state, now, rules)
    if departing and discharge.watts > 0:
        discharge = Bound(0.0, Cause.DEPARTURE)
    requested = _requested(wish_w, charge, rules)
    bounded = _target(vehicle, requested, charge, discharge, departing, rules)
    target = _outside_gap(bounded, vehicle.power)
    rest = _rest(bounded, target, vehicle.power, state, now)
    if rest is not None and state.ramp.direction == sign(target.watts) and not target.forced:
        target = _Target(0.0, rest.cause)
    target = _worn(target, state.ramp, rules, now)
    ramp = step(
        state.ramp,
        target.watts,
        now,
        lowest_w=-discharge.watts,
        highest_w=charge.watts,
        settings=rules.ramp,
    )
    commanded = _outside_gap(_Target(ramp.position_w), vehicle.power).watts
    return VehicleDecision(
        commanded_w=commanded,
        requested_w=requested,
        applied=commanded == requested,
        limited_by=_limited_by(commanded, requested, target),
        lowest_w=-discharge.watts or 0.0,
        highest_w=charge.watts,
        discharge_bound=discharge.cause,
        next_at=_next_at(ramp, target, now, rules),
        state=VehicleState(ramp, remembered(state.history, vehicle, now), house_w, departing, rest),
    )


def _requested(wish_w: float | None, charge: Bound, rules: Rules) -> float:
    if wish_w is not None:
        return wish_w
    return charge.watts if rules.default_w is None else rules.default_w


def _departing(
    vehicle: Vehicle, charge: Bound, state: VehicleState, now: float, rules: Rules
) -> bool:
    # Once begun it goes on until there is clear slack again; else each released watt would turn the
    # car round.
    margin = rules.margin_wh * (2 if state.charging_for_departure else 1)
    return must_charge(
        vehicle.needs, charge.watts, now, margin_wh=margin, efficiency=rules.efficiency
    )


def _target(
    vehicle: Vehicle,
    requested: float,
    charge: Bound,
    discharge: Bound,
    departing: bool,
    rules: Rules,
) -> _Target:
    needs = vehicle.needs
    if requested < charge.watts:
        target_missing = needs.target_wh is not None and needs.target_wh > 0
        if needs.minimum_missing() and rules.minimum_at_once:
            return _forced(charge, Cause.DRIVER_MINIMUM, vehicle.power)
        if departing and target_missing:
            return _forced(charge, Cause.DEPARTURE, vehicle.power)
    if requested > charge.watts:
        return _Target(charge.watts, charge.cause)
    if requested < -discharge.watts:
        return _Target(-discharge.watts or 0.0, discharge.cause)
    return _Target(requested)


def _forced(charge: Bound, need: Cause, power: PowerRange) -> _Target:
    # A ceiling too low to charge at all is what stops the car, not the need behind it.
    cause = need if charge.watts >= power.charge_min_w else charge.cause
    return _Target(charge.watts, cause, forced=True)


def _outside_gap(target: _Target, power: PowerRange) -> _Target:
    """Between zero and the smallest powers there is nothing: such a target becomes zero."""
    if -power.discharge_min_w < target.watts < power.charge_min_w and target.watts != 0:
        return replace(target, watts=0.0, cause=target.cause or Cause.GAP)
    return target


def _rest(
    bounded: _Target, target: _Target, power: PowerRange, state: VehicleState, now: float
) -> Rest | None:
    """The pause that begins or goes on, ``None`` without one."""
    fell = bounded.watts != 0 and target.watts == 0 and bounded.cause is not None
    if fell and _outside_gap(_Target(state.ramp.position_w), power).watts != 0:
        return Rest(now + REST_S, target.cause)
    return state.rest if state.rest is not None and now < state.rest.until else None


def _worn(target: _Target, ramp: RampState, rules: Rules, now: float) -> _Target:
    """No further reversal for the energy manager when the hour's are used up; the driver's needs
    are exempt.
    """
    if target.forced or not ramp.reverses(target.watts):
        return target
    if ramp.reversals_left(rules.ramp, now) > 0:
        return target
    return _Target(0.0, Cause.BUDGET)


def _limited_by(commanded: float, requested: float, target: _Target) -> Cause | None:
    if commanded == requested:
        return None
    return target.cause if commanded == target.watts else Cause.RAMP


def _next_at(ramp: RampState, target: _Target, now: float, rules: Rules) -> float | None:
    if ramp.position_w == target.watts:
        return None
    if ramp.position_w == 0 and ramp.zero_since is not None and ramp.reverses(target.watts):
        return max(now, ramp.zero_since + rules.ramp.dwell_s)
    return now + min(1.0, abs(target.watts - ramp.position_w) / rules.ramp.watts_per_s)
