"""How the power of a car or a battery gets from one value to the next: reaction, ramp, reversal."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

MOVING_STEP_S = 0.1
RESTING_STEP_S = 1.0
_SLACK_S = 1e-9


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Times and slopes of a power stage. Reductions are obeyed at once, so to say; increases take
    their time.
    """

    reaction_s: float = 1.5
    reduction_reaction_s: float = 0.3
    rise_w_per_s: float = 1_000.0
    fall_w_per_s: float = 50_000.0
    reversal_s: float = 1.0


class Motion:
    """Turns commanded powers into the power that flows."""

    __slots__ = ("_dynamics", "_effective_w", "_pending", "_rest_until", "_sign", "power_w")

    def __init__(self, dynamics: Dynamics) -> None:
        self._dynamics = dynamics
        self.reset()

    def reset(self) -> None:
        """Nothing flows and nothing is commanded."""
        self.power_w = 0.0
        self._effective_w = 0.0
        self._pending: deque[tuple[float, float]] = deque()
        self._rest_until = -math.inf
        self._sign = 0.0

    def command(self, power_w: float, now: float) -> None:
        """From ``now`` on ``power_w`` is wanted; the power stage reacts later."""
        last = self._pending[-1][1] if self._pending else self._effective_w
        if power_w != last:
            self._pending.append((now, power_w))

    @property
    def waiting(self) -> bool:
        """Whether a command is known that has not taken effect yet."""
        return bool(self._pending)

    def target_w(self, now: float) -> float:
        """The power the stage heads for at ``now``."""
        due = now + _SLACK_S
        while self._pending and self._pending[0][0] + self._dynamics.reaction_s <= due:
            self._effective_w = self._pending.popleft()[1]
        target = self._effective_w
        for at, power_w in self._pending:
            if at + self._dynamics.reduction_reaction_s <= due:
                target = _nearer_zero(target, power_w)
        return target

    def move(self, target_w: float, now: float, seconds: float) -> float:
        """The power during the ``seconds`` that start at ``now``, on the way to ``target_w``."""
        if target_w * self.power_w < 0:
            target_w = 0.0
        if self.power_w == 0 and target_w * self._sign < 0 and now + _SLACK_S < self._rest_until:
            return 0.0
        distance = target_w - self.power_w
        falling = abs(target_w) < abs(self.power_w)
        slope = self._dynamics.fall_w_per_s if falling else self._dynamics.rise_w_per_s
        reach = slope * seconds
        self.settle(
            target_w if abs(distance) <= reach else self.power_w + math.copysign(reach, distance),
            now,
        )
        return self.power_w

    def settle(self, power_w: float, now: float) -> None:
        """The power is ``power_w`` whatever was commanded: the battery or the cable ends it."""
        if self.power_w != 0:
            self._sign = math.copysign(1.0, self.power_w)
            self._rest_until = now + self._dynamics.reversal_s
        self.power_w = power_w + 0.0


def _nearer_zero(present_w: float, wanted_w: float) -> float:
    if present_w * wanted_w <= 0:
        return 0.0
    return wanted_w if abs(wanted_w) < abs(present_w) else present_w
