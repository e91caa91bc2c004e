"""What a device of the house shows, and from where."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eebus_gw.bridge.house_documents import house_document
from eebus_gw.bridge.readings import Readings
from eebus_gw.vocabulary.values import Reading

NOW = datetime(2026, 11, 25, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "power_w", "source"),
    [
        ({"mgcp": -1_200.0}, -1_200.0, "mgcp"),
        ({"mpc": 1_900.0}, 1_900.0, "mpc"),
        ({"mpc": 1_900.0, "mgcp": -1_200.0}, -1_200.0, "mgcp"),
    ],
    ids=["grid meter", "heat pump", "a meter that draws itself"],
)
def test_the_grid_connection_goes_before_the_device_itself(
    told: dict[str, float], power_w: float, source: str
) -> None:
    """Never a mixture: each member comes from the same place."""
    readings = Readings()
    for code, watts in told.items():
        readings.put((code, "power_w"), Reading(watts))
    readings.put(("mpc", "voltage_v"), Reading((231.0, 230.0, 229.0)))
    document = house_document("meter", readings, NOW)
    assert document is not None
    assert (document["power_w"], document["source"]) == (power_w, source)
    assert (document["voltage_v"][0] is None) is (source == "mgcp")


def test_a_device_that_measures_nothing_has_no_meter() -> None:
    readings = Readings()
    readings.put(("lpc", "failsafe_w"), Reading(4_200.0))
    assert house_document("meter", readings, NOW) is None
