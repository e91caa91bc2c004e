"""How a budget is divided: who gets a share at all, and how large it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from .boxes import Box, BoxState, Means


class Policy(Enum):
    """How what remains beyond the minimum powers is divided; the value is the word of the
    configuration.
    """

    EQUAL = "equal"
    PRIORITY = "priority"
    DEMAND = "demand"


def divide(budget_w: float, boxes: Sequence[Box], policy: Policy) -> dict[str, float]:
    """Whole watts for each of ``boxes``, whose order says who comes first when not all minimum
    powers fit.

    A share is zero or at least the box's minimum, never more than it would use, and all of them
    together stay within ``budget_w``.
    """
    served, left = [], budget_w
    for box in boxes:
        if box.cap_w > 0 and box.lowest_w <= min(box.cap_w, left):
            served.append(box)
            left -= box.lowest_w
    spread = (
        _in_order(left, served) if policy is Policy.PRIORITY else _level(budget_w, served, policy)
    )
    return {box.id: _whole(spread.get(box.id, 0.0), box) for box in boxes}


def _whole(watts: float, box: Box) -> float:
    return max(math.floor(watts), box.lowest_w) if watts > 0 else 0.0


def _in_order(left_w: float, boxes: Sequence[Box]) -> dict[str, float]:
    shares = {}
    for box in boxes:
        extra = min(box.cap_w - box.lowest_w, left_w)
        shares[box.id] = box.lowest_w + extra
        left_w -= extra
    return shares


def _level(budget_w: float, boxes: Sequence[Box], policy: Policy) -> dict[str, float]:
    """Raises one level until the budget is used up; each share follows it between minimum and cap."""
    weights = {
        box.id: box.weight * (box.cap_w if policy is Policy.DEMAND else 1.0) for box in boxes
    }

    def share(box: Box, level: float) -> float:
        return min(max(level * weights[box.id], box.lowest_w), box.cap_w)

    def total(level: float) -> float:
        return sum(share(box, level) for box in boxes)

    corners = sorted(
        {watts / weights[box.id] for box in boxes for watts in (box.lowest_w, box.cap_w)}
    )
    level = 0.0
    for corner in corners:
        if total(corner) > budget_w:
            # Between two corners the total is a straight line: the level is found, not searched.
            rise = (total(corner) - total(level)) / (corner - level)
            level += (budget_w - total(level)) / rise
            break
        level = corner
    return {box.id: share(box, level) for box in boxes}


@dataclass(frozen=True, slots=True)
class Turn:
    """Who comes first when not everybody can be served: ``rotation_s`` is the length of a turn."""

    policy: Policy
    rotation_s: float

    def order(self, boxes: Sequence[Box], states: Mapping[str, BoxState], now: float) -> list[Box]:
        """Boxes within their turn, then those that wait (longest first), then those whose turn is
        over.
        """

        def rank(box: Box) -> tuple[float, int, float, str]:
            state = states[box.id]
            priority = -box.priority if self.policy is Policy.PRIORITY else 0
            if state.granted_at is None:
                return (
                    priority,
                    1,
                    now if state.waiting_since is None else state.waiting_since,
                    box.id,
                )
            over = now - state.granted_at >= self.rotation_s
            return priority, 2 if over else 0, state.granted_at, box.id

        return sorted(boxes, key=rank)


@dataclass(frozen=True, slots=True)
class FailsafePlan:
    """Failsafe limits for the wallboxes that take one, so that their sum stays within the site's
    failsafe limit.

    ``excess_w`` > 0: boxes without LPC alone fall back to more than the site may draw then.
    """

    shares_w: Mapping[str, float]
    excess_w: float


def plan_failsafe(
    site_failsafe_w: float, boxes: Sequence[Box], *, reserved_w: float = 0.0
) -> FailsafePlan:
    """What to write to each box as failsafe limit; the others count with the power they fall back
    to.
    """
    limited = [box for box in boxes if Means.LPC in box.means]
    others = [box for box in boxes if Means.LPC not in box.means]
    fixed = sum(box.maximum_w if box.failsafe_w is None else box.failsafe_w for box in others)
    left = site_failsafe_w - reserved_w - fixed
    greedy = [_insatiable(box) for box in sorted(limited, key=lambda box: (-box.priority, box.id))]
    return FailsafePlan(divide(max(0.0, left), greedy, Policy.EQUAL), max(0.0, -left))


def _insatiable(box: Box) -> Box:
    # Failsafe limits hold for whatever car is there then.
    return Box(box.id, box.minimum_w, box.maximum_w, box.means, priority=box.priority)
