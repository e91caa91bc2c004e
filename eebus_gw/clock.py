"""Time as the rest of the program sees it.

Pure cores never read a clock: they are told ``now`` (monotonic seconds) and name the moment at which they want
to be called again. ``Deadlines`` keeps those moments, by name, so that traces can say what a core waits for.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from typing import Final, Protocol

_FIRST_DAY = datetime(2, 1, 1, tzinfo=UTC)
_LAST_DAY = datetime(9999, 1, 1, tzinfo=UTC)
_UNSYNCHRONISED = 5


def moment_after(wall: datetime, seconds: float) -> datetime:
    """``wall`` plus ``seconds``, which a peer may have stated: what no calendar holds becomes its last day."""
    try:
        return min(max(wall + timedelta(seconds=seconds), _FIRST_DAY), _LAST_DAY)
    except OverflowError:
        return _LAST_DAY if seconds > 0 else _FIRST_DAY


class _MachineZone(tzinfo):
    """Asks the machine for each moment; ``astimezone()`` alone gives the difference to UTC of one moment only."""

    def fromutc(self, moment: datetime, /) -> datetime:
        local = moment.replace(tzinfo=UTC).astimezone()
        again = local.utcoffset() != _on_this_machine(local).utcoffset()
        return local.replace(tzinfo=self, fold=int(again))

    def utcoffset(self, moment: datetime | None, /) -> timedelta | None:
        return None if moment is None else _on_this_machine(moment).utcoffset()

    def dst(self, moment: datetime | None, /) -> timedelta | None:
        if moment is None:
            return None
        return timedelta(hours=time.localtime(_on_this_machine(moment).timestamp()).tm_isdst)

    def tzname(self, moment: datetime | None, /) -> str | None:
        return None if moment is None else _on_this_machine(moment).tzname()


def _on_this_machine(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None).astimezone()


MACHINE_ZONE: Final = _MachineZone()
"""The time zone of this machine with its summer time: days added to a moment in it are days of the calendar."""


def next_time_of_day(at: time_of_day, local: datetime) -> datetime:
    """The first moment after ``local`` at which the clocks of its time zone show ``at``, in UTC."""
    shown = local.replace(hour=at.hour, minute=at.minute, second=at.second, microsecond=0)
    moment = shown.astimezone(UTC)
    return moment if moment > local else (shown + timedelta(days=1)).astimezone(UTC)


def earliest(*moments: float | None) -> float | None:
    """The first of ``moments``, of which ``None`` never comes."""
    return min((moment for moment in moments if moment is not None), default=None)


class Clock(Protocol):
    """Where the outer layers take time from; tests hand in one they move by hand."""

    def now(self) -> float:
        """Monotonic seconds; only differences mean anything."""
        ...

    def wall(self) -> datetime:
        """Wall time, always with the UTC time zone."""
        ...


class SystemClock:
    """The machine's own clocks. Time that the machine sleeps passes: whatever was wished before has ended then."""

    def now(self) -> float:
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)  # CLOCK_MONOTONIC stands still meanwhile
        return time.monotonic()

    def wall(self) -> datetime:
        return datetime.now(UTC)


def clock_synchronised() -> bool | None:
    """Whether the kernel's clock is disciplined by a time service; ``None`` where it cannot be told."""
    if not sys.platform.startswith("linux"):
        return None
    # struct timex with modes = 0: only asks. It has 208 bytes on 64-bit machines.
    timex = ctypes.create_string_buffer(512)
    try:
        state = ctypes.CDLL(None).adjtimex(timex)
    except (OSError, AttributeError):
        return None
    return None if state < 0 else bool(state != _UNSYNCHRONISED)


class Deadlines:
    """Named moments in monotonic seconds, of which the earliest drives the owner's single timer."""

    __slots__ = ("_at",)

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def set(self, name: str, at: float) -> None:
        """Arms ``name`` for the moment ``at``, replacing an earlier arming of the same name."""
        self._at[name] = at

    def clear(self, *names: str) -> None:
        """Disarms ``names``; a name that is not armed is no error."""
        for name in names:
            self._at.pop(name, None)

    def at(self, name: str) -> float | None:
        """The moment ``name`` is armed for, or ``None``."""
        return self._at.get(name)

    def due(self, now: float) -> list[str]:
        """Disarms and returns every name whose moment has come, earliest first."""
        names = sorted((at, name) for name, at in self._at.items() if at <= now)
        for _, name in names:
            del self._at[name]
        return [name for _, name in names]

    def earliest(self) -> float | None:
        """The moment at which the owner wants to be called next, or ``None``."""
        return min(self._at.values(), default=None)

    def __contains__(self, name: str) -> bool:
        return name in self._at

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return iter(sorted(self._at.items(), key=lambda item: item[1]))
