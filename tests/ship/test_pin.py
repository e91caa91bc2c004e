"""Entering the peer's PIN (SHIP 13.4.4.3)."""

from __future__ import annotations

import pytest

from eebus_gw.errors import LocalProtocolError
from eebus_gw.ship.connection import Connection
from eebus_gw.ship.events import Established, PinRefused, PinRequired
from eebus_gw.ship.pin import parse_pin
from eebus_gw.ship.states import State
from tests.ship.support import (
    ASK_METHODS,
    CMI,
    PIN,
    PIN_BUSY,
    PIN_ERROR,
    PIN_INPUT,
    PIN_OK,
    PIN_REQUIRED,
    READY_60,
    SELECT,
    Bench,
    client,
)


def at_pin(pin: str | None = None) -> Bench:
    bench = client(pin=pin).receive(CMI, READY_60, SELECT)
    bench.sent()
    bench.events()
    return bench


def enter(bench: Bench, pin: str) -> None:
    bench.do(lambda connection, now: connection.enter_pin(pin, now))


def test_user_is_asked_and_the_connection_goes_on_after_the_right_pin() -> None:
    bench = at_pin().receive(PIN_REQUIRED)
    assert bench.events() == [PinRequired(input_permitted=True)]

    enter(bench, "4f09 a1c2")
    assert bench.sent() == ['{"connectionPinInput":[{"pin":"4f09a1c2"}]}']

    assert bench.receive(PIN_OK).events() == [Established()]
    assert bench.sent() == [ASK_METHODS]


def test_wrong_pin_is_never_sent_again_by_itself() -> None:
    bench = at_pin(PIN).receive(PIN_REQUIRED)
    assert bench.sent() == [PIN_INPUT]

    bench.receive(PIN_ERROR, PIN_REQUIRED, PIN_BUSY, PIN_REQUIRED)
    assert bench.sent() == []
    assert bench.events() == [
        PinRefused(),
        PinRequired(input_permitted=True),
        PinRequired(input_permitted=False),
        PinRequired(input_permitted=True),
    ]


def test_pin_that_came_while_the_peer_was_busy_is_sent_when_it_is_not() -> None:
    bench = at_pin(PIN).receive(PIN_REQUIRED, PIN_BUSY, PIN_REQUIRED)
    assert bench.sent() == [PIN_INPUT, PIN_INPUT]
    assert bench.events() == [PinRequired(input_permitted=False)]


def test_pin_entered_before_the_peer_asks_is_kept() -> None:
    bench = at_pin()
    enter(bench, PIN)
    assert bench.receive(PIN_REQUIRED).sent() == [PIN_INPUT]


def test_permission_left_out_means_ok() -> None:
    bench = at_pin(PIN).receive('{"connectionPinState":[{"pinState":"required"}]}')
    assert bench.sent() == [PIN_INPUT]


def test_pin_may_be_entered_after_the_end() -> None:
    bench = at_pin().receive(b"\x01{")
    assert bench.state is State.ERROR
    enter(bench, PIN)
    assert bench.sent() == []


@pytest.mark.parametrize("text", ["", "4F09A1C", "4F09A1C24F09A1C24", "4F09A1CG", "٤F09A1C2"])
def test_what_is_no_pin_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="8 to 16 hexadecimal digits") as caught:
        parse_pin(text)
    assert not text or text not in str(caught.value)
    with pytest.raises(LocalProtocolError):
        client(pin=text)


def test_pin_is_in_no_event_and_no_representation() -> None:
    bench = at_pin(PIN).receive(PIN_REQUIRED)
    texts = [repr(bench.connection), *map(repr, bench.told), str(bench.connection.__dict__)]
    assert not [text for text in texts if PIN in text]


def test_no_deadline_runs_while_the_user_looks_for_the_pin() -> None:
    connection: Connection = at_pin().receive(PIN_REQUIRED).connection
    assert connection.next_deadline() is None
