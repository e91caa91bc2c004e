"""The way of messages from the outbox to one connection, a limited number at a time."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

from eebus_gw.bridge.broker import BrokerStatus
from eebus_gw.bridge.messages import Publication
from eebus_gw.bridge.outbox import Outbox
from eebus_gw.clock import Clock

IN_FLIGHT = 32

logger = logging.getLogger(__name__)


class Deliverer(Protocol):
    """One connection, with the limits that the broker named when it accepted it."""

    @property
    def maximum_packet_size(self) -> int: ...

    @property
    def receive_maximum(self) -> int: ...

    def post(self, publication: Publication) -> bool:
        """Hands over a message of quality of service 0; ``False`` while too many are not even written."""
        ...

    async def deliver(self, publication: Publication) -> None:
        """Returns when the broker has ``publication``; raises when it cannot be delivered."""
        ...


class Sender:
    """Moves messages from the outbox to one connection, a limited number at a time."""

    def __init__(
        self,
        client: Deliverer,
        outbox: Outbox,
        status: BrokerStatus,
        clock: Clock,
        work: asyncio.Event,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._status = status
        self._clock = clock
        self._work = work
        self._places = min(IN_FLIGHT, client.receive_maximum)
        self._flying: dict[asyncio.Task[None], Publication] = {}
        self._failure: BaseException | None = None
        self._landing = asyncio.Event()
        self._oversized: set[str] = set()

    async def send_ready(self) -> None:
        """Sends until nothing is ready; waits only for places."""
        self._work.clear()
        while True:
            await self._until_flying(self._places - 1)
            publication = self._outbox.take(self._clock.now())
            if publication is None:
                return
            if not self._fits(publication):
                continue
            if _needs_no_answer(publication) and self._client.post(publication):
                self._outbox.delivered(publication)
            else:
                task = asyncio.create_task(self._client.deliver(publication))
                self._flying[task] = publication
                task.add_done_callback(self._landed)

    async def wait(self) -> None:
        """Returns when there may be something to send, or a sending failed."""
        deadline = self._outbox.next_deadline()
        pause = None if deadline is None else max(0.0, deadline - self._clock.now())
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._work.wait()

    async def settle(self) -> None:
        """Waits until the broker has everything that was sent."""
        await self._until_flying(0)

    def abandon(self) -> None:
        """Gives back what the broker did not acknowledge."""
        for task, publication in reversed(self._flying.items()):
            task.remove_done_callback(self._landed)
            task.cancel()
            self._outbox.returned(publication)
        self._flying.clear()

    async def _until_flying(self, most: int) -> None:
        while self._failure is None and len(self._flying) > most:
            self._landing.clear()
            await self._landing.wait()
        if self._failure is not None:
            raise self._failure

    def _landed(self, task: asyncio.Task[None]) -> None:
        publication = self._flying[task]
        self._landing.set()
        if task.cancelled() or (error := task.exception()) is None:
            del self._flying[task]
            self._outbox.delivered(publication)
            return
        # Stays among the flying ones, so that it is given back in its order.
        self._failure = error
        self._work.set()

    def _fits(self, publication: Publication) -> bool:
        size = _packet_size(publication)
        if size <= self._client.maximum_packet_size:
            return True
        self._status.dropped += 1
        if publication.topic not in self._oversized:
            self._oversized.add(publication.topic)
            logger.error("%d bytes on %s are too much for the broker", size, publication.topic)
        return False


def _packet_size(publication: Publication) -> int:
    """An upper bound for the PUBLISH packet in bytes."""
    correlation = publication.correlation
    properties = 8 if correlation is None else 8 + len(correlation)
    return 16 + len(publication.topic.encode()) + len(publication.payload) + properties


def _needs_no_answer(publication: Publication) -> bool:
    return publication.qos == 0 and publication.correlation is None
