from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from eebus_gw.ledger import (
    Quality,
    Quarter,
    Row,
    Session,
    Source,
    journal,
)
from eebus_gw.ledger.database import connect
from eebus_gw.ledger.export import journal_csv, quarters_csv, sessions_csv
from tests.support.journal import LIMIT, START


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[list[Row]]:
    with closing(connect(tmp_path / "ledger.sqlite3")) as book:
        journal.append(book, LIMIT)
        yield list(journal.rows(book))


def test_the_journal_as_csv_has_every_member(rows: list[Row]) -> None:
    out = io.StringIO()
    journal_csv(rows, out)
    lines = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(lines) == 6
    assert lines[1]["utc"] == "2026-01-15T10:00:01.000Z"
    assert (lines[1]["requested_w"], lines[1]["requested_active"]) == ("4200", "true")
    assert (lines[2]["outcome"], lines[2]["error_number"]) == ("accepted", "0")
    assert '"obeying": false' in lines[3]["allocation"]
    assert (lines[5]["requested_w"], lines[5]["readable"]) == ("", "false")
    assert lines[5]["reason"].startswith("'=cmd")
    assert len(lines[5]["hash"]) == 64


def quarter(hour: float, charged_wh: float | None = 100.0, device: str = "carport") -> Quarter:
    source = None if charged_wh is None else Source.METER
    start = START + timedelta(hours=hour)
    return Quarter(device, start, charged_wh, 0.0, source, Quality.MEASURED, 900, "driver")


def test_quarters_as_csv_have_no_gap() -> None:
    out = io.StringIO()
    quarters_csv([quarter(0), quarter(0.75, 250.5), quarter(0, device="garage")], out)
    assert out.getvalue().splitlines() == [
        "device,start,end,charged_kwh,discharged_kwh,source,quality,covered_s,cause",
        "carport,2026-01-15T10:00:00.000Z,2026-01-15T10:15:00.000Z,0.1,0.0,meter,measured,900,driver",
        "carport,2026-01-15T10:15:00.000Z,2026-01-15T10:30:00.000Z,,,,missing,0.0,",
        "carport,2026-01-15T10:30:00.000Z,2026-01-15T10:45:00.000Z,,,,missing,0.0,",
        "carport,2026-01-15T10:45:00.000Z,2026-01-15T11:00:00.000Z,0.2505,0.0,meter,measured,900,driver",
        "garage,2026-01-15T10:00:00.000Z,2026-01-15T10:15:00.000Z,0.1,0.0,meter,measured,900,driver",
    ]


def test_sessions_as_csv() -> None:
    session = Session(
        id="s1",
        device="carport",
        started=START,
        ended=None,
        charged_wh=12_345.6,
        discharged_wh=1_000,
        peak_w=11_040,
        peak_discharge_w=3_000,
        soc_start_percent=40,
        soc_end_percent=None,
        limit_seconds=60,
        reversals=2,
        equivalent_full_cycles=0.111213,
        quality=Quality.DERIVED,
        witnessed=True,
        duration_s=3_600,
    )
    out = io.StringIO()
    sessions_csv([session], out)
    (line,) = csv.DictReader(io.StringIO(out.getvalue()))
    assert (line["energy_kwh"], line["energy_discharged_kwh"]) == ("12.3456", "1.0")
    assert (line["ended"], line["soc_end_percent"]) == ("", "")
    assert (line["equivalent_full_cycles"], line["witnessed"]) == ("0.1112", "true")
