"""The Energy Guard of the simulated control box: reports what it writes, and can fall silent.

It keeps the rules of ``usecases.limitation_guard`` with one exception that desks need: unless it is
``patient``, it also writes increases at once instead of every five minutes [IG §2.10].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from eebus_gw.vocabulary.behaviour import Action, Answer, Beat, Report, Write
from eebus_gw.vocabulary.values import LimitValue
from usecases.limitation_behaviour import EnergyGuard
from usecases.limitation_guard import LIMIT, Phase
from usecases.limitation_rules import Direction

WRITING = "writing"
"""Name of the report that goes with each write: point ``key`` and ``value``."""


class DeskGuard(EnergyGuard):
    """One direction towards one system."""

    def __init__(self, direction: Direction) -> None:
        super().__init__(direction)
        self.patient = False
        self._silent = False
        self._rested = False

    def fall_silent(self) -> None:
        """Neither writes nor beats any more; what is required goes on being taken down."""
        self._silent = True

    def speak(self) -> None:
        """The next wish opens anew, as after a restored connection [LPC-913]."""
        self._silent, self._rested = False, True

    def start(self, now: float) -> list[Action]:
        return self._said(super().start(now))

    def on_update(self, point_key: str, value: Any, now: float) -> list[Action]:
        return self._said(super().on_update(point_key, value, now))

    def on_wish(self, point_key: str, value: Any, now: float) -> list[Action]:
        """As the Energy Guard; also at once where that one would wait for its turn."""
        actions = super().on_wish(point_key, value, now)
        written = any(isinstance(action, Write) for action in actions)
        waits = not written and value is not None and not self.patient
        in_touch = self.machine.phase in (Phase.IN_CHARGE, Phase.REFUSED)
        if point_key == LIMIT and (self._rested or (waits and in_touch)):
            actions = self._afresh(now)
        return self._said(actions)

    def on_written(self, point_key: str, answer: Answer, now: float) -> list[Action]:
        return self._said(super().on_written(point_key, answer, now))

    def on_heartbeat_subscribed(self, now: float) -> list[Action]:
        return self._said(super().on_heartbeat_subscribed(now))

    def handle_timer(self, now: float) -> list[Action]:
        return self._said(super().handle_timer(now))

    def _afresh(self, now: float) -> list[Action]:
        """An opening write is due at once: the peer listens to our heartbeat already."""
        self._rested = False
        return [*self.machine.connected(now), *self.machine.heartbeat_subscribed(now)]

    def _said(self, actions: Iterable[Action]) -> list[Action]:
        if self._silent:
            return [action for action in actions if not isinstance(action, Write | Beat)]
        told: list[Action] = []
        for action in actions:
            if isinstance(action, Write):
                value = _in_whole_seconds(action.value)
                action = Write(action.point_key, value)
                told.append(Report(WRITING, {"key": action.point_key, "value": value}))
            told.append(action)
        return told


def _in_whole_seconds(value: Any) -> Any:
    """A limit as control boxes state it; what is left of a duration is rarely a round number."""
    if isinstance(value, LimitValue) and value.duration_s is not None:
        return replace(value, duration_s=max(1.0, round(value.duration_s)))
    return value


class ConsumptionDesk(DeskGuard):
    """For LPC."""

    def __init__(self) -> None:
        super().__init__(Direction.CONSUME)


class ProductionDesk(DeskGuard):
    """For LPP."""

    def __init__(self) -> None:
        super().__init__(Direction.PRODUCE)
