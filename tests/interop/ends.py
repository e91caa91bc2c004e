"""This project's ends for the interop tests: an energy manager's node, a simulated wallbox, a simulated house."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from eebus_gw.identity import Identity
from eebus_gw.net.options import NetworkOptions, Timing
from eebus_gw.node import Node, NodeEvent
from eebus_gw.roles.events import WriteDone
from eebus_gw.roles.host import Entity
from eebus_gw.sim.battery import Battery
from eebus_gw.sim.ev import Traits, Vehicle, VehicleKind
from eebus_gw.sim.house import House
from eebus_gw.sim.house_station import HouseStation
from eebus_gw.sim.motion import Dynamics
from eebus_gw.sim.station import Station
from eebus_gw.sim.wallbox import Wallbox
from eebus_gw.vocabulary.values import Manufacturer
from tests.support.waiting import until
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV, OSCEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.monitoring import MPC

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from eebus_gw.vocabulary.definition import Point, UseCase

E = TypeVar("E")

USE_CASES = (EVSECC, EVCC, EVCEM, EVSOC, OPEV, OSCEV, MPC)
LOOPBACK = "127.0.0.1"
STEP_S = 0.1
QUICK = Timing(backoff_scale=0.05, yield_to_peer=0.0, shutdown=2.0)


@dataclass
class End:
    """A node with everything that it has told."""

    node: Node
    trusted: set[str] = field(default_factory=set)
    events: list[NodeEvent] = field(default_factory=list)

    @property
    def ski(self) -> str:
        """Our SKI."""
        return self.node.ski

    @property
    def address(self) -> str:
        """What `--dial` of a Go peer takes."""
        return f"{self.ski}@{LOOPBACK}:{self.node.network.port}"

    def dial(self, ski: str, port: int) -> None:
        """Trust a peer and keep dialling it."""
        self.trusted.add(ski)
        self.node.network.connect(ski, [(LOOPBACK, port, "/ship/")])

    def of(self, kind: type[E], *, since: int = 0) -> list[E]:
        """The events of one kind so far."""
        return [event for event in self.events[since:] if isinstance(event, kind)]

    async def expect(
        self,
        kind: type[E],
        test: Callable[[E], bool] = lambda event: True,
        *,
        since: int = 0,
        within: float = 15,
    ) -> E:
        """The first event of a kind that passes the test."""
        await until(lambda: any(map(test, self.of(kind, since=since))), within=within)
        return next(filter(test, self.of(kind, since=since)))

    def value(self, ski: str, use_case: UseCase, point: Point[Any]) -> Any:
        """The newest value of a peer, `None` while there is none."""
        reading = self.node.get(ski, use_case, point)
        return reading.value if reading is not None else None

    async def expect_value(
        self, ski: str, use_case: UseCase, point: Point[Any], wanted: Any, within: float = 15
    ) -> None:
        """Wait until a value of a peer is equal, or fulfils a function."""

        def is_wanted() -> bool:
            value = self.value(ski, use_case, point)
            if callable(wanted):
                return value is not None and bool(wanted(value))
            return bool(value == wanted)

        try:
            await until(is_wanted, within=within)
        except TimeoutError:
            shown = self.value(ski, use_case, point)
            raise AssertionError(f"{use_case.code} {point.key} is {shown}, not {wanted}") from None

    async def write(self, ski: str, use_case: UseCase, point: Point[Any], value: Any) -> WriteDone:
        """Write to a peer and wait for the outcome."""
        mark = len(self.events)
        token = self.node.write(ski, use_case, point, value)
        return await self.expect(WriteDone, lambda done: done.token == token, since=mark)


@asynccontextmanager
async def energy_manager(**options: Any) -> AsyncIterator[End]:
    """Our node with the client side of the EV use cases."""
    trusted: set[str] = set()
    events: list[NodeEvent] = []
    node = Node(
        Identity.create(),
        trusts=trusted.__contains__,
        options=NetworkOptions(port=0, mdns=False, timing=QUICK, allow_tls13=False),
        listener=events.append,
        **options,
    )
    node.host.add_entity(Entity("CEM", USE_CASES), node.clock.now())
    node.host.announce()
    async with node:
        yield End(node, trusted, events)


class QuickVehicle(Vehicle):
    """A car that follows at once, so that tests need not wait for its ramps."""

    def traits(self, now: float) -> Traits:
        dynamics = Dynamics(reaction_s=0.1, reduction_reaction_s=0.1, rise_w_per_s=50_000.0)
        return replace(super().traits(now), dynamics=dynamics)


@dataclass
class Box(End):
    """Our simulated wallbox."""

    station: Station | None = None

    def plug(self) -> None:
        """A car at half its charge is plugged in."""
        assert self.station is not None
        car = QuickVehicle(
            VehicleKind.ISO15118, Battery(60_000, 50.0), identification="02-00-5E-10-00-02"
        )
        self.station.plug(self.node.clock.now(), car)
        self.node.flush()

    def unplug(self) -> None:
        """The car leaves."""
        assert self.station is not None
        self.station.unplug(self.node.clock.now())
        self.node.flush()


@asynccontextmanager
async def simulated_wallbox(**options: Any) -> AsyncIterator[Box]:
    """Our node with a simulated wallbox, its time running."""
    trusted: set[str] = set()
    events: list[NodeEvent] = []
    node = Node(
        Identity.create(),
        trusts=trusted.__contains__,
        device_type="ChargingStation",
        options=NetworkOptions(port=0, mdns=False, timing=QUICK),
        **options,
    )
    now = node.clock.now()
    manufacturer = Manufacturer(brand_name="eebus-gw", device_name="box", serial_number="7")
    station = Station(node.host, Wallbox(now=now), manufacturer, now)
    box = Box(node, trusted, events, station=station)

    async with running(box, station):
        yield box


@dataclass
class Home(End):
    """Our simulated house."""

    station: HouseStation | None = None

    @property
    def model(self) -> House:
        """The house, whose load and sun may be set."""
        assert self.station is not None
        return self.station.model


@asynccontextmanager
async def simulated_house(
    make: Callable[[float], House], *, offer: Collection[str] | None = None
) -> AsyncIterator[Home]:
    """Our node with the simulated house that ``make`` builds for the present moment, its time running."""
    trusted: set[str] = set()
    node = Node(
        Identity.create(),
        trusts=trusted.__contains__,
        device_type="Inverter",
        options=NetworkOptions(port=0, mdns=False, timing=QUICK),
    )
    now = node.clock.now()
    station = HouseStation(node.host, make(now), now, offer=offer)
    home = Home(node, trusted, station=station)
    async with running(home, station):
        yield home


@asynccontextmanager
async def running(end: End, station: Station | HouseStation) -> AsyncIterator[None]:
    """Lets a node and the time of its device run."""
    node = end.node

    def listen(event: NodeEvent) -> None:
        end.events.append(event)
        station.handle(event, node.clock.now())  # type: ignore[arg-type]

    async def run() -> None:
        while True:
            station.step(node.clock.now())
            node.flush()
            await asyncio.sleep(STEP_S)

    node.listener = listen
    async with node:
        task = asyncio.create_task(run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
