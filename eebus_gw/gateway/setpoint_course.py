"""The course of one setpoint: wished, on the wire, taken back (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.site.bounds import Cause
from eebus_gw.site.precedence import VehicleDecision

RESOLUTION_W = 10.0
"""Smaller changes are not written: at most one write a second, and only for a difference that matters."""
STRICT = (Cause.GRID_CONSUMPTION, Cause.GRID_PRODUCTION, Cause.OVERLOAD)
"""Limits that are kept to the watt."""


@dataclass(slots=True)
class Wish:
    """What somebody wants, until when (monotonic), and the commands that wait for it to take effect."""

    watts: float
    until: float
    owner: str
    commands: list[int]


@dataclass(slots=True)
class Written:
    """The setpoint that is on the wire."""

    watts: float
    at: float
    ends_at: float
    token: int | None
    commands: list[int]
    """Those it was written for; later ones wait for a write of their own."""
    limited_by: str | None = None
    """What kept it from being the wish when it was written."""
    awaited: bool = True
    """Whether its answer is still to come."""
    accepted: bool = False


@dataclass(slots=True)
class TakenBack:
    """The write that ends a setpoint, and the commands that wait for it."""

    token: int | None
    commands: list[int]
    awaited: bool = True


def changed(decision: VehicleDecision, written: Written) -> bool:
    """Whether what is on the wire is not what was decided."""
    if decision.limited_by in STRICT and abs(int(decision.commanded_w)) < abs(written.watts):
        return True
    return abs(decision.commanded_w - written.watts) >= RESOLUTION_W


def reduces(decision: VehicleDecision, written: Written) -> bool:
    """Whether less was decided than is on the wire."""
    return abs(decision.commanded_w) < abs(written.watts)
