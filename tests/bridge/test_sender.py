"""From the outbox to a connection."""

from __future__ import annotations

import asyncio

from eebus_gw.bridge.broker import BrokerStatus
from eebus_gw.bridge.messages import Publication
from eebus_gw.bridge.outbox import LOG, METER, STATE, Outbox
from eebus_gw.bridge.sender import Sender
from eebus_gw.clock import SystemClock


class Connection:
    """Takes ``room`` messages without an acknowledgement, and acknowledges all others when ``answer`` is set."""

    maximum_packet_size = 10_000
    receive_maximum = 20

    def __init__(self, room: int = 100) -> None:
        self.room = room
        self.posted: list[str] = []
        self.delivered: list[str] = []
        self.answer = asyncio.Event()

    def post(self, publication: Publication) -> bool:
        if len(self.posted) >= self.room:
            return False
        self.posted.append(publication.topic)
        return True

    async def deliver(self, publication: Publication) -> None:
        await self.answer.wait()
        self.delivered.append(publication.topic)


def sender(connection: Connection, outbox: Outbox) -> Sender:
    clock = SystemClock()
    return Sender(connection, outbox, BrokerStatus(since=0.0), clock, asyncio.Event())


async def test_measurements_are_handed_over_without_waiting() -> None:
    connection, outbox = Connection(), Outbox()
    outbox.put("a/meter", 1, METER, 0.0)
    outbox.put("a/ev", 1, STATE, 0.0)
    outbox.put("b/meter", 1, METER, 0.0)
    sending = sender(connection, outbox)
    await sending.send_ready()
    assert connection.posted == ["a/meter", "b/meter"]
    connection.answer.set()
    await sending.settle()
    assert connection.delivered == ["a/ev"]


async def test_what_the_connection_does_not_take_at_once_waits_its_turn() -> None:
    connection, outbox = Connection(room=1), Outbox()
    for topic in ("a/meter", "b/meter"):
        outbox.put(topic, 1, METER, 0.0)
    connection.answer.set()
    sending = sender(connection, outbox)
    await sending.send_ready()
    await sending.settle()
    assert (connection.posted, connection.delivered) == (["a/meter"], ["b/meter"])


async def test_a_message_with_a_correlation_is_not_merely_handed_over() -> None:
    connection, outbox = Connection(), Outbox()
    outbox.send("answer", 1, LOG, correlation=b"1")
    connection.answer.set()
    sending = sender(connection, outbox)
    await sending.send_ready()
    await sending.settle()
    assert connection.delivered == ["answer"]
