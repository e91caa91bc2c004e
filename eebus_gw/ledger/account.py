"""The energy account of one device: quarter hours, charging session, lifetime counters. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from eebus_gw.ledger.counters import SECONDS_PER_HOUR, Counter
from eebus_gw.ledger.entries import format_utc, parse_utc
from eebus_gw.ledger.quarters import (
    QUARTER,
    OpenQuarter,
    Portion,
    Quality,
    Quarter,
    Source,
    quarter_start,
    spans,
)
from eebus_gw.ledger.sample import Sample
from eebus_gw.ledger.session import OpenSession, Session

# Longer without a sample, and what was measured before no longer speaks for the time between.
STALE_S = 120.0
# A jump of the wall clock beyond this is no gap to be filled with empty quarters.
LONGEST_GAP = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be stored; absolute values, so storing twice changes nothing."""

    device: str
    quarters: tuple[Quarter, ...]
    sessions: tuple[Session, ...]
    state: Mapping[str, Any]


@dataclass(slots=True)
class Totals:
    """Lifetime sums of a device; they only ever rise."""

    charged_wh: float = 0.0
    discharged_wh: float = 0.0
    reversals: int = 0
    sessions: int = 0
    equivalent_full_cycles: float = 0.0


@dataclass(slots=True)
class _Counters:
    imported: Counter = field(default_factory=Counter)
    exported: Counter = field(default_factory=Counter)
    session: Counter = field(default_factory=Counter)


