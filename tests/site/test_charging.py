"""Currents of one car: rules of OPEV 1.0.1b and OSCEV 1.0.1b, typed from the documents."""

from __future__ import annotations

import pytest

from eebus_gw.site.charging import (
    ChargingSituation,
    ChargingWish,
    Curtailment,
    NotNow,
    decide,
    recommend,
)
from eebus_gw.vocabulary.values import PhaseLimits, PhaseRanges, PhaseValues, Range

ISO = PhaseRanges((Range(3, 16, 0.1),) * 3)
IEC = PhaseRanges((Range(6, 16, 0),) * 3)
ONE_PHASE = PhaseRanges((Range(6, 32, 0), None, None))
FREE = (False, False, False)
ALL = (True, True, True)


def limits(wish: ChargingWish, situation: ChargingSituation) -> PhaseLimits:
    decision = decide(wish, situation)
    assert isinstance(decision, Curtailment), decision
    return decision.limits


@pytest.mark.parametrize(
    ("wish", "amperes", "active"),
    [
        pytest.param(None, (16, 16, 16), FREE, id="OPEV-003 nothing wished is stated as inactive"),
        pytest.param((10, 10, 10), (10, 10, 10), ALL, id="OPEV-001 a current below the maximum"),
        pytest.param((16, 16, 16), (16, 16, 16), FREE, id="OPEV-003 the maximum is no curtailment"),
        pytest.param((40, 40, 40), (16, 16, 16), FREE, id="above the maximum is the maximum"),
        pytest.param((10, 8, 12), (8, 8, 8), ALL, id="OPEV-002 symmetric cars take the lowest"),
        pytest.param((5.9, 5.9, 5.9), (0, 0, 0), ALL, id="between 0 and the minimum it pauses"),
        pytest.param((6, 6, 6), (6, 6, 6), ALL, id="the minimum itself is permitted"),
        pytest.param((0, 0, 0), (0, 0, 0), ALL, id="0 A pauses an IEC 61851 car"),
        pytest.param((10, None, None), (10, 10, 10), ALL, id="open phases follow the stated one"),
    ],
)
def test_wish(wish: PhaseValues | None, amperes: PhaseValues, active: tuple[bool, ...]) -> None:
    found = limits(ChargingWish(wish), ChargingSituation(IEC, "iec61851"))
    assert (found.amperes, found.active) == (amperes, active)


@pytest.mark.parametrize(
    ("permitted", "standard", "pause_a"),
    [
        pytest.param(IEC, "iec61851", 0, id="IEC 61851 pauses at 0 A"),
        pytest.param(ISO, "iso15118-2ed2", 0.1, id="ISO 15118-2 pauses at 0.1 A"),
        pytest.param(
            PhaseRanges((Range(6, 16, None),) * 3), "iso15118-2ed1", 0.1, id="unstated, ISO"
        ),
        pytest.param(PhaseRanges((Range(6, 16, None),) * 3), "iec61851", 0, id="unstated, IEC"),
    ],
)
def test_pause(permitted: PhaseRanges, standard: str, pause_a: float) -> None:
    found = limits(ChargingWish(enabled=False), ChargingSituation(permitted, standard))
    assert found.amperes == (pause_a,) * 3
    assert found.active == ALL


def test_pause_waits_for_the_communication_standard() -> None:
    """0 A before the standard is known would throw an ISO 15118 car back to IEC 61851."""
    decision = decide(ChargingWish(enabled=False), ChargingSituation(ISO, None))
    assert isinstance(decision, NotNow)
    assert decision.reason == "ev_standard_unknown"


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(
    ("ceiling_a", "installed_a"), [(8.0, None), (None, 8.0)], ids=["grid", "fuse"]
)
def test_what_stands_above_a_wish_holds_while_a_pause_waits_for_the_standard(
    ceiling_a: float | None, installed_a: float | None, enabled: bool
) -> None:
    wish = ChargingWish((0.0,) * 3 if enabled else None, enabled)
    decision = decide(wish, ChargingSituation(IEC, None, False, ceiling_a, installed_a))
    assert isinstance(decision, NotNow)
    assert decision.meanwhile is not None
    assert decision.meanwhile.limits == PhaseLimits((6.0, 6.0, 6.0), (True, True, True))


