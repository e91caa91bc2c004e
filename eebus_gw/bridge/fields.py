"""The command fields: one table for MQTT, ``eebus-gw set`` and documentation.

A field knows which values it takes, in which unit, what it does, and which of two values asks for
less power: a command that reduces never waits (contract: rate of commands).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from eebus_gw.bridge.shapes import (
    Boolean,
    Members,
    Moment,
    Nullable,
    Number,
    Phases,
    Series,
    Shape,
    ShapeError,
    Text,
)

SETPOINT_LONGEST_S = 3_600
_LONGEST_DURATION_S = 366 * 86_400
_MOST_W = 10_000_000
FAILSAFE_DURATION = Number(7_200, 86_400, "s")
_POWER = Number(0, _MOST_W, "W")
_CURRENT = Phases(Number(0, 1_000, "A"))
_PERCENT = Number(0, 100, "%")


@dataclass(frozen=True, slots=True)
class CommandField:
    """One field of ``<id>/set``.

    ``reduces(new, old)`` says whether the checked value ``new`` asks for less than ``old``.
    """

    name: str
    shape: Shape
    unit: str
    effect: str
    reduces: Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class LimitShape:
    """A power limit: object, or a bare number (active with these watts), or a bare bool.

    Becomes ``{limit_w, active, duration_s}``; ``limit_w`` is ``None`` when only ``active`` was
    given, which means the limit last wished.
    """

    _members = Members(
        optional={
            "limit_w": _POWER,
            "active": Boolean(),
            "duration_s": Nullable(Number(1, _LONGEST_DURATION_S, "s")),
        }
    )

    def check(self, value: Any) -> dict[str, Any]:
        if isinstance(value, bool):
            value = {"active": value}
        elif not isinstance(value, dict):
            value = {"limit_w": value}
        given = self._members.check(value)
        if "limit_w" not in given and "active" not in given:
            raise ShapeError("wrong_type", "lacks limit_w")
        return {
            "limit_w": given.get("limit_w"),
            "active": given.get("active", True),
            "duration_s": given.get("duration_s"),
        }

    def describe(self) -> str:
        return "{limit_w, active, duration_s?}, or W, or bool"


@dataclass(frozen=True, slots=True)
class SetpointShape:
    """A setpoint in load convention: object or bare number; becomes all three members."""

    _members = Members(
        optional={
            "setpoint_w": Number(-_MOST_W, _MOST_W, "W"),
            "active": Boolean(),
            "duration_s": Nullable(Number(1, SETPOINT_LONGEST_S, "s")),
        }
    )

    def check(self, value: Any) -> dict[str, Any]:
        given = self._members.check(value if isinstance(value, dict) else {"setpoint_w": value})
        active = given.get("active", True)
        if "setpoint_w" not in given and active:
            raise ShapeError("wrong_type", "lacks setpoint_w")
        return {
            "setpoint_w": given.get("setpoint_w", 0),
            "active": active,
            "duration_s": given.get("duration_s"),
        }

    def describe(self) -> str:
        return "W, or {setpoint_w, active, duration_s?}"


@dataclass(frozen=True, slots=True)
class SomeOf:
    """An object with at least one of its members; ``rule`` may look at them together."""

    members: Members
    rule: Callable[[dict[str, Any]], str | None] = lambda given: None

    def check(self, value: Any) -> dict[str, Any]:
        given = self.members.check(value)
        if not given:
            raise ShapeError("wrong_type", f"lacks one of {', '.join(self.members.optional)}")
        if (broken := self.rule(given)) is not None:
            raise ShapeError("out_of_range", broken)
        return given

    def describe(self) -> str:
        return self.members.describe()


@dataclass(frozen=True, slots=True)
class TimeSlots:
    """A list of slots with ``start`` and ``end`` in order and without overlap; empty withdraws.

    All slots state the same for the member ``common``.
    """

    slot: Members
    common: str | None = None

    def check(self, value: Any) -> list[dict[str, Any]]:
        slots = Series(self.slot, longest=200).check(value)
        end = None
        for index, slot in enumerate(slots):
            if slot["end"] <= slot["start"]:
                raise ShapeError("out_of_range", f"[{index}] ends before it starts")
            if end is not None and slot["start"] < end:
                raise ShapeError("out_of_range", f"[{index}] overlaps the slot before it")
            end = slot["end"]
        if self.common is not None and len({slot[self.common] for slot in slots}) > 1:
            raise ShapeError("out_of_range", f"slots differ in their {self.common}")
        return slots

    def describe(self) -> str:
        return f"list of {self.slot.describe()}"


def _never(new: Any, old: Any) -> bool:
    return False


def _switched_off(new: Any, old: Any) -> bool:
    return bool(old) and not new


def _less_on_a_phase(new: Any, old: Any) -> bool:
    before = [math.inf] * 3 if old is None else [math.inf if a is None else a for a in old]
    return new is not None and any(
        a is not None and a < was for a, was in zip(new, before, strict=True)
    )


def _tighter(new: Any, old: Any) -> bool:
    if not new["active"]:
        return False
    if not old["active"] or new["limit_w"] is None:
        return not old["active"]
    return old["limit_w"] is None or bool(new["limit_w"] < old["limit_w"])


def _lower_failsafe(new: Any, old: Any) -> bool:
    return bool(new.get("limit_w", math.inf) < old.get("limit_w", math.inf))


def _nearer_to_zero(new: Any, old: Any) -> bool:
    now, before = (value["setpoint_w"] if value["active"] else 0 for value in (new, old))
    return abs(now) < abs(before) and now * before >= 0


def _target_below_minimum(given: dict[str, Any]) -> str | None:
    minimum, target = given.get("min_soc_percent"), given.get("target_soc_percent")
    if minimum is not None and target is not None and target < minimum:
        return "target_soc_percent is below min_soc_percent"
    return None


_FIELDS = (
    CommandField(
        "charging_enabled",
        Boolean(),
        "",
        "lets the car charge with the current last wished, or pauses it",
        _switched_off,
    ),
    CommandField(
        "max_current_a",
        _CURRENT,
        "A",
        "limits the current of each phase (OPEV); from the permitted maximum on there is no limit",
        _less_on_a_phase,
    ),
    CommandField(
        "recommended_current_a",
        Nullable(_CURRENT),
        "A",
        "recommends a current for self-consumption (OSCEV); null or too little withdraws it",
        _less_on_a_phase,
    ),
    CommandField(
        "lpc",
        LimitShape(),
        "W",
        "limits the consumption of the device (LPC)",
        _tighter,
    ),
    CommandField(
        "lpp",
        LimitShape(),
        "W",
        "limits the production of the device (LPP), as a positive number",
        _tighter,
    ),
    CommandField(
        "lpc_failsafe",
        SomeOf(Members(optional={"limit_w": _POWER, "duration_s": FAILSAFE_DURATION})),
        "W",
        "sets what the device falls back to when the heartbeat stops, and for how long at least",
        _lower_failsafe,
    ),
    CommandField(
        "setpoint",
        SetpointShape(),
        "W",
        "charges (positive) or discharges (negative) with this power (DBEVC)",
        _nearer_to_zero,
    ),
    CommandField(
        "driver",
        SomeOf(
            Members(
                optional={
                    "departure": Nullable(Moment()),
                    "min_soc_percent": Nullable(_PERCENT),
                    "target_soc_percent": Nullable(_PERCENT),
                    "discharge_permitted": Nullable(Boolean()),
                }
            ),
            _target_below_minimum,
        ),
        "",
        "stores the driver's wishes where the car does not send its own; null withdraws one",
        _never,
    ),
    CommandField(
        "prices",
        TimeSlots(
            Members(
                required={
                    "start": Moment(),
                    "end": Moment(),
                    "price": Number(-1_000_000, 1_000_000),
                    "currency": Text(3),
                },
                optional={"co2_g": Nullable(Number(0, 1_000_000, "g"))},
            ),
            common="currency",
        ),
        "per kWh",
        "offers a price table to the car (CEVC)",
        _never,
    ),
    CommandField(
        "limit_curve",
        TimeSlots(Members(required={"start": Moment(), "end": Moment(), "limit_w": _POWER})),
        "W",
        "offers a curve of maximum power to the car (CEVC)",
        _never,
    ),
)

FIELDS: Mapping[str, CommandField] = MappingProxyType({entry.name: entry for entry in _FIELDS})
