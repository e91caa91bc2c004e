"""A node as a library: another program reads and writes through the public names alone."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from eebus_gw import Entity, NetworkOptions, Node, NotReady, Refused
from eebus_gw.vocabulary.behaviour import refused
from eebus_gw.vocabulary.values import LimitValue
from tests.support.identity import identity
from usecases.limitation import LPC
from usecases.limitation_behaviour import ControllableSystem
from usecases.limitation_rules import Direction
from usecases.monitoring import MPC

OPTIONS = NetworkOptions(port=0, host="127.0.0.1", mdns=False)


class Wallbox:
    """A wallbox made of nothing but a node."""

    def __init__(self) -> None:
        self.node = Node(identity("node-box"), trusts=lambda ski: True, options=OPTIONS)
        host, now = self.node.host, self.node.clock.now()
        evse = host.add_entity(Entity("EVSE"), now)
        self.meter = host.provide(MPC, evse, now)
        self.system = host.provide(LPC, evse, now, behaviour=ControllableSystem(Direction.CONSUME))
        self.node.put(self.meter, MPC.power_w, 7400)
        host.announce()


async def connected(stack: AsyncExitStack) -> tuple[Node, Wallbox]:
    box = Wallbox()
    await stack.enter_async_context(box.node)
    manager = Node(identity("node-manager"), trusts=lambda ski: True, options=OPTIONS)
    manager.host.add_entity(Entity("GridGuard", (LPC, MPC)), manager.clock.now())
    manager.host.announce()
    await stack.enter_async_context(manager)
    manager.network.connect(box.node.ski, [("127.0.0.1", box.node.network.port, "/ship/")])
    return manager, box


async def test_readings_arrive_and_a_limit_is_obeyed() -> None:
    async with AsyncExitStack() as stack, asyncio.timeout(20):
        manager, box = await connected(stack)
        async for update in manager.updates():
            if update.point is MPC.power_w:
                assert update.reading.value == 7400
                break
        while manager.get(box.node.ski, LPC, LPC.limit) is None:
            await anext(manager.updates())
        await manager.request(box.node.ski, LPC, LPC.limit, LimitValue(4200, True))
        published = box.system.get(LPC.limit)
        assert published is not None
        assert published.value == LimitValue(4200, True)


async def test_refusal_of_the_peer_is_an_error_of_the_request() -> None:
    async with AsyncExitStack() as stack, asyncio.timeout(20):
        manager, box = await connected(stack)
        box.system.decide = lambda point, value: refused("not today", "LPC-003/1")
        while manager.get(box.node.ski, LPC, LPC.limit) is None:
            await anext(manager.updates())
        with pytest.raises(Refused, match="not today") as caught:
            await manager.request(box.node.ski, LPC, LPC.limit, LimitValue(4200, True))
        assert caught.value.error_number == 7


async def test_unusable_use_case_is_refused_before_anything_is_sent() -> None:
    async with AsyncExitStack() as stack, asyncio.timeout(20):
        manager, box = await connected(stack)
        while manager.get(box.node.ski, MPC, MPC.power_w) is None:
            await anext(manager.updates())
        with pytest.raises(NotReady):
            manager.write(box.node.ski, LPC, LPC.limit, LimitValue(1, True), entity=(9,))
