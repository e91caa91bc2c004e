"""Whether a peer still says anything (SPINE Annex D.3, implementation guide 2.6).

A function that is never answered is no reason to give a connection up; a peer that leaves everything unanswered is.
"""

from __future__ import annotations

from eebus_gw.spine.requests import RESPONSE_DEADLINE_S

MUTE_AFTER_S = 30.0


class Silence:
    """What is awaited of one peer on one connection: first who it is, later any word at all."""

    __slots__ = ("_heard_at", "_over_at")

    def __init__(self) -> None:
        self._heard_at = 0.0
        self._over_at: float | None = None

    def begin(self, now: float) -> None:
        """The peer was asked who it is."""
        self._over_at = now + MUTE_AFTER_S

    def end(self) -> None:
        """It has told, or the connection is gone."""
        self._over_at = None

    def heard(self, now: float, *, known: bool) -> None:
        """It said something, which is enough once it is ``known`` who it is."""
        self._heard_at = now
        if known:
            self._over_at = None

    def begins(self, now: float) -> bool:
        """An answer is overdue: whether nothing else came either, so that the peer is to be asked who it is."""
        if self._over_at is not None or now - self._heard_at < RESPONSE_DEADLINE_S:
            return False
        self.begin(now)
        return True

    def is_over(self, now: float) -> bool:
        """Whether the peer has been waited for long enough; true once."""
        if self._over_at is None or now < self._over_at:
            return False
        self._over_at = None
        return True

    def next_deadline(self) -> float | None:
        """When ``is_over`` is to be asked."""
        return self._over_at
