"""One SHIP connection from the open WebSocket to its end, as client or as server.

The connection owns no socket and no clock. After every call drain ``next_event`` and ``to_send``,
and call ``handle_timer`` at ``next_deadline``. What it does when is the table in ``states``; this
module recognises what arrived, looks up the row and has the parts carry it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from eebus_gw.clock import Deadlines
from eebus_gw.errors import FrameError, HandshakeError, LocalProtocolError, RemoteProtocolError
from eebus_gw.ship import states
from eebus_gw.ship.core import Actions, Core
from eebus_gw.ship.events import (
    Closed,
    DataReceived,
    Established,
    Event,
    MessageDropped,
    PeerClosing,
    PeerIdentified,
    PhaseChanged,
)
from eebus_gw.ship.frames import (
    CMI_FRAME,
    MAX_RECEIVED_BYTES,
    MAX_SENT_BYTES,
    FrameType,
    build,
)
from eebus_gw.ship.hello import Hello
from eebus_gw.ship.messages import (
    PROTOCOL_ID,
    AccessMethods,
    AccessMethodsRequest,
    ConnectionClose,
    ConnectionHello,
    ConnectionPinError,
    ConnectionPinInput,
    ConnectionPinState,
    Message,
    MessageProtocolHandshake,
    MessageProtocolHandshakeError,
    read_data,
    read_message,
    write_data,
)
from eebus_gw.ship.pin import Pin
from eebus_gw.ship.protocol import ProtocolHandshake
from eebus_gw.ship.states import TABLE, TIMERS, Phase, Role, Row, State, Turn
from eebus_gw.ship.words import Action, Ending, Input
from eebus_gw.wire.codec import loads
from eebus_gw.wire.fold import ElementTag, WireError

__all__ = ["Connection", "Limits", "Phase", "Role", "State", "Turn"]

CloseReason = Literal["unspecific", "removedConnection"]

_REJECTED_CODE = 4452


@dataclass(frozen=True, slots=True)
class Limits:
    """What a peer may demand of us."""

    frame_bytes: int = MAX_RECEIVED_BYTES
    messages_per_s: int | None = 1000
    """``None``: any number."""
    invalid_in_a_row: int = 3
    """So many unreadable messages in the data phase end the connection."""
    pending_life_s: float = 1800.0
    """For how long an unknown peer is kept waiting for our user, whatever it prolongs."""


class Connection:
    """One end of a SHIP connection. Nothing a peer sends makes its methods raise."""

    def __init__(
        self,
        *,
        role: Role,
        own_id: str,
        trusted: bool,
        now: float,
        may_wait: bool = True,
        pin: str | None = None,
        announces_mdns: bool = True,
        limits: Limits | None = None,
    ) -> None:
        """The WebSocket has just opened.

        ``own_id`` is our SHIP ID. Without ``trusted`` a peer waits for ``approve`` or ``deny``,
        or is refused at once when ``may_wait`` is false because nobody could decide. ``pin`` is the
        peer's PIN. Raises ``LocalProtocolError`` when it is none.
        """
        self._limits = limits or Limits()
        self._core = Core(role, trusted)
        self._hello = Hello(self._core, may_wait, self._limits.pending_life_s)
        self._protocol = ProtocolHandshake(self._core)
        self._pin = Pin(self._core, pin)
        self._own_methods = AccessMethods(
            id=own_id, dns_sd_mdns=ElementTag() if announces_mdns else None
        )
        self._perform: Actions = {
            **self._own_actions(),
            **self._hello.actions(),
            **self._protocol.actions(),
            **self._pin.actions(),
        }
        self._state = State.CMI_START
        self._ending: Ending | None = None
        self._error: RemoteProtocolError | None = None
        self._invalid_in_a_row = 0
        self._second_began = now
        self._messages_in_second = 0
        self._proceed(now)

    # What the connection says about itself.

    @property
    def state(self) -> State:
        """Where the connection stands; ``state.number`` is the number for traces."""
        return self._state

    @property
    def phase(self) -> Phase:
        """The same in words for a user."""
        return self._state.phase

    @property
    def turn(self) -> Turn:
        """Whom the connection waits for."""
        return self._state.turn

    @property
    def role(self) -> Role:
        """Which end this is."""
        return self._core.role

    @property
    def trusted(self) -> bool:
        """Whether the peer is trusted, from the start or by ``approve``."""
        return self._core.trusted

    @property
    def deadlines(self) -> Deadlines:
        """The running timers; iterating gives name and moment, the earliest first."""
        return self._core.deadlines

    # The five verbs.

    def receive(self, frame: bytes, now: float) -> None:
        """A complete binary WebSocket message arrived."""
        if self._state in states.FINAL_STATES:
            return
        what, subject = self._judge(frame, now)
        self._step(what, now, subject, otherwise=Input.UNEXPECTED)

    def handle_timer(self, now: float) -> None:
        """The moment ``next_deadline`` named has come; calling early does no harm."""
        while (timer := self._first_due(now)) is not None:
            self._core.deadlines.clear(timer)
            over = timer is Input.WAIT_FOR_READY
            self._step(self._hello.wait_over() if over else timer, now)

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` is to be called, ``None`` while no timer runs."""
        return self._core.deadlines.earliest()

    def to_send(self) -> list[bytes]:
        """The binary WebSocket messages to write now, in order; each is returned once."""
        frames, self._core.frames = self._core.frames, []
        return frames

    def next_event(self) -> Event | None:
        """The next event, ``None`` when there is none; each is returned once."""
        return self._core.events.popleft() if self._core.events else None

    # What the program around us wants.

    def approve(self, now: float) -> None:
        """Our user trusts the peer. Of no effect when the peer is trusted already or gone."""
        if not self._core.trusted:
            self._command(self._hello.approval(), now)

    def deny(self, now: float) -> None:
        """Our user refuses the peer; possible until data may flow, ``close`` is for afterwards."""
        self._command(Input.DENY, now)

    def enter_pin(self, pin: str, now: float) -> None:
        """Our user knows the peer's PIN; it is sent as soon as the peer takes it."""
        self._command(self._pin.enter(pin), now, otherwise=Input.ENTER_PIN_LATER)

    def close(self, now: float, reason: CloseReason = "unspecific") -> None:
        """Ends the connection in order: announced to the peer when data may flow already."""
        self._command(Input.CLOSE, now, reason)

    def send_data(self, payload: dict[str, Any], now: float) -> None:
        """Sends ``payload``, an object with the one member ``datagram``.

        Raises ``LocalProtocolError`` unless data may flow, and when the message gets longer than
        100 KiB.
        """
        if self._state not in states.OPEN_STATES:
            raise LocalProtocolError(
                f"no data can be sent while {self.phase}", clause="SHIP 13.4.5"
            )
        frame = build(FrameType.DATA, write_data(payload))
        if len(frame) > MAX_SENT_BYTES:
            raise LocalProtocolError(
                f"a message of {len(frame)} bytes is longer than {MAX_SENT_BYTES}",
                clause="SHIP 13.4.5",
            )
        self._core.frames.append(frame)

    def socket_closed(self, now: float, code: int = 1006, reason: str = "") -> None:
        """The WebSocket is gone; ``Closed`` then tells why, with the code the peer used."""
        if self._state in states.FINAL_STATES:
            return
        self._step(
            Input.SOCKET_REFUSED if code == _REJECTED_CODE else Input.SOCKET_CLOSED,
            now,
            (code, reason),
        )

    # How rows are found and taken.

    def _command(
        self, what: Input, now: float, subject: Any = None, otherwise: Input | None = None
    ) -> None:
        if self._state not in states.FINAL_STATES:
            self._step(what, now, subject, otherwise)

    def _step(
        self, what: Input, now: float, subject: Any = None, otherwise: Input | None = None
    ) -> None:
        rows = TABLE[self._state]
        row = rows.get(what)
        if row is None and otherwise is not None:
            row = rows.get(otherwise)
        if row is None:
            raise LocalProtocolError(f"{what} is impossible while {self.phase}")
        self._take(row, what, now, subject)
        self._proceed(now)

    def _proceed(self, now: float) -> None:
        """Leaves states that wait for nothing."""
        while self._state in states.PASSING_STATES:
            if self._state is State.HELLO:
                what = self._hello.first_input()
            else:
                what = Input.AS_CLIENT if self.role is Role.CLIENT else Input.AS_SERVER
            self._take(TABLE[self._state][what], what, now, None)

    def _take(self, row: Row, what: Input, now: float, subject: Any) -> None:
        if row.ending is not None and self._ending is None:
            self._ending = row.ending
            self._error = self._blame(row, what, subject)
        if row.next is not self._state:
            self._enter(row.next)
        for action in row.actions:
            self._perform[action](now, subject)
        if self._state in states.FINAL_STATES:
            self._finish(subject)

    def _enter(self, state: State) -> None:
        self._state = state
        owned = TIMERS.get(state, ())
        for name, _ in list(self._core.deadlines):
            if name not in owned:
                self._core.deadlines.clear(name)
        if state not in states.PASSING_STATES:
            self._core.emit(PhaseChanged(state.phase, state))

    def _finish(self, subject: Any) -> None:
        ending = self._ending
        assert ending is not None, "every way into a final state has an ending"
        code, reason = subject if isinstance(subject, tuple) else (ending.code, ending.reason)
        self._core.emit(Closed(code, reason, self._error, ending.cause))

    def _blame(self, row: Row, what: Input, subject: Any) -> RemoteProtocolError | None:
        fault = row.ending.fault if row.ending else ""
        if not fault:
            return None
        happened = str(subject) if isinstance(subject, WireError) else what
        text = f"{fault}: {happened} in state {self._state.name} ({self._state.number})"
        kind = FrameError if isinstance(subject, WireError) else HandshakeError
        return kind(text, clause=row.clause)

    def _first_due(self, now: float) -> Input | None:
        for name, at in self._core.deadlines:
            return Input(name) if at <= now else None
        return None

    # What arrived.

    def _judge(self, frame: bytes, now: float) -> tuple[Input, Any]:
        if len(frame) > self._limits.frame_bytes:
            return Input.TOO_LARGE, None
        if self._floods(now):
            return Input.TOO_MANY, None
        if len(frame) < 2 or frame[0] > FrameType.END:
            return Input.UNEXPECTED, None
        if frame[0] == FrameType.INIT:
            return (Input.CMI if frame == CMI_FRAME else Input.CMI_UNSUPPORTED), None
        try:
            judged = self._judge_text(frame)
        except WireError as error:
            self._invalid_in_a_row += 1
            again = self._invalid_in_a_row >= self._limits.invalid_in_a_row
            return (Input.INVALID_AGAIN if again else Input.INVALID), error
        self._invalid_in_a_row = 0
        return judged

    def _judge_text(self, frame: bytes) -> tuple[Input, Any]:
        """The root element decides, not the type byte: peers mix up control and data."""
        tree = loads(frame[1:], max_bytes=self._limits.frame_bytes)
        if type(tree) is not dict:
            raise WireError("a message is an object")
        if "data" in tree:
            protocol_id, payload = read_data(tree["data"])
            return (Input.DATA if protocol_id == PROTOCOL_ID else Input.DATA_FOREIGN), payload
        message = read_message(tree)
        return self._judge_message(message), message

    def _judge_message(self, message: Message | None) -> Input:
        match message:
            case ConnectionHello() if self._state in states.PROTOCOL_STATES:
                return self._hello.judge_late(message)
            case ConnectionHello():
                return self._hello.judge(message)
            case MessageProtocolHandshake():
                return self._protocol.judge(message)
            case MessageProtocolHandshakeError():
                return Input.PROTOCOL_ERROR
            case ConnectionPinState():
                return self._pin.judge(message)
            case ConnectionPinInput():
                return Input.PIN_INPUT
            case ConnectionPinError():
                return Input.PIN_ERROR
            case AccessMethodsRequest():
                return Input.ACCESS_REQUEST
            case AccessMethods():
                return Input.ACCESS_METHODS
            case ConnectionClose(phase="announce", reason="removedConnection"):
                return Input.CLOSE_REMOVED
            case ConnectionClose(phase="announce"):
                return Input.CLOSE_ANNOUNCE
            case ConnectionClose(phase="confirm"):
                return Input.CLOSE_CONFIRM
        return Input.UNEXPECTED

    def _floods(self, now: float) -> bool:
        if now - self._second_began >= 1.0:
            self._second_began = now
            self._messages_in_second = 0
        self._messages_in_second += 1
        limit = self._limits.messages_per_s
        return limit is not None and self._messages_in_second > limit

    # What is done beyond the parts.

    def _own_actions(self) -> Actions:
        core = self._core
        return {
            Action.SEND_CMI: lambda now, _: core.frames.append(CMI_FRAME),
            Action.START_CMI_TIMER: lambda now, _: core.arm(
                Input.CMI_TIMEOUT, now, states.CMI_TIMEOUT_S
            ),
            Action.ESTABLISH: lambda now, _: core.emit(Established()),
            Action.ASK_ACCESS: self._ask_access,
            Action.ANSWER_ACCESS: lambda now, _: core.send(self._own_methods),
            Action.IDENTIFY: self._identify,
            Action.DELIVER: lambda now, payload: core.emit(DataReceived(payload)),
            Action.REPORT_DROPPED: lambda now, error: core.emit(MessageDropped(error)),
            Action.TELL_PEER_CLOSING: self._tell_peer_closing,
            Action.ANNOUNCE_CLOSE: self._announce_close,
            Action.CONFIRM_CLOSE: lambda now, _: core.send(ConnectionClose(phase="confirm")),
        }

    def _ask_access(self, now: float, _: object) -> None:
        self._core.send(AccessMethodsRequest())
        self._core.arm(Input.ACCESS_TIMEOUT, now, states.ACCESS_METHODS_TIMEOUT_S)

    def _identify(self, _: float, methods: AccessMethods) -> None:
        if methods.id:
            self._core.emit(PeerIdentified(methods.id))

    def _tell_peer_closing(self, _: float, close: ConnectionClose) -> None:
        self._core.emit(PeerClosing(close.reason or ""))

    def _announce_close(self, now: float, reason: CloseReason) -> None:
        max_time_ms = round(states.CLOSE_MAX_TIME_S * 1000)
        self._core.send(ConnectionClose(phase="announce", max_time=max_time_ms, reason=reason))
        self._core.arm(Input.CLOSE_TIMEOUT, now, states.CLOSE_MAX_TIME_S)
