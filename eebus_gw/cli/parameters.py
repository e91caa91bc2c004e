"""Kinds of values on the command line."""

from __future__ import annotations

import math
import re
from typing import Any

import click

from eebus_gw.spine.values import parse_duration

_PARTS = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s?)?")


class DurationParameter(click.ParamType[float]):
    """Seconds from ``90``, ``90s``, ``15m``, ``1h30m`` or ISO 8601 ``PT15M``."""

    name = "duration"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> float:
        """The seconds in ``value``; fails for everything that is no positive duration."""
        if isinstance(value, int | float):
            return float(value)
        text = str(value).strip()
        seconds = parse_duration(text) if text.startswith("P") else _seconds(text.lower())
        if seconds is None or seconds <= 0:
            self.fail(f"{text!r} is no duration like 90s, 15m, 1h30m", parameter, context)
        return seconds


class NumberRange(click.FloatRange):
    """A number between bounds; NaN, which every comparison lets through, and infinity are none."""

    name = "number"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> float:
        """The number; fails for what is none, or lies outside the bounds."""
        number: float = super().convert(value, parameter, context)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a valid number.", parameter, context)
        return number


def _seconds(text: str) -> float | None:
    match = _PARTS.fullmatch(text.replace(" ", ""))
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds
