"""The double that other tests use behaves like the broker connection."""

from __future__ import annotations

import asyncio

from eebus_gw.bridge.broker import Broker
from eebus_gw.bridge.messages import Received
from eebus_gw.bridge.outbox import RESULT, STATE, Outbox
from tests.support.broker import MemoryBroker
from tests.support.clock import FakeClock


async def test_publishes_loses_and_regains() -> None:
    outbox, received, changes = Outbox(), list[Received](), list[bool]()
    double = MemoryBroker(
        outbox=outbox, received=received.append, changed=changes.append, clock=FakeClock()
    )
    broker: Broker = double
    running = asyncio.create_task(broker.run())
    outbox.put("eebus/carport/ev", {"connected": False}, STATE, 1000.0)
    await asyncio.sleep(0)
    assert double.retained == {"eebus/carport/ev": b'{"connected":false}'}
    double.lose()
    outbox.put("eebus/carport/ev", {"connected": True}, STATE, 1001.0)
    outbox.send("eebus/carport/result", {}, RESULT)
    double.drain()
    assert len(double.published) == 1
    double.regain()
    double.drain()
    assert double.on("eebus/carport/result") == [b"{}"]
    assert double.on("eebus/carport/ev")[-1] == b'{"connected":true}'
    assert broker.status.reconnects == 1
    double.deliver("eebus/carport/set", "{}")
    assert received == [Received("eebus/carport/set", b"{}")]
    outbox.clear("eebus/carport")
    await broker.stop()
    await running
    assert double.retained == {}
    assert changes == [True, False, True]
