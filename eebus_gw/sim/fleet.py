"""Runs simulated wallboxes on the network, one or many in one process, with their scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from eebus_gw.clock import MACHINE_ZONE, Clock, SystemClock
from eebus_gw.home import Home
from eebus_gw.net.mdns import Multicast
from eebus_gw.net.options import Limits
from eebus_gw.node import Node, NodeEvent
from eebus_gw.roles.events import RoleEvent
from eebus_gw.sim.acting import act
from eebus_gw.sim.battery import Battery
from eebus_gw.sim.decision import Installation
from eebus_gw.sim.ev import Driver, Vehicle, VehicleKind
from eebus_gw.sim.scenario import Scenario, Step
from eebus_gw.sim.simulated_node import Kind, LineSeen, Reach, simulated_node
from eebus_gw.sim.snapshot import WallboxSnapshot
from eebus_gw.sim.station import Station
from eebus_gw.sim.wallbox import Wallbox

WALLBOX = Kind("wallbox", "ChargingStation", (3,))

CURTAILMENT = frozenset({"opev", "oscev"})
"""Use cases whose client is the guard that a wallbox without it charges with a safe current only."""
STEP_S = 1.0


@dataclass(frozen=True, slots=True)
class WallboxOptions:
    """How a simulated wallbox and its car are made (contract, simulators)."""

    ev: VehicleKind = VehicleKind.ISO15118
    soc_percent: float = 50.0
    capacity_kwh: float = 60.0
    max_a: float = 16.0
    min_soc_percent: float = 30.0
    target_soc_percent: float = 80.0
    departure_s: float | None = 12 * 3600.0
    discharge: bool = True
    offer: Collection[str] | None = None


class SimulatedWallbox:
    """One simulated wallbox with its node."""

    def __init__(
        self,
        number: int,
        home: Home,
        reach: Reach,
        options: WallboxOptions,
        clock: Clock,
        multicast: Multicast | None = None,
    ) -> None:
        self.number = number
        self._options = options
        self._clock = clock
        self._home = home
        self._reach = reach
        now = clock.now()
        installation = Installation(
            max_current_a=options.max_a,
            guarded=options.offer is None or not CURTAILMENT.isdisjoint(options.offer),
        )
        self.model = Wallbox(installation, vehicle=self._vehicle(now), now=now)
        self._multicast = multicast
        self._up = AsyncExitStack()
        self._away = False
        self.node = self._node()
        self.station = self._station(now)
        if self.model.vehicle is not None:
            self.station.plug(now)

    async def __aenter__(self) -> Self:
        await self._up.enter_async_context(self.node)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._up.aclose()

    async def restart(self, away_s: float) -> None:
        """The device goes down, interrupts charging, and comes up again with the same car and key."""
        if self._away:
            return
        self._away = True
        self._reach = replace(self._reach, port=self.node.network.port)
        plugged = self.station.plugged
        if plugged:
            self.model.unplug(self._clock.now())
        await self._up.aclose()
        await asyncio.sleep(away_s)
        now = self._clock.now()
        self.node = self._node()
        self.station = self._station(now, before=self.station)
        if plugged:
            self.station.plug(now)
        await self._up.enter_async_context(self.node)
        self._away = False

    @property
    def ready(self) -> Mapping[str, Any]:
        """The ``ready`` line."""
        return {
            "event": "ready",
            "box": self.number,
            "ski": self.node.ski,
            "port": self.node.network.port,
        }

    def step(self) -> WallboxSnapshot:
        """Lets time pass and publishes."""
        if self._away:
            return self.model.step(self._clock.now())
        snapshot = self.station.step(self._clock.now())
        self.node.flush()
        return snapshot

    def apply(self, step: Step) -> None:
        """Carries out one action of a script except ``restart``; a device that is away does nothing.

        Actions of the control box are left to it.
        """
        if self._away:
            return
        now = self._clock.now()
        vehicle = self.model.vehicle
        match step.action:
            case "plug" if vehicle is not None and not self.station.plugged:
                if step.soc_percent is not None:
                    vehicle.battery.refill(step.soc_percent)
                self.station.plug(now)
            case "unplug":
                self.step()  # what flowed until now is told while there is a session to count it to
                self.station.unplug(now)
            case "silence" if isinstance(step.value, int | float):
                self._silence(step.value)
            case _ if vehicle is not None:
                act(step, vehicle, now, self._clock.wall().astimezone(MACHINE_ZONE))
        self.node.flush()

    def _silence(self, seconds: float) -> None:
        heartbeats = self.node.host.heartbeats
        heartbeats.silent = True

        def speak_again() -> None:
            heartbeats.silent = False

        asyncio.get_running_loop().call_later(seconds, speak_again)

    def _vehicle(self, now: float) -> Vehicle | None:
        options = self._options
        if options.ev is VehicleKind.NONE:
            return None
        departure = None if options.departure_s is None else now + options.departure_s
        return Vehicle(
            options.ev,
            Battery(options.capacity_kwh * 1000, options.soc_percent),
            Driver(
                min_soc_percent=options.min_soc_percent,
                target_soc_percent=options.target_soc_percent,
                departure_at=departure,
                discharge_below_target=options.discharge,
            ),
            identification=f"02-00-00-00-{self.number // 256:02X}-{self.number % 256:02X}",
        )

    def _station(self, now: float, before: Station | None = None) -> Station:
        return Station(
            self.node.host,
            self.model,
            WALLBOX.manufacturer(self.node.ski, "sim"),
            now,
            offer=self._options.offer,
            before=before,
        )

    def _node(self) -> Node:
        return simulated_node(
            WALLBOX,
            self._home,
            self._reach,
            self._clock,
            self._on_event,
            multicast=self._multicast,
            limits=Limits(handshakes_per_minute=600),
        )

    def _on_event(self, event: NodeEvent) -> None:
        if isinstance(event, RoleEvent):
            self.station.handle(event, self._clock.now())


class Fleet:
    """``count`` wallboxes with homes ``DIR/1`` …, or one with the home itself.

    They listen on consecutive ports from that of ``reach``, or on free ones.
    """

    def __init__(
        self,
        directory: Path,
        reach: Reach,
        options: WallboxOptions,
        *,
        count: int | None = None,
        scenario: Scenario | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._reach = reach
        self._options = options
        self._scenario = scenario
        self._homes = list(_homes(directory, count))
        self.boxes: list[SimulatedWallbox] = []

    async def run(
        self,
        ready: LineSeen,
        seen: Callable[[float, int, WallboxSnapshot], None],
    ) -> None:
        """Runs until cancelled; ``ready`` gets a line for each box, ``seen`` its state once a second."""
        async with AsyncExitStack() as stack:
            multicast = None
            if self._reach.mdns:
                multicast = await stack.enter_async_context(Multicast())
            for number, home in enumerate(self._homes, 1):
                stack.enter_context(home.locked())
                port = self._reach.port + number - 1 if self._reach.port else 0
                reach = replace(self._reach, port=port)
                box = SimulatedWallbox(number, home, reach, self._options, self._clock, multicast)
                await stack.enter_async_context(box)
                self.boxes.append(box)
                ready(box.ready)
            async with asyncio.TaskGroup() as restarts:
                await self._play(seen, restarts)

    async def _play(
        self, seen: Callable[[float, int, WallboxSnapshot], None], restarts: asyncio.TaskGroup
    ) -> None:
        """Steps every box once a second, spread over the second."""
        started = self._clock.now()
        turn = 0
        while True:
            for index, box in enumerate(self.boxes):
                due = started + turn * STEP_S + index * STEP_S / len(self.boxes)
                await asyncio.sleep(max(0.0, due - self._clock.now()))
                elapsed = self._clock.now() - started
                if index == 0:
                    self._act(elapsed, restarts)
                seen(elapsed, box.number, box.step())
            turn = max(turn + 1, int((self._clock.now() - started) / STEP_S))

    def _act(self, elapsed: float, restarts: asyncio.TaskGroup) -> None:
        for step in self._scenario.due(elapsed) if self._scenario is not None else ():
            for box in self.boxes:
                if step.box not in (None, box.number):
                    continue
                if step.action == "restart" and isinstance(step.value, int | float):
                    restarts.create_task(box.restart(step.value))
                else:
                    box.apply(step)


def _homes(directory: Path, count: int | None) -> Iterator[Home]:
    if count is None:
        yield Home.open(directory)
        return
    for number in range(1, count + 1):
        yield Home.open(directory / str(number))
