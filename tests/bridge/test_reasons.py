from __future__ import annotations

import pytest

from eebus_gw.bridge.reasons import ERROR_NUMBERS, REASONS, error_number, reason_of
from eebus_gw.errors import (
    EebusError,
    NotConnected,
    Refused,
    RequestError,
    TimedOut,
)
from eebus_gw.peers import UnknownDevice

CONTRACT_CODES = [
    "invalid_json",
    "unknown_field",
    "out_of_range",
    "wrong_type",
    "retained_command",
    "stale",
    "device_unknown",
    "device_offline",
    "device_not_trusted",
    "usecase_unsupported",
    "scenario_unsupported",
    "limit_not_changeable",
    "ev_not_connected",
    "ev_standard_unknown",
    "feed_in_not_allowed",
    "driver_minimum",
    "discharge_not_permitted",
    "data_missing",
    "refused_by_ev",
    "dry_run",
    "no_binding",
    "remote_error",
    "rate_limited",
    "result_timeout",
    "link_lost",
    "not_authorised",
]


@pytest.mark.parametrize("code", CONTRACT_CODES)
def test_each_code_of_the_contract_explains_itself(code: str) -> None:
    reason = REASONS[code]
    assert reason.sentence.endswith(".")
    assert reason.remedy.endswith(".")
    assert 1 <= reason.exit_status <= 6


def test_what_is_no_code_of_the_contract_concerns_requests_only() -> None:
    assert REASONS.keys() - set(CONTRACT_CODES) == {"unknown_verb", "failed"}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("out_of_range", 2),
        ("device_offline", 3),
        ("link_lost", 3),
        ("device_not_trusted", 4),
        ("result_timeout", 5),
        ("usecase_unsupported", 6),
        ("remote_error", 1),
    ],
)
def test_exit_status_follows_the_command_line_contract(code: str, status: int) -> None:
    assert REASONS[code].exit_status == status


def test_error_numbers_are_those_of_the_resource_specification() -> None:
    assert sorted(ERROR_NUMBERS) == list(range(10))
    assert ERROR_NUMBERS[9].name == "binding required"


def test_unknown_error_numbers_stay_visible() -> None:
    assert error_number(4711).number == 4711
    assert error_number(7) is ERROR_NUMBERS[7]


def _leaves(kind: type[RequestError]) -> list[type[RequestError]]:
    # Tests have errors of their own.
    below = [child for child in kind.__subclasses__() if child.__module__.startswith("eebus_gw.")]
    return [leaf for child in below for leaf in _leaves(child)] if below else [kind]


@pytest.mark.parametrize("kind", _leaves(RequestError))
def test_every_request_error_has_a_code_and_its_exit_status(kind: type[RequestError]) -> None:
    assert REASONS[kind.reason].exit_status == kind.exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused(7), "remote_error"),
        (TimedOut("late"), "result_timeout"),
        (NotConnected("away"), "device_offline"),
        (UnknownDevice("no device answers to 'x'"), "device_unknown"),
        (EebusError("broken"), "failed"),
    ],
)
def test_code_of_an_error(error: EebusError, code: str) -> None:
    assert reason_of(error) == code
