"""Slots of time series as seconds: both encodings met in the field are read, one is written (CEVC)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eebus_gw.spine.model.common_data_types import ScaledNumberType, TimePeriodType
from eebus_gw.spine.model.time_series import TimeSeriesDataType, TimeSeriesSlotType
from eebus_gw.spine.values import format_duration, number_of, parse_duration, scaled_number


@dataclass(frozen=True, slots=True)
class SlotValues:
    """One slot: when it holds, and its three values; ``end_s`` is ``None`` where the series does not end."""

    start_s: float
    end_s: float | None
    value: float | None = None
    minimum: float | None = None
    maximum: float | None = None


def read_slots(series: TimeSeriesDataType) -> tuple[SlotValues, ...] | None:
    """The slots of a series in their order; ``None`` if a time in it cannot be read or is no duration from now.

    A slot states its start or its duration; what it leaves open follows from its neighbours and from the series.
    """
    slots = series.time_series_slot or []
    try:
        position = _seconds(series.time_period, "start_time") or 0.0
        series_end = _seconds(series.time_period, "end_time")
        starts = [_seconds(slot.time_period, "start_time") for slot in slots]
        found = []
        for index, slot in enumerate(slots):
            start = starts[index]
            start = position if start is None else start
            following = starts[index + 1] if index + 1 < len(slots) else series_end
            end = _end(slot, start, following)
            found.append(
                SlotValues(
                    start,
                    end,
                    number_of(slot.value),
                    number_of(slot.min_value),
                    number_of(slot.max_value),
                )
            )
            position = start if end is None else end
    except ValueError:
        return None
    return tuple(found)


def stated_duration(seconds: float | None) -> str | None:
    """A duration as SPINE writes it; what is not known stays unsaid."""
    return None if seconds is None else format_duration(seconds)


def write_slots(slots: Iterable[SlotValues]) -> list[TimeSeriesSlotType]:
    """Slots by their starts, the last one with its end: the form every peer on record reads."""
    given = list(slots)
    return [
        TimeSeriesSlotType(
            time_series_slot_id=index,
            time_period=TimePeriodType(
                start_time=format_duration(slot.start_s),
                end_time=(
                    format_duration(slot.end_s)
                    if slot.end_s is not None and _ends_alone(given, index)
                    else None
                ),
            ),
            value=scaled(slot.value),
            min_value=scaled(slot.minimum),
            max_value=scaled(slot.maximum),
        )
        for index, slot in enumerate(given)
    ]


def period_of(slots: Iterable[SlotValues]) -> TimePeriodType | None:
    """From the first start to the last end."""
    given = list(slots)
    if not given:
        return None
    end_s = given[-1].end_s
    return TimePeriodType(
        start_time=format_duration(given[0].start_s),
        end_time=stated_duration(end_s),
    )


def scaled(value: float | None) -> ScaledNumberType | None:
    """A number for the wire to a tenth, ``None`` where there is none."""
    return None if value is None else scaled_number(round(value, 1))


def _ends_alone(slots: list[SlotValues], index: int) -> bool:
    """Whether the end of a slot is not simply the start of the next one."""
    return index + 1 == len(slots) or slots[index].end_s != slots[index + 1].start_s


def _end(slot: TimeSeriesSlotType, start: float, following: float | None) -> float | None:
    end = _seconds(slot.time_period, "end_time")
    if end is not None:
        return end
    if slot.duration is not None:
        return start + _duration(slot.duration)
    return following


def _seconds(period: TimePeriodType | None, member: str) -> float | None:
    text = getattr(period, member) if period is not None else None
    return None if text is None else _duration(text)


def _duration(text: str) -> float:
    seconds = parse_duration(text)
    if seconds is None:
        raise ValueError(text)
    return seconds
