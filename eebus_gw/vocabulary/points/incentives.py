"""Price tables of coordinated charging (feature IncentiveTable), always exchanged whole (SPINE 5.3.4.1).

The client first writes how the table is built, then the table.
"""

from __future__ import annotations

from eebus_gw.spine.model.incentive_table import (
    IncentiveTableConstraintsDataType,
    IncentiveTableConstraintsType,
    IncentiveTableDescriptionDataType,
    IncentiveTableDescriptionType,
)
from eebus_gw.spine.model.tariff_information import (
    TariffDataType,
    TariffDescriptionDataType,
    TariffOverallConstraintsDataType,
)
from eebus_gw.spine.model.time_table import TimeTableConstraintsDataType
from eebus_gw.spine.values import parse_duration
from eebus_gw.vocabulary.definition import Change, Keys, Point, Use
from eebus_gw.vocabulary.functions import (
    INCENTIVE_CONSTRAINTS,
    INCENTIVE_DESCRIPTION,
    INCENTIVES,
    View,
)
from eebus_gw.vocabulary.points.price_table import (
    ABSOLUTE,
    currency_of,
    formed,
    kinds_of,
    slots_of,
    table_of,
)
from eebus_gw.vocabulary.points.slots import stated_duration
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import (
    PriceForm,
    PriceTable,
    Reading,
    SlotBounds,
)

SCOPE = "simpleIncentiveTable"
MAX_TIERS = 3
MAX_INCENTIVES = 3
_WHOLE: Keys = frozenset({()})
"""The key of a function without identifiers."""


def find_tariff(view: View) -> IncentiveTableDescriptionType | None:
    """The description of the tariff that takes simple incentive tables."""
    data = INCENTIVE_DESCRIPTION.of(view)
    for entry in (data.incentive_table_description or []) if data is not None else []:
        tariff = entry.tariff_description
        if (
            tariff is not None
            and tariff.tariff_id is not None
            and tariff.scope_type in (SCOPE, None)
        ):
            return entry
    return None


def _tariff_id(view: View) -> int | None:
    entry = find_tariff(view)
    if entry is None or entry.tariff_description is None:
        return None
    return entry.tariff_description.tariff_id


def _ensure_tariff(shelf: Shelf) -> IncentiveTableDescriptionType:
    entry = find_tariff(shelf)
    if entry is None:
        tariff = TariffDescriptionDataType(
            tariff_id=0, tariff_writeable=True, update_required=False, scope_type=SCOPE
        )
        entry = IncentiveTableDescriptionType(tariff_description=tariff)
        _describe(shelf, entry)
    return entry


def _describe(shelf: Shelf, entry: IncentiveTableDescriptionType) -> None:
    shelf.set(
        INCENTIVE_DESCRIPTION,
        IncentiveTableDescriptionDataType(incentive_table_description=[entry]),
    )


class PriceFormPoint(Point[PriceForm]):
    """Currency, incentives and tiers of the table to come; written before the table ([CEVC-017])."""

    uses = (Use(INCENTIVE_DESCRIPTION, write=True, description=True),)

    def __init__(self, key: str) -> None:
        super().__init__(key, writable=True)

    def locate(self, view: View) -> int | None:
        return _tariff_id(view)

    def read(self, view: View, place: int) -> Reading[PriceForm] | None:
        entry = find_tariff(view)
        if entry is None or not entry.tier:
            return None
        described = [d for tier in entry.tier for d in tier.incentive_description or []]
        currencies = [d.currency for d in described if d.incentive_type == ABSOLUTE]
        kinds = dict.fromkeys(d.incentive_type for d in described if d.incentive_type is not None)
        return Reading(
            PriceForm(currencies[0] if currencies else None, tuple(kinds), len(entry.tier))
        )

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(INCENTIVE_DESCRIPTION, write=True)
        _ensure_tariff(shelf)

    def publish(self, shelf: Shelf, value: PriceForm) -> None:
        _describe(shelf, formed(_ensure_tariff(shelf), value))

    def change(self, view: View, place: int, value: PriceForm) -> Change:
        entry = find_tariff(view)
        assert entry is not None
        data = IncentiveTableDescriptionDataType(incentive_table_description=[formed(entry, value)])
        return Change(INCENTIVE_DESCRIPTION, [data])

    def owns(self, place: int, function: str) -> Keys:
        return _WHOLE if function == INCENTIVE_DESCRIPTION.name else frozenset()


