"""Price tables as the structures that carry them: tiers with boundaries and incentives, slots with relative times.

Absolute costs are per Wh on the wire, with the unit stated, and per kWh here. Stacks that state no unit
write costs per kWh: they cannot express the fourth decimal of a cost per Wh.
"""

from __future__ import annotations

from collections.abc import Mapping

from eebus_gw.spine.model.common_data_types import AbsoluteOrRecurringTimeType, ScaledNumberType
from eebus_gw.spine.model.incentive_table import (
    IncentiveTableDataType,
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
    TierBoundaryDataType,
    TierBoundaryDescriptionDataType,
    TierDataType,
    TierDescriptionDataType,
)
from eebus_gw.spine.model.time_table import TimeTableDataType
from eebus_gw.spine.values import format_duration, number_of, parse_duration, scaled_number
from eebus_gw.vocabulary.values import PriceForm, PriceSlot, PriceTable, PriceTier

ABSOLUTE, RELATIVE = "absoluteCost", "relativeCost"
RENEWABLE, EMISSION = "renewableEnergyPercentage", "co2Emission"
WH_PER_KWH_SCALE = 3


# --- the form


def formed(entry: IncentiveTableDescriptionType, form: PriceForm) -> IncentiveTableDescriptionType:
    """The tariff of ``entry`` with tiers as ``form`` wants them; identifiers count through the whole table."""
    return IncentiveTableDescriptionType(
        tariff_description=entry.tariff_description,
        tier=[_tier_description(number, form) for number in range(form.tiers)],
    )


def _tier_description(number: int, form: PriceForm) -> IncentiveTableDescriptionTierType:
    return IncentiveTableDescriptionTierType(
        tier_description=TierDescriptionDataType(tier_id=number, tier_type="dynamicCost"),
        boundary_description=[
            TierBoundaryDescriptionDataType(
                boundary_id=number,
                boundary_type="powerBoundary",
                valid_for_tier_id=number,
                boundary_unit="W",
            )
        ],
        incentive_description=[
            IncentiveDescriptionDataType(
                incentive_id=number * len(form.incentives) + index,
                incentive_type=kind,
                currency=form.currency if kind == ABSOLUTE else None,
                unit="Wh" if kind == ABSOLUTE else None,
            )
            for index, kind in enumerate(form.incentives)
        ],
    )


def kinds_of(
    entry: IncentiveTableDescriptionType | None,
) -> Mapping[int, IncentiveDescriptionDataType]:
    """What each incentive identifier of a tariff stands for."""
    tiers = (entry.tier or []) if entry is not None else []
    described = [d for tier in tiers for d in tier.incentive_description or []]
    return {d.incentive_id: d for d in described if d.incentive_id is not None}


def currency_of(entry: IncentiveTableDescriptionType | None) -> str | None:
    """The currency of a tariff's costs, ``None`` where none is stated."""
    currencies = [d.currency for d in kinds_of(entry).values() if d.currency is not None]
    return currencies[0] if currencies else None


# --- the table


def table_of(value: PriceTable, entry: IncentiveTableDescriptionType) -> IncentiveTableDataType:
    """``value`` in the form that ``entry`` describes; tiers beyond it are left out."""
    tariff = entry.tariff_description
    slots = [
        IncentiveTableIncentiveSlotType(
            time_interval=TimeTableDataType(
                start_time=_relative(slot.start_s),
                end_time=_relative(slot.end_s) if _ends_alone(value.slots, index) else None,
            ),
            tier=[
                _tier(tier, description)
                for tier, description in zip(slot.tiers, entry.tier or [], strict=False)
            ],
        )
        for index, slot in enumerate(value.slots)
    ]
    table = IncentiveTableType(
        tariff=TariffDataType(tariff_id=tariff.tariff_id if tariff is not None else 0),
        incentive_slot=slots,
    )
    return IncentiveTableDataType(incentive_table=[table])


def _tier(
    tier: PriceTier, description: IncentiveTableDescriptionTierType
) -> IncentiveTableTierType:
    stated = {
        ABSOLUTE: _per_wh(tier.price),
        RELATIVE: _number(tier.price),
        RENEWABLE: _number(tier.renewable_percent),
        EMISSION: _number(tier.co2_g),
    }
    boundaries = description.boundary_description or []
    return IncentiveTableTierType(
        tier=TierDataType(
            tier_id=description.tier_description.tier_id if description.tier_description else 0
        ),
        boundary=[
            TierBoundaryDataType(
                boundary_id=boundary.boundary_id, lower_boundary_value=scaled_number(tier.above_w)
            )
            for boundary in boundaries
        ],
        incentive=[
            IncentiveDataType(
                incentive_id=incentive.incentive_id,
                value=stated[incentive.incentive_type or ABSOLUTE],
            )
            for incentive in description.incentive_description or []
            if stated.get(incentive.incentive_type or "") is not None
        ],
    )


def slots_of(
    table: IncentiveTableType, kinds: Mapping[int, IncentiveDescriptionDataType]
) -> tuple[PriceSlot, ...] | None:
    """The slots of a table; ``None`` if a time in it is not relative."""
    slots = table.incentive_slot or []
    times = [_interval(slot.time_interval) for slot in slots]
    if any(start is None for start, _ in times):
        return None
    starts = [start for start, _ in times if start is not None]
    following = [*starts[1:], None]
    return tuple(
        PriceSlot(
            start,
            end if end is not None else later,
            tuple(_prices(tier, kinds) for tier in slot.tier or []),
        )
        for slot, start, (_, end), later in zip(slots, starts, times, following, strict=True)
    )


def _interval(interval: TimeTableDataType | None) -> tuple[float | None, float | None]:
    if interval is None:
        return None, None
    start, end = interval.start_time, interval.end_time
    return (
        parse_duration(start.relative) if start is not None else None,
        parse_duration(end.relative) if end is not None else None,
    )


def _prices(
    tier: IncentiveTableTierType, kinds: Mapping[int, IncentiveDescriptionDataType]
) -> PriceTier:
    found: dict[str, float] = {}
    for incentive in tier.incentive or []:
        described = kinds.get(-1 if incentive.incentive_id is None else incentive.incentive_id)
        value = number_of(incentive.value)
        if described is None or described.incentive_type is None or value is None:
            continue
        if described.incentive_type == ABSOLUTE and described.unit == "Wh":
            value = round(value * 10**WH_PER_KWH_SCALE, 7)
        found[described.incentive_type] = value
    lower = [number_of(boundary.lower_boundary_value) for boundary in tier.boundary or []]
    return PriceTier(
        found.get(ABSOLUTE, found.get(RELATIVE)),
        next((watts for watts in lower if watts is not None), 0.0),
        found.get(EMISSION),
        found.get(RENEWABLE),
    )


def _ends_alone(slots: tuple[PriceSlot, ...], index: int) -> bool:
    return index + 1 == len(slots) or slots[index].end_s != slots[index + 1].start_s


def _relative(seconds: float | None) -> AbsoluteOrRecurringTimeType | None:
    return (
        None if seconds is None else AbsoluteOrRecurringTimeType(relative=format_duration(seconds))
    )


def _per_wh(price: float | None) -> ScaledNumberType | None:
    """A price per kWh told per Wh, without rounding away what a kilowatt hour costs."""
    if price is None:
        return None
    number = scaled_number(price)
    return ScaledNumberType(number=number.number, scale=(number.scale or 0) - WH_PER_KWH_SCALE)


def _number(value: float | None) -> ScaledNumberType | None:
    return None if value is None else scaled_number(value)
