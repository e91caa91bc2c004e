"""Sessions, quarter hours and accounts in the ledger's file. Storing the same twice changes
nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from eebus_gw.ledger.account import Account, Changes
from eebus_gw.ledger.database import transaction
from eebus_gw.ledger.entries import format_utc, parse_utc
from eebus_gw.ledger.quarters import Quality, Quarter, Source
from eebus_gw.ledger.session import Session


def save(connection: sqlite3.Connection, changes: Iterable[Changes]) -> None:
    """Stores all of ``changes`` or, raising ``sqlite3.Error``, none."""
    with transaction(connection):
        for change in changes:
            connection.executemany(
                "INSERT OR REPLACE INTO quarter VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [_quarter_values(quarter) for quarter in change.quarters],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?)",
                [_session_values(session) for session in change.sessions],
            )
            connection.execute(
                "INSERT OR REPLACE INTO account VALUES (?, ?)",
                (change.device, json.dumps(change.state)),
            )


def load_accounts(connection: sqlite3.Connection, new_id: Callable[[], str]) -> dict[str, Account]:
    """The accounts of all devices as they were last stored."""
    return {
        device: Account.from_state(device, json.loads(state), new_id)
        for device, state in connection.execute("SELECT device, state FROM account")
    }


def quarters(
    connection: sqlite3.Connection,
    *,
    device: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Quarter]:
    """Quarter hours by device and time, ``since`` included, ``until`` excluded."""
    query = (
        "SELECT device, start, charged_wh, discharged_wh, source, quality, covered_s, cause "
        "FROM quarter WHERE (?1 IS NULL OR device = ?1) AND start >= ?2 AND start < ?3 "
        "ORDER BY device, start"
    )
    for row in connection.execute(query, (device, *_range(since, until))):
        yield Quarter(
            device=row[0],
            start=parse_utc(row[1]),
            charged_wh=row[2],
            discharged_wh=row[3],
            source=Source(row[4]) if row[4] else None,
            quality=Quality(row[5]),
            covered_s=row[6],
            cause=row[7],
        )


def sessions(
    connection: sqlite3.Connection,
    *,
    device: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Session]:
    """Sessions by their start, ``since`` included, ``until`` excluded."""
    query = (
        "SELECT content FROM session WHERE (?1 IS NULL OR device = ?1) "
        "AND started >= ?2 AND started < ?3 ORDER BY started, id"
    )
    for (content,) in connection.execute(query, (device, *_range(since, until))):
        members = json.loads(content)
        members["started"] = parse_utc(members["started"])
        members["ended"] = parse_utc(members["ended"]) if members["ended"] else None
        members["quality"] = Quality(members["quality"])
        yield Session(**members)


def _range(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    return format_utc(since) if since else "", format_utc(until) if until else "~"


def _quarter_values(quarter: Quarter) -> tuple[object, ...]:
    return (
        quarter.device,
        format_utc(quarter.start),
        quarter.charged_wh,
        quarter.discharged_wh,
        quarter.source,
        quarter.quality,
        quarter.covered_s,
        quarter.cause,
    )


def _session_values(session: Session) -> tuple[object, ...]:
    members = asdict(session)
    members["started"] = started = format_utc(session.started)
    members["ended"] = ended = format_utc(session.ended) if session.ended else None
    return session.id, session.device, started, ended, json.dumps(members)
