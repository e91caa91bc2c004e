from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.errors import StoreError
from eebus_gw.ledger import Entry, Health, Kind, Ledger, Quality, Sample, database, energy, journal
from eebus_gw.ledger.account import Account

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


class HandClock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return 500 + self.at

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.at)


class Disk:
    """Stands before the database: lets it run out of pages."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self._connect = database.connect
        monkeypatch.setattr(database, "connect", self.connect)

    def connect(self, path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        connection = self._connect(path, read_only=read_only)
        if self.full:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def opened(path: Path, clock: HandClock) -> Iterator[Callable[..., Ledger]]:
    ledgers = []
    numbers = count(1)

    def open_ledger(**options: Any) -> Ledger:
        ledger = Ledger(path, clock, new_id=lambda: f"s{next(numbers)}", **options)
        ledgers.append(ledger)
        ledger.open()
        return ledger

    yield open_ledger
    for ledger in ledgers:
        ledger._executor.shutdown()


def details(path: Path) -> list[tuple[str, Any]]:
    with closing(database.connect(path, read_only=True)) as book:
        assert journal.verify(book).sound
        return [(row.members()["kind"], row.members()["detail"]) for row in journal.rows(book)]


def big(text: str) -> Entry:
    return Entry(Kind.RECEIVED, detail=text, reason="x" * 5_000)


def test_what_was_recorded_is_on_disk_when_the_future_says_so(
    opened: Callable[..., Ledger], path: Path
) -> None:
    ledger = opened(clock_synchronised=lambda: True)
    assert ledger.record(Entry(Kind.STARTED)).result() is True
    with closing(database.connect(path, read_only=True)) as book:
        (row,) = journal.rows(book)
    assert row.members()["utc"] == "2026-01-15T10:00:00.000Z"
    assert (row.members()["monotonic_s"], row.members()["clock_synchronised"]) == (500, True)


def test_killed_after_the_answer_the_entry_is_there(
    opened: Callable[..., Ledger], path: Path, tmp_path: Path
) -> None:
    ledger = opened()
    ledger.record(Entry(Kind.RECEIVED, detail="limit")).result()
    copy = tmp_path / "copy.sqlite3"
    for tail in ("", "-wal"):
        shutil.copy(f"{path}{tail}", f"{copy}{tail}")
    assert details(copy) == [("received", "limit")]


def test_a_full_disk_keeps_entries_and_tells(
    opened: Callable[..., Ledger], path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    told: list[Health] = []
    opened().close()
    disk.full = True
    ledger = opened(on_health=told.append)
    clock.at = 5
    assert ledger.record(big("one")).result() is False
    assert ledger.record(big("two")).result() is False
    health = ledger.health()
    assert (health.ok, health.waiting, health.lost) == (False, 2, 0)
    assert "full" in health.error
    assert health.failing_since == START + timedelta(seconds=5)
    disk.full = False
    assert ledger.record(big("three")).result() is True
    assert [health.ok for health in told] == [False, True]
    assert [detail for _, detail in details(path)] == ["one", "two", "three"]


def test_what_no_longer_fits_is_counted_and_becomes_a_gap_row(
    opened: Callable[..., Ledger], path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    opened().close()
    disk.full = True
    ledger = opened(backlog=3)
    for number in range(1, 8):
        clock.at = number
        ledger.record(big(str(number))).result()
    assert (ledger.health().waiting, ledger.health().lost) == (3, 4)
    disk.full = False
    clock.at = 60
    assert ledger.record(Entry(Kind.STARTED)).result() is True
    assert details(path) == [
        ("gap", "5 entries from 2026-01-15T10:00:01.000Z to 2026-01-15T10:00:05.000Z "
                "could not be written"),
        ("received", "6"), ("received", "7"), ("started", None),
    ]  # fmt: skip
    assert (ledger.health().ok, ledger.health().lost) == (True, 5)


def test_a_folder_that_is_missing_fails_nothing_and_is_used_once_there(
    tmp_path: Path, clock: HandClock
) -> None:
    path = tmp_path / "away" / "ledger.sqlite3"
    ledger = Ledger(path, clock)
    ledger.open()
    assert ledger.record(Entry(Kind.STARTED)).result() is False
    path.parent.mkdir()
    assert ledger.record(Entry(Kind.STOPPED)).result() is True
    ledger.close()
    assert [kind for kind, _ in details(path)] == ["started", "stopped"]


@pytest.mark.parametrize("content", [b"this is no database, it is a text" * 100, b"\0" * 5_000])
def test_a_damaged_file_is_set_aside_and_the_new_one_says_so(
    opened: Callable[..., Ledger], path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    ledger = opened()
    assert ledger.record(Entry(Kind.STARTED)).result() is True
    aside = path.with_name("ledger.sqlite3.corrupt-20260115T100000Z")
    assert aside.read_bytes() == content
    (kind, detail), _ = details(path)
    assert kind == "gap"
    assert aside.name in detail


def test_damage_while_running_is_met_likewise(opened: Callable[..., Ledger], path: Path) -> None:
    opened().close()
    ledger = opened()
    ledger.record(big("one")).result()
    ledger._executor.submit(ledger._disconnect).result()
    damaged = bytearray(path.read_bytes())
    damaged[0:4_096] = b"\xff" * 4_096
    path.write_bytes(damaged)
    assert ledger.record(big("two")).result() is False
    assert ledger.record(big("three")).result() is True
    kinds = [kind for kind, _ in details(path)]
    assert kinds == ["gap", "received", "received"]


def test_a_file_of_a_newer_program_is_left_alone(path: Path, clock: HandClock) -> None:
    with closing(sqlite3.connect(path)) as book:
        book.execute("PRAGMA user_version = 99")
    ledger = Ledger(path, clock)
    with pytest.raises(StoreError, match="version 99"):
        ledger.open()


def test_looking_at_a_ledger_that_is_not_there_creates_none(path: Path) -> None:
    with pytest.raises(StoreError):
        database.connect(path, read_only=True)
    assert not path.exists()


def test_retention_is_two_years(opened: Callable[..., Ledger], clock: HandClock) -> None:
    ledger = opened()
    ledger.record(Entry(Kind.STARTED)).result()
    clock.at = 729 * 86_400
    ledger.record(Entry(Kind.STARTED)).result()
    assert ledger.prune().result() == 0
    clock.at = 731 * 86_400
    assert ledger.prune().result() == 1
    assert ledger.query(journal.verify).result() == journal.Verification(2, 2, 3, ())


def drive(ledger: Ledger, clock: HandClock, start: int, end: int, **members: Any) -> None:
    for second in range(start, end, 10):
        clock.at = second
        ledger.observe("carport", Sample(clock.now(), clock.wall(), True, **members))


def test_sessions_and_quarters_are_stored_and_go_on_after_a_restart(
    opened: Callable[..., Ledger], clock: HandClock
) -> None:
    ledger = opened()
    drive(ledger, clock, 0, 1_000, power_w=3_600.0)
    ledger.close()
    ledger = opened()
    drive(ledger, clock, 1_000, 2_000, power_w=3_600.0)
    ledger.observe("carport", Sample(clock.now() + 10, clock.wall(), False))
    ledger.save().result()
    (session,) = ledger.query(lambda book: list(energy.sessions(book))).result()
    assert session.ended is not None
    assert session.charged_wh == pytest.approx(1_990, abs=1)
    quarters = ledger.query(lambda book: list(energy.quarters(book, device="carport"))).result()
    assert [f"{quarter.start:%H:%M}" for quarter in quarters] == ["10:00", "10:15", "10:30"]
    assert quarters[0].charged_wh == pytest.approx(900)
    assert quarters[0].quality is Quality.DERIVED
    assert ledger.totals("carport").charged_wh == session.charged_wh


def left_by_a_kill(ledger: Ledger, path: Path) -> Account:
    """The account of the carport in a copy of the file as it is now."""
    ledger.query(lambda book: None).result()
    copy = path.with_name("copy.sqlite3")
    for tail in ("", "-wal"):
        shutil.copy(f"{path}{tail}", f"{copy}{tail}")
    with closing(database.connect(copy)) as book:
        return energy.load_accounts(book, lambda: "x")["carport"]


def test_a_kill_loses_at_most_a_minute(
    opened: Callable[..., Ledger], clock: HandClock, path: Path
) -> None:
    ledger = opened()
    drive(ledger, clock, 0, 600, power_w=3_600.0)
    assert 530 <= left_by_a_kill(ledger, path).totals.charged_wh <= 590


def test_a_session_that_has_just_begun_survives_a_kill(
    opened: Callable[..., Ledger], clock: HandClock, path: Path
) -> None:
    ledger = opened()
    ledger.observe("carport", Sample(clock.now(), clock.wall(), False))
    clock.at = 1
    ledger.observe("carport", Sample(clock.now(), clock.wall(), True))
    begun = left_by_a_kill(ledger, path).session
    assert begun is not None
    assert (begun.id, begun.started, begun.witnessed) == ("s1", clock.wall(), True)
    clock.at = 2  # the car has told more of itself
    ledger.observe("carport", Sample(clock.now(), clock.wall(), True, soc_percent=42.0))
    begun = left_by_a_kill(ledger, path).session
    assert begun is not None
    assert begun.soc_start_percent == 42.0


def test_energies_survive_a_full_disk(
    opened: Callable[..., Ledger], clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    opened().close()
    disk.full = True
    ledger = opened()
    drive(ledger, clock, 0, 200_000, power_w=3_600.0)
    assert ledger.save().result() is False
    disk.full = False
    assert ledger.save().result() is True
    quarters = ledger.query(lambda book: list(energy.quarters(book))).result()
    assert len(quarters) == 223
    assert sum(quarter.charged_wh or 0 for quarter in quarters) == pytest.approx(199_990)


def test_sums_from_before_a_file_could_be_read_are_added_not_lost(
    path: Path, clock: HandClock, opened: Callable[..., Ledger]
) -> None:
    ledger = opened()
    drive(ledger, clock, 0, 1_000, power_w=3_600.0)
    ledger.close()
    hidden = path.with_name("hidden")
    path.rename(hidden)
    path.mkdir()
    ledger = opened()
    drive(ledger, clock, 1_000, 2_000, power_w=3_600.0)
    assert ledger.save().result() is False
    path.rmdir()
    hidden.rename(path)
    assert ledger.save().result() is True
    assert ledger.save().result() is True
    assert ledger.totals("carport").charged_wh == pytest.approx(1_980)
    quarters = ledger.query(lambda book: list(energy.quarters(book))).result()
    assert [f"{quarter.start:%H:%M}" for quarter in quarters] == ["10:00", "10:15", "10:30"]


def test_a_new_file_is_its_owners_alone(opened: Callable[..., Ledger], path: Path) -> None:
    before = os.umask(0o022)
    try:
        opened()
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
