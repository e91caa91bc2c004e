"""Two hosts joined in memory: what one session sends, the other receives, through the real wire form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from eebus_gw.roles.events import RoleEvent
from eebus_gw.roles.host import Host
from eebus_gw.spine.local import LocalDevice
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.values import Manufacturer

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class End:
    """One host with its session to the other one."""

    def __init__(self, name: str, pair: Pair) -> None:
        self.device = LocalDevice(f"d:_n:test_{name}", "Generic")
        self.host = Host(self.device, Manufacturer(brand_name=name), pair.wall)
        self.name = name
        self.session: Session | None = None
        self.events: list[RoleEvent] = []
        self.sent: list[dict[str, Any]] = []

    def of(self, kind: type) -> list[Any]:
        """The events of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]


class Pair:
    """A client end ``cem`` and a server end ``box`` under one hand-moved clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.cem = End("cem", self)
        self.box = End("box", self)

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.now - 100.0)

    def connect(self) -> None:
        """A connection comes up on both sides."""
        for end, other in ((self.cem, self.box), (self.box, self.cem)):
            end.session = Session(end.device, other.name)
            end.host.link_up(other.name, end.session, self.now)
        for end in (self.cem, self.box):
            assert end.session is not None
            end.session.start(self.now)
        self.settle()

    def disconnect(self) -> None:
        """The connection is gone on both sides."""
        for end, other in ((self.cem, self.box), (self.box, self.cem)):
            assert end.session is not None
            end.session.close(self.now)
            end.host.link_down(other.name, self.now)
            end.session = None
        self.settle()

    def settle(self) -> None:
        """Passes messages until both sides have nothing more to say."""
        while self._pass(self.cem, self.box) | self._pass(self.box, self.cem):
            pass

    def advance(self, seconds: float) -> None:
        """Moves the clock, stopping at every deadline on the way."""
        target = self.now + seconds
        while True:
            self.settle()
            upcoming = [d for end in (self.cem, self.box) for d in self._deadlines(end)]
            due = min((d for d in upcoming if d <= target), default=None)
            if due is None:
                break
            self.now = max(self.now, due)
            for end in (self.cem, self.box):
                end.host.handle_timer(self.now)
                if end.session is not None:
                    end.session.handle_timer(self.now)
        self.now = target
        self.settle()

    @staticmethod
    def _deadlines(end: End) -> list[float]:
        cores = [end.host, end.session] if end.session is not None else [end.host]
        return [d for core in cores if (d := core.next_deadline()) is not None]

    def _pass(self, source: End, target: End) -> bool:
        busy = False
        if source.session is not None:
            for payload in source.session.to_send():
                busy = True
                source.sent.append(payload)
                if target.session is not None:
                    target.session.receive(json.loads(json.dumps(payload)), self.now)
            while (event := source.session.next_event()) is not None:
                busy = True
                source.host.session_event(target.name, source.session, event, self.now)
        source.host.take_touched()
        while (role_event := source.host.next_event()) is not None:
            busy = True
            source.events.append(role_event)
        return busy
