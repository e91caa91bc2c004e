"""One power limit with activation, end and changeability."""

from __future__ import annotations

import pytest

from eebus_gw.spine.model.common_data_types import TimePeriodType
from eebus_gw.spine.model.load_control import LoadControlLimitDataType
from eebus_gw.spine.values import scaled_number
from eebus_gw.vocabulary.functions import LIMITS
from eebus_gw.vocabulary.values import LimitValue
from tests.vocabulary.points.support import round_trip, shelf
from usecases.limitation import LPC


@pytest.mark.parametrize(
    "limit", [LimitValue(4_200.0, True), LimitValue(0.0, False), LimitValue(6_000.0, True, 600.0)]
)
def test_what_is_published_is_read(limit: LimitValue) -> None:
    assert round_trip(LPC.limit, limit) == limit


@pytest.mark.parametrize(
    ("stated", "changeable"), [(True, True), (None, True), (False, False)], ids=str
)
def test_only_what_says_so_is_not_changeable(stated: bool | None, changeable: bool) -> None:
    """Table 23: absent means changeable."""
    assert _read(is_limit_changeable=stated).changeable is changeable


@pytest.mark.parametrize("end", ["2026-11-25T12:00:00Z", "P1M", "P1Y", "P1Y2DT3H"])
def test_an_end_that_is_no_exact_duration_is_not_taken_for_no_end(end: str) -> None:
    """[LPC-004]; how long a year or a month lasts is not for us to choose (XML Schema duration)."""
    limit = _read(time_period=TimePeriodType(end_time=end))
    assert (limit.watts, limit.active, limit.duration_s) == (None, True, None)


def _read(**members: object) -> LimitValue:
    here = shelf("CEM")
    LPC.limit.describe(here)
    place = LPC.limit.locate(here)
    assert place is not None
    entry = {"limit_id": place, "is_limit_active": True, "value": scaled_number(4_200)}
    here.replace(LIMITS, LoadControlLimitDataType.model_validate({**entry, **members}))
    reading = LPC.limit.read(here, place)
    assert reading is not None
    return reading.value
