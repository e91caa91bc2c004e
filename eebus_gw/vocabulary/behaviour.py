"""Behaviour of a use case: only where its document has a state machine or a timer.

A behaviour is pure: it is told what happened and returns what to do. It knows points by their keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from eebus_gw.spine.error_numbers import REJECTED

HEARTBEAT_LOST_S: Final = 120.0
"""A partner whose heartbeat is missing for so long is lost, in every use case that watches one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision on a write: accepted, or refused with a SPINE error number, a text and the clause behind it."""

    accepted: bool
    error_number: int = 0
    text: str = ""
    clause: str = ""


ACCEPTED = Answer(True)


def refused(text: str, clause: str = "", error_number: int = REJECTED) -> Answer:
    """A refusal; without a number it is "command rejected"."""
    return Answer(False, error_number, text, clause)


@dataclass(frozen=True, slots=True)
class Put:
    """Publish a value on our server side."""

    point_key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Write:
    """Write a value to the peer."""

    point_key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Beat:
    """Send a heartbeat of our own now."""


@dataclass(frozen=True, slots=True)
class Report:
    """Something the program around us should know, for instance a change of state."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


Action = Put | Write | Beat | Report


class Behaviour:
    """Base of all behaviours; every method returns the actions to carry out."""

    def start(self, now: float) -> list[Action]:
        """The use case became usable."""
        return []

    def on_update(self, point_key: str, value: Any, now: float) -> list[Action]:
        """The partner published ``value``."""
        return []

    def on_write(self, point_key: str, value: Any, now: float) -> tuple[Answer, list[Action]]:
        """Server: a client asks for ``value``."""
        return ACCEPTED, []

    def foresee(self, point_key: str, value: Any, now: float) -> Answer:
        """Server: what ``on_write`` would decide, without any effect.

        Asked first where one write concerns several points: it takes effect as a whole or not at all.
        """
        return ACCEPTED

    def on_applied(self, point_key: str, value: Any, now: float) -> list[Action]:
        """Server: nobody refused the write, ``value`` is published from now on."""
        return []

    def stated(self, point_key: str, now: float) -> Any:
        """Server: the value as a read must show it at ``now``; ``None`` where what is published still holds."""
        return None

    def on_wish(self, point_key: str, value: Any, now: float) -> list[Action]:
        """Client: the program around us wants ``value`` at the server."""
        return [Write(point_key, value)]

    def on_written(self, point_key: str, answer: Answer, now: float) -> list[Action]:
        """Client: the server answered our write."""
        return []

    def on_heartbeat(self, now: float) -> list[Action]:
        """A sign of life of the partner."""
        return []

    def on_heartbeat_subscribed(self, now: float) -> list[Action]:
        """The partner listens to our heartbeat from now on."""
        return []

    def on_partner_lost(self, now: float) -> list[Action]:
        """The connection to the partner is gone."""
        return []

    def handle_timer(self, now: float) -> list[Action]:
        """A deadline passed."""
        return []

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called."""
        return None
