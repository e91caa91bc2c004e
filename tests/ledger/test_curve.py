from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from eebus_gw.ledger import Entry, Kind, journal
from eebus_gw.ledger.curve import Curves, Mark, Step, curves
from eebus_gw.ledger.database import connect
from tests.support.journal import LIMIT, START, stamp


def read(tmp_path: Path, *entries: tuple[float, Entry]) -> Curves:
    with closing(connect(tmp_path / "ledger.sqlite3")) as book:
        journal.append(book, [(stamp(at), entry) for at, entry in entries])
        return curves(journal.rows(book))


def asked(watts: float, event: str, *, code: str = "lpc", active: bool = True) -> Entry:
    return Entry(
        Kind.RECEIVED, event=event, use_case=code, requested_w=watts, requested_active=active
    )


def answered(event: str, outcome: str = "accepted") -> Entry:
    return Entry(Kind.ANSWERED, event=event, outcome=outcome)


def test_a_limit_holds_from_its_acceptance_and_power_is_read_from_every_row(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "ledger.sqlite3")) as book:
        journal.append(book, LIMIT)
        found = curves(journal.rows(book))
    assert found.consumption == [Step(START + timedelta(seconds=1.005), 4_200, "limit")]
    after = START + timedelta(seconds=31)
    assert found.power == [(after, 11_040), (after, 4_140)]


def test_deactivation_and_unlimited_states_end_a_limit(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        (0, asked(4_200, "a")),
        (1, answered("a")),
        (2, asked(0, "b", active=False)),
        (3, answered("b")),
        (4, asked(5_000, "c")),
        (5, answered("c")),
        (6, Entry(Kind.STATE_CHANGED, use_case="lpc", state_after="unlimited_controlled")),
    )
    assert [(step.watts, step.utc - START) for step in found.consumption] == [
        (4_200, timedelta(seconds=1)),
        (None, timedelta(seconds=3)),
        (5_000, timedelta(seconds=5)),
        (None, timedelta(seconds=6)),
    ]


def test_a_refused_limit_is_a_mark_and_no_step(tmp_path: Path) -> None:
    found = read(tmp_path, (0, asked(-1, "a")), (1, answered("a", "refused")))
    assert found.consumption == []
    assert found.marks == [Mark(START + timedelta(seconds=1), "refused")]


def test_failsafe_is_known_from_what_was_distributed(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        (0, Entry(Kind.STATE_CHANGED, use_case="lpc", state_after="failsafe")),
        (0, Entry(Kind.ALLOCATED, requested_w=4_200, reason="failsafe")),
        (5, Entry(Kind.ALLOCATED, requested_w=4_200, reason="failsafe")),
    )
    assert found.consumption == [Step(START, 4_200, "failsafe")]


def test_production_is_a_curve_of_its_own_in_magnitudes(tmp_path: Path) -> None:
    found = read(tmp_path, (0, asked(-5_000, "p", code="lpp")), (1, answered("p")))
    assert found.consumption == []
    assert [step.watts for step in found.production] == [5_000]


def test_failsafe_values_are_no_limits(tmp_path: Path) -> None:
    value = Entry(
        Kind.RECEIVED, event="f", use_case="lpc", requested_w=7_200, detail="failsafe_duration_s"
    )
    assert read(tmp_path, (0, value), (1, answered("f"))).consumption == []
