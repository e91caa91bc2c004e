"""Numbers and times of SPINE as plain Python values (ScaledNumber, xs:duration, xs:dateTime)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from eebus_gw.errors import LocalProtocolError
from eebus_gw.spine.model.common_data_types import ScaledNumberType

MAX_DECIMALS = 4
MAX_SCALE = 30
_MAX_NUMBER = 2**63

_DURATION = re.compile(
    r"(-)?P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?"
    r"(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_DAY_S = 86_400
_UNITS_S = (365 * _DAY_S, 30 * _DAY_S, _DAY_S, 3_600, 60, 1)


def scaled_number(value: int | float | Decimal) -> ScaledNumberType:
    """``value`` with the shortest exact scale, rounded to 4 decimals; the scale is always stated.

    Raises ``LocalProtocolError`` when it is not finite or beyond 64 bits.
    """
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite() or abs(exact) >= _MAX_NUMBER:
        raise LocalProtocolError(f"{value} cannot be sent as a number", clause="SPINE ScaledNumber")
    scale = max(-MAX_DECIMALS, min(0, int(exact.as_tuple().exponent)))
    number = round(exact.scaleb(-scale))
    while scale < 0 and number % 10 == 0:
        number //= 10
        scale += 1
    if abs(number) >= _MAX_NUMBER:
        raise LocalProtocolError(f"{value} cannot be sent as a number", clause="SPINE ScaledNumber")
    return ScaledNumberType(number=number, scale=scale)


def number_of(value: ScaledNumberType | None) -> float | None:
    """The nearest float; ``None`` when there is no number or none that could be sent again (beyond 64 bits)."""
    if value is None or value.number is None:
        return None
    number, scale = value.number, value.scale or 0
    if abs(scale) > MAX_SCALE or abs(number) > _MAX_NUMBER:
        return None
    # Division of integers rounds once, multiplication by a negative power of ten would twice.
    found = number / 10**-scale if scale < 0 else float(number * 10**scale)
    return found if abs(found) < _MAX_NUMBER else None


def parse_duration(text: str | None, *, exact: bool = False) -> float | None:
    """Seconds of an ISO 8601 duration, ``None`` when it is none.

    A year counts 365 days and a month 30; ``exact`` refuses them, as durations of limits need, unless there are none.
    """
    match = _DURATION.fullmatch(text or "")
    if match is None:
        return None
    sign, *parts = match.groups()
    if exact and any(float(part or 0) for part in parts[:2]):
        return None
    seconds = sum(
        float(part) * unit for part, unit in zip(parts, _UNITS_S, strict=True) if part is not None
    )
    if not math.isfinite(seconds):
        return None
    return -seconds if sign else seconds


def format_duration(seconds: float) -> str:
    """``seconds`` as ISO 8601 duration in hours, minutes and seconds, to the millisecond."""
    milliseconds = round(abs(seconds) * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    text = f"{hours}H" if hours else ""
    text += f"{minutes}M" if minutes else ""
    if rest or not text:
        text += f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "S"
    return f"{'-' if seconds < 0 and milliseconds else ''}PT{text}"


def parse_timestamp(text: str | None) -> datetime | None:
    """The moment of an XML dateTime in UTC, ``None`` when it is none.

    A missing zone is read as UTC, ``24:00:00`` as the start of the next day, a leap second as the
    second before it.
    """
    match = _TIMESTAMP.fullmatch(text or "")
    if match is None:
        return None
    day, hour, minute, second, fraction, zone = match.groups()
    next_day = hour == "24"
    if next_day and (minute, second) != ("00", "00"):
        return None
    second = "59" if second == "60" else second
    digits = f"{(fraction or '')[:6]:0<6}"
    try:
        moment = datetime.fromisoformat(
            f"{day}T{'00' if next_day else hour}:{minute}:{second}.{digits}{zone or 'Z'}"
        )
        return (moment + timedelta(days=next_day)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def format_timestamp(moment: datetime) -> str:
    """``moment`` (with time zone) as XML dateTime in UTC; milliseconds only where there are any."""
    precision = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    text = moment.astimezone(UTC).isoformat(timespec=precision)
    return text.removesuffix("+00:00") + "Z"
