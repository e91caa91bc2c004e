"""Identifications of vehicles are personal data (contract, payloads)."""

from __future__ import annotations

from eebus_gw.gateway.identifications import hashed
from eebus_gw.retained import Retained
from eebus_gw.settings import Settings
from tests.support.clock import FakeClock

CAR = "02-00-00-AA-BB-CC"


def test_they_are_published_only_on_request() -> None:
    assert Settings().privacy.ev_identifiers is False


def test_the_same_car_has_the_same_hash_also_after_a_restart() -> None:
    retained = Retained()
    shown = hashed(retained, FakeClock())(CAR)
    assert hashed(retained, FakeClock())(CAR) == shown
    assert hashed(retained, FakeClock())("02-00-00-AA-BB-CD") != shown
    assert len(shown) == 16


def test_another_gateway_shows_another_hash() -> None:
    assert hashed(Retained(), FakeClock())(CAR) != hashed(Retained(), FakeClock())(CAR)
