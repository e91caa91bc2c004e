"""Timers of hello in seconds (SHIP 13.4.4.1, TC_SHIP_HELLO_*)."""

from __future__ import annotations

import pytest

from eebus_gw.ship.connection import Connection
from eebus_gw.ship.events import Closed, TrustRequested, WaitingForPeer
from eebus_gw.ship.states import State
from tests.ship.support import (
    ABORTED,
    CMI,
    PENDING_60,
    PENDING_120,
    PROLONG,
    READY_60,
    READY_120,
    Bench,
    client,
    server,
)


def remaining(bench: Bench) -> dict[str, float]:
    return {str(name): at - bench.now for name, at in bench.connection.deadlines}


def ready(waiting_ms: int) -> str:
    return f'{{"connectionHello":[{{"phase":"ready"}},{{"waiting":{waiting_ms}}}]}}'


def waiting_ms(text: str | bytes) -> int:
    assert isinstance(text, str)
    return int(text.rsplit(":", 1)[1].rstrip("]}"))


def test_hello_002_every_prolongation_request_is_granted() -> None:
    bench = server().receive(CMI)
    bench.sent()
    granted = []
    for pause in (45, *[60] * 20):
        bench.advance(pause).receive(PROLONG)
        [answer] = bench.sent()
        granted.append(waiting_ms(answer))

    assert granted[:4] == [195_000, 240_000, 240_000, 240_000]
    assert set(granted[1:]) == {240_000}
    assert bench.receive(READY_60).state is State.SERVER_LISTEN_PROPOSAL


def test_hello_003_announced_waiting_is_kept_to_the_second() -> None:
    bench = server().receive(CMI)
    announced_s = waiting_ms(bench.sent()[-1]) / 1000
    assert 58 <= announced_s <= 240

    assert bench.advance(announced_s - 0.1).sent() == []
    assert bench.advance(0.2).sent() == [ABORTED]
    assert bench.advance(1.8).state is State.ABORT_DONE


def test_recorded_prolongation_asks_before_the_peer_gives_up() -> None:
    # The Go implementation answers a request by ready and 60 s at once.
    bench = server(trusted=False).receive(CMI, READY_60)
    assert remaining(bench) == {"send_prolongation": 45, "pending_life": 1800}

    bench.advance(45)
    assert bench.sent() == [CMI, PENDING_120, PROLONG]
    assert remaining(bench) == {"prolongation_reply": 60, "pending_life": 1755}

    bench.receive(READY_60)
    assert remaining(bench) == {"send_prolongation": 45, "pending_life": 1755}


def test_request_to_a_peer_that_named_no_time_waits_its_longest() -> None:
    # W alone runs until then, so the only way here is a peer whose time was too short to follow.
    bench = server(trusted=False).receive(CMI, ready(999))
    assert remaining(bench) == {"wait_for_ready": 120, "pending_life": 1800}


@pytest.mark.parametrize(
    ("told_ms", "timers"),
    [
        (0, {"wait_for_ready": 120}),
        (999, {"wait_for_ready": 120}),
        (1_000, {"wait_for_ready": 1}),
        (29_999, {"wait_for_ready": 29.999}),
        (30_000, {"send_prolongation": 15}),
        (240_000, {"send_prolongation": 225}),
        (4_294_967_295, {"send_prolongation": 225}),
    ],
)
def test_pending_side_follows_what_the_peer_announced(
    told_ms: int, timers: dict[str, float]
) -> None:
    bench = server(trusted=False).receive(CMI, ready(told_ms))
    assert remaining(bench) == pytest.approx({**timers, "pending_life": 1800})


def test_prolongation_by_the_peer_extends_what_is_left_while_pending() -> None:
    bench = server(trusted=False).receive(CMI).advance(50).receive(PROLONG)
    assert waiting_ms(bench.sent()[-1]) == 190_000


def test_client_keeps_listening_when_pending_comes_before_ready() -> None:
    # Wallboxes of the Elli family do so.
    bench = client().receive(CMI, PENDING_60).advance(0.3).receive(READY_60)
    assert bench.state is State.CLIENT_LISTEN_CHOICE


def test_approval_in_place_needs_no_new_connection() -> None:
    bench = server(trusted=False).receive(CMI, READY_60).advance(38.5).do(Connection.approve)
    assert bench.sent() == [CMI, PENDING_120, READY_120]
    assert bench.connection.trusted
    assert bench.state is State.SERVER_LISTEN_PROPOSAL


def test_our_user_is_told_how_long_the_peer_waits() -> None:
    bench = server(trusted=False).receive(CMI)
    assert bench.events() == [TrustRequested(120)]
    assert bench.receive(READY_60).events() == [TrustRequested(60)]
    assert bench.advance(45).receive(ready(100_000)).events() == [TrustRequested(100)]
    assert bench.receive(ready(20_000)).events() == [TrustRequested(20)]


def test_our_user_is_told_that_the_peer_decides() -> None:
    bench = client().receive(CMI, PENDING_60)
    assert bench.events() == [WaitingForPeer(120)]
    assert bench.advance(45).receive(PROLONG).events() == [WaitingForPeer(195)]


def test_peer_that_never_gets_approval_counts_as_refusal_without_an_error() -> None:
    bench = client().receive(CMI, PENDING_60).advance(122)
    assert bench.events()[-1] == Closed(4001, "close", None, "rejected")


def test_silent_peer_counts_as_timeout() -> None:
    bench = client().receive(CMI).advance(122)
    closed = bench.events()[-1]
    assert isinstance(closed, Closed)
    assert closed.cause == "timeout"
    assert str(closed.error) == (
        "the peer did not become ready in time: wait_for_ready in state READY_LISTEN (8)"
        " (SHIP 13.4.4.1)"
    )


def test_answer_that_crosses_our_approval_is_no_violation() -> None:
    bench = server(trusted=False).receive(CMI, READY_60).advance(45).do(Connection.approve)
    bench.receive(READY_60)
    assert bench.state is State.SERVER_LISTEN_PROPOSAL

    # But only the one we asked for.
    assert bench.receive(READY_60).state is State.ERROR
