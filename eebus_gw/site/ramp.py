"""How fast a commanded power may change: ramp, pause at zero on reversal, reversals per hour."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

HOUR_S = 3_600.0
LONGEST_STEP_S = 1.0
"""Time a single step may make good; after a longer silence the ramp still starts where it stood."""


@dataclass(frozen=True, slots=True)
class RampSettings:
    """Watts per second, seconds at zero before the other direction, and reversals within any hour."""

    watts_per_s: float = 1_000.0
    dwell_s: float = 5.0
    reversals_per_hour: int = 12


@dataclass(frozen=True, slots=True)
class RampState:
    """Where the ramp stands: ``direction`` is the sign of the last power beside zero, 0 at the
    start.
    """

    position_w: float = 0.0
    at: float | None = None
    direction: int = 0
    zero_since: float | None = None
    reversals: tuple[float, ...] = ()

    def stopped(self, now: float) -> RampState:
        """After a stop without ramp: the pause at zero and the reversals of the hour go on."""
        if self.at is None:
            return self
        since = now if self.zero_since is None else self.zero_since
        return replace(self, position_w=0.0, at=None, zero_since=since)

    def reverses(self, target_w: float) -> bool:
        """Whether going to ``target_w`` changes the direction."""
        return self.direction != 0 and sign(target_w) == -self.direction

    def reversals_left(self, settings: RampSettings, now: float) -> int:
        """How many changes of direction are still allowed within the hour that ends now."""
        recent = sum(1 for at in self.reversals if now - at < HOUR_S)
        return max(0, settings.reversals_per_hour - recent)


def sign(watts: float) -> int:
    """-1, 0 or 1."""
    return (watts > 0) - (watts < 0)


def step(
    state: RampState,
    target_w: float,
    now: float,
    *,
    lowest_w: float,
    highest_w: float,
    settings: RampSettings,
) -> RampState:
    """One step towards ``target_w``; what ``lowest_w`` ≤ 0 ≤ ``highest_w`` cut off goes at once,
    without ramp.
    """
    elapsed = 0.0 if state.at is None else max(0.0, now - state.at)
    reach = settings.watts_per_s * min(elapsed, LONGEST_STEP_S)
    start = min(max(state.position_w, lowest_w), highest_w)
    if start == 0 and _must_wait(state, target_w, now, settings):
        return _standing(state, 0.0, now)
    goal = 0.0 if sign(start) == -sign(target_w) else target_w
    moved = min(max(goal, start - reach), start + reach)
    return _standing(state, min(max(moved, lowest_w), highest_w), now)


def _must_wait(state: RampState, target_w: float, now: float, settings: RampSettings) -> bool:
    if not state.reverses(target_w):
        return False
    # Cut off to zero in this very step: the pause begins now.
    since = now if state.zero_since is None else state.zero_since
    return now - since < settings.dwell_s


def _standing(state: RampState, position_w: float, now: float) -> RampState:
    if position_w == 0:
        since = now if state.zero_since is None else state.zero_since
        return replace(state, position_w=0.0, at=now, zero_since=since)
    reversals = tuple(at for at in state.reversals if now - at < HOUR_S)
    if state.reverses(position_w):
        reversals = (*reversals, now)
    direction = int(math.copysign(1, position_w))
    return RampState(position_w, now, direction, None, reversals)
