"""Documents of what was metered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eebus_gw.gateway.metering import session_document
from eebus_gw.ledger.account import Totals
from eebus_gw.ledger.session import Quality, Session


@pytest.mark.parametrize(
    ("cycles", "shown"), [(None, None), (0.111_213_456_789, 0.1112), (0.0, 0.0)]
)
def test_cycles_of_a_session_are_rounded_like_the_totals(
    cycles: float | None, shown: float | None
) -> None:
    session = Session(
        id="s1",
        device="carport",
        started=datetime(2026, 1, 15, 10, tzinfo=UTC),
        ended=None,
        charged_wh=12_345.6,
        discharged_wh=1_000,
        peak_w=11_040,
        peak_discharge_w=3_000,
        soc_start_percent=40,
        soc_end_percent=None,
        limit_seconds=60,
        reversals=2,
        equivalent_full_cycles=cycles,
        quality=Quality.DERIVED,
        witnessed=True,
        duration_s=3_600,
    )
    document = session_document(session, Totals(charged_wh=20_000, equivalent_full_cycles=0.25))
    assert document["equivalent_full_cycles"] == shown
    assert (document["total"]["charged_kwh"], document["total"]["equivalent_full_cycles"]) == (
        20.0,
        0.25,
    )
