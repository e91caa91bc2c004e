"""Electrical characteristics: nominal powers, contractual maxima, capacities (feature ElectricalConnection)."""

from __future__ import annotations

from eebus_gw.spine.model.electrical_connection import ElectricalConnectionCharacteristicDataType
from eebus_gw.spine.values import number_of, scaled_number
from eebus_gw.vocabulary.definition import Point, Use
from eebus_gw.vocabulary.functions import CHARACTERISTICS, View
from eebus_gw.vocabulary.points.topology import CONNECTION
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import Reading


class Characteristic(Point[float]):
    """One characteristic, found by its type; the magnitude counts because signs differ in the field."""

    uses = (Use(CHARACTERISTICS),)

    def __init__(self, key: str, unit: str, type_: str, *, context: str = "entity") -> None:
        super().__init__(key, unit)
        self.type = type_
        self.context = context

    def locate(self, view: View) -> int | None:
        for entry in CHARACTERISTICS.of(view):
            if entry.characteristic_type == self.type:
                return entry.characteristic_id
        return None

    def read(self, view: View, place: int) -> Reading[float] | None:
        entry = CHARACTERISTICS.by_key(view).get(place)
        number = number_of(entry.value) if entry is not None else None
        return Reading(abs(number)) if number is not None else None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(CHARACTERISTICS)

    def publish(self, shelf: Shelf, value: float) -> None:
        entry = ElectricalConnectionCharacteristicDataType(
            electrical_connection_id=CONNECTION,
            parameter_id=0,
            characteristic_context=self.context,
            characteristic_type=self.type,
            value=scaled_number(value),
            unit=self.unit,
        )
        place = self.locate(shelf)
        if place is None:
            shelf.add(CHARACTERISTICS, entry)
        else:
            shelf.put(CHARACTERISTICS, entry.model_copy(update={"characteristic_id": place}))
