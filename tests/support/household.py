"""A household around the wallboxes: what it draws and what its roof gives over the day.

Curves are piecewise linear over the local day, the same every day, so that demos and tests repeat.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

SECONDS_PER_DAY = 86_400.0
Curve = tuple[tuple[float, float], ...]

# Hour of the day, watts.
LOAD: Curve = (
    (0, 250), (5.5, 250), (6.5, 900), (8, 500), (11.5, 450), (12.5, 1_400), (13.5, 500),
    (17, 600), (18.5, 2_200), (20, 1_600), (22, 900), (23.5, 300), (24, 250),
)  # fmt: skip
PV_SHAPE: Curve = (
    (0, 0), (6, 0), (8, 0.18), (10, 0.62), (12, 0.95), (13, 1), (14, 0.95), (16, 0.62),
    (18, 0.18), (20, 0), (24, 0),
)  # fmt: skip


def on_curve(curve: Curve, hour: float) -> float:
    """The value of ``curve`` at ``hour``; the curve must span the whole day."""
    index = min(bisect_right(curve, hour, key=lambda point: point[0]), len(curve) - 1)
    (left, low), (right, high) = curve[index - 1], curve[index]
    return low + (high - low) * (hour - left) / (right - left)


@dataclass(frozen=True, slots=True)
class Household:
    """House load and PV power over the day. ``cloud`` is the share of sun that is lost."""

    load_factor: float = 1.0
    pv_peak_w: float = 8_000.0
    cloud: float = 0.0

    def load_w(self, second_of_day: float) -> float:
        """What the house draws without wallboxes, in W."""
        return on_curve(LOAD, _hour(second_of_day)) * self.load_factor

    def pv_w(self, second_of_day: float) -> float:
        """What the roof gives, in W, 0 or more."""
        return on_curve(PV_SHAPE, _hour(second_of_day)) * self.pv_peak_w * (1 - self.cloud)

    def grid_w(self, second_of_day: float, wallboxes_w: float = 0.0) -> float:
        """Power at the grid connection, in W: positive is drawn, negative is fed in."""
        return self.load_w(second_of_day) + wallboxes_w - self.pv_w(second_of_day)


def _hour(second_of_day: float) -> float:
    return second_of_day % SECONDS_PER_DAY / 3_600
