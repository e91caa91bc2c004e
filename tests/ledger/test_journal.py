from __future__ import annotations

import math
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eebus_gw.ledger import journal
from eebus_gw.ledger.database import connect
from eebus_gw.ledger.entries import FIRST_HASH, Entry, Kind, Share, Stamp, chain_hash

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


def stamp(seconds: float = 0) -> Stamp:
    return Stamp(START + timedelta(seconds=seconds), 1_000 + seconds, True)


def limit(watts: float, seconds: float = 0) -> tuple[Stamp, Entry]:
    return stamp(seconds), Entry(Kind.RECEIVED, use_case="lpc", requested_w=watts)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "ledger.sqlite3")
    yield connection
    connection.close()


def test_a_row_carries_everything_that_was_recorded(book: sqlite3.Connection) -> None:
    entry = Entry(
        Kind.ANSWERED,
        event="lpc-17",
        use_case="lpc",
        peer_ski="7c1e" * 10,
        peer_address="d:_i:1/[1]/2",
        message_counter=17,
        requested_w=4_200,
        requested_active=True,
        requested_duration_s=3_600,
        readable=True,
        outcome="accepted",
        error_number=0,
        state_before="unlimited_controlled",
        state_after="limited",
        power_before_w=11_040.5,
        allocation=(Share("carport", 4_200, "opev", 4_140),),
        source="limit",
    )
    journal.append(book, [(stamp(), entry)])
    (row,) = journal.rows(book)
    members = row.members()
    assert (members["number"], members["utc"]) == (1, "2026-01-15T10:00:00.000Z")
    assert (members["monotonic_s"], members["clock_synchronised"]) == (1_000, True)
    assert members["requested_w"] == 4_200
    assert members["power_after_w"] is None
    assert members["allocation"] == [
        {"device": "carport", "share_w": 4_200, "means": "opev", "commanded_w": 4_140,
         "measured_w": None, "obeying": None}
    ]  # fmt: skip
    assert row.hash == chain_hash(FIRST_HASH, 1, row.utc, row.content)


def test_what_no_number_can_say_is_recorded_as_unknown(book: sqlite3.Connection) -> None:
    entry = Entry(Kind.RECEIVED, requested_w=math.nan, readable=False, detail="\ud800")
    journal.append(book, [(stamp(), entry)])
    (row,) = journal.rows(book)
    assert (row.members()["requested_w"], row.members()["detail"]) == (None, "?")
    assert journal.verify(book).sound


def test_a_sound_journal_says_how_long_it_is(book: sqlite3.Connection) -> None:
    assert journal.verify(book) == journal.Verification(0, None, None, ())
    journal.append(book, [limit(1), limit(2)])
    journal.append(book, [limit(3)])
    assert journal.verify(book) == journal.Verification(3, 1, 3, ())


def test_rows_between_two_moments(book: sqlite3.Connection) -> None:
    journal.append(book, [limit(watts, seconds=watts) for watts in range(10)])
    found = journal.rows(
        book, since=START + timedelta(seconds=3), until=START + timedelta(seconds=5)
    )
    assert [row.members()["requested_w"] for row in found] == [3, 4]


def test_the_file_itself_refuses_changes(book: sqlite3.Connection) -> None:
    journal.append(book, [limit(1)])
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        book.execute("UPDATE journal SET content = ''")
    with pytest.raises(sqlite3.IntegrityError, match="retention only"):
        book.execute("DELETE FROM journal")


def test_retention_keeps_the_chain_verifiable(book: sqlite3.Connection) -> None:
    day = 86_400
    journal.append(book, [limit(watts, seconds=watts * day) for watts in range(10)])
    now = stamp(10 * day)
    assert journal.prune(book, START + timedelta(days=4), now) == 4
    assert journal.verify(book) == journal.Verification(7, 5, 11, ())
    assert journal.prune(book, START + timedelta(days=4), now) == 0
    assert journal.prune(book, START + timedelta(days=30), now) == 7
    assert journal.verify(book) == journal.Verification(1, 12, 12, ())
    journal.append(book, [limit(1, 11 * day)])
    assert journal.verify(book).sound


