"""One EEBUS device on the network: an identity, connections, a device tree and use cases.

A node is client and server at once; the gateway has two of them, every simulator is one. What arrives from a peer is
handled synchronously down to the listener; what changes on the way is sent to the peers concerned before control
returns to the event loop.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from eebus_gw.clock import Clock, SystemClock
from eebus_gw.errors import Refused, TimedOut
from eebus_gw.identity import Identity
from eebus_gw.net.events import LinkDown, LinkUp, NetworkEvent, SpineEvent
from eebus_gw.net.network import Network
from eebus_gw.net.options import NetworkOptions
from eebus_gw.net.switchboard import Trace
from eebus_gw.roles.events import RoleEvent, Update, WriteDone
from eebus_gw.roles.host import Host
from eebus_gw.roles.provider import Provider
from eebus_gw.spine.error_numbers import TIMEOUT
from eebus_gw.spine.local import LocalDevice
from eebus_gw.spine.remote import EntityPath
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.values import Manufacturer, Reading

if TYPE_CHECKING:
    from eebus_gw.net.mdns import Multicast

EVENTS_KEPT = 1_000

NodeEvent = NetworkEvent | RoleEvent
Listener = Callable[[NodeEvent], None]


class Node:
    """An asynchronous context manager; build its entities on ``host`` before entering it.

    ``trusts`` and ``may_wait`` are asked for each incoming peer. ``listener`` gets every event, synchronously; it must
    not block and may call the node back.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        trusts: Callable[[str], bool],
        may_wait: Callable[[str], bool] = lambda ski: False,
        device_type: str = "EnergyManagementSystem",
        manufacturer: Manufacturer | None = None,
        options: NetworkOptions | None = None,
        clock: Clock | None = None,
        listener: Listener = lambda event: None,
        multicast: Multicast | None = None,
        trace: Trace | None = None,
    ) -> None:
        self.identity = identity
        self.clock = clock or SystemClock()
        self.listener = listener
        self.host = Host(
            LocalDevice(device_address(identity.ship_id), device_type),
            manufacturer or Manufacturer(brand_name="eebus-gw", device_name="gateway"),
            self.clock.wall,
        )
        self.network = Network(
            identity,
            trusts=trusts,
            may_wait=may_wait,
            make_session=lambda ski: Session(self.host.device, ski),
            on_event=self._on_network,
            clock=self.clock,
            random=random.random,
            options=options,
            multicast=multicast,
            trace=trace,
        )
        self._readers: list[tuple[deque[NodeEvent], asyncio.Event]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None

    @property
    def ski(self) -> str:
        """Our own SKI."""
        return self.identity.ski

    async def __aenter__(self) -> Self:
        await self.network.__aenter__()
        self.flush()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.network.__aexit__(kind, error, traceback)
        if self._timer is not None:
            self._timer.cancel()

    def get(
        self, ski: str, use_case: UseCase, point: Point[Any], entity: EntityPath | None = None
    ) -> Reading[Any] | None:
        """The newest reading of a peer, ``None`` while there is none."""
        return self.host.get(ski, use_case, point, entity)

    def write(
        self,
        ski: str,
        use_case: UseCase,
        point: Point[Any],
        value: Any,
        entity: EntityPath | None = None,
    ) -> int:
        """Writes to a peer; ``WriteDone`` with the returned token tells the outcome.

        Raises ``NotConnected`` or ``NotReady`` with the reason.
        """
        token = self.host.write(ski, use_case, point, value, self.clock.now(), entity)
        self.flush()
        return token

    def wish(
        self,
        ski: str,
        use_case: UseCase,
        point: Point[Any],
        value: Any,
        entity: EntityPath | None = None,
    ) -> None:
        """Hands a wish to a use case that decides itself when to write it (LPC, LPP)."""
        self.host.wish(ski, use_case, point, value, self.clock.now(), entity)
        self.flush()

    async def request(
        self,
        ski: str,
        use_case: UseCase,
        point: Point[Any],
        value: Any,
        entity: EntityPath | None = None,
    ) -> None:
        """Writes to a peer and returns when it has accepted.

        Raises ``NotConnected`` or ``NotReady`` at once, ``Refused`` with the peer's error number, ``TimedOut`` without
        an answer within its response deadline.
        """
        token = self.write(ski, use_case, point, value, entity)
        async for event in self.events():
            if isinstance(event, WriteDone) and (event.ski, event.token) == (ski, token):
                if event.error_number == TIMEOUT:
                    raise TimedOut(f"{point.key}: {event.text}")
                if event.error_number:
                    raise Refused(event.error_number, event.text)
                return

    async def events(self) -> AsyncIterator[NodeEvent]:
        """Every event from now on; a reader that falls behind loses the oldest ones."""
        waiting: deque[NodeEvent] = deque(maxlen=EVENTS_KEPT)
        wake = asyncio.Event()
        reader = (waiting, wake)
        self._readers.append(reader)
        try:
            while True:
                while waiting:
                    yield waiting.popleft()
                wake.clear()
                await wake.wait()
        finally:
            self._readers.remove(reader)

    async def updates(self) -> AsyncIterator[Update]:
        """Every new reading of every peer from now on."""
        async for event in self.events():
            if isinstance(event, Update):
                yield event

    def put(self, provider: Provider, point: Point[Any], value: Any) -> None:
        """Publishes a value; call ``flush`` after the last one of a batch."""
        self.host.put(provider, point, value)

    def flush(self) -> None:
        """Sends what the host has put into sessions, tells its events, and sets the timer."""
        while touched := self.host.take_touched():
            for ski in touched:
                self.network.wake(ski)
        self._tell()
        self._arm()

    # --- stimuli

    def _on_network(self, event: NetworkEvent) -> None:
        now = self.clock.now()
        match event:
            case SpineEvent(ski, session, spine_event) if isinstance(session, Session):
                self.host.session_event(ski, session, spine_event, now)
            case LinkUp(ski, _, session) if isinstance(session, Session):
                self.host.link_up(ski, session, now)
                self._emit(event)
            case LinkDown(ski):
                self.host.link_down(ski, now)
                self._emit(event)
            case _:
                self._emit(event)
        self.flush()

    def _timer_fired(self) -> None:
        self._timer = None
        self._timer_at = None
        self.host.handle_timer(self.clock.now())
        self.flush()

    def _tell(self) -> None:
        while (event := self.host.next_event()) is not None:
            self._emit(event)

    def _emit(self, event: NodeEvent) -> None:
        self.listener(event)
        for waiting, wake in self._readers:
            waiting.append(event)
            wake.set()

    def _arm(self) -> None:
        deadline = self.host.next_deadline()
        if deadline == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        if deadline is not None:
            delay = max(0.0, deadline - self.clock.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._timer_fired)


def device_address(ship_id: str) -> str:
    """The SPINE device address of a node: its own name space, built from the stable SHIP ID."""
    unique = "".join(c if c.isalnum() or c in "-_.:" else "-" for c in ship_id)
    return f"d:_n:eebus-gw_{unique}"
