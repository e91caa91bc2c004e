from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from eebus_gw.ledger import Row, journal
from eebus_gw.ledger.database import connect
from eebus_gw.ledger.journal import Verification
from eebus_gw.ledger.report import journal_report
from tests.support.journal import LIMIT


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[tuple[list[Row], Verification]]:
    with closing(connect(tmp_path / "ledger.sqlite3")) as book:
        journal.append(book, LIMIT)
        yield list(journal.rows(book)), journal.verify(book)


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
