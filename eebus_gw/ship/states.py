"""The SHIP connection as a table: state and input give actions and the next state.

Everything that changes the state of a connection stands here, with its clause; nothing here knows
how an action is done. A timer runs only while a state that owns it lasts.

States carry the numbers known from logs of the Go implementation, so that traces can be compared;
40 and above are our own. Where a state can be left without waiting for anything, the driver offers
it the input that says who we are (``AS_CLIENT``, ``TRUSTED`` …) at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import TypeAlias

from eebus_gw.ship import words
from eebus_gw.ship.words import Action, Ending, Input

# Seconds (SHIP 13.4.3, 13.4.4.1.3, 13.4.4.2, 13.4.7); of the first three the standard gives ranges.
CMI_TIMEOUT_S = 20.0
HELLO_INIT_S = 120.0
HELLO_EXTENSION_S = 120.0
HELLO_LONGEST_S = 240.0
HELLO_PROLONG_THRESHOLD_S = 30.0
HELLO_PROLONG_GAP_S = 15.0
HELLO_SHORTEST_S = 1.0
HELLO_REPLY_FACTOR = 1.1
PROTOCOL_TIMEOUT_S = 10.0
PIN_TIMEOUT_S = 10.0
ACCESS_METHODS_TIMEOUT_S = 10.0
ABORT_DELAY_S = 1.0
CLOSE_MAX_TIME_S = 2.0


class Role(Enum):
    """Who opened the TCP connection: the client did."""

    CLIENT = "client"
    SERVER = "server"


class Phase(StrEnum):
    """How far a connection has come, in words for a user."""

    OPENING = "opening"
    WAITING_FOR_US = "waiting for us"
    WAITING_FOR_PEER = "waiting for the peer"
    AGREEING = "agreeing"
    PIN = "pin"
    CONNECTED = "connected"
    CLOSING = "closing"
    CLOSED = "closed"


class Turn(Enum):
    """Whom a connection waits for."""

    NOBODY = "nobody"
    OUR_USER = "our user"
    PEER_USER = "the peer's user"
    PIN = "pin"


class State(IntEnum):
    """Where a connection stands; the value is the number seen in logs of other implementations."""

    CMI_START = 0
    CLIENT_WAIT = 2
    SERVER_WAIT = 4
    HELLO = 6
    READY_LISTEN = 8
    PENDING_LISTEN = 11
    HELLO_OK = 13
    ABORT = 14
    ABORT_DONE = 15
    REMOTE_ABORT_DONE = 16
    REJECTED = 17
    SERVER_LISTEN_PROPOSAL = 20
    SERVER_LISTEN_CONFIRM = 21
    CLIENT_LISTEN_CHOICE = 22
    PIN_CHECK_LISTEN = 27
    PIN_ASK = 32
    PIN_ASK_PROCESS = 33
    ACCESS_METHODS = 36
    COMPLETE = 38
    ERROR = 39
    CLOSING = 40
    CLOSED = 41

    @property
    def number(self) -> int:
        """The number for traces."""
        return int(self)

    @property
    def phase(self) -> Phase:
        """The same in words for a user."""
        return _PHASES[self]

    @property
    def turn(self) -> Turn:
        """Whom the connection waits for in this state."""
        return _TURNS.get(self, Turn.NOBODY)


S = State

CMI_STATES = (S.CLIENT_WAIT, S.SERVER_WAIT)
HELLO_STATES = (S.READY_LISTEN, S.PENDING_LISTEN)
PROTOCOL_STATES = (S.SERVER_LISTEN_PROPOSAL, S.SERVER_LISTEN_CONFIRM, S.CLIENT_LISTEN_CHOICE)
PIN_STATES = (S.PIN_CHECK_LISTEN, S.PIN_ASK, S.PIN_ASK_PROCESS)
OPEN_STATES = (S.ACCESS_METHODS, S.COMPLETE)
FINAL_STATES = (S.ABORT_DONE, S.REMOTE_ABORT_DONE, S.REJECTED, S.ERROR, S.CLOSED)
PASSING_STATES = (S.CMI_START, S.HELLO, S.HELLO_OK)
"""States that wait for nothing; the connection never rests in one."""
LISTENING_STATES = (
    *CMI_STATES,
    *HELLO_STATES,
    S.ABORT,
    *PROTOCOL_STATES,
    *PIN_STATES,
    *OPEN_STATES,
    S.CLOSING,
)

_PHASES: Mapping[State, Phase] = {
    **dict.fromkeys((S.CMI_START, *CMI_STATES, S.HELLO), Phase.OPENING),
    S.READY_LISTEN: Phase.WAITING_FOR_PEER,
    S.PENDING_LISTEN: Phase.WAITING_FOR_US,
    **dict.fromkeys((S.HELLO_OK, *PROTOCOL_STATES, S.PIN_CHECK_LISTEN), Phase.AGREEING),
    **dict.fromkeys((S.PIN_ASK, S.PIN_ASK_PROCESS), Phase.PIN),
    **dict.fromkeys(OPEN_STATES, Phase.CONNECTED),
    **dict.fromkeys((S.ABORT, S.CLOSING), Phase.CLOSING),
    **dict.fromkeys(FINAL_STATES, Phase.CLOSED),
}

_TURNS: Mapping[State, Turn] = {
    S.READY_LISTEN: Turn.PEER_USER,
    S.PENDING_LISTEN: Turn.OUR_USER,
    S.PIN_ASK: Turn.PIN,
    S.PIN_ASK_PROCESS: Turn.PIN,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One transition. The ending is given where the row decides how the connection ends."""

    clause: str
    actions: tuple[Action, ...]
    next: State
    ending: Ending | None = None


