"""Deadlines of behaviours by consumer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from eebus_gw.roles.timers import Timers
from eebus_gw.vocabulary.behaviour import Behaviour


class Waiting(Behaviour):
    """Wants to be called at ``at``."""

    def __init__(self, at: float | None) -> None:
        self.at = at

    def next_deadline(self) -> float | None:
        return self.at


class Consumer(SimpleNamespace):
    __hash__ = object.__hash__


def consumer(at: float | None) -> Any:
    return Consumer(behaviour=Waiting(at))


def test_the_earliest_of_all_counts() -> None:
    timers, early, late = Timers(), consumer(5.0), consumer(9.0)
    assert timers.earliest() is None
    for each in (late, early, consumer(None), Consumer(behaviour=None)):
        timers.look(each)
    assert timers.earliest() == 5.0
    assert timers.due(4.9) == []
    assert timers.due(5.0) == [early]
    assert timers.earliest() == 9.0


def test_a_behaviour_that_no_longer_waits_is_left_alone() -> None:
    timers, one = Timers(), consumer(5.0)
    timers.look(one)
    one.behaviour.at = None
    timers.look(one)
    assert timers.due(6.0) == []


def test_who_is_gone_is_not_called() -> None:
    timers, one = Timers(), consumer(5.0)
    timers.look(one)
    timers.drop([one, consumer(7.0)])
    assert timers.due(6.0) == []