class Account:
    """Fed with samples in order; keeps the sums and says what has to be stored.

    ``new_id`` names sessions. Time is measured by ``now``; ``utc`` only says where it belongs. A
    wall clock that goes back never reopens a quarter that was closed.
    """

    def __init__(self, device: str, new_id: Callable[[], str]) -> None:
        self.device = device
        self.totals = Totals()
        self._new_id = new_id
        self._counters = _Counters()
        self._last: Sample | None = None
        self._last_utc: datetime | None = None
        self._quarter: OpenQuarter | None = None
        self._session: OpenSession | None = None
        self._latest: Session | None = None
        self._closed: list[Quarter] = []
        self._ended: list[Session] = []

    def observe(self, sample: Sample) -> None:
        """Books the time since the last sample."""
        before = self._last_utc
        if before is not None and abs(sample.utc - before) > LONGEST_GAP:
            self._close_quarter()
            before = None
        seconds = self._elapsed_s(sample)
        if sample.plugged and self._session is None:
            self._begin_session(sample)
        portion = self._portion(sample, seconds)
        self._book(portion, before, sample.utc, seconds)
        if self._session is not None:
            limited_s = seconds if self._last and self._last.limited and seconds <= STALE_S else 0.0
            self._session.add(portion, limited_s, sample)
            if not sample.plugged:
                self._end_session(sample.utc if self._last else before or sample.utc)
        self._last = sample
        self._last_utc = max(sample.utc, before) if before else sample.utc

    def leave(self) -> None:
        """The device is ours no more: a session that runs has ended with its last sample."""
        if self._session is not None:
            self._end_session(self._session.last or self._session.started)
        self._last = None

    @property
    def beginning(self) -> tuple[str, float | None] | None:
        """Which session runs, and its first state of charge as soon as that is known."""
        return (self._session.id, self._session.soc_start_percent) if self._session else None

    @property
    def session(self) -> Session | None:
        """The session that runs, as it stands."""
        return self._session.view(self.device, None) if self._session else None

    @property
    def latest(self) -> Session | None:
        """The session that runs, else the last that this account has seen ending."""
        return self.session or self._latest

    def lifetime(self) -> Totals:
        """The sums up to now, the session that runs included."""
        running = self.session
        if running is None:
            return replace(self.totals)
        return replace(
            self.totals,
            reversals=self.totals.reversals + running.reversals,
            equivalent_full_cycles=self.totals.equivalent_full_cycles
            + (running.equivalent_full_cycles or 0.0),
        )

    def take_changes(self) -> Changes:
        """What changed since the last call, the running quarter and session included."""
        quarters, sessions = self._closed, self._ended
        self._closed, self._ended = [], []
        if self._quarter is not None and self._last_utc is not None:
            elapsed_s = (self._last_utc - self._quarter.start).total_seconds()
            quarters = [*quarters, self._quarter.close(self.device, elapsed_s)]
        if self._session is not None:
            sessions = [*sessions, self._session.view(self.device, None)]
        return Changes(self.device, tuple(quarters), tuple(sessions), self._to_state())

    def absorb(self, earlier: Account) -> None:
        """Takes over what an account of the same device, read too late, had gathered before."""
        sums, add = self.totals, earlier.totals
        sums.charged_wh += add.charged_wh
        sums.discharged_wh += add.discharged_wh
        if earlier._session is not None:
            earlier._end_session(earlier._session.last or earlier._session.started)
        sums.reversals += add.reversals
        sums.sessions += add.sessions
        sums.equivalent_full_cycles += add.equivalent_full_cycles
        earlier._close_quarter()
        self._closed[:0] = earlier._closed
        self._ended[:0] = earlier._ended

    def _elapsed_s(self, sample: Sample) -> float:
        if self._last is not None:
            return max(0.0, sample.now - self._last.now)
        if self._last_utc is not None:
            return max(0.0, (sample.utc - self._last_utc).total_seconds())
        return 0.0

    def _portion(self, sample: Sample, seconds: float) -> Portion:
        """What flowed since the last sample, by the best source there is."""
        last, counters = self._last, self._counters
        fresh = last is not None and seconds <= STALE_S
        by_power = _power_of(last) if last is not None and fresh else None
        forward = (
            (Source.METER, counters.imported, sample.import_wh),
            (Source.SESSION_COUNTER, counters.session, sample.session_wh),
        )
        backward = ((Source.METER, counters.exported, sample.export_wh),)
        charged_wh, source = _first_rise(forward, seconds)
        discharged_wh, _ = _first_rise(backward, seconds)
        quality = Quality.MEASURED if fresh else Quality.ESTIMATED
        if by_power is not None:
            energy_wh = by_power * seconds / SECONDS_PER_HOUR
            if charged_wh is None:
                charged_wh, source = max(0.0, energy_wh), Source.POWER
            if discharged_wh is None:
                discharged_wh = max(0.0, -energy_wh)
                source = Source.POWER if discharged_wh else source
        if source is Source.POWER:
            quality = Quality.DERIVED
        _miss(forward, charged_wh or 0.0)
        _miss(backward, discharged_wh or 0.0)
        cause = last.cause if last and fresh else None
        return Portion(charged_wh or 0.0, discharged_wh or 0.0, source, quality, cause)

    def _book(
        self, portion: Portion, before: datetime | None, utc: datetime, seconds: float
    ) -> None:
        self.totals.charged_wh += portion.charged_wh
        self.totals.discharged_wh += portion.discharged_wh
        if before is None:
            self._quarter = OpenQuarter(quarter_start(utc))
            return
        end = max(utc, before)
        width_s = (end - before).total_seconds()
        for start, span_s in spans(before, end):
            quarter = self._open(start)
            share = span_s / width_s if width_s else 1.0
            quarter.add(portion, share, seconds * share)

    def _open(self, start: datetime) -> OpenQuarter:
        while self._quarter is not None and self._quarter.start < start:
            following = self._quarter.start + QUARTER
            self._close_quarter()
            self._quarter = OpenQuarter(following)
        if self._quarter is None:
            self._quarter = OpenQuarter(start)
        return self._quarter

    def _close_quarter(self) -> None:
        if self._quarter is not None:
            self._closed.append(self._quarter.close(self.device))
        self._quarter = None

    def _begin_session(self, sample: Sample) -> None:
        witnessed = self._last is not None and not self._last.plugged
        self._session = OpenSession(self._new_id(), sample.utc, witnessed=witnessed)
        self.totals.sessions += 1
        if witnessed:
            self._counters.session = Counter(base_wh=0.0)

    def _end_session(self, ended: datetime) -> None:
        if self._session is None:
            return
        session = self._session.view(self.device, ended)
        self.totals.reversals += session.reversals
        self.totals.equivalent_full_cycles += session.equivalent_full_cycles or 0.0
        self._ended.append(session)
        self._latest = session
        self._session = None
        self._counters.session = Counter()

    def _to_state(self) -> dict[str, Any]:
        counters, totals = self._counters, self.totals
        return {
            "last_utc": format_utc(self._last_utc) if self._last_utc else None,
            "totals": {
                "charged_wh": totals.charged_wh,
                "discharged_wh": totals.discharged_wh,
                "reversals": totals.reversals,
                "sessions": totals.sessions,
                "equivalent_full_cycles": totals.equivalent_full_cycles,
            },
            "counters": {
                name: asdict(counter)
                for name, counter in (
                    ("imported", counters.imported),
                    ("exported", counters.exported),
                    ("session", counters.session),
                )
            },
            "quarter": self._quarter.to_state() if self._quarter else None,
            "session": self._session.to_state() if self._session else None,
        }

    @classmethod
    def from_state(cls, device: str, state: Mapping[str, Any], new_id: Callable[[], str]) -> Self:
        """The account as it was when ``state`` was taken."""
        account = cls(device, new_id)
        account.totals = Totals(**state["totals"])
        account._counters = _Counters(
            **{name: Counter(**counter) for name, counter in state["counters"].items()}
        )
        account._last_utc = parse_utc(state["last_utc"]) if state["last_utc"] else None
        account._quarter = OpenQuarter.from_state(state["quarter"]) if state["quarter"] else None
        account._session = OpenSession.from_state(state["session"]) if state["session"] else None
        return account


_Readings = tuple[tuple[Source, Counter, float | None], ...]


def _power_of(sample: Sample) -> float | None:
    return 0.0 if sample.power_w is None and not sample.plugged else sample.power_w


def _first_rise(readings: _Readings, seconds: float) -> tuple[float | None, Source | None]:
    """The energy of the first counter that tells one; all of them keep their readings."""
    found: tuple[float | None, Source | None] = (None, None)
    for source, counter, reading_wh in readings:
        if reading_wh is None:
            continue
        risen_wh = counter.advance(reading_wh, seconds)
        if found[1] is None and risen_wh is not None:
            found = (risen_wh, source)
    return found


def _miss(readings: _Readings, energy_wh: float) -> None:
    """What was booked without the counters that told nothing is not booked again when they do."""
    for _, counter, reading_wh in readings:
        if reading_wh is None:
            counter.miss(energy_wh)
