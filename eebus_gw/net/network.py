"""Everything between one SHIP node and the local network."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection

from eebus_gw.clock import Clock
from eebus_gw.errors import LocalProtocolError
from eebus_gw.net.address import Address
from eebus_gw.net.dialer import Dialer
from eebus_gw.net.events import (
    CertificateRefused,
    NetworkEvent,
    NodeGone,
    NodeVisible,
    SessionLike,
    VisibleNode,
)
from eebus_gw.net.listener import Listener, address_of
from eebus_gw.net.options import NetworkOptions
from eebus_gw.net.pump import End, Link
from eebus_gw.net.switchboard import Switchboard, Trace
from eebus_gw.net.tls import IdentityLike, TlsContext
from eebus_gw.ship.connection import CloseReason
from eebus_gw.ship.txt import ServiceRecord, read_properties

if TYPE_CHECKING:  # without mDNS its library is not even loaded
    from eebus_gw.net.mdns import Announcement, Multicast, Sighting

logger = logging.getLogger(__name__)

ANY_HOST: Final = (None, "", "0.0.0.0", "::")
QUIET_S: Final = 10.0


class Network:
    """One SHIP node on the local network; an asynchronous context manager that owns all its tasks.

    ``trusts`` and ``may_wait`` are asked whenever a peer connects: whether it is paired, and
    whether an unknown one is kept waiting for ``approve``. ``make_session`` is called for each
    connection on which data may flow. ``on_event`` must not block. ``random`` gives numbers in
    [0, 1). ``multicast`` shares one mDNS between the nodes of a process; without it the node has
    its own.
    """

    def __init__(
        self,
        identity: IdentityLike,
        *,
        trusts: Callable[[str], bool],
        may_wait: Callable[[str], bool],
        make_session: Callable[[str], SessionLike],
        on_event: Callable[[NetworkEvent], None],
        clock: Clock,
        random: Callable[[], float],
        options: NetworkOptions | None = None,
        multicast: Multicast | None = None,
        trace: Trace | None = None,
    ) -> None:
        self.port = 0
        """The port on which it really listens."""
        self._identity = identity
        self._on_event = on_event
        self._clock = clock
        self._random = random
        self._options = options = options or NetworkOptions()
        self._multicast = multicast
        self._announcement: Announcement | None = None
        self._tls = TlsContext(
            identity,
            allow_tls13=options.allow_tls13,
            record_size=options.record_bytes,
            on_refused=self._certificate_refused,
        )
        self._switchboard = Switchboard(
            own_ski=identity.ski,
            own_id=identity.ship_id,
            trusts=trusts,
            may_wait=may_wait,
            make_session=make_session,
            emit=on_event,
            idle=self._idle,
            spawn=self._spawn,
            clock=clock,
            options=options,
            trace=trace,
        )
        self._listener = Listener(
            self._tls, options, self._switchboard.refusal, self._attend_incoming
        )
        self.opening = asyncio.Semaphore(options.limits.opening)
        self._dialers: dict[str, tuple[Dialer, asyncio.Task[None]]] = {}
        self._pins: dict[str, str] = {}
        self._visible: dict[str, VisibleNode] = {}
        self._closing = False
        self._quiet_until = clock.now()
        self._group = asyncio.TaskGroup()
        self._stack = contextlib.AsyncExitStack()

    # --- life

    async def __aenter__(self) -> Self:
        """Begins to listen, announce and browse; ``OSError`` when the port is taken."""
        await self._group.__aenter__()
        try:
            self.port = await self._listener.start()
            if self._options.mdns:
                await self._start_mdns()
        except BaseException:
            self._listener.stop_accepting()
            await self._group.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes every link in order, then says goodbye on mDNS."""
        timing = self._options.timing
        self._closing = True
        self._listener.stop_accepting()
        await self._switchboard.close_all(timing.shutdown)
        for _, task in self._dialers.values():
            task.cancel()
        await self._stop_mdns()
        await self._listener.wait_closed(timing.close_timeout)
        # No task of ours fails, and the caller's own error shall not come out in a group.
        await self._group.__aexit__(None, None, None)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._group.create_task(self._guarded(work))

    @staticmethod
    async def _guarded(work: Coroutine[Any, Any, None]) -> None:
        """One link's trouble must not end the others, as it would in a bare task group."""
        try:
            await work
        except Exception:
            logger.exception("a task of the network failed")

    # --- what the node wants

    def connect(
        self,
        ski: str,
        addresses: Iterable[tuple[str, int, str]] = (),
        *,
        known: Iterable[tuple[str, int, str]] = (),
        pin: str | None = None,
    ) -> None:
        """Keeps dialling the trusted peer ``ski`` until ``disconnect`` or ``forget``.

        ``addresses`` (host, port, path) are given by the user and dialled at once; ``known`` are
        those where it was met before. Where mDNS shows the peer is tried as well.
        ``LocalProtocolError`` for our own SKI.
        """
        if ski == self._identity.ski:
            raise LocalProtocolError("this is our own SKI, not a peer's", clause="SHIP 12.2.2")
        if pin is not None:
            self._pins[ski] = pin
        if ski not in self._dialers:
            dialer = Dialer(
                ski,
                self._tls,
                self,
                options=self._options,
                clock=self._clock,
                random=self._random,
                yields=self._identity.ski < ski,
            )
            self._dialers[ski] = dialer, self._group.create_task(dialer.run())
        dialer, _ = self._dialers[ski]
        dialer.start(map(Address._make, addresses), map(Address._make, known))

    def disconnect(self, ski: str, reason: CloseReason = "unspecific") -> None:
        """Stops dialling and closes in order; the peer may still dial us."""
        dialer = self._dialers.pop(ski, None)
        self._switchboard.close(ski, reason)
        if dialer is not None:
            dialer[0].stopped = True  # else it would dial once more before it is retired
            self._spawn(self._retire(*dialer))

    def forget(self, ski: str) -> None:
        """The peer is unpaired: tells it so, and stops dialling."""
        self._pins.pop(ski, None)
        self.disconnect(ski, "removedConnection")

    def begin_again(self, ski: str) -> None:
        """Closes what there is; the peer is dialled again after a pause that grows from one time to the next."""
        if ski in self._dialers:
            self._dialers[ski][0].take_time()
        self._switchboard.close(ski, "unspecific")

    def reconnect(self, ski: str) -> None:
        """Closes what there is and dials at once, also a peer that had removed us."""
        self._switchboard.close(ski, "unspecific")
        if ski in self._dialers:
            self._dialers[ski][0].hurry()

    def approve(self, ski: str) -> None:
        """The user trusts the peer; a waiting connection goes on at once."""
        for link in self._switchboard.links_of(ski):
            link.approve()

    def deny(self, ski: str) -> None:
        """The user refuses the waiting peer."""
        for link in self._switchboard.links_of(ski):
            if not link.ship.trusted:
                link.deny()

    def enter_pin(self, ski: str, pin: str) -> None:
        """The user knows the PIN of the peer."""
        self._pins[ski] = pin
        for link in self._switchboard.links_of(ski):
            link.enter_pin(pin)

    def link(self, ski: str) -> Link | None:
        """The peer's connection: its phase, its session, ``flush``."""
        return self._switchboard.link(ski)

    def links(self, ski: str) -> tuple[Link, ...]:
        """Every connection to the peer, the oldest first; more than one only for seconds."""
        return self._switchboard.links_of(ski)

    def wake(self, ski: str) -> None:
        """Sends what the node has put into the peer's session outside of a callback."""
        link = self._switchboard.link(ski)
        if link is not None:
            link.flush()

    def visible(self) -> list[VisibleNode]:
        """Every other node that announces itself."""
        return list(self._visible.values())

    def waiting(self) -> frozenset[str]:
        """SKIs of unknown peers that wait for ``approve``."""
        return self._switchboard.waiting_for_us()

    def let_wait_again(self) -> None:
        """The user has opened a pairing window: unknown peers may wait for a decision as long as at first."""
        self._switchboard.let_wait_again()

    @property
    def interfaces(self) -> tuple[str, ...]:
        """Names of the network interfaces on which mDNS works at present."""
        if self._multicast is None:
            return ()
        return tuple(sorted(interface.name for interface in self._multicast.interfaces))

    async def scan(self) -> None:
        """Looks for changed network interfaces now instead of in a few seconds."""
        if self._multicast is not None:
            await self._multicast.scan()

    # --- connections

    async def _attend_incoming(self, socket: ServerConnection, ski: str) -> None:
        await self._switchboard.attend(
            socket, ski=ski, address=address_of(socket), pin=self._pins.get(ski)
        )

    async def run_outgoing(self, socket: ClientConnection, ski: str, address: Address) -> None:
        """Has a connection that a dialler has opened (dialer.Surroundings)."""
        await self._switchboard.attend(
            socket,
            ski=ski,
            address=str(address),
            dialled=address,
            pin=self._pins.get(ski),
        )

    def emit(self, event: NetworkEvent) -> None:
        """Hands an event to the node (dialer.Surroundings)."""
        self._on_event(event)

    def connected(self, ski: str) -> bool:
        """Whether there is no reason to dial the peer (dialer.Surroundings)."""
        return self._closing or self._switchboard.connected(ski)

    def announced(self, ski: str) -> tuple[Address, ...]:
        """Where the peer says it is, by mDNS."""
        return tuple(
            Address(host, node.port, node.record.path)
            for node in self._visible.values()
            if node.record is not None and node.record.ski == ski
            for host in node.addresses
        )

    def _certificate_refused(self, text: str) -> None:
        now = self._clock.now()
        if now >= self._quiet_until:  # whoever tries in a loop shall not fill the log
            self._quiet_until = now + QUIET_S
            self._on_event(CertificateRefused(text))

    def _idle(self, ski: str, end: End, lasted_s: float) -> None:
        if ski in self._dialers:
            self._dialers[ski][0].lost(end, lasted_s)

    async def _retire(self, dialer: Dialer, task: asyncio.Task[None]) -> None:
        """Ends a dialler, but not the connection that it may be running before that is closed."""
        for link in self._switchboard.links_of(dialer.ski):
            await link.wait_gone()
        task.cancel()

    # --- discovery

    async def _start_mdns(self) -> None:
        from eebus_gw.net.mdns import Multicast

        if self._multicast is None:
            self._multicast = await self._stack.enter_async_context(
                Multicast(self._options.interfaces, rescan=self._options.timing.rescan)
            )
        if self._options.announce:
            self._announcement = self._announce()
            self._multicast.announce(self._announcement)
        self._multicast.watch(self._sighted)

    async def _stop_mdns(self) -> None:
        if self._multicast is not None and self._options.mdns:
            self._multicast.unwatch(self._sighted)
            if self._announcement is not None:
                await self._multicast.withdraw(self._announcement)
            await self._stack.aclose()

    def _announce(self) -> Announcement:
        from eebus_gw.net.mdns import Announcement

        service = self._options.service
        record = ServiceRecord(
            ship_id=self._identity.ship_id,
            ski=self._identity.ski,
            brand=service.brand,
            type=service.type,
            model=service.model,
            serial=service.serial,
            categories=service.categories,
            more_curves=False,
        )
        unique = self._identity.ski[-12:]
        return Announcement(
            instance=f"{service.brand}-{service.model}-{unique}"[:63],
            server=f"ship-{unique}",
            port=self.port,
            text=record.properties(),
            host=None if self._options.host in ANY_HOST else self._options.host,
        )

    def _sighted(self, name: str, sighting: Sighting | None) -> None:
        before = self._visible.pop(name, None)
        if sighting is None:
            if before is not None:
                self._on_event(NodeGone(before))
            return
        record, findings = read_properties(sighting.text)
        if record is not None and record.ski == self._identity.ski:
            return
        node = VisibleNode(
            sighting.instance, sighting.addresses, sighting.port, record, tuple(findings)
        )
        self._visible[name] = node
        self._on_event(NodeVisible(node))
        if record is not None and record.ski in self._dialers:
            self._dialers[record.ski][0].seen()
            place = node.addresses, node.port
            if before is not None and (before.addresses, before.port) != place:
                self._spawn(self._switchboard.check_alive(record.ski))
