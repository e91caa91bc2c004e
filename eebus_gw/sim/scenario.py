"""Timed scripts for the simulators: a TOML list of ``[[step]]``, each with ``at`` and one action.

[[step]]
at = 60            # seconds from the start
limit = 4200       # the action and its value
for = 300          # an option of this action
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from eebus_gw.errors import ConfigError

Check = Callable[[object], str]
Value = bool | float | str | time


@dataclass(frozen=True, slots=True)
class Step:
    """One action at ``at`` seconds from the start.

    ``box`` is the wallbox it is meant for (1 is the first), ``None`` all of them. ``duration_s`` is
    the option ``for``; ``soc_percent`` the option ``soc`` of ``plug``.
    """

    at: float
    action: str
    value: Value
    duration_s: float | None = None
    soc_percent: float | None = None
    box: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What one action takes: ``check`` gives the complaint about a value, empty when it is good."""

    summary: str
    check: Check
    options: tuple[str, ...] = ()


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None


def _yes(value: object) -> str:
    return "" if value is True else "must be true"


def _watts(value: object) -> str:
    return "must be a number in W" if _number(value) is None else ""


def _power(value: object) -> str:
    number = _number(value)
    good = number is not None and 0 <= number < math.inf
    return "" if good else "must be a number in W, 0 or more"


def _percent(value: object) -> str:
    number = _number(value)
    return "" if number is not None and 0 <= number <= 100 else "must be a number within 0 and 100"


def _seconds(value: object) -> str:
    number = _number(value)
    return (
        ""
        if number is not None and 0 <= number < math.inf
        else "must be a number of seconds, 0 or more"
    )


def _any_seconds(value: object) -> str:
    return "must be a number of seconds" if _number(value) is None else ""


def _departure(value: object) -> str:
    if isinstance(value, time) or value is False or not _seconds(value):
        return ""
    return "must be a time of day such as 06:30:00, seconds from the step on, or false for none"


def _refusal(value: object) -> str:
    good = isinstance(value, bool) or value in REFUSALS
    return "" if good else f"must be true, false or one of {', '.join(REFUSALS)}"


def _release(value: object) -> str:
    good = value is True or value in RELEASES
    return "" if good else f"must be true or one of {', '.join(RELEASES)}"


def _box(value: object) -> str:
    good = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return "" if good else "must be the number of a wallbox, 1 or more"


