"""The grid journal: append, read, verify, prune. Rows are chained by hashes.

The chain shows every change, gap and cut that was not made by rewriting all rows behind it, the
head and the anchor. It holds no secret: who can write the file can write a new, sound journal.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from eebus_gw.ledger.database import transaction
from eebus_gw.ledger.entries import (
    Entry,
    Kind,
    Row,
    Stamp,
    canonical,
    chain_hash,
    format_utc,
)

_PROBLEMS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking the chain found. ``problems`` is empty for a sound journal."""

    rows: int
    first_number: int | None
    last_number: int | None
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether every row is the one that was written, and none is missing."""
        return not self.problems


def append(connection: sqlite3.Connection, entries: Sequence[tuple[Stamp, Entry]]) -> None:
    """Writes ``entries`` in one transaction; raises ``sqlite3.Error`` and writes none of them."""
    if not entries:
        return
    with transaction(connection):
        _append(connection, entries)


def rows(
    connection: sqlite3.Connection, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[Row]:
    """Rows in order, ``since`` included, ``until`` excluded."""
    lower = format_utc(since) if since else ""
    upper = format_utc(until) if until else "~"
    query = (
        "SELECT number, utc, content, hash FROM journal WHERE utc >= ? AND utc < ? ORDER BY number"
    )
    for values in connection.execute(query, (lower, upper)):
        yield Row(*values)


def verify(connection: sqlite3.Connection) -> Verification:
    """Recomputes the whole chain."""
    anchor = number, previous = _mark(connection, "journal_anchor")
    anchored = number == 0
    problems: list[str] = []
    count, first, last = 0, None, None
    for row in rows(connection):
        count += 1
        first = row.number if first is None else first
        last = row.number
        if row.number != number + 1:
            problems.append(f"rows {number + 1} to {row.number - 1} are missing")
        if chain_hash(previous, row.number, row.utc, row.content) != row.hash:
            problems.append(f"row {row.number} is not the one that was written after row {number}")
        anchored = anchored or _names_anchor(row, anchor)
        number, previous = row.number, row.hash
    problems += _end_problems(connection, number, previous)
    if not anchored:
        problems.append(f"no row says that rows up to {anchor[0]} were removed by retention")
    return Verification(count, first, last, tuple(problems[:_PROBLEMS_SHOWN]))


def prune(connection: sqlite3.Connection, before: datetime, stamp: Stamp) -> int:
    """Removes rows older than ``before`` and says so in a new row; returns how many went."""
    kept = connection.execute(
        "SELECT min(number) FROM journal WHERE utc >= ?", (format_utc(before),)
    ).fetchone()[0]
    anchor, _ = _mark(connection, "journal_anchor")
    head, _ = _mark(connection, "journal_head")
    last = head if kept is None else kept - 1
    if last <= anchor:
        return 0
    (digest,) = connection.execute("SELECT hash FROM journal WHERE number = ?", (last,)).fetchone()
    removed = int(last - anchor)
    with transaction(connection):
        detail = json.dumps({"anchor_number": last, "anchor_hash": digest, "rows": removed})
        _append(connection, [(stamp, Entry(Kind.PRUNED, source="retention", detail=detail))])
        connection.execute("UPDATE journal_anchor SET number = ?, hash = ?", (last, digest))
        connection.execute("DELETE FROM journal WHERE number <= ?", (last,))
    return removed


def _append(connection: sqlite3.Connection, entries: Sequence[tuple[Stamp, Entry]]) -> None:
    number, digest = _mark(connection, "journal_head")
    for stamp, entry in entries:
        number += 1
        utc, content = format_utc(stamp.utc), canonical(stamp, entry)
        digest = chain_hash(digest, number, utc, content)
        connection.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?)", (number, utc, content, digest)
        )
    connection.execute("UPDATE journal_head SET number = ?, hash = ?", (number, digest))


def _mark(connection: sqlite3.Connection, table: str) -> tuple[int, str]:
    """Number and hash at one end of the chain; a mark that was removed never matches any row."""
    found = connection.execute(f"SELECT number, hash FROM {table}").fetchone()
    return (found[0] or 0, found[1] or "") if found else (0, "")


def _end_problems(connection: sqlite3.Connection, number: int, digest: str) -> list[str]:
    head_number, head_hash = _mark(connection, "journal_head")
    if head_number != number:
        return [f"the journal ends with row {number}, but {head_number} were written"]
    return [] if head_hash == digest else [f"row {number} is not the last one that was written"]


def _names_anchor(row: Row, anchor: tuple[int, str]) -> bool:
    if f'"kind":"{Kind.PRUNED}"' not in row.content:
        return False
    try:
        detail = json.loads(json.loads(row.content)["detail"])
        return (detail["anchor_number"], detail["anchor_hash"]) == anchor
    except (ValueError, TypeError, KeyError):
        return False
