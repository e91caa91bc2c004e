"""The ledger: one thread that writes, and callers that never wait and never fail because of it."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from eebus_gw.clock import Clock
from eebus_gw.ledger import database, energy, journal
from eebus_gw.ledger.account import Account, Changes, Totals
from eebus_gw.ledger.entries import Entry, Kind, Stamp, format_utc
from eebus_gw.ledger.sample import Sample
from eebus_gw.ledger.session import Session

T = TypeVar("T")

RETENTION = timedelta(days=730)
BACKLOG = 1_000
SAVE_EVERY_S = 60.0
_PENDING_QUARTERS = 10_000


@dataclass(frozen=True, slots=True)
class Health:
    """How the ledger fares. ``waiting`` entries are in memory only, ``lost`` ones are gone."""

    ok: bool
    waiting: int
    lost: int
    error: str
    failing_since: datetime | None


@dataclass(slots=True)
class _Loss:
    entries: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, other: _Loss) -> None:
        self.entries += other.entries
        self.first = self.first or other.first
        self.last = other.last or self.last


class Ledger:
    """Journal, sessions and quarter hours in one SQLite file.

    ``record`` and ``observe`` return at once and never raise; what cannot be written waits in
    memory, and what no longer fits there is counted and reported by a row of kind ``gap`` as soon
    as writing works again. Futures of ``record`` and ``save`` tell whether all is on disk; with
    asyncio: ``await asyncio.wrap_future(ledger.record(entry))``.

    All methods belong to the thread that opened the ledger; ``on_health`` is called by the writing
    thread, when writing begins or ceases to fail.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        clock_synchronised: Callable[[], bool | None] = lambda: None,
        retention: timedelta = RETENTION,
        backlog: int = BACKLOG,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        on_health: Callable[[Health], None] = lambda health: None,
    ) -> None:
        self._path = path
        self._clock = clock
        self._clock_synchronised = clock_synchronised
        self._retention = retention
        self._backlog = backlog
        self._new_id = new_id
        self._on_health = on_health
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Stamp, Entry]] = deque()
        self._loss = _Loss()
        self._lost = 0
        self._unsaved: dict[str, Changes] = {}
        self._stored: dict[str, Account] | None = None
        self._accounts: dict[str, Account] = {}
        self._accounts_complete = False
        self._saved_at = clock.now()
        self._error = ""
        self._failing_since: datetime | None = None
        self._connection: sqlite3.Connection | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    def open(self) -> None:
        """Opens or creates the file and loads the accounts.

        A damaged file is set aside and a new one says so. A disk that cannot be written is reported
        by ``health`` and tried again with every later call; only a file of a newer program raises
        (``StoreError``).
        """
        self._executor.submit(self._open).result()
        self._take_over_stored()

    def record(self, entry: Entry) -> Future[bool]:
        """Adds ``entry``, stamped now, to the journal."""
        with self._lock:
            self._waiting.append((self._stamp(), entry))
            self._trim()
        return self._executor.submit(self._flush)

    def observe(self, device: str, sample: Sample) -> None:
        """Feeds the account of ``device``; stored once a minute, and when a session begins or ends."""
        account = self.account(device)
        beginning = account.beginning
        account.observe(sample)
        turned = account.beginning != beginning
        if turned or self._clock.now() - self._saved_at >= SAVE_EVERY_S:
            self.save()

    def leave(self, device: str) -> None:
        """Ends the session of a device that is removed; its totals stay, for it may come back."""
        if device in self._accounts:
            self._accounts[device].leave()
            self.save()

    def account(self, device: str) -> Account:
        """The account of ``device``: its running session and its totals."""
        if device not in self._accounts:
            self._accounts[device] = Account(device, self._new_id)
        return self._accounts[device]

    def session(self, device: str) -> Session | None:
        """The session that runs at ``device``, else the last that has ended since the start."""
        return self.account(device).latest

    def totals(self, device: str) -> Totals:
        """The lifetime sums of ``device`` up to now."""
        return self.account(device).lifetime()

    def save(self) -> Future[bool]:
        """Stores what the accounts gathered; also tries again what failed before."""
        self._saved_at = self._clock.now()
        self._take_over_stored()
        if self._accounts_complete:
            changes = [account.take_changes() for account in self._accounts.values()]
            with self._lock:
                for change in changes:
                    self._unsaved[change.device] = _merged(self._unsaved.get(change.device), change)
        return self._executor.submit(self._flush)

    def prune(self) -> Future[int]:
        """Removes journal rows beyond the retention; the number of rows removed."""
        stamp = self._stamp()
        before = stamp.utc - self._retention
        return self.query(lambda connection: journal.prune(connection, before, stamp))

    def query(self, read: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Runs ``read`` in the writing thread, after everything recorded so far was tried."""
        return self._executor.submit(self._run, read)

    def health(self) -> Health:
        """How the ledger fares now."""
        with self._lock:
            return Health(
                ok=not self._error,
                waiting=len(self._waiting),
                lost=self._lost,
                error=self._error,
                failing_since=self._failing_since,
            )

    def close(self) -> None:
        """Stores what there is and closes the file."""
        self.save()
        self._executor.submit(self._disconnect).result()
        self._executor.shutdown()

    def _take_over_stored(self) -> None:
        """Joins the accounts found in the file with those that began before it could be read."""
        with self._lock:
            stored, self._stored = self._stored, None
        if stored is None:
            return
        self._accounts_complete = True
        for device, account in stored.items():
            if device in self._accounts:
                self._accounts[device].absorb(account)
            else:
                self._accounts[device] = account

    def _stamp(self) -> Stamp:
        return Stamp(self._clock.wall(), self._clock.now(), self._clock_synchronised())

    def _trim(self) -> None:
        while len(self._waiting) > self._backlog:
            moment = self._waiting.popleft()[0].utc
            self._loss.add(_Loss(1, moment, moment))
            self._lost += 1

    # --- in the writing thread

    def _open(self) -> None:
        if database.is_damaged(self._path):
            self._replace()
        self._flush()

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = database.connect(self._path)
            if not self._accounts_complete:
                stored = energy.load_accounts(connection, self._new_id)
                with self._lock:
                    self._stored = stored
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        self._flush()
        return read(self._connected())

    def _flush(self) -> bool:
        """Writes what waits; after a failure it waits on."""
        with self._lock:
            batch, loss, changes = list(self._waiting), self._loss, self._unsaved
            self._waiting.clear()
            self._loss, self._unsaved = _Loss(), {}
        gap = [(self._stamp(), _gap_entry(loss, self._error))] if loss.entries else []
        try:
            journal.append(self._connected(), [*gap, *batch])
            batch, loss = [], _Loss()
            energy.save(self._connected(), changes.values())
        except (sqlite3.Error, OSError) as error:
            self._keep(batch, loss, changes)
            self._disconnect()
            if type(error) is sqlite3.DatabaseError:
                self._replace()
            self._report(str(error))
            return False
        self._report("")
        return True

    def _keep(
        self, batch: list[tuple[Stamp, Entry]], loss: _Loss, changes: dict[str, Changes]
    ) -> None:
        with self._lock:
            self._waiting.extendleft(reversed(batch))
            loss.add(self._loss)
            self._loss = loss
            self._trim()
            for device, change in changes.items():
                newer = self._unsaved.get(device)
                self._unsaved[device] = _merged(change, newer) if newer else change

    def _replace(self) -> None:
        """Sets a damaged file aside; the next write begins a new one, which says so."""
        try:
            moved = database.set_aside(self._path, f"{self._clock.wall():%Y%m%dT%H%M%SZ}")
        except OSError as error:
            self._report(str(error))
            return
        detail = f"the ledger was damaged; it was set aside as {moved.name}"
        with self._lock:
            self._waiting.appendleft((self._stamp(), Entry(Kind.GAP, detail=detail)))

    def _report(self, error: str) -> None:
        with self._lock:
            changed = bool(error) != bool(self._error)
            self._error = error
            if changed:
                self._failing_since = self._clock.wall() if error else None
        if changed:
            self._on_health(self.health())


def _gap_entry(loss: _Loss, error: str) -> Entry:
    first = format_utc(loss.first) if loss.first else "?"
    last = format_utc(loss.last) if loss.last else "?"
    detail = f"{loss.entries} entries from {first} to {last} could not be written"
    return Entry(Kind.GAP, reason=error or None, detail=detail)


def _merged(older: Changes | None, newer: Changes) -> Changes:
    """Both changes of one device as one; of the same quarter or session the newer counts."""
    if older is None:
        return newer
    quarters = {quarter.start: quarter for quarter in (*older.quarters, *newer.quarters)}
    sessions = {session.id: session for session in (*older.sessions, *newer.sessions)}
    kept = list(quarters.values())[-_PENDING_QUARTERS:]
    return Changes(newer.device, tuple(kept), tuple(sessions.values()), newer.state)
