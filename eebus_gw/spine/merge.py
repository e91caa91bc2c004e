"""The restricted function exchange: what a message does to the data of a function.

One engine for every function (SPINE protocol 5.3.4), led by the identifiers and types of the
function. A message takes effect as a whole or, by an exception, not at all; nothing given is ever
modified. Where the protocol can be read in two ways, elements that a message leaves out stay as
they are on every level, and selectors mean all matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eebus_gw.errors import DatagramError
from eebus_gw.spine.datagram import Filter
from eebus_gw.spine.error_numbers import FILTER_UNSUPPORTED, OVERLOAD, REJECTED
from eebus_gw.spine.model.functions import Function, Key
from eebus_gw.spine.model.keys import SHARED, UNIONS
from eebus_gw.spine.selection import is_selected, stated, without
from eebus_gw.wire.fold import Structure

MAX_ENTRIES = 1024
"""Most entries a list may grow to by messages of its owner."""
MAX_WRITTEN_ENTRIES = 128
"""Most entries a list may grow to by writes of a peer."""

_VALUE: Key = ()
"""The key that stands for data without identifiers."""
_NONE: frozenset[Key] = frozenset()

_Entries = dict[Key, Structure]


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a message; ``data`` is the very object from before when nothing changed."""

    data: Structure
    changed: frozenset[Key]
    """Entries that are new or have other content than before."""
    removed: frozenset[Key]
    """Entries that are gone."""
    touched: frozenset[Key]
    """Entries the message spoke of, changed or not."""


def merge(
    function: Function,
    current: Structure | None,
    data: Structure | None,
    filters: Sequence[Filter] = (),
    *,
    remote_write: bool = False,
    may_add: bool = True,
) -> Merged:
    """Applies ``data`` and ``filters`` of one command to the ``current`` data of ``function``.

    Functions without identifiers answer with the key ``()``. ``remote_write`` marks a write of a
    peer, which is held to the write check of the stored entries; ``may_add`` says whether it may
    add and remove entries. Raises ``DatagramError`` 7 (not permitted), 8 (combination of filters
    that is not supported) or 3 (too many entries).
    """
    if not filters and not remote_write and data is not None:
        return _replaced(function, current, data)
    before = function.data_type() if current is None else current
    message = _Message(function, data, filters, remote_write, may_add)
    if function.keys:
        return _List(message, before).merged()
    after = message.applied_to_value(before)
    changed = _NONE if after is before or after == before else frozenset((_VALUE,))
    return Merged(after if changed else before, changed, _NONE, frozenset((_VALUE,)))


def _replaced(function: Function, current: Structure | None, data: Structure) -> Merged:
    """Full data of the owner takes the place of everything before."""
    if not function.keys:
        changed = _NONE if data == current else frozenset((_VALUE,))
        kept = data if changed or current is None else current
        return Merged(kept, changed, _NONE, frozenset((_VALUE,)))
    before = _index(function, current)
    after = _index(function, data)
    if list(after) != list(before) or len(after) != len(function.entries(data)):
        data = _listed(function, after)
    changed = frozenset(key for key, entry in after.items() if before.get(key) != entry)
    removed = frozenset(before.keys() - after.keys())
    kept = data if changed or removed or current is None else current
    return Merged(kept, changed, removed, frozenset(after))


def _index(function: Function, data: Structure | None) -> _Entries:
    """Entries by key; of entries with the same key the last one counts."""
    key_of = function.key_of
    return {key_of(entry): entry for entry in function.entries(data)}


def _listed(function: Function, entries: _Entries) -> Structure:
    """Data that holds ``entries`` in the order of their keys."""
    try:
        keys = sorted(entries)
    except TypeError:
        keys = sorted(entries, key=_incomplete_first)
    return function.with_entries([entries[key] for key in keys])


def _incomplete_first(key: Key) -> tuple[tuple[bool, Any], ...]:
    return tuple((part is not None, part) for part in key)


