"""From watts to amperes per phase."""

from __future__ import annotations

import math

NOMINAL_V = 230.0
"""Between phase and neutral."""


def amperes_of(
    watts: float, *, phases: int, minimum_a: float = 6.0, volts: float = NOMINAL_V
) -> float:
    """Current per phase for a share: rounded down to 0.1 A, 0 below the minimum (a car stops
    instead of slowing).

    ``volts`` is the highest measured phase voltage, so that the power stays below the share.
    """
    # One part in a billion keeps 4 140 W at 6.0 A where floating point would make it 5.9.
    current = math.floor(watts / (phases * volts) * 10 * (1 + 1e-9)) / 10
    return current if current >= minimum_a else 0.0
