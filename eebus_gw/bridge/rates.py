"""How often something may happen within one second."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import MappingProxyType

from eebus_gw.bridge.topics import Target

PER_SECOND: Mapping[Target, int] = MappingProxyType(
    {Target.GRID: 20, Target.GRID_METER: 20, Target.HOME_ASSISTANT: 5}
)
"""Of topics on which a message gets no answer of its own."""


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


class TopicRates:
    """Permits messages at ``PER_SECOND``, and all of the topics that are not named there."""

    def __init__(self) -> None:
        self._rates = {target: RateLimit(number) for target, number in PER_SECOND.items()}

    def permits(self, target: Target, now: float) -> bool:
        """Counts one message at ``now`` and says whether it is to be read."""
        rate = self._rates.get(target)
        return rate is None or rate.permits(now)
