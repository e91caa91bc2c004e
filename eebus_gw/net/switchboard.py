"""All links of a node: whom to let in, which connection of a peer counts, what the node is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection

from eebus_gw.clock import Clock
from eebus_gw.net.address import Address
from eebus_gw.net.admission import Admission
from eebus_gw.net.duel import settle
from eebus_gw.net.events import (
    Direction,
    LinkDown,
    LinkUp,
    NetworkEvent,
    PairingEnded,
    PairingRequested,
    PeerIdentified,
    PeerRefused,
    PhaseChanged,
    PinNeeded,
    ProtocolViolation,
    RejectedByPeer,
    SessionLike,
    UnpairedByPeer,
)
from eebus_gw.net.options import NetworkOptions
from eebus_gw.net.pump import End, Link
from eebus_gw.net.table import LinkTable
from eebus_gw.ship import events as ship
from eebus_gw.ship.connection import CloseReason, Connection, Limits, Role
from eebus_gw.ship.rivalry import PING_S
from eebus_gw.ship.states import Phase, State, Turn
from eebus_gw.ship.trust import PendingPeers, Verdict, decide

Trace = Callable[[str, str, bytes, float], None]
"""Called for every SHIP frame with the SKI, ``"in"`` or ``"out"``, the frame and the moment."""


class Switchboard:
    """Runs the links of one node, at most one per peer in the long run.

    ``idle`` is called when the last connection to a peer is gone, with the reason and for how long
    data could flow on it.
    """

    def __init__(
        self,
        *,
        own_ski: str,
        own_id: str,
        trusts: Callable[[str], bool],
        may_wait: Callable[[str], bool],
        make_session: Callable[[str], SessionLike],
        emit: Callable[[NetworkEvent], None],
        idle: Callable[[str, End, float], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        clock: Clock,
        options: NetworkOptions,
        trace: Trace | None = None,
    ) -> None:
        self._own_ski = own_ski
        self._own_id = own_id
        self._trusts = trusts
        self._may_wait = may_wait
        self._make_session = make_session
        self._emit = emit
        self._idle = idle
        self._spawn = spawn
        self._clock = clock
        self._options = options
        self._trace = trace
        self._table: LinkTable[Link] = LinkTable()
        self._admission = Admission(own_ski, options.limits)
        self._pending = PendingPeers(options.limits.pending)
        self._unknown: dict[Link, bool] = {}  # of unknown peers; whether the user was asked
        self._up: set[str] = set()
        self._duelling: set[str] = set()

    # --- what the network uses

    def link(self, ski: str) -> Link | None:
        """The connection that carries the peer's session, or the newest one on its way there."""
        links = self._table.of(ski)
        return self._table.carrier(ski) or (links[-1] if links else None)

    def links(self) -> tuple[Link, ...]:
        """Every connection there is."""
        return tuple(self._table)

    def links_of(self, ski: str) -> tuple[Link, ...]:
        """Every connection to one peer, the oldest first."""
        return self._table.of(ski)

    def connected(self, ski: str) -> bool:
        """Whether any connection to the peer exists, however far it has come."""
        return bool(self._table.of(ski))

    def waiting_for_us(self) -> frozenset[str]:
        """Unknown peers that wait for a decision."""
        return frozenset(link.ski for link, asked in self._unknown.items() if asked)

    def let_wait_again(self) -> None:
        """Whoever has waited long enough may come again."""
        self._pending.begin_anew(self._clock.now())

    def refusal(self, ski: str) -> str | None:
        """Why an incoming connection of ``ski`` is not taken."""
        incoming = (link.ski for link in self._table if link.direction is Direction.INCOMING)
        return self._admission.refusal(ski, incoming, self._clock.now())

    async def attend(
        self,
        socket: ClientConnection | ServerConnection,
        *,
        ski: str,
        address: str,
        dialled: Address | None = None,
        pin: str | None = None,
    ) -> None:
        """Runs a connection that has just opened, to its end; without ``dialled`` an incoming one."""
        link = self._make_link(socket, ski, address, dialled, pin)
        if self._table.add(link) and ski not in self._duelling:
            self._duelling.add(ski)
            self._spawn(self._duel(ski))
        try:
            await link.run()
        finally:
            self._ended(link, link.end or End("local", "stopped"))

    def _make_link(
        self,
        socket: ClientConnection | ServerConnection,
        ski: str,
        address: str,
        dialled: Address | None,
        pin: str | None,
    ) -> Link:
        now = self._clock.now()
        role = Role.SERVER if dialled is None else Role.CLIENT
        decision = decide(
            own_ski=self._own_ski,
            peer_ski=ski,
            role=role,
            trusted=self._trusts(ski),
            window_open=self._may_wait(ski),
            pending=self._pending,
            now=now,
        )
        if decision.verdict is Verdict.DENIED:
            self._emit(PeerRefused(ski, address, decision.reason))
        connection = Connection(
            role=role,
            own_id=self._own_id,
            trusted=decision.verdict is Verdict.TRUSTED,
            may_wait=decision.verdict is Verdict.PENDING,
            now=now,
            pin=pin,
            announces_mdns=self._options.mdns and self._options.announce,
            limits=Limits(
                frame_bytes=self._options.limits.message_bytes,
                pending_life_s=decision.waiting_s,
            ),
        )
        link = Link(
            socket,
            connection,
            self,
            ski=ski,
            address=address,
            dialled=dialled,
            clock=self._clock,
            unsent_bytes=self._options.limits.unsent_bytes,
        )
        if decision.verdict is Verdict.PENDING:
            self._pending.enter(ski, now)
            self._unknown[link] = False
        return link

    # --- what links report (pump.Owner)

    def emit(self, event: NetworkEvent) -> None:
        """Hands an event to the node."""
        self._emit(event)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work`` in a task of its own."""
        self._spawn(work)

    def trace(self, link: Link, direction: str, frame: bytes, now: float) -> None:
        """Hands a frame to whoever traces."""
        if self._trace is not None:
            self._trace(link.ski, direction, frame, now)

    def ship_event(self, link: Link, event: ship.Event) -> None:
        """Translates what a SHIP connection reports."""
        match event:
            case ship.PhaseChanged(phase, state):
                self._phase(link, phase, state)
            case ship.TrustRequested(waiting_s):
                self._trust_requested(link, waiting_s)
            case ship.WaitingForPeer(waiting_s):
                self._emit(PhaseChanged(link.ski, link.ship.phase, Turn.PEER_USER, waiting_s))
            case ship.PinRequired():
                self._emit(PinNeeded(link.ski))
            case ship.PinRefused():
                self._emit(PinNeeded(link.ski, refused=True))
            case ship.Established():
                self._hand_over(link.ski)
            case ship.PeerIdentified(ship_id):
                self._emit(PeerIdentified(link.ski, ship_id))
            case ship.MessageDropped(error):
                self._emit(ProtocolViolation(link.ski, error))
            case ship.Closed(cause="rejected"):
                self._emit(RejectedByPeer(link.ski))
            case ship.Closed(cause="removed"):
                self._emit(UnpairedByPeer(link.ski))

    def _phase(self, link: Link, phase: Phase, state: State) -> None:
        if link.ship.trusted or phase in (Phase.CLOSING, Phase.CLOSED):
            self._decided(link)
        self._emit(PhaseChanged(link.ski, phase, state.turn))

    def _trust_requested(self, link: Link, waiting_s: float) -> None:
        self._unknown[link] = True
        self._emit(PairingRequested(link.ski, waiting_s, link.address))
        self._emit(PhaseChanged(link.ski, link.ship.phase, Turn.OUR_USER, waiting_s))

    def _decided(self, link: Link) -> None:
        """An unknown peer is approved, refused or gone."""
        asked = self._unknown.pop(link, None)
        if asked is not None:
            self._pending.leave(link.ski, self._clock.now())
        if asked:
            self._emit(PairingEnded(link.ski, approved=link.ship.trusted))

    # --- which connection of a peer counts

    def _hand_over(self, ski: str) -> None:
        """Gives the session to the newest usable connection unless the carrier is usable still.

        While a duel is under way a second one is not; what arrives on it is kept.
        """
        link = self._table.successor(ski)
        if link is None:
            return
        former = self._table.carrier(ski)
        if former is not None:
            former.deactivate()
        session = self._make_session(ski)
        self._table.carry(link)
        self._up.add(ski)
        self._emit(LinkUp(ski, link.direction, session, link.dialled, link.certificate))
        link.activate(session)

    async def _duel(self, ski: str) -> None:
        try:
            while len(rivals := [link for link in self._table.of(ski) if link.end is None]) > 1:
                await settle(
                    rivals[0],
                    rivals[-1],
                    own_ski=self._own_ski,
                    setting=self._options.double_connection,
                    clock=self._clock,
                )
                self._hand_over(ski)
        finally:
            self._duelling.remove(ski)

    def _ended(self, link: Link, end: End) -> None:
        self._decided(link)
        self._table.remove(link)
        self._hand_over(link.ski)
        if self._table.of(link.ski):
            return
        if link.ski in self._up:
            self._up.remove(link.ski)
            self._emit(LinkDown(link.ski, end.cause, end.text))
        since = link.established_at
        self._idle(link.ski, end, 0.0 if since is None else self._clock.now() - since)

    async def check_alive(self, ski: str) -> None:
        """Gives up connections on which the peer is silent, for there is reason to doubt that it can hear us there."""
        for link in self._table.of(ski):
            if not await link.answers(within=PING_S):
                link.drop("timeout", "it has another address and does not answer at the old one")

    # --- ends by the user

    def close(self, ski: str, reason: CloseReason) -> None:
        """Starts the orderly close of every connection to the peer."""
        for link in self._table.of(ski):
            link.close(reason)

    async def close_all(self, within: float) -> None:
        """Closes every connection in order, and what does not come to an end in time without."""
        links = self.links()
        for link in links:
            link.close()
        try:
            async with asyncio.timeout(within):
                for link in links:
                    await link.wait_gone()
        except TimeoutError:
            for link in self.links():
                link.drop("local", "stopped")
