"""Which announcements can be used, on which entity, and why others cannot (use case documents 3.1.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eebus_gw.roles.matching import match, verdicts
from eebus_gw.spine.remote import (
    AnnouncedUseCase,
    Operations,
    RemoteDevice,
    RemoteEntity,
    RemoteFeature,
)
from eebus_gw.vocabulary.definition import UseCase
from usecases.commissioning import EVCC, EVSECC
from usecases.curtailment import OPEV
from usecases.ev_monitoring import EVCEM, EVSOC
from usecases.limitation import LPC
from usecases.monitoring import MGCP, MPC

EV_FEATURES: dict[str, tuple[str, ...]] = {
    "LoadControl": ("loadControlLimitListData", "loadControlLimitDescriptionListData"),
    "ElectricalConnection": (
        "electricalConnectionParameterDescriptionListData",
        "electricalConnectionPermittedValueSetListData",
    ),
    "Measurement": ("measurementListData", "measurementDescriptionListData"),
}


def entity(path: tuple[int, ...], kind: str, features: dict[str, tuple[str, ...]]) -> RemoteEntity:
    made = {
        number: RemoteFeature(
            path, number, feature, "server", {name: Operations(read=True) for name in functions}
        )
        for number, (feature, functions) in enumerate(features.items(), start=1)
    }
    return RemoteEntity(path, kind, made)


def box(*announced: AnnouncedUseCase, car: bool = True, **features: Any) -> RemoteDevice:
    entities: dict[tuple[int, ...], RemoteEntity] = {
        (0,): entity((0,), "DeviceInformation", {}),
        (1,): entity((1,), "EVSE", {}),
    }
    if car:
        entities[1, 1] = entity((1, 1), "EV", features.get("features", EV_FEATURES))
    return RemoteDevice("d:_n:box_1", entities=entities, use_cases=announced)


def announce(use_case: UseCase, **changes: Any) -> AnnouncedUseCase:
    numbers = tuple(scenario.number for scenario in use_case.scenarios)
    plain = AnnouncedUseCase("EV", use_case.name, "1.0.1", numbers, (1, 1), True)
    return replace(plain, **changes)


def found(
    device: RemoteDevice, *use_cases: UseCase
) -> list[tuple[str, tuple[int, ...], list[int]]]:
    return [(m.use_case.code, m.entity.path, sorted(m.scenarios)) for m in match(use_cases, device)]


OPEV_FOUND = [("opev", (1, 1), [1, 2, 3])]


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("as the document says", {}),
        ("available is ignored (IG 2.2)", {"available": False}),
        ("available is missing", {"available": None}),
        ("version is not evaluated", {"version": "9.9.9"}),
        ("version is missing", {"version": None}),
        ("address is missing", {"entity": None}),
        ("address of the wallbox (Porsche Mobile Charger Plus)", {"entity": (1,)}),
        ("name in other capitals", {"name": OPEV.name.upper()}),
    ],
)
def test_what_is_tolerated(rule: str, changes: dict[str, Any]) -> None:
    assert found(box(announce(OPEV, **changes)), OPEV) == OPEV_FOUND, rule


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("another actor", {"actor": "Heater"}),
        ("our own actor", {"actor": "CEM"}),
        ("an entity that is not there", {"entity": (2, 1)}),
        ("an entity without a car", {"entity": (0,)}),
        ("scenarios nobody knows", {"scenarios": (17,)}),
    ],
)
def test_what_is_not(rule: str, changes: dict[str, Any]) -> None:
    assert found(box(announce(OPEV, **changes)), OPEV) == [], rule


def test_scenarios_count_that_are_announced_and_have_their_features() -> None:
    device = box(announce(EVCEM, scenarios=(1, 3)))
    assert found(device, EVCEM) == [("evcem", (1, 1), [1, 3])]
    without = {name: f for name, f in EV_FEATURES.items() if name != "Measurement"}
    assert found(box(announce(EVCEM), features=without), EVCEM) == []


def test_without_scenario_list_the_mandatory_ones_are_assumed() -> None:
    assert found(box(announce(EVSOC, scenarios=())), EVSOC) == [("evsoc", (1, 1), [1])]


def test_announcements_of_several_actors_are_united() -> None:
    device = box(
        announce(EVSECC, actor="EV", scenarios=(1,), entity=None),
        announce(EVSECC, actor="EVSE", scenarios=(2,), entity=(1,)),
        announce(EVSECC, actor="EVSE", scenarios=(2,), entity=(1,)),
    )
    device.entities[1,] = entity(
        (1,),
        "EVSE",
        {
            "DeviceClassification": ("deviceClassificationManufacturerData",),
            "DeviceDiagnosis": ("deviceDiagnosisStateData",),
        },
    )
    assert found(device, EVSECC) == [("evsecc", (1,), [1, 2])]


def test_a_generic_feature_stands_in_for_the_functions_it_announces() -> None:
    functions = (*EV_FEATURES["LoadControl"], *EV_FEATURES["ElectricalConnection"])
    device = box(announce(OPEV), features={"Generic": functions})
    assert found(device, OPEV) == OPEV_FOUND
    assert found(box(announce(EVCEM), features={"Generic": functions}), EVCEM) == []


def test_types_are_no_proof_where_the_address_is_stated() -> None:
    announced = announce(MPC, actor="MonitoredUnit", entity=(3,), scenarios=(1,))
    device = box(announced, car=False)
    device.entities[3,] = entity((3,), "Generic", EV_FEATURES)
    assert found(device, MPC) == [("mpc", (3,), [1])]


def test_several_places_of_one_use_case_are_all_found_in_order() -> None:
    device = box(announce(EVCC, entity=None, scenarios=(1, 8)))
    device.entities[2,] = entity((2,), "EVSE", {})
    device.entities[2, 1] = entity((2, 1), "EV", {})
    assert [place for _, place, _ in found(device, EVCC)] == [(1, 1), (2, 1)]


@pytest.mark.parametrize(
    ("device", "use_case", "reason"),
    [
        (box(car=False), OPEV, "no car is plugged in, so the wallbox announces nothing for it yet"),
        (box(), OPEV, "not announced"),
        (box(car=False), LPC, "not announced"),
        (
            box(announce(OPEV, actor="CEM")),
            OPEV,
            "announced only in the role CEM, which is our own",
        ),
        (
            box(announce(MPC, actor="HeatPump")),
            MPC,
            "announced only in the role HeatPump, which the use case does not know",
        ),
        (
            box(announce(OPEV, entity=(7,))),
            OPEV,
            "announced, but there is no entity of type EV",
        ),
        (
            box(announce(MGCP, actor="GridConnectionPoint", entity=None)),
            MGCP,
            "announced, but there is no entity of type GridConnectionPointOfPremises or CEM",
        ),
        (
            box(announce(EVCEM), features={}),
            EVCEM,
            "announced, but entity EV [1,1] lacks the feature Measurement",
        ),
        (
            box(announce(OPEV, scenarios=(17,))),
            OPEV,
            "announced without any scenario this gateway can use",
        ),
    ],
)
def test_reasons(device: RemoteDevice, use_case: UseCase, reason: str) -> None:
    (verdict,) = verdicts([use_case], device)
    assert (verdict.usable, verdict.why_not) == (False, reason)