S, I, A = State, Input, Action  # noqa: E741  (three columns read better by one letter)

_CMI = "SHIP 13.4.3"
_HELLO = "SHIP 13.4.4.1"
_PROTOCOL = "SHIP 13.4.4.2"
_PIN = "SHIP 13.4.4.3"
_DATA = "SHIP 13.4.5"
_ACCESS = "SHIP 13.4.6"
_CLOSING = "SHIP 13.4.7"
_POLICY = "local limit"

_Rows: TypeAlias = dict[Input, Row]


def _opening_rows() -> dict[State, _Rows]:
    start = (A.START_CMI_TIMER,)
    return {
        S.CMI_START: {
            I.AS_CLIENT: Row(_CMI, (A.SEND_CMI, *start), S.CLIENT_WAIT),
            I.AS_SERVER: Row(_CMI, start, S.SERVER_WAIT),
        },
        S.CLIENT_WAIT: {
            I.CMI: Row(_CMI, (), S.HELLO),
            I.UNEXPECTED: Row(_CMI, (), S.ERROR, words.VIOLATION),
            **_opening_commands(S.CLIENT_WAIT),
        },
        S.SERVER_WAIT: {
            I.CMI: Row(_CMI, (A.SEND_CMI,), S.HELLO),
            I.UNEXPECTED: Row(_CMI, (A.SEND_CMI,), S.ERROR, words.VIOLATION),
            **_opening_commands(S.SERVER_WAIT),
        },
    }


def _opening_commands(state: State) -> _Rows:
    return {
        I.CMI_TIMEOUT: Row(_CMI, (), S.ERROR, words.SILENT),
        I.APPROVE_PEER_PENDING: Row(_HELLO, (A.TRUST,), state),
        I.DENY: Row(_HELLO, (), S.REJECTED, words.DENIED),
        I.CLOSE: Row(_CLOSING, (), S.CLOSED, words.BY_US),
        I.SOCKET_CLOSED: Row(_CMI, (), S.CLOSED, words.BY_PEER),
    }


