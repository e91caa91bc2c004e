"""Where the server side of a use case puts its descriptions and values: one entity of ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from eebus_gw.spine.local import LocalDevice, LocalEntity
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.vocabulary.functions import ListFunction, ValueFunction
from eebus_gw.wire.fold import Structure

S = TypeVar("S", bound=Structure)


class Shelf:
    """Adds and replaces data of one local entity; use cases that share a list share its identifiers."""

    def __init__(self, device: LocalDevice, entity: LocalEntity) -> None:
        self.device = device
        self.entity = entity

    def data(self, feature_type: str, function: str) -> Structure | None:
        """The entity's own data, as points read it."""
        return self.entity.data(feature_type, function)

    def offer(self, function: ListFunction[S] | ValueFunction[S], *, write: bool = False) -> None:
        """Announces a function; the feature is made if the entity lacks it."""
        self.entity.feature(function.feature, "server").allow(function.name, write=write)

    def add(self, function: ListFunction[S], entry: S, *, at_least: int = 0) -> int:
        """Appends an entry under the lowest free identifier, which is returned."""
        taken = set(function.by_key(self))
        identifier = at_least
        while identifier in taken:
            identifier += 1
        self.put(function, entry.model_copy(update={function.key: identifier}))
        return identifier

    def put(self, function: ListFunction[S], *entries: S) -> None:
        """Replaces entries with the same identifiers, adds others, and notifies what really changed."""
        self._enter(function, entries, whole=False)

    def replace(self, function: ListFunction[S], *entries: S) -> None:
        """Like ``put``, but subscribers get the whole function, which also tells them what is gone."""
        self._enter(function, entries, whole=True)

    def _enter(self, function: ListFunction[S], entries: Iterable[S], *, whole: bool) -> None:
        definition = FUNCTIONS[function.name]
        self.offer(function)
        known = {definition.key_of(entry): entry for entry in function.of(self)}
        changed = {
            key: entry for entry in entries if known.get(key := definition.key_of(entry)) != entry
        }
        if changed:
            known.update(changed)
            self._store(function, known.values(), None if whole else frozenset(changed))

    def withdraw(self, function: ListFunction[S], identifiers: Iterable[int]) -> None:
        """Removes entries."""
        gone = set(identifiers)
        kept = [entry for entry in function.of(self) if getattr(entry, function.key) not in gone]
        if len(kept) != len(function.of(self)):
            self._store(function, kept, None)

    def set(self, function: ValueFunction[S], value: S) -> None:
        """Replaces the value of a function and notifies if it changed."""
        self.offer(function)
        if function.of(self) != value:
            feature = self.entity.feature(function.feature, "server")
            self.device.put(feature, function.name, value, None)

    def _store(
        self,
        function: ListFunction[S],
        entries: Iterable[S],
        keys: frozenset[tuple[object, ...]] | None,
    ) -> None:
        feature = self.entity.feature(function.feature, "server")
        data = FUNCTIONS[function.name].data_type(**{function.field: list(entries)})
        self.device.put(feature, function.name, data, keys)
