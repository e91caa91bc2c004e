"""An entity of ours to put points on."""

from __future__ import annotations

from typing import Any

from eebus_gw.spine.local import LocalDevice
from eebus_gw.vocabulary.definition import Point
from eebus_gw.vocabulary.shelf import Shelf


def shelf(entity_type: str = "EV") -> Shelf:
    """An empty entity."""
    device = LocalDevice("d:_n:test", "Generic")
    return Shelf(device, device.add_entity(entity_type))


def round_trip(point: Point[Any], value: Any, on: Shelf | None = None) -> Any:
    """What a client reads of what a server published: describe, publish, locate, read."""
    here = on or shelf()
    point.describe(here)
    point.publish(here, value)
    place = point.locate(here)
    assert place is not None
    reading = point.read(here, place)
    return reading.value if reading is not None else None
