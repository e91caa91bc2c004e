"""A wallbox as the site rules see it, and what is remembered of it between two decisions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Means(Enum):
    """How a wallbox is limited, the gentlest first; the value is the word published."""

    LPC = "lpc"
    OPEV = "opev"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Box:
    """One wallbox at one moment; powers in W ≥ 0 of the direction that is being shared out.

    ``minimum_w`` is the smallest power beside zero its car can take, ``maximum_w`` the most.
    ``wants`` = a car is there and would use power; ``demand_w`` is how much of it (``None`` = all
    it can get). ``measured_w`` is ``None`` when unknown or stale, which counts as the maximum
    wherever a measurement is to be expected (``metered``). ``failsafe_w`` is what the box allows
    itself once it no longer hears us, ``None`` = its maximum. ``weight`` scales its part of what is
    divided beyond the minimum powers.
    """

    id: str
    minimum_w: float
    maximum_w: float
    means: frozenset[Means]
    wants: bool = True
    demand_w: float | None = None
    measured_w: float | None = None
    metered: bool = True
    failsafe_w: float | None = None
    reachable: bool = True
    priority: int = 0
    weight: float = 1.0

    @property
    def controllable(self) -> bool:
        """A command can reach it and it offers a means to follow it."""
        return self.reachable and bool(self.means)

    @property
    def lowest_w(self) -> float:
        """The smallest share that makes sense: a box that can only be paused takes all or nothing."""
        return self.maximum_w if self.means == {Means.PAUSE} else self.minimum_w

    @property
    def cap_w(self) -> float:
        """The largest share it would use."""
        wanted = self.maximum_w if self.demand_w is None else min(self.demand_w, self.maximum_w)
        if self.means == {Means.PAUSE}:
            return self.maximum_w if 0 < wanted >= self.minimum_w else 0.0
        return max(0.0, wanted)

    def best_means(self) -> Means:
        """The gentlest means it offers; pausing where it offers none."""
        return next((means for means in Means if means in self.means), Means.PAUSE)

    def stronger_means(self, than: Means) -> Means:
        """The next means it offers after ``than``, or ``than`` itself when it is the last."""
        order = list(Means)
        later = (means for means in order[order.index(than) + 1 :] if means in self.means)
        return next(later, than)


@dataclass(frozen=True, slots=True)
class BoxState:
    """What is carried for one box.

    ``commanded_w`` ``None`` = nothing is commanded, it may draw its maximum. ``over_since``: it
    draws more than commanded; ``reduced_at``: last reduction; ``unruly_since``: it did not follow
    in time; ``seen_over``: that was measured rather than assumed; ``calm_since``: it follows again.
    ``granted_at``/``waiting_since`` make turns fair; ``paused_at``: its share ended; ``lost_at``: it
    became unreachable.
    """

    commanded_w: float | None = None
    means: Means | None = None
    commanded_at: float | None = None
    reduced_at: float | None = None
    over_since: float | None = None
    unruly_since: float | None = None
    seen_over: bool = False
    calm_since: float | None = None
    granted_at: float | None = None
    waiting_since: float | None = None
    paused_at: float | None = None
    lost_at: float | None = None
