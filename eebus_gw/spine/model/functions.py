"""Every SPINE function with its types; a type's module is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from operator import attrgetter
from typing import Any, cast

from eebus_gw.spine.model.areas import AREAS
from eebus_gw.spine.model.keys import IRREGULAR_KEYS, KEY_DEFAULTS, UNKEYED, WRITE_CHECKS
from eebus_gw.wire.fold import Field, Structure, fields_of

Key = tuple[object, ...]
"""Values of the identifiers of an entry, in the order of ``Function.keys``."""


class Function:
    """One function: what it carries and how its entries are told apart."""

    def __init__(self, name: str, area: str) -> None:
        self.name = name
        self.write_check = WRITE_CHECKS.get(name)
        """Attribute of an entry that permits remote change, if the function has one."""
        self._area = area

    def __repr__(self) -> str:
        return f"Function({self.name!r})"

    @cached_property
    def data_type(self) -> type[Structure]:
        """The payload of the function."""
        found = self._type(f"{self._stem}Type")
        if found is None:
            raise LookupError(f"{self.name} has no type in {self._area}")
        return found

    @cached_property
    def entry_type(self) -> type[Structure] | None:
        """What the list of the function holds; ``None`` when it is no list of structures."""
        return None if self._list is None else self._list.structure

    @cached_property
    def list_field(self) -> str | None:
        """The attribute of the payload that holds the entries; ``None`` when it is no list."""
        return None if self._list is None else self._list.attribute

    def entries(self, data: Structure | None) -> list[Structure]:
        """The entries of a payload; none for functions that are no lists."""
        if data is None or self.list_field is None:
            return []
        return getattr(data, self.list_field) or []

    def with_entries(self, entries: list[Structure]) -> Structure:
        """A payload that holds ``entries``."""
        values: dict[str, Any] = {self.list_field or "": entries}
        return self.data_type.model_construct(**values)

    @property
    def is_list(self) -> bool:
        """Whether the payload is one list."""
        return self._list is not None

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The identifiers of an entry, the primary one first; empty when there are none."""
        if self.entry_type is None or self.name in UNKEYED:
            return ()
        return IRREGULAR_KEYS.get(self.name) or (fields_of(self.entry_type)[0].attribute,)

    @cached_property
    def key_defaults(self) -> tuple[str | None, ...]:
        """What a missing identifier stands for, in the order of ``keys``."""
        defaults = KEY_DEFAULTS.get(self.name, {})
        return tuple(defaults.get(key) for key in self.keys)

    @cached_property
    def key_of(self) -> Callable[[Structure], Key]:
        """Reads the key of an entry; a missing identifier without default is ``None`` in it."""
        if not self.keys:
            return lambda entry: ()
        if len(self.keys) == 1:
            read_one = attrgetter(*self.keys)
            return lambda entry: (read_one(entry),)
        read: Callable[[Structure], Key] = attrgetter(*self.keys)
        defaults = self.key_defaults
        if not any(defaults):
            return read

        def key_of(entry: Structure) -> Key:
            key = read(entry)
            if None not in key:
                return key
            return tuple(
                default if part is None else part
                for part, default in zip(key, defaults, strict=True)
            )

        return key_of

    @cached_property
    def selectors_type(self) -> type[Structure] | None:
        """The structure that selects entries in a filter."""
        return self._type(f"{self._stem}SelectorsType")

    @cached_property
    def elements_type(self) -> type[Structure] | None:
        """The structure that names parts, of an entry where the function is a list."""
        return self._type(f"{self._stem}ElementsType") or self._type(
            f"{self._entry_stem}ElementsType"
        )

    @property
    def selectors_name(self) -> str:
        """The member of a filter that holds selectors."""
        return f"{self.name}Selectors"

    @cached_property
    def elements_name(self) -> str:
        """The member of a filter that holds elements."""
        own = self._type(f"{self._stem}ElementsType") is not None
        stem = self._stem if own else self._entry_stem
        return f"{stem[0].lower()}{stem[1:]}Elements"

    @property
    def _stem(self) -> str:
        return f"{self.name[0].upper()}{self.name[1:]}"

    @property
    def _entry_stem(self) -> str:
        return f"{self._stem.removesuffix('ListData')}Data"

    @cached_property
    def _list(self) -> Field | None:
        fields = fields_of(self.data_type)
        return fields[0] if len(fields) == 1 and fields[0].repeated else None

    def _type(self, name: str) -> type[Structure] | None:
        module = import_module(f"eebus_gw.spine.model.{self._area}")
        return cast("type[Structure] | None", getattr(module, name, None))


FUNCTIONS: Mapping[str, Function] = {name: Function(name, area) for name, area in AREAS.items()}
"""The functions of SPINE 1.3.0 by name."""
