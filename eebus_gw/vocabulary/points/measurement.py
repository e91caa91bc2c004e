"""Measured values, single or per phase (feature Measurement)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from eebus_gw.spine.model.measurement import MeasurementDataType
from eebus_gw.spine.values import number_of, scaled_number
from eebus_gw.vocabulary.definition import Point, Use
from eebus_gw.vocabulary.functions import (
    CONNECTIONS,
    MEASUREMENT_DESCRIPTIONS,
    MEASUREMENTS,
    PARAMETERS,
    View,
)
from eebus_gw.vocabulary.points.topology import (
    Quantity,
    energy_sign,
    ensure_measurement,
    parameters_by_measurement,
)
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import PHASES, PhaseValues, Reading

NORMAL = "normal"
UNUSABLE = "error"
"""The state of a number that is not known any more: peers have to ignore it ([MPC-003], [MGCP-003])."""
_ELECTRICAL = (
    Use(MEASUREMENT_DESCRIPTIONS, description=True),
    Use(CONNECTIONS, description=True, required=False),
    Use(PARAMETERS, description=True, required=False),
    Use(MEASUREMENTS),
)
_PLAIN = (Use(MEASUREMENT_DESCRIPTIONS, description=True), Use(MEASUREMENTS))

_Located = tuple[int, int]
"""Measurement identifier and sign."""


def _described(view: View, quantity: Quantity) -> Iterable[list[int]]:
    """Identifiers of measurements of this quantity by scope, the best first."""
    for scope in quantity.scopes:
        yield [
            entry.measurement_id
            for entry in MEASUREMENT_DESCRIPTIONS.of(view)
            if entry.measurement_id is not None
            and entry.scope_type == scope
            and entry.measurement_type in (quantity.type, None)
        ]


def _value(entries: Iterable[MeasurementDataType], located: _Located) -> Reading[float] | None:
    identifier, sign = located
    for entry in entries:
        if entry.measurement_id == identifier and entry.value_type in ("value", None):
            number = number_of(entry.value)
            if number is None:
                return None
            return Reading(sign * number if sign < 0 else number, entry.value_state or NORMAL)
    return None


def _entry(identifier: int, value: float, state: str, source: str) -> MeasurementDataType:
    return MeasurementDataType(
        measurement_id=identifier,
        value_type="value",
        value=scaled_number(round(value, 3)),
        value_source=source,
        value_state=state,
    )


def _mark_unusable(shelf: Shelf, *identifiers: int) -> None:
    """What was published under these identifiers stays, but is not to be used."""
    known = MEASUREMENTS.by_key(shelf)
    shelf.put(
        MEASUREMENTS,
        *(
            known[identifier].model_copy(update={"value_state": UNUSABLE})
            for identifier in identifiers
            if identifier in known
        ),
    )


class Measurement(Point[float]):
    """One measured value; ``phases`` says what it is measured on (``abc``, or ``None`` where that has no meaning)."""

    def __init__(
        self,
        key: str,
        unit: str,
        quantity: Quantity,
        *,
        phases: str | None = None,
        magnitude: bool = False,
        produced: bool = False,
    ) -> None:
        super().__init__(key, unit)
        self.quantity = quantity
        self.phases = phases
        self.magnitude = magnitude or produced
        """Read the absolute value: the scope fixes the direction, and peers disagree on the sign."""
        self.produced = produced
        """Published as a negative number, as what flows away from the consumer is ([MPC-TS-009], [MGCP-TS-010])."""
        self.uses = _ELECTRICAL if quantity.electrical else _PLAIN

    def locate(self, view: View) -> _Located | None:
        parameters = parameters_by_measurement(view) if self.phases is not None else {}
        for rank, identifiers in enumerate(_described(view, self.quantity)):
            # A device on one phase may have nothing but the value of that phase.
            alone = self.phases is None or len(identifiers) == 1
            for identifier in identifiers:
                parameter = parameters.get(identifier)
                stated = parameter.ac_measured_phases if parameter is not None else None
                # Without phases the best scope speaks for itself; of others it may be any phase.
                whole = rank == 0 if stated is None else len(stated) > 1 or stated == self.phases
                if alone or whole:
                    signed = self.quantity.type in ("power", "current") and not self.magnitude
                    return identifier, energy_sign(view, parameter) if signed else 1
        return None

    def read(self, view: View, place: _Located) -> Reading[float] | None:
        reading = _value(MEASUREMENTS.of(view), place)
        if reading is not None and self.magnitude:
            return Reading(abs(reading.value), reading.state)
        return reading

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(MEASUREMENTS)
        ensure_measurement(shelf, self.quantity, self.phases)

    def publish(self, shelf: Shelf, value: float | None) -> None:
        """``None``: the value is not known any more."""
        identifier = ensure_measurement(shelf, self.quantity, self.phases)
        if value is None:
            _mark_unusable(shelf, identifier)
            return
        source = "measuredValue" if self.quantity.electrical else "calculatedValue"
        signed = -abs(value) if self.produced else value
        shelf.put(MEASUREMENTS, _entry(identifier, signed, NORMAL, source))


class PhaseMeasurement(Point[PhaseValues]):
    """A quantity on each phase; phases the peer does not describe or deliver are ``None``."""

    uses = _ELECTRICAL

    def __init__(self, key: str, unit: str, quantity: Quantity) -> None:
        super().__init__(key, unit)
        self.quantity = quantity

    def locate(self, view: View) -> tuple[_Located | None, ...] | None:
        parameters = parameters_by_measurement(view)
        signed = self.quantity.type in ("power", "current")
        found: dict[str, _Located] = {}
        for identifier in chain.from_iterable(_described(view, self.quantity)):
            parameter = parameters.get(identifier)
            phase = parameter.ac_measured_phases if parameter is not None else None
            to_neutral = parameter is None or parameter.ac_measured_in_reference_to in (
                "neutral",
                None,
            )
            if phase in PHASES and to_neutral:
                sign = energy_sign(view, parameter) if signed else 1
                found.setdefault(phase, (identifier, sign))
        return tuple(found.get(phase) for phase in PHASES) if found else None

    def read(self, view: View, place: tuple[_Located | None, ...]) -> Reading[PhaseValues] | None:
        entries = MEASUREMENTS.of(view)
        readings = [_value(entries, located) if located else None for located in place]
        if all(reading is None for reading in readings):
            return None
        bad = [r.state for r in readings if r is not None and r.state != NORMAL]
        l1, l2, l3 = (
            reading.value if reading is not None and reading.state == NORMAL else None
            for reading in readings
        )
        return Reading((l1, l2, l3), bad[0] if bad else NORMAL)

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(MEASUREMENTS)
        for phase in PHASES:
            ensure_measurement(shelf, self.quantity, phase)

    def publish(self, shelf: Shelf, value: PhaseValues | None) -> None:
        """``None``, and ``None`` on a phase: the value is not known any more, or there never was one."""
        phases = dict(zip(PHASES, value or (None, None, None), strict=True))
        identifiers = {p: ensure_measurement(shelf, self.quantity, p) for p in phases}
        known = {identifiers[p]: number for p, number in phases.items() if number is not None}
        shelf.put(
            MEASUREMENTS,
            *(_entry(i, number, NORMAL, "measuredValue") for i, number in known.items()),
        )
        _mark_unusable(shelf, *(i for i in identifiers.values() if i not in known))
