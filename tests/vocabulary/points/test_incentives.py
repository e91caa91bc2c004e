"""Price tables: form and table, whole, with exact prices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.spine.model.common_data_types import AbsoluteOrRecurringTimeType
from eebus_gw.spine.model.incentive_table import (
    IncentiveTableDataType,
    IncentiveTableDescriptionDataType,
    IncentiveTableDescriptionTierType,
    IncentiveTableDescriptionType,
    IncentiveTableIncentiveSlotType,
    IncentiveTableTierType,
    IncentiveTableType,
)
from eebus_gw.spine.model.tariff_information import (
    IncentiveDataType,
    IncentiveDescriptionDataType,
    TariffDataType,
    TariffDescriptionDataType,
    TierBoundaryDataType,
    TierDataType,
)
from eebus_gw.spine.model.time_table import TimeTableDataType
from eebus_gw.spine.values import scaled_number
from eebus_gw.vocabulary.functions import INCENTIVE_DESCRIPTION, INCENTIVES
from eebus_gw.vocabulary.points.incentives import (
    PriceBounds,
    PriceFormPoint,
    PricesWanted,
    PriceTablePoint,
)
from eebus_gw.vocabulary.values import PriceForm, PriceSlot, PriceTable, PriceTier, SlotBounds
from tests.vocabulary.points.support import round_trip, shelf

PRICES = PriceTablePoint("prices")
FORM = PriceFormPoint("price_form")
price = st.integers(-50_000, 500_000).map(lambda n: n / 10_000)
share = st.integers(0, 100).map(float)


@given(
    st.lists(st.tuples(st.integers(1, 20_000), price, price, share), min_size=1, max_size=20),
    st.sampled_from(["EUR", "CHF", None]),
)
def test_table(parts: list[tuple[int, float, float, float]], currency: str | None) -> None:
    slots, position = [], 0.0
    for length, low, high, renewable in parts:
        tiers = (PriceTier(low, 0.0, 1.5, renewable), PriceTier(high, 4000.0, 400.0, renewable))
        slots.append(PriceSlot(position, position + length, tiers))
        position += length
    table = PriceTable(currency, tuple(slots))
    assert round_trip(PRICES, table) == table


@pytest.mark.parametrize(
    ("table", "form"),
    [
        (
            PriceTable("EUR", (PriceSlot(0.0, 1.0, (PriceTier(0.3),)),)),
            PriceForm("EUR", ("absoluteCost",)),
        ),
        (
            PriceTable(None, (PriceSlot(0.0, 1.0, (PriceTier(1.0),)),)),
            PriceForm(None, ("relativeCost",)),
        ),
        (
            PriceTable(None, (PriceSlot(0.0, 1.0, (PriceTier(None, co2_g=300.0),)),)),
            PriceForm(None, ("co2Emission",)),
        ),
        (
            PriceTable(
                "EUR",
                (PriceSlot(0.0, 1.0, (PriceTier(0.1), PriceTier(0.3, 4000.0, 1.0, 2.0))),),
            ),
            PriceForm("EUR", ("absoluteCost", "renewableEnergyPercentage", "co2Emission"), 2),
        ),
    ],
    ids=["absolute", "relative", "emissions only", "all of it in two tiers"],
)
def test_form(table: PriceTable, form: PriceForm) -> None:
    assert table.form == form
    assert round_trip(FORM, form) == form


def foreign_table(unit: str | None) -> PriceTable | None:
    """One slot at 0.3 as a stack writes it that names ``unit`` or none; it leaves most of the description out."""
    here = shelf()
    here.offer(INCENTIVES)
    incentive = IncentiveDescriptionDataType(
        incentive_id=0, incentive_type="absoluteCost", currency="EUR", unit=unit
    )
    here.set(
        INCENTIVE_DESCRIPTION,
        IncentiveTableDescriptionDataType(
            incentive_table_description=[
                IncentiveTableDescriptionType(
                    tariff_description=TariffDescriptionDataType(tariff_id=3),
                    tier=[IncentiveTableDescriptionTierType(incentive_description=[incentive])],
                )
            ]
        ),
    )
    tier = IncentiveTableTierType(
        tier=TierDataType(tier_id=0),
        boundary=[TierBoundaryDataType(boundary_id=0, lower_boundary_value=scaled_number(0))],
        incentive=[IncentiveDataType(incentive_id=0, value=scaled_number(0.3))],
    )
    slot = IncentiveTableIncentiveSlotType(
        time_interval=TimeTableDataType(start_time=AbsoluteOrRecurringTimeType(relative="PT0S")),
        tier=[tier],
    )
    here.set(
        INCENTIVES,
        IncentiveTableDataType(
            incentive_table=[
                IncentiveTableType(tariff=TariffDataType(tariff_id=3), incentive_slot=[slot])
            ]
        ),
    )
    place = PRICES.locate(here)
    assert place == 3
    reading = PRICES.read(here, place)
    return reading.value if reading is not None else None


@pytest.mark.parametrize(("unit", "per_kwh"), [("Wh", 300.0), (None, 0.3), ("kWh", 0.3)], ids=str)
def test_costs_are_per_wh_where_that_is_stated(unit: str | None, per_kwh: float) -> None:
    assert foreign_table(unit) == PriceTable("EUR", (PriceSlot(0.0, None, (PriceTier(per_kwh),)),))


def test_times_of_day_are_not_read() -> None:
    here = shelf()
    round_trip(PRICES, PriceTable("EUR", (PriceSlot(0.0, 1.0, (PriceTier(0.3),)),)), here)
    data = INCENTIVES.of(here)
    assert data is not None
    table = data.incentive_table[0]  # type: ignore[index]
    interval = TimeTableDataType(
        start_time=AbsoluteOrRecurringTimeType(date_time="2026-01-01T00:00:00Z")
    )
    slot = table.incentive_slot[0].model_copy(update={"time_interval": interval})  # type: ignore[index]
    here.set(
        INCENTIVES,
        IncentiveTableDataType(
            incentive_table=[table.model_copy(update={"incentive_slot": [slot]})]
        ),
    )
    assert PRICES.read(here, 0) is None


def test_flag_and_bounds() -> None:
    here = shelf()
    assert round_trip(PricesWanted("wanted"), True, here) is True
    assert round_trip(PricesWanted("wanted"), False, here) is False
    bounds = SlotBounds(1, 96, 60.0, 86_400.0, 60.0)
    assert round_trip(PriceBounds("bounds"), bounds, here) == bounds


def test_later() -> None:
    table = PriceTable(
        "EUR",
        (PriceSlot(0.0, 60.0, (PriceTier(0.1),)), PriceSlot(60.0, 120.0, (PriceTier(0.2),))),
    )
    assert table.later(90.0) == PriceTable("EUR", (PriceSlot(0.0, 30.0, (PriceTier(0.2),)),))
