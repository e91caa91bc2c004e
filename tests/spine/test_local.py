"""Our device as a tree of entities, features and data (SPINE resource specification 2; protocol 4)."""

from __future__ import annotations

import pytest

from eebus_gw.spine.local import LocalDevice
from eebus_gw.spine.remote import Operations

LIMITS = "loadControlLimitListData"
STATE = "deviceDiagnosisStateData"


@pytest.fixture
def device() -> LocalDevice:
    return LocalDevice("d:_n:own_1", "Generic")


def test_node_management_is_there_from_the_start(device: LocalDevice) -> None:
    management = device.feature((0,), 0)
    assert management is not None
    assert (management.type, management.role) == ("NodeManagement", "special")
    assert device.entities[(0,)].type == "DeviceInformation"


def test_entities_get_the_lowest_free_address_below_their_parent(device: LocalDevice) -> None:
    evse = device.add_entity("EVSE")
    first = device.add_entity("EV", parent=evse.path)
    second = device.add_entity("EV", parent=evse.path)
    assert [evse.path, first.path, second.path] == [(1,), (1, 1), (1, 2)]
    device.remove_entity(first)
    assert device.add_entity("EV", parent=evse.path).path == (1, 1)
    assert device.add_entity("CEM").path == (2,)


def test_removing_takes_descendants_and_use_cases_along(device: LocalDevice) -> None:
    evse = device.add_entity("EVSE")
    device.add_entity("EV", parent=evse.path)
    other = device.add_entity("CEM")
    device.remove_entity(evse)
    assert sorted(device.entities) == [(0,), other.path]


def test_an_entity_has_one_feature_of_a_type_and_role(device: LocalDevice) -> None:
    entity = device.add_entity("CEM")
    server = entity.feature("DeviceDiagnosis", "server")
    client = entity.feature("DeviceDiagnosis", "client")
    assert entity.feature("DeviceDiagnosis", "server") is server
    assert entity.server("DeviceDiagnosis") is server
    assert (server.number, client.number) == (1, 2)
    assert entity.server("Measurement") is None


def test_allowing_twice_unites(device: LocalDevice) -> None:
    feature = device.add_entity("EVSE").feature("LoadControl", "server")
    feature.allow(LIMITS, write=True)
    feature.allow(LIMITS)
    assert feature.operations[LIMITS] == Operations(read=True, write=True, write_partial=True)


@pytest.mark.parametrize(
    ("function", "partial"), [(LIMITS, True), (STATE, False), ("incentiveTableData", False)]
)
def test_partial_writes_are_announced_where_entries_can_be_told_apart(
    device: LocalDevice, function: str, partial: bool
) -> None:
    feature = device.add_entity("EVSE").feature("Anything", "server")
    feature.allow(function, write=True)
    assert feature.operations[function].write_partial is partial


@pytest.mark.parametrize(("entity", "number"), [((9,), 1), ((1,), 99), ((1,), None)])
def test_unknown_addresses_are_nothing(
    device: LocalDevice, entity: tuple[int, ...], number: int | None
) -> None:
    device.add_entity("EVSE")
    assert device.feature(entity, number) is None
