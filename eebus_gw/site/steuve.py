"""What §14a EnWG guarantees to controllable consumers (SteuVE) behind an energy manager (BK6-22-300, Annex 1).

For comparison only: the figure is shown beside the limit that holds and never replaces it. A limit below it may arrive
over LPC all the same, and is obeyed. Wallboxes only: heat pumps above 11 kW would raise it.
"""

from __future__ import annotations

GUARANTEED_W = 4_200.0
SIMULTANEITY = {1: 1.0, 2: 0.80, 3: 0.75, 4: 0.70, 5: 0.65, 6: 0.60, 7: 0.55, 8: 0.50}
SIMULTANEITY_FROM_NINE = 0.45


def simultaneity(devices: int) -> float:
    """The simultaneity factor (GZF) for ``devices`` ≥ 1 controllable consumers."""
    if devices < 1:
        raise ValueError("a site under §14a has at least one controllable consumer")
    return SIMULTANEITY.get(devices, SIMULTANEITY_FROM_NINE)


def guaranteed_minimum_w(devices: int) -> float:
    """Watts all ``devices`` together may always draw."""
    return GUARANTEED_W + (devices - 1) * simultaneity(devices) * GUARANTEED_W
