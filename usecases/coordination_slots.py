"""Rules for curves and price tables of coordinated charging (CEVC 1.0.1): what is refused, how one is made to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, TypeVar

from eebus_gw.vocabulary.values import (
    PowerCurve,
    PowerSlot,
    PriceSlot,
    PriceTable,
    SlotBounds,
)

HORIZON_S: Final = 48 * 3_600.0
"""[CEVC-011]: what a curve covers while no departure is known."""
LONGEST_S: Final = 168 * 3_600.0
"""[CEVC-012]."""
MAX_TIERS: Final = 3

Slots = Sequence[PowerSlot | PriceSlot]
S = TypeVar("S", PowerSlot, PriceSlot)


def curve_refusal(curve: PowerCurve, bounds: SlotBounds) -> str | None:
    """Why a limit curve cannot be taken, or ``None``."""
    if any(slot.watts < 0 for slot in curve.slots):
        return "a maximum power is not negative"
    return slots_refusal(curve.slots, bounds)


def prices_refusal(table: PriceTable, bounds: SlotBounds) -> str | None:
    """Why a price table cannot be taken, or ``None``."""
    for slot in table.slots:
        if not 1 <= len(slot.tiers) <= MAX_TIERS:
            return f"a slot has 1 to {MAX_TIERS} tiers"
        for tier in slot.tiers:
            if tier.price is None and tier.co2_g is None and tier.renewable_percent is None:
                return "a tier states no incentive that was described"
        if any(low.above_w >= high.above_w for low, high in pairwise(slot.tiers)):
            return "the boundaries of tiers rise"
    return slots_refusal(table.slots, bounds)


def slots_refusal(slots: Slots, bounds: SlotBounds) -> str | None:
    """Why slots cannot be taken as such, or ``None``; only the last one may be without end."""
    if not slots:
        return "there are no slots"
    if bounds.count_min is not None and len(slots) < bounds.count_min:
        return f"at least {bounds.count_min} slots are needed"
    if bounds.count_max is not None and len(slots) > bounds.count_max:
        return f"more than {bounds.count_max} slots"
    if slots[0].start_s < 0:
        return "a slot starts in the past"
    for slot, following in pairwise(slots):
        if slot.end_s is None or slot.end_s > following.start_s:
            return "slots overlap"
    last_s = slots[-1].end_s
    if last_s is not None and last_s > LONGEST_S:
        return "more than 168 h ahead"
    lengths = [slot.end_s - slot.start_s for slot in slots if slot.end_s is not None]
    return next((text for s in lengths if (text := _length_refusal(s, bounds)) is not None), None)


def _length_refusal(seconds: float, bounds: SlotBounds) -> str | None:
    if seconds <= 0:
        return "a slot ends before it starts"
    if bounds.duration_min_s is not None and seconds < bounds.duration_min_s:
        return f"a slot is shorter than {bounds.duration_min_s:g} s"
    if bounds.duration_max_s is not None and seconds > bounds.duration_max_s:
        return f"a slot is longer than {bounds.duration_max_s:g} s"
    return None


def fitted_curve(curve: PowerCurve, departure_s: float | None) -> PowerCurve:
    """The curve up to departure or for 48 h, its last value held, equal neighbours as one ([CEVC-010]…[CEVC-014])."""
    slots = _reaching(curve.slots, departure_s)
    merged: list[PowerSlot] = []
    for slot in slots:
        if merged and merged[-1].watts == slot.watts and merged[-1].end_s == slot.start_s:
            merged[-1] = replace(merged[-1], end_s=slot.end_s)
        else:
            merged.append(slot)
    return PowerCurve(tuple(merged))


def fitted_prices(table: PriceTable, departure_s: float | None) -> PriceTable:
    """Like ``fitted_curve`` for prices ([CEVC-028])."""
    slots = _reaching(table.slots, departure_s)
    merged: list[PriceSlot] = []
    for slot in slots:
        if merged and merged[-1].tiers == slot.tiers and merged[-1].end_s == slot.start_s:
            merged[-1] = replace(merged[-1], end_s=slot.end_s)
        else:
            merged.append(slot)
    return PriceTable(table.currency, tuple(merged))


def _reaching(slots: Sequence[S], departure_s: float | None) -> list[S]:
    horizon_s = min(HORIZON_S if departure_s is None else departure_s, LONGEST_S)
    kept = [slot for slot in slots if slot.start_s < LONGEST_S]
    if kept:
        last = kept.pop()
        end_s = horizon_s if last.end_s is None else min(max(last.end_s, horizon_s), LONGEST_S)
        kept.append(replace(last, end_s=max(end_s, last.start_s + 1.0)))
    return kept
