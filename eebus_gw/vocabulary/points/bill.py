"""The summary of a charging session (feature Bill, EVCS 1.0.1): positions are percentages of the total."""

from __future__ import annotations

from eebus_gw.spine.model.bill import (
    BillConstraintsDataType,
    BillCostType,
    BillDataType,
    BillDescriptionDataType,
    BillPositionType,
    BillValueType,
)
from eebus_gw.spine.model.common_data_types import TimePeriodType
from eebus_gw.spine.values import format_duration, number_of, parse_duration, scaled_number
from eebus_gw.vocabulary.definition import Change, Keys, Point, Use
from eebus_gw.vocabulary.functions import (
    BILL_CONSTRAINTS,
    BILL_DESCRIPTIONS,
    BILLS,
    View,
)
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import ChargingSummary, Reading, SummaryShare

TYPE = "chargingSummary"
GRID, SELF_PRODUCED = "gridElectricEnergy", "selfProducedElectricEnergy"
PRICE = "absolutePrice"
POSITIONS = 2


def find_bill(view: View) -> int | None:
    """Identifier of the bill that holds charging summaries; it is the server's choice."""
    for entry in BILL_DESCRIPTIONS.of(view):
        if TYPE in (entry.supported_bill_type or []):
            return entry.bill_id
    return None


class SummaryPoint(Point[ChargingSummary]):
    """What a session took and cost ([EVCS-001]…[EVCS-006])."""

    uses = (Use(BILL_DESCRIPTIONS, description=True), Use(BILLS, write=True))

    def __init__(self, key: str) -> None:
        super().__init__(key, writable=True)

    def locate(self, view: View) -> int | None:
        return find_bill(view)

    def read(self, view: View, place: int) -> Reading[ChargingSummary] | None:
        entry = BILLS.by_key(view).get(place)
        if entry is None or entry.total is None:
            return None
        total = entry.total
        value = (total.value or [BillValueType()])[0]
        cost = (total.cost or [BillCostType()])[0]
        return Reading(
            ChargingSummary(
                energy_wh=number_of(value.value),
                cost=number_of(cost.cost),
                currency=cost.currency,
                duration_s=_length(total.time_period),
                grid=_share(entry, GRID),
                self_produced=_share(entry, SELF_PRODUCED),
            )
        )

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(BILLS, write=True)
        if self.locate(shelf) is not None:
            return
        number = shelf.add(
            BILL_DESCRIPTIONS,
            BillDescriptionDataType(
                bill_writeable=True, update_required=False, supported_bill_type=[TYPE]
            ),
        )
        shelf.put(
            BILL_CONSTRAINTS,
            BillConstraintsDataType(
                bill_id=number, position_count_min=0, position_count_max=POSITIONS
            ),
        )
        # Peers write entries that exist, they never add any.
        shelf.put(BILLS, BillDataType(bill_id=number, bill_type=TYPE))

    def publish(self, shelf: Shelf, value: ChargingSummary) -> None:
        place = self.locate(shelf)
        assert place is not None
        shelf.replace(BILLS, _bill(place, value))

    def change(self, view: View, place: int, value: ChargingSummary) -> Change:
        return Change(BILLS, [_bill(place, value)])

    def owns(self, place: int, function: str) -> Keys:
        return frozenset({(place,)}) if function == BILLS.name else frozenset()


class SummaryWanted(Point[bool]):
    """Whether the wallbox asks for a summary ([EVCS-009])."""

    uses = (Use(BILL_DESCRIPTIONS, description=True),)

    def locate(self, view: View) -> int | None:
        return find_bill(view)

    def read(self, view: View, place: int) -> Reading[bool] | None:
        entry = BILL_DESCRIPTIONS.by_key(view).get(place)
        return Reading(entry.update_required is True) if entry is not None else None

    def describe(self, shelf: Shelf) -> None:
        shelf.offer(BILL_DESCRIPTIONS)

    def publish(self, shelf: Shelf, value: bool) -> None:
        place = self.locate(shelf)
        assert place is not None
        entry = BILL_DESCRIPTIONS.by_key(shelf)[place]
        shelf.put(BILL_DESCRIPTIONS, entry.model_copy(update={"update_required": value}))


def _bill(number: int, value: ChargingSummary) -> BillDataType:
    period = None
    if value.duration_s is not None:
        start, end = format_duration(-value.duration_s), format_duration(0)
        period = TimePeriodType(start_time=start, end_time=end)
    shares = ((1, GRID, value.grid), (2, SELF_PRODUCED, value.self_produced))
    return BillDataType(
        bill_id=number,
        bill_type=TYPE,
        total=BillPositionType(
            time_period=period,
            value=_energy(value),
            cost=_cost(value),
        ),
        position=[
            _position(position, kind, share)
            for position, kind, share in shares
            if share is not None
        ],
    )


def _energy(value: ChargingSummary) -> list[BillValueType] | None:
    if value.energy_wh is None:
        return None
    return [BillValueType(unit="Wh", value=scaled_number(round(value.energy_wh, 1)))]


def _cost(value: ChargingSummary) -> list[BillCostType] | None:
    if value.cost is None:
        return None
    return [BillCostType(cost_type=PRICE, currency=value.currency, cost=scaled_number(value.cost))]


def _position(number: int, kind: str, share: SummaryShare) -> BillPositionType:
    cost = None
    if share.cost_percent is not None:
        cost = [BillCostType(cost_percentage=scaled_number(round(share.cost_percent, 1)))]
    energy = None
    if share.energy_percent is not None:
        energy = [BillValueType(value_percentage=scaled_number(round(share.energy_percent, 1)))]
    return BillPositionType(position_id=number, position_type=kind, value=energy, cost=cost)


def _share(entry: BillDataType, kind: str) -> SummaryShare | None:
    for position in entry.position or []:
        if position.position_type == kind:
            value = (position.value or [BillValueType()])[0]
            cost = (position.cost or [BillCostType()])[0]
            return SummaryShare(number_of(value.value_percentage), number_of(cost.cost_percentage))
    return None


def _length(period: TimePeriodType | None) -> float | None:
    if period is None or period.start_time is None:
        return None
    start = parse_duration(period.start_time)
    end = parse_duration(period.end_time or "PT0S")
    return None if start is None or end is None else end - start
