"""Energy requests in every form the wire map knows."""

from __future__ import annotations

from itertools import permutations

import pytest

from eebus_gw.vocabulary.points.energy_request import (
    DepartureField,
    DischargeRequestSeries,
    DischargeSign,
    EnergyFields,
    EnergyRequestSeries,
)
from eebus_gw.vocabulary.values import DischargeRequest, EnergyRequest
from tests.vocabulary.points.support import round_trip, shelf

REQUEST = EnergyRequest(-5000.0, 12_000.0, 30_000.0, 7200.0)


@pytest.mark.parametrize("departure", DepartureField, ids=str)
@pytest.mark.parametrize("names", list(permutations(("min_value", "value", "max_value"))), ids=str)
def test_every_permutation(names: tuple[str, str, str], departure: DepartureField) -> None:
    point = EnergyRequestSeries(
        "request", "energyRequest", fields=EnergyFields(*names), departure=departure
    )
    assert round_trip(point, REQUEST) == REQUEST


def test_a_departure_that_is_withdrawn_is_gone() -> None:
    here = shelf()
    point = EnergyRequestSeries(
        "request", "energyRequest", fields=EnergyFields(), departure=DepartureField.BOTH
    )
    round_trip(point, REQUEST, here)
    without = EnergyRequest(-5000.0, 12_000.0, 30_000.0)
    assert round_trip(point, without, here) == without


@pytest.mark.parametrize(
    ("request_", "consistent"),
    [
        (EnergyRequest(0.0, 1.0, 2.0), True),
        (EnergyRequest(0.0, None, 2.0), True),
        (EnergyRequest(3.0, 1.0, 2.0), False),
        (EnergyRequest(0.0, 5.0, 2.0), False),
    ],
    ids=str,
)
def test_consistency(request_: EnergyRequest, consistent: bool) -> None:
    assert request_.consistent is consistent


@pytest.mark.parametrize(
    ("window", "energy_wh"),
    [
        (DischargeRequest(-5000.0, 20_000.0), 5000.0),
        (DischargeRequest(-5000.0, 0.0), 5000.0),
        (DischargeRequest(0.0, 20_000.0), 0.0),
        (DischargeRequest(1000.0, 20_000.0), 0.0),
        (DischargeRequest(-5000.0, -1.0), 0.0),
        (DischargeRequest(5000.0, -1.0), 0.0),
        (DischargeRequest(None, 1.0), 0.0),
        (DischargeRequest(-5000.0, None), 0.0),
    ],
    ids=str,
)
def test_what_can_be_discharged(window: DischargeRequest, energy_wh: float) -> None:
    assert window.dischargeable_wh == energy_wh


@pytest.mark.parametrize("sign", DischargeSign, ids=str)
@pytest.mark.parametrize("enter", [-5000.0, 0.0, 4000.0])
def test_either_sign_tells_the_same_energy(sign: DischargeSign, enter: float) -> None:
    point = DischargeRequestSeries(
        "window", "dischargingEnergyRequest", fields=EnergyFields(), sign=sign
    )
    window = DischargeRequest(enter, 20_000.0)
    assert round_trip(point, window).dischargeable_wh == window.dischargeable_wh