def _hello_rows() -> dict[State, _Rows]:
    aborted = (A.SEND_ABORTED,)
    either: _Rows = {
        I.HELLO_ABORTED: Row(_HELLO, (), S.REMOTE_ABORT_DONE, words.REFUSED),
        I.UNEXPECTED: Row(_HELLO, aborted, S.ABORT, words.VIOLATION),
        I.DENY: Row(_HELLO, aborted, S.ABORT, words.DENIED),
        I.CLOSE: Row(_HELLO, aborted, S.ABORT, words.BY_US),
        I.SOCKET_CLOSED: Row(_HELLO, (), S.REJECTED, words.REFUSED),
    }
    ready, pending = S.READY_LISTEN, S.PENDING_LISTEN
    follow = Row(_HELLO, (A.FOLLOW_PEER, A.ASK_FOR_TRUST), pending)
    return {
        S.HELLO: {
            I.TRUSTED: Row(_HELLO, (A.START_WAIT, A.SEND_READY), ready),
            I.UNTRUSTED: Row(
                _HELLO,
                (A.START_WAIT, A.START_PENDING_LIFE, A.SEND_PENDING, A.ASK_FOR_TRUST),
                pending,
            ),
            I.UNDECIDABLE: Row(
                _HELLO, (A.START_WAIT, A.SEND_PENDING, A.SEND_ABORTED), S.ABORT, words.DENIED
            ),
        },
        ready: {
            **either,
            I.HELLO_READY: Row(_HELLO, (), S.HELLO_OK),
            I.HELLO_READY_BARE: Row(_HELLO, (), S.HELLO_OK),
            I.HELLO_PENDING: Row(_HELLO, (A.TELL_WAITING,), ready),
            I.HELLO_PENDING_BARE: Row(_HELLO, (A.TELL_WAITING,), ready),
            I.HELLO_PROLONG: Row(_HELLO, (A.EXTEND_WAIT, A.SEND_READY, A.TELL_WAITING), ready),
            I.WAIT_FOR_READY: Row(_HELLO, aborted, S.ABORT, words.NOT_READY),
            I.WAIT_FOR_PEER_USER: Row(_HELLO, aborted, S.ABORT, words.REFUSED),
        },
        pending: {
            **either,
            I.HELLO_READY: follow,
            I.HELLO_READY_BARE: Row(_HELLO, aborted, S.ABORT, words.VIOLATION),
            I.HELLO_PENDING: follow,
            I.HELLO_PENDING_BARE: Row(_HELLO, (), pending),
            I.HELLO_PROLONG: Row(_HELLO, (A.EXTEND_WAIT, A.SEND_PENDING), pending),
            I.APPROVE_PEER_READY: Row(_HELLO, (A.TRUST, A.START_WAIT, A.SEND_READY), S.HELLO_OK),
            I.APPROVE_PEER_PENDING: Row(_HELLO, (A.TRUST, A.START_WAIT, A.SEND_READY), ready),
            I.SEND_PROLONGATION: Row(_HELLO, (A.SEND_PROLONGATION,), pending),
            I.PROLONGATION_REPLY: Row(_HELLO, aborted, S.ABORT, words.NO_ANSWER),
            I.WAIT_FOR_READY: Row(_HELLO, aborted, S.ABORT, words.NOT_APPROVED),
            I.PENDING_LIFE: Row(_POLICY, aborted, S.ABORT, words.NOT_APPROVED),
        },
        S.HELLO_OK: {
            I.AS_CLIENT: Row(
                _PROTOCOL, (A.SEND_ANNOUNCE, A.START_PROTOCOL_TIMER), S.CLIENT_LISTEN_CHOICE
            ),
            I.AS_SERVER: Row(_PROTOCOL, (A.START_PROTOCOL_TIMER,), S.SERVER_LISTEN_PROPOSAL),
        },
        S.ABORT: {
            I.ABORT_TIMEOUT: Row(_HELLO, (), S.ABORT_DONE),
            I.UNEXPECTED: Row(_HELLO, (), S.ABORT),
            I.APPROVE_PEER_READY: Row(_HELLO, (), S.ABORT),
            I.APPROVE_PEER_PENDING: Row(_HELLO, (), S.ABORT),
            I.DENY: Row(_HELLO, (), S.ABORT),
            I.CLOSE: Row(_HELLO, (), S.ABORT),
            I.SOCKET_CLOSED: Row(_HELLO, (), S.ABORT_DONE),
            I.SOCKET_REFUSED: Row(_HELLO, (), S.ABORT_DONE),
        },
    }


def _protocol_rows() -> dict[State, _Rows]:
    mismatch = Row(_PROTOCOL, (A.SEND_ERROR_MISMATCH,), S.ERROR, words.VIOLATION)
    select = (A.SEND_SELECT, A.START_PROTOCOL_TIMER)
    pin = (A.SEND_PIN_STATE, A.START_PIN_TIMER)
    steps: dict[State, _Rows] = {
        S.SERVER_LISTEN_PROPOSAL: {
            I.PROTOCOL_ANNOUNCE: Row(_PROTOCOL, select, S.SERVER_LISTEN_CONFIRM),
            I.ANNOUNCE_UNSUITABLE: mismatch,
            I.HELLO_LATE_REPLY: Row(_HELLO, (), S.SERVER_LISTEN_PROPOSAL),
        },
        S.SERVER_LISTEN_CONFIRM: {
            I.PROTOCOL_SELECT: Row(_PROTOCOL, pin, S.PIN_CHECK_LISTEN),
            I.SELECT_UNSUITABLE: mismatch,
        },
        S.CLIENT_LISTEN_CHOICE: {
            I.PROTOCOL_SELECT: Row(_PROTOCOL, (A.SEND_SELECT, *pin), S.PIN_CHECK_LISTEN),
            I.SELECT_UNSUITABLE: mismatch,
            I.HELLO_LATE_REPLY: Row(_HELLO, (), S.CLIENT_LISTEN_CHOICE),
        },
    }
    for rows in steps.values():
        rows |= {
            I.PROTOCOL_ERROR: Row(_PROTOCOL, (), S.ERROR, words.VIOLATION),
            I.PROTOCOL_TIMEOUT: Row(_PROTOCOL, (A.SEND_ERROR_TIMEOUT,), S.ERROR, words.SILENT),
            I.UNEXPECTED: Row(_PROTOCOL, (A.SEND_ERROR_UNEXPECTED,), S.ERROR, words.VIOLATION),
        }
    return steps


