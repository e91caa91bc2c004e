"""Selectors and elements of the restricted function exchange (SPINE protocol 5.3.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from eebus_gw.errors import DatagramError
from eebus_gw.spine.error_numbers import FILTER_UNSUPPORTED
from eebus_gw.spine.model.common_data_types import TimestampIntervalType
from eebus_gw.spine.model.functions import Function
from eebus_gw.spine.values import parse_timestamp
from eebus_gw.wire.fold import Structure

_INTERVAL = "_interval"


def stated(structure: Structure) -> Iterator[tuple[str, Any]]:
    """The present members of a structure by attribute."""
    return ((name, value) for name, value in structure.__dict__.items() if value is not None)


def is_selected(function: Function, entry: Structure, selectors: Sequence[Structure]) -> bool:
    """Whether an entry matches one of ``selectors``; without any, every entry does.

    Raises ``DatagramError`` 8 for a selector that does not speak of the entry itself.
    """
    return not selectors or any(_matches(function, entry, each) for each in selectors)


def without(value: Structure, elements: Structure) -> Structure:
    """``value`` without the parts ``elements`` names; ``value`` itself when it has none of them."""
    changes: dict[str, Any] = {}
    for attribute, tag in stated(elements):
        before = getattr(value, attribute, None)
        if before is None:
            continue
        after = _pruned(before, tag)
        if after is not before:
            changes[attribute] = after
    return value.model_copy(update=changes) if changes else value


def _pruned(before: Any, tag: Structure) -> Any:
    if not any(stated(tag)):
        return None
    if isinstance(before, list):
        pruned = [without(each, tag) if isinstance(each, Structure) else each for each in before]
        return before if pruned == before else pruned
    if not isinstance(before, Structure):
        return None
    rest = without(before, tag)
    return rest if any(stated(rest)) else None


def _matches(function: Function, entry: Structure, selectors: Structure) -> bool:
    defaults = dict(zip(function.keys, function.key_defaults, strict=True))
    for attribute, wanted in stated(selectors):
        if isinstance(wanted, TimestampIntervalType):
            if not _is_within(getattr(entry, attribute.removesuffix(_INTERVAL), None), wanted):
                return False
            continue
        if attribute not in type(entry).model_fields:
            raise DatagramError(
                FILTER_UNSUPPORTED,
                f"entries cannot be selected by {attribute}",
                clause="SPINE 5.3.4.5",
            )
        value = getattr(entry, attribute)
        if not _agrees(defaults.get(attribute) if value is None else value, wanted):
            return False
    return True


def _agrees(value: Any, wanted: Any) -> bool:
    if isinstance(value, Structure) and isinstance(wanted, Structure):
        return all(_agrees(getattr(value, name, None), part) for name, part in stated(wanted))
    if isinstance(value, list) and not isinstance(wanted, list):
        return any(_agrees(each, wanted) for each in value)
    return bool(value == wanted)


def _is_within(text: str | None, interval: TimestampIntervalType) -> bool:
    moment = parse_timestamp(text)
    if moment is None:
        return False
    start, end = parse_timestamp(interval.start_time), parse_timestamp(interval.end_time)
    if (start is None) != (interval.start_time is None):
        return False
    if (end is None) != (interval.end_time is None):
        return False
    return (start is None or start <= moment) and (end is None or moment <= end)
