"""Hello: both sides say whether they trust each other, or wait until a user decides
(SHIP 13.4.4.1)."""

from __future__ import annotations

from eebus_gw.ship import states
from eebus_gw.ship.core import Actions, Core
from eebus_gw.ship.events import TrustRequested, WaitingForPeer
from eebus_gw.ship.messages import ConnectionHello
from eebus_gw.ship.words import Action, Input

_A, _I = Action, Input


class Hello:
    """The hello phase of one connection."""

    __slots__ = (
        "_core",
        "_may_wait",
        "_peer_pending",
        "_peer_waiting_s",
        "_pending_life_s",
        "_reply_owed",
        "peer_ready",
    )

    def __init__(self, core: Core, may_wait: bool, pending_life_s: float) -> None:
        self._core = core
        self._may_wait = may_wait
        self._pending_life_s = pending_life_s
        self._peer_waiting_s: float | None = None
        self._peer_pending = False
        self._reply_owed = False
        self.peer_ready = False

    def first_input(self) -> Input:
        """Which way hello starts."""
        if self._core.trusted:
            return _I.TRUSTED
        return _I.UNTRUSTED if self._may_wait else _I.UNDECIDABLE

    def approval(self) -> Input:
        """What approving means at this moment."""
        return _I.APPROVE_PEER_READY if self.peer_ready else _I.APPROVE_PEER_PENDING

    def wait_over(self) -> Input:
        """What it means that the peer has not become ready in time."""
        waits_for_user = self._core.trusted and self._peer_pending
        return _I.WAIT_FOR_PEER_USER if waits_for_user else _I.WAIT_FOR_READY

    def judge(self, hello: ConnectionHello) -> Input:
        """The input that ``hello`` is."""
        timed = hello.waiting is not None
        if timed:
            self._reply_owed = False
        match hello.phase:
            case "ready":
                return _I.HELLO_READY if timed else _I.HELLO_READY_BARE
            case "pending" if hello.prolongation_request:
                return _I.HELLO_PROLONG
            case "pending":
                return _I.HELLO_PENDING if timed else _I.HELLO_PENDING_BARE
            case "aborted":
                return _I.HELLO_ABORTED
        return _I.UNEXPECTED

    def judge_late(self, hello: ConnectionHello) -> Input:
        """The input that ``hello`` is after the hello phase.

        The answer to a prolongation request may cross our user's approval.
        """
        owed = self._reply_owed
        judged = self.judge(hello)
        answers = judged in (_I.HELLO_READY, _I.HELLO_PENDING)
        return _I.HELLO_LATE_REPLY if owed and answers else judged

    def actions(self) -> Actions:
        """What this part does."""
        return {
            _A.START_WAIT: self._start_wait,
            _A.EXTEND_WAIT: self._extend_wait,
            _A.FOLLOW_PEER: self._follow_peer,
            _A.START_PENDING_LIFE: self._start_pending_life,
            _A.SEND_READY: self._send_ready,
            _A.SEND_PENDING: self._send_pending,
            _A.SEND_PROLONGATION: self._send_prolongation,
            _A.SEND_ABORTED: self._send_aborted,
            _A.TRUST: self._trust,
            _A.ASK_FOR_TRUST: self._ask_for_trust,
            _A.TELL_WAITING: self._tell_waiting,
        }

    def _start_wait(self, now: float, _: object) -> None:
        self._core.arm(_I.WAIT_FOR_READY, now, states.HELLO_INIT_S)

    def _extend_wait(self, now: float, _: object) -> None:
        longer = self._core.remaining(_I.WAIT_FOR_READY, now) + states.HELLO_EXTENSION_S
        self._core.arm(_I.WAIT_FOR_READY, now, min(longer, states.HELLO_LONGEST_S))

    def _follow_peer(self, now: float, hello: ConnectionHello) -> None:
        self.peer_ready = hello.phase == "ready"
        waiting_s = min((hello.waiting or 0) / 1000, states.HELLO_LONGEST_S)
        if waiting_s < states.HELLO_SHORTEST_S:
            return  # a peer must not drive our timers with tiny values
        self._peer_waiting_s = waiting_s
        self._core.deadlines.clear(_I.WAIT_FOR_READY, _I.PROLONGATION_REPLY)
        if waiting_s >= states.HELLO_PROLONG_THRESHOLD_S:
            self._core.arm(_I.SEND_PROLONGATION, now, waiting_s - states.HELLO_PROLONG_GAP_S)
        else:
            # Too short to ask for more: the peer gives up then, and so do we.
            self._core.deadlines.clear(_I.SEND_PROLONGATION)
            self._core.arm(_I.WAIT_FOR_READY, now, waiting_s)

    def _start_pending_life(self, now: float, _: object) -> None:
        self._core.arm(_I.PENDING_LIFE, now, self._pending_life_s)

    def _send_ready(self, now: float, _: object) -> None:
        self._send_waiting("ready", now)

    def _send_pending(self, now: float, _: object) -> None:
        self._send_waiting("pending", now)

    def _send_waiting(self, phase: str, now: float) -> None:
        # Some peers abort when waiting and prolongationRequest come together.
        waiting_ms = round(self._core.remaining(_I.WAIT_FOR_READY, now) * 1000)
        self._core.send(ConnectionHello(phase=phase, waiting=waiting_ms))

    def _send_prolongation(self, now: float, _: object) -> None:
        self._core.send(ConnectionHello(phase="pending", prolongation_request=True))
        self._reply_owed = True
        patience_s = self._peer_waiting_s or states.HELLO_REPLY_FACTOR * states.HELLO_INIT_S
        self._core.arm(_I.PROLONGATION_REPLY, now, patience_s)

    def _send_aborted(self, now: float, _: object) -> None:
        self._core.send(ConnectionHello(phase="aborted"))
        self._core.arm(_I.ABORT_TIMEOUT, now, states.ABORT_DELAY_S)

    def _trust(self, _: float, __: object) -> None:
        self._core.trusted = True

    def _ask_for_trust(self, now: float, _: object) -> None:
        waits = (_I.WAIT_FOR_READY, _I.SEND_PROLONGATION)
        waiting_s = max(self._core.remaining(timer, now) for timer in waits)
        if self._core.deadlines.at(_I.SEND_PROLONGATION) is not None:
            waiting_s += states.HELLO_PROLONG_GAP_S
        self._core.emit(TrustRequested(waiting_s))

    def _tell_waiting(self, now: float, _: object) -> None:
        self._peer_pending = True
        self._core.emit(WaitingForPeer(self._core.remaining(_I.WAIT_FOR_READY, now)))
