"""Bindings and subscriptions that peers hold on features of this device (SPINE protocol 7.3, 7.4).

Relations live as long as the connection they were requested on; a peer asks again after each connect. Clients are told
apart by peer, entity and feature: the device part is the peer's either way, and not every message of it states it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from eebus_gw.spine.address import FeatureAddress

MAX_RELATIONS_PER_PEER = 256
"""More are refused with SPINE error 3 (overload)."""


class Kind(StrEnum):
    """The two relations between a client and a server feature."""

    SUBSCRIPTION = "subscription"
    BINDING = "binding"


@dataclass(frozen=True, slots=True)
class Relation:
    """``peer`` (SKI) with its feature ``client`` is related to our feature ``server``."""

    kind: Kind
    number: int
    peer: str
    client: FeatureAddress
    server: FeatureAddress


_Place = tuple[tuple[int, ...], int | None]
_Key = tuple[Kind, str, _Place, _Place]


class Registry:
    """All relations of all connected peers; one per device."""

    def __init__(self) -> None:
        self._relations: dict[_Key, Relation] = {}
        self._by_server: dict[tuple[Kind, _Place], list[Relation]] = {}
        self._next_number = 1

    def __iter__(self) -> Iterator[Relation]:
        return iter(self._relations.values())

    def find(
        self, kind: Kind, peer: str, client: FeatureAddress, server: FeatureAddress
    ) -> Relation | None:
        """The relation between exactly these two features, if there is one."""
        return self._relations.get((kind, peer, _place(client), _place(server)))

    def add(
        self, kind: Kind, peer: str, client: FeatureAddress, server: FeatureAddress
    ) -> Relation:
        """Enters a relation; one that exists already is returned as it is."""
        known = self.find(kind, peer, client, server)
        if known is not None:
            return known
        relation = Relation(kind, self._next_number, peer, client, server)
        self._next_number += 1
        self._relations[kind, peer, _place(client), _place(server)] = relation
        self._by_server.setdefault((kind, _place(server)), []).append(relation)
        return relation

    def remove(self, unwanted: Callable[[Relation], bool]) -> list[Relation]:
        """Deletes and returns every relation for which ``unwanted`` holds."""
        gone = [relation for relation in self if unwanted(relation)]
        for relation in gone:
            place = _place(relation.server)
            del self._relations[relation.kind, relation.peer, _place(relation.client), place]
            self._by_server[relation.kind, place].remove(relation)
        return gone

    def of_server(self, kind: Kind, server: FeatureAddress) -> list[Relation]:
        """Everybody who is related to our feature ``server``."""
        return list(self._by_server.get((kind, _place(server)), ()))

    def of_peer(self, kind: Kind, peer: str) -> list[Relation]:
        """What one peer may read of the table: only entries it takes part in (7.4.3)."""
        return [r for r in self if r.kind is kind and r.peer == peer]

    def is_bound(self, peer: str, client: FeatureAddress, server: FeatureAddress) -> bool:
        """Whether this client may write to ``server``."""
        return self.find(Kind.BINDING, peer, client, server) is not None


def _place(address: FeatureAddress) -> _Place:
    return (address.entity, address.feature)
