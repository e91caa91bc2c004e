"""Time series: demand, limit curve and plan of coordinated charging (feature TimeSeries).

Series are found by their type, never by a fixed identifier. The car asks for a new curve by raising ``updateRequired``.
"""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import TimePeriodType
from eebus_gw.spine.model.time_series import (
    TimeSeriesConstraintsDataType,
    TimeSeriesDataType,
    TimeSeriesDescriptionDataType,
    TimeSeriesSlotType,
)
from eebus_gw.spine.values import format_duration, number_of, parse_duration, scaled_number
from eebus_gw.vocabulary.definition import Change, Keys, Point, T, Use
from eebus_gw.vocabulary.functions import SERIES, SERIES_CONSTRAINTS, SERIES_DESCRIPTIONS, View
from eebus_gw.vocabulary.points.slots import (
    SlotValues,
    period_of,
    read_slots,
    scaled,
    stated_duration,
    write_slots,
)
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import (
    ChargingPlan,
    EnergyDemand,
    PlanSlot,
    PowerCurve,
    PowerSlot,
    Reading,
    SlotBounds,
)


def find_series(view: View, types: tuple[str, ...]) -> int | None:
    """Identifier of the first series of one of these types, earlier types first."""
    described = {
        entry.time_series_type: entry.time_series_id
        for entry in reversed(SERIES_DESCRIPTIONS.of(view))
        if entry.time_series_id is not None
    }
    return next((described[name] for name in types if name in described), None)


class Series(Point[T]):
    """A series of one type; of several types the first is published, all are read."""

    uses = (Use(SERIES_DESCRIPTIONS, description=True), Use(SERIES))

    def __init__(self, key: str, unit: str, *types: str, writable: bool = False) -> None:
        super().__init__(key, unit, writable=writable)
        self.types = types
        if writable:
            self.uses = (
                Use(SERIES_DESCRIPTIONS, description=True),
                Use(SERIES, write=True),
            )

    def locate(self, view: View) -> int | None:
        return find_series(view, self.types)

    def read(self, view: View, place: int) -> Reading[T] | None:
        entry = SERIES.by_key(view).get(place)
        value = self.unpack(entry) if entry is not None else None
        return Reading(value) if value is not None else None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(SERIES, write=self.writable)
        if find_series(shelf, self.types[:1]) is not None:
            return
        number = shelf.add(
            SERIES_DESCRIPTIONS,
            TimeSeriesDescriptionDataType(
                time_series_type=self.types[0],
                time_series_writeable=self.writable,
                update_required=False if self.writable else None,
                unit=self.unit,
            ),
            at_least=1,
        )
        # Peers write entries that exist, they never add any.
        shelf.put(SERIES, TimeSeriesDataType(time_series_id=number))

    def publish(self, shelf: Shelf, value: T) -> None:
        # In full: a partial entry cannot say that a time is gone.
        shelf.replace(SERIES, self._entry(self.locate(shelf), value))

    def change(self, view: View, place: int, value: T) -> Change:
        return Change(SERIES, [self._entry(place, value)])

    def owns(self, place: int, function: str) -> Keys:
        return frozenset({(place,)}) if function == SERIES.name else frozenset()

    def _entry(self, number: int | None, value: T) -> TimeSeriesDataType:
        return self.pack(value).model_copy(update={"time_series_id": number})

    def pack(self, value: T) -> TimeSeriesDataType:
        """The series that carries ``value``."""
        raise NotImplementedError

    def unpack(self, entry: TimeSeriesDataType) -> T | None:
        """The value of a series, ``None`` if it holds none or cannot be read."""
        raise NotImplementedError


class DemandSeries(Series[EnergyDemand]):
    """The energy demand of a car: one slot whose duration is the time to departure ([CEVC-001]…[CEVC-005])."""

    def pack(self, value: EnergyDemand) -> TimeSeriesDataType:
        return TimeSeriesDataType(
            time_period=TimePeriodType(start_time=format_duration(value.start_s or 0.0)),
            time_series_slot=[
                TimeSeriesSlotType(
                    time_series_slot_id=0,
                    duration=stated_duration(value.departure_s),
                    value=scaled(value.target_wh),
                    min_value=scaled(value.minimum_wh),
                    max_value=scaled(value.maximum_wh),
                )
            ],
        )

    def unpack(self, entry: TimeSeriesDataType) -> EnergyDemand | None:
        if not entry.time_series_slot:
            return None
        slot = entry.time_series_slot[0]
        minimum, target, maximum = map(number_of, (slot.min_value, slot.value, slot.max_value))
        if minimum is None and target is None and maximum is None:
            return None
        periods = [p for p in (entry.time_period, slot.time_period) if p is not None]
        starts = [parse_duration(p.start_time) for p in periods if p.start_time is not None]
        departure = parse_duration(slot.duration) if slot.duration is not None else None
        return EnergyDemand(minimum, target, maximum, departure, starts[0] if starts else None)


