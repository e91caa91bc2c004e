"""Runs one simulated control box on the network, with its script."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from eebus_gw.clock import Clock, SystemClock
from eebus_gw.home import Home
from eebus_gw.net.address import Address
from eebus_gw.net.events import ConnectFailedWith, LinkDown, LinkUp, RejectedByPeer
from eebus_gw.node import Node, NodeEvent
from eebus_gw.roles.events import RoleEvent
from eebus_gw.sim.control_box import ControlBox, Requirements
from eebus_gw.sim.scenario import Scenario, Step
from eebus_gw.sim.simulated_node import Kind, LineSeen, Reach, simulated_node

CONTROL_BOX = Kind("control box", "ElectricitySupplySystem", (1,))

NOT_APPROVED = "it does not trust this control box (yet): eebus-gw pair SKI --side grid"


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """A peer that is dialled where it is said to be."""

    ski: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class ControlBoxOptions:
    """How a simulated control box is made (contract, simulators); powers as magnitudes in W."""

    peers: Collection[PeerAddress] = ()
    limit_w: float | None = None
    production_limit_w: float | None = None
    for_s: float | None = None
    silent_after_s: float | None = None
    patient: bool = False


class ControlBoxRunner:
    """Owns the home, the node and the clock of one control box."""

    def __init__(
        self,
        home: Home,
        reach: Reach,
        options: ControlBoxOptions,
        *,
        scenario: Scenario | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._home = home
        self._trusted = frozenset(reach.trust)
        self._reach = replace(reach, trust={*reach.trust, *(peer.ski for peer in options.peers)})
        self._options = options
        self._clock = clock or SystemClock()
        given = scenario.steps if scenario is not None else ()
        self._scenario = Scenario((*_steps(options), *given))
        self._started = 0.0

    async def run(self, ready: LineSeen, seen: LineSeen) -> None:
        """Runs until cancelled; ``ready`` gets the first line, ``seen`` one for each event."""
        self._started = self._clock.now()
        requirements = Requirements()
        with self._home.locked():
            away_s = await self._live(requirements, ready, seen)
            while True:
                await asyncio.sleep(away_s)
                away_s = await self._live(requirements, lambda line: None, seen)

    async def _live(self, requirements: Requirements, ready: LineSeen, seen: LineSeen) -> float:
        """One life of the device, up to a restart; returns for how long it is away."""
        life = _Life(self, requirements, seen)
        async with life.node as node:
            self._reach = replace(self._reach, port=node.network.port)
            ready({"event": "ready", "ski": node.ski, "port": node.network.port})
            self._connect(node)
            while True:
                for step in self._scenario.due(self.elapsed_s):
                    if step.action == "restart" and isinstance(step.value, int | float):
                        return step.value
                    life.apply(step)
                life.handle_timer()
                await asyncio.sleep(self._pause_s(life.box))

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start; a restart of the device does not reset them."""
        return self._clock.now() - self._started

    def _pause_s(self, box: ControlBox) -> float:
        next_at, deadline = self._scenario.next_at(), box.next_deadline()
        moments = [3600.0 + self.elapsed_s]
        if next_at is not None:
            moments.append(next_at)
        if deadline is not None:
            moments.append(deadline - self._started)
        return max(0.0, min(moments) - self.elapsed_s)

    def _connect(self, node: Node) -> None:
        for peer in self._options.peers:
            node.network.connect(peer.ski, [Address(peer.host, peer.port)])
        for ski in {*self._trusted, *(peer.ski for peer in self._home.peers.trusted())}:
            node.network.connect(ski)

    def make_node(self, listener: Callable[[NodeEvent], None]) -> Node:
        """The device on the network; every life has a new one."""
        return simulated_node(CONTROL_BOX, self._home, self._reach, self._clock, listener)

    @property
    def clock(self) -> Clock:
        """The time of everything."""
        return self._clock

    @property
    def patient(self) -> bool:
        """Whether increases wait for their turn."""
        return self._options.patient


class _Life:
    """Node and use cases from one start to the next."""

    def __init__(
        self, runner: ControlBoxRunner, requirements: Requirements, seen: LineSeen
    ) -> None:
        self._runner = runner
        self._seen = seen
        self.node = runner.make_node(self._on_event)
        self.box = ControlBox(
            self.node.host,
            runner.clock.now(),
            patient=runner.patient,
            requirements=requirements,
        )

    def apply(self, step: Step) -> None:
        self.box.apply(step, self._runner.clock.now())
        self._tell()

    def handle_timer(self) -> None:
        self.box.handle_timer(self._runner.clock.now())
        self._tell()

    def _on_event(self, event: NodeEvent) -> None:
        match event:
            case LinkUp(ski=ski):
                self.box.link_up(ski)
            case LinkDown(ski=ski, text=text):
                self.box.link_down(ski, text)
            case ConnectFailedWith(ski=ski, text=text):
                self.box.not_connected(ski, text)
            case RejectedByPeer(ski=ski):
                self.box.not_connected(ski, NOT_APPROVED)
            case _ if isinstance(event, RoleEvent):
                self.box.handle(event, self._runner.clock.now())
        self._print()

    def _tell(self) -> None:
        self.node.flush()
        self._print()

    def _print(self) -> None:
        t = round(self._runner.elapsed_s, 3)
        for line in self.box.take_lines():
            self._seen({"t": t, **line})


def _steps(options: ControlBoxOptions) -> Iterator[Step]:
    """What the options ask for, as steps of a script."""
    if options.limit_w is not None:
        yield Step(0.0, "limit", options.limit_w, options.for_s)
    if options.production_limit_w is not None:
        yield Step(0.0, "production_limit", options.production_limit_w, options.for_s)
    if options.silent_after_s is not None:
        yield Step(options.silent_after_s, "silence", math.inf)