@pytest.mark.parametrize(("pause_a", "written_a"), [(0.1, 0.1), (None, 0.0)])
def test_a_limit_that_asks_for_a_pause_does_not_wait_for_a_standard_that_is_never_told(
    pause_a: float | None, written_a: float
) -> None:
    permitted = PhaseRanges((Range(6.0, 16.0, pause_a),) * 3)
    before = decide(ChargingWish(), ChargingSituation(permitted, None, ceiling_a=0.0))
    assert isinstance(before, NotNow)
    assert before.meanwhile is not None
    assert before.meanwhile.limits.amperes == (6.0, 6.0, 6.0)
    after = decide(ChargingWish(), ChargingSituation(permitted, None, ceiling_a=0.0, settled=True))
    assert isinstance(after, Curtailment)
    assert after.limits.amperes == (written_a,) * 3
    assert after.bounded_by == "grid_consumption"


@pytest.mark.parametrize(("offered", "settled"), [(True, True), (False, False)])
def test_a_pause_that_is_wished_waits_for_a_standard_that_may_be_told(
    offered: bool, settled: bool
) -> None:
    situation = ChargingSituation(IEC, None, settled=settled, standard_offered=offered)
    assert isinstance(decide(ChargingWish(enabled=False), situation), NotNow)


def test_a_pause_that_is_wished_waits_for_no_standard_that_is_never_told() -> None:
    """A wallbox that offers OPEV alone could not be paused at all."""
    situation = ChargingSituation(IEC, None, settled=True, standard_offered=False)
    assert limits(ChargingWish(enabled=False), situation).amperes == (0.0,) * 3


def test_curtailing_above_the_minimum_needs_no_standard() -> None:
    assert limits(ChargingWish((8, 8, 8)), ChargingSituation(ISO, None)).amperes == (8, 8, 8)


def test_asymmetric_car_takes_each_phase_by_itself() -> None:
    found = limits(ChargingWish((10, 8, 12)), ChargingSituation(IEC, "iec61851", asymmetric=True))
    assert found.amperes == (10, 8, 12)


def test_missing_phases_stay_out_of_the_write() -> None:
    found = limits(ChargingWish((10, 10, 10)), ChargingSituation(ONE_PHASE, "iec61851"))
    assert found.amperes == (10, None, None)
    assert found.active == (True, None, None)


@pytest.mark.parametrize(
    ("ceiling_a", "amperes", "bounded_by"),
    [
        pytest.param(8.0, (8, 8, 8), "grid_consumption", id="a grid limit below the wish"),
        pytest.param(12.0, (10, 10, 10), None, id="a grid limit above the wish"),
        pytest.param(0.0, (0, 0, 0), "grid_consumption", id="a share too small pauses"),
    ],
)
def test_ceiling(ceiling_a: float, amperes: PhaseValues, bounded_by: str | None) -> None:
    decision = decide(
        ChargingWish((10, 10, 10)), ChargingSituation(IEC, "iec61851", ceiling_a=ceiling_a)
    )
    assert isinstance(decision, Curtailment)
    assert decision.limits.amperes == amperes
    assert decision.bounded_by == bounded_by


def test_nothing_is_decided_before_the_wallbox_states_its_range() -> None:
    decision = decide(ChargingWish((10, 10, 10)), ChargingSituation(None, "iec61851"))
    assert isinstance(decision, NotNow)
    assert decision.reason == "data_missing"


@pytest.mark.parametrize(
    ("wanted", "amperes", "active"),
    [
        pytest.param(None, (0, 0, 0), FREE, id="withdrawn: inactive with 0"),
        pytest.param((4, 4, 4), (0, 0, 0), FREE, id="below the minimum: inactive"),
        pytest.param((6, 6, 6), (6, 6, 6), ALL, id="from the minimum on"),
        pytest.param((16, 16, 16), (16, 16, 16), ALL, id="active at the maximum, unlike OPEV"),
        pytest.param((20, 20, 20), (16, 16, 16), ALL, id="capped at the maximum"),
    ],
)
def test_recommendation(
    wanted: PhaseValues | None, amperes: PhaseValues, active: tuple[bool, ...]
) -> None:
    found = recommend(wanted, IEC)
    assert (found.amperes, found.active) == (amperes, active)
