"""Runs one simulated house on the network, with its script."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace

from eebus_gw.clock import Clock, SystemClock
from eebus_gw.home import Home
from eebus_gw.node import NodeEvent
from eebus_gw.roles.events import RoleEvent
from eebus_gw.sim.house import House, HouseOptions
from eebus_gw.sim.house_station import HouseStation, play
from eebus_gw.sim.scenario import Scenario
from eebus_gw.sim.simulated_node import Kind, LineSeen, Reach, simulated_node

HOUSE = Kind("house", "Inverter", (5, 7))
STEP_S = 1.0


class HouseRunner:
    """Owns the home, the clock and the house; the device in front of it may restart.

    ``offer`` restricts the use cases to these codes.
    """

    def __init__(
        self,
        home: Home,
        reach: Reach,
        options: HouseOptions | None = None,
        *,
        offer: Collection[str] | None = None,
        scenario: Scenario | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._home = home
        self._reach = reach
        self._offer = offer
        self._scenario = scenario or Scenario(())
        self._clock = clock or SystemClock()
        self._started = self._clock.now()
        self._turn = 0
        local = self._clock.wall().astimezone()
        hour = local.hour + local.minute / 60 + local.second / 3600
        self.house = House(options, now=self._started, hour=hour)
        self.station: HouseStation | None = None

    async def run(self, ready: LineSeen, seen: LineSeen) -> None:
        """Runs until cancelled; ``ready`` gets the first line, ``seen`` one a second."""
        with self._home.locked():
            away_s = await self._live(ready, seen)
            while True:
                await self._pass_away(away_s, seen)
                away_s = await self._live(lambda line: None, seen)

    async def _live(self, ready: LineSeen, seen: LineSeen) -> float:
        """One life of the device, up to a restart; returns for how long it is away."""
        node = simulated_node(HOUSE, self._home, self._reach, self._clock, self._on_event)
        self.station = station = HouseStation(
            node.host, self.house, self._clock.now(), offer=self._offer, before=self.station
        )
        async with node:
            self._reach = replace(self._reach, port=node.network.port)
            ready({"event": "ready", "ski": node.ski, "port": node.network.port})
            while True:
                for step in self._scenario.due(self._elapsed_s):
                    if step.action == "restart" and isinstance(step.value, int | float):
                        return step.value
                    station.apply(step, self._clock.now())
                seen(station.line(round(self._elapsed_s, 3), station.step(self._clock.now())))
                node.flush()
                await self._next_turn()

    async def _pass_away(self, seconds: float, seen: LineSeen) -> None:
        """The house goes on without its device."""
        assert self.station is not None
        back_at = self._elapsed_s + seconds
        self.station.go_down(self._clock.now())
        while self._elapsed_s < back_at:
            for step in self._scenario.due(self._elapsed_s):
                play(step, self.house)
            snapshot = self.house.step(self._clock.now())
            seen(self.station.line(round(self._elapsed_s, 3), snapshot))
            await self._next_turn(back_at)

    async def _next_turn(self, latest: float = float("inf")) -> None:
        """Waits for the next full second, or for ``latest``; seconds that are over are left out."""
        self._turn = max(self._turn + 1, int(self._elapsed_s / STEP_S))
        await asyncio.sleep(max(0.0, min(self._turn * STEP_S, latest) - self._elapsed_s))

    @property
    def _elapsed_s(self) -> float:
        return self._clock.now() - self._started

    def _on_event(self, event: NodeEvent) -> None:
        if isinstance(event, RoleEvent) and self.station is not None:
            self.station.handle(event, self._clock.now())
