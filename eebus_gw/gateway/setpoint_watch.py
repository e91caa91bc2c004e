"""Whether a device follows its setpoint (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

FOLLOW_S = 10.0
"""The measured power has to follow within this time."""
WRONG_SIGN_S = 3.0
"""A device that does the opposite is let go so much later."""
LAG_S = 4.0
"""What is measured may be any setpoint of the last seconds: on a ramp every device is late."""
IDLE_W = 50.0
TOLERANCE_W = 200.0
TOLERANCE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class _Replaced:
    """A setpoint that was on the wire until ``at``."""

    watts: float
    at: float


class SetpointWatch:
    """``alarm`` hears once of a device that does not follow; ``noun`` is what it is called there."""

    def __init__(self, noun: str, alarm: Callable[[str], None]) -> None:
        self._noun = noun
        self._alarm = alarm
        self._alarmed = False
        self._off_since: float | None = None
        self._replaced: list[_Replaced] = []

    def begin_anew(self) -> None:
        """The setpoint has ended; the next one gets its time to be followed."""
        self._off_since = None
        self._alarmed = False

    def replaced(self, watts: float, now: float) -> None:
        """A setpoint makes way for the next one."""
        self._replaced.append(_Replaced(watts, now))

    def obeyed(
        self, watts: float, measured_w: float, now: float, *, kept_w: float | None = None
    ) -> bool:
        """False once the device has done the opposite of ``watts`` for too long.

        ``kept_w`` is what it may make of them under a limit of its own.
        """
        if self._follows(watts, watts if kept_w is None else kept_w, measured_w, now):
            self.begin_anew()
            return True
        if self._off_since is None:
            self._off_since = now
        lasted_s = now - self._off_since
        opposite = watts * measured_w < 0 and abs(measured_w) > IDLE_W
        if opposite and lasted_s >= FOLLOW_S + WRONG_SIGN_S:
            self._alarm(
                f"the {self._noun} does the opposite of its setpoint; the setpoint was taken back"
            )
            return False
        if lasted_s >= FOLLOW_S and not self._alarmed:
            self._alarmed = True
            self._alarm("the measured power does not follow the setpoint")
        return True

    def _follows(self, watts: float, kept_w: float, measured_w: float, now: float) -> bool:
        self._replaced = [one for one in self._replaced if one.at > now - LAG_S]
        if abs(watts) <= IDLE_W and abs(measured_w) <= IDLE_W:
            return True
        lately = [watts, kept_w, *(one.watts for one in self._replaced)]
        tolerance_w = max(TOLERANCE_W, TOLERANCE_SHARE * abs(watts))
        return min(lately) - tolerance_w <= measured_w <= max(lately) + tolerance_w
