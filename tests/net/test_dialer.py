"""When a peer is dialled (SHIP §12.2.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from eebus_gw.errors import ConnectFailed, TlsFailed
from eebus_gw.net.address import Address
from eebus_gw.net.dialer import Dialer, WrongKey, dial
from eebus_gw.net.events import ConnectFailedWith, Dialling, NetworkEvent, PeerChangedKey
from eebus_gw.net.options import NetworkOptions
from eebus_gw.net.pump import End
from eebus_gw.net.tls import TlsContext
from tests.net.nodes import LOOPBACK, QUICK
from tests.net.support import identity
from tests.support.clock import FakeClock
from tests.support.waiting import until

OPTIONS = NetworkOptions()
GIVEN = Address("192.0.2.1", 4712)
KNOWN = Address("192.0.2.2", 4712)
SHOWN = Address("192.0.2.3", 4712)


class FakeSurroundings:
    """A network in which nothing happens unless a test says so."""

    def __init__(self) -> None:
        self.up = False
        self.opening = asyncio.Semaphore(1)
        self.shown: tuple[Address, ...] = ()
        self.events: list[NetworkEvent] = []
        self.takes_connections = False

    def emit(self, event: NetworkEvent) -> None:
        self.events.append(event)

    def connected(self, ski: str) -> bool:
        return self.up

    def announced(self, ski: str) -> tuple[Address, ...]:
        return self.shown

    async def run_outgoing(self, socket: ClientConnection, ski: str, address: Address) -> None:
        assert self.takes_connections, "nothing is dialled in these tests"
        self.up = True


class Case:
    """A dialler with its surroundings; ``random`` always gives one half."""

    def __init__(self, *, yields: bool = False) -> None:
        self.clock = FakeClock()
        self.around = FakeSurroundings()
        self.dialer = Dialer(
            "1" * 40,
            TlsContext(identity(1)),
            self.around,
            options=OPTIONS,
            clock=self.clock,
            random=lambda: 0.5,
            yields=yields,
        )

    def start(self, given: Iterable[Address] = (), known: Iterable[Address] = ()) -> None:
        self.dialer.start(given, known)

    @property
    def pause(self) -> float | None:
        return self.dialer.pause_s()


def test_an_address_given_by_the_user_is_dialled_at_once() -> None:
    case = Case(yields=True)
    case.around.shown = (SHOWN,)
    case.start([GIVEN])
    assert case.pause == 0.0


def test_known_addresses_after_a_random_pause() -> None:
    case = Case()
    case.start(known=[KNOWN])
    assert case.pause == 1.5


def test_nothing_to_dial_until_the_peer_announces_itself() -> None:
    case = Case()
    case.start()
    assert case.pause is None
    case.around.shown = (SHOWN,)
    case.dialer.seen()
    assert case.pause == 1.5


def test_an_announcement_that_goes_again_does_not_cancel_the_dial() -> None:
    """ship.md 2.4 and 6.4: a peer that restarts drops out for a moment, or never announces itself again."""
    case = Case()
    case.start()
    case.around.shown = (SHOWN,)
    case.dialer.seen()
    case.around.shown = ()
    assert case.pause == 1.5
    assert case.dialer.shown == (SHOWN,)
    case.dialer.lost(End("lost", ""), 5.0)
    assert case.pause == 6.5


def test_an_announcement_from_before_counts_as_well() -> None:
    case = Case()
    case.around.shown = (SHOWN,)
    case.start(known=[KNOWN])
    case.around.shown = ()
    assert (case.dialer.known, case.dialer.shown) == ((KNOWN,), (SHOWN,))


def test_only_the_newest_addresses_are_remembered() -> None:
    case = Case()
    case.start(known=[KNOWN])
    for number in range(10):
        case.around.shown = (Address("192.0.2.9", 5000 + number),)
        case.dialer.seen()
    assert [address.port for address in case.dialer.shown] == [5009, 5008, 5007, 5006]
    assert case.dialer.known == (KNOWN,), (
        "where it was met is not driven out by what anybody announces"
    )


def test_the_smaller_ski_gives_an_announced_peer_a_head_start() -> None:
    case = Case(yields=True)
    case.start(known=[KNOWN])
    assert case.pause == 1.5
    case.around.shown = (SHOWN,)
    assert case.pause == 1.5 + OPTIONS.timing.yield_to_peer


def test_no_dial_while_a_connection_exists() -> None:
    case = Case()
    case.start([GIVEN])
    case.around.up = True
    assert case.pause is None


def test_at_least_a_second_between_a_close_and_the_next_dial() -> None:
    case = Case()
    case.start([GIVEN])
    case.dialer.lost(End("local", ""), 5.0)
    assert case.pause == 1.0
    case.dialer.hurry()
    assert case.pause == 1.0
    case.clock.advance(1.0)
    assert case.pause == 0.0


def test_short_connections_make_the_pauses_longer_and_a_stable_one_resets_them() -> None:
    case = Case()
    case.start([GIVEN])
    pauses = []
    for lasted_s in (59.0, 59.0, 59.0, 60.0):
        case.dialer.lost(End("lost", ""), lasted_s)
        pauses.append(case.pause)
    assert pauses == [1.5, 6.5, 15.0, 1.5]


def test_a_peer_that_has_not_approved_us_is_dialled_every_minute_or_two() -> None:
    case = Case()
    case.start([GIVEN])
    case.dialer.lost(End("rejected", ""), 0.0)
    assert case.pause == 90.0


def test_a_peer_that_removed_us_is_left_alone_until_the_user_wants_it() -> None:
    case = Case()
    case.start([GIVEN])
    case.dialer.lost(End("removed", ""), 600.0)
    case.dialer.seen()
    assert case.pause is None
    case.dialer.hurry()
    case.clock.advance(1.0)
    assert case.pause == 0.0


def test_news_of_the_peer_cut_a_long_pause_short() -> None:
    case = Case()
    case.start(known=[KNOWN])
    for _ in range(20):
        case.dialer.lost(End("lost", ""), 1.0)
    assert case.pause == 120.0
    case.dialer.seen()
    assert case.pause == 1.5


# --- one attempt


class OddServer:
    """A TLS WebSocket server that may want another path or speak another sub-protocol."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.only: str | None = None
        self.port = 0

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        self.paths.append(request.path)
        if self.only is not None and request.path != self.only:
            return connection.respond(404, "no such path")
        return None


