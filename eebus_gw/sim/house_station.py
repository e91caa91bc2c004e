"""A simulated house as a SPINE device: meter (MGCP), battery (VABD), PV system (VAPD) and inverter (COB).

Pure: ``step`` lets the model's time pass and publishes what it shows; role events of the host tell what peers wrote.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from eebus_gw.errors import DatagramError
from eebus_gw.roles.events import Reported, RoleEvent, Written
from eebus_gw.roles.host import Entity, Host
from eebus_gw.sim.controlled_inverter import ControlledInverter
from eebus_gw.sim.house import AT_REST, FREQUENCY_HZ, VOLTAGE_V, House, HouseSnapshot
from eebus_gw.sim.publications import Publisher
from eebus_gw.sim.scenario import Step
from eebus_gw.spine.error_numbers import GENERAL
from eebus_gw.spine.local import LocalFeature
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.functions import MEASUREMENTS
from usecases.aggregates import VABD, VAPD
from usecases.monitoring import MGCP
from usecases.setpoints import COB

METERED = (2, 3, 4, 5, 6, 7)
"""Scenarios of MGCP without the first: the feed-in of the PV system is not limited."""
SERVED = (MGCP, VABD, VAPD, COB)
ENERGY_STEP_WH = 10.0
ENERGY_PERIOD_S = 60.0
"""Counters are told again once they have moved that far or stood untold for so long."""


class HouseStation:
    """One house; ``offer`` restricts the use cases to these codes."""

    def __init__(
        self,
        host: Host,
        model: House,
        now: float,
        *,
        offer: Collection[str] | None = None,
        before: HouseStation | None = None,
    ) -> None:
        """``before`` is this house until its restart."""
        self.model = model
        self.inverter: ControlledInverter | None = None
        self._host = host
        self._publisher = Publisher(host, offer)
        self._silent_until = -math.inf
        self._counters: dict[Point[float], tuple[float, float]] = {}
        self._renew, host.device.before_read = host.device.before_read, self._before_read
        self._serve(MGCP, "GridConnectionPointOfPremises", now, METERED)
        if model.battery is not None:
            self._serve(VABD, "ElectricityStorageSystem", now)
        if model.options.pv_peak_w:
            self._serve(VAPD, "PVSystem", now)
        if model.battery is not None and self._publisher.offers(COB):
            self.inverter = ControlledInverter(
                self._publisher,
                host.add_entity(Entity("Inverter"), now),
                model,
                now,
                before=before.inverter if before is not None else None,
            )
        self._publish(model.step(now), now)
        host.announce()

    def step(self, now: float) -> HouseSnapshot:
        """Lets the time up to ``now`` pass and publishes what there is to see."""
        if self.inverter is not None:
            self.inverter.follow(now)
        snapshot = self.model.step(now)
        if now >= self._silent_until:
            self._publish(snapshot, now)
        return snapshot

    def handle(self, event: RoleEvent, now: float) -> None:
        """Obeys what a peer wrote, and what follows from its silence, at once."""
        if isinstance(event, Written | Reported) and self.inverter is not None:
            self.inverter.follow(now)

    def apply(self, step: Step, now: float) -> bool:
        """Plays one step of a script; false for steps that are not for a house.

        ``restart`` is for the program around to carry out.
        """
        self.model.step(now)
        if play(step, self.model):
            return True
        match step.action, step.value:
            case "silence", int() | float() as seconds:
                self._silent_until = now + seconds
            case "refuse", value:
                if self.inverter is not None:
                    self.inverter.refusing = value in (True, "setpoints")
            case _:
                return False
        return True

    def go_down(self, now: float) -> None:
        """The device restarts: nothing flows in the battery until it is up again."""
        self.model.step(now)
        self.model.order = AT_REST

    def line(self, t: float, snapshot: HouseSnapshot) -> Mapping[str, Any]:
        """The members of one ``simulate house --json`` line (contract, section 4)."""
        inverter, soc = self.inverter, snapshot.soc_percent
        return {
            "t": t,
            "grid_w": round(snapshot.grid_w, 1),
            "load_w": round(snapshot.load_w, 1),
            "pv_w": round(snapshot.pv_w, 1),
            "battery_w": round(snapshot.battery_w, 1),
            "soc_percent": None if soc is None else round(soc, 3),
            "setpoint_w": inverter.setpoint_w(snapshot.now) if inverter is not None else None,
            "mode": inverter.mode.value if inverter is not None else None,
            "state": inverter.state.value if inverter is not None else None,
        }

    def _before_read(self, feature: LocalFeature, function: str, now: float) -> None:
        if function == MEASUREMENTS.name and now < self._silent_until:
            raise DatagramError(GENERAL, "nothing is measured now")
        if self._renew is not None:
            self._renew(feature, function, now)

    def _serve(
        self, use_case: UseCase, entity: str, now: float, scenarios: Collection[int] | None = None
    ) -> None:
        if self._publisher.offers(use_case):
            place = self._host.add_entity(Entity(entity), now)
            self._publisher.provide(use_case, place, now, scenarios=scenarios)

    def _publish(self, snapshot: HouseSnapshot, now: float) -> None:
        put, count = self._publisher.put, self._count
        put(MGCP, MGCP.power_w, float(round(snapshot.grid_w)))
        a, b, c = (round(current, 1) for current in snapshot.current_a)
        put(MGCP, MGCP.current_a, (a, b, c))
        put(MGCP, MGCP.voltage_v, (VOLTAGE_V, VOLTAGE_V, VOLTAGE_V))
        put(MGCP, MGCP.frequency_hz, FREQUENCY_HZ)
        count(MGCP, MGCP.energy_consumed_wh, snapshot.drawn_wh, now)
        count(MGCP, MGCP.energy_produced_wh, snapshot.fed_in_wh, now)
        if snapshot.soc_percent is not None:
            battery_w = float(round(snapshot.battery_w))
            put(VABD, VABD.power_w, battery_w)
            put(VABD, VABD.soc_percent, round(snapshot.soc_percent, 1))
            count(VABD, VABD.energy_charged_wh, snapshot.charged_wh, now)
            count(VABD, VABD.energy_discharged_wh, snapshot.discharged_wh, now)
            if self.inverter is not None:
                self.inverter.publish(battery_w)
        put(VAPD, VAPD.peak_power_w, self.model.options.pv_peak_w)
        put(VAPD, VAPD.power_w, float(-round(snapshot.pv_w)))
        count(VAPD, VAPD.energy_yield_wh, snapshot.yield_wh, now)

    def _count(self, use_case: UseCase, point: Point[float], energy_wh: float, now: float) -> None:
        told_wh, told_at = self._counters.get(point, (-math.inf, -math.inf))
        due = energy_wh - told_wh >= ENERGY_STEP_WH or now - told_at >= ENERGY_PERIOD_S
        if due and round(energy_wh) != told_wh:
            self._counters[point] = (round(energy_wh), now)
            self._publisher.put(use_case, point, float(round(energy_wh)))


def play(step: Step, model: House) -> bool:
    """Plays a step that concerns the house alone; these happen also while its device is away."""
    match step.action, step.value:
        case "load", int() | float() as watts:
            model.load_w = watts
        case "pv", int() | float() as watts:
            model.pv_w = watts
        case _:
            return False
    return True
