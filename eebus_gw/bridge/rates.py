"""How often something may happen within one second."""

from __future__ import annotations

from collections import deque


class RateLimit:
    """Permits ``per_second`` occurrences in any span of one second."""

    __slots__ = ("_moments", "_per_second")

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._moments: deque[float] = deque(maxlen=per_second)

    def permits(self, now: float) -> bool:
        """Counts one occurrence at ``now`` and says whether it was still within the limit."""
        if len(self._moments) == self._per_second and now - self._moments[0] < 1.0:
            return False
        self._moments.append(now)
        return True
