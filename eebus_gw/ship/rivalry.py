"""Which of two connections to one peer survives (SHIP 12.2.2).

The standard lets the node with the larger SKI keep the most recent connection; the Go
implementation keeps, on both ends, the one that the node with the larger SKI opened. This plan
works against both: a connection that is dead loses; of two that live the larger SKI decides at
once, and the smaller one waits for that decision before it takes one of its own. So both ends never
close the other's favourite at the same time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

from eebus_gw.clock import Deadlines

PING_S = 3.0
"""How long a connection has to answer a ping."""
SMALLER_WAITS_S = 3.0
LOSER_CODE = 1000
LOSER_REASON = "double connection"

Setting: TypeAlias = Literal["initiator", "newest"]


@dataclass(frozen=True, slots=True)
class Contender:
    """A connection that has got through TLS, so that the SKI of the peer is known."""

    number: int
    """Name of the connection for the caller."""
    dialled: bool
    """Whether we opened it."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a WebSocket ping on connection ``number`` and report its pong."""

    number: int


@dataclass(frozen=True, slots=True)
class Drop:
    """End connection ``number``: by a SHIP close if data may flow on it, then with ``LOSER_CODE``
    and ``LOSER_REASON``. A dead one is just closed."""

    number: int
    dead: bool


RivalryAction: TypeAlias = Ping | Drop


class _Stage(Enum):
    FIRST_PING = "is the older one alive"
    PATIENCE = "the peer may decide"
    LAST_PING = "which ones are alive"
    SETTLED = "at most one is left"


class Rivalry:
    """Two connections to one peer, from the moment the newer one appears until one is left.

    After every call drain ``next_action`` and call ``handle_timer`` at ``next_deadline``.
    """

    def __init__(
        self,
        *,
        own_ski: str,
        peer_ski: str,
        older: Contender,
        newer: Contender,
        now: float,
        setting: Setting = "initiator",
    ) -> None:
        """Raises ``ValueError`` for equal SKIs: such a peer is to be refused, not to be chosen."""
        if own_ski == peer_ski:
            raise ValueError("both ends have the same SKI: a copied certificate or a loop")
        # 40 digits of equal case compare like the numbers they write.
        self._own_larger = own_ski > peer_ski
        self._setting: Setting = setting
        self._alive: dict[int, Contender] = {older.number: older, newer.number: newer}
        self._newest = newer.number
        self._silent: set[int] = set()
        self._actions: deque[RivalryAction] = deque()
        self._deadlines = Deadlines()
        self._stage = _Stage.FIRST_PING
        if not self._own_larger:
            self._deadlines.set("patience", now + SMALLER_WAITS_S)
        self._ping(older.number, now=now)

    @property
    def settled(self) -> bool:
        """Whether at most one connection is left."""
        return self._stage is _Stage.SETTLED

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` is to be called, ``None`` when it is settled."""
        return self._deadlines.earliest()

    def next_action(self) -> RivalryAction | None:
        """The next thing to do, ``None`` when there is none; each is returned once."""
        return self._actions.popleft() if self._actions else None

    def handle_pong(self, number: int, now: float) -> None:
        """Connection ``number`` answered a ping."""
        if number not in self._silent:
            return
        self._silent.discard(number)
        if self._stage is _Stage.FIRST_PING:
            self._deadlines.clear("ping")
            self._older_lives(now)
        elif self._stage is _Stage.LAST_PING and not self._silent:
            self._choose()

    def handle_gone(self, number: int) -> None:
        """Connection ``number`` has ended without our doing."""
        self._alive.pop(number, None)
        self._settle_if_one()

    def handle_timer(self, now: float) -> None:
        """The moment ``next_deadline`` named has come."""
        for name in self._deadlines.due(now):
            if self.settled:
                return
            if name == "ping":
                self._bury_silent()
            elif self._stage is _Stage.PATIENCE:
                self._stage = _Stage.LAST_PING
                self._ping(*self._alive, now=now)

    def _older_lives(self, now: float) -> None:
        if self._own_larger:
            self._choose()
            return
        self._stage = _Stage.PATIENCE
        if "patience" not in self._deadlines:
            self._deadlines.set("patience", now)

    def _ping(self, *numbers: int, now: float) -> None:
        self._silent = set(numbers)
        self._actions.extend(Ping(number) for number in numbers)
        self._deadlines.set("ping", now + PING_S)

    def _bury_silent(self) -> None:
        dead = self._silent & self._alive.keys()
        if dead == self._alive.keys():
            # Nothing answers: keep the newest, whose handshake may only have begun.
            dead = dead - {self._newest}
        for number in sorted(dead):
            self._drop(number, dead=True)
        if not self._settle_if_one():
            self._choose()

    def _choose(self) -> None:
        keep = self._favourite()
        for number in sorted(self._alive.keys() - {keep}):
            self._drop(number, dead=False)
        self._settle_if_one()

    def _favourite(self) -> int:
        """The one that the node with the larger SKI opened; the newest if that does not tell."""
        if self._setting == "newest":
            return self._newest
        opened_by_larger = [
            contender.number
            for contender in self._alive.values()
            if contender.dialled is self._own_larger
        ]
        return opened_by_larger[0] if len(opened_by_larger) == 1 else self._newest

    def _drop(self, number: int, *, dead: bool) -> None:
        del self._alive[number]
        self._actions.append(Drop(number, dead))

    def _settle_if_one(self) -> bool:
        if len(self._alive) > 1:
            return False
        self._stage = _Stage.SETTLED
        self._deadlines.clear("ping", "patience")
        return True
