"""Everything that can be commanded at one device, by command field."""

from __future__ import annotations

from typing import Any

from eebus_gw.bridge.commands import Command, CommandTracker
from eebus_gw.clock import earliest
from eebus_gw.gateway.charging import CHARGING_FIELDS, ChargingControl
from eebus_gw.gateway.coordination import COORDINATION_FIELDS, CoordinationControl
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.facts import Facts
from eebus_gw.gateway.failsafe import FAILSAFE_FIELD
from eebus_gw.gateway.limiting import LIMIT_FIELDS, LimitControl
from eebus_gw.gateway.setpoints import SetpointControl
from eebus_gw.roles.events import Reported, Update, WriteDone
from usecases.aggregates import VABD
from usecases.battery_states import Mode
from usecases.coordination import CEVC
from usecases.curtailment import OPEV, OSCEV
from usecases.limitation import LPC, Limitation
from usecases.setpoints import COB, DBEVC

CAR_FIELDS = frozenset({*CHARGING_FIELDS, *COORDINATION_FIELDS, "driver"})
CURTAILMENT = (OPEV, OSCEV)
UNHEARD = "the inverter does not listen to our heartbeat, without which it takes no control mode"


class Controls:
    """The controls of one device."""

    def __init__(
        self,
        device: Device,
        charging: ChargingControl,
        limiting: LimitControl,
        car: SetpointControl,
        battery: SetpointControl,
        coordination: CoordinationControl,
        facts: Facts,
        tracker: CommandTracker,
    ) -> None:
        self.device = device
        self.charging = charging
        self.limiting = limiting
        self.car = car
        self.battery = battery
        self.coordination = coordination
        self._facts = facts
        self._tracker = tracker

    @property
    def setpoints(self) -> SetpointControl:
        """Who follows setpoints here: a car, or a home battery."""
        return self.battery if self.device.house else self.car

    @property
    def limited_by(self) -> str | None:
        """What keeps the car from what was wished, or from what it could draw."""
        return self.car.limited_by or self.charging.bounded_by or self.limiting.bounded_by

    def execute(self, command: Command, now: float) -> None:
        """Carries out a command to a connected, trusted device."""
        field = command.field
        if self.device.house and field in CAR_FIELDS:
            self._tracker.refused(command.token, "usecase_unsupported", "this is no wallbox", now)
        elif field in CHARGING_FIELDS:
            self.charging.execute(command, now)
            self._facts.keep_wish(self.device)
        elif field in LIMIT_FIELDS or field == FAILSAFE_FIELD:
            self.limiting.execute(command, now)
        elif field == "setpoint":
            self.setpoints.execute(command, now)
        elif field in COORDINATION_FIELDS:
            self.coordination.execute(command, now)
        elif field == "driver":
            stored = self._facts.set_driver(self.device, command.value)
            self._tracker.applied(command.token, stored, now)
            self.car.reconsider(now)
        else:
            self._tracker.refused(command.token, "usecase_unsupported", field, now)

    def updated(self, event: Update, now: float) -> None:
        """The wallbox published a reading."""
        use_case, point = event.consumer.use_case, event.point
        if isinstance(use_case, Limitation):
            if point is use_case.limit:
                self.limiting.reported(use_case, now)
            elif use_case is LPC:
                self.limiting.failsafe.reported(now)
        elif use_case in CURTAILMENT and point is use_case.point("limit_a"):
            self.charging.limits_reported(use_case, now)
        elif use_case is DBEVC:
            if point is DBEVC.setpoint:
                if event.reading.value is not None:
                    self.car.mode_told(steered=event.reading.value.active, now=now)
                self.car.reported(now)
            self.car.reconsider(now)
        elif use_case is COB or use_case is VABD:
            if point is COB.ac_setpoint:
                self.battery.reported(now)
            elif point is COB.control_mode and event.reading.value is not None:
                steered = event.reading.value != Mode.AUTO.value
                self.battery.mode_told(steered=steered, now=now)
            self.battery.reconsider(now)

    def write_done(self, event: WriteDone, now: float) -> None:
        """The wallbox answered a write."""
        number, text = event.error_number, event.text
        if isinstance(event.use_case, Limitation):
            if event.point is event.use_case.limit:
                self.limiting.written(event.use_case, number, text, now)
            elif event.use_case is LPC:
                self.limiting.failsafe.answered(event.point.key, number, text, now)
        elif event.use_case is DBEVC:
            self.car.write_done(event.token, number, text, now)
        elif event.use_case is COB:
            if event.point is COB.ac_setpoint and not event.value.active:
                self.battery.take_back_done(number, text, now)
            elif event.point is COB.ac_setpoint and self.battery.awaits(event.value):
                self.battery.write_done(event.token, number, text, now)
        elif event.use_case is CEVC:
            self.coordination.write_done(event, now)
        else:
            self.charging.write_done(event.token, number, text, now)

    def reported(self, event: Reported, now: float) -> None:
        """A use case reports something of its own."""
        use_case = event.use_case
        if use_case is CEVC:
            self.coordination.reported(event, now)
        elif isinstance(use_case, Limitation) and event.name == "limit_deferred":
            self.limiting.deferred(use_case, event.data["seconds"], now)
        elif use_case is LPC and event.name == "failsafe_deferred":
            self.limiting.failsafe.deferred(now)
        elif use_case is COB and event.name == "control_mode_refused":
            number, text = event.data["error_number"], event.data["text"]
            self.battery.write_done(None, number, text, now)
        elif use_case is COB and event.name == "heartbeat_not_subscribed":
            self.battery.give_up("usecase_unsupported", UNHEARD, now)

    def reconsider(self, now: float) -> None:
        """Something decisions rest on changed."""
        self.charging.reconsider(now)
        self.setpoints.reconsider(now)

    def stop(self, now: float) -> None:
        """Nobody will refresh setpoints any more."""
        self.car.stop(now)
        self.battery.stop(now)

    def source_lost(self, owner: str, now: float) -> None:
        """Whoever states wishes this way can no longer be heard."""
        self.car.source_lost(owner, now)
        self.battery.source_lost(owner, now)

    def usable(self, now: float) -> None:
        """The use cases of the wallbox are known (again)."""
        self.charging.reconsider(now)
        self.limiting.usable(now)
        self.coordination.usable()

    def session_over(self, now: float) -> None:
        """The car or the connection is gone."""
        self.charging.session_over()
        self.car.session_over(now)
        self.battery.session_over(now)

    def handle_timer(self, now: float) -> None:
        """Handles what is due."""
        self.limiting.handle_timer(now)
        self.setpoints.handle_timer(now)

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        return earliest(self.limiting.next_deadline(), self.setpoints.next_deadline())

    def document(self, leaf: str, now: float) -> dict[str, Any] | None:
        """The ``setpoint`` or ``plan`` document, ``None`` where there is nothing to say."""
        return self.setpoints.document(now) if leaf == "setpoint" else self.coordination.document()
