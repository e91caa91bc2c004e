"""What the journal tells over time: the limits in force and the power that was measured. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eebus_gw.ledger.entries import Kind, Row, parse_utc

_UNLIMITED = ("unlimited_controlled", "unlimited_autonomous")


@dataclass(frozen=True, slots=True)
class Step:
    """From ``utc`` on this limit holds, a magnitude in W; ``None`` = none."""

    utc: datetime
    watts: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be seen at one moment: ``refused`` or ``excess``."""

    utc: datetime
    kind: str


@dataclass(slots=True)
class Curves:
    """Limits of both directions as steps, measured power as points (positive while drawing)."""

    consumption: list[Step] = field(default_factory=list)
    production: list[Step] = field(default_factory=list)
    power: list[tuple[datetime, float]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


def curves(rows: Iterable[Row]) -> Curves:
    """Reads the rows in order; a failsafe limit is known from what was distributed because of it."""
    found = Curves()
    asked: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        line = row.members()
        utc = parse_utc(row.utc)
        _note_power(found, utc, line)
        match line["kind"]:
            case Kind.RECEIVED if line["detail"] is None:
                asked[line["event"]] = line
            case Kind.ANSWERED if line["outcome"] == "accepted":
                request = asked.pop(line["event"], None)
                if request is not None:
                    watts = request["requested_w"] if request["requested_active"] else None
                    _step(found, request["use_case"], utc, watts, "limit")
            case Kind.ANSWERED:
                found.marks.append(Mark(utc, "refused"))
            case Kind.STATE_CHANGED if line["state_after"] in _UNLIMITED:
                _step(found, line["use_case"], utc, None, "none")
            case Kind.ALLOCATED if line["requested_w"] is not None:
                _step(found, "lpc", utc, line["requested_w"], line["reason"] or "limit")
            case Kind.EXCESS:
                found.marks.append(Mark(utc, line["kind"]))
    return found


def _note_power(found: Curves, utc: datetime, line: Mapping[str, Any]) -> None:
    for key in ("power_before_w", "power_after_w"):
        if line[key] is not None:
            found.power.append((utc, line[key]))


def _step(
    found: Curves, use_case: str | None, utc: datetime, watts: float | None, reason: str
) -> None:
    steps = found.production if use_case == "lpp" else found.consumption
    step = Step(utc, None if watts is None else abs(watts), reason)
    if not steps or (steps[-1].watts, steps[-1].reason) != (step.watts, step.reason):
        steps.append(step)
