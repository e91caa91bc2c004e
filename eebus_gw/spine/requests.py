"""Requests that wait for their answer: deadlines, repetition, and how many may be out at once.

SPINE protocol 5.2.5.3 (response delay), implementation guide 2.6.2 (repetition after silence).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from eebus_gw.spine.datagram import Command
from eebus_gw.spine.remote import RemoteFeature

RESPONSE_DEADLINE_S = 10.0
"""Time a peer has to answer unless it announces ``maxResponseDelay`` (5.2.5.3)."""
NETWORK_GRACE_S = 2.0
REPEAT_AFTER_S = (30.0, 300.0, 900.0)
"""An unanswered read or call is sent again this long after its first sending, then given up (IG 2.6.2)."""
MAX_OUTSTANDING = 20


@dataclass(slots=True)
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

    @property
    def repeatable(self) -> bool:
        """Writes are not sent twice: their outcome is unknown and the data is read instead."""
        return self.classifier != "write"

    def same_as(self, classifier: str, command: Command, target: RemoteFeature) -> bool:
        """Whether an identical read or call is already on its way."""
        return (
            self.classifier == classifier != "write"
            and self.target is target
            and self.command.function == command.function
            and self.command.data == command.data
        )


class Requests:
    """The table of one connection: what is out, what waits for a free place, what is due for repetition."""

    def __init__(self) -> None:
        self._by_counter: dict[int, Request] = {}
        self._deadlines: dict[int, float] = {}
        self._waiting: deque[Request] = deque()
        self._repeats: list[tuple[float, Request]] = []
        self._next_token = 1

    def __iter__(self) -> Iterator[Request]:
        yield from self._by_counter.values()
        yield from self._waiting
        for _, request in self._repeats:
            yield request

    def __len__(self) -> int:
        return len(self._by_counter)

    def new(
        self,
        classifier: str,
        command: Command,
        source: tuple[tuple[int, ...], int],
        target: RemoteFeature,
    ) -> tuple[Request, bool]:
        """A request and whether it is new; an identical one that is unanswered is shared."""
        for request in self:
            if request.same_as(classifier, command, target):
                return request, False
        request = Request(self._next_token, classifier, command, source, target)
        self._next_token += 1
        return request, True

    def queue(self, request: Request) -> None:
        """Writes go ahead of everything that only reads."""
        if request.classifier == "write":
            self._waiting.appendleft(request)
        else:
            self._waiting.append(request)

    def next_to_send(self) -> Request | None:
        """The next request that may go out now; a write always may."""
        if not self._waiting:
            return None
        if len(self._by_counter) >= MAX_OUTSTANDING and self._waiting[0].classifier != "write":
            return None
        return self._waiting.popleft()

    def sent(self, request: Request, counter: int, now: float) -> None:
        """Starts the response deadline of a request that went out as message ``counter``."""
        if not request.counters:
            request.first_sent = now
        request.counters.append(counter)
        self._by_counter[counter] = request
        delay = request.target.max_response_delay_s or RESPONSE_DEADLINE_S
        self._deadlines[counter] = now + delay + NETWORK_GRACE_S

    def take(self, counter: int) -> Request | None:
        """Removes and returns the request that message ``counter`` belongs to, also when it came late."""
        request = self._by_counter.pop(counter, None)
        self._deadlines.pop(counter, None)
        if request is not None:
            return request
        for index, (_, late) in enumerate(self._repeats):
            if counter in late.counters:
                del self._repeats[index]
                return late
        return None

    def forget(self, target: RemoteFeature) -> list[Request]:
        """Drops every request to a feature that went away."""
        gone = [request for request in self if request.target is target]
        self._by_counter = {c: r for c, r in self._by_counter.items() if r.target is not target}
        self._deadlines = {c: at for c, at in self._deadlines.items() if c in self._by_counter}
        self._waiting = deque(r for r in self._waiting if r.target is not target)
        self._repeats = [(at, r) for at, r in self._repeats if r.target is not target]
        return gone

    def handle_timer(self, now: float) -> list[Request]:
        """Requests that got no answer in time; repeatable ones are queued again when their turn comes."""
        silent: list[Request] = []
        for counter, at in list(self._deadlines.items()):
            if at > now:
                continue
            del self._deadlines[counter]
            request = self._by_counter.pop(counter)
            silent.append(request)
            if request.repeatable and request.repeats < len(REPEAT_AFTER_S):
                due = request.first_sent + REPEAT_AFTER_S[request.repeats]
                self._repeats.append((max(due, now), request))
        for at, request in list(self._repeats):
            if at <= now:
                self._repeats.remove((at, request))
                request.repeats += 1
                self._waiting.append(request)
        return silent

    def next_deadline(self) -> float | None:
        """The earliest response deadline or repetition."""
        moments = [*self._deadlines.values(), *(at for at, _ in self._repeats)]
        return min(moments, default=None)
