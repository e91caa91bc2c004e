"""Limits of load control: one power limit (LPC, LPP) or one current limit per phase (OPEV, OSCEV)."""

from __future__ import annotations

from eebus_gw.spine.datagram import Filter
from eebus_gw.spine.model.common_data_types import TimePeriodElementsType, TimePeriodType
from eebus_gw.spine.model.load_control import (
    LoadControlLimitDataElementsType,
    LoadControlLimitDataType,
    LoadControlLimitDescriptionDataType,
    LoadControlLimitListDataSelectorsType,
)
from eebus_gw.spine.values import format_duration, number_of, parse_duration, scaled_number
from eebus_gw.vocabulary.definition import Change, Keys, Point, Use
from eebus_gw.vocabulary.functions import LIMIT_DESCRIPTIONS, LIMITS, PARAMETERS, View
from eebus_gw.vocabulary.points.topology import (
    CURRENT,
    POWER_TOTAL,
    ensure_measurement,
    parameters_by_measurement,
)
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import PHASES, LimitValue, PhaseLimits, Reading


def _flag(values: list[bool | None]) -> tuple[bool | None, bool | None, bool | None]:
    l1, l2, l3 = values
    return (l1, l2, l3)


class PowerLimit(Point[LimitValue]):
    """An active power limit in watts with activation and duration; ``direction`` is ``consume`` or ``produce``."""

    uses = (Use(LIMIT_DESCRIPTIONS, description=True), Use(LIMITS, write=True))

    def __init__(self, key: str, *, direction: str, category: str, scope: str) -> None:
        super().__init__(key, "W", writable=True)
        self.direction = direction
        self.category = category
        self.scope = scope

    def locate(self, view: View) -> int | None:
        for entry in LIMIT_DESCRIPTIONS.of(view):
            if (entry.scope_type, entry.limit_direction) == (self.scope, self.direction) and (
                entry.limit_category in (self.category, None)
            ):
                return entry.limit_id
        return None

    def read(self, view: View, place: int) -> Reading[LimitValue] | None:
        entry = LIMITS.by_key(view).get(place)
        if entry is None:
            return None
        return Reading(self._value(entry))

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(LIMITS, write=True)
        if self.locate(shelf) is not None:
            return
        identifier = shelf.add(
            LIMIT_DESCRIPTIONS,
            LoadControlLimitDescriptionDataType(
                limit_type="signDependentAbsValueLimit",
                limit_category=self.category,
                limit_direction=self.direction,
                measurement_id=ensure_measurement(shelf, POWER_TOTAL, "abc"),
                unit="W",
                scope_type=self.scope,
            ),
        )
        shelf.put(
            LIMITS,
            LoadControlLimitDataType(
                limit_id=identifier,
                is_limit_changeable=True,
                is_limit_active=False,
                value=scaled_number(0),
            ),
        )

    def publish(self, shelf: Shelf, value: LimitValue) -> None:
        place = self.locate(shelf)
        period = None
        if value.duration_s is not None:
            period = TimePeriodType(end_time=format_duration(max(0.0, value.duration_s)))
        entry = LoadControlLimitDataType(
            limit_id=place,
            is_limit_changeable=True,
            is_limit_active=value.active,
            time_period=period,
            value=scaled_number(value.watts or 0),
        )
        # In full: a partial entry cannot say that an end time is gone.
        shelf.replace(LIMITS, entry)

    def change(self, view: View, place: int, value: LimitValue) -> Change:
        stored = LIMITS.by_key(view).get(place)
        period = None
        deletes: list[Filter] = []
        if value.duration_s is not None:
            period = TimePeriodType(end_time=format_duration(value.duration_s))
        elif stored is not None and stored.time_period is not None:
            deletes.append(
                Filter(
                    delete=True,
                    selectors=[LoadControlLimitListDataSelectorsType(limit_id=place)],
                    elements=LoadControlLimitDataElementsType(time_period=TimePeriodElementsType()),
                )
            )
        entry = LoadControlLimitDataType(
            limit_id=place,
            is_limit_active=value.active,
            time_period=period,
            value=scaled_number(value.watts or 0),
        )
        return Change(LIMITS, [entry], deletes)

    def owns(self, place: int, function: str) -> Keys:
        return frozenset({(place,)}) if function == LIMITS.name else frozenset()

    @staticmethod
    def _value(entry: LoadControlLimitDataType) -> LimitValue:
        end = entry.time_period.end_time if entry.time_period is not None else None
        duration_s = parse_duration(end, exact=True) if end is not None else None
        # An absolute or unreadable end is refused rather than taken for "no end".
        readable = end is None or duration_s is not None
        return LimitValue(
            number_of(entry.value) if readable else None,
            bool(entry.is_limit_active),
            duration_s,
            changeable=entry.is_limit_changeable is not False,
        )


