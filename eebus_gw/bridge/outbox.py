"""What waits for the broker: a state lane and an ordered lane (pure, synchronous).

The state lane has one slot per topic. Only the newest content waits, it is turned into bytes when
it is sent, and it is kept so that everything can be published again. Unchanged content is not sent
again except by the refresh. The ordered lane is a bounded queue in which nothing is merged.
A slow or absent broker therefore costs freshness, never memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from heapq import heappop, heappush
from itertools import count

from eebus_gw.bridge.messages import Publication, Purpose
from eebus_gw.wire.codec import dumps

Content = Mapping[str, object] | Sequence[object] | str | bytes | bool | int | float | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one class of messages is published (contract: quality of service and retain by class)."""

    qos: int
    retain: bool
    refreshed: bool = False
    min_gap_s: float = 0.0
    withdrawn: bool = False
    """Whether what the broker retains goes once the value is unknown."""


# A reader that stands still loses what comes while its queue at the broker is full, so all state comes again.
BRIDGE = Delivery(qos=1, retain=True, refreshed=True)
AVAILABILITY = Delivery(qos=1, retain=True, refreshed=True)
DISCOVERY = Delivery(qos=1, retain=True)
HEALTH = Delivery(qos=0, retain=True)
STATE = Delivery(qos=1, retain=True, refreshed=True)
# Wallboxes measure once a second: with a gap as long, each measurement would wait for the last one.
METER = Delivery(qos=0, retain=True, refreshed=True, min_gap_s=0.9)

RESULT = Delivery(qos=1, retain=False)
EVENT = Delivery(qos=1, retain=False)
LOG = Delivery(qos=0, retain=False)
CLEAR = Delivery(qos=1, retain=True)


@dataclass(slots=True)
class _Slot:
    content: Content
    delivery: Delivery
    held: bool
    """Whether the broker may retain something on this topic, be it from an earlier run."""
    sent: bytes | None = None
    """Digest of what was sent last: hundreds of devices have megabytes of payloads."""
    sent_at: float = 0.0
    changed: bool = False
    forced: bool = False
    refresh_armed: bool = False


