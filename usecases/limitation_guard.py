"""The Energy Guard of LPC and LPP: when to beat, when to write a limit, when to write failsafe
values.

Pure. Nothing is armed: what is due follows from what is known, so that each stimulus only records
and looks again. Sources: use case technical specification rule 913, implementation guide §2.2,
§2.5, §2.6, §2.10, §2.11, §2.13.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from eebus_gw.vocabulary.behaviour import Action, Beat, Report, Write
from eebus_gw.vocabulary.values import LimitValue

from .limitation_rules import FAILSAFE_LONGEST_S, FAILSAFE_SHORTEST_S, Direction

LIMIT: Final = "limit"
FAILSAFE_POWER: Final = "failsafe_w"
FAILSAFE_DURATION: Final = "failsafe_duration_s"

OPENING_S: Final = 60.0
SUBSCRIPTION_WAIT_S: Final = 10.0
UNSTATED_WAIT_S: Final = 45.0
RENEWAL_S: Final = 300.0
CORRECTION_S: Final = 60.0
RETRY_S: Final = (55.0, 120.0)
RETRY_STEP_S: Final = 60.0
BEFORE_END_S: Final = 60.0
SAME_W: Final = 1.0


class Phase(Enum):
    """How far the guard is with its peer; the value is the word shown."""

    AWAY = "not_connected"
    OPENING = "before_first_limit"
    REFUSED = "limit_refused"
    IN_CHARGE = "limit_accepted"


@dataclass(slots=True)
class _FailsafeWish:
    """One failsafe value: what we want, what the peer reports, and the write in between."""

    wanted: float | None = None
    reported: float | None = None
    pending: float | None = None
    refusals: int = 0
    not_before: float = -math.inf

    def due_at(self) -> float | None:
        if self.pending is not None or self.wanted is None or self.wanted == self.reported:
            return None
        return self.not_before

    def want(self, value: float) -> None:
        self.wanted, self.refusals, self.not_before = value, 0, -math.inf

    def answered(self, accepted: bool, now: float) -> None:
        if accepted:
            self.reported, self.refusals = self.pending, 0
            if self.wanted == self.pending:
                # A peer that keeps a rounded value is not corrected in a loop.
                self.not_before = now + RENEWAL_S
        else:
            self.refusals += 1
            self.not_before = now + _patience_s(self.refusals)
        self.pending = None

    def forget_peer(self) -> None:
        self.reported = self.pending = None
        self.refusals, self.not_before = 0, -math.inf


class GuardMachine:
    """One Energy Guard towards one Controllable System in one direction.

    While nobody has stated a requirement, the peer's nominal maximum is the opening limit: an
    activated limit in any case [IG §2.13].
    """

    def __init__(self, direction: Direction) -> None:
        self.direction = direction
        self._nominal_w: float | None = None
        self._required: LimitValue | None = None
        self._required_until: float | None = None
        self._failsafe = {FAILSAFE_POWER: _FailsafeWish(), FAILSAFE_DURATION: _FailsafeWish()}
        self._forget_peer()

    def _forget_peer(self) -> None:
        self._connected_at: float | None = None
        self._subscribed_at: float | None = None
        self._pending: LimitValue | None = None
        self._written_at: float | None = None
        self._written: LimitValue | None = None
        self._in_force: LimitValue | None = None
        self._written_until: float | None = None
        self._reported: LimitValue | None = None
        self._refusals = 0
        self._repeated = False
        self._overdue = False
        for wish in self._failsafe.values():
            wish.forget_peer()

    # -- what is the case --------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """How far we are with the peer."""
        if self._connected_at is None:
            return Phase.AWAY
        if self._refusals:
            return Phase.REFUSED
        return Phase.OPENING if self._in_force is None else Phase.IN_CHARGE

    def deferred_s(self, now: float) -> float:
        """How long what is required still waits for its turn, 0 while nothing waits [IG §2.10]."""
        due_at = self._limit_due_at() if self.phase is Phase.IN_CHARGE else None
        return 0.0 if due_at is None else max(0.0, due_at - now)

    # -- stimuli -----------------------------------------------------------------------------------

    def connected(self, now: float) -> list[Action]:
        """Bindings, subscriptions and reads are done; the subscription of the peer may be older."""
        if self._connected_at is not None:
            self._forget_peer()
        self._connected_at = now
        return self.handle_timer(now)

    def disconnected(self) -> None:
        """The peer is away; the requirement stays, everything known of the peer goes."""
        self._forget_peer()

    def heartbeat_subscribed(self, now: float) -> list[Action]:
        """The peer listens to our heartbeat, so a beat from now on reaches it."""
        if self._subscribed_at is None:
            self._subscribed_at = now
        return self.handle_timer(now)

    def require(self, limit: LimitValue | None, now: float) -> list[Action]:
        """States what is to be in force from ``now`` on; ``None`` withdraws it without a write.

        Raises ``ValueError`` for a value the peer would have to refuse and for a duration of 0 s.
        """
        if limit is not None:
            self._check(limit)
        self._required = limit
        self._required_until = None
        if limit is not None and limit.duration_s is not None:
            self._required_until = now + limit.duration_s
        return self.handle_timer(now)

    def require_failsafe(
        self, now: float, *, power_w: float | None = None, duration_s: float | None = None
    ) -> list[Action]:
        """States failsafe values; written when the peer has evaluated a limit [TS-037]."""
        if power_w is not None and not 0 <= power_w < math.inf:
            raise ValueError("the failsafe limit is at least 0 W in both directions")
        if duration_s is not None and not FAILSAFE_SHORTEST_S <= duration_s <= FAILSAFE_LONGEST_S:
            raise ValueError("the failsafe duration lies between 2 h and 24 h")
        wanted = {FAILSAFE_POWER: power_w, FAILSAFE_DURATION: duration_s}
        for key, value in wanted.items():
            if value is not None:
                self._failsafe[key].want(value)
        return self.handle_timer(now)

    def limit_reported(self, limit: LimitValue, now: float) -> list[Action]:
        """The peer states its limit; a deviation from what is required is corrected [IG §2.6]."""
        self._reported = limit
        return self.handle_timer(now)

    def failsafe_reported(self, key: str, value: float | None, now: float) -> list[Action]:
        """The peer states its value of ``key``; what it has is not written again."""
        self._failsafe[key].reported = value
        return self.handle_timer(now)

    def nominal_reported(self, watts: float | None, now: float) -> list[Action]:
        """The peer states its nominal maximum in W ≥ 0."""
        self._nominal_w = watts
        return self.handle_timer(now)

    def limit_answered(
        self, accepted: bool, now: float, *, timed_out: bool = False
    ) -> list[Action]:
        """The answer to the pending limit write; a refused peer is not given up [IG §2.5]."""
        written, self._pending = self._pending, None
        if written is None:
            return []
        if accepted:
            self._refusals = 0
            self._in_force = written
            # What was stated before the answer says nothing about the limit that was just accepted.
            self._reported = None
            return self.handle_timer(now)
        notice = Report("limit_refused", {"watts": written.watts})
        if self._in_force is None and not self._repeated and not timed_out:
            # The peer may only have missed our heartbeat: both again at once, then with patience.
            self._repeated = True
            return [notice, *self._write(now)]
        self._refusals += 1
        return [notice, *self.handle_timer(now)]

    def failsafe_answered(self, key: str, accepted: bool, now: float) -> list[Action]:
        """The answer to the write of ``key``."""
        wish = self._failsafe[key]
        if wish.pending is None:
            return []
        wish.answered(accepted, now)
        if accepted:
            return self.handle_timer(now)
        return [Report("failsafe_refused", {"key": key, "refusals": wish.refusals})]

    def handle_timer(self, now: float) -> list[Action]:
        """Carries out what is due."""
        if self._required_until is not None and now >= self._required_until:
            self._required, self._required_until = None, None
        if self._written_until is not None and now >= self._written_until:
            self._lapse()
        actions: list[Action] = []
        due_at = self._limit_due_at()
        if due_at is not None and due_at <= now:
            actions += self._write(now)
        elif self._opening_overdue(now):
            self._overdue = True
            actions.append(Report("opening_overdue", {"seconds": OPENING_S}))
        return [*actions, *self._write_failsafe(now)]

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called, ``None`` = nothing is going to be due."""
        overdue = None
        if self._connected_at is not None and self._written_at is None and not self._overdue:
            overdue = self._connected_at + OPENING_S
        moments = (
            self._limit_due_at(),
            self._failsafe_due_at(),
            self._required_until,
            overdue,
        )
        return min((moment for moment in moments if moment is not None), default=None)

    # -- limit -------------------------------------------------------------------------------------

    def _limit_due_at(self) -> float | None:
        if self._connected_at is None or self._pending is not None:
            return None
        if self._written_at is None:
            return self._opening_at(self._connected_at)
        if self._required is None:
            return self._unstated_retry_at(self._written_at)
        if self._written is not None and self._tighter(self._required, self._written):
            return self._written_at
        if self._refusals:
            return self._written_at + _patience_s(self._refusals)
        moments = (self._change_at(), self._correction_at())
        return min((moment for moment in moments if moment is not None), default=None)

    def _opening_at(self, connected_at: float) -> float | None:
        heard_from = connected_at + SUBSCRIPTION_WAIT_S
        if self._subscribed_at is not None:
            heard_from = min(heard_from, max(self._subscribed_at, connected_at))
        if self._required is not None:
            return heard_from
        return None if self._nominal_w is None else connected_at + UNSTATED_WAIT_S

    def _unstated_retry_at(self, written_at: float) -> float | None:
        """The opening is owed even while nobody requires anything."""
        if not self._refusals or self._in_force is not None or self._nominal_w is None:
            return None
        return written_at + _patience_s(self._refusals)

    def _change_at(self) -> float | None:
        """Increases, changes of the end and renewals wait; reductions do not come here."""
        required, in_force, written_at = self._required, self._in_force, self._written_at
        if required is None or in_force is None or written_at is None:
            return None
        turn = written_at + RENEWAL_S
        if not self._same_ceiling(required, in_force):
            return turn
        ends_at, until = self._written_until, self._required_until
        if ends_at == until:
            return None
        outlasts = ends_at is not None and (until is None or until > ends_at)
        if ends_at is None or not outlasts:
            return turn
        # A limit must not lapse while it is required, not even for the sake of fewer writes.
        return ends_at - BEFORE_END_S if in_force.active else max(turn, ends_at - BEFORE_END_S)

    def _correction_at(self) -> float | None:
        required, reported = self._required, self._reported
        if required is None or reported is None or self._written_at is None:
            return None
        if self._same_ceiling(required, reported):
            return None
        wait = CORRECTION_S if self._tighter(required, reported) else RENEWAL_S
        return self._written_at + wait

    def _write(self, now: float) -> list[Action]:
        limit, ends_at = self._wanted(now)
        self._pending = self._written = limit
        self._written_at, self._written_until = now, ends_at
        # The gate of the peer may ask for a beat within the 60 s before [IG §2.11].
        return [Beat(), Write(LIMIT, limit)]

    def _lapse(self) -> None:
        """The limit has ended by itself: whatever is required next is tighter than nothing."""
        self._written_until = None
        if self._written is not None:
            self._written = replace(self._written, active=False, duration_s=None)
        if self._in_force is not None:
            self._in_force = replace(self._in_force, active=False, duration_s=None)

    def _wanted(self, now: float) -> tuple[LimitValue, float | None]:
        if self._required is None:
            return LimitValue(self.direction.signed(self._nominal_w or 0.0), True, None), None
        ends_at = self._required_until
        left = None if ends_at is None else ends_at - now
        return replace(self._required, duration_s=left), ends_at

    def _opening_overdue(self, now: float) -> bool:
        if self._connected_at is None or self._written_at is not None or self._overdue:
            return False
        return now >= self._connected_at + OPENING_S

    def _check(self, limit: LimitValue) -> None:
        if limit.watts is None or not math.isfinite(limit.watts):
            raise ValueError("a limit needs a finite number of watts")
        if not self.direction.accepts(limit.watts):
            raise ValueError("a consumption limit is at least 0 W, a production limit at most 0 W")
        if limit.duration_s is not None and not 0 < limit.duration_s < math.inf:
            raise ValueError("a limit lasts longer than 0 s or has no end [IG §2.2]")

    @staticmethod
    def _ceiling(limit: LimitValue) -> float:
        return abs(limit.watts or 0.0) if limit.active else math.inf

    def _tighter(self, one: LimitValue, other: LimitValue) -> bool:
        return self._ceiling(one) < self._ceiling(other) - SAME_W

    def _same_ceiling(self, one: LimitValue, other: LimitValue) -> bool:
        return not (self._tighter(one, other) or self._tighter(other, one))

    # -- failsafe values ---------------------------------------------------------------------------

    def _failsafe_due_at(self) -> float | None:
        if not self._evaluated():
            return None
        moments = (wish.due_at() for wish in self._failsafe.values())
        return min((moment for moment in moments if moment is not None), default=None)

    def _evaluated(self) -> bool:
        # A peer that refuses every limit has evaluated the repeated opening: a beat went right
        # before it.
        repeated = self._repeated and self._refusals > 0
        return self._pending is None and (self._in_force is not None or repeated)

    def _write_failsafe(self, now: float) -> list[Action]:
        actions: list[Action] = []
        for key, wish in self._failsafe.items() if self._evaluated() else ():
            due_at = wish.due_at()
            if due_at is not None and due_at <= now:
                wish.pending = wish.wanted
                actions.append(Write(key, wish.wanted))
        return actions


def _patience_s(refusals: int) -> float:
    """Seconds until the next attempt: about 60, then 120, then 60 more each time [IG §2.5],
    [TS-046].
    """
    if refusals <= len(RETRY_S):
        return RETRY_S[refusals - 1]
    return RETRY_S[-1] + RETRY_STEP_S * (refusals - len(RETRY_S))