@pytest.fixture
async def odd() -> AsyncIterator[OddServer]:
    server = OddServer()

    async def handler(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(
        handler,
        LOOPBACK,
        0,
        ssl=TlsContext(identity(2)),
        process_request=server.check,
        select_subprotocol=lambda connection, offered: Subprotocol("ship") if server.only else None,
    ) as listening:
        server.port = next(iter(listening.sockets)).getsockname()[1]
        yield server


QUICK_OPTIONS = replace(OPTIONS, timing=QUICK)


async def test_a_server_that_knows_only_the_root_path(odd: OddServer) -> None:
    odd.only = "/"
    socket = await dial(
        TlsContext(identity(1)), identity(2).ski, Address(LOOPBACK, odd.port), QUICK_OPTIONS
    )
    assert odd.paths == ["/ship/", "/"]
    await socket.close()


async def test_a_server_that_does_not_speak_ship(odd: OddServer) -> None:
    with pytest.raises(ConnectFailed, match="does not speak SHIP"):
        await dial(
            TlsContext(identity(1)), identity(2).ski, Address(LOOPBACK, odd.port), QUICK_OPTIONS
        )


async def test_another_key_is_told_apart_from_other_failures(odd: OddServer) -> None:
    with pytest.raises(WrongKey) as failure:
        await dial(
            TlsContext(identity(1)), identity(3).ski, Address(LOOPBACK, odd.port), QUICK_OPTIONS
        )
    assert failure.value.found == identity(2).ski
    assert isinstance(failure.value, TlsFailed)
    assert odd.paths == []


async def test_nobody_listens() -> None:
    with pytest.raises(ConnectFailed) as failure:
        await dial(TlsContext(identity(1)), identity(2).ski, Address(LOOPBACK, 1), QUICK_OPTIONS)
    assert failure.value.phase == "connect"


async def test_where_a_peer_was_met_is_remembered(odd: OddServer) -> None:
    """ship.md 6.4: reconnect from the last known addresses, do not wait for a new announcement."""
    odd.only = "/ship/"
    met = Address(LOOPBACK, odd.port)
    around = FakeSurroundings()
    around.shown = (met,)
    around.takes_connections = True
    dialer = Dialer(
        identity(2).ski,
        TlsContext(identity(1)),
        around,
        options=QUICK_OPTIONS,
        clock=FakeClock(),
        random=lambda: 0.0,
        yields=False,
    )
    running = asyncio.create_task(dialer.run())
    await until(lambda: around.up)
    running.cancel()
    assert dialer.known == (met,)


class Announcing(FakeSurroundings):
    """A peer that announces itself at the next of these places whenever it is dialled."""

    def __init__(self, *places: Address) -> None:
        super().__init__()
        self.takes_connections = True
        self.places = list(places)

    def emit(self, event: NetworkEvent) -> None:
        super().emit(event)
        if isinstance(event, Dialling) and self.places:
            self.shown = (self.places.pop(0),)

    @property
    def dialled(self) -> list[str]:
        return [event.address for event in self.events if isinstance(event, Dialling)]

    async def one_round(self, known: Iterable[Address] = ()) -> None:
        """Dials nobody's address first, then what is left of one round."""
        options = replace(QUICK_OPTIONS, timing=replace(QUICK, backoff_scale=1.0))
        dialer = Dialer(
            identity(2).ski,
            TlsContext(identity(1)),
            self,
            options=options,
            clock=FakeClock(),
            random=lambda: 0.5,
            yields=False,
        )
        dialer.start([NOBODY], known)
        running = asyncio.create_task(dialer.run())
        failed = (ConnectFailedWith, PeerChangedKey)
        await until(lambda: self.up or any(isinstance(event, failed) for event in self.events))
        running.cancel()


NOBODY, NOBODY_EITHER = Address(LOOPBACK, 1), Address(LOOPBACK, 2)


async def test_an_address_announced_during_a_round_comes_before_the_remembered_ones(
    odd: OddServer,
) -> None:
    """ship.md 7.3, 21: a device that comes back elsewhere does not wait for those that it has left."""
    odd.only = "/ship/"
    there = Address(LOOPBACK, odd.port)
    around = Announcing(there)
    await around.one_round([NOBODY_EITHER])
    assert around.dialled == [str(NOBODY), str(there)]
    assert around.up


async def test_ever_new_addresses_do_not_keep_a_round_going() -> None:
    around = Announcing(*(Address(LOOPBACK, port) for port in range(2, 100)))
    await around.one_round()
    assert len(around.dialled) == 32
