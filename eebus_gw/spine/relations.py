"""Bindings and subscriptions that peers hold on features of this device (SPINE protocol 7.3, 7.4).

Relations live as long as the connection they were requested on; a peer asks again after each connect.
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


class Registry:
    """All relations of all connected peers; one per device."""

    def __init__(self) -> None:
        self._relations: list[Relation] = []
        self._next_number = 1

    def __iter__(self) -> Iterator[Relation]:
        return iter(self._relations)

    def find(
        self, kind: Kind, peer: str, client: FeatureAddress, server: FeatureAddress
    ) -> Relation | None:
        """The relation between exactly these two features, if there is one."""
        for relation in self._relations:
            if (relation.kind, relation.peer, relation.client, relation.server) == (
                kind,
                peer,
                client,
                server,
            ):
                return relation
        return None

    def add(
        self, kind: Kind, peer: str, client: FeatureAddress, server: FeatureAddress
    ) -> Relation:
        """Enters a relation; one that exists already is returned as it is."""
        known = self.find(kind, peer, client, server)
        if known is not None:
            return known
        relation = Relation(kind, self._next_number, peer, client, server)
        self._next_number += 1
        self._relations.append(relation)
        return relation

    def remove(self, unwanted: Callable[[Relation], bool]) -> list[Relation]:
        """Deletes and returns every relation for which ``unwanted`` holds."""
        gone = [relation for relation in self._relations if unwanted(relation)]
        if gone:
            self._relations = [relation for relation in self._relations if relation not in gone]
        return gone

    def of_server(self, kind: Kind, server: FeatureAddress) -> list[Relation]:
        """Everybody who is related to our feature ``server``."""
        return [r for r in self._relations if r.kind is kind and r.server == server]

    def of_peer(self, kind: Kind, peer: str) -> list[Relation]:
        """What one peer may read of the table: only entries it takes part in (7.4.3)."""
        return [r for r in self._relations if r.kind is kind and r.peer == peer]

    def is_bound(self, peer: str, client: FeatureAddress, server: FeatureAddress) -> bool:
        """Whether this client may write to ``server``."""
        return self.find(Kind.BINDING, peer, client, server) is not None
