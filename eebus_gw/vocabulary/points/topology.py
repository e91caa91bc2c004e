"""Phases and electrical connections: what ties measurements, limits and permitted values together.

Limits and setpoints name a measurement, permitted values a parameter; the parameter description joins the two and says
which phase it is about. A phase is described once for all use cases of an entity.
"""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.spine.model.electrical_connection import (
    ElectricalConnectionDescriptionDataType,
    ElectricalConnectionParameterDescriptionDataType,
)
from eebus_gw.spine.model.measurement import MeasurementDescriptionDataType
from eebus_gw.vocabulary.functions import (
    CONNECTIONS,
    MEASUREMENT_DESCRIPTIONS,
    PARAMETERS,
    View,
)
from eebus_gw.vocabulary.shelf import Shelf

CONNECTION = 0


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measurable quantity as SPINE describes it; of several scopes the first is published, all are read."""

    type: str
    unit: str
    scopes: tuple[str, ...]
    commodity: str | None = "electricity"
    electrical: bool = True
    apparent: bool = False


CURRENT = Quantity("current", "A", ("acCurrent",))
POWER = Quantity("power", "W", ("acPower",))
POWER_TOTAL = Quantity("power", "W", ("acPowerTotal", "acPower"))
VOLTAGE = Quantity("voltage", "V", ("acVoltage",), apparent=True)


def parameters_by_measurement(
    view: View,
) -> dict[int, ElectricalConnectionParameterDescriptionDataType]:
    """Parameter descriptions by the measurement they describe."""
    return {p.measurement_id: p for p in PARAMETERS.of(view) if p.measurement_id is not None}


def energy_sign(
    view: View, parameter: ElectricalConnectionParameterDescriptionDataType | None
) -> int:
    """−1 where the connection of ``parameter`` counts production as positive, else 1.

    Without such a connection the first one of the entity counts.
    """
    connections = CONNECTIONS.of(view)
    stated = parameter.electrical_connection_id if parameter is not None else None
    own = [each for each in connections if each.electrical_connection_id == stated]
    meant = (own or connections)[:1]
    return -1 if any(each.positive_energy_direction == "produce" for each in meant) else 1


def ensure_connection(shelf: Shelf) -> None:
    """Describes the AC connection of the entity, three-phase and counting consumption as positive."""
    if not CONNECTIONS.of(shelf):
        shelf.put(
            CONNECTIONS,
            ElectricalConnectionDescriptionDataType(
                electrical_connection_id=CONNECTION,
                power_supply_type="ac",
                ac_connected_phases=3,
                positive_energy_direction="consume",
            ),
        )


def ensure_measurement(shelf: Shelf, quantity: Quantity, phases: str | None) -> int:
    """The identifier of a measurement on ``phases``, described now if it was not before."""
    described = parameters_by_measurement(shelf) if quantity.electrical else {}
    for entry in MEASUREMENT_DESCRIPTIONS.of(shelf):
        if entry.measurement_id is None or entry.scope_type != quantity.scopes[0]:
            continue
        parameter = described.get(entry.measurement_id)
        known = parameter.ac_measured_phases if parameter is not None else None
        if known == phases and entry.measurement_type == quantity.type:
            return entry.measurement_id
    identifier = shelf.add(
        MEASUREMENT_DESCRIPTIONS,
        MeasurementDescriptionDataType(
            measurement_type=quantity.type,
            commodity_type=quantity.commodity,
            unit=quantity.unit,
            scope_type=quantity.scopes[0],
        ),
    )
    if quantity.electrical:
        ensure_connection(shelf)
        _describe_parameter(shelf, identifier, quantity, phases)
    return identifier


def parameter_of(shelf: Shelf, measurement_id: int) -> int:
    """The parameter that describes a measurement of ours."""
    parameter = parameters_by_measurement(shelf)[measurement_id].parameter_id
    assert parameter is not None
    return parameter


def _describe_parameter(
    shelf: Shelf, measurement_id: int, quantity: Quantity, phases: str | None
) -> None:
    single = phases is not None and len(phases) == 1
    flow = quantity.type in ("current", "power", "voltage")
    shelf.add(
        PARAMETERS,
        ElectricalConnectionParameterDescriptionDataType(
            electrical_connection_id=CONNECTION,
            measurement_id=measurement_id,
            voltage_type="ac",
            ac_measured_phases=phases,
            ac_measured_in_reference_to="neutral" if single else None,
            ac_measurement_type="apparent" if quantity.apparent else "real",
            ac_measurement_variant="rms" if flow else None,
            scope_type=quantity.scopes[0],
        ),
    )