def _pin_rows() -> dict[State, _Rows]:
    established = (A.ESTABLISH, A.ASK_ACCESS)
    check, ask, process = PIN_STATES
    send = Row(_PIN, (A.SEND_PIN,), process)
    to_user = Row(_PIN, (A.ASK_FOR_PIN,), ask)
    rows: dict[State, _Rows] = {
        check: {
            I.PIN_REQUIRED_KNOWN: send,
            I.PIN_REQUIRED_UNKNOWN: to_user,
            I.PIN_ERROR: Row(_PIN, (), check),
            I.PIN_TIMEOUT: Row(_PIN, (), S.ERROR, words.SILENT),
        },
        ask: {
            I.PIN_REQUIRED_KNOWN: send,
            I.PIN_REQUIRED_UNKNOWN: to_user,
            I.PIN_ERROR: Row(_PIN, (A.TELL_PIN_REFUSED,), ask),
            I.ENTER_PIN: send,
        },
        process: {
            I.PIN_REQUIRED_UNKNOWN: Row(_PIN, (A.ASK_FOR_PIN,), process),
            I.PIN_ERROR: Row(_PIN, (A.TELL_PIN_REFUSED,), ask),
            I.ENTER_PIN: send,
        },
    }
    for state, own in rows.items():
        own |= {
            I.PIN_OK: Row(_PIN, established, S.ACCESS_METHODS),
            I.PIN_OPTIONAL: Row(_PIN, (*established, A.OFFER_PIN), S.ACCESS_METHODS),
            I.PIN_BUSY: to_user,
            I.PIN_INPUT: Row(_PIN, (A.SEND_PIN_STATE,), state),
            I.ACCESS_REQUEST: Row(_ACCESS, (A.ANSWER_ACCESS,), state),
            I.UNEXPECTED: Row(_PIN, (), S.ERROR, words.VIOLATION),
        }
    return rows


def _open_rows(state: State) -> _Rows:
    asked = Row(_PIN, (A.ASK_FOR_PIN,), state)
    send = Row(_PIN, (A.SEND_PIN,), state)
    announce = Row(_CLOSING, (A.ANNOUNCE_CLOSE,), S.CLOSING, words.BY_US)
    return {
        I.DATA: Row(_DATA, (A.DELIVER,), state),
        I.DATA_FOREIGN: Row(_DATA, (), state),
        I.ACCESS_REQUEST: Row(_ACCESS, (A.ANSWER_ACCESS,), state),
        I.ACCESS_METHODS: Row(_ACCESS, (A.IDENTIFY,), S.COMPLETE),
        I.PIN_REQUIRED_KNOWN: send,
        I.PIN_REQUIRED_UNKNOWN: asked,
        I.PIN_BUSY: asked,
        I.PIN_OPTIONAL: Row(_PIN, (A.OFFER_PIN,), state),
        I.PIN_ERROR: Row(_PIN, (A.TELL_PIN_REFUSED,), state),
        I.PIN_INPUT: Row(_PIN, (A.SEND_PIN_STATE,), state),
        I.PIN_STATE_UNKNOWN: Row(_PIN, (), S.ERROR, words.VIOLATION),
        I.ENTER_PIN: send,
        I.CMI: Row(_CMI, (), S.ERROR, words.VIOLATION),
        I.CMI_UNSUPPORTED: Row(_CMI, (), S.ERROR, words.VIOLATION),
        I.INVALID: Row(_DATA, (A.REPORT_DROPPED,), state),
        I.INVALID_AGAIN: Row(_POLICY, (A.REPORT_DROPPED,), S.ERROR, words.VIOLATION),
        I.UNEXPECTED: Row(_DATA, (), state),
        I.CLOSE: announce,
    }