def overlaid(old: Structure, new: Structure) -> Structure:
    """``old`` with the members ``new`` states, level by level; lists are replaced as a whole.

    The result is ``old`` itself when that changes nothing.
    """
    if type(old).__name__ in UNIONS and not _same_members(old, new):
        return new if any(stated(new)) else old
    changes: dict[str, Any] = {}
    covers = True
    values = new.__dict__
    for attribute, before in old.__dict__.items():
        value = values[attribute]
        if value is None:
            covers = covers and before is None
        elif isinstance(before, Structure):
            joined = overlaid(before, value)
            covers = covers and joined is value
            if joined is not before:
                changes[attribute] = joined
        elif value != before:
            changes[attribute] = value
    if not changes:
        return old
    return new if covers else old.model_copy(update=changes)


def _same_members(old: Structure, new: Structure) -> bool:
    return {name for name, _ in stated(old)} == {name for name, _ in stated(new)}


class _Message:
    """A checked message: what is deleted, and what is set where."""

    def __init__(
        self,
        function: Function,
        data: Structure | None,
        filters: Sequence[Filter],
        remote_write: bool,
        may_add: bool,
    ) -> None:
        self.function = function
        self.remote_write = remote_write
        self.may_add = may_add
        self.data = data
        self.deletes = [each for each in filters if each.delete]
        self.partials = [each for each in filters if not each.delete]
        self.full = not filters
        self._check(filters)

    def _check(self, filters: Sequence[Filter]) -> None:
        if any(each.delete and each.partial for each in filters) or len(self.partials) > 1:
            raise _not_supported("at most one partial filter, apart from deletions")
        if any(each.elements is not None for each in self.partials):
            raise _not_supported("elements belong to deletions and reads (5.3.4.8)")
        if self.remote_write:
            if any(not each.delete and not each.partial for each in filters):
                raise _not_supported("a filter that neither deletes nor updates")
            if any(each.elements is None and _means_all(each) for each in self.deletes):
                raise _not_supported("deletion of everything")

    def applied_to_value(self, before: Structure) -> Structure:
        """The data of a function without identifiers after this message."""
        if any(each.selectors for each in (*self.deletes, *self.partials)):
            raise _not_supported(f"{self.function.name} has no entries to select")
        if self.function.is_list and not self.full and self.remote_write:
            raise _not_supported(f"{self.function.name} is written in full only")
        value = before
        for each in self.deletes:
            if each.elements is None:
                value = self.function.data_type()
            elif self.function.is_list:
                raise _not_supported(f"{self.function.name} has no identifiers")
            else:
                value = without(value, each.elements)
        if self.data is None or not (self.partials or self.full):
            return value
        # Entries without identifiers cannot be told apart, so a list is always meant in full.
        return self.data if self.full or self.function.is_list else overlaid(value, self.data)

    def entries(self) -> list[Structure]:
        """The entries that are to be set."""
        if not self.full and not self.partials:
            return []
        return self.function.entries(self.data)

    def selectors(self) -> Sequence[Structure]:
        """Which entries are to be set; empty when they are named by their identifiers."""
        return self.partials[0].selectors if self.partials else ()


