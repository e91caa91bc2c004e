"""The ledger's SQLite file: schema, opening, setting a damaged one aside."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eebus_gw.errors import StoreError
from eebus_gw.ledger.entries import FIRST_HASH

VERSION = 1
_BUSY_TIMEOUT_S = 5.0

_SCHEMA = f"""
CREATE TABLE journal (
  number INTEGER PRIMARY KEY,
  utc TEXT NOT NULL,
  content TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX journal_utc ON journal (utc);

CREATE TABLE journal_head (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER, hash TEXT) STRICT;
INSERT INTO journal_head VALUES (1, 0, '{FIRST_HASH}');

CREATE TABLE journal_anchor (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER, hash TEXT) STRICT;
INSERT INTO journal_anchor VALUES (1, 0, '{FIRST_HASH}');

CREATE TRIGGER journal_rows_stay BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal rows are never changed'); END;
CREATE TRIGGER journal_rows_are_kept BEFORE DELETE ON journal
WHEN old.number > (SELECT number FROM journal_anchor)
BEGIN SELECT RAISE(ABORT, 'journal rows are removed by retention only'); END;

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  device TEXT NOT NULL,
  started TEXT NOT NULL,
  ended TEXT,
  content TEXT NOT NULL
) STRICT;
CREATE INDEX session_started ON session (started);

CREATE TABLE quarter (
  device TEXT NOT NULL,
  start TEXT NOT NULL,
  charged_wh REAL,
  discharged_wh REAL,
  source TEXT,
  quality TEXT NOT NULL,
  covered_s REAL NOT NULL,
  cause TEXT,
  PRIMARY KEY (device, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (device TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;

PRAGMA user_version = {VERSION};
"""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Opens the ledger at ``path``; raises ``sqlite3.Error`` when that is impossible.

    A file of a later version is refused with ``StoreError``. A new one is its owner's alone.
    """
    if read_only and not path.exists():
        raise StoreError(f"there is no ledger at {path}", hint="run the gateway once")
    if not read_only:
        with suppress(OSError):  # the same fault comes again from SQLite, as one of its own
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    try:
        _prepare(connection, read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, read_only: bool) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StoreError(
            f"the ledger has version {version}, this program knows {VERSION}",
            hint="use the newer program, or move the file away",
        )
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE;\n{_SCHEMA}\nCOMMIT;")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, on disk when it ends."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def is_damaged(path: Path) -> bool:
    """Whether the file at ``path`` is there but no readable ledger."""
    if not path.exists():
        return False
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)
        try:
            findings = connection.execute("PRAGMA quick_check(1)").fetchall()
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True
    return findings != [("ok",)]


def set_aside(path: Path, suffix: str) -> Path:
    """Moves a damaged ledger and its side files away; returns where the file is now."""
    target = path.with_name(f"{path.name}.corrupt-{suffix}")
    path.rename(target)
    for tail in ("-wal", "-shm"):
        side = path.with_name(path.name + tail)
        if side.exists():
            side.rename(target.with_name(target.name + tail))
    return target