def _closing_rows() -> _Rows:
    return {
        I.CLOSE_CONFIRM: Row(_CLOSING, (), S.CLOSED),
        I.CLOSE_ANNOUNCE: Row(_CLOSING, (A.TELL_PEER_CLOSING, A.CONFIRM_CLOSE), S.CLOSED),
        I.CLOSE_REMOVED: Row(_CLOSING, (A.TELL_PEER_CLOSING, A.CONFIRM_CLOSE), S.CLOSED),
        I.CLOSE_TIMEOUT: Row(_CLOSING, (), S.CLOSED),
        I.UNEXPECTED: Row(_CLOSING, (), S.CLOSING),
        I.CLOSE: Row(_CLOSING, (), S.CLOSING),
        I.DENY: Row(_CLOSING, (), S.CLOSING),
        I.SOCKET_CLOSED: Row(_CLOSING, (), S.CLOSED),
        I.SOCKET_REFUSED: Row(_CLOSING, (), S.CLOSED),
    }


def _shared_rows(state: State) -> _Rows:
    """What holds in every state that listens, unless the state has a row of its own."""
    rows: _Rows = {
        I.TOO_LARGE: Row(_POLICY, (), S.ERROR, words.TOO_LARGE),
        I.TOO_MANY: Row(_POLICY, (), S.ERROR, words.TOO_MANY),
        I.SOCKET_CLOSED: Row(_CLOSING, (), S.CLOSED, words.BY_PEER),
        I.SOCKET_REFUSED: Row(_HELLO, (), S.REJECTED, words.REFUSED),
    }
    if state is not S.PIN_ASK_PROCESS:
        rows[I.ENTER_PIN_LATER] = Row(_PIN, (), state)
    if state not in CMI_STATES and state != S.ABORT:
        close = (A.TELL_PEER_CLOSING, A.CONFIRM_CLOSE)
        rows |= {
            I.CLOSE_ANNOUNCE: Row(_CLOSING, close, S.CLOSED, words.BY_PEER),
            I.CLOSE_REMOVED: Row(_CLOSING, close, S.CLOSED, words.REMOVED),
            I.CLOSE_CONFIRM: Row(_CLOSING, (), S.CLOSED, words.BY_PEER),
        }
    if state in PROTOCOL_STATES or state in PIN_STATES:
        rows |= {
            I.DENY: Row(_HELLO, (), S.REJECTED, words.DENIED),
            I.CLOSE: Row(_CLOSING, (), S.CLOSED, words.BY_US),
        }
    return rows


def _table() -> dict[State, Mapping[Input, Row]]:
    own: dict[State, _Rows] = {
        **_opening_rows(),
        **_hello_rows(),
        **_protocol_rows(),
        **_pin_rows(),
        **{state: _open_rows(state) for state in OPEN_STATES},
        S.CLOSING: _closing_rows(),
    }
    own[S.ACCESS_METHODS][I.ACCESS_TIMEOUT] = Row(_ACCESS, (), S.COMPLETE)
    return {
        state: {**_shared_rows(state), **rows} if state in LISTENING_STATES else rows
        for state, rows in own.items()
    }


TABLE: Mapping[State, Mapping[Input, Row]] = _table()
"""Every transition. A message without a row of its own takes the row ``UNEXPECTED`` of the state;
final states have no rows."""

TIMERS: Mapping[State, tuple[Input, ...]] = {
    S.CLIENT_WAIT: (I.CMI_TIMEOUT,),
    S.SERVER_WAIT: (I.CMI_TIMEOUT,),
    S.READY_LISTEN: (I.WAIT_FOR_READY,),
    S.PENDING_LISTEN: (
        I.WAIT_FOR_READY,
        I.SEND_PROLONGATION,
        I.PROLONGATION_REPLY,
        I.PENDING_LIFE,
    ),
    S.ABORT: (I.ABORT_TIMEOUT,),
    **dict.fromkeys(PROTOCOL_STATES, (I.PROTOCOL_TIMEOUT,)),
    S.PIN_CHECK_LISTEN: (I.PIN_TIMEOUT,),
    S.ACCESS_METHODS: (I.ACCESS_TIMEOUT,),
    S.CLOSING: (I.CLOSE_TIMEOUT,),
}
"""The timers each state owns; any other is disarmed when the state is entered."""
