"""What can happen to a connection, what it can do, and how it can end: the words of the table in
``states``.

Three kinds of input meet in one enum: what the peer sent (already judged: a `select` we cannot
accept is another input than one we can), what the program around us wants, and timers that ran out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Literal, TypeAlias


@unique
class Input(StrEnum):
    """What can happen to a connection; of timers the value is the name of the deadline."""

    # Who we are, offered to states that wait for nothing.
    AS_CLIENT = "as client"
    AS_SERVER = "as server"
    TRUSTED = "trusted"
    UNTRUSTED = "not trusted, our user can decide"
    UNDECIDABLE = "not trusted, nobody can decide"

    # What the peer sent.
    CMI = "connection mode initialisation"
    CMI_UNSUPPORTED = "connection mode initialisation of another mode"
    HELLO_READY = "hello ready"
    HELLO_READY_BARE = "hello ready without waiting"
    HELLO_PENDING = "hello pending"
    HELLO_PENDING_BARE = "hello pending without waiting"
    HELLO_PROLONG = "hello with prolongation request"
    HELLO_LATE_REPLY = "late answer to our prolongation request"
    HELLO_ABORTED = "hello aborted"
    PROTOCOL_ANNOUNCE = "announceMax"
    PROTOCOL_SELECT = "select"
    ANNOUNCE_UNSUITABLE = "announceMax without a common version or format"
    SELECT_UNSUITABLE = "select of what was not offered"
    PROTOCOL_ERROR = "protocol handshake error"
    PIN_OK = "no PIN wanted"
    PIN_OPTIONAL = "PIN optional"
    PIN_REQUIRED_KNOWN = "PIN required, we have one"
    PIN_REQUIRED_UNKNOWN = "PIN required, we have none"
    PIN_BUSY = "PIN required, input not permitted now"
    PIN_STATE_UNKNOWN = "unknown PIN state"
    PIN_INPUT = "PIN input"
    PIN_ERROR = "PIN error"
    ACCESS_REQUEST = "access methods request"
    ACCESS_METHODS = "access methods"
    DATA = "data"
    DATA_FOREIGN = "data of another protocol"
    CLOSE_ANNOUNCE = "close announced"
    CLOSE_REMOVED = "close announced, we were removed"
    CLOSE_CONFIRM = "close confirmed"
    UNEXPECTED = "a message without meaning here"
    INVALID = "an unreadable message"
    INVALID_AGAIN = "too many unreadable messages in a row"
    TOO_LARGE = "a message beyond the size limit"
    TOO_MANY = "messages beyond the rate limit"

    # What became of the socket.
    SOCKET_CLOSED = "the socket was closed"
    SOCKET_REFUSED = "the socket was closed with 4452"

    # What the program around us wants.
    APPROVE_PEER_READY = "approve, the peer is ready"
    APPROVE_PEER_PENDING = "approve, the peer is not ready"
    DENY = "deny"
    CLOSE = "close in order"
    ENTER_PIN = "enter PIN"
    ENTER_PIN_LATER = "enter PIN before it may be sent"

    # Timers that ran out.
    CMI_TIMEOUT = "cmi"
    WAIT_FOR_READY = "wait_for_ready"
    WAIT_FOR_PEER_USER = "wait_for_ready, the peer was pending"
    SEND_PROLONGATION = "send_prolongation"
    PROLONGATION_REPLY = "prolongation_reply"
    PENDING_LIFE = "pending_life"
    PROTOCOL_TIMEOUT = "protocol"
    PIN_TIMEOUT = "pin"
    ACCESS_TIMEOUT = "access_methods"
    ABORT_TIMEOUT = "abort"
    CLOSE_TIMEOUT = "close"


@unique
class Action(StrEnum):
    """What a connection does on a transition, in the order of the row."""

    SEND_CMI = "send CMI"
    START_CMI_TIMER = "start the CMI timer"
    START_WAIT = "start waiting for the peer to become ready"
    EXTEND_WAIT = "wait longer for the peer to become ready"
    FOLLOW_PEER = "follow the time the peer announced"
    START_PENDING_LIFE = "start the limit of a pending connection"
    SEND_READY = "send ready"
    SEND_PENDING = "send pending"
    SEND_PROLONGATION = "ask for prolongation and await the answer"
    SEND_ABORTED = "send aborted, close after the delay"
    TRUST = "take the peer as trusted"
    ASK_FOR_TRUST = "tell that our user has to decide"
    TELL_WAITING = "tell that the peer's user has to decide"
    SEND_ANNOUNCE = "send announceMax"
    SEND_SELECT = "send select"
    SEND_ERROR_TIMEOUT = "send error 1"
    SEND_ERROR_UNEXPECTED = "send error 2"
    SEND_ERROR_MISMATCH = "send error 3"
    START_PROTOCOL_TIMER = "start the protocol timer"
    SEND_PIN_STATE = "send our PIN state"
    START_PIN_TIMER = "start the PIN timer"
    SEND_PIN = "send the peer's PIN"
    OFFER_PIN = "send the peer's PIN if we have one"
    ASK_FOR_PIN = "tell that the peer wants its PIN"
    TELL_PIN_REFUSED = "tell that the PIN was wrong"
    ESTABLISH = "tell that data may flow"
    ASK_ACCESS = "send accessMethodsRequest"
    ANSWER_ACCESS = "send accessMethods"
    IDENTIFY = "tell the peer's SHIP ID"
    DELIVER = "hand out the payload"
    REPORT_DROPPED = "tell that a message was dropped"
    TELL_PEER_CLOSING = "tell that the peer closes"
    ANNOUNCE_CLOSE = "announce the close, await the confirmation"
    CONFIRM_CLOSE = "confirm the close"


Cause: TypeAlias = Literal["local", "peer", "rejected", "timeout", "violation", "removed"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ends: what the WebSocket is closed with, and why."""

    code: int
    reason: str
    cause: Cause
    fault: str = ""
    """What went wrong; empty when nothing did."""


_CLOSE = (4001, "close")
_REJECT = (4452, "Node rejected by application")

BY_US = Ending(*_CLOSE, "local")
DENIED = Ending(*_REJECT, "local")
NOT_APPROVED = Ending(*_REJECT, "timeout")
NO_ANSWER = Ending(*_REJECT, "timeout", "no answer to the prolongation request")
BY_PEER = Ending(*_CLOSE, "peer")
REMOVED = Ending(*_CLOSE, "removed")
REFUSED = Ending(*_CLOSE, "rejected")
NOT_READY = Ending(*_CLOSE, "timeout", "the peer did not become ready in time")
SILENT = Ending(*_CLOSE, "timeout", "the peer was silent for too long")
VIOLATION = Ending(*_CLOSE, "violation", "the peer broke the order of messages")
TOO_LARGE = Ending(1009, "message too big", "violation", "a message beyond the size limit")
TOO_MANY = Ending(1008, "too many messages", "violation", "messages beyond the rate limit")
