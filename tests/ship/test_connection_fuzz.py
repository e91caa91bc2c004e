"""Whatever a peer sends, in whatever order: no exception, and a documented state at the end."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from eebus_gw.ship.connection import Connection, Role
from eebus_gw.ship.events import Closed, DataReceived, Established
from eebus_gw.ship.states import FINAL_STATES, LISTENING_STATES, OPEN_STATES, State
from tests.ship import support
from tests.ship.support import CMI, PIN, Bench, frame, unlimited

HAPPY = [
    CMI,
    *map(
        frame,
        (
            support.READY_60,
            support.ANNOUNCE,
            support.SELECT,
            support.PIN_NONE,
            support.ASK_METHODS,
            support.PEER_METHODS,
            support.DATA,
        ),
    ),
]
MESSAGES = [
    *HAPPY,
    b"\x00\x01",
    b"\xff\xff",
    b"",
    b"\x02",
    b"\x01{",
    *map(
        frame,
        (
            support.READY_BARE,
            support.PENDING_60,
            support.PENDING_BARE,
            support.PROLONG,
            support.NO_PROLONG,
            support.ABORTED,
            support.handshake("announceMax", 2),
            support.handshake("select", 0),
            support.ERROR_1,
            support.PIN_OK,
            support.PIN_OPTIONAL,
            support.PIN_REQUIRED,
            support.PIN_BUSY,
            support.PIN_STRANGE,
            support.PIN_INPUT,
            support.PIN_ERROR,
            support.ANNOUNCE_CLOSE,
            support.ANNOUNCE_REMOVED,
            support.CONFIRM,
            support.FOREIGN_DATA,
            support.STRANGE,
        ),
    ),
]

COMMANDS = {
    "approve": Connection.approve,
    "deny": Connection.deny,
    "close": Connection.close,
    "enter PIN": lambda connection, now: connection.enter_pin(PIN, now),
    "lost": lambda connection, now: connection.socket_closed(now),
    "refused": lambda connection, now: connection.socket_closed(now, 4452, "no"),
}

BENCHES = st.builds(
    Bench,
    st.sampled_from(Role),
    trusted=st.booleans(),
    may_wait=st.booleans(),
    pin=st.none() | st.just(PIN),
    limits=st.just(unlimited()),
)
STEPS = st.lists(
    st.sampled_from(MESSAGES)
    | st.sampled_from(list(COMMANDS))
    | st.sampled_from([0.0, 0.5, 1.0, 9.0, 10.0, 15.0, 45.0, 60.0, 120.0, 1800.0]),
    max_size=30,
)
HEAD_STARTS = st.integers(0, len(HAPPY))


def check(bench: Bench) -> None:
    """What holds at any time."""
    state = bench.state
    assert state in LISTENING_STATES or state in FINAL_STATES
    ends = [event for event in bench.told if isinstance(event, Closed)]
    assert len(ends) == (1 if state in FINAL_STATES else 0)
    if ends:
        assert bench.told[-1] is ends[0]
        assert bench.connection.next_deadline() is None
        assert (ends[0].error is not None) >= (ends[0].cause == "violation")
    established = [at for at, event in enumerate(bench.told) if isinstance(event, Established)]
    assert len(established) <= 1
    data = [at for at, event in enumerate(bench.told) if isinstance(event, DataReceived)]
    assert all(established and at > established[0] for at in data)
    if established:
        assert bench.connection.trusted
    if state in OPEN_STATES:
        assert established


@given(BENCHES, HEAD_STARTS, STEPS)
@settings(max_examples=400, deadline=None)
def test_any_order_of_messages_commands_and_pauses(
    bench: Bench, head_start: int, steps: list[bytes | str | float]
) -> None:
    bench.receive(*HAPPY[:head_start])
    for step in steps:
        if isinstance(step, bytes):
            bench.receive(step)
        elif isinstance(step, float):
            bench.advance(step)
        elif step != "deny" or bench.state not in OPEN_STATES:
            bench.do(COMMANDS[step])
        check(bench)


@settings(max_examples=200, deadline=None)
@given(BENCHES, HEAD_STARTS, st.lists(st.binary(max_size=60), max_size=10))
def test_any_bytes(bench: Bench, head_start: int, frames: list[bytes]) -> None:
    bench.receive(*HAPPY[:head_start], *frames)
    check(bench)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            [
                "connectionHello", "phase", "waiting", "prolongationRequest", "error",
                "messageProtocolHandshake", "handshakeType", "version", "major", "minor", "formats",
                "format", "connectionPinState", "pinState", "inputPermission", "connectionPinInput",
                "pin", "accessMethods", "accessMethodsRequest", "id", "dnsSd_mDns", "dns", "data",
                "header", "protocolId", "payload", "connectionClose", "maxTime", "reason",
            ]
        ),
        inner,
        max_size=3,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(BENCHES, HEAD_STARTS, st.sampled_from([1, 2, 3]), st.lists(JSON, max_size=6))
def test_any_tree_under_known_names(
    bench: Bench, head_start: int, kind: int, trees: list[object]
) -> None:
    bench.receive(*HAPPY[:head_start])
    for tree in trees:
        bench.receive(bytes([kind]) + json.dumps(tree).encode())
    check(bench)


@given(st.lists(st.sampled_from(MESSAGES), max_size=12), st.booleans())
@settings(max_examples=50, deadline=None)
def test_silence_ends_every_handshake_by_itself(frames: list[bytes], trusted: bool) -> None:
    """Nothing waits for ever but an open connection and one whose user looks for the PIN."""
    bench = Bench(Role.SERVER, trusted=trusted).receive(*frames).advance(4000)
    endless = (*OPEN_STATES, State.PIN_ASK, State.PIN_ASK_PROCESS)
    assert bench.state in endless or bench.state in FINAL_STATES


@given(st.lists(st.sampled_from(["client", "server", "pause"]), max_size=40))
@settings(max_examples=50, deadline=None)
def test_two_of_us_agree_however_their_frames_interleave(turns: list[str]) -> None:
    ends = {
        "client": Connection(role=Role.CLIENT, own_id="c", trusted=True, now=0.0),
        "server": Connection(role=Role.SERVER, own_id="s", trusted=True, now=0.0),
    }
    pending: dict[str, list[bytes]] = {"client": [], "server": []}
    now = 0.0
    for turn in [*turns, *["client", "server"] * 40]:
        if turn == "pause":
            now += 0.1
            continue
        other = "server" if turn == "client" else "client"
        pending[other] += ends[turn].to_send()
        if pending[turn]:
            ends[turn].receive(pending[turn].pop(0), now)
    assert {end.state for end in ends.values()} == {State.COMPLETE}
