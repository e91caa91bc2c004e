"""What programs around the gateway say: commands, requests, values of the grid, and when they are heard."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import TYPE_CHECKING, Any

from eebus_gw.bridge.commands import Command, Origin
from eebus_gw.bridge.grid_input import read_grid_values, read_meter_feed
from eebus_gw.bridge.intake import ClearRetained, Intake, Outcome
from eebus_gw.bridge.messages import Received
from eebus_gw.bridge.rates import TopicRates
from eebus_gw.bridge.requests import Requests
from eebus_gw.bridge.results import Result
from eebus_gw.bridge.shapes import ShapeError
from eebus_gw.bridge.topics import Target

if TYPE_CHECKING:
    from eebus_gw.gateway.gateway import Gateway

BIRTH_DELAY_S = 5.0
"""Longest wait after the birth of Home Assistant: not every program answers it at the same moment."""


class Reception:
    """Takes messages of the broker and commands from elsewhere; what does not fit ends here with a reason."""

    def __init__(self, gateway: Gateway) -> None:
        mqtt = gateway.settings.mqtt
        self._gateway = gateway
        self._clock = gateway.clock
        self._rates = TopicRates()
        self._republishing: asyncio.TimerHandle | None = None
        self._intake = Intake(
            known=gateway.devices.by_id.__contains__,
            wall=gateway.clock.wall,
            new_id=lambda: uuid.uuid4().hex[:8],
        )
        self._requests = Requests(
            topics=gateway.topics,
            verbs=gateway.verbs,
            outbox=gateway.outbox,
            may_change_trust=gateway.may_change_trust,
            response_prefixes=[
                f"{prefix.rstrip('/')}/" for prefix in (mqtt.base_topic, *mqtt.response_prefixes)
            ],
        )

    def submit(self, device_id: str, members: dict[str, Any], origin: Origin) -> list[int]:
        """Takes a command that did not come over MQTT; returns the tokens of its fields."""
        now = self._clock.now()
        outcomes = self._intake.read_members(device_id, members, origin, now)
        self._take(outcomes, now)
        return [outcome.token for outcome in outcomes if isinstance(outcome, Command)]

    def receive(self, message: Received) -> None:
        """Takes a message from the broker."""
        address = self._gateway.topics.address(message.topic)
        now = self._clock.now()
        if address is None or not self._rates.permits(address.target, now):
            return
        match address.target:
            case Target.COMMAND | Target.FIELD:
                self._take(self._intake.read(address, message, now), now)
            case Target.REQUEST:
                self._gateway.background(self._requests.handle(address.name, message, now))
            case Target.GRID | Target.GRID_METER if message.retained:
                self._gateway.outbox.clear_foreign(message.topic)
            case Target.GRID if message.payload:
                self._grid_values(message)
            case Target.GRID_METER if message.payload:
                self._grid_meter(message)
            case Target.HOME_ASSISTANT if message.payload == b"online" and not message.retained:
                self._republish_soon()

    def _republish_soon(self) -> None:
        """Home Assistant has started, and with it whatever else waits for its birth."""

        def republish() -> None:
            self._republishing = None
            self._gateway.outbox.republish()

        if self._republishing is None:
            delay_s = random.uniform(0, BIRTH_DELAY_S)
            self._republishing = asyncio.get_running_loop().call_later(delay_s, republish)

    def _grid_values(self, message: Received) -> None:
        try:
            refused = self._gateway.site.set_values(read_grid_values(message.payload))
        except ShapeError as error:
            refused = {"payload": f"{error.reason}: {error.detail}"}
        for what, why in refused.items():
            self._gateway.publisher.grid_event("set_refused", {"what": what, "reason": why})

    def _grid_meter(self, message: Received) -> None:
        try:
            self._gateway.site.feed_meter(read_meter_feed(message.payload, self._clock.wall()))
        except ShapeError as error:
            data = {"reason": error.reason, "detail": error.detail}
            self._gateway.publisher.grid_event("meter_refused", data)
        self._gateway.settle()

    def _take(self, outcomes: list[Outcome], now: float) -> None:
        for outcome in outcomes:
            match outcome:
                case Command():
                    self._gateway.tracker.submit(outcome, now)
                case Result():
                    self._gateway.tell(outcome)
                case ClearRetained(topic):
                    self._gateway.outbox.clear_foreign(topic)
        self._gateway.settle()
