"""When behaviours towards peers want to be called: a fleet has too many of them to ask each after every message."""

from __future__ import annotations

from collections.abc import Iterable

from eebus_gw.roles.consumer import Consumer


class Timers:
    """The deadlines of the behaviours of all consumers."""

    def __init__(self) -> None:
        self._at: dict[Consumer, float] = {}
        self._first: float | None = None
        self._first_known = True

    def look(self, consumer: Consumer) -> None:
        """The behaviour of ``consumer`` was called and may have another deadline now."""
        behaviour = consumer.behaviour
        deadline = behaviour.next_deadline() if behaviour is not None else None
        if deadline == self._at.get(consumer):
            return
        self._first_known = False
        if deadline is None:
            self._at.pop(consumer, None)
        else:
            self._at[consumer] = deadline

    def drop(self, consumers: Iterable[Consumer]) -> None:
        """These consumers are gone."""
        for consumer in consumers:
            self._at.pop(consumer, None)
        self._first_known = False

    def due(self, now: float) -> list[Consumer]:
        """Whose behaviour wants to be called now; disarms them until the next ``look``."""
        consumers = [consumer for consumer, at in self._at.items() if at <= now]
        self.drop(consumers)
        return consumers

    def earliest(self) -> float | None:
        """When ``due`` names somebody next; asked after every message."""
        if not self._first_known:
            self._first = min(self._at.values(), default=None)
            self._first_known = True
        return self._first
