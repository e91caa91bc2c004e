"""The state machine, row by row as the standard has it (SHIP 13.4, TC_SHIP_*)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest

from eebus_gw.errors import LocalProtocolError
from eebus_gw.ship import connection as connection_module
from eebus_gw.ship.connection import Connection, Limits
from eebus_gw.ship.states import FINAL_STATES, TABLE, TIMERS, Phase, Row, State, Turn
from eebus_gw.ship.words import Input
from tests.ship.support import (
    ABORTED,
    ANNOUNCE,
    ANNOUNCE_CLOSE,
    ANNOUNCE_REMOVED,
    ASK_METHODS,
    CMI,
    CONFIRM,
    DATA,
    ERROR_1,
    ERROR_2,
    ERROR_3,
    FOREIGN_DATA,
    NO_PROLONG,
    OWN_METHODS,
    PEER_METHODS,
    PENDING_60,
    PENDING_120,
    PENDING_240,
    PENDING_BARE,
    PIN,
    PIN_BUSY,
    PIN_ERROR,
    PIN_INPUT,
    PIN_NONE,
    PIN_OK,
    PIN_OPTIONAL,
    PIN_REQUIRED,
    PIN_STRANGE,
    PROLONG,
    READY_60,
    READY_120,
    READY_240,
    READY_BARE,
    SELECT,
    STRANGE,
    Bench,
    client,
    handshake,
    server,
)

S = State

PENDING = {"trusted": False}
APPROVE, DENY, CLOSE = Connection.approve, Connection.deny, Connection.close


def enter_pin(connection: Connection, now: float) -> None:
    connection.enter_pin(PIN, now)


def gone(connection: Connection, now: float) -> None:
    connection.socket_closed(now, 1006, "")


def gone_rejected(connection: Connection, now: float) -> None:
    connection.socket_closed(now, 4452, "Node rejected by application")


SMALL = Limits(frame_bytes=1000, messages_per_s=20)
TOO_LARGE = b"\x02" + b" " * 1000
FLOOD = b"\xff\xff"

STARTS: Mapping[str, Callable[[Limits], Bench]] = {
    "client": lambda limits: client(limits=limits),
    "client, not trusted": lambda limits: client(**PENDING, limits=limits),
    "client, undecidable": lambda limits: client(**PENDING, may_wait=False, limits=limits),
    "server": lambda limits: server(limits=limits),
    "server, not trusted": lambda limits: server(**PENDING, limits=limits),
    "server, undecidable": lambda limits: server(**PENDING, may_wait=False, limits=limits),
    "ready client": lambda limits: client(limits=limits).receive(CMI),
    "ready server": lambda limits: server(limits=limits).receive(CMI),
    "ready, peer pending": lambda limits: server(limits=limits).receive(CMI, PENDING_60),
    "pending": lambda limits: server(**PENDING, limits=limits).receive(CMI),
    "pending client": lambda limits: client(**PENDING, limits=limits).receive(CMI),
    "pending, peer ready": lambda limits: server(**PENDING, limits=limits).receive(CMI, READY_60),
    "pending, peer pending": lambda limits: server(**PENDING, limits=limits).receive(
        CMI, PENDING_60
    ),
    "pending, prolongation asked": lambda limits: (
        server(**PENDING, limits=limits).receive(CMI, READY_60).advance(45)
    ),
    "aborting": lambda limits: server(**PENDING, limits=limits).receive(CMI).do(DENY),
    "aborting, peer ready": lambda limits: (
        server(**PENDING, limits=limits).receive(CMI, READY_60).do(DENY)
    ),
    "proposal": lambda limits: server(limits=limits).receive(CMI, READY_60),
    "proposal, reply owed": lambda limits: (
        server(**PENDING, limits=limits).receive(CMI, READY_60).advance(45).do(APPROVE)
    ),
    "confirm": lambda limits: server(limits=limits).receive(CMI, READY_60, ANNOUNCE),
    "choice": lambda limits: client(limits=limits).receive(CMI, READY_60),
    "choice, reply owed": lambda limits: (
        client(**PENDING, limits=limits).receive(CMI, READY_60).advance(45).do(APPROVE)
    ),
    "pin check": lambda limits: client(limits=limits).receive(CMI, READY_60, SELECT),
    "pin check, known": lambda limits: client(pin=PIN, limits=limits).receive(
        CMI, READY_60, SELECT
    ),
    "pin ask": lambda limits: client(limits=limits).receive(CMI, READY_60, SELECT, PIN_REQUIRED),
    "pin ask, busy": lambda limits: client(limits=limits).receive(CMI, READY_60, SELECT, PIN_BUSY),
    "pin ask, busy, known": lambda limits: client(pin=PIN, limits=limits).receive(
        CMI, READY_60, SELECT, PIN_BUSY
    ),
    "pin sent": lambda limits: client(pin=PIN, limits=limits).receive(
        CMI, READY_60, SELECT, PIN_REQUIRED
    ),
    "access": lambda limits: client(limits=limits).receive(CMI, READY_60, SELECT, PIN_NONE),
    "access, pin known": lambda limits: client(pin=PIN, limits=limits).receive(
        CMI, READY_60, SELECT, PIN_NONE
    ),
    "access, pin optional": lambda limits: client(limits=limits).receive(
        CMI, READY_60, SELECT, PIN_OPTIONAL
    ),
    "complete": lambda limits: client(limits=limits).receive(
        CMI, READY_60, SELECT, PIN_NONE, PEER_METHODS
    ),
    "complete, pin known": lambda limits: client(pin=PIN, limits=limits).receive(
        CMI, READY_60, SELECT, PIN_NONE, PEER_METHODS
    ),
    "complete, pin optional": lambda limits: client(limits=limits).receive(
        CMI, READY_60, SELECT, PIN_OPTIONAL, PEER_METHODS
    ),
    "closing": lambda limits: (
        client(limits=limits).receive(CMI, READY_60, SELECT, PIN_NONE, PEER_METHODS).do(CLOSE)
    ),
}

Stimulus = str | bytes | float | Callable[[Connection, float], None]
End = tuple[int, str]

BY_US, BY_PEER, REMOVED = (4001, "local"), (4001, "peer"), (4001, "removed")
DENIED, REFUSED, LOST = (
    (4452, "local"),
    (4001, "rejected"),
    (1006, "peer"),
)
TIMEOUT, NOT_APPROVED, VIOLATION = (4001, "timeout"), (4452, "timeout"), (4001, "violation")


@dataclass(frozen=True)
class Case:
    """What is sent and where it ends when ``stimulus`` meets ``start``; a number lets seconds pass."""

    id: str
    start: str
    stimulus: Stimulus
    sent: tuple[str | bytes, ...]
    state: State
    end: End | None = None


def case(
    identifier: str,
    start: str,
    stimulus: Stimulus,
    *sent: str | bytes,
    to: State,
    end: End | None = None,
) -> Case:
    return Case(identifier, start, stimulus, sent, to, end)


OPENING = [
    case("TC_SHIP_ROLE_002 13.4.3 client", "client", CMI, READY_120, to=S.READY_LISTEN),
    case("13.4.3 client not trusted", "client, not trusted", CMI, PENDING_120, to=S.PENDING_LISTEN),
    case(
        "13.4.3 client undecidable",
        "client, undecidable",
        CMI,
        PENDING_120,
        ABORTED,
        to=S.ABORT,
    ),
    case("TC_SHIP_ROLE_001 13.4.3 server", "server", CMI, CMI, READY_120, to=S.READY_LISTEN),
    case(
        "13.4.3 server not trusted",
        "server, not trusted",
        CMI,
        CMI,
        PENDING_120,
        to=S.PENDING_LISTEN,
    ),
    case(
        "13.4.3 server undecidable",
        "server, undecidable",
        CMI,
        CMI,
        PENDING_120,
        ABORTED,
        to=S.ABORT,
    ),
    case("TC_SHIP_CMI_001", "server", b"\x01\x00", CMI, to=S.ERROR, end=VIOLATION),
    case("TC_SHIP_CMI_001 data", "server", DATA, CMI, to=S.ERROR, end=VIOLATION),
    case("TC_SHIP_CMI_002", "client", b"\x01\x00", to=S.ERROR, end=VIOLATION),
    case("TC_SHIP_CMI_002 hello", "client", READY_60, to=S.ERROR, end=VIOLATION),
    case("TC_SHIP_CMI_003 open at 7 s", "server", 7.0, to=S.SERVER_WAIT),
    case("TC_SHIP_CMI_003 closed at 32 s", "server", 32.0, to=S.ERROR, end=TIMEOUT),
    case("TC_SHIP_CMI_004 open at 7 s", "client", 7.0, to=S.CLIENT_WAIT),
    case("TC_SHIP_CMI_004 closed at 32 s", "client", 32.0, to=S.ERROR, end=TIMEOUT),
    case("TC_SHIP_CMI_005", "server", b"\x00\x01", CMI, to=S.ERROR, end=VIOLATION),
    case("TC_SHIP_CMI_006", "client", b"\x00\x01", to=S.ERROR, end=VIOLATION),
    case("8 frame without value, server", "server", b"\x00", CMI, to=S.ERROR, end=VIOLATION),
    case("8 frame without value, client", "client", b"", to=S.ERROR, end=VIOLATION),
    case("early approval, client", "client, not trusted", APPROVE, to=S.CLIENT_WAIT),
    case("early approval, server", "server, not trusted", APPROVE, to=S.SERVER_WAIT),
    case("close before hello, client", "client", CLOSE, to=S.CLOSED, end=BY_US),
    case("close before hello, server", "server", CLOSE, to=S.CLOSED, end=BY_US),
    case("early denial, client", "client", DENY, to=S.REJECTED, end=DENIED),
    case("early denial, server", "server", DENY, to=S.REJECTED, end=DENIED),
]

HELLO_READY = [
    case("TC_SHIP_HELLO_001 server", "ready server", READY_60, to=S.SERVER_LISTEN_PROPOSAL),
    case("TC_SHIP_HELLO_001 client", "ready client", READY_60, ANNOUNCE, to=S.CLIENT_LISTEN_CHOICE),
    case("5.3 ready without waiting", "ready server", READY_BARE, to=S.SERVER_LISTEN_PROPOSAL),
    case("TC_SHIP_HELLO_004", "ready server", PENDING_60, to=S.READY_LISTEN),
    case("TC_SHIP_HELLO_004 bare", "ready server", PENDING_BARE, to=S.READY_LISTEN),
    case("5.3 request false", "ready server", NO_PROLONG, to=S.READY_LISTEN),
    case("TC_SHIP_HELLO_002", "ready server", PROLONG, READY_240, to=S.READY_LISTEN),
    case(
        "5.3 request and waiting together",
        "ready server",
        '{"connectionHello":[{"phase":"pending"},{"waiting":60000},{"prolongationRequest":true}]}',
        READY_240,
        to=S.READY_LISTEN,
    ),
    case("5.3 aborted", "ready server", ABORTED, to=S.REMOTE_ABORT_DONE, end=REFUSED),
    case("5.3 anything else", "ready server", ANNOUNCE, ABORTED, to=S.ABORT),
    case("5.3 unknown phase", "ready server", READY_60.replace("ready", "go"), ABORTED, to=S.ABORT),
    case("5.3 no phase", "ready server", '{"connectionHello":[]}', ABORTED, to=S.ABORT),
    case("5.3 malformed", "ready server", READY_60.replace("60000", "-1"), ABORTED, to=S.ABORT),
    case("5.3 no JSON", "ready server", b"\x01{", ABORTED, to=S.ABORT),
    case("5.3 CMI again", "ready server", CMI, ABORTED, to=S.ABORT),
    case("5.3 data", "ready server", DATA, ABORTED, to=S.ABORT),
    case("TC_SHIP_HELLO_003 at 119 s", "ready server", 119.0, to=S.READY_LISTEN),
    case("TC_SHIP_HELLO_003 at 120 s", "ready server", 120.0, ABORTED, to=S.ABORT),
    case(
        "TC_SHIP_HELLO_003 at 122 s", "ready server", 122.0, ABORTED, to=S.ABORT_DONE, end=TIMEOUT
    ),
    case(
        "TC_SHIP_HELLO_003 peer's user silent",
        "ready, peer pending",
        122.0,
        ABORTED,
        to=S.ABORT_DONE,
        end=REFUSED,
    ),
    case("5.3 socket closed", "ready server", gone, to=S.REJECTED, end=(1006, "rejected")),
    case("5.3 approval repeated", "ready server", APPROVE, to=S.READY_LISTEN),
    case("trust withdrawn", "ready server", DENY, ABORTED, to=S.ABORT),
    case("5.8 close in hello", "ready server", CLOSE, ABORTED, to=S.ABORT),
]

HELLO_PENDING = [
    case("5.3 ready + waiting", "pending", READY_60, to=S.PENDING_LISTEN),
    case(
        "5.3 ready, tiny waiting", "pending", READY_60.replace("60000", "999"), to=S.PENDING_LISTEN
    ),
    case("5.3 ready without waiting", "pending", READY_BARE, ABORTED, to=S.ABORT),
    case("5.3 pending + waiting", "pending", PENDING_60, to=S.PENDING_LISTEN),
    case("5.3 pending bare", "pending", PENDING_BARE, to=S.PENDING_LISTEN),
    case("5.3 peer prolongs", "pending", PROLONG, PENDING_240, to=S.PENDING_LISTEN),
    case("5.3 aborted", "pending", ABORTED, to=S.REMOTE_ABORT_DONE, end=REFUSED),
    case("5.3 anything else", "pending", SELECT, ABORTED, to=S.ABORT),
    case("5.3 S fires", "pending, peer ready", 45.0, PROLONG, to=S.PENDING_LISTEN),
    case("5.3 S fires, peer pending", "pending, peer pending", 45.0, PROLONG, to=S.PENDING_LISTEN),
    case("5.3 reply", "pending, prolongation asked", READY_60, to=S.PENDING_LISTEN),
    case("5.3 R expires", "pending, prolongation asked", 60.0, ABORTED, to=S.ABORT),
    case("5.3 W expires", "pending", 122.0, ABORTED, to=S.ABORT_DONE, end=NOT_APPROVED),
    case("5.3 approve", "pending", APPROVE, READY_120, to=S.READY_LISTEN),
    case(
        "5.3 approve, peer ready, server",
        "pending, peer ready",
        APPROVE,
        READY_120,
        to=S.SERVER_LISTEN_PROPOSAL,
    ),
    case(
        "5.3 approve, peer pending", "pending, peer pending", APPROVE, READY_120, to=S.READY_LISTEN
    ),
    case("5.3 approve, client", "pending client", APPROVE, READY_120, to=S.READY_LISTEN),
    case("5.3 deny", "pending", DENY, ABORTED, to=S.ABORT),
    case("5.8 close in hello", "pending", CLOSE, ABORTED, to=S.ABORT),
    case("5.3 socket closed", "pending", gone, to=S.REJECTED, end=(1006, "rejected")),
]

ABORTING = [
    case("5.3 closes 1 s after aborted", "aborting", 1.0, to=S.ABORT_DONE, end=DENIED),
    case("5.3 not earlier", "aborting", 0.9, to=S.ABORT),
    case("5.3 aborted answered", "aborting", ABORTED, to=S.ABORT),
    case("5.3 late approval", "aborting", APPROVE, to=S.ABORT),
    case("5.3 late approval, peer ready", "aborting, peer ready", APPROVE, to=S.ABORT),
    case("5.3 denied twice", "aborting", DENY, to=S.ABORT),
    case("5.8 close while aborting", "aborting", CLOSE, to=S.ABORT),
    case("5.3 socket closed first", "aborting", gone, to=S.ABORT_DONE, end=(1006, "local")),
]

NO_FORMAT, OLD = handshake("announceMax", formats='"JSON-UTF16"'), handshake("announceMax", 0, 9)

PROTOCOL = [
    case("TC_SHIP_PROT_001", "proposal", ANNOUNCE, SELECT, to=S.SERVER_LISTEN_CONFIRM),
    case(
        "5.4 newer peer",
        "proposal",
        handshake("announceMax", 1, 1, '"JSON-UTF16","JSON-UTF8"'),
        SELECT,
        to=S.SERVER_LISTEN_CONFIRM,
    ),
    case("5.4 no common format", "proposal", NO_FORMAT, ERROR_3, to=S.ERROR, end=VIOLATION),
    case("5.4 no common version", "proposal", OLD, ERROR_3, to=S.ERROR, end=VIOLATION),
    case("TC_SHIP_PROT_001 echo", "confirm", SELECT, PIN_NONE, to=S.PIN_CHECK_LISTEN),
    case(
        "5.4 confirmation differs",
        "confirm",
        handshake("select", 1, 1),
        ERROR_3,
        to=S.ERROR,
        end=VIOLATION,
    ),
    case("TC_SHIP_PROT_002", "choice", SELECT, SELECT, PIN_NONE, to=S.PIN_CHECK_LISTEN),
    case(
        "5.4 select above our maximum",
        "choice",
        handshake("select", 2, 0),
        ERROR_3,
        to=S.ERROR,
        end=VIOLATION,
    ),
    case(
        "5.4 select of two formats",
        "choice",
        handshake("select", formats='"JSON-UTF8","JSON-UTF16"'),
        ERROR_3,
        to=S.ERROR,
        end=VIOLATION,
    ),
    case("TC_SHIP_PROT_003 at 12 s", "proposal", 12.0, ERROR_1, to=S.ERROR, end=TIMEOUT),
    case("TC_SHIP_PROT_003 at 9 s", "proposal", 9.0, to=S.SERVER_LISTEN_PROPOSAL),
    case("TC_SHIP_PROT_003 confirm", "confirm", 12.0, ERROR_1, to=S.ERROR, end=TIMEOUT),
    case("TC_SHIP_PROT_004", "choice", 12.0, ERROR_1, to=S.ERROR, end=TIMEOUT),
    case("TC_SHIP_PROT_005", "proposal", READY_60, ERROR_2, to=S.ERROR, end=VIOLATION),
    case("TC_SHIP_PROT_005 confirm", "confirm", READY_60, ERROR_2, to=S.ERROR, end=VIOLATION),
    case("TC_SHIP_PROT_006", "choice", READY_60, ERROR_2, to=S.ERROR, end=VIOLATION),
    case("5.4 select first", "proposal", SELECT, ERROR_2, to=S.ERROR, end=VIOLATION),
    case("5.4 announce twice", "confirm", ANNOUNCE, ERROR_2, to=S.ERROR, end=VIOLATION),
    case("5.4 two clients", "choice", ANNOUNCE, ERROR_2, to=S.ERROR, end=VIOLATION),
    case(
        "8 unknown handshakeType",
        "proposal",
        handshake("suggest"),
        ERROR_2,
        to=S.ERROR,
        end=VIOLATION,
    ),
    case(
        "8 version as text",
        "proposal",
        handshake("announceMax", '"1"'),
        ERROR_2,
        to=S.ERROR,
        end=VIOLATION,
    ),
    case(
        "8 version missing",
        "proposal",
        '{"messageProtocolHandshake":[{"handshakeType":"announceMax"}]}',
        ERROR_2,
        to=S.ERROR,
        end=VIOLATION,
    ),
    case("8 no JSON", "confirm", b"\x01\xff\xfe", ERROR_2, to=S.ERROR, end=VIOLATION),
    case("8 data too early", "choice", DATA, ERROR_2, to=S.ERROR, end=VIOLATION),
    case("8 PIN state too early", "proposal", PIN_NONE, ERROR_2, to=S.ERROR, end=VIOLATION),
    case("5.4 error received, proposal", "proposal", ERROR_2, to=S.ERROR, end=VIOLATION),
    case("5.4 error received, confirm", "confirm", ERROR_3, to=S.ERROR, end=VIOLATION),
    case("4.3 error without root", "choice", '{"error":2}', to=S.ERROR, end=VIOLATION),
    case("late reply, server", "proposal, reply owed", READY_60, to=S.SERVER_LISTEN_PROPOSAL),
    case("late reply, client", "choice, reply owed", READY_60, to=S.CLIENT_LISTEN_CHOICE),
    *(
        case(f"5.8 {what} in {start}", start, command, to=state, end=end)
        for start in ("proposal", "confirm", "choice", "pin check", "pin ask", "pin sent")
        for what, command, state, end in (
            ("close", CLOSE, S.CLOSED, BY_US),
            ("denial", DENY, S.REJECTED, DENIED),
        )
    ),
]

PINS = [
    case("TC_SHIP_PIN_001", "pin check", PIN_NONE, ASK_METHODS, to=S.ACCESS_METHODS),
    case("5.5 pinOk", "pin check", PIN_OK, ASK_METHODS, to=S.ACCESS_METHODS),
    case("5.5 optional", "pin check", PIN_OPTIONAL, ASK_METHODS, to=S.ACCESS_METHODS),
    case(
        "5.5 optional, known",
        "pin check, known",
        PIN_OPTIONAL,
        ASK_METHODS,
        PIN_INPUT,
        to=S.ACCESS_METHODS,
    ),
    case("5.5 required", "pin check", PIN_REQUIRED, to=S.PIN_ASK),
    case("5.5 required, known", "pin check, known", PIN_REQUIRED, PIN_INPUT, to=S.PIN_ASK_PROCESS),
    case("5.5 busy", "pin check, known", PIN_BUSY, to=S.PIN_ASK),
    case(
        "5.5 ok after busy", "pin ask, busy, known", PIN_REQUIRED, PIN_INPUT, to=S.PIN_ASK_PROCESS
    ),
    case("5.5 ok, still unknown", "pin ask, busy", PIN_REQUIRED, to=S.PIN_ASK),
    case("5.5 busy while asking", "pin ask", PIN_BUSY, to=S.PIN_ASK),
    case("5.5 user enters", "pin ask", enter_pin, PIN_INPUT, to=S.PIN_ASK_PROCESS),
    case("5.5 user enters again", "pin sent", enter_pin, PIN_INPUT, to=S.PIN_ASK_PROCESS),
    case("5.5 user enters while busy", "pin ask, busy", enter_pin, to=S.PIN_ASK),
    case("5.5 no dead-line", "pin ask", 86400.0, to=S.PIN_ASK),
    case("5.5 accepted", "pin sent", PIN_OK, ASK_METHODS, to=S.ACCESS_METHODS),
    case("5.5 no longer wanted", "pin ask", PIN_NONE, ASK_METHODS, to=S.ACCESS_METHODS),
    case("5.5 becomes optional, asking", "pin ask", PIN_OPTIONAL, ASK_METHODS, to=S.ACCESS_METHODS),
    case("5.5 becomes optional, sent", "pin sent", PIN_OPTIONAL, ASK_METHODS, to=S.ACCESS_METHODS),
    case("5.5 wrong", "pin sent", PIN_ERROR, to=S.PIN_ASK),
    case("5.5 wrong, asking", "pin ask", PIN_ERROR, to=S.PIN_ASK),
    case("5.5 error without input", "pin check", PIN_ERROR, to=S.PIN_CHECK_LISTEN),
    case("5.5 state repeated", "pin sent", PIN_REQUIRED, to=S.PIN_ASK_PROCESS),
    case("5.5 busy after input", "pin sent", PIN_BUSY, to=S.PIN_ASK),
    *(
        case(f"5.5 own PIN offered in {start}", start, PIN_INPUT, PIN_NONE, to=state)
        for start, state in (
            ("pin check", S.PIN_CHECK_LISTEN),
            ("pin ask", S.PIN_ASK),
            ("pin sent", S.PIN_ASK_PROCESS),
        )
    ),
    *(
        case(f"8 early accessMethodsRequest in {start}", start, ASK_METHODS, OWN_METHODS, to=state)
        for start, state in (
            ("pin check", S.PIN_CHECK_LISTEN),
            ("pin ask", S.PIN_ASK),
            ("pin sent", S.PIN_ASK_PROCESS),
        )
    ),
    *(
        case(f"8 {what} in {start}", start, message, to=S.ERROR, end=VIOLATION)
        for start in ("pin check", "pin ask", "pin sent")
        for what, message in (
            ("data before the PIN is done", DATA),
            ("unknown pinState", PIN_STRANGE),
            ("hello", READY_60),
            ("accessMethods", PEER_METHODS),
            ("unknown root", STRANGE),
            ("CMI", CMI),
            ("unknown type", b"\xff\x00"),
        )
    ),
    case("5.1 PIN state wait", "pin check", 10.0, to=S.ERROR, end=TIMEOUT),
]

OPEN = [
    case("TC_SHIP_AM_001", "access", PEER_METHODS, to=S.COMPLETE),
    case("5.6 no answer: go on", "access", 10.0, to=S.COMPLETE),
    case("5.6 id null", "access", '{"accessMethods":[{"id":null}]}', to=S.COMPLETE),
    case("5.6 id missing", "access", '{"accessMethods":[]}', to=S.COMPLETE),
    case("5.6 another id later", "complete", PEER_METHODS, to=S.COMPLETE),
    *(
        item
        for start, state in (("access", S.ACCESS_METHODS), ("complete", S.COMPLETE))
        for item in (
            case(f"TC_SHIP_AMDATA_002 {start}", start, DATA, to=state),
            case(f"TC_SHIP_AM_001 {start}", start, ASK_METHODS, OWN_METHODS, to=state),
            case(f"5.7 other protocol id {start}", start, FOREIGN_DATA, to=state),
            case(f"5.3 hello ignored {start}", start, READY_60, to=state),
            case(f"5.7 protocol handshake ignored {start}", start, SELECT, to=state),
            case(f"5.7 unknown root ignored {start}", start, STRANGE, to=state),
            case(f"TC_SHIP_MSG_001 {start}", start, b"\x02", to=state),
            case(f"TC_SHIP_MSG_002 {start}", start, b"\xff\x00", to=state),
            case(f"8 CMI after CMI {start}", start, CMI, to=S.ERROR, end=VIOLATION),
            case(f"8 CMI of another mode {start}", start, b"\x00\x01", to=S.ERROR, end=VIOLATION),
            case(f"8 no JSON {start}", start, b"\x02{", to=state),
            case(f"5.5 PIN now required {start}", start, PIN_REQUIRED, to=state),
            case(f"5.5 PIN busy {start}", start, PIN_BUSY, to=state),
            case(f"5.5 PIN optional {start}", start, PIN_OPTIONAL, to=state),
            case(f"5.5 PIN error {start}", start, PIN_ERROR, to=state),
            case(f"5.5 own PIN offered {start}", start, PIN_INPUT, PIN_NONE, to=state),
            case(f"5.5 pinOk {start}", start, PIN_OK, to=state),
            case(f"8 unknown pinState {start}", start, PIN_STRANGE, to=S.ERROR, end=VIOLATION),
            case(f"5.5 known {start}", f"{start}, pin known", PIN_REQUIRED, PIN_INPUT, to=state),
            case(f"5.5 entered {start}", f"{start}, pin optional", enter_pin, PIN_INPUT, to=state),
            case(f"5.8 local close {start}", start, CLOSE, ANNOUNCE_CLOSE, to=S.CLOSING),
        )
    ),
]

CLOSING = [
    case("5.8 confirm received", "closing", CONFIRM, to=S.CLOSED, end=BY_US),
    case("5.8 both at once", "closing", ANNOUNCE_CLOSE, CONFIRM, to=S.CLOSED, end=BY_US),
    case("5.8 both at once, removed", "closing", ANNOUNCE_REMOVED, CONFIRM, to=S.CLOSED, end=BY_US),
    case("TC_SHIP_TERM_001 at 1.9 s", "closing", 1.9, to=S.CLOSING),
    case("TC_SHIP_TERM_001 at 2 s", "closing", 2.0, to=S.CLOSED, end=BY_US),
    case("5.8 data while closing", "closing", DATA, to=S.CLOSING),
    case("5.8 question while closing", "closing", ASK_METHODS, to=S.CLOSING),
    case("5.8 closed twice", "closing", CLOSE, to=S.CLOSING),
    case("denied while closing", "closing", DENY, to=S.CLOSING),
    case("socket closed while closing", "closing", gone, to=S.CLOSED, end=(1006, "local")),
]

AT_REST = {
    "client": S.CLIENT_WAIT,
    "server": S.SERVER_WAIT,
    "ready server": S.READY_LISTEN,
    "pending": S.PENDING_LISTEN,
    "aborting": S.ABORT,
    "proposal": S.SERVER_LISTEN_PROPOSAL,
    "confirm": S.SERVER_LISTEN_CONFIRM,
    "choice": S.CLIENT_LISTEN_CHOICE,
    "pin check": S.PIN_CHECK_LISTEN,
    "pin ask": S.PIN_ASK,
    "pin sent": S.PIN_ASK_PROCESS,
    "access": S.ACCESS_METHODS,
    "complete": S.COMPLETE,
    "closing": S.CLOSING,
}
MESSAGES_TO = dict(zip(AT_REST, (0, 0, 1, 1, 1, 2, 3, 2, 3, 4, 4, 4, 5, 5), strict=True))
DECIDED = {"aborting": "local", "closing": "local"}
IN_HELLO = ("ready server", "pending")


def shared_cases() -> Iterator[Case]:
    for start, state in AT_REST.items():
        cause = DECIDED.get(start)
        yield case(
            f"8 too large in {start}",
            start,
            TOO_LARGE,
            to=S.ERROR,
            end={"aborting": (4452, "local"), "closing": BY_US}.get(start, (1009, "violation")),
        )
        yield case(
            f"5.3 refused in {start}",
            start,
            gone_rejected,
            to={"aborting": S.ABORT_DONE, "closing": S.CLOSED}.get(start, S.REJECTED),
            end=(4452, cause or "rejected"),
        )
        if start not in (*IN_HELLO, *DECIDED):
            yield case(f"5.8 socket closed in {start}", start, gone, to=S.CLOSED, end=LOST)
        if start not in ("pin ask", "pin sent"):
            yield case(f"5.5 PIN entered early in {start}", start, enter_pin, to=state)
        if start in ("client", "server", "aborting", "closing"):
            continue
        yield case(
            f"5.8 announce in {start}", start, ANNOUNCE_CLOSE, CONFIRM, to=S.CLOSED, end=BY_PEER
        )
        yield case(
            f"5.8 removed in {start}", start, ANNOUNCE_REMOVED, CONFIRM, to=S.CLOSED, end=REMOVED
        )
        yield case(f"5.8 confirm in {start}", start, CONFIRM, to=S.CLOSED, end=BY_PEER)


CASES = [
    *OPENING,
    *HELLO_READY,
    *HELLO_PENDING,
    *ABORTING,
    *PROTOCOL,
    *PINS,
    *OPEN,
    *CLOSING,
    *shared_cases(),
]


def run(item: Case) -> Bench:
    bench = STARTS[item.start](SMALL)
    bench.sent()
    match item.stimulus:
        case float(seconds):
            bench.advance(seconds)
        case str() | bytes() as message:
            bench.receive(message)
        case command:
            bench.do(command)
    return bench


@pytest.mark.parametrize("item", CASES, ids=lambda item: item.id)
def test_row(item: Case) -> None:
    bench = run(item)

    assert bench.sent() == list(item.sent)
    assert bench.state is item.state
    end = bench.closed and (bench.closed.code, bench.closed.cause)
    assert end == item.end


@pytest.mark.parametrize("start", AT_REST)
def test_messages_beyond_the_rate_limit_end_the_connection(start: str) -> None:
    bench = STARTS[start](Limits(messages_per_s=MESSAGES_TO[start]))
    assert bench.state is AT_REST[start]

    bench.receive(FLOOD)

    assert bench.state is S.ERROR
    assert bench.closed is not None
    assert bench.closed.code == {"aborting": 4452, "closing": 4001}.get(start, 1008)


@pytest.mark.parametrize("start", ["access", "complete"])
def test_third_unreadable_message_in_a_row_ends_the_connection(start: str) -> None:
    bench = STARTS[start](SMALL)
    bench.receive(b"\x02{", b"\x02[]", DATA, b"\x02{", b"\x02[]")
    assert bench.closed is None

    bench.receive(b'\x02{"data":[]}')

    assert bench.closed is not None
    assert bench.closed.cause == "violation"
    assert "payload is missing" in str(bench.closed.error)


def test_pending_life_ends_endless_prolongation() -> None:
    bench = server(trusted=False, limits=Limits(pending_life_s=300)).receive(CMI, READY_60)
    asked = []
    for _ in range(6):
        bench.sent()
        bench.advance(45)
        asked += bench.sent()
        bench.receive(READY_60)
    assert asked == [PROLONG] * 6

    bench.advance(31)

    assert bench.closed is not None
    assert (bench.closed.code, bench.closed.cause) == (4452, "timeout")


@pytest.mark.parametrize("start", ["access", "complete"])
def test_denial_is_no_way_to_end_an_open_connection(start: str) -> None:
    with pytest.raises(LocalProtocolError, match="deny is impossible while connected"):
        run(Case("", start, DENY, (), S.COMPLETE))


class Recording(dict[Input, Row]):
    """The rows of one state; remembers which were taken."""

    def __init__(self, state: State, taken: set[tuple[State, Input]]) -> None:
        super().__init__(TABLE[state])
        self._state = state
        self._taken = taken

    def __getitem__(self, what: Input) -> Row:
        self._taken.add((self._state, what))
        return super().__getitem__(what)

    def get(self, what: Input, default: None = None) -> Row | None:  # type: ignore[override]
        try:
            return self[what]
        except KeyError:
            self._taken.discard((self._state, what))
            return default


def test_every_row_of_the_table_is_exercised(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: set[tuple[State, Input]] = set()
    recording = {state: Recording(state, taken) for state in TABLE}
    monkeypatch.setattr(connection_module, "TABLE", recording)

    for item in CASES:
        run(item)
    for start in AT_REST:
        test_messages_beyond_the_rate_limit_end_the_connection(start)
    for start in ("access", "complete"):
        test_third_unreadable_message_in_a_row_ends_the_connection(start)
    test_pending_life_ends_endless_prolongation()

    every = {(state, what) for state, rows in TABLE.items() for what in rows}
    assert every - taken == set()


def test_every_state_that_listens_has_a_row_for_any_message() -> None:
    for state, rows in TABLE.items():
        if state not in (S.CMI_START, S.HELLO, S.HELLO_OK):
            assert Input.UNEXPECTED in rows, state


def test_every_timer_a_state_owns_has_a_row_in_it() -> None:
    assert [
        (state, timer)
        for state, timers in TIMERS.items()
        for timer in timers
        if timer not in TABLE[state]
    ] == []


def test_final_states_are_left_by_nothing() -> None:
    assert not set(FINAL_STATES) & TABLE.keys()


def test_every_way_into_the_end_says_how_it_ends() -> None:
    decided = {S.ABORT, S.CLOSING}
    for state, rows in TABLE.items():
        for what, row in rows.items():
            ends = row.next in decided or row.next in FINAL_STATES
            if ends and state not in decided:
                assert row.ending is not None, (state, what)


def test_every_row_cites_its_clause() -> None:
    clauses = {row.clause for rows in TABLE.values() for row in rows.values()}
    assert clauses == {
        "SHIP 13.4.3",
        "SHIP 13.4.4.1",
        "SHIP 13.4.4.2",
        "SHIP 13.4.4.3",
        "SHIP 13.4.5",
        "SHIP 13.4.6",
        "SHIP 13.4.7",
        "local limit",
    }


@pytest.mark.parametrize(
    ("start", "turn", "phase"),
    [
        ("server", Turn.NOBODY, Phase.OPENING),
        ("pending", Turn.OUR_USER, Phase.WAITING_FOR_US),
        ("ready server", Turn.PEER_USER, Phase.WAITING_FOR_PEER),
        ("choice", Turn.NOBODY, Phase.AGREEING),
        ("pin ask", Turn.PIN, Phase.PIN),
        ("complete", Turn.NOBODY, Phase.CONNECTED),
        ("closing", Turn.NOBODY, Phase.CLOSING),
    ],
)
def test_whose_turn_it_is(start: str, turn: Turn, phase: Phase) -> None:
    connection = STARTS[start](SMALL).connection
    assert (connection.turn, connection.phase) == (turn, phase)


def test_numbers_are_those_of_other_logs() -> None:
    assert [state.number for state in (S.READY_LISTEN, S.PENDING_LISTEN, S.COMPLETE)] == [8, 11, 38]