class PhaseLimit(Point[PhaseLimits]):
    """One current limit per phase, always written in one message; foreign limits of the list stay as they are."""

    uses = (
        Use(LIMIT_DESCRIPTIONS, description=True),
        Use(PARAMETERS, description=True, required=False),
        Use(LIMITS, write=True),
    )

    def __init__(
        self,
        key: str,
        *,
        category: str,
        scope: str,
        direction: str = "consume",
        optional: bool = False,
    ) -> None:
        super().__init__(key, "A", writable=True)
        self.category = category
        self.scope = scope
        self.direction = direction
        self.optional = optional
        """A server describes an optional limit with the first value it publishes."""

    def locate(self, view: View) -> tuple[int | None, ...] | None:
        parameters = parameters_by_measurement(view)
        found: dict[str, int] = {}
        for entry in LIMIT_DESCRIPTIONS.of(view):
            if entry.limit_id is None or entry.limit_category != self.category:
                continue
            if entry.scope_type != self.scope or entry.measurement_id is None:
                continue
            parameter = parameters.get(entry.measurement_id)
            phase = parameter.ac_measured_phases if parameter is not None else None
            if phase in PHASES:
                found.setdefault(phase, entry.limit_id)
        return tuple(found.get(phase) for phase in PHASES) if found else None

    def read(self, view: View, place: tuple[int | None, ...]) -> Reading[PhaseLimits] | None:
        entries = LIMITS.by_key(view)
        stated = [entries.get(number) if number is not None else None for number in place]
        if all(entry is None for entry in stated):
            return None
        l1, l2, l3 = (number_of(entry.value) if entry is not None else None for entry in stated)
        return Reading(
            PhaseLimits(
                (l1, l2, l3),
                _flag([bool(e.is_limit_active) if e is not None else None for e in stated]),
                _flag(
                    [e.is_limit_changeable is not False if e is not None else None for e in stated]
                ),
            )
        )

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(LIMITS, write=True)
        if not self.optional and self.locate(shelf) is None:
            self._describe(shelf)

    def _describe(self, shelf: Shelf) -> None:
        for phase in PHASES:
            identifier = shelf.add(
                LIMIT_DESCRIPTIONS,
                LoadControlLimitDescriptionDataType(
                    limit_type="maxValueLimit",
                    limit_category=self.category,
                    limit_direction=self.direction,
                    measurement_id=ensure_measurement(shelf, CURRENT, phase),
                    unit="A",
                    scope_type=self.scope,
                ),
            )
            shelf.put(
                LIMITS,
                LoadControlLimitDataType(
                    limit_id=identifier, is_limit_changeable=True, is_limit_active=False
                ),
            )

    def publish(self, shelf: Shelf, value: PhaseLimits) -> None:
        if self.locate(shelf) is None:
            self._describe(shelf)
        place = self.locate(shelf) or (None, None, None)
        shelf.put(
            LIMITS,
            *(
                LoadControlLimitDataType(
                    limit_id=number,
                    is_limit_changeable=changeable is not False,
                    is_limit_active=bool(active),
                    value=scaled_number(round(amperes, 3)),
                )
                for number, amperes, active, changeable in zip(
                    place, value.amperes, value.active, value.changeable, strict=True
                )
                if number is not None and amperes is not None
            ),
        )

    def change(self, view: View, place: tuple[int | None, ...], value: PhaseLimits) -> Change:
        entries = [
            LoadControlLimitDataType(
                limit_id=number,
                is_limit_active=bool(active),
                value=scaled_number(round(amperes, 1)),
            )
            for number, amperes, active in zip(place, value.amperes, value.active, strict=True)
            if number is not None and amperes is not None
        ]
        return Change(LIMITS, entries)

    def owns(self, place: tuple[int | None, ...], function: str) -> Keys:
        if function != LIMITS.name:
            return frozenset()
        return frozenset((number,) for number in place if number is not None)
