"""Cars as a wallbox meets them: what they tell, what they obey, what their driver wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.battery import SECONDS_PER_HOUR, Battery
from eebus_gw.sim.motion import Dynamics
from eebus_gw.sim.snapshot import Bound, EnergyRequest, OperatingState

# Below this the state of charge counts as reached: a quarter second of the smallest power.
ENERGY_TOLERANCE_WH = 0.1
DEPARTURE_MARGIN_WH = 500.0
METRES_PER_WH = 6.0


class VehicleKind(StrEnum):
    """The cars of ``simulate wallbox --ev``."""

    NONE = "none"
    IEC61851 = "iec61851"
    ISO15118 = "iso15118"
    BIDIRECTIONAL = "bidirectional"
    BIDIRECTIONAL_DC = "bidirectional-dc"


class Refusal(StrEnum):
    """What a car refuses to follow. ``LIMITS`` is a car that disobeys everything, to test those who
    watch it.
    """

    NOTHING = "nothing"
    SETPOINTS = "setpoints"
    LIMITS = "limits"


class IdleRule(StrEnum):
    """What a controllable car does without a setpoint (DBEVC state Idle)."""

    CHARGE = "charge"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a kind of car is able to do. ``pause_a`` is the discrete value that pauses without
    ending the link.
    """

    standard: str
    digital: bool
    min_current_a: float
    pause_a: float
    min_discharge_a: float | None = None
    dc: bool = False
    dynamics: Dynamics = field(default_factory=Dynamics)

    @property
    def bidirectional(self) -> bool:
        """Whether the car follows setpoints and can discharge."""
        return self.min_discharge_a is not None


_IEC61851 = Traits("iec61851", digital=False, min_current_a=6.0, pause_a=0.0)

