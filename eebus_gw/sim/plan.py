"""The plan an ISO 15118 car makes of its demand, a power curve and prices (CEVC scenarios 1 to 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from eebus_gw.errors import LocalProtocolError
from eebus_gw.sim.battery import SECONDS_PER_HOUR

# Without a departure a plan reaches this far (CEVC-011).
HORIZON_S = 48 * 3_600.0


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that holds from ``start_s`` to ``end_s``: W, or a price per kWh."""

    start_s: float
    end_s: float
    value: float

    def __post_init__(self) -> None:
        if not self.start_s < self.end_s:
            raise LocalProtocolError(
                f"a slot ends after its start: {self.start_s:g}, {self.end_s:g}"
            )


@dataclass(frozen=True, slots=True)
class Demand:
    """Energies at the meter in Wh: ``minimum_wh`` as soon as possible, ``target_wh`` in all."""

    minimum_wh: float
    target_wh: float
    departure_s: float | None


@dataclass(frozen=True, slots=True)
class ChargingPlan:
    """Powers from ``made_at`` on, without gaps; times of the slots count from there."""

    made_at: float
    slots: tuple[Slot, ...]

    def power_w(self, now: float) -> float | None:
        """The planned power at ``now``; ``None`` outside the plan."""
        elapsed_s = now - self.made_at
        return next((s.value for s in self.slots if s.start_s <= elapsed_s < s.end_s), None)


@dataclass(slots=True)
class _Piece:
    start_s: float
    end_s: float
    ceiling_w: float
    price: float
    used_s: float = 0.0

    def fill(self, missing_wh: float) -> float:
        """Charges from the piece's start; returns what is missing still."""
        if self.ceiling_w <= 0 or missing_wh <= 0:
            return missing_wh
        room_s = self.end_s - self.start_s - self.used_s
        needed_s = min(room_s, missing_wh * SECONDS_PER_HOUR / self.ceiling_w)
        self.used_s += needed_s
        if needed_s == room_s:
            return max(0.0, missing_wh - self.ceiling_w * room_s / SECONDS_PER_HOUR)
        return 0.0


def plan_charging(
    demand: Demand,
    now: float,
    *,
    min_w: float,
    max_w: float,
    limits: Sequence[Slot] = (),
    prices: Sequence[Slot] = (),
) -> ChargingPlan:
    """The cheapest plan within ``limits``; of equal prices the earlier time.

    Where no limit is stated ``max_w`` holds, where no price is stated the highest stated one. What
    a limit leaves below ``min_w`` cannot be used. A demand that does not fit is met as far as can
    be.
    """
    horizon_s = HORIZON_S if demand.departure_s is None else max(demand.departure_s, 1.0)
    pieces = _pieces(horizon_s, min_w, max_w, limits, prices)
    owed_wh = min(demand.minimum_wh, demand.target_wh)
    for piece in pieces:
        owed_wh = piece.fill(owed_wh)
    missing_wh = demand.target_wh - max(0.0, demand.minimum_wh)
    for piece in sorted(pieces, key=lambda piece: (piece.price, piece.start_s)):
        missing_wh = piece.fill(missing_wh)
    return ChargingPlan(now, tuple(_merged(_slots(pieces))))


def _pieces(
    horizon_s: float, min_w: float, max_w: float, limits: Sequence[Slot], prices: Sequence[Slot]
) -> list[_Piece]:
    """The time to the horizon, cut wherever a limit or a price changes."""
    edges = {0.0, horizon_s}
    for slot in (*limits, *prices):
        edges.update(edge for edge in (slot.start_s, slot.end_s) if 0 < edge < horizon_s)
    dearest = max((slot.value for slot in prices), default=0.0)
    cuts = sorted(edges)
    found = []
    for start_s, end_s in pairwise(cuts):
        ceiling_w = min(max_w, _at(limits, start_s, max_w))
        usable_w = ceiling_w if ceiling_w >= min_w else 0.0
        found.append(_Piece(start_s, end_s, usable_w, _at(prices, start_s, dearest)))
    return found


def _at(slots: Sequence[Slot], moment_s: float, absent: float) -> float:
    return next((s.value for s in slots if s.start_s <= moment_s < s.end_s), absent)


def _slots(pieces: Iterable[_Piece]) -> Iterable[Slot]:
    for piece in pieces:
        middle_s = piece.start_s + piece.used_s
        if middle_s > piece.start_s:
            yield Slot(piece.start_s, min(middle_s, piece.end_s), piece.ceiling_w)
        if middle_s < piece.end_s:
            yield Slot(middle_s, piece.end_s, 0.0)


def _merged(slots: Iterable[Slot]) -> list[Slot]:
    merged: list[Slot] = []
    for slot in slots:
        if merged and merged[-1].value == slot.value:
            merged[-1] = replace(merged[-1], end_s=slot.end_s)
        else:
            merged.append(slot)
    return merged
