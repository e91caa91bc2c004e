"""Options of what lists a period: ``--since`` and ``--until`` as people state moments, and ``--chart``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from eebus_gw.clock import MACHINE_ZONE, SystemClock, moment_after
from eebus_gw.errors import ConfigError

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(min|h|d|w)")
_UNITS = {"min": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


def moment(text: str, now: datetime) -> datetime:
    """The moment meant by ``text``: a date or time (local unless it says otherwise), ``today``,
    ``yesterday``, or how long ago (``90min``, ``24h``, ``7d``, ``4w``). Raises ``ConfigError``.
    """
    word = text.strip().lower()
    local = now.astimezone(MACHINE_ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if word in ("today", "yesterday"):
        day = midnight if word == "today" else midnight - timedelta(days=1)
        return day.astimezone(UTC)
    if ago := _AGO.fullmatch(word):
        return moment_after(now, -float(ago[1]) * _UNITS[ago[2]])
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigError(
            f"{text!r} is no time",
            hint="for instance 2026-01-31, 2026-01-31T18:00, today, yesterday, 24h, 7d",
        ) from None


class Moment(click.ParamType[datetime]):
    """A moment as an option."""

    name = "time"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return moment(value, SystemClock().wall())
        except ConfigError as error:
            self.fail(f"{error}; {error.hint}", parameter, context)


def chart_option(text: str) -> Callable[[Decorated], Decorated]:
    """``--chart FILE``; ``text`` says what is drawn."""
    file = click.Path(dir_okay=False, path_type=Path)
    return click.option("--chart", type=file, metavar="FILE", help=text)


def period_options(command: Decorated) -> Decorated:
    """``--since`` (included) and ``--until`` (excluded)."""
    until = click.option("--until", type=Moment(), metavar="TIME", help="Up to then; default: now.")
    since = click.option(
        "--since",
        type=Moment(),
        metavar="TIME",
        help="From then on: 2026-01-31, today, 24h (ago), 7d (ago).",
    )
    return since(until(command))