class Outbox:
    """The two lanes and the list of retained topics that are ours.

    ``refresh_s`` is the age at which state is published again although it did not change, 0 for
    never. ``wake`` is called whenever something became ready. ``dropped`` counts what the full
    ordered lane lost. ``owned_generation`` changes whenever ``owned_topics`` does.
    """

    def __init__(
        self,
        *,
        refresh_s: float = 30.0,
        ordered_limit: int = 1_000,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.wake = wake
        self.dropped = 0
        self.refresh_s = refresh_s
        self._slots: dict[str, _Slot] = {}
        self._ready: dict[str, None] = {}
        self._delayed: list[tuple[float, int, str]] = []
        self._refreshes: list[tuple[float, int, str]] = []
        self._tie = count()
        self._clearing: dict[str, None] = {}
        self._owned: set[str] = set()
        self.owned_generation = 0
        self._ordered: deque[tuple[str, Content, Delivery, bytes | None] | Publication] = deque()
        self._ordered_limit = ordered_limit

    @property
    def queued(self) -> int:
        """How many messages wait at present."""
        return len(self._ready) + len(self._delayed) + len(self._clearing) + len(self._ordered)

    @property
    def republished(self) -> bool:
        """Whether everything that ``republish`` asked for has been taken."""
        return not self._clearing and not any(
            self._slots[topic].forced for topic in self._ready if topic in self._slots
        )

    @property
    def owned_topics(self) -> frozenset[str]:
        """Every topic on which the broker may hold a retained message of ours; to be stored."""
        return frozenset(self._owned)

    def put(
        self,
        topic: str,
        content: Content,
        delivery: Delivery,
        now: float,
        *,
        at_once: bool = False,
    ) -> None:
        """Sets the state on ``topic``; ``at_once`` lifts the gap to the last message for this one.

        ``None`` and empty text mean that the value is unknown: nothing is sent or refreshed until
        it is known again; what the broker holds stays, unless the delivery is ``withdrawn``.
        """
        slot = self._slots.get(topic)
        if slot is None:
            slot = self._slots[topic] = _Slot(content, delivery, held=topic in self._owned)
            self._own([topic])
        else:
            slot.content = content
            slot.delivery = delivery
        if content is None or content == "":
            self._ready.pop(topic, None)
            slot.changed = slot.forced = False
            # Known again it goes out at once, even as before: readers have taken it for outdated.
            slot.sent = None
            self._withdraw(topic, slot)
            return
        self._clearing.pop(topic, None)
        if at_once or not slot.changed:
            slot.changed = True
            self._schedule(topic, slot, now, at_once=at_once)

    def send(
        self,
        topic: str,
        content: Content,
        delivery: Delivery,
        *,
        correlation: bytes | None = None,
    ) -> None:
        """Appends one message to the ordered lane; the oldest is lost when the lane is full."""
        self._append((topic, content, delivery, correlation))

    def clear_foreign(self, topic: str) -> None:
        """Removes what somebody else left retained on ``topic``."""
        self._append((topic, b"", CLEAR, None))

    def clear(self, topic_prefix: str) -> None:
        """Forgets ``topic_prefix`` and everything below it, and removes it from the broker."""
        below = f"{topic_prefix}/"
        for topic in [t for t in self._owned if t == topic_prefix or t.startswith(below)]:
            self._slots.pop(topic, None)
            self._ready.pop(topic, None)
            self._clearing[topic] = None
        self.wake()

    def adopt(self, topics: Iterable[str]) -> None:
        """Takes over topics on which an earlier run may have left retained messages."""
        topics = list(topics)
        self._own(topics)
        for topic in topics:
            if (slot := self._slots.get(topic)) is not None:
                slot.held = True
                self._withdraw(topic, slot)

    def republish(self) -> None:
        """Makes all known state ready again, in the order in which topics were first set."""
        for topic, slot in self._slots.items():
            if slot.content is not None and slot.content != "":
                slot.forced = True
                self._ready.pop(topic, None)
                self._ready[topic] = None
        self.wake()

    def take(self, now: float) -> Publication | None:
        """The next message to send, or ``None``; ordered messages go before state."""
        if self._ordered:
            return _complete(self._ordered.popleft())
        if self._clearing:
            topic = next(iter(self._clearing))
            del self._clearing[topic]
            return Publication(topic, b"", CLEAR.qos, CLEAR.retain, Purpose.CLEAR)
        self._collect_due(now)
        while self._ready:
            topic = next(iter(self._ready))
            del self._ready[topic]
            if (publication := self._state(topic, now)) is not None:
                return publication
        return None

    def next_deadline(self) -> float | None:
        """When ``take`` will have something that it does not have yet, in monotonic seconds."""
        moments = [heap[0][0] for heap in (self._delayed, self._refreshes) if heap]
        return min(moments, default=None)

    def delivered(self, publication: Publication) -> None:
        """The broker has ``publication``."""
        if publication.purpose is Purpose.CLEAR and publication.topic not in self._slots:
            self._owned.discard(publication.topic)
            self.owned_generation += 1

    def returned(self, publication: Publication) -> None:
        """``publication`` was lost on the way: it has to go again, state in its newest form."""
        match publication.purpose:
            case Purpose.ORDERED if publication.qos > 0:
                self._ordered.appendleft(publication)
            case Purpose.CLEAR if self._unknown(publication.topic):
                self._clearing[publication.topic] = None
            case Purpose.STATE if (slot := self._slots.get(publication.topic)) is not None:
                slot.sent = None
                self._ready[publication.topic] = None

    def _unknown(self, topic: str) -> bool:
        slot = self._slots.get(topic)
        return slot is None or slot.content is None or slot.content == ""

    def _withdraw(self, topic: str, slot: _Slot) -> None:
        if slot.held and slot.delivery.withdrawn and self._unknown(topic):
            slot.held = False
            self._clearing[topic] = None
            self.wake()

    def _own(self, topics: Iterable[str]) -> None:
        self._owned.update(topics)
        self.owned_generation += 1

    def _append(self, message: tuple[str, Content, Delivery, bytes | None]) -> None:
        if len(self._ordered) >= self._ordered_limit:
            self._ordered.popleft()
            self.dropped += 1
        self._ordered.append(message)
        self.wake()

    def _schedule(self, topic: str, slot: _Slot, now: float, *, at_once: bool) -> None:
        gap_ends = slot.sent_at + slot.delivery.min_gap_s
        if slot.sent is not None and now < gap_ends and not at_once:
            heappush(self._delayed, (gap_ends, next(self._tie), topic))
        else:
            self._ready[topic] = None
        self.wake()

    def _collect_due(self, now: float) -> None:
        while self._delayed and self._delayed[0][0] <= now:
            topic = heappop(self._delayed)[2]
            if topic in self._slots and self._slots[topic].changed:
                self._ready[topic] = None
        while self._refreshes and self._refreshes[0][0] <= now:
            topic = heappop(self._refreshes)[2]
            if (slot := self._slots.get(topic)) is None:
                continue
            slot.refresh_armed = False
            if slot.sent_at + self.refresh_s > now:
                self._arm_refresh(topic, slot)
            elif slot.content is not None and slot.content != "":
                slot.forced = True
                self._ready[topic] = None

    def _state(self, topic: str, now: float) -> Publication | None:
        slot = self._slots.get(topic)
        if slot is None:
            return None
        payload = to_bytes(slot.content)
        digest = blake2b(payload, digest_size=16).digest()
        wanted = payload and (slot.forced or digest != slot.sent)
        slot.changed = slot.forced = False
        if not wanted:
            return None
        slot.sent, slot.sent_at, slot.held = digest, now, True
        self._arm_refresh(topic, slot)
        delivery = slot.delivery
        return Publication(topic, payload, delivery.qos, delivery.retain, Purpose.STATE)

    def _arm_refresh(self, topic: str, slot: _Slot) -> None:
        if slot.delivery.refreshed and self.refresh_s > 0 and not slot.refresh_armed:
            slot.refresh_armed = True
            heappush(self._refreshes, (slot.sent_at + self.refresh_s, next(self._tie), topic))


def to_bytes(content: Content) -> bytes:
    """``content`` as a payload: text as it is, everything else as JSON; ``None`` is empty."""
    match content:
        case None:
            return b""
        case bytes():
            return content
        case str():
            return content.encode()
    return dumps(content)


def _complete(
    message: tuple[str, Content, Delivery, bytes | None] | Publication,
) -> Publication:
    if isinstance(message, Publication):
        return message
    topic, content, delivery, correlation = message
    return Publication(
        topic,
        to_bytes(content),
        delivery.qos,
        delivery.retain,
        Purpose.ORDERED,
        correlation,
    )