class PriceTablePoint(Point[PriceTable]):
    """The table of prices."""

    uses = (
        Use(INCENTIVE_DESCRIPTION, write=True, description=True),
        Use(INCENTIVES, write=True),
    )

    def __init__(self, key: str) -> None:
        super().__init__(key, writable=True)

    def locate(self, view: View) -> int | None:
        return _tariff_id(view)

    def read(self, view: View, place: int) -> Reading[PriceTable] | None:
        data = INCENTIVES.of(view)
        description = find_tariff(view)
        for table in (data.incentive_table or []) if data is not None else []:
            if table.tariff is None or table.tariff.tariff_id in (place, None):
                slots = slots_of(table, kinds_of(description))
                currency = currency_of(description)
                return Reading(PriceTable(currency, slots)) if slots else None
        return None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(INCENTIVES, write=True)
        _ensure_tariff(shelf)

    def publish(self, shelf: Shelf, value: PriceTable) -> None:
        form = formed(_ensure_tariff(shelf), value.form)
        _describe(shelf, form)
        shelf.set(INCENTIVES, table_of(value, form))

    def change(self, view: View, place: int, value: PriceTable) -> Change:
        entry = find_tariff(view)
        assert entry is not None
        return Change(INCENTIVES, [table_of(value, formed(entry, value.form))])

    def owns(self, place: int, function: str) -> Keys:
        return _WHOLE if function == INCENTIVES.name else frozenset()


class PricesWanted(Point[bool]):
    """Whether the server asks for a new table (``updateRequired`` of the tariff)."""

    uses = (Use(INCENTIVE_DESCRIPTION, description=True),)

    def locate(self, view: View) -> int | None:
        return _tariff_id(view)

    def read(self, view: View, place: int) -> Reading[bool] | None:
        entry = find_tariff(view)
        tariff = entry.tariff_description if entry is not None else None
        return Reading(tariff.update_required is True) if tariff is not None else None

    def describe(self, shelf: Shelf) -> None:
        _ensure_tariff(shelf)

    def publish(self, shelf: Shelf, value: bool) -> None:
        entry = _ensure_tariff(shelf)
        assert entry.tariff_description is not None
        # A client writes the description whole, and what it leaves out is ours to state again.
        tariff = entry.tariff_description.model_copy(
            update={"update_required": value, "tariff_writeable": True, "scope_type": SCOPE}
        )
        _describe(shelf, entry.model_copy(update={"tariff_description": tariff}))


class PriceBounds(Point[SlotBounds]):
    """How many slots a table may have, and how long they may be."""

    uses = (Use(INCENTIVE_CONSTRAINTS),)

    def locate(self, view: View) -> bool | None:
        return INCENTIVE_CONSTRAINTS.of(view) is not None or None

    def read(self, view: View, place: bool) -> Reading[SlotBounds] | None:
        data = INCENTIVE_CONSTRAINTS.of(view)
        for entry in (data.incentive_table_constraints or []) if data is not None else []:
            slots = entry.incentive_slot_constraints
            if slots is not None:
                return Reading(
                    SlotBounds(
                        slots.slot_count_min,
                        slots.slot_count_max,
                        parse_duration(slots.slot_duration_min),
                        parse_duration(slots.slot_duration_max),
                        parse_duration(slots.slot_duration_step_size),
                    )
                )
        return None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(INCENTIVE_CONSTRAINTS)

    def publish(self, shelf: Shelf, value: SlotBounds) -> None:
        constraints = IncentiveTableConstraintsType(
            tariff=TariffDataType(tariff_id=_tariff_id(shelf) or 0),
            tariff_constraints=TariffOverallConstraintsDataType(
                max_tiers_per_tariff=MAX_TIERS,
                max_boundaries_per_tier=1,
                max_incentives_per_tier=MAX_INCENTIVES,
            ),
            incentive_slot_constraints=TimeTableConstraintsDataType(
                slot_count_min=value.count_min,
                slot_count_max=value.count_max,
                slot_duration_min=stated_duration(value.duration_min_s),
                slot_duration_max=stated_duration(value.duration_max_s),
                slot_duration_step_size=stated_duration(value.step_s),
            ),
        )
        shelf.set(
            INCENTIVE_CONSTRAINTS,
            IncentiveTableConstraintsDataType(incentive_table_constraints=[constraints]),
        )
