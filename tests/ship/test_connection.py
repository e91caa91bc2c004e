"""Two connections joined in memory, and what one tells the program around it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eebus_gw.errors import FrameError, HandshakeError, LocalProtocolError
from eebus_gw.ship.connection import Connection, Limits, Phase, Role
from eebus_gw.ship.events import (
    Closed,
    DataReceived,
    Established,
    Event,
    MessageDropped,
    PeerClosing,
    PeerIdentified,
    PhaseChanged,
    TrustRequested,
    WaitingForPeer,
)
from eebus_gw.ship.states import State
from tests.ship.support import (
    ANNOUNCE_REMOVED,
    ASK_METHODS,
    CMI,
    DATA,
    OWN_METHODS,
    PEER_METHODS,
    PIN_NONE,
    READY_60,
    SELECT,
    Bench,
    client,
    frame,
)

PAYLOAD = {"datagram": [{"header": [{"msgCounter": 1}]}, {"payload": []}]}


class Pair:
    """A client and a server whose frames reach each other at once."""

    def __init__(self, *, client: dict[str, Any], server: dict[str, Any]) -> None:
        self.now = 50.0
        self.client = Connection(
            role=Role.CLIENT, own_id="client", now=self.now, **{"trusted": True, **client}
        )
        self.server = Connection(
            role=Role.SERVER, own_id="server", now=self.now, **{"trusted": True, **server}
        )
        self.settle()

    def settle(self) -> None:
        while True:
            to_server, to_client = self.client.to_send(), self.server.to_send()
            if not to_server and not to_client:
                return
            for data in to_server:
                self.server.receive(data, self.now)
            for data in to_client:
                self.client.receive(data, self.now)

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            due = [at for side in self.sides if (at := side.next_deadline()) is not None]
            self.now = max(self.now, min([*due, end]))
            for side in self.sides:
                side.handle_timer(self.now)
            self.settle()
            if self.now >= end:
                return

    @property
    def sides(self) -> tuple[Connection, Connection]:
        return self.client, self.server

    @property
    def states(self) -> tuple[State, State]:
        return self.client.state, self.server.state


def events(connection: Connection) -> list[Event]:
    told: list[Event] = []
    while (event := connection.next_event()) is not None:
        if not isinstance(event, PhaseChanged):
            told.append(event)
    return told


def test_two_that_trust_each_other() -> None:
    pair = Pair(client={}, server={})

    assert pair.states == (State.COMPLETE, State.COMPLETE)
    assert events(pair.client) == [Established(), PeerIdentified("server")]
    assert events(pair.server) == [Established(), PeerIdentified("client")]
    assert [side.next_deadline() for side in pair.sides] == [None, None]


def test_data_in_both_directions() -> None:
    pair = Pair(client={}, server={})
    events(pair.client), events(pair.server)

    pair.client.send_data(PAYLOAD, pair.now)
    pair.server.send_data({"datagram": []}, pair.now)
    pair.settle()

    assert events(pair.server) == [DataReceived(PAYLOAD)]
    assert events(pair.client) == [DataReceived({"datagram": []})]


def test_server_waits_for_its_user_longer_than_any_single_timer() -> None:
    pair = Pair(client={}, server={"trusted": False})
    assert pair.client.phase is Phase.WAITING_FOR_PEER
    assert pair.server.phase is Phase.WAITING_FOR_US

    pair.advance(1700)
    pair.server.approve(pair.now)
    pair.settle()

    assert pair.states == (State.COMPLETE, State.COMPLETE)
    assert events(pair.client)[0] == WaitingForPeer(120)
    assert events(pair.server)[0] == TrustRequested(120)


def test_unknown_peer_is_not_kept_waiting_beyond_its_life() -> None:
    pair = Pair(client={}, server={"trusted": False})

    pair.advance(1802)

    assert events(pair.client)[-1] == Closed(4001, "close", None, "rejected")
    assert events(pair.server)[-1] == Closed(4452, "Node rejected by application", None, "timeout")


@pytest.mark.parametrize("first", ["client", "server"])
def test_both_users_decide_in_any_order(first: str) -> None:
    pair = Pair(client={"trusted": False}, server={"trusted": False})
    pair.advance(400)
    one, other = (pair.client, pair.server) if first == "client" else (pair.server, pair.client)

    one.approve(pair.now)
    pair.settle()
    pair.advance(400)
    other.approve(pair.now)
    pair.settle()

    assert pair.states == (State.COMPLETE, State.COMPLETE)


def test_both_users_approve_at_the_same_moment() -> None:
    pair = Pair(client={"trusted": False}, server={"trusted": False})
    pair.client.approve(pair.now)
    pair.server.approve(pair.now)
    pair.settle()
    assert pair.states == (State.COMPLETE, State.COMPLETE)


def test_user_refuses() -> None:
    pair = Pair(client={}, server={"trusted": False})
    pair.server.deny(pair.now)
    pair.settle()
    pair.advance(1)

    assert events(pair.client)[-1] == Closed(4001, "close", None, "rejected")
    assert events(pair.server)[-1] == Closed(4452, "Node rejected by application", None, "local")


def test_nobody_can_decide() -> None:
    pair = Pair(client={}, server={"trusted": False, "may_wait": False})
    assert pair.states == (State.REMOTE_ABORT_DONE, State.ABORT)


def test_orderly_close() -> None:
    pair = Pair(client={}, server={})
    events(pair.client), events(pair.server)

    pair.client.close(pair.now)
    pair.settle()

    assert events(pair.server) == [PeerClosing("unspecific"), Closed(4001, "close", None, "peer")]
    assert events(pair.client) == [Closed(4001, "close", None, "local")]
    assert pair.states == (State.CLOSED, State.CLOSED)


def test_unpairing_tells_the_peer() -> None:
    pair = Pair(client={}, server={})
    pair.client.close(pair.now, "removedConnection")
    pair.settle()
    assert events(pair.server)[-2:] == [
        PeerClosing("removedConnection"),
        Closed(4001, "close", None, "removed"),
    ]


def test_both_close_at_once() -> None:
    pair = Pair(client={}, server={})
    pair.client.close(pair.now)
    pair.server.close(pair.now)
    pair.settle()
    assert [events(side)[-1] for side in pair.sides] == [Closed(4001, "close", None, "local")] * 2


def test_peer_that_wants_a_pin_gets_it_before_any_data() -> None:
    bench = client(pin="4F09A1C2").receive(CMI, READY_60, SELECT)
    with pytest.raises(LocalProtocolError, match="no data can be sent while agreeing"):
        bench.connection.send_data(PAYLOAD, bench.now)


def open_bench(**options: Any) -> Bench:
    bench = client(**options).receive(CMI, READY_60, SELECT, PIN_NONE)
    bench.sent()
    bench.events()
    return bench


def test_amdata_002_data_before_access_methods_is_delivered_at_once() -> None:
    bench = open_bench().receive(DATA)
    assert bench.state is State.ACCESS_METHODS
    assert bench.events() == [DataReceived({"datagram": []})]


def test_amdata_001_data_and_request_in_turn() -> None:
    bench = open_bench().receive(DATA, ASK_METHODS, DATA, PEER_METHODS)
    assert bench.sent() == [OWN_METHODS]
    assert bench.events() == [
        DataReceived({"datagram": []}),
        DataReceived({"datagram": []}),
        PeerIdentified("Peer-Wallbox-000001"),
    ]


def test_am_001_request_is_answered_at_any_time() -> None:
    bench = open_bench().receive(PEER_METHODS).advance(3600).receive(ASK_METHODS, ASK_METHODS)
    assert bench.sent() == [OWN_METHODS, OWN_METHODS]


def test_without_mdns_no_such_method_is_named() -> None:
    bench = open_bench(announces_mdns=False).receive(ASK_METHODS)
    assert bench.sent() == ['{"accessMethods":[{"id":"i:99999_u:GW-0001"}]}']


def test_access_methods_are_asked_for_once() -> None:
    bench = client().receive(CMI, READY_60, SELECT, PIN_NONE).advance(3600)
    assert bench.sent().count(ASK_METHODS) == 1


@pytest.mark.parametrize(
    "text",
    [
        DATA + "\0",
        DATA + "\0\0\0\r\n",
        "\ufeff" + DATA,
        DATA.replace(":", " :\t").replace(",", "\r\n, ").replace("ee1 :\t0", "ee1.0"),
    ],
    ids=["NUL", "NULs", "byte order mark", "TC_SHIP_MSG_003"],
)
def test_padding_is_understood(text: str) -> None:
    bench = open_bench().receive(b"\x02" + text.encode())
    assert bench.events() == [DataReceived({"datagram": []})]


def test_root_element_counts_more_than_the_type_byte() -> None:
    bench = open_bench().receive(b"\x01" + DATA.encode(), b"\x02" + ASK_METHODS.encode())
    assert bench.events() == [DataReceived({"datagram": []})]
    assert bench.sent() == [OWN_METHODS]


def test_dropped_message_is_reported() -> None:
    [event] = open_bench().receive(b"\x02{").events()
    assert isinstance(event, MessageDropped)
    assert isinstance(event.error, FrameError)


def test_nothing_is_delivered_after_the_peer_announced_its_end() -> None:
    bench = open_bench().receive(ANNOUNCE_REMOVED, DATA)
    assert bench.events() == [
        PeerClosing("removedConnection"),
        Closed(4001, "close", None, "removed"),
    ]


def test_close_without_confirmation_ends_after_two_seconds() -> None:
    bench = open_bench().do(Connection.close)
    assert bench.advance(1.99).closed is None
    assert bench.advance(0.01).closed == Closed(4001, "close", None, "local")


def test_error_names_message_state_and_clause() -> None:
    closed = client().receive(CMI, READY_60, DATA).closed
    assert closed is not None
    assert isinstance(closed.error, HandshakeError)
    assert str(closed.error) == (
        "the peer broke the order of messages: data in state CLIENT_LISTEN_CHOICE (22)"
        " (SHIP 13.4.4.2)"
    )


def test_last_words_are_sent_before_the_end() -> None:
    connection = client().receive(CMI, READY_60).connection
    connection.receive(frame(READY_60), 1000.0)
    assert connection.to_send() == [b'\x01{"messageProtocolHandshakeError":[{"error":2}]}']


def test_size_of_what_is_sent_is_limited() -> None:
    bench = open_bench()
    with pytest.raises(LocalProtocolError, match="longer than 102400"):
        bench.connection.send_data({"datagram": ["x" * 102_400]}, bench.now)
    assert bench.sent() == []


def test_size_of_what_is_received_is_limited() -> None:
    shell = len(frame(DATA)) - 1
    bench = open_bench(limits=Limits(frame_bytes=1000))
    bench.receive(frame(DATA) + b" " * (1000 - 1 - shell))
    assert bench.events() == [DataReceived({"datagram": []})]
    bench.receive(frame(DATA) + b" " * (1000 - shell))
    assert bench.closed is not None
    assert (bench.closed.code, bench.closed.cause) == (1009, "violation")


def test_rate_limit_counts_seconds() -> None:
    bench = open_bench(limits=Limits(messages_per_s=10)).advance(1)
    for _ in range(5):
        bench.receive(*[DATA] * 10).advance(1)
    assert bench.closed is None
    bench.receive(*[DATA] * 11)
    assert bench.closed is not None
    assert (bench.closed.code, bench.closed.cause) == (1008, "violation")


def test_any_number_of_messages_when_unlimited() -> None:
    bench = open_bench(limits=Limits(messages_per_s=None)).receive(*[DATA] * 2000)
    assert len(bench.events()) == 2000


def test_commands_after_the_end_do_nothing() -> None:
    bench = open_bench().do(Connection.close).advance(2)
    bench.sent()
    for command in (Connection.close, Connection.deny, Connection.approve):
        bench.do(command)
    bench.do(lambda connection, now: connection.socket_closed(now))
    bench.receive(DATA).advance(1000)
    assert bench.sent() == []
    assert bench.state is State.CLOSED


def test_data_after_the_end_is_a_mistake_of_the_caller() -> None:
    bench = open_bench().do(Connection.close)
    with pytest.raises(LocalProtocolError, match="while closing"):
        bench.connection.send_data(PAYLOAD, bench.now)


def test_early_timer_call_does_no_harm() -> None:
    bench = client()
    bench.connection.handle_timer(bench.now + 19.9)
    assert bench.connection.next_deadline() == bench.now + 20
    assert bench.state is State.CLIENT_WAIT


def test_timers_of_a_state_end_with_it() -> None:
    bench = client(trusted=False).receive(CMI)
    assert [name for name, _ in bench.connection.deadlines] == ["wait_for_ready", "pending_life"]
    bench.do(Connection.deny)
    assert [name for name, _ in bench.connection.deadlines] == ["abort"]


def test_phases_in_order() -> None:
    bench = client().receive(CMI, READY_60, SELECT, PIN_NONE, PEER_METHODS)
    told = [event.phase for event in bench.told if isinstance(event, PhaseChanged)]
    assert told == [
        Phase.OPENING,
        Phase.WAITING_FOR_PEER,
        Phase.AGREEING,
        Phase.AGREEING,
        Phase.CONNECTED,
        Phase.CONNECTED,
    ]


def test_frames_are_minified() -> None:
    pair = Pair(client={}, server={})
    pair.client.send_data(PAYLOAD, pair.now)
    [data] = pair.client.to_send()
    assert data[1:].decode() == json.dumps(json.loads(data[1:]), separators=(",", ":"))
