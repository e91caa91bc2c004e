"""Power setpoints of one connection, for all phases together or for each (feature Setpoint)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from eebus_gw.spine.datagram import Filter
from eebus_gw.spine.model.common_data_types import (
    ScaledNumberType,
    TimePeriodElementsType,
    TimePeriodType,
)
from eebus_gw.spine.model.setpoint import (
    SetpointConstraintsDataType,
    SetpointDataElementsType,
    SetpointDataType,
    SetpointDescriptionDataType,
    SetpointListDataSelectorsType,
)
from eebus_gw.spine.values import (
    format_duration,
    format_timestamp,
    number_of,
    parse_duration,
    parse_timestamp,
    scaled_number,
)
from eebus_gw.vocabulary.definition import Change, Keys, Point, Use
from eebus_gw.vocabulary.functions import (
    PARAMETERS,
    SETPOINT_CONSTRAINTS,
    SETPOINT_DESCRIPTIONS,
    SETPOINTS,
    View,
)
from eebus_gw.vocabulary.points.setpoint_places import (
    Places,
    SetpointScopes,
    locate_setpoints,
)
from eebus_gw.vocabulary.points.topology import (
    POWER,
    POWER_TOTAL,
    ensure_measurement,
)
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import (
    NO_PHASES,
    PHASES,
    PhaseValues,
    Range,
    Reading,
    SetpointFlaw,
    SetpointValue,
)

STEP_W = 10
ALL_PHASES = "abc"


class Setpoint(Point[SetpointValue]):
    """A setpoint in watts with activation, start and end.

    A server describes the phase-specific form when it first publishes a value with phases. A client writes one form
    and deactivates the others in the same message.
    """

    uses = (
        Use(SETPOINT_DESCRIPTIONS, description=True),
        Use(PARAMETERS, description=True, required=False),
        Use(SETPOINTS, write=True),
    )

    def __init__(
        self,
        key: str,
        scopes: SetpointScopes,
        *,
        type_: str = "valueAbsolute",
        measured: bool = True,
        optional: bool = False,
    ) -> None:
        super().__init__(key, "W", writable=True)
        self.scopes = scopes
        self.type = type_
        self.measured = measured
        """Whether the power it sets is one the entity describes as a measurement on its AC connection."""
        self.optional = optional
        """A server describes an optional setpoint with the first value it publishes."""

    def locate(self, view: View) -> Places | None:
        return locate_setpoints(view, self.scopes)

    def read(self, view: View, place: Places) -> Reading[SetpointValue] | None:
        entries = SETPOINTS.by_key(view)
        phases = _entries(entries, place.phases)
        main = entries.get(place.main) if place.main is not None else None
        if main is None or (any(map(_active, phases)) and not _active(main)):
            return Reading(_per_phase(phases)) if any(phases) else None
        return Reading(_stated(main))

    def asked(self, view: View, fragment: View, place: Places) -> Reading[SetpointValue] | None:
        stated = set(SETPOINTS.by_key(fragment))
        after = SETPOINTS.by_key(view)
        started = {number for number in stated if number in after and _active(after[number])}
        whole = started & {place.total, place.direct_current}
        phases = [number for number in place.phases if number is not None]
        if not started:
            return self.read(view, place)
        if whole and (started & set(phases) or len(whole) > 1):
            main = after[place.main] if place.main in after else next(after[n] for n in whole)
            return Reading(replace(_stated(main), active=True, flaw=SetpointFlaw.BOTH_FORMS))
        if whole:
            return Reading(_stated(next(after[n] for n in started)))
        if started != set(phases):
            return Reading(SetpointValue(None, True, flaw=SetpointFlaw.INCOMPLETE_PHASES))
        return Reading(_per_phase(_entries(after, place.phases)))

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(SETPOINTS, write=True)
        if not self.optional:
            self._describe_total(shelf)

    def publish(self, shelf: Shelf, value: SetpointValue) -> None:
        self._describe_total(shelf)
        if value.phase_w != NO_PHASES:
            self._describe_phases(shelf, value.phase_w)
        place = self.locate(shelf)
        assert place is not None
        period = _period(value)
        forms = [(place.total, not value.per_phase, value.watts)]
        forms += [
            (number, value.per_phase, watts)
            for number, watts in zip(place.phases, value.phase_w, strict=True)
        ]
        # In full: a partial entry cannot say that a time is gone.
        shelf.replace(
            SETPOINTS,
            *(
                SetpointDataType(
                    setpoint_id=number,
                    value=scaled_number(round(watts or 0.0, 1)),
                    is_setpoint_changeable=value.changeable,
                    is_setpoint_active=value.active and chosen,
                    time_period=period if chosen else None,
                )
                for number, chosen, watts in forms
                if number is not None
            ),
        )

    def change(self, view: View, place: Places, value: SetpointValue) -> Change:
        stored = SETPOINTS.by_key(view)
        wanted: dict[int, float | None] = {}
        if value.per_phase:
            wanted = {
                number: watts
                for number, watts in zip(place.phases, value.phase_w, strict=True)
                if number is not None
            }
        elif place.main is not None:
            wanted = {place.main: value.watts}
        entries = [
            SetpointDataType(
                setpoint_id=number,
                value=scaled_number(round(watts or 0.0, 1)),
                is_setpoint_active=value.active,
                time_period=_period(value),
            )
            for number, watts in wanted.items()
        ]
        entries += [
            SetpointDataType(setpoint_id=number, is_setpoint_active=False)
            for number in place.all()
            if number not in wanted and number in stored and _active(stored[number])
        ]
        outdated = [
            number for number in wanted if number in stored and _outlives(stored[number], value)
        ]
        return Change(SETPOINTS, entries, [_without_times(number) for number in outdated])

    def owns(self, place: Places, function: str) -> Keys:
        if function != SETPOINTS.name:
            return frozenset()
        return frozenset((number,) for number in place.all())

    def _describe_total(self, shelf: Shelf) -> None:
        if (places := self.locate(shelf)) is None or places.total is None:
            self._describe(shelf, self.scopes.total[0], ALL_PHASES)

    def _describe_phases(self, shelf: Shelf, watts: PhaseValues) -> None:
        places = self.locate(shelf) or Places(None)
        for phase, number, power in zip(PHASES, places.phases, watts, strict=True):
            if number is None and power is not None:
                self._describe(shelf, self.scopes.phase[0], phase)

    def _describe(self, shelf: Shelf, scope: str, phases: str) -> None:
        quantity = POWER_TOTAL if phases == ALL_PHASES else POWER
        measurement = ensure_measurement(shelf, quantity, phases) if self.measured else None
        number = shelf.add(
            SETPOINT_DESCRIPTIONS,
            SetpointDescriptionDataType(
                measurement_id=measurement,
                setpoint_type=self.type,
                unit="W",
                scope_type=scope,
            ),
            at_least=1,
        )
        shelf.put(
            SETPOINTS,
            SetpointDataType(
                setpoint_id=number,
                value=scaled_number(0),
                is_setpoint_changeable=False,
                is_setpoint_active=False,
            ),
        )


class SetpointRange(Point[Range]):
    """The setpoints a peer takes, in watts; the gap around zero is not part of it."""

    uses = (
        Use(SETPOINT_DESCRIPTIONS, description=True),
        Use(PARAMETERS, description=True, required=False),
        Use(SETPOINT_CONSTRAINTS, required=False),
    )

    def __init__(self, key: str, scopes: SetpointScopes) -> None:
        super().__init__(key, "W")
        self.scopes = scopes

    def locate(self, view: View) -> Places | None:
        return locate_setpoints(view, self.scopes)

    def read(self, view: View, place: Places) -> Reading[Range] | None:
        entry = SETPOINT_CONSTRAINTS.by_key(view).get(-1 if place.main is None else place.main)
        if entry is None:
            return None
        lowest, highest = number_of(entry.setpoint_range_min), number_of(entry.setpoint_range_max)
        if lowest is None and highest is None:
            return None
        return Reading(Range(lowest, highest))

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(SETPOINT_CONSTRAINTS)

    def publish(self, shelf: Shelf, value: Range) -> None:
        place = self.locate(shelf) or Places(None)
        phases = [number for number in place.phases if number is not None]
        shares = [(number, len(phases)) for number in phases]
        if place.total is not None:
            shares.insert(0, (place.total, 1))
        shelf.put(
            SETPOINT_CONSTRAINTS,
            *(
                SetpointConstraintsDataType(
                    setpoint_id=number,
                    setpoint_range_min=_share(value.lowest, share),
                    setpoint_range_max=_share(value.highest, share),
                    setpoint_step_size=scaled_number(STEP_W),
                )
                for number, share in shares
            ),
        )


def _share(watts: float | None, share: int) -> ScaledNumberType | None:
    return None if watts is None else scaled_number(round(watts / share, 1))


def _entries(
    entries: dict[int, SetpointDataType], numbers: Iterable[int | None]
) -> list[SetpointDataType | None]:
    return [entries.get(number) if number is not None else None for number in numbers]


def _active(entry: SetpointDataType | None) -> bool:
    return entry is not None and entry.is_setpoint_active is True


def _period(value: SetpointValue) -> TimePeriodType | None:
    start = _time(value.start_s, value.start_at)
    end = _time(value.end_s, value.end_at)
    return None if start is None and end is None else TimePeriodType(start_time=start, end_time=end)


def _time(seconds: float | None, at: datetime | None) -> str | None:
    if seconds is not None:
        return format_duration(seconds)
    return None if at is None else format_timestamp(at)


def _outlives(entry: SetpointDataType, value: SetpointValue) -> bool:
    """Whether the stored entry has a time that ``value`` does not have; leaving it out would keep it."""
    period = entry.time_period
    if period is None:
        return False
    return (period.start_time is not None and value.start_s is None) or (
        period.end_time is not None and value.end_s is None
    )


def _without_times(number: int) -> Filter:
    return Filter(
        delete=True,
        selectors=[SetpointListDataSelectorsType(setpoint_id=number)],
        elements=SetpointDataElementsType(time_period=TimePeriodElementsType()),
    )


class _Moment(NamedTuple):
    seconds: float | None = None
    at: datetime | None = None
    flaw: SetpointFlaw | None = None


def _moment(text: str | None) -> _Moment:
    if text is None:
        return _Moment()
    seconds = parse_duration(text, exact=True)
    if seconds is not None:
        return _Moment(seconds)
    at = parse_timestamp(text)
    flaw = SetpointFlaw.UNREADABLE_TIME if at is None else SetpointFlaw.ABSOLUTE_TIME
    return _Moment(at=at, flaw=flaw)


def _times(entry: SetpointDataType) -> tuple[_Moment, _Moment]:
    period = entry.time_period
    if period is None:
        return _Moment(), _Moment()
    return _moment(period.start_time), _moment(period.end_time)


def _stated(entry: SetpointDataType) -> SetpointValue:
    """A setpoint of the whole connection."""
    watts = number_of(entry.value)
    start, end = _times(entry)
    unreadable = SetpointFlaw.UNREADABLE_VALUE if watts is None else None
    return SetpointValue(
        watts,
        _active(entry),
        start.seconds,
        end.seconds,
        changeable=entry.is_setpoint_changeable is not False,
        flaw=unreadable or start.flaw or end.flaw,
        start_at=start.at,
        end_at=end.at,
    )


def _per_phase(entries: list[SetpointDataType | None]) -> SetpointValue:
    """The setpoints of the phases as one value."""
    stated = [_stated(entry) for entry in entries if entry is not None]
    times = {(value.start_s, value.end_s, value.start_at, value.end_at) for value in stated}
    flaws = [value.flaw for value in stated if value.flaw is not None]
    if len(times) > 1:
        flaws.append(SetpointFlaw.UNEVEN_PHASES)
    a, b, c = (number_of(entry.value) if entry is not None else None for entry in entries)
    return replace(
        stated[0],
        watts=None,
        active=any(value.active for value in stated),
        phase_w=(a, b, c),
        changeable=all(value.changeable for value in stated),
        flaw=flaws[0] if flaws else None,
    )
