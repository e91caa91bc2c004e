"""What driver and battery want in both directions (DBEVC scenario 2), as two time series of one slot.

Which element carries which quantity is inferred, so the places are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from eebus_gw.spine.model.common_data_types import TimePeriodType
from eebus_gw.spine.model.time_series import TimeSeriesDataType, TimeSeriesSlotType
from eebus_gw.spine.values import number_of, parse_duration
from eebus_gw.vocabulary.points.series import Series
from eebus_gw.vocabulary.points.slots import scaled, stated_duration
from eebus_gw.vocabulary.values import DischargeRequest, EnergyRequest


class DepartureField(StrEnum):
    """Where a request states the departure; all are read."""

    BOTH = "both"
    DURATION = "duration"
    END_TIME = "end_time"


class DischargeSign(StrEnum):
    """How the discharging request counts: a window seen from the present charge, or energies to give."""

    ISO = "iso"
    POSITIVE_MAGNITUDE = "positive_magnitude"


@dataclass(frozen=True, slots=True)
class EnergyFields:
    """Which element of the slot (``min_value``, ``value``, ``max_value``) carries which quantity."""

    minimum: str = "min_value"
    target: str = "value"
    maximum: str = "max_value"


class EnergyRequestSeries(Series[EnergyRequest]):
    """Energies to charge, with the departure."""

    def __init__(
        self, key: str, *types: str, fields: EnergyFields, departure: DepartureField
    ) -> None:
        super().__init__(key, "Wh", *types)
        self.fields = fields
        self.departure = departure

    def pack(self, value: EnergyRequest) -> TimeSeriesDataType:
        fields = self.fields
        slot = _slot(
            {
                fields.minimum: value.minimum_wh,
                fields.target: value.target_wh,
                fields.maximum: value.maximum_wh,
            }
        )
        departure = stated_duration(value.departure_s)
        if self.departure is not DepartureField.END_TIME:
            slot = slot.model_copy(update={"duration": departure})
        period = None
        if departure is not None and self.departure is not DepartureField.DURATION:
            period = TimePeriodType(end_time=departure)
        return TimeSeriesDataType(time_period=period, time_series_slot=[slot])

    def unpack(self, entry: TimeSeriesDataType) -> EnergyRequest | None:
        if not entry.time_series_slot:
            return None
        slot, fields = entry.time_series_slot[0], self.fields
        minimum, target, maximum = (
            number_of(getattr(slot, name))
            for name in (fields.minimum, fields.target, fields.maximum)
        )
        return EnergyRequest(minimum, target, maximum, _departure(entry, slot))


class DischargeRequestSeries(Series[DischargeRequest]):
    """The cycling window.

    As positive magnitudes only the energy to give is told. A negative number proves the signed form, whatever was
    expected, so that a wrong expectation never permits more than the car does.
    """

    def __init__(self, key: str, *types: str, fields: EnergyFields, sign: DischargeSign) -> None:
        super().__init__(key, "Wh", *types)
        self.fields = fields
        self.sign = sign

    def pack(self, value: DischargeRequest) -> TimeSeriesDataType:
        minimum, maximum = value.enter_wh, value.leave_wh
        if self.sign is DischargeSign.POSITIVE_MAGNITUDE:
            minimum, maximum = _given(value.leave_wh), _given(value.enter_wh)
        slot = _slot({self.fields.minimum: minimum, self.fields.maximum: maximum})
        return TimeSeriesDataType(time_series_slot=[slot])

    def unpack(self, entry: TimeSeriesDataType) -> DischargeRequest | None:
        if not entry.time_series_slot:
            return None
        slot = entry.time_series_slot[0]
        minimum = number_of(getattr(slot, self.fields.minimum))
        maximum = number_of(getattr(slot, self.fields.maximum))
        signed = any(energy is not None and energy < 0 for energy in (minimum, maximum))
        if self.sign is DischargeSign.ISO or signed:
            return DischargeRequest(minimum, maximum)
        return DischargeRequest(
            None if maximum is None else 0.0 - maximum, None if minimum is None else 0.0 - minimum
        )


def _given(energy_wh: float | None) -> float | None:
    """What can be given, of an energy that has to be charged."""
    return None if energy_wh is None else max(0.0, -energy_wh)


def _slot(values: Mapping[str, float | None]) -> TimeSeriesSlotType:
    stated = {name: scaled(value) for name, value in values.items()}
    return TimeSeriesSlotType(time_series_slot_id=0).model_copy(update=stated)


def _departure(entry: TimeSeriesDataType, slot: TimeSeriesSlotType) -> float | None:
    periods = [p for p in (slot.time_period, entry.time_period) if p is not None]
    texts = [slot.duration, *(period.end_time for period in periods)]
    return next((s for text in texts if (s := parse_duration(text)) is not None), None)
