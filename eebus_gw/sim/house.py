"""A house behind one meter: its load, a PV system, and a battery whose inverter follows one order at a time.

Powers in W. At the meter and at the battery positive is drawn and charged, negative is fed in and discharged; what the
PV system gives is a positive number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.battery import SECONDS_PER_HOUR, Battery
from eebus_gw.sim.motion import MOVING_STEP_S, RESTING_STEP_S, Dynamics, Motion
from eebus_gw.sim.snapshot import Phases

SUNRISE_H, SUNSET_H = 6.0, 20.0
VOLTAGE_V = 230.0
FREQUENCY_HZ = 50.0
TRICKLE_SHARE = 0.05
"""Of the largest power, what the cells still accept at 100 %."""
INVERTER = Dynamics(
    reaction_s=0.5,
    reduction_reaction_s=0.2,
    rise_w_per_s=2_500.0,
    fall_w_per_s=20_000.0,
    reversal_s=0.0,
)


class Rule(StrEnum):
    """What the inverter of the battery goes by."""

    SELF_CONSUMPTION = "self_consumption"
    """Charges from surplus and covers the load; the battery never feeds in."""
    BATTERY_POWER = "battery_power"
    GRID_POWER = "grid_power"


@dataclass(frozen=True, slots=True)
class Order:
    """A rule and, for the last two, the power it aims at: of the battery, or at the meter."""

    rule: Rule
    watts: float = 0.0


ON_ITS_OWN = Order(Rule.SELF_CONSUMPTION)
AT_REST = Order(Rule.BATTERY_POWER)


@dataclass(frozen=True, slots=True)
class HouseOptions:
    """How a house is made; without PV system ``pv_peak_w`` is 0, without battery ``capacity_wh``."""

    load_w: float = 500.0
    pv_peak_w: float = 8_000.0
    pv_w: float | None = None
    """A constant power; ``None`` follows the sun."""
    capacity_wh: float = 10_000.0
    soc_percent: float = 50.0
    max_w: float = 5_000.0
    reserve_percent: float = 5.0
    """State of charge below which the battery is not discharged."""


@dataclass(frozen=True, slots=True)
class HouseSnapshot:
    """What is to be seen at one moment; ``grid_w`` = ``load_w`` + ``other_w`` + ``battery_w`` − ``pv_w``.

    Energies in Wh since the house exists; they only rise. ``soc_percent`` is ``None`` without battery.
    """

    now: float
    grid_w: float
    load_w: float
    other_w: float
    pv_w: float
    battery_w: float
    soc_percent: float | None
    drawn_wh: float
    fed_in_wh: float
    charged_wh: float
    discharged_wh: float
    yield_wh: float

    @property
    def current_a(self) -> Phases:
        """Currents at the meter; everything in the house is spread evenly over the phases."""
        each = self.grid_w / 3 / VOLTAGE_V
        return each, each, each


class House:
    """``step`` lets time pass. ``load_w``, ``pv_w`` (``None`` follows the sun), ``other_w`` and ``order`` may be set
    at any time and hold from the last step on.

    ``hour`` is the local time of day at ``now``. ``other_w`` is what further devices behind the meter draw.
    """

    def __init__(
        self, options: HouseOptions | None = None, *, now: float, hour: float = 12.0
    ) -> None:
        self.options = options or HouseOptions()
        if self.options.pv_peak_w < 0 or (self.options.pv_w or 0.0) < 0 or self.options.max_w <= 0:
            raise LocalProtocolError("the powers of PV system and battery are positive")
        self.load_w = self.options.load_w
        self.pv_w = self.options.pv_w
        self.other_w = 0.0
        self.order = ON_ITS_OWN
        self.battery = (
            Battery(self.options.capacity_wh, self.options.soc_percent)
            if self.options.capacity_wh
            else None
        )
        self._now = now
        self._midnight = now - hour * SECONDS_PER_HOUR
        self._motion = Motion(INVERTER)
        self._target_w = 0.0
        self._battery_rules = False
        self._drawn_wh = self._fed_in_wh = self._yield_wh = 0.0

    def step(self, now: float) -> HouseSnapshot:
        """Lets the time up to ``now`` pass; an earlier moment than the last is taken as the last."""
        while self._now < now:
            pv_w = self._pv_power_w()
            rest_w = self.load_w + self.other_w - pv_w
            if self.battery is not None:
                self._motion.command(self._aim_w(rest_w), self._now)
            seconds = min(now - self._now, self._stride_s())
            self._advance(pv_w, rest_w, seconds)
            self._now = now if seconds >= now - self._now else self._now + seconds
        return self._snapshot()

    def _stride_s(self) -> float:
        heading = self._motion.power_w != self._target_w and not self._battery_rules
        return MOVING_STEP_S if heading or self._motion.waiting else RESTING_STEP_S

    def _advance(self, pv_w: float, rest_w: float, seconds: float) -> None:
        if self.battery is not None:
            self._move(self.battery, seconds)
        grid_wh = (rest_w + self._motion.power_w) * seconds / SECONDS_PER_HOUR
        self._drawn_wh += max(0.0, grid_wh)
        self._fed_in_wh += max(0.0, -grid_wh)
        self._yield_wh += pv_w * seconds / SECONDS_PER_HOUR

    def _move(self, battery: Battery, seconds: float) -> None:
        self._target_w = self._motion.target_w(self._now)
        power_w = self._motion.move(self._target_w, self._now, seconds)
        full_w = self.options.max_w
        accepted_w = min(power_w, battery.charge_ceiling_w(full_w, TRICKLE_SHARE * full_w))
        accepted_w = battery.bound(accepted_w, seconds, self.options.reserve_percent, 100.0)
        self._battery_rules = accepted_w != power_w
        if self._battery_rules:
            self._motion.settle(accepted_w, self._now)
        battery.exchange(accepted_w, seconds)

    def _aim_w(self, rest_w: float) -> float:
        """The power of the battery that the order asks for, as far as the inverter can."""
        aim_w = self.order.watts
        if self.order.rule is not Rule.BATTERY_POWER:
            # Whole watts towards zero: the battery neither feeds in nor charges from the grid by rounding.
            aim_w = math.trunc(-rest_w + (aim_w if self.order.rule is Rule.GRID_POWER else 0.0))
        return max(-self.options.max_w, min(self.options.max_w, float(aim_w)))

    def _pv_power_w(self) -> float:
        if not self.options.pv_peak_w:
            return 0.0
        if self.pv_w is not None:
            return self.pv_w
        return self.options.pv_peak_w * sun((self._now - self._midnight) / SECONDS_PER_HOUR)

    def _snapshot(self) -> HouseSnapshot:
        pv_w, battery_w = self._pv_power_w(), self._motion.power_w
        battery = self.battery
        return HouseSnapshot(
            now=self._now,
            grid_w=self.load_w + self.other_w + battery_w - pv_w,
            load_w=self.load_w,
            other_w=self.other_w,
            pv_w=pv_w,
            battery_w=battery_w,
            soc_percent=battery.soc_percent if battery is not None else None,
            drawn_wh=self._drawn_wh,
            fed_in_wh=self._fed_in_wh,
            charged_wh=battery.charged_wh if battery is not None else 0.0,
            discharged_wh=battery.discharged_wh if battery is not None else 0.0,
            yield_wh=self._yield_wh,
        )


def sun(hour: float) -> float:
    """The share of its peak power that a PV system gives at a local hour (beyond 24: of the days after)."""
    height = math.sin(math.pi * (hour % 24 - SUNRISE_H) / (SUNSET_H - SUNRISE_H))
    return max(0.0, height) ** 1.5 if SUNRISE_H < hour % 24 < SUNSET_H else 0.0
