"""LPC and LPP with the Go peers: their control box with our system, our guard with their wallbox."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from eebus_gw.identity import Identity
from eebus_gw.net.options import NetworkOptions
from eebus_gw.node import Node, NodeEvent
from eebus_gw.roles.host import Entity
from eebus_gw.vocabulary.values import LimitValue
from tests.interop.ends import QUICK, End
from tests.interop.peers import GoPeer
from tests.support.waiting import until
from usecases.limitation import LPC, LPP
from usecases.limitation_behaviour import ControllableSystem
from usecases.limitation_rules import Direction, FailsafeDuration, Settings, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.interop.peers import PeerPrograms
    from usecases.limitation_states import LimitMachine

# 10 s make the control box beat every 8 s, so that a test sees more than the first one.
GUARD = ("--no-mdns", "--heartbeat", "10s")
NOMINAL_W = 22_000.0
BOX = ("--no-mdns", "--auto-accept", "--plugged", "--interval", "200ms")


@dataclass
class System(End):
    """Our Controllable System of both directions."""

    machines: dict[str, LimitMachine] = field(default_factory=dict)

    def state(self, code: str) -> State:
        """The state of one direction."""
        return self.machines[code].state

    def effective_w(self, code: str) -> float | None:
        """What may flow now."""
        return self.machines[code].effective_w(self.node.clock.now())


@asynccontextmanager
async def controllable_system() -> AsyncIterator[System]:
    """Our node as an energy manager that obeys the grid."""
    trusted: set[str] = set()
    events: list[NodeEvent] = []
    node = Node(
        Identity.create(),
        trusts=trusted.__contains__,
        options=NetworkOptions(port=0, mdns=False, timing=QUICK),
        listener=events.append,
    )
    now = node.clock.now()
    entity = node.host.add_entity(Entity("CEM"), now)
    duration = FailsafeDuration()
    system = System(node, trusted, events)
    for use_case, direction in ((LPC, Direction.CONSUME), (LPP, Direction.PRODUCE)):
        settings = Settings(failsafe_w=4200.0, nominal_max_w=NOMINAL_W)
        behaviour = ControllableSystem(direction, settings=settings, duration=duration)
        node.host.provide(use_case, entity, now, behaviour=behaviour)
        system.machines[use_case.code] = behaviour.machine
    node.host.announce()
    async with node:
        yield system


@asynccontextmanager
async def guarded(programs: PeerPrograms) -> AsyncIterator[tuple[System, GoPeer]]:
    """Our system with the Go control box connected and everything read."""
    async with (
        controllable_system() as system,
        GoPeer.running(programs, "controlbox", *GUARD) as box,
    ):
        system.trusted.add(box.ski)
        await box.command("dial", address=system.address)
        for use_case in ("LPC", "LPP"):
            await box.expect("value", use_case=use_case, name="limit")
            await box.expect("value", use_case=use_case, name="failsafe_w")
        yield system, box


async def test_the_control_box_reads_our_values(go_peers: PeerPrograms) -> None:
    async with guarded(go_peers) as (_, box):
        for use_case in ("LPC", "LPP"):
            await box.expect("value", use_case=use_case, name="failsafe_w", value=4200)
            await box.expect("value", use_case=use_case, name="failsafe_duration_s", value=7200)
            await box.expect("use_case", use_case=use_case, scenarios=[1, 2, 3, 4])
        await box.expect("heartbeat", timeout_s=60)


async def test_limits_of_the_control_box_are_in_force(go_peers: PeerPrograms) -> None:
    async with guarded(go_peers) as (system, box):
        answer = await box.ask("limit", value_w=4201, duration_s=600)
        assert answer["error_number"] == 0
        assert system.effective_w("lpc") == 4201
        assert system.state("lpc") is State.LIMITED
        await box.expect(
            "value",
            use_case="LPC",
            name="limit",
            value=lambda limit: limit["value_w"] == 4201 and 590 < limit["duration_s"] <= 600,
        )
        # Without a duration the control box deletes the old one in the same command.
        assert (await box.ask("limit", value_w=6000))["error_number"] == 0
        await box.expect(
            "value",
            use_case="LPC",
            name="limit",
            value={"value_w": 6000, "active": True, "changeable": True, "duration_s": 0},
        )
        assert (await box.ask("limit", value_w=0, active=False))["error_number"] == 0
        assert system.state("lpc") is State.UNLIMITED_CONTROLLED
        assert system.effective_w("lpc") == NOMINAL_W

        assert (await box.ask("production_limit", value_w=-5000))["error_number"] == 0
        assert system.effective_w("lpp") == 5000


async def test_a_limit_ends_with_its_duration(go_peers: PeerPrograms) -> None:
    async with guarded(go_peers) as (system, box):
        assert (await box.ask("limit", value_w=4200, duration_s=1))["error_number"] == 0
        assert system.effective_w("lpc") == 4200
        await until(lambda: system.effective_w("lpc") == NOMINAL_W)
        await box.expect(
            "value", use_case="LPC", name="limit", value=lambda limit: not limit["active"]
        )


@pytest.mark.parametrize(
    ("command", "value_w"),
    [("limit", -1), ("production_limit", 5000), ("failsafe", -1)],
    ids=["LPC-001", "LPP-001", "LPC-010"],
)
async def test_a_wrong_sign_is_refused(
    go_peers: PeerPrograms, command: str, value_w: float
) -> None:
    async with guarded(go_peers) as (system, box):
        assert (await box.ask("limit", value_w=4200))["error_number"] == 0
        assert (await box.ask("production_limit", value_w=-4200))["error_number"] == 0
        assert (await box.ask(command, value_w=value_w))["error_number"] == 7
        assert (system.effective_w("lpc"), system.effective_w("lpp")) == (4200, 4200)


async def test_failsafe_values_of_the_control_box_are_kept(go_peers: PeerPrograms) -> None:
    async with guarded(go_peers) as (_, box):
        # Nothing but the limit is accepted before the first one.
        assert (await box.ask("failsafe", value_w=3001))["error_number"] == 7
        assert (await box.ask("limit", value_w=4200))["error_number"] == 0
        assert (await box.ask("production_limit", value_w=-4200))["error_number"] == 0
        assert (await box.ask("failsafe", value_w=3001))["error_number"] == 0
        await box.expect("value", use_case="LPC", name="failsafe_w", value=3001)
        assert (await box.ask("production_failsafe", value_w=1500))["error_number"] == 0
        await box.expect("value", use_case="LPP", name="failsafe_w", value=1500)
        assert (await box.ask("failsafe_duration", duration_s=14_400))["error_number"] == 0
        for use_case in ("LPC", "LPP"):
            await box.expect("value", use_case=use_case, name="failsafe_duration_s", value=14_400)


async def test_a_second_control_box_is_refused(go_peers: PeerPrograms) -> None:
    async with (
        guarded(go_peers) as (system, _),
        GoPeer.running(go_peers, "controlbox", *GUARD) as second,
    ):
        system.trusted.add(second.ski)
        await second.command("dial", address=system.address)
        await second.expect("value", use_case="LPC", name="limit")
        assert (await second.ask("limit", value_w=4200))["error_number"] == 9
        assert system.state("lpc") is State.INIT


@asynccontextmanager
async def guarding(programs: PeerPrograms) -> AsyncIterator[tuple[End, GoPeer]]:
    """Our energy guard with the Go wallbox connected."""
    trusted: set[str] = set()
    events: list[NodeEvent] = []
    node = Node(
        Identity.create(),
        trusts=trusted.__contains__,
        options=NetworkOptions(port=0, mdns=False, timing=QUICK),
        listener=events.append,
    )
    node.host.add_entity(Entity("CEM", (LPC, LPP)), node.clock.now())
    node.host.announce()
    async with node, GoPeer.running(programs, "wallbox", *BOX) as box:
        end = End(node, trusted, events)
        end.dial(box.ski, box.port)
        await end.expect_value(box.ski, LPC, LPC.failsafe_w, 4200.0)
        await end.expect_value(box.ski, LPC, LPC.limit, lambda limit: not limit.active)
        yield end, box


async def test_we_read_the_values_of_the_wallbox(go_peers: PeerPrograms) -> None:
    async with guarding(go_peers) as (end, box):
        await end.expect_value(box.ski, LPC, LPC.failsafe_duration_s, 7200.0)
        await end.expect_value(box.ski, LPC, LPC.nominal_max_w, 22_080.0)
        await end.expect_value(box.ski, LPP, LPP.limit, lambda limit: not limit.active)
        await end.expect_value(box.ski, LPP, LPP.failsafe_w, 0.0)


async def test_our_limit_is_obeyed(go_peers: PeerPrograms) -> None:
    async with guarding(go_peers) as (end, box):
        end.node.wish(box.ski, LPC, LPC.limit, LimitValue(4201.0, True, 600.0))
        asked = await box.expect("limit", 20, use_case="LPC", active=True)
        assert asked["value_w"] == 4201
        assert 580 < asked["duration_s"] <= 600
        await box.expect("measured", power_w=lambda watts: 4100 < watts < 4210)
        await end.expect_value(box.ski, LPC, LPC.limit, lambda limit: limit.active)


async def test_our_failsafe_values_are_taken_over(go_peers: PeerPrograms) -> None:
    async with guarding(go_peers) as (end, box):
        end.node.wish(box.ski, LPC, LPC.limit, LimitValue(11_000.0, True))
        await box.expect("limit", 20, use_case="LPC", value_w=11_000)
        end.node.wish(box.ski, LPC, LPC.failsafe_w, 3500.0)
        await box.expect("failsafe", use_case="LPC", name="failsafe_w", value=3500)
        end.node.wish(box.ski, LPC, LPC.failsafe_duration_s, 10_800.0)
        await box.expect("failsafe", name="failsafe_duration_s", value=10_800)