def test_a_removed_beginning_without_a_retention_row_is_noticed(book: sqlite3.Connection) -> None:
    journal.append(book, [limit(watts) for watts in range(5)])
    digest = book.execute("SELECT hash FROM journal WHERE number = 2").fetchone()[0]
    book.execute("UPDATE journal_anchor SET number = 2, hash = ?", (digest,))
    book.execute("DELETE FROM journal WHERE number <= 2")
    assert journal.verify(book).problems == (
        "no row says that rows up to 2 were removed by retention",
    )


_TAMPERING = (
    "UPDATE journal SET content = replace(content, '\"requested_w\":', '\"requested_w\":1')",
    "UPDATE journal SET utc = '2026-01-15T10:00:00.001Z'",
    "UPDATE journal SET hash = 'ff' || substr(hash, 3)",
    "UPDATE journal SET content = content || ' '",
    "DELETE FROM journal",
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 8), row=st.integers(1, 8), change=st.sampled_from(_TAMPERING))
def test_every_edit_and_cut_is_noticed(count: int, row: int, change: str) -> None:
    row = min(row, count)
    with TemporaryDirectory() as directory, closing(connect(Path(directory, "ledger"))) as book:
        journal.append(book, [limit(watts) for watts in range(count)])
        assert journal.verify(book).sound
        book.execute("DROP TRIGGER journal_rows_stay")
        book.execute("DROP TRIGGER journal_rows_are_kept")
        operator = ">=" if change.startswith("DELETE") else "="
        book.execute(f"{change} WHERE number {operator} ?", (row,))
        assert not journal.verify(book).sound


@pytest.mark.parametrize("table", ["journal_head", "journal_anchor"])
def test_a_removed_end_mark_is_noticed(book: sqlite3.Connection, table: str) -> None:
    journal.append(book, [limit(1)])
    book.execute(f"DELETE FROM {table}")
    assert not journal.verify(book).sound


def test_a_hole_in_the_middle_names_the_rows(book: sqlite3.Connection) -> None:
    journal.append(book, [limit(watts) for watts in range(6)])
    book.execute("DROP TRIGGER journal_rows_are_kept")
    book.execute("DELETE FROM journal WHERE number IN (3, 4)")
    assert "rows 3 to 4 are missing" in journal.verify(book).problems


def test_killed_without_commit_leaves_the_rows_before(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    victim = connect(path)
    journal.append(victim, [limit(1), limit(2)])
    victim.execute("BEGIN IMMEDIATE")
    victim.execute("INSERT INTO journal VALUES (3, 'x', 'x', 'x')")
    survivor = tmp_path / "copy.sqlite3"
    for tail in ("", "-wal"):
        shutil.copy(f"{path}{tail}", f"{survivor}{tail}")
    with closing(connect(survivor)) as book:
        assert journal.verify(book) == journal.Verification(2, 1, 2, ())
        journal.append(book, [limit(3)])
        assert journal.verify(book).sound
    victim.close()


@pytest.mark.parametrize("cut", [1, 100, 4_096, 5_000])
def test_a_torn_write_ahead_log_loses_only_its_end(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "ledger.sqlite3"
    victim = connect(path)
    for watts in range(5):
        journal.append(victim, [limit(watts)])
    survivor = tmp_path / "copy.sqlite3"
    shutil.copy(path, survivor)
    log = Path(f"{path}-wal").read_bytes()
    Path(f"{survivor}-wal").write_bytes(log[:-cut])
    victim.close()
    with closing(connect(survivor)) as book:
        found = journal.verify(book)
    assert found.sound
    assert 3 <= found.rows <= 5


def test_a_full_disk_writes_all_or_nothing(book: sqlite3.Connection) -> None:
    journal.append(book, [limit(1)])
    pages = book.execute("PRAGMA page_count").fetchone()[0]
    book.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        journal.append(book, [limit(watts) for watts in range(1_000)])
    assert journal.verify(book).rows == 1
    book.execute("PRAGMA max_page_count = 100000")
    journal.append(book, [limit(2)])
    assert journal.verify(book) == journal.Verification(2, 1, 2, ())