REFUSALS = ("setpoints", "limits")
RELEASES = ("limit", "production_limit")

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "plug": Action("the car is plugged in, with this state of charge", _yes, ("soc",)),
        "unplug": Action("the cable is pulled", _yes),
        "pause": Action("the driver pauses charging at the car", _yes),
        "resume": Action("the driver lets the car charge again", _yes),
        "departure": Action("the driver sets or drops the departure", _departure),
        "min_soc": Action("the driver changes the minimum state of charge", _percent),
        "refuse": Action(
            "car or inverter refuses setpoints, the car everything with limits", _refusal, ("for",)
        ),
        "silence": Action("nothing is sent any more, for so many seconds", _seconds),
        "limit": Action("the control box limits consumption (LPC)", _watts, ("for",)),
        "production_limit": Action("the control box limits production (LPP)", _watts, ("for",)),
        "release": Action("the control box releases one limit, or both", _release),
        "failsafe": Action("the control box sets the failsafe limit of consumption", _watts),
        "production_failsafe": Action("the control box sets that of production", _watts),
        "failsafe_duration": Action("the control box sets how long failsafe lasts", _any_seconds),
        "load": Action("the house draws this power, without battery and PV system", _power),
        "pv": Action("the PV system gives this power from now on", _power),
        "restart": Action("the simulated device restarts, away for so many seconds", _seconds),
    }
)
_OPTIONS: Mapping[str, Check] = {"for": _seconds, "soc": _percent}
_STEP_HEAD = re.compile(r"^\s*\[\[\s*step\s*\]\]")
_KEY = re.compile(r"""^\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")


class Scenario:
    """A parsed script, played by asking for what is due. Steps of one moment keep their order."""

    __slots__ = ("_next", "steps")

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = tuple(sorted(steps, key=lambda step: step.at))
        self._next = 0

    def due(self, elapsed_s: float) -> Iterator[Step]:
        """Each step whose moment has come by ``elapsed_s`` after the start, once."""
        while self._next < len(self.steps) and self.steps[self._next].at <= elapsed_s:
            step = self.steps[self._next]
            self._next += 1
            yield step

    def next_at(self) -> float | None:
        """Seconds after the start at which the next step is due, ``None`` after the last."""
        return self.steps[self._next].at if self._next < len(self.steps) else None


def parse_scenario(text: str, origin: str = "scenario") -> Scenario:
    """Reads a script; ``ConfigError`` names ``origin``, line, key and the nearest valid word."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin}: {error}") from error
    for key in document:
        if key != "step":
            raise ConfigError(f"{origin}: unknown key {key!r}{_nearest(key, ['step'])}")
    entries = document.get("step", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(f"{origin}: 'step' must be a list of [[step]] tables")
    places = _Places(text, origin, len(entries))
    steps = [_step(entry, index, places) for index, entry in enumerate(entries)]
    return Scenario((*steps, *_ends(steps)))


class _Places:
    """Where in the text the keys of each step stand, as far as the text uses ``[[step]]`` heads."""

    def __init__(self, text: str, origin: str, count: int) -> None:
        self._origin = origin
        self._lines: list[dict[str, int]] = []
        for number, line in enumerate(text.splitlines(), 1):
            key = _KEY.match(line)
            if _STEP_HEAD.match(line):
                self._lines.append({"": number})
            elif key and self._lines:
                self._lines[-1].setdefault(key.group(1), number)
        if len(self._lines) != count:
            self._lines = []

    def complain(self, index: int, key: str, complaint: str) -> ConfigError:
        """The error about ``key`` of step ``index``; an empty key means the step as a whole."""
        lines = self._lines[index] if self._lines else {}
        line = lines.get(key, lines.get(""))
        where = f"line {line}, step {index + 1}" if line else f"step {index + 1}"
        about = f"'{key}' {complaint}" if key else complaint
        return ConfigError(f"{self._origin}: {where}: {about}")


def _step(entry: dict[str, Any], index: int, places: _Places) -> Step:
    known = [*ACTIONS, "at", "box", *_OPTIONS]
    for key in entry:
        if key not in known:
            raise places.complain(index, key, f"is unknown{_nearest(key, known)}")
    actions = [key for key in entry if key in ACTIONS]
    if len(actions) != 1:
        found = f"has {len(actions)}: {', '.join(actions)}" if actions else "has none"
        raise places.complain(index, "", f"a step needs exactly one action, this one {found}")
    if "at" not in entry:
        raise places.complain(index, "", "'at' is missing: seconds from the start")
    action = actions[0]
    _check_values(entry, action, index, places)
    value, number = entry[action], _number(entry[action])
    return Step(
        at=float(entry["at"]),
        action=action,
        value=value if number is None else number,
        duration_s=_optional(entry, "for"),
        soc_percent=_optional(entry, "soc"),
        box=entry.get("box"),
    )


def _ends(steps: list[Step]) -> Iterator[Step]:
    """A refusal for some time ends with a step of its own."""
    for step in steps:
        if step.action == "refuse" and step.duration_s is not None:
            yield Step(step.at + step.duration_s, "refuse", False, box=step.box)


def _check_values(entry: dict[str, Any], action: str, index: int, places: _Places) -> None:
    checks: dict[str, Check] = {"at": _seconds, "box": _box, action: ACTIONS[action].check}
    for key, value in entry.items():
        if key in _OPTIONS:
            if key not in ACTIONS[action].options:
                raise places.complain(index, key, f"does not go with '{action}'")
            checks[key] = _OPTIONS[key]
        complaint = checks[key](value)
        if complaint:
            raise places.complain(index, key, f"{complaint}, not {_shown(value)}")


def _optional(entry: dict[str, Any], key: str) -> float | None:
    return float(entry[key]) if key in entry else None


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _nearest(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f" (did you mean '{close[0]}'?)" if close else f" (known: {', '.join(known)})"
