"""What the parts of a connection share: who we are, what waits to go out, the timers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from eebus_gw.clock import Deadlines
from eebus_gw.ship.events import Event
from eebus_gw.ship.frames import FrameType, build
from eebus_gw.ship.messages import ConnectionClose, Message, write_message
from eebus_gw.ship.states import Role
from eebus_gw.ship.words import Action, Input

Perform: TypeAlias = Callable[[float, Any], None]
"""How an action is done: the present moment, and what the input was about (a message mostly)."""

Actions: TypeAlias = Mapping[Action, Perform]


class Core:
    """Shared by the parts of one connection; belongs to ``Connection``."""

    __slots__ = ("deadlines", "events", "frames", "role", "trusted")

    def __init__(self, role: Role, trusted: bool) -> None:
        self.role = role
        self.trusted = trusted
        self.deadlines = Deadlines()
        self.frames: list[bytes] = []
        self.events: deque[Event] = deque()

    def send(self, message: Message) -> None:
        """Queues a control message."""
        kind = FrameType.END if isinstance(message, ConnectionClose) else FrameType.CONTROL
        self.frames.append(build(kind, write_message(message)))

    def emit(self, event: Event) -> None:
        """Queues an event."""
        self.events.append(event)

    def arm(self, timer: Input, now: float, seconds: float) -> None:
        """Starts ``timer``, or starts it anew."""
        self.deadlines.set(timer, now + seconds)

    def remaining(self, timer: Input, now: float) -> float:
        """Seconds until ``timer`` runs out; 0 when it does not run."""
        at = self.deadlines.at(timer)
        return 0.0 if at is None else max(0.0, at - now)
