"""OPEV and OSCEV: what a car refuses, and limits with scope ``discharge``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eebus_gw.spine.model.load_control import (
    LoadControlLimitDataType,
    LoadControlLimitDescriptionDataType,
)
from eebus_gw.spine.values import scaled_number
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.functions import LIMIT_DESCRIPTIONS, LIMITS
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import PhaseLimits, PhaseRanges, Range
from tests.support.bench import Bench
from usecases.curtailment import OPEV, OSCEV

FREE = PhaseLimits((16.0,) * 3, (False,) * 3)
CEILING = PhaseLimits((10.0,) * 3, (True,) * 3)
RANGES = PhaseRanges((Range(6.0, 16.0, 0.0),) * 3)


def bench(*, discharge: bool, partial: bool = True) -> Bench:
    pair = Bench([OPEV, OSCEV])
    values: dict[str, Any] = {"limit_a": FREE, "range_a": RANGES}
    pair.provide(OSCEV, **values)
    pair.provide(OPEV, **values, **({"discharge_a": CEILING} if discharge else {}))
    if not partial:
        feature = pair.entity.server("LoadControl")
        assert feature is not None
        operations = feature.operations["loadControlLimitListData"]
        feature.operations["loadControlLimitListData"] = replace(operations, write_partial=False)
    pair.open()
    return pair


@pytest.mark.parametrize("use_case", [OPEV, OSCEV], ids=["opev", "oscev"])
@pytest.mark.parametrize(
    ("amperes", "number"),
    [((-1.0, 10.0, 10.0), 7), ((0.0, 0.0, 0.0), 0), ((100.0, 100.0, 100.0), 0)],
    ids=["negative", "pause", "above the maximum: the car caps it"],
)
def test_write_validation(
    use_case: UseCase, amperes: tuple[float, float, float], number: int
) -> None:
    pair = bench(discharge=False)
    assert pair.write(use_case, "limit_a", PhaseLimits(amperes)).error_number == number
    expected = FREE if number else PhaseLimits(amperes)
    assert pair.read(use_case, "limit_a") == expected


def test_one_bad_phase_leaves_all_as_they_were() -> None:
    pair = bench(discharge=False)
    pair.write(OPEV, "limit_a", PhaseLimits((8.0, 8.0, 8.0)))
    assert pair.write(OPEV, "limit_a", PhaseLimits((10.0, 10.0, -0.1))).error_number == 7
    assert pair.read(OPEV, "limit_a").amperes == (8.0, 8.0, 8.0)


def test_cars_that_cannot_discharge_describe_no_such_limit() -> None:
    pair = bench(discharge=False)
    assert pair.read(OPEV, "discharge_a") is None
    assert pair.read(OPEV, "limit_a") == FREE


def test_discharge_limits_are_read_beside_those_for_charging() -> None:
    pair = bench(discharge=True)
    assert pair.read(OPEV, "discharge_a") == CEILING
    assert pair.read(OPEV, "limit_a") == FREE
    assert pair.read(OPEV, "range_a") == RANGES


@pytest.mark.parametrize("partial", [True, False], ids=["partial", "full list"])
def test_discharge_limits_survive_writes_meant_for_others(partial: bool) -> None:
    pair = bench(discharge=True, partial=partial)
    assert pair.write(OPEV, "limit_a", PhaseLimits((6.0,) * 3)).error_number == 0
    assert pair.write(OSCEV, "limit_a", PhaseLimits((7.0,) * 3)).error_number == 0
    assert pair.read(OPEV, "discharge_a") == CEILING
    assert pair.read(OPEV, "limit_a").amperes == (6.0,) * 3
    assert pair.read(OSCEV, "limit_a").amperes == (7.0,) * 3


def test_entries_nobody_knows_survive_a_full_write_unchanged() -> None:
    """A total recommendation of the newer generation: none of our points owns it."""

    pair = bench(discharge=True, partial=False)
    shelf = Shelf(pair.box.device, pair.entity)
    total = shelf.add(
        LIMIT_DESCRIPTIONS,
        LoadControlLimitDescriptionDataType(
            limit_category="recommendation", scope_type="selfConsumption", unit="A"
        ),
    )
    entry = LoadControlLimitDataType(
        limit_id=total, is_limit_changeable=True, is_limit_active=True, value=scaled_number(20)
    )
    shelf.put(LIMITS, entry)
    pair.settle()
    assert pair.write(OPEV, "limit_a", PhaseLimits((6.0,) * 3)).error_number == 0
    assert LIMITS.by_key(shelf)[total] == entry
