"""Every use case definition: complete, unambiguous, and the same from both ends."""

from __future__ import annotations

import pytest

from eebus_gw.spine.local import LocalDevice
from eebus_gw.vocabulary.definition import Point, Support, UseCase
from eebus_gw.vocabulary.shelf import Shelf
from usecases import catalogue

USE_CASES = list(catalogue().values())
ALL = pytest.mark.parametrize("use_case", USE_CASES, ids=lambda use_case: use_case.code)
POINTS = [
    pytest.param(use_case, point, id=f"{use_case.code}-{point.key}")
    for use_case in USE_CASES
    for point in use_case.points
]

PRESENCE_ONLY = {
    ("evcc", 1): "EV connected: the entity is there",
    ("evcc", 8): "EV disconnected: it is gone",
    ("cevc", 5): "heartbeat of the guard: held by the client",
    ("cevc", 6): "heartbeat of the broker: held by the client",
    ("cevc", 7): "error state of the guard: held by the client",
    ("cevc", 8): "error state of the broker: held by the client",
    ("opev", 2): "heartbeat of the guard: held by the client",
    ("opev", 3): "error state of the guard: held by the client",
    ("oscev", 2): "heartbeat of the manager: held by the client",
    ("oscev", 3): "error state of the manager: held by the client",
    ("cob", 5): "heartbeat of the manager: held by the client",
}
"""Scenarios in which the server holds nothing."""
DESCRIBED_WITH_THE_FIRST_VALUE = {
    ("opev", "discharge_a"): "only a car that discharges has it",
    ("cob", "ac_setpoint"): "an inverter has one of the three",
    ("cob", "dc_setpoint"): "an inverter has one of the three",
    ("cob", "pcc_setpoint"): "an inverter has one of the three",
    **{
        ("cob", key): "an inverter has those of its setpoints"
        for key in (
            *("max_ac_charge_w", "max_ac_discharge_w", "max_dc_charge_w", "max_dc_discharge_w"),
            *("default_ac_w", "default_dc_w", "default_pcc_w"),
            *("failsafe_ac_w", "failsafe_dc_w", "failsafe_pcc_w"),
        )
    },
}


SUPPORT = {
    # Tables 1 of the documents (usecases-ev.md, usecases-grid.md): client and server, scenario by scenario.
    "evsecc": ("RM", "RM"),
    "evcc": ("MMMRRMMM", "MMMRRRRM"),
    "evcem": ("MMM", "ROO"),
    "evsoc": ("MOOO", "MOOO"),
    "opev": ("MMM", "MMM"),
    "oscev": ("MMM", "MMM"),
    "evcs": ("M", "M"),
    "dbevc": ("MMM", "MMM"),
    "cob": ("MMMMM", "MMMMM"),
    "vabd": ("MOOM", "MOOM"),
    "vapd": ("MMM", "MMM"),
    "lpc": ("MMMM", "MMMR"),
    "lpp": ("MMMM", "MMMR"),
    "mpc": ("MOROO", "MOROO"),
    "mgcp": ("OROOOOO", "OMMMROO"),
}


@pytest.mark.parametrize("code", SUPPORT)
def test_scenarios_are_supported_as_the_documents_say(code: str) -> None:
    scenarios = catalogue()[code].scenarios
    stated = ("".join(s.client for s in scenarios), "".join(s.server for s in scenarios))
    assert stated == SUPPORT[code]


def test_names_and_titles_are_unique() -> None:
    for values in ([u.name for u in USE_CASES], [u.title for u in USE_CASES]):
        assert len(values) == len(set(values))
    assert list(catalogue()) == [use_case.code for use_case in USE_CASES]


@ALL
def test_announcement_is_well_formed(use_case: UseCase) -> None:
    """TC_SPINE_COMP_005."""
    major, minor, patch = use_case.version.split(".")
    assert (int(major), int(minor), int(patch)) >= (1, 0, 0)
    assert use_case.sub_revision
    assert use_case.clients
    assert use_case.server.entities


@ALL
def test_scenarios_are_numbered_once_and_in_order(use_case: UseCase) -> None:
    numbers = [scenario.number for scenario in use_case.scenarios]
    assert numbers == list(range(1, len(numbers) + 1))


@ALL
def test_mandatory_scenarios_have_points(use_case: UseCase) -> None:
    empty = {
        (use_case.code, scenario.number)
        for scenario in use_case.scenarios
        if scenario.server is Support.MANDATORY and not scenario.points
    }
    assert empty == {key for key in PRESENCE_ONLY if key[0] == use_case.code}


@ALL
def test_a_key_means_one_point(use_case: UseCase) -> None:
    points = {id(p): p for s in use_case.scenarios for p in s.points}
    keys = [point.key for point in points.values()]
    assert len(keys) == len(set(keys))
    assert all(key == key.lower() and key.isidentifier() for key in keys)


@ALL
def test_every_actor_of_the_client_has_scenarios(use_case: UseCase) -> None:
    for actor in use_case.clients:
        assert set(use_case.client_numbers(actor)) <= {s.number for s in use_case.scenarios}
        assert use_case.client_numbers(actor)


def shelf_of(use_case: UseCase) -> Shelf:
    device = LocalDevice("d:_n:test_1", "Generic")
    return Shelf(device, device.add_entity(use_case.server.entities[0]))


def described(use_case: UseCase) -> Shelf:
    """A complete server of a use case, without values."""
    shelf = shelf_of(use_case)
    for point in use_case.points:
        point.describe(shelf)
    return shelf


@pytest.mark.parametrize(("use_case", "point"), POINTS)
def test_what_a_server_describes_a_client_locates(use_case: UseCase, point: Point[object]) -> None:
    shelf = described(use_case)
    late = (use_case.code, point.key) in DESCRIBED_WITH_THE_FIRST_VALUE
    if any(use.description for use in point.uses):
        assert (point.locate(shelf) is None) is late


@pytest.mark.parametrize(("use_case", "point"), POINTS)
def test_describing_again_changes_nothing(use_case: UseCase, point: Point[object]) -> None:
    shelf = described(use_case)
    place = point.locate(shelf)
    before = {id(f): dict(f.data) for f in shelf.entity.features.values()}
    point.describe(shelf)
    assert point.locate(shelf) == place
    assert {id(f): dict(f.data) for f in shelf.entity.features.values()} == before


@pytest.mark.parametrize(("use_case", "point"), POINTS)
def test_a_server_offers_what_a_client_needs(use_case: UseCase, point: Point[object]) -> None:
    shelf = described(use_case)
    late = (use_case.code, point.key) in DESCRIBED_WITH_THE_FIRST_VALUE
    for use in point.uses:
        if use.required and not late:
            feature = shelf.entity.server(use.function.feature)
            assert feature is not None
            assert use.function.name in feature.operations
            assert feature.operations[use.function.name].write >= use.write


@ALL
def test_points_of_one_use_case_do_not_share_what_is_written(use_case: UseCase) -> None:
    shelf = shelf_of(use_case)
    for point in use_case.points:
        point.describe(shelf)
    owned: dict[tuple[str, object], str] = {}
    for point in use_case.points:
        place = point.locate(shelf) if point.writable else None
        for use in point.uses if place is not None else ():
            for key in point.owns(place, use.function.name):
                assert owned.setdefault((use.function.name, key), point.key) == point.key
