"""Which connections exist, and which one of a peer carries its session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Entry(Protocol):
    """What the table has to know of a connection."""

    @property
    def ski(self) -> str: ...

    @property
    def usable(self) -> bool:
        """Whether data may flow on it."""
        ...


L = TypeVar("L", bound=Entry)


class LinkTable(Generic[L]):
    """Connections by peer in the order of their arrival; at most one of a peer is its carrier.

    A connection leaves the table only by itself: the end of a loser never touches its successor.
    """

    def __init__(self) -> None:
        self._links: dict[str, list[L]] = {}
        self._carriers: dict[str, L] = {}

    def add(self, link: L) -> tuple[L, ...]:
        """Registers ``link`` and returns the connections to the same peer that existed before."""
        others = self._links.setdefault(link.ski, [])
        rivals = tuple(others)
        others.append(link)
        return rivals

    def remove(self, link: L) -> None:
        """Forgets ``link``, and that it carried the session if it did."""
        if self.is_carrier(link):
            del self._carriers[link.ski]
        links = self._links.get(link.ski, [])
        if link in links:
            links.remove(link)
        if not links:
            self._links.pop(link.ski, None)

    def of(self, ski: str) -> tuple[L, ...]:
        """Every connection to the peer, the oldest first."""
        return tuple(self._links.get(ski, ()))

    def carrier(self, ski: str) -> L | None:
        """The connection that carries the peer's session."""
        return self._carriers.get(ski)

    def is_carrier(self, link: L) -> bool:
        """Whether ``link`` carries the session of its peer."""
        return self._carriers.get(link.ski) is link

    def carry(self, link: L) -> None:
        """Makes ``link`` the carrier instead of another one."""
        self._carriers[link.ski] = link

    def successor(self, ski: str) -> L | None:
        """The newest usable connection of a peer whose carrier is gone or no longer usable."""
        carrier = self.carrier(ski)
        if carrier is not None and carrier.usable:
            return None
        return next((link for link in reversed(self.of(ski)) if link.usable), None)

    def __iter__(self) -> Iterator[L]:
        return iter([link for links in self._links.values() for link in links])

    def __len__(self) -> int:
        return sum(map(len, self._links.values()))
