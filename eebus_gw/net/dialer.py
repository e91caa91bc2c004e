"""The side of the network that dials: one dialler per trusted peer, which never gives up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from eebus_gw.clock import Clock
from eebus_gw.errors import ConnectFailed, TlsFailed, TransportError
from eebus_gw.net.address import Address
from eebus_gw.net.events import ConnectFailedWith, Dialling, NetworkEvent, PeerChangedKey
from eebus_gw.net.listener import SHIP, tune, websocket_logger
from eebus_gw.net.options import NetworkOptions
from eebus_gw.net.pump import End
from eebus_gw.net.tls import DialContext, TlsContext
from eebus_gw.ship.backoff import Backoff

logger = logging.getLogger(__name__)

MOST_REMEMBERED = 4
"""Addresses of one peer at which it was met, and as many at which it has announced itself."""

MOST_IN_A_ROUND = 32
"""Attempts without a pause: whoever announces ever new addresses has no say in how often we dial."""


class WrongKey(TlsFailed):
    """Another peer than the one dialled answered."""

    def __init__(self, found: str) -> None:
        super().__init__(f"another key answered, its SKI is {found}", phase="tls")
        self.found = found


async def dial(
    context: TlsContext, ski: str, address: Address, options: NetworkOptions
) -> ClientConnection:
    """An open WebSocket to ``ski`` at ``address``; ``TransportError`` says why there is none."""
    attempt = DialContext(context, ski)
    try:
        try:
            socket = await _open(attempt, address, address.uri(), options)
        except InvalidStatus:  # some servers know no path but the root
            socket = await _open(attempt, address, address.uri("/"), options)
    except (OSError, EOFError, ValueError, WebSocketException) as error:
        raise _failure(attempt, ski, error) from error
    if socket.subprotocol != SHIP:
        socket.transport.abort()
        raise ConnectFailed("the peer does not speak SHIP", phase="websocket")
    tune(socket.transport)
    return socket


async def _open(
    attempt: DialContext, address: Address, uri: str, options: NetworkOptions
) -> ClientConnection:
    timing = options.timing
    return await connect(
        uri,
        host=address.host,
        port=address.port,
        ssl=attempt,
        server_hostname="",
        subprotocols=[SHIP],
        compression=None,
        proxy=None,
        user_agent_header=None,
        max_size=options.limits.message_bytes,
        open_timeout=timing.open_timeout,
        ping_interval=timing.ping_interval,
        ping_timeout=timing.ping_timeout,
        close_timeout=timing.close_timeout,
        logger=websocket_logger,
    )


def _failure(attempt: DialContext, ski: str, error: Exception) -> TransportError:
    if attempt.found not in (None, ski):
        assert attempt.found is not None
        return WrongKey(attempt.found)
    if attempt.failure:
        return TlsFailed(attempt.failure, phase="tls")
    if isinstance(error, TimeoutError):
        return ConnectFailed("no answer", phase="connect")
    if isinstance(error, ConnectionRefusedError):
        return ConnectFailed("the connection was refused: nobody listens there", phase="connect")
    return ConnectFailed(str(error) or type(error).__name__, phase="connect")


class Surroundings(Protocol):
    """What a dialler needs from the network around it."""

    opening: asyncio.Semaphore
    """Held while a connection is being opened."""

    def emit(self, event: NetworkEvent) -> None: ...

    def connected(self, ski: str) -> bool:
        """Whether a connection to the peer exists, however far it has come."""
        ...

    def announced(self, ski: str) -> tuple[Address, ...]:
        """Where the peer says it is."""
        ...

    async def run_outgoing(self, socket: ClientConnection, ski: str, address: Address) -> None:
        """Has the connection as long as it lives."""
        ...


class Dialer:
    """Keeps one trusted peer connected, as far as that is up to us.

    It dials when nobody is connected, the addresses one after the other, with growing pauses
    between rounds. A peer given by address is dialled at once; one known from its announcement
    after a random pause, and later if its SKI is the larger one, so that both sides do not dial
    each other at the same moment (SHIP §12.2.2).
    """

    def __init__(
        self,
        ski: str,
        context: TlsContext,
        around: Surroundings,
        *,
        options: NetworkOptions,
        clock: Clock,
        random: Callable[[], float],
        yields: bool,
    ) -> None:
        self.ski = ski
        self.explicit: tuple[Address, ...] = ()
        """Addresses that the user has given."""
        self.known: tuple[Address, ...] = ()
        """Addresses at which the peer was met before."""
        self.shown: tuple[Address, ...] = ()
        """Addresses at which the peer has announced itself, the newest first."""
        self.stopped = False
        """The peer has removed us: wait until the user wants to try again."""
        self._context = context
        self._around = around
        self._options = options
        self._clock = clock
        self._yields = self._yielding = yields
        self._backoff = Backoff(random)
        self._next_at = 0.0
        self._not_before = 0.0
        self._patient = False
        self._changed = asyncio.Event()

    # --- what happens around it

    def start(self, explicit: Iterable[Address], known: Iterable[Address]) -> None:
        """Takes other addresses and begins anew."""
        self.explicit, self.known = tuple(explicit), tuple(known)
        self._remember_announced()
        self.stopped = False
        self._backoff.reset()
        self._yielding = self._yields
        self._next_at = self._clock.now() + (0.0 if self.explicit else self._delay())
        self._changed.set()

    def hurry(self) -> None:
        """Dials as soon as it may, whatever the back-off says."""
        self.stopped = False
        self._backoff.reset()
        self._yielding = False
        self._next_at = self._clock.now()
        self._changed.set()

    def take_time(self) -> None:
        """The connection is about to be closed by us, as it led nowhere: no haste with the next."""
        self._patient = True

    def seen(self) -> None:
        """The peer announces itself, or from another place."""
        self._remember_announced()
        self._backoff.reset()
        self._yielding = self._yields
        self._next_at = min(self._next_at, self._clock.now() + self._delay())
        self._changed.set()

    def _remember_announced(self) -> None:
        """It may leave the network for a moment, or never announce itself again, and yet be there."""
        self.shown = _newest(*self._around.announced(self.ski), *self.shown)

    def lost(self, end: End, lasted_s: float) -> None:
        """The last connection to the peer is gone, whoever had opened it."""
        self._backoff.lost(lasted_s)
        self.stopped = end.cause == "removed"
        self._yielding = self._yields and end.cause != "local"
        now = self._clock.now()
        self._not_before = now + self._options.timing.redial_gap
        self._next_at = now
        if end.cause != "local" or self._patient:  # else it was for a reconnect
            self._next_at += self._delay(not_approved=end.cause == "rejected")
        self._patient = False
        self._changed.set()

    def _delay(self, *, not_approved: bool = False) -> float:
        delay_s = self._backoff.next_delay_s(not_approved=not_approved)
        return delay_s * self._options.timing.backoff_scale

    # --- its task

    async def run(self) -> None:
        """Dials for ever."""
        while True:
            await self._wait_turn()
            try:
                await self._round()
            except Exception:
                logger.exception("dialling %s failed by an error of ours", self.ski)
                self._failed([])

    async def _wait_turn(self) -> None:
        while True:
            self._changed.clear()
            pause = self.pause_s()
            if pause is not None and pause <= 0:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._changed.wait()

    def pause_s(self) -> float | None:
        """Seconds to the next round, ``None`` while there is nothing to do."""
        if self.stopped or self._around.connected(self.ski) or not self._addresses():
            return None
        return max(self._next_at + self._yielded_s(), self._not_before) - self._clock.now()

    def _yielded_s(self) -> float:
        """Head start of a peer that may well dial us; one given by address may be deaf and dumb."""
        mutual = self._yielding and not self.explicit and self._around.announced(self.ski)
        return self._options.timing.yield_to_peer if mutual else 0.0

    def _addresses(self) -> tuple[Address, ...]:
        return tuple(
            dict.fromkeys(
                (*self.explicit, *self._around.announced(self.ski), *self.known, *self.shown)
            )
        )

    def _untried(self, failures: list[tuple[Address, TransportError]]) -> Address | None:
        """Where to dial next in this round, also to a place that has become known during it."""
        tried = {address for address, _ in failures}
        left = (address for address in self._addresses() if address not in tried)
        return next(left, None) if len(failures) < MOST_IN_A_ROUND else None

    async def _round(self) -> None:
        failures: list[tuple[Address, TransportError]] = []
        while (address := self._untried(failures)) is not None:
            if self._around.connected(self.ski):
                return
            try:
                async with self._around.opening:
                    self._around.emit(Dialling(self.ski, str(address)))
                    socket = await dial(self._context, self.ski, address, self._options)
            except TransportError as error:
                failures.append((address, error))
                continue
            self.known = _newest(address, *self.known)
            try:
                await self._around.run_outgoing(socket, self.ski, address)
            finally:
                socket.transport.abort()  # of no effect on a closed one
            return
        self._failed(failures)

    def _failed(self, failures: list[tuple[Address, TransportError]]) -> None:
        delay = self._delay()
        self._yielding = False
        self._next_at = self._clock.now() + delay
        for address, error in failures:
            if isinstance(error, WrongKey):
                self._around.emit(PeerChangedKey(str(address), self.ski, error.found))
            else:
                self._around.emit(ConnectFailedWith(self.ski, str(address), str(error), delay))


def _newest(*addresses: Address) -> tuple[Address, ...]:
    return tuple(islice(dict.fromkeys(addresses), MOST_REMEMBERED))