class CurveSeries(Series[PowerCurve]):
    """A curve of maximum powers that the client writes ([CEVC-010]…[CEVC-015])."""

    def pack(self, value: PowerCurve) -> TimeSeriesDataType:
        slots = [SlotValues(s.start_s, s.end_s, maximum=s.watts) for s in value.slots]
        return TimeSeriesDataType(time_period=period_of(slots), time_series_slot=write_slots(slots))

    def unpack(self, entry: TimeSeriesDataType) -> PowerCurve | None:
        slots = read_slots(entry)
        if not slots:
            return None
        powers = [PowerSlot(s.start_s, s.end_s, s.maximum) for s in slots if s.maximum is not None]
        return PowerCurve(tuple(powers)) if len(powers) == len(slots) else None


class PlanSeries(Series[ChargingPlan]):
    """What a car plans; its least power is always stated ([CEVC-037])."""

    def pack(self, value: ChargingPlan) -> TimeSeriesDataType:
        slots = [
            SlotValues(s.start_s, s.end_s, s.watts, s.minimum_w or 0.0, s.maximum_w)
            for s in value.slots
        ]
        return TimeSeriesDataType(time_period=period_of(slots), time_series_slot=write_slots(slots))

    def unpack(self, entry: TimeSeriesDataType) -> ChargingPlan | None:
        slots = read_slots(entry)
        if not slots:
            return None
        return ChargingPlan(
            tuple(PlanSlot(s.start_s, s.end_s, s.value, s.minimum, s.maximum) for s in slots)
        )


class SeriesWanted(Point[bool]):
    """Whether the server asks for a new series of a type (``updateRequired`` of its description)."""

    uses = (Use(SERIES_DESCRIPTIONS, description=True),)

    def __init__(self, key: str, *types: str) -> None:
        super().__init__(key)
        self.types = types

    def locate(self, view: View) -> int | None:
        return find_series(view, self.types)

    def read(self, view: View, place: int) -> Reading[bool] | None:
        entry = SERIES_DESCRIPTIONS.by_key(view).get(place)
        return Reading(entry.update_required is True) if entry is not None else None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(SERIES_DESCRIPTIONS)

    def publish(self, shelf: Shelf, value: bool) -> None:
        place = self.locate(shelf)
        assert place is not None
        entry = SERIES_DESCRIPTIONS.by_key(shelf)[place]
        shelf.put(SERIES_DESCRIPTIONS, entry.model_copy(update={"update_required": value}))


class SeriesBounds(Point[SlotBounds]):
    """How slots of a series have to be made to be accepted."""

    uses = (
        Use(SERIES_DESCRIPTIONS, description=True),
        Use(SERIES_CONSTRAINTS, required=False),
    )

    def __init__(self, key: str, *types: str) -> None:
        super().__init__(key)
        self.types = types

    def locate(self, view: View) -> int | None:
        return find_series(view, self.types)

    def read(self, view: View, place: int) -> Reading[SlotBounds] | None:
        entry = SERIES_CONSTRAINTS.by_key(view).get(place)
        if entry is None:
            return None
        return Reading(
            SlotBounds(
                entry.slot_count_min,
                entry.slot_count_max,
                parse_duration(entry.slot_duration_min),
                parse_duration(entry.slot_duration_max),
                parse_duration(entry.slot_duration_step_size),
                number_of(entry.slot_value_max),
            )
        )

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(SERIES_CONSTRAINTS)

    def publish(self, shelf: Shelf, value: SlotBounds) -> None:
        shelf.put(
            SERIES_CONSTRAINTS,
            TimeSeriesConstraintsDataType(
                time_series_id=self.locate(shelf),
                slot_count_min=value.count_min,
                slot_count_max=value.count_max,
                slot_duration_min=stated_duration(value.duration_min_s),
                slot_duration_max=stated_duration(value.duration_max_s),
                slot_duration_step_size=stated_duration(value.step_s),
                slot_value_max=None if value.watts_max is None else scaled_number(value.watts_max),
            ),
        )
