"""What §14a EnWG guarantees to controllable consumers behind an energy manager (BK6-22-300, Annex
1).

For configuration only: these figures are shown beside what the operator configured and never
replace it. A limit below them may arrive over LPC all the same, and is obeyed.
"""

from __future__ import annotations

from collections.abc import Sequence

GUARANTEED_W = 4_200.0
LARGE_HEAT_W = 11_000.0
LARGE_HEAT_SHARE = 0.4
SIMULTANEITY = {1: 1.0, 2: 0.80, 3: 0.75, 4: 0.70, 5: 0.65, 6: 0.60, 7: 0.55, 8: 0.50}
SIMULTANEITY_FROM_NINE = 0.45


def simultaneity(devices: int) -> float:
    """The simultaneity factor (GZF) for ``devices`` ≥ 1 controllable consumers."""
    if devices < 1:
        raise ValueError("a site under §14a has at least one controllable consumer")
    return SIMULTANEITY.get(devices, SIMULTANEITY_FROM_NINE)


def guaranteed_minimum_w(devices: int, large_heat_w: Sequence[float] = ()) -> float:
    """Watts all ``devices`` together may always draw.

    ``large_heat_w`` holds the connected power of heat pumps and of air conditioning (one sum each),
    which are among ``devices``; those above 11 kW raise the first term to 40 % of their power.
    """
    heat = (LARGE_HEAT_SHARE * watts for watts in large_heat_w if watts > LARGE_HEAT_W)
    first = max([GUARANTEED_W, *heat])
    return first + (devices - 1) * simultaneity(devices) * GUARANTEED_W
