"""What an EV permits: its power range, and the current range of each phase (feature ElectricalConnection)."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import ScaledNumberRangeType, ScaledNumberSetType
from eebus_gw.spine.model.electrical_connection import (
    ElectricalConnectionParameterDescriptionDataType,
    ElectricalConnectionPermittedValueSetDataType,
)
from eebus_gw.spine.values import number_of, scaled_number
from eebus_gw.vocabulary.definition import Point, Use
from eebus_gw.vocabulary.functions import LIMIT_DESCRIPTIONS, PARAMETERS, PERMITTED_VALUES, View
from eebus_gw.vocabulary.points.topology import (
    CONNECTION,
    CURRENT,
    POWER_TOTAL,
    ensure_measurement,
    parameter_of,
    parameters_by_measurement,
)
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import PHASES, PhaseRanges, Range, Reading

_Place = tuple[int | None, int]
"""Electrical connection and parameter."""


def _place(parameter: ElectricalConnectionParameterDescriptionDataType) -> _Place | None:
    number = parameter.parameter_id
    return None if number is None else (parameter.electrical_connection_id, number)


def _permitted(view: View, place: _Place | None) -> Range | None:
    """What is permitted for a parameter; parameters of several connections may have the same number."""
    if place is None:
        return None
    connection, number = place
    entries = [entry for entry in PERMITTED_VALUES.of(view) if entry.parameter_id == number]
    exact = [entry for entry in entries if entry.electrical_connection_id == connection]
    found = exact or entries
    return _range(found[-1]) if found else None


def _range(entry: ElectricalConnectionPermittedValueSetDataType) -> Range | None:
    sets = entry.permitted_value_set
    if not sets:
        return None
    ranges, values = sets[0].range or [], sets[0].value or []
    lowest = number_of(ranges[0].min) if ranges else None
    highest = number_of(ranges[0].max) if ranges else None
    pause = number_of(values[0]) if values else None
    if lowest is None and highest is None and pause is None:
        return None
    return Range(lowest, highest, pause)


def _entry(parameter: int, value: Range) -> ElectricalConnectionPermittedValueSetDataType:
    return ElectricalConnectionPermittedValueSetDataType(
        electrical_connection_id=CONNECTION,
        parameter_id=parameter,
        permitted_value_set=[
            ScaledNumberSetType(
                value=[scaled_number(value.pause)] if value.pause is not None else None,
                range=[
                    ScaledNumberRangeType(
                        min=scaled_number(value.lowest) if value.lowest is not None else None,
                        max=scaled_number(value.highest) if value.highest is not None else None,
                    )
                ],
            )
        ],
    )


class PowerRange(Point[Range]):
    """Minimum, maximum and standby power of the EV in watts ([EVCC-016]…[EVCC-018])."""

    uses = (Use(PARAMETERS, description=True), Use(PERMITTED_VALUES))

    def locate(self, view: View) -> _Place | None:
        for parameter in PARAMETERS.of(view):
            if parameter.scope_type == "acPowerTotal":
                return _place(parameter)
        return None

    def read(self, view: View, place: _Place) -> Reading[Range] | None:
        value = _permitted(view, place)
        return Reading(value) if value is not None else None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(PERMITTED_VALUES)
        ensure_measurement(shelf, POWER_TOTAL, "abc")

    def publish(self, shelf: Shelf, value: Range) -> None:
        measurement = ensure_measurement(shelf, POWER_TOTAL, "abc")
        shelf.put(PERMITTED_VALUES, _entry(parameter_of(shelf, measurement), value))


class CurrentRanges(Point[PhaseRanges]):
    """Permitted currents of each phase in amperes; found through the limits they belong to (OPEV 1.0.1b p. 30)."""

    uses = (
        Use(LIMIT_DESCRIPTIONS, description=True),
        Use(PARAMETERS, description=True),
        Use(PERMITTED_VALUES, required=False),
    )

    def __init__(self, key: str, *, category: str, scope: str) -> None:
        super().__init__(key, "A")
        self.category = category
        self.scope = scope

    def locate(self, view: View) -> tuple[_Place | None, ...] | None:
        parameters = parameters_by_measurement(view)
        found: dict[str, _Place] = {}
        for limit in LIMIT_DESCRIPTIONS.of(view):
            if (limit.limit_category, limit.scope_type) != (self.category, self.scope):
                continue
            parameter = parameters.get(-1 if limit.measurement_id is None else limit.measurement_id)
            place = _place(parameter) if parameter is not None else None
            if parameter is None or place is None:
                continue
            if parameter.ac_measured_phases in PHASES:
                found.setdefault(parameter.ac_measured_phases, place)
        return tuple(found.get(phase) for phase in PHASES) if found else None

    def read(self, view: View, place: tuple[_Place | None, ...]) -> Reading[PhaseRanges] | None:
        l1, l2, l3 = (_permitted(view, each) for each in place)
        if l1 is None and l2 is None and l3 is None:
            return None
        return Reading(PhaseRanges((l1, l2, l3)))

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(PERMITTED_VALUES)

    def publish(self, shelf: Shelf, value: PhaseRanges) -> None:
        shelf.put(
            PERMITTED_VALUES,
            *(
                _entry(parameter_of(shelf, ensure_measurement(shelf, CURRENT, phase)), permitted)
                for phase, permitted in zip(PHASES, value.phases, strict=True)
                if permitted is not None
            ),
        )
