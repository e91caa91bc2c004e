"""One link: one WebSocket to one peer, its SHIP connection and its SPINE session.

``Link`` is the whole concurrency of a link. From a received frame to the node's callback everything
is synchronous; after any stimulus (a frame, the timer, a change by the node) events are drained,
what is pending is written, and the one timer is armed for the earlier deadline of both cores.
Writing never waits: what a slow peer leaves behind is bounded by ``Limits.unsent_bytes``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, CloseCode

from eebus_gw.clock import Clock
from eebus_gw.errors import FrameError, LocalProtocolError, RemoteProtocolError
from eebus_gw.net.address import Address
from eebus_gw.net.events import Direction, NetworkEvent, ProtocolViolation, SessionLike, SpineEvent
from eebus_gw.ship import events as ship
from eebus_gw.ship.connection import CloseReason, Connection
from eebus_gw.ship.rivalry import LOSER_CODE, LOSER_REASON

logger = logging.getLogger(__name__)

MESSAGES_PER_TURN: Final = 50
HELD_PAYLOADS: Final = 256


@dataclass(frozen=True, slots=True)
class End:
    """Why a link ended: ``cause`` is one word, ``text`` one sentence."""

    cause: str
    text: str


class Owner(Protocol):
    """What a link needs from the network around it."""

    def emit(self, event: NetworkEvent) -> None: ...

    def ship_event(self, link: Link, event: ship.Event) -> None:
        """Told of everything the SHIP connection reports but data; ``Established`` included."""
        ...

    def trace(self, link: Link, direction: str, frame: bytes, now: float) -> None: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...


class Link:
    """One connection to the peer ``ski``; ``run`` lives as long as the WebSocket."""

    def __init__(
        self,
        socket: ClientConnection | ServerConnection,
        connection: Connection,
        owner: Owner,
        *,
        ski: str,
        address: str,
        dialled: Address | None,
        clock: Clock,
        unsent_bytes: int,
    ) -> None:
        self.ski = ski
        self.direction = Direction.INCOMING if dialled is None else Direction.OUTGOING
        self.address = address
        self.dialled = dialled
        self.ship = connection
        self.session: SessionLike | None = None
        self.established_at: float | None = None
        self.end: End | None = None
        """Set as soon as it is known why the link ends."""
        self._socket = socket
        self._owner = owner
        self._clock = clock
        self._unsent_bytes = unsent_bytes
        self._held: list[dict[str, Any]] = []
        self._closing = False
        self._flowing = False
        self._settling = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._gone = asyncio.Event()

    @property
    def certificate(self) -> bytes | None:
        """What the peer has shown in TLS, DER."""
        tls = self._socket.transport.get_extra_info("ssl_object")
        shown: bytes | None = tls.getpeercert(binary_form=True) if tls is not None else None
        return shown

    @property
    def usable(self) -> bool:
        """Whether data may flow."""
        return self._flowing

    # --- life

    async def run(self) -> End:
        """Works until the WebSocket is gone; never raises but for cancellation."""
        received = 0
        try:
            self.flush()
            while True:
                message = await self._socket.recv()
                if isinstance(message, str):
                    self._refuse(FrameError("a text frame", clause="SHIP §10.3"))
                    continue
                self._receive(message)
                received += 1
                if received % MESSAGES_PER_TURN == 0:
                    await asyncio.sleep(0)  # a flooding peer must not starve the others
        except ConnectionClosed as error:
            self._socket_closed(error)
        finally:
            self._finish()
        assert self.end is not None
        return self.end

    def _socket_closed(self, error: ConnectionClosed) -> None:
        by_library = error.sent is not None and not error.rcvd_then_sent and self.end is None
        if by_library and error.sent is not None:
            self.end = self._library_end(error.sent)
        elif error.rcvd is None and self.end is None and self._flowing:
            self.end = End("lost", "the connection broke")
        code, reason = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")
        self._stimulus(lambda now: self.ship.socket_closed(now, code, reason))

    def _library_end(self, sent: Close) -> End:
        if sent.code == CloseCode.INTERNAL_ERROR:
            return End("timeout", "the peer no longer answers pings")
        text = f"closed with {sent.code:d} {sent.reason}".rstrip()
        self._owner.emit(ProtocolViolation(self.ski, FrameError(text)))
        return End("violation", text)

    def _finish(self) -> None:
        if self.end is None:
            self.end = End("local", "stopped")
        self._closing = True
        self._disarm()
        self.deactivate()
        self._gone.set()
        if not self._socket.transport.is_closing():
            self._socket.transport.abort()

    async def wait_gone(self) -> None:
        """Returns once the WebSocket is gone."""
        await self._gone.wait()

    async def answers(self, within: float) -> bool:
        """Whether the peer answers a WebSocket ping ``within`` so many seconds."""
        try:
            async with asyncio.timeout(within):
                await (await self._socket.ping())
        except (ConnectionClosed, TimeoutError):
            return False
        return not self._closing

    # --- what the node wants

    def flush(self) -> None:
        """Lets out what the cores want to say and sets the timer; due after any change to them."""
        self._stimulus(lambda now: None)

    def approve(self) -> None:
        """The user trusts the waiting peer."""
        self.ship.approve(self._clock.now())
        self.flush()

    def deny(self) -> None:
        """The user refuses the waiting peer."""
        self.ship.deny(self._clock.now())
        self.flush()

    def enter_pin(self, pin: str) -> None:
        """Sends the peer's PIN as soon as the peer takes it."""
        self.ship.enter_pin(pin, self._clock.now())
        self.flush()

    def close(self, reason: CloseReason = "unspecific") -> None:
        """Starts an orderly SHIP close; the WebSocket follows within its ``maxTime``."""
        if self.end is None:
            self.end = End("local", "closed by this side")
            self._flowing = False
            self.ship.close(self._clock.now(), reason)
            self.flush()

    def discard(self) -> None:
        """Closes as the loser of a double connection (SHIP §12.2.2)."""
        if self.end is None:
            self.end = End("duplicate", "another connection to the same peer is kept")
            if self._flowing:
                self._flowing = False
                self.ship.close(self._clock.now())
                self.flush()
            self._close_socket(LOSER_CODE, LOSER_REASON)

    def drop(self, cause: str, text: str) -> None:
        """Ends the connection without another word."""
        self.end = self.end or End(cause, text)
        self._closing = True
        self._socket.transport.abort()

    def activate(self, session: SessionLike) -> None:
        """Makes ``session`` the receiver of data and starts it, with what has arrived so far."""
        self.session = session

        def start(now: float) -> None:
            session.start(now)
            held, self._held = self._held, []
            for payload in held:
                session.receive(payload, now)

        self._stimulus(start)

    def deactivate(self) -> None:
        """Takes the session away: data arriving from now on is held."""
        session = self.session
        if session is not None:
            session.close(self._clock.now())
            self._drain_session()
            self.session = None

    # --- the pump

    def _receive(self, frame: bytes) -> None:
        if self._closing:
            return
        now = self._clock.now()
        self._owner.trace(self, "in", frame, now)
        self._stimulus(lambda _: self.ship.receive(frame, now))

    def _timer_fired(self) -> None:
        self._timer = None
        self._stimulus(self._handle_timer)

    def _handle_timer(self, now: float) -> None:
        for core in (self.ship, self.session):
            deadline = core.next_deadline() if core is not None else None
            if core is not None and deadline is not None and deadline <= now:
                core.handle_timer(now)

    def _stimulus(self, step: Callable[[float], None]) -> None:
        if self._gone.is_set():
            return
        try:
            step(self._clock.now())
            if not self._settling:  # else the pass under way finds it
                self._settle()
        except Exception:
            logger.exception("link to %s ended by an error of ours", self.ski)
            self.end = self.end or End("error", "an error on this side")
            self._close_socket(CloseCode.INTERNAL_ERROR, "")

    def _settle(self) -> None:
        self._settling = True
        try:
            while self._drain_events() | self._write_pending():
                pass
        finally:
            self._settling = False
        self._arm()

    def _drain_events(self) -> bool:
        busy = False
        while (event := self.ship.next_event()) is not None:
            busy = True
            self._ship_event(event)
            self._drain_session()
        return self._drain_session() or busy

    def _drain_session(self) -> bool:
        busy = False
        while (session := self.session) is not None and (event := session.next_event()) is not None:
            busy = True
            self._owner.emit(SpineEvent(self.ski, session, event))
        return busy

    def _ship_event(self, event: ship.Event) -> None:
        if isinstance(event, ship.DataReceived):
            self._data(event.payload)
            return
        if isinstance(event, ship.Established):
            self._flowing = True
            self.established_at = self._clock.now()
        elif isinstance(event, ship.PeerClosing):
            self._flowing = False
        elif isinstance(event, ship.Closed):
            self._flowing = False
            self._write_pending()
            self._ship_closed(event)
        self._owner.ship_event(self, event)

    def _data(self, payload: dict[str, Any]) -> None:
        if self.session is not None:
            self.session.receive(payload, self._clock.now())
        elif len(self._held) < HELD_PAYLOADS:
            self._held.append(payload)
        else:
            self.drop("violation", "too much data while a second connection was undecided")

    def _ship_closed(self, event: ship.Closed) -> None:
        if event.error is not None:
            self._owner.emit(ProtocolViolation(self.ski, event.error))
        if self.end is None:
            self.end = End(event.cause, str(event.error or event.reason or event.cause))
        self._close_socket(event.code, event.reason)

    def _write_pending(self) -> bool:
        busy = False
        if self.session is not None and not self._closing:
            for payload in self.session.to_send():
                busy = True
                self._send_data(payload)
        for frame in self.ship.to_send():
            busy = True
            self._write(frame)
        return busy

    def _send_data(self, payload: dict[str, Any]) -> None:
        if not self._flowing:
            return
        try:
            self.ship.send_data(payload, self._clock.now())
        except LocalProtocolError as error:  # too long: one lost message is no reason to part
            logger.error("a message to %s was not sent: %s", self.ski, error)

    def _write(self, frame: bytes) -> None:
        if self._closing:
            return
        self._owner.trace(self, "out", frame, self._clock.now())
        if self._socket.transport.get_write_buffer_size() > self._unsent_bytes:
            self.drop("timeout", "the peer does not take what we send")
            return
        broadcast((self._socket,), frame)

    def _refuse(self, error: RemoteProtocolError) -> None:
        if self.end is None:
            self._owner.emit(ProtocolViolation(self.ski, error))
            self.end = End("violation", str(error))
            self._close_socket(CloseCode.UNSUPPORTED_DATA, "")

    def _close_socket(self, code: int, reason: str) -> None:
        if not self._closing:
            self._closing = True
            self._disarm()
            self._owner.spawn(self._socket.close(code, reason))

    # --- the timer

    def _arm(self) -> None:
        deadlines = [] if self._closing else [self.ship.next_deadline()]
        if self.session is not None and not self._closing:
            deadlines.append(self.session.next_deadline())
        at = min((deadline for deadline in deadlines if deadline is not None), default=None)
        if at is None:
            self._disarm()
        elif self._timer is None or at < self._timer_at:  # one that fires early arms again
            self._disarm()
            self._timer_at = at
            delay = max(0.0, at - self._clock.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._timer_fired)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
