from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eebus_gw.bridge.results import Result, State

TS = datetime(2026, 11, 22, 18, 0, 0, 412_345, tzinfo=UTC)


def test_document_has_the_members_of_the_contract() -> None:
    result = Result(
        device="carport",
        id="ems-4711",
        field="max_current_a",
        state=State.APPLIED,
        ts=TS,
        error_number=0,
        requested=[10, 10, 10],
        actual=[10, 10, 10],
        latency_ms=388,
    )
    assert result.document() == {
        "id": "ems-4711",
        "field": "max_current_a",
        "state": "applied",
        "reason": None,
        "error_number": 0,
        "detail": None,
        "requested": [10, 10, 10],
        "actual": [10, 10, 10],
        "limited_by": None,
        "ts": "2026-11-22T18:00:00.412Z",
        "latency_ms": 388,
    }


def _result(state: State, reason: str | None = None, number: int | None = None) -> Result:
    return Result("carport", "x", "lpc", state, TS, reason=reason, error_number=number)


@pytest.mark.parametrize(
    ("result", "final", "status"),
    [
        (_result(State.RECEIVED), False, 1),
        (_result(State.SENT), False, 1),
        (_result(State.APPLIED), True, 0),
        (_result(State.ACCEPTED), True, 0),
        (_result(State.REJECTED, "usecase_unsupported"), True, 6),
        (_result(State.REJECTED, "remote_error", 7), True, 1),
        (_result(State.SUPERSEDED), True, 1),
        (_result(State.EXPIRED, "stale"), True, 5),
        (_result(State.TIMEOUT, "result_timeout"), True, 5),
        (_result(State.FAILED, "link_lost"), True, 3),
    ],
)
def test_finality_and_exit_status(result: Result, final: bool, status: int) -> None:
    assert result.final is final
    assert result.exit_status == status


def test_explanations_are_for_people() -> None:
    assert _result(State.APPLIED).explanation() == ""
    assert "plugged in" in _result(State.REJECTED, "ev_not_connected").explanation()
    assert "refuses it" in _result(State.REJECTED, "remote_error", 7).explanation()
