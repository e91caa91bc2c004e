"""Whole nodes on loopback for the tests of the network, with a session that only keeps what came."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from eebus_gw.clock import SystemClock
from eebus_gw.identity import Identity
from eebus_gw.net.events import LinkDown, LinkUp, NetworkEvent
from eebus_gw.net.mdns import Multicast
from eebus_gw.net.network import Network
from eebus_gw.net.options import Limits, NetworkOptions, Timing
from tests.net.support import identity
from tests.support.waiting import until

E = TypeVar("E")

LOOPBACK = "127.0.0.1"

QUICK = Timing(
    open_timeout=3.0,
    close_timeout=0.5,
    ping_interval=30.0,
    ping_timeout=1.0,
    backoff_scale=0.0,
    redial_gap=0.05,
    yield_to_peer=0.0,
    shutdown=2.5,
)


class FakeSession:
    """Stands in for the SPINE session: sends what it is given, keeps what arrives."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.outgoing: list[dict[str, Any]] = []
        self.started = False
        self.closed = False
        self.deadline: float | None = None
        self.fired: list[float] = []

    def start(self, now: float) -> None:
        self.started = True

    def receive(self, payload: object, now: float) -> None:
        assert isinstance(payload, dict)
        self.received.append(payload)

    def handle_timer(self, now: float) -> None:
        self.deadline = None
        self.fired.append(now)

    def next_deadline(self) -> float | None:
        return self.deadline

    def to_send(self) -> list[dict[str, Any]]:
        outgoing, self.outgoing = self.outgoing, []
        return outgoing

    def next_event(self) -> None:
        return None

    def close(self, now: float) -> None:
        self.closed = True


def datagram(number: int) -> dict[str, Any]:
    """A payload that can be told from others."""
    return {"datagram": [{"header": [{"msgCounter": number}]}, {"payload": [{"cmd": []}]}]}


@dataclass
class TestNode:
    """A network with everything that it has reported."""

    __test__ = False

    identity: Identity
    trusted: set[str] = field(default_factory=set)
    window: bool = False
    events: list[NetworkEvent] = field(default_factory=list)
    frames: list[tuple[str, str, bytes]] = field(default_factory=list)
    sessions: dict[str, FakeSession] = field(default_factory=dict)
    options: NetworkOptions = field(default_factory=NetworkOptions)
    multicast: Multicast | None = None

    def __post_init__(self) -> None:
        self.clock = SystemClock()
        self.network = Network(
            self.identity,
            trusts=self.trusted.__contains__,
            may_wait=lambda ski: self.window,
            make_session=self._session,
            on_event=self.events.append,
            clock=self.clock,
            random=lambda: 0.5,
            options=self.options,
            multicast=self.multicast,
            trace=lambda ski, way, frame, now: self.frames.append((ski, way, frame)),
        )

    async def __aenter__(self) -> TestNode:
        await self.network.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.network.__aexit__(*error)

    def _session(self, ski: str) -> FakeSession:
        self.sessions[ski] = FakeSession()
        return self.sessions[ski]

    @property
    def ski(self) -> str:
        return self.identity.ski

    @property
    def place(self) -> tuple[str, int, str]:
        return (LOOPBACK, self.network.port, "/ship/")

    def dial(self, other: TestNode) -> None:
        self.trusted.add(other.ski)
        self.network.connect(other.ski, [other.place])

    def seen(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def up(self, other: TestNode, times: int = 1) -> None:
        await until(lambda: len(self.ups(other)) >= times)

    def ups(self, other: TestNode) -> list[LinkUp]:
        return [event for event in self.seen(LinkUp) if event.ski == other.ski]

    def downs(self, other: TestNode) -> list[LinkDown]:
        return [event for event in self.seen(LinkDown) if event.ski == other.ski]

    def say(self, other: TestNode, number: int) -> None:
        self.sessions[other.ski].outgoing.append(datagram(number))
        self.network.wake(other.ski)

    def heard(self, other: TestNode) -> list[dict[str, Any]]:
        session = self.sessions.get(other.ski)
        return session.received if session is not None else []


def node(
    number: int,
    *,
    window: bool = False,
    limits: Limits | None = None,
    timing: Timing | None = None,
    **options: Any,
) -> TestNode:
    """A node with the test identity ``number``."""
    base = NetworkOptions(
        port=0, host=LOOPBACK, mdns=False, timing=timing or QUICK, limits=limits or Limits()
    )
    return TestNode(identity(number), window=window, options=replace(base, **options))


async def linked(a: TestNode, b: TestNode) -> None:
    """``a`` dials ``b``, and data flows."""
    b.trusted.add(a.ski)
    a.dial(b)
    await a.up(b)
    await b.up(a)
