"""Requests that wait for their answer: deadlines, repetition, and how many may be out at once.

SPINE protocol 5.2.5.3 (response delay), implementation guide 2.6.2 (repetition after silence).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from eebus_gw.spine.datagram import Command
from eebus_gw.spine.remote import RemoteFeature

RESPONSE_DEADLINE_S = 10.0
"""Time a peer has to answer unless it announces ``maxResponseDelay`` (5.2.5.3)."""
LONGEST_RESPONSE_S = 600.0
"""What a peer may ask for at most: a write that nobody answers has to end."""
NETWORK_GRACE_S = 2.0
REPEAT_AFTER_S = (30.0, 300.0, 900.0)
"""An unanswered read or call is sent again this long after its first sending, then given up (IG 2.6.2)."""
MAX_OUTSTANDING = 20

_RANKS = {"write": 0, "call": 1, "read": 2}
"""Writes go ahead of everything; a binding goes ahead of what only reads."""


@dataclass(slots=True, eq=False)
class Request:
    """One message of ours that is owed an answer."""

    token: int
    classifier: str
    command: Command
    source: tuple[tuple[int, ...], int]
    target: RemoteFeature
    first_sent: float = 0.0
    repeats: int = 0
    counters: list[int] = field(default_factory=list)
    """The message counters it was sent with; an answer to any of them ends it."""
    deadline: float | None = None
    """While it is out: until when the answer is due."""
    repeat_at: float | None = None
    """While it pauses after silence: when it is sent again."""

    @property
    def repeatable(self) -> bool:
        """Writes are not sent twice: their outcome is unknown and the data is read instead."""
        return self.classifier != "write"

    def same_as(self, classifier: str, command: Command, target: RemoteFeature) -> bool:
        """Whether an identical read or call is already on its way."""
        return (
            self.target is target
            and self.classifier == classifier != "write"
            and self.command.function == command.function
            and self.command.data == command.data
        )


class Requests:
    """The table of one connection: what is out, what waits for a free place, what is due for repetition."""

    def __init__(self) -> None:
        self._open: dict[int, Request] = {}
        self._by_counter: dict[int, Request] = {}
        self._waiting: list[Request] = []
        self._out = 0
        self._next_token = 1

    def __iter__(self) -> Iterator[Request]:
        """Everything that has not come to its end."""
        return iter(self._open.values())

    def __len__(self) -> int:
        """How many requests are out."""
        return self._out

    def new(
        self,
        classifier: str,
        command: Command,
        source: tuple[tuple[int, ...], int],
        target: RemoteFeature,
    ) -> Request:
        """A queued request; an identical one that is unanswered is shared."""
        for known in self:
            if known.same_as(classifier, command, target):
                return known
        request = Request(self._next_token, classifier, command, source, target)
        self._next_token += 1
        self._open[request.token] = request
        self._queue(request)
        return request

    def next_to_send(self) -> Request | None:
        """The next request that may go out now; a write always may."""
        if not self._waiting:
            return None
        if self._out >= MAX_OUTSTANDING and self._waiting[0].classifier != "write":
            return None
        return self._waiting.pop(0)

    def sent(self, request: Request, counter: int, now: float) -> None:
        """Starts the response deadline of a request that went out as message ``counter``."""
        if not request.counters:
            request.first_sent = now
        request.counters.append(counter)
        self._by_counter[counter] = request
        self._out += 1
        stated_s = request.target.max_response_delay_s or RESPONSE_DEADLINE_S
        delay = min(stated_s, LONGEST_RESPONSE_S) if stated_s > 0 else RESPONSE_DEADLINE_S
        request.deadline = now + delay + NETWORK_GRACE_S

    def hasten(self, token: int) -> None:
        """Queues a request that pauses after silence now: it counts as one of its repetitions."""
        request = self._open.get(token)
        if request is not None and request.repeat_at is not None:
            self._repeat(request)

    def take(self, counter: int) -> Request | None:
        """Ends and returns the request that message ``counter`` belongs to, also when the answer came late."""
        request = self._by_counter.get(counter)
        if request is not None:
            self._end(request)
        return request

    def forget(self, target: RemoteFeature) -> list[Request]:
        """Ends every request to a feature that went away."""
        gone = [request for request in self if request.target is target]
        for request in gone:
            self._end(request)
        return gone

    def clear(self) -> list[Request]:
        """Ends everything: the connection is gone."""
        gone = list(self)
        for request in gone:
            self._end(request)
        return gone

    def handle_timer(self, now: float) -> list[Request]:
        """Requests that got no answer in time; repeatable ones are queued again when their turn comes."""
        silent = [r for r in self if r.deadline is not None and r.deadline <= now]
        for request in silent:
            self._out -= 1
            request.deadline = None
            if request.repeatable and request.repeats < len(REPEAT_AFTER_S):
                due = request.first_sent + REPEAT_AFTER_S[request.repeats]
                request.repeat_at = max(due, now)
            else:
                self._end(request)
        for request in list(self):
            if request.repeat_at is not None and request.repeat_at <= now:
                self._repeat(request)
        return silent

    def next_deadline(self) -> float | None:
        """The earliest response deadline or repetition."""
        moments = [at for r in self for at in (r.deadline, r.repeat_at) if at is not None]
        return min(moments, default=None)

    def _repeat(self, request: Request) -> None:
        request.repeat_at = None
        request.repeats += 1
        self._queue(request)

    def _queue(self, request: Request) -> None:
        rank = _RANKS[request.classifier]
        place = len(self._waiting)
        while place and _RANKS[self._waiting[place - 1].classifier] > rank:
            place -= 1
        self._waiting.insert(place, request)

    def _end(self, request: Request) -> None:
        del self._open[request.token]
        for counter in request.counters:
            del self._by_counter[counter]
        if request.deadline is not None:
            self._out -= 1
        if request in self._waiting:
            self._waiting.remove(request)
