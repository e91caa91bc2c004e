"""A host with one session, and a peer that is what the test sends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from eebus_gw.roles.events import RoleEvent
from eebus_gw.roles.host import Entity, Host
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import Manufacturer
from tests.support.wire import Bench, Sent

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@dataclass
class HostBench(Bench):
    """The session's events go to ``host``; what the host tells is kept in ``told``."""

    told: list[RoleEvent] = field(default_factory=list)
    told_at: list[float] = field(default_factory=list)
    beside: HostBench | None = None
    """Another connection of the same host."""

    def __post_init__(self) -> None:
        if self.beside is not None:
            self.device, self.host = self.beside.device, self.beside.host
            super().__post_init__()
            return
        super().__post_init__()
        self.host = Host(self.device, Manufacturer(), self.wall)

    def wall(self) -> datetime:
        """Noon, when the clock shows 100."""
        return START + timedelta(seconds=self.now - 100.0)

    def client(self, use_cases: Iterable[UseCase], entity: str = "CEM") -> None:
        """An entity of ours that is the client of use cases."""
        self.host.add_entity(Entity(entity, tuple(use_cases)), self.now)
        self.host.announce()

    def start(self) -> HostBench:
        """Data exchange begins."""
        self.host.link_up(self.ski, self.session, self.now)
        super().start()
        return self

    def advance(self, seconds: float) -> list[Sent]:
        """Moves the clock, stopping at every deadline on the way."""
        target = self.now + seconds
        said: list[Sent] = []
        while True:
            moments = (self.session.next_deadline(), self.host.next_deadline())
            due = [at for at in moments if at is not None and at <= target]
            if not due:
                break
            self.now = max(self.now, min(due))
            self.session.handle_timer(self.now)
            self.host.handle_timer(self.now)
            said += self.drain()
        self.now = target
        return said

    def drain(self) -> list[Sent]:
        """What was said since the last call, after the host has dealt with what it was told."""
        said: list[Sent] = []
        while True:
            seen = len(self.events)
            new = super().drain()
            for event in self.events[seen:]:
                self.host.session_event(self.ski, self.session, event, self.now)
            said += new
            if not new and len(self.events) == seen:
                break
        while (event := self.host.next_event()) is not None:
            self.told.append(event)
            self.told_at.append(self.now)
        return said

    def heard(self, kind: type) -> list[Any]:
        """What the host told of one kind."""
        return [event for event in self.told if isinstance(event, kind)]
