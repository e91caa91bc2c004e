"""When to dial a trusted peer again: soon at first, ever more seldom, never not at all."""

from __future__ import annotations

from collections.abc import Callable

STABLE_AFTER_S = 60.0
AFTER_ORDERLY_CLOSE_S = 1.0
"""The Go implementation still counts a connection half a second after its end."""

_FIRST_RANGES_S = ((0.0, 3.0), (3.0, 10.0))
_USUAL_RANGE_S = (10.0, 20.0)
_NOT_APPROVED_RANGE_S = (60.0, 120.0)
_PATIENT_AFTER = 10
_LONGEST_S = 120.0


class Backoff:
    """Delays between the attempts to reach one peer; ``random`` gives numbers in [0, 1)."""

    __slots__ = ("_attempts", "_random")

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._attempts = 0

    def next_delay_s(self, *, not_approved: bool = False) -> float:
        """Seconds until the next attempt, which counts as made.

        ``not_approved``: the peer refused us or its user has not approved us yet.
        """
        self._attempts += 1
        return self._drawn(_NOT_APPROVED_RANGE_S if not_approved else self._range())

    def lost(self, lasted_s: float) -> None:
        """A connection ended that had been open for ``lasted_s``; a short one changes nothing."""
        if lasted_s >= STABLE_AFTER_S:
            self.reset()

    def reset(self) -> None:
        """There is reason to believe that the peer can be reached: it announced itself anew, or a
        user asks for it."""
        self._attempts = 0

    def _range(self) -> tuple[float, float]:
        if self._attempts <= len(_FIRST_RANGES_S):
            return _FIRST_RANGES_S[self._attempts - 1]
        low, high = _USUAL_RANGE_S
        # Bounded, because a peer that stays away for weeks would overflow the power.
        doublings = min(max(self._attempts - _PATIENT_AFTER, 0), 4)
        return min(low * 2**doublings, _LONGEST_S), min(high * 2**doublings, _LONGEST_S)

    def _drawn(self, bounds: tuple[float, float]) -> float:
        low, high = bounds
        return low + (high - low) * self._random()
