"""The controls of a device, wired to its node: where their writes and wishes go, and what they rest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eebus_gw.bridge.commands import CommandTracker
from eebus_gw.clock import Clock
from eebus_gw.gateway.charging import ChargingControl
from eebus_gw.gateway.controls import Controls
from eebus_gw.gateway.coordination import CoordinationControl
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.facts import Facts
from eebus_gw.gateway.limiting import LimitControl
from eebus_gw.gateway.publishing import Publisher
from eebus_gw.gateway.setpoint_facts import SetpointFacts
from eebus_gw.gateway.setpoint_hosts import BATTERY, CAR, SetpointHost
from eebus_gw.gateway.setpoints import SetpointControl, Write
from eebus_gw.gateway.side import Side
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.values import SetpointValue
from usecases.battery_states import Mode
from usecases.coordination import CEVC
from usecases.limitation import Limitation
from usecases.setpoints import COB


class Wiring:
    """Makes the controls of any device of one side; ``mark`` hears which documents a write may change."""

    def __init__(
        self,
        side: Side,
        facts: Facts,
        tracker: CommandTracker,
        publisher: Publisher,
        clock: Clock,
        mark: Callable[[Device, str], None],
    ) -> None:
        self._side = side
        self._facts = facts
        self._tracker = tracker
        self._publisher = publisher
        self._clock = clock
        self._mark = mark

    def controls(self, device: Device) -> Controls:
        """Everything that can be commanded at ``device``."""
        facts = self._facts
        write = self._writer(device)
        return Controls(
            device,
            ChargingControl(device, self._tracker, write, installed_a=facts.installed_a(device.id)),
            self._limit_control(device),
            self._setpoint_control(device, CAR, facts.of, write),
            self._setpoint_control(device, BATTERY, facts.of_battery, self._battery_writer(device)),
            self._coordination_control(device),
            facts,
            self._tracker,
        )

    def _limit_control(self, device: Device) -> LimitControl:
        def wish(use_case: Limitation, point: Point[Any], value: Any) -> None:
            self._side.node.wish(device.ski, use_case, point, value)

        return LimitControl(device, self._tracker, wish)

    def _coordination_control(self, device: Device) -> CoordinationControl:
        def wish(point: Point[Any], value: Any) -> None:
            self._side.node.wish(device.ski, CEVC, point, value, device.ev)

        return CoordinationControl(device, self._tracker, wish, self._clock)

    def _setpoint_control(
        self,
        device: Device,
        host: SetpointHost,
        facts: Callable[[Device], SetpointFacts],
        write: Write,
    ) -> SetpointControl:
        def alarm(text: str) -> None:
            self._publisher.event("alarm", id=device.id, text=text)

        return SetpointControl(
            device,
            self._tracker,
            write,
            lambda: facts(device),
            lambda: self._facts.rules(device),
            dry_run=lambda: self._facts.dry_run(device),
            clock=self._clock,
            alarm=alarm,
            host=host,
        )

    def _writer(self, device: Device) -> Callable[[UseCase, Point[Any], Any], int]:
        def write(use_case: UseCase, point: Point[Any], value: Any) -> int:
            token = self._side.node.write(device.ski, use_case, point, value, device.ev)
            device.limits_written = self._clock.wall()
            self._mark(device, "limits")
            return token

        return write

    def _battery_writer(self, device: Device) -> Write:
        """A setpoint goes through the client side of COB, which keeps the order heartbeat, mode, setpoint; without
        one the inverter is left to itself."""

        def write(use_case: UseCase, point: Point[SetpointValue], value: SetpointValue) -> None:
            wish = self._side.node.wish
            wish(device.ski, use_case, point, value)
            if not value.active:
                wish(device.ski, COB, COB.control_mode, Mode.AUTO.value)

        return write
