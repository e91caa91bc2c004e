from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eebus_gw.ledger import (
    Entry,
    Kind,
    Quality,
    Quarter,
    Row,
    Session,
    Share,
    Source,
    Stamp,
    journal,
)
from eebus_gw.ledger.database import connect
from eebus_gw.ledger.export import journal_csv, quarters_csv, sessions_csv
from eebus_gw.ledger.journal import Verification
from eebus_gw.ledger.report import journal_report

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


def stamp(seconds: float) -> Stamp:
    return Stamp(START + timedelta(seconds=seconds), seconds, True)


LIMIT = (
    (stamp(0), Entry(Kind.STARTED)),
    (
        stamp(1),
        Entry(
            Kind.RECEIVED,
            event="lpc-17",
            use_case="lpc",
            peer_ski="ab" * 20,
            message_counter=17,
            requested_w=4_200,
            requested_active=True,
            requested_duration_s=3_600,
        ),
    ),
    (
        stamp(1.005),
        Entry(
            Kind.ANSWERED,
            event="lpc-17",
            outcome="accepted",
            error_number=0,
            state_before="unlimited_controlled",
            state_after="limited",
        ),
    ),
    (
        stamp(1.2),
        Entry(
            Kind.ALLOCATED,
            event="lpc-17",
            allocation=(Share("carport", 4_200, "opev", 4_140, 11_040, False),),
        ),
    ),
    (stamp(31), Entry(Kind.MEASURED, event="lpc-17", power_before_w=11_040, power_after_w=4_140)),
    (
        stamp(40),
        Entry(
            Kind.RECEIVED,
            event="lpc-18",
            use_case="lpc",
            readable=False,
            outcome="refused",
            error_number=7,
            reason="=cmd|a\nb",
        ),
    ),
)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[tuple[list[Row], Verification]]:
    with closing(connect(tmp_path / "ledger.sqlite3")) as book:
        journal.append(book, LIMIT)
        yield list(journal.rows(book)), journal.verify(book)


def test_the_journal_as_csv_has_every_member(
    rows: tuple[list[Row], Verification],
) -> None:
    out = io.StringIO()
    journal_csv(rows[0], out)
    lines = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(lines) == 6
    assert lines[1]["utc"] == "2026-01-15T10:00:01.000Z"
    assert (lines[1]["requested_w"], lines[1]["requested_active"]) == ("4200", "true")
    assert (lines[2]["outcome"], lines[2]["error_number"]) == ("accepted", "0")
    assert '"obeying": false' in lines[3]["allocation"]
    assert (lines[5]["requested_w"], lines[5]["readable"]) == ("", "false")
    assert lines[5]["reason"].startswith("'=cmd")
    assert len(lines[5]["hash"]) == 64


def test_the_report_reads_as_a_story(rows: tuple[list[Row], Verification]) -> None:
    text = journal_report(*rows)
    for words in (
        "- period: 2026-01-15T10:00:00.000Z to 2026-01-15T10:00:40.000Z",
        "- limits received: 2",
        "- refused: 1",
        "- chain: sound, rows 1 to 6",
        "## 2026-01-15T10:00:01.000Z · LPC · 4200 W for 3600 s · accepted (lpc-17)",
        "| answered |  | accepted (error 0) | unlimited_controlled → limited |",
        "| 11040 W → 4140 W |",
        "- carport by opev: share 4200 W, commanded 4140 W, measured 11040 W, does NOT obey",
        "· LPC · unreadable · refused (lpc-18)",
        "=cmd/a b",
        "## Other entries",
    ):
        assert words in text
    assert all(line.count("|") == 8 for line in text.splitlines() if line.startswith("|"))


def test_the_report_says_when_the_chain_is_broken() -> None:
    text = journal_report([], Verification(3, 1, 3, ("row 2 is not the one",)))
    assert "- chain: NOT SOUND\n  - row 2 is not the one" in text


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
    assert (line["equivalent_full_cycles"], line["witnessed"]) == ("0.11121", "true")
