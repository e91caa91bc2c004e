"""Documents as tables from member to point: where a value comes from and how it is shown (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eebus_gw.bridge.readings import Readings, Source

Json = dict[str, Any]
THREE_UNKNOWN = (None, None, None)


def _same(value: Any) -> Any:
    return value


def rounded(value: float) -> float:
    """To a thousandth."""
    return round(value, 3)


def per_phase(values: tuple[float | None, ...]) -> list[float | None]:
    """Each phase to a thousandth."""
    return [None if value is None else round(value, 3) for value in values]


def kilo(value: float) -> float:
    """Wh as kWh."""
    return round(value / 1000, 3)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a document: where its value comes from, best source first, and how it is shown."""

    name: str
    sources: tuple[Source, ...]
    show: Callable[[Any], Any] = _same
    unknown: Any = None


def table(members: tuple[Member, ...], readings: Readings) -> Json:
    """The members of one table.

    Where a device sent a value that must not be used, ``<name>_state`` stands beside the member and says why.
    """
    shown: Json = {}
    for member in members:
        value = readings.value(*member.sources)
        shown[member.name] = member.unknown if value is None else member.show(value)
        state = readings.state(*member.sources) if value is None else None
        if state is not None:
            shown[f"{member.name}_state"] = state
    return shown