TRAITS: Mapping[VehicleKind, Traits] = MappingProxyType(
    {
        VehicleKind.IEC61851: _IEC61851,
        VehicleKind.ISO15118: Traits("iso15118-2ed2", True, min_current_a=3.0, pause_a=0.1),
        VehicleKind.BIDIRECTIONAL: Traits("iso15118-20", True, 2.0, 0.1, min_discharge_a=2.0),
        VehicleKind.BIDIRECTIONAL_DC: Traits(
            "iso15118-20",
            True,
            2.2,
            0.1,
            min_discharge_a=2.2,
            dc=True,
            dynamics=Dynamics(reversal_s=5.0),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Driver:
    """The driver's wishes. ``departure_at`` is a moment on the clock of ``step``; ``None`` or past:
    none.
    """

    min_soc_percent: float = 30.0
    target_soc_percent: float = 80.0
    departure_at: float | None = None
    discharge_below_target: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.min_soc_percent <= self.target_soc_percent <= 100:
            raise LocalProtocolError(
                "the driver's minimum must not exceed the target, both within 0 and 100 %: "
                f"{self.min_soc_percent:g} and {self.target_soc_percent:g}"
            )


class Vehicle:
    """One car. Mutable members are the driver's and the scenario's to change between two steps."""

    def __init__(
        self,
        kind: VehicleKind,
        battery: Battery,
        driver: Driver | None = None,
        *,
        idle: IdleRule = IdleRule.CHARGE,
        max_current_a: float | None = None,
        identification: str | None = None,
        asymmetric: bool = False,
        sleep_after_s: float | None = None,
        identify_after_s: float = 0.0,
        health_percent: float = 97.0,
    ) -> None:
        if kind is VehicleKind.NONE:
            raise LocalProtocolError("no car is no vehicle")
        self.kind = kind
        self.battery = battery
        self.driver = driver or Driver()
        self.idle = idle
        self.max_current_a = max_current_a
        self.asymmetric = asymmetric
        self.health_percent = health_percent
        self.refusal = Refusal.NOTHING
        self.paused = False
        self.failed = False
        self._identification = identification
        self._sleep_after_s = sleep_after_s
        self._identify_after_s = identify_after_s
        self._identified_at = 0.0
        self._link_ended = False
        self._asleep = False
        self._offered = True
        self._starved_since: float | None = None

    def plug(self, now: float) -> None:
        """The cable goes in: the link starts anew and, for some seconds, as a mere pilot signal."""
        self._identified_at = now + self._identify_after_s
        self._link_ended = False
        self.wake()

    def end_link(self) -> None:
        """The digital link ends, as ISO 15118-2 does at 0 A; until the next plugging only the pilot
        remains.
        """
        self._link_ended = True

    def traits(self, now: float) -> Traits:
        """What the car is able to do over the link it has at ``now``."""
        if self._link_ended or now < self._identified_at:
            return _IEC61851
        return TRAITS[self.kind]

    def identification(self, now: float) -> str | None:
        """Address of the car's communication controller; only a digital link tells it."""
        return self._identification if self.traits(now).digital else None

    def sleep(self) -> None:
        """The car goes to sleep; it takes nothing until woken or offered current anew."""
        self._asleep = True

    def wake(self) -> None:
        """The car wakes up."""
        self._asleep = False
        self._offered = True
        self._starved_since = None

    def notice_offer(self, offered: bool, now: float) -> None:
        """Whether the wallbox offers enough to charge: a car left without goes to sleep, a new
        offer wakes it.
        """
        if offered:
            if not self._offered:
                self.wake()
            return
        self._offered = False
        if self._starved_since is None:
            self._starved_since = now
        if self._sleep_after_s is not None and now - self._starved_since >= self._sleep_after_s:
            self._asleep = True

    def departure_s(self, now: float) -> float | None:
        """Seconds to departure, or ``None`` without a departure ahead."""
        departure = self.driver.departure_at
        return departure - now if departure is not None and departure > now else None

    def request(self, now: float) -> EnergyRequest:
        """The energies driver and battery ask for."""
        minimum_wh = self.battery.wh_to(self.driver.min_soc_percent)
        maximum_wh = self.battery.wh_to(100.0)
        return EnergyRequest(
            minimum_wh=minimum_wh,
            target_wh=self.battery.wh_to(self.driver.target_soc_percent),
            maximum_wh=maximum_wh,
            cycle_enter_wh=minimum_wh,
            cycle_leave_wh=maximum_wh,
            discharge_below_target=self.driver.discharge_below_target,
            departure_s=self.departure_s(now),
        )

    def below_minimum(self) -> bool:
        """Whether the battery holds less than the driver's minimum."""
        return self.battery.wh_to(self.driver.min_soc_percent) > ENERGY_TOLERANCE_WH

    def controllable(self, nominal_w: float, now: float) -> bool:
        """Whether the car follows setpoints at ``now`` (DBEVC state NotControllable otherwise).

        A car whose target is out of reach in time, even with all of ``nominal_w``, sees to itself.
        """
        if not self.traits(now).bidirectional or self.refusal is not Refusal.NOTHING:
            return False
        if self.failed or self.paused or self._asleep or self.below_minimum():
            return False
        return not self.must_charge(nominal_w, now, margin_wh=0.0)

    def floor_percent(self) -> float:
        """State of charge below which the car never discharges."""
        driver = self.driver
        return (
            driver.min_soc_percent if driver.discharge_below_target else driver.target_soc_percent
        )

    def discharge_bar(self, charge_ceiling_w: float, now: float) -> Bound | None:
        """Why the car must not discharge now, or ``None``. The ceiling tells how fast it could
        refill.
        """
        if self.battery.wh_to(self.driver.min_soc_percent) >= -ENERGY_TOLERANCE_WH:
            return Bound.DRIVER_MINIMUM
        missing_wh = self.battery.wh_to(self.driver.target_soc_percent)
        if not self.driver.discharge_below_target and missing_wh >= -ENERGY_TOLERANCE_WH:
            return Bound.DISCHARGE_PERMISSION
        return Bound.DEPARTURE if self.must_charge(charge_ceiling_w, now) else None

    def must_charge(
        self, power_w: float, now: float, *, margin_wh: float = DEPARTURE_MARGIN_WH
    ) -> bool:
        """Whether the target is met in time only by charging with ``power_w`` from now on."""
        departure_s = self.departure_s(now)
        if departure_s is None or self.satisfied():
            return False
        hours = departure_s / SECONDS_PER_HOUR
        missing_wh = self.battery.wh_to(self.driver.target_soc_percent)
        return self.battery.charge_efficiency * power_w * hours <= missing_wh + margin_wh

    def reluctance(self) -> Bound | None:
        """Why the car draws nothing whatever it is offered, or ``None``."""
        if self.failed:
            return Bound.CAR_MAXIMUM
        if self.paused:
            return Bound.PAUSED_BY_DRIVER
        return Bound.ASLEEP if self._asleep else None

    def satisfied(self) -> bool:
        """Whether the driver's target is reached."""
        return self.battery.wh_to(self.driver.target_soc_percent) <= ENERGY_TOLERANCE_WH

    def operating_state(self) -> OperatingState:
        """What the car reports about itself (EVCC scenario 7)."""
        if self.failed:
            return OperatingState.FAILURE
        if self._asleep:
            return OperatingState.ASLEEP
        return OperatingState.FINISHED if self.satisfied() else OperatingState.NORMAL

    def range_m(self) -> float:
        """Distance the stored energy is good for."""
        return round(self.battery.stored_wh * METRES_PER_WH, -2)