class _List:
    """The entries of a list function while one message is applied to them."""

    def __init__(self, message: _Message, current: Structure) -> None:
        self._message = message
        self._function = message.function
        self._current = current
        self._before = _index(message.function, current)
        self._after = dict(self._before)
        self._touched: set[Key] = set()

    def merged(self) -> Merged:
        """Deletes first, then sets (5.3.4.2)."""
        for each in self._message.deletes:
            self._delete(each)
        selectors = self._message.selectors()
        for entry in self._message.entries():
            for key in self._targets(entry, selectors):
                self._set(key, entry)
        if self._message.full:
            self._refuse_omissions()
        return self._outcome()

    def _outcome(self) -> Merged:
        before, after = self._before, self._after
        changed = frozenset(
            key
            for key, entry in after.items()
            if (known := before.get(key)) is not entry and known != entry
        )
        removed = frozenset(before.keys() - after.keys())
        data = self._current
        if changed or removed:
            data = _listed(self._function, after)
        return Merged(data, changed, removed, frozenset(self._touched))

    def _delete(self, each: Filter) -> None:
        named = () if each.elements is None else {name for name, _ in stated(each.elements)}
        if any(key in named for key in self._function.keys):
            raise DatagramError(REJECTED, "identifiers cannot be deleted", clause="SPINE 5.3.4.7")
        for key, entry in list(self._after.items()):
            if not is_selected(self._function, entry, each.selectors):
                continue
            self._touched.add(key)
            if each.elements is not None:
                self._put(key, entry, without(entry, each.elements))
            elif self._message.remote_write and not self._message.may_add:
                raise DatagramError(REJECTED, "entries of this list cannot be removed")
            else:
                self._check_writable(entry)
                del self._after[key]

    def _targets(self, entry: Structure, selectors: Sequence[Structure]) -> list[Key]:
        """The keys one entry of the message stands for (SPINE protocol 5.3.4)."""
        key = self._function.key_of(entry)
        anonymous = getattr(entry, self._function.keys[0]) is None
        if not selectors and not anonymous:
            return [self._resolved(key)]
        if anonymous and not selectors and self._message.remote_write:
            raise DatagramError(REJECTED, "an entry names no identifier", clause="UC-IG 3.1")
        return [
            known
            for known, stored in self._after.items()
            if is_selected(self._function, stored, selectors) and (anonymous or known == key)
        ]

    def _resolved(self, key: Key) -> Key:
        """The stored key an incomplete one means; itself where it is complete or new."""
        if key in self._after or None not in key:
            return key
        fitting = [
            known
            for known in self._after
            if all(part in (None, own) for part, own in zip(key, known, strict=True))
        ]
        if len(fitting) > 1:
            raise DatagramError(REJECTED, "an incomplete identifier fits several entries")
        return fitting[0] if fitting else key

    def _set(self, key: Key, entry: Structure) -> None:
        self._touched.add(key)
        known = self._after.get(key)
        if known is None:
            self._add(key, entry)
        else:
            self._put(key, known, overlaid(known, self._identified(known, entry)))

    def _identified(self, known: Structure, entry: Structure) -> Structure:
        """``entry`` with the identifiers of the stored entry it is applied to."""
        missing = {
            key: getattr(known, key)
            for key in self._function.keys
            if getattr(entry, key) != getattr(known, key)
        }
        return entry.model_copy(update=missing) if missing else entry

    def _add(self, key: Key, entry: Structure) -> None:
        message = self._message
        if message.remote_write and not message.may_add:
            raise DatagramError(REJECTED, "there is no such entry, and none can be added")
        if not any(name not in self._function.keys for name, _ in stated(entry)):
            if message.remote_write:
                raise DatagramError(REJECTED, "an entry without content cannot be added")
            return
        if len(self._after) >= (MAX_WRITTEN_ENTRIES if message.remote_write else MAX_ENTRIES):
            raise DatagramError(OVERLOAD, "the list has too many entries")
        self._after[key] = entry

    def _put(self, key: Key, known: Structure, entry: Structure) -> None:
        flag = self._function.write_check
        if entry is not known and self._message.remote_write and flag is not None:
            # A peer never changes the permission itself.
            entry = entry.model_copy(update={flag: getattr(known, flag)})
            entry = known if entry == known else entry
        if entry is not known:
            self._check_writable(known)
            self._after[key] = entry

    def _check_writable(self, entry: Structure) -> None:
        flag = self._function.write_check
        if self._message.remote_write and flag is not None and getattr(entry, flag) is not True:
            raise DatagramError(REJECTED, "the entry is not changeable", clause="SPINE 5.3.4.2")

    def _refuse_omissions(self) -> None:
        shared = self._function.name in SHARED
        if self._message.remote_write and not shared and not self._before.keys() <= self._touched:
            raise DatagramError(REJECTED, "a full write would remove entries")


def _means_all(each: Filter) -> bool:
    return not each.selectors or any(not any(stated(one)) for one in each.selectors)


def _not_supported(text: str) -> DatagramError:
    return DatagramError(FILTER_UNSUPPORTED, text, clause="SPINE 5.3.4")
