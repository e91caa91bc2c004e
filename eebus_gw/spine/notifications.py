"""Changes of local data that subscribers of one peer have still to be told.

Changes of one function are collected until the connection sends, so a peer gets one notify with the newest state
however often the data changed.
"""

from __future__ import annotations

from collections.abc import Callable

from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.datagram import Command, Filter
from eebus_gw.spine.local import Keys, LocalDevice, LocalEntity, LocalFeature
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.relations import Relation
from eebus_gw.wire.fold import Structure


class Notifications:
    """The pending changes of one connection."""

    def __init__(self, device: LocalDevice) -> None:
        self._device = device
        self._pending: dict[tuple[Relation, str], Keys | None] = {}

    def data_changed(self, function: str, keys: Keys | None, relation: Relation) -> None:
        """Adds a change; ``keys`` is ``None`` where the whole function has to be told."""
        slot = (relation, function)
        if slot in self._pending:
            known = self._pending[slot]
            keys = known | keys if known is not None and keys is not None else None
        self._pending[slot] = keys

    def forget(self, entity: LocalEntity) -> None:
        """Drops what concerns an entity that went away."""
        self._drop(lambda relation: relation.server.entity == entity.path)

    def unsubscribed(self, feature: LocalFeature, client: FeatureAddress) -> None:
        """Drops what a client no longer wants to hear."""
        here = (feature.entity, feature.number)
        self._drop(
            lambda r: r.client[1:] == client[1:] and (r.server.entity, r.server.feature) == here
        )

    def drain(self) -> list[tuple[Relation, Command]]:
        """One notify for each subscription and function with a change."""
        pending, self._pending = self._pending, {}
        notifies = []
        for (relation, function), keys in pending.items():
            feature = self._device.feature(relation.server.entity, relation.server.feature)
            data = feature.data.get(function) if feature is not None else None
            if data is not None:
                notifies.append((relation, _notify(function, data, keys)))
        return notifies

    def clear(self) -> None:
        """Drops everything: the connection is gone."""
        self._pending.clear()

    def _drop(self, unwanted: Callable[[Relation], bool]) -> None:
        self._pending = {
            slot: keys for slot, keys in self._pending.items() if not unwanted(slot[0])
        }


def _notify(function: str, data: Structure, keys: Keys | None) -> Command:
    """Complete changed entries as a partial notify; everything without filter where that says the same."""
    definition = FUNCTIONS[function]
    if keys is None or not definition.keys:
        return Command.of(function, data)
    entries = definition.entries(data)
    changed = [entry for entry in entries if definition.key_of(entry) in keys]
    if len(changed) == len(entries):
        return Command.of(function, data)
    return Command.of(function, definition.with_entries(changed), [Filter(partial=True)])
