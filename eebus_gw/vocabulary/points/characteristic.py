"""Electrical characteristics: nominal powers, contractual maxima, capacities (feature ElectricalConnection)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from eebus_gw.spine.model.electrical_connection import ElectricalConnectionCharacteristicDataType
from eebus_gw.spine.model.functions import Key
from eebus_gw.spine.values import number_of, scaled_number
from eebus_gw.vocabulary.definition import Point, Use
from eebus_gw.vocabulary.functions import CHARACTERISTICS, View
from eebus_gw.vocabulary.points.topology import CONNECTION
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import PowerConstraints, Reading


class Characteristic(Point[float]):
    """One characteristic, found by its type; the magnitude counts because signs differ in the field."""

    uses = (Use(CHARACTERISTICS),)

    def __init__(
        self, key: str, unit: str, type_: str, *, context: str = "entity", negative: bool = False
    ) -> None:
        super().__init__(key, unit)
        self.type = type_
        self.context = context
        self.negative = negative
        """Publish with a negative sign; either sign is read."""

    def locate(self, view: View) -> Key | None:
        for key, entry in CHARACTERISTICS.by_keys(view).items():
            if entry.characteristic_type == self.type:
                return key
        return None

    def read(self, view: View, place: Key) -> Reading[float] | None:
        entry = CHARACTERISTICS.by_keys(view).get(place)
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
            value=scaled_number(-value if self.negative else value),
            unit=self.unit,
        )
        place = self.locate(shelf)
        if place is None:
            shelf.add(CHARACTERISTICS, entry)
        else:
            shelf.put(CHARACTERISTICS, entry.model_copy(update={"characteristic_id": place[-1]}))


class NominalPowers(Point[PowerConstraints]):
    """Smallest and largest powers of both directions; magnitudes, whatever sign a peer gives to production."""

    uses = (Use(CHARACTERISTICS),)
    types: ClassVar[Mapping[str, str]] = {
        "charge_min_w": "powerConsumptionNominalMin",
        "charge_max_w": "powerConsumptionNominalMax",
        "discharge_min_w": "powerProductionNominalMin",
        "discharge_max_w": "powerProductionNominalMax",
    }

    def __init__(
        self, key: str, *, context: str = "entity", negative_production: bool = False
    ) -> None:
        super().__init__(key, "W")
        self.members = {
            member: Characteristic(
                member,
                "W",
                type_,
                context=context,
                negative=negative_production and member.startswith("discharge"),
            )
            for member, type_ in self.types.items()
        }

    def locate(self, view: View) -> dict[str, Key] | None:
        places = {name: member.locate(view) for name, member in self.members.items()}
        return {name: place for name, place in places.items() if place is not None} or None

    def read(self, view: View, place: dict[str, Key]) -> Reading[PowerConstraints] | None:
        readings = {
            name: member.read(view, place[name]) if name in place else None
            for name, member in self.members.items()
        }
        if all(reading is None for reading in readings.values()):
            return None
        powers = {name: r.value if r is not None else None for name, r in readings.items()}
        return Reading(PowerConstraints(**powers))

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(CHARACTERISTICS)

    def publish(self, shelf: Shelf, value: PowerConstraints) -> None:
        for name, member in self.members.items():
            if (watts := getattr(value, name)) is not None:
                member.publish(shelf, watts)
