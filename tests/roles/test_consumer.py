"""What a client reads of one use case while the data of the peer changes."""

from __future__ import annotations

import pytest

from eebus_gw.errors import NotOffered
from eebus_gw.spine.model.electrical_connection import (
    ElectricalConnectionCharacteristicDataType,
    ElectricalConnectionCharacteristicListDataType,
)
from eebus_gw.spine.values import scaled_number
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import PhaseLimits, PowerConstraints, SetpointValue
from tests.support.bench import Bench
from usecases.curtailment import OPEV
from usecases.setpoints import DBEVC

FUNCTION = "electricalConnectionCharacteristicListData"


def _publish(bench: Bench, *rows: tuple[int, str, int]) -> None:
    """Characteristics by number, type and watts, in place of what was told before."""
    feature = bench.entity.server("ElectricalConnection")
    assert feature is not None
    entries = [
        ElectricalConnectionCharacteristicDataType(
            electrical_connection_id=0,
            parameter_id=0,
            characteristic_id=number,
            characteristic_type=kind,
            value=scaled_number(watts),
        )
        for number, kind, watts in rows
    ]
    data = ElectricalConnectionCharacteristicListDataType(
        electrical_connection_characteristic_data=entries
    )
    bench.box.device.put(feature, FUNCTION, data, None)
    bench.settle()


def test_what_is_its_own_description_is_found_wherever_it_stands_now() -> None:
    """DBEVC 12.6: values may come and change during the session."""
    bench = Bench([DBEVC])
    bench.provide(DBEVC)
    bench.open()
    _publish(bench, (1, "powerConsumptionNominalMax", 11_000))
    assert bench.read(DBEVC, "power_constraints") == PowerConstraints(None, 11_000.0, None, None)
    _publish(
        bench,
        (1, "powerConsumptionNominalMax", 11_000),
        (2, "powerProductionNominalMax", 9_000),
    )
    assert bench.read(DBEVC, "power_constraints") == PowerConstraints(None, 11_000.0, None, 9_000.0)
    _publish(
        bench,
        (1, "powerProductionNominalMax", 8_000),
        (7, "powerConsumptionNominalMax", 7_400),
    )
    assert bench.read(DBEVC, "power_constraints") == PowerConstraints(None, 7_400.0, None, 8_000.0)


def test_a_write_that_names_nothing_is_not_sent() -> None:
    """A peer would accept it, and nothing would have happened."""
    bench = Bench([DBEVC, OPEV])
    bench.provide(DBEVC)
    bench.provide(OPEV)
    bench.open()
    empty: list[tuple[UseCase, str, object]] = [
        (DBEVC, "setpoint", SetpointValue(None, True, phase_w=(1_000.0, None, None))),
        (OPEV, "limit_a", PhaseLimits((None, None, None))),
    ]
    for use_case, key, value in empty:
        with pytest.raises(NotOffered):
            bench.write(use_case, key, value)
    assert bench.asked() == []
