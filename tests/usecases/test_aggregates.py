"""VABD and VAPD at both ends, on parent and on child."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.roles.matching import match
from eebus_gw.spine.discovery import apply_discovery, apply_use_cases
from eebus_gw.spine.model.node_management import (
    NodeManagementDetailedDiscoveryDataType,
    NodeManagementUseCaseDataType,
)
from eebus_gw.spine.remote import RemoteDevice
from eebus_gw.vocabulary.functions import CONNECTIONS
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.wire.fold import decode
from tests.support.bench import Bench
from usecases.aggregates import VABD, VAPD

BATTERY = {
    "power_w": -2500.0,
    "energy_charged_wh": 123456.0,
    "energy_discharged_wh": 98765.0,
    "soc_percent": 61.0,
}
PHOTOVOLTAICS = {"peak_power_w": 9800.0, "power_w": -4321.0, "energy_yield_wh": 7654321.0}
SMA = Path(__file__).parents[2] / ".." / "shared" / "devices" / "sma-home-manager-2"


@pytest.mark.parametrize("entity", ["ElectricityStorageSystem", "BatterySystem"])
def test_battery(entity: str) -> None:
    pair = Bench([VABD], server=entity)
    pair.provide(VABD, **BATTERY)
    pair.open()
    assert {key: pair.read(VABD, key) for key in BATTERY} == BATTERY


@pytest.mark.parametrize("entity", ["ElectricityGenerationSystem", "PVSystem"])
def test_photovoltaics(entity: str) -> None:
    pair = Bench([VAPD], server=entity)
    pair.provide(VAPD, **PHOTOVOLTAICS)
    pair.open()
    assert {key: pair.read(VAPD, key) for key in PHOTOVOLTAICS} == PHOTOVOLTAICS


def test_a_connection_that_counts_production_as_positive_is_turned_round() -> None:
    pair = Bench([VAPD], server="PVSystem")
    pair.provide(VAPD, **PHOTOVOLTAICS)
    shelf = Shelf(pair.box.device, pair.entity)
    (connection,) = CONNECTIONS.of(shelf)
    shelf.put(CONNECTIONS, connection.model_copy(update={"positive_energy_direction": "produce"}))
    pair.open()
    assert pair.read(VAPD, "power_w") == 4321.0
    assert pair.read(VAPD, "energy_yield_wh") == 7654321.0


def recorded(name: str, function: str) -> Any:
    message = json.loads((SMA / f"{name}.json").read_text())
    return message["data"]["payload"]["datagram"]["payload"]["cmd"][0][function]


@pytest.mark.skipif(not SMA.exists(), reason="reference data is not beside the checkout")
def test_recorded_manager_names_the_parent_and_has_the_features_on_the_child() -> None:
    device = RemoteDevice()
    discovery = recorded("discovery-data", "nodeManagementDetailedDiscoveryData")
    apply_discovery(
        device, decode(discovery, NodeManagementDetailedDiscoveryDataType), partial=False
    )
    use_cases = recorded("usecase-data", "nodeManagementUseCaseData")
    apply_use_cases(device, decode(use_cases, NodeManagementUseCaseDataType), partial=False)
    found = {
        m.use_case.code: (m.entity.path, sorted(m.scenarios)) for m in match([VABD, VAPD], device)
    }
    assert found == {"vabd": ((6, 1), [1, 2, 3, 4]), "vapd": ((7, 1), [1, 2, 3])}
