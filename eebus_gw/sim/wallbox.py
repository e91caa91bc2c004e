"""A charging station with its car: obeys, reacts, measures."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.battery import SECONDS_PER_HOUR
from eebus_gw.sim.ceilings import NO_LIMIT, Limits, on_phases
from eebus_gw.sim.decision import Installation, Situation, Wish
from eebus_gw.sim.ev import Vehicle
from eebus_gw.sim.motion import MOVING_STEP_S, RESTING_STEP_S, Dynamics, Motion
from eebus_gw.sim.setpoint import Conditions, SetpointControl, Verdict
from eebus_gw.sim.snapshot import (
    Bound,
    CarView,
    CurrentRange,
    Phases,
    PowerConstraints,
    WallboxSnapshot,
)

_NOTHING = Wish(0.0, None)


@dataclass(slots=True)
class _Books:
    charged_wh: float = 0.0
    discharged_wh: float = 0.0

    def add(self, energy_wh: float) -> None:
        if energy_wh > 0:
            self.charged_wh += energy_wh
        else:
            self.discharged_wh -= energy_wh


class Wallbox:
    """Time passes in every method that takes ``now``; ``step`` does nothing else and tells what is
    to be seen.

    ``now`` never goes back; an earlier moment than the last is taken as the last.
    """

    def __init__(
        self,
        installation: Installation | None = None,
        *,
        vehicle: Vehicle | None = None,
        now: float,
    ) -> None:
        self.installation = installation or Installation()
        self.vehicle = vehicle
        self.limits = Limits()
        self.setpoint = SetpointControl()
        self._now = now
        self._plugged = False
        self._guard_heard_at: float | None = None
        self._guard_normal = True
        self._motion = Motion(Dynamics())
        self._session = _Books()
        self._total = _Books()
        self._wish = _NOTHING
        self._aim_w = 0.0
        self._battery_rules = False
        self._shares_a = on_phases(1.0, self.installation.phases)

    def plug(self, now: float, vehicle: Vehicle | None = None) -> None:
        """A car is plugged in, by default the one that was here last; a new session without limits
        begins.
        """
        car = vehicle or self.vehicle
        if self._plugged or car is None:
            raise LocalProtocolError(
                "a car is plugged in already" if self._plugged else "there is no car to plug in"
            )
        self._pass_time(now)
        self.vehicle = car
        self._plugged = True
        self._session = _Books()
        self._motion = Motion(car.traits(now).dynamics)
        self._shares_a = on_phases(1.0, self.installation.phases)
        self._forget_car()
        car.plug(now)

    def unplug(self, now: float) -> None:
        """The cable is pulled: current stops at once, limits and setpoint of the car are void."""
        self._pass_time(now)
        self._plugged = False
        self._motion.reset()
        self._forget_car()

    def restrict(self, limits: Limits, now: float) -> None:
        """From ``now`` on ``limits`` hold instead of those before."""
        self._pass_time(now)
        self.limits = limits

    def hear_guard(self, now: float, *, normal: bool = True) -> None:
        """The energy guard's heartbeat; ``normal`` is its operating state, anything else counts as
        silence.
        """
        self._pass_time(now)
        self._guard_heard_at = now
        self._guard_normal = normal
        self.setpoint.hear(now)

    def lose_guard(self, now: float) -> None:
        """The link to the energy guard closed: it is silent from now on, and its setpoint ends."""
        self._pass_time(now)
        self._guard_heard_at = None
        self._lose_setpoint()

    def guard_silent(self, now: float) -> bool:
        """Whether an expected guard was not heard within its time-out, or reports a failure."""
        if not self.installation.guarded:
            return False
        heard_at = self._guard_heard_at
        return (
            heard_at is None
            or not self._guard_normal
            or now >= heard_at + self.installation.guard_timeout_s
        )

    def write_setpoint(
        self,
        watts: float,
        now: float,
        *,
        active: bool = True,
        start_s: float | None = None,
        end_s: float | None = None,
    ) -> Verdict:
        """Decides on a setpoint a peer writes, in W, times counted from ``now``; a refused one
        changes nothing.
        """
        self._pass_time(now)
        return self.setpoint.write(
            watts,
            active=active,
            start_s=start_s,
            end_s=end_s,
            conditions=self.conditions(now),
            now=now,
        )

    def conditions(self, now: float) -> Conditions:
        """What the car would judge a setpoint by at ``now``."""
        if self.vehicle is None or not self._plugged:
            return Conditions(False, PowerConstraints(0.0, 0.0, 0.0, 0.0), False)
        situation = self._situation(self.vehicle, now)
        permitted = situation.discharge_bar() is None
        return Conditions(situation.controllable(), situation.constraints, permitted)

    def step(self, now: float) -> WallboxSnapshot:
        """Lets the time up to ``now`` pass and tells what is to be seen then."""
        self._pass_time(now)
        situation = self._follow(self._now)
        return self._snapshot(situation)

    # --- time

    def _pass_time(self, now: float) -> None:
        while self._now < now:
            situation = self._follow(self._now)
            until = min(now, self._now + self._stride(), self._next_boundary())
            if situation is not None:
                self._advance(situation, until - self._now)
            self._now = until

    def _stride(self) -> float:
        heading = self._motion.power_w != self._aim_w and not self._battery_rules
        return MOVING_STEP_S if heading or self._motion.waiting else RESTING_STEP_S

    def _next_boundary(self) -> float:
        moments = [self.setpoint.next_deadline()]
        if self._guard_heard_at is not None:
            moments.append(self._guard_heard_at + self.installation.guard_timeout_s)
        if self.vehicle is not None:
            moments.append(self.vehicle.driver.departure_at)
        return min((at for at in moments if at is not None and at > self._now), default=math.inf)

    def _advance(self, situation: Situation, seconds: float) -> None:
        at = self._now
        battery = situation.vehicle.battery
        self._aim_w = self._motion.target_w(at)
        if not self._motion.waiting:
            self._shares_a = situation.shares_a
        power_w = self._motion.move(self._aim_w, at, seconds)
        nominal = situation.constraints
        accepted_w = min(
            power_w, battery.charge_ceiling_w(nominal.charge_max_w, nominal.charge_min_w)
        )
        accepted_w = battery.bound(
            accepted_w, seconds, situation.vehicle.floor_percent(), self._wish.top_percent
        )
        self._battery_rules = accepted_w != power_w
        if self._battery_rules:
            self._motion.settle(accepted_w, at)
        battery.exchange(accepted_w, seconds)
        energy_wh = accepted_w * seconds / SECONDS_PER_HOUR
        self._session.add(energy_wh)
        self._total.add(energy_wh)

    def _follow(self, now: float) -> Situation | None:
        """Takes up what was stated and commands the power stage; ``None`` without a car."""
        vehicle = self.vehicle
        if vehicle is None or not self._plugged:
            return None
        traits = vehicle.traits(now)
        if self.limits.ends_link and traits.digital and not traits.bidirectional:
            vehicle.end_link()
        if self.guard_silent(now):
            self._lose_setpoint()
        situation = self._situation(vehicle, now)
        vehicle.notice_offer(situation.charge_ceiling.watts > 0, now)
        self.setpoint.update(situation.controllable(), now)
        self._wish = situation.wish(self.setpoint.watts)
        self._motion.command(self._wish.power_w, now)
        return situation

    def _situation(self, vehicle: Vehicle, now: float) -> Situation:
        return Situation(
            vehicle=vehicle,
            installation=self.installation,
            limits=self.limits,
            guard_silent=self.guard_silent(now),
            now=now,
        )

    def _lose_setpoint(self) -> None:
        if self.setpoint.controlled:
            self.setpoint.lose()

    def _forget_car(self) -> None:
        self.setpoint = SetpointControl()
        self.limits = replace(
            self.limits,
            obligation_a=NO_LIMIT,
            discharge_a=NO_LIMIT,
            recommendation_a=NO_LIMIT,
            plan_w=None,
        )
        self._wish = _NOTHING
        self._aim_w = 0.0
        self._battery_rules = False

    # --- what is to be seen

    def _snapshot(self, situation: Situation | None) -> WallboxSnapshot:
        power_w = self._motion.power_w
        powers = self._spread(power_w)
        volts, phases = self.installation.voltage_v, self.installation.phases
        offered = (
            situation.offered_a if situation else on_phases(self.installation.max_current_a, phases)
        )
        return WallboxSnapshot(
            now=self._now,
            phases=phases,
            power_w=power_w,
            power_phase_w=powers,
            current_a=(powers[0] / volts, powers[1] / volts, powers[2] / volts),
            voltage_v=on_phases(volts, phases),
            frequency_hz=self.installation.frequency_hz,
            session_charged_wh=self._session.charged_wh,
            session_discharged_wh=self._session.discharged_wh,
            total_charged_wh=self._total.charged_wh,
            total_discharged_wh=self._total.discharged_wh,
            limit_a=offered,
            target_w=self._wish.power_w,
            limited_by=self._bound(power_w),
            guard_silent=self.guard_silent(self._now),
            battery_percent=situation.vehicle.battery.soc_percent if situation else None,
            car=_car_view(situation, self.setpoint, power_w) if situation else None,
        )

    def _spread(self, power_w: float) -> Phases:
        shares = self._shares_a
        if power_w <= 0 or not any(shares):
            shares = on_phases(1.0, self.installation.phases)
        a, b, c = (power_w * share / sum(shares) for share in shares)
        return a, b, c

    def _bound(self, power_w: float) -> Bound | None:
        wish = self._wish
        if self._battery_rules and power_w != wish.power_w:
            return Bound.BATTERY if wish.power_w > 0 else wish.bound or Bound.DRIVER_MINIMUM
        return wish.bound or (Bound.RAMP if power_w != wish.power_w else None)


def _car_view(situation: Situation, control: SetpointControl, power_w: float) -> CarView:
    vehicle, traits, constraints = situation.vehicle, situation.traits, situation.constraints
    battery = vehicle.battery
    dc_power_w = (
        power_w * battery.charge_efficiency
        if power_w > 0
        else power_w / battery.discharge_efficiency
    )
    return CarView(
        kind=vehicle.kind.value,
        standard=traits.standard,
        dc_power_w=dc_power_w if traits.dc else None,
        asymmetric=vehicle.asymmetric,
        identification=vehicle.identification(situation.now),
        operating_state=vehicle.operating_state(),
        soc_percent=battery.soc_percent if traits.digital else None,
        capacity_wh=battery.capacity_wh if traits.digital else None,
        health_percent=vehicle.health_percent if traits.digital else None,
        range_m=vehicle.range_m() if traits.digital else None,
        current_range=CurrentRange(traits.min_current_a, situation.maximum_a, traits.pause_a),
        power_min_w=constraints.charge_min_w,
        power_max_w=constraints.charge_max_w,
        constraints=constraints if traits.bidirectional else None,
        request=vehicle.request(situation.now) if traits.digital else None,
        setpoint=control.view(situation.now) if traits.bidirectional else None,
    )
