"""Configuration keys (feature DeviceConfiguration)."""

from __future__ import annotations

from typing import Generic, TypeVar

from eebus_gw.spine.model.device_configuration import (
    DeviceConfigurationKeyValueDataType,
    DeviceConfigurationKeyValueDescriptionDataType,
    DeviceConfigurationKeyValueValueType,
)
from eebus_gw.spine.values import format_duration, number_of, parse_duration, scaled_number
from eebus_gw.vocabulary.definition import Change, Keys, Point, Use
from eebus_gw.vocabulary.functions import KEY_DESCRIPTIONS, KEY_VALUES, View
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import Reading

T = TypeVar("T", str, bool, float)


class KeyValue(Point[T], Generic[T]):
    """One key; several names are other spellings that are read, the first is published."""

    uses = (Use(KEY_DESCRIPTIONS, description=True), Use(KEY_VALUES))
    value_type = ""

    def __init__(
        self,
        key: str,
        *names: str,
        unit: str | None = None,
        writable: bool = False,
        optional: bool = False,
    ) -> None:
        super().__init__(key, unit, writable=writable)
        self.names = names
        self.optional = optional
        """A server describes an optional key with the first value it publishes."""
        if writable:
            self.uses = (
                Use(KEY_DESCRIPTIONS, description=True),
                Use(KEY_VALUES, write=True),
            )

    def locate(self, view: View) -> int | None:
        for entry in KEY_DESCRIPTIONS.of(view):
            if entry.key_name in self.names:
                return entry.key_id
        return None

    def read(self, view: View, place: int) -> Reading[T] | None:
        entry = KEY_VALUES.by_key(view).get(place)
        value = self.unpack(entry.value) if entry is not None and entry.value is not None else None
        return Reading(value) if value is not None else None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(KEY_VALUES, write=self.writable)
        if not self.optional:
            self._describe(shelf)

    def publish(self, shelf: Shelf, value: T) -> None:
        self._describe(shelf)
        shelf.put(
            KEY_VALUES,
            DeviceConfigurationKeyValueDataType(
                key_id=self.locate(shelf),
                value=self.pack(value),
                is_value_changeable=self.writable,
            ),
        )

    def change(self, view: View, place: int, value: T) -> Change:
        entry = DeviceConfigurationKeyValueDataType(key_id=place, value=self.pack(value))
        return Change(KEY_VALUES, [entry])

    def owns(self, place: int, function: str) -> Keys:
        writable = self.writable and function == KEY_VALUES.name
        return frozenset({(place,)}) if writable else frozenset()

    def pack(self, value: T) -> DeviceConfigurationKeyValueValueType:
        """The union member that carries ``value``."""
        raise NotImplementedError

    def unpack(self, value: DeviceConfigurationKeyValueValueType) -> T | None:
        """The value of the union, convertible forms included; ``None`` if it cannot be read."""
        raise NotImplementedError

    def _describe(self, shelf: Shelf) -> None:
        if self.locate(shelf) is None:
            shelf.add(
                KEY_DESCRIPTIONS,
                DeviceConfigurationKeyValueDescriptionDataType(
                    key_name=self.names[0], value_type=self.value_type, unit=self.unit
                ),
            )


class TextKey(KeyValue[str]):
    """A text."""

    value_type = "string"

    def pack(self, value: str) -> DeviceConfigurationKeyValueValueType:
        return DeviceConfigurationKeyValueValueType(string=value)

    def unpack(self, value: DeviceConfigurationKeyValueValueType) -> str | None:
        return value.string


class FlagKey(KeyValue[bool]):
    """Yes or no."""

    value_type = "boolean"

    def pack(self, value: bool) -> DeviceConfigurationKeyValueValueType:
        return DeviceConfigurationKeyValueValueType(boolean=value)

    def unpack(self, value: DeviceConfigurationKeyValueValueType) -> bool | None:
        return value.boolean


class NumberKey(KeyValue[float]):
    """A number in the unit of the key."""

    value_type = "scaledNumber"

    def pack(self, value: float) -> DeviceConfigurationKeyValueValueType:
        return DeviceConfigurationKeyValueValueType(scaled_number=scaled_number(value))

    def unpack(self, value: DeviceConfigurationKeyValueValueType) -> float | None:
        return number_of(value.scaled_number) if value.scaled_number else value.integer


class DurationKey(KeyValue[float]):
    """A duration in seconds."""

    value_type = "duration"

    def pack(self, value: float) -> DeviceConfigurationKeyValueValueType:
        return DeviceConfigurationKeyValueValueType(duration=format_duration(value))

    def unpack(self, value: DeviceConfigurationKeyValueValueType) -> float | None:
        return parse_duration(value.duration) if value.duration else None
