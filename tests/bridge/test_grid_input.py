from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.bridge.grid_input import MeterFeed, read_grid_values, read_meter_feed
from eebus_gw.bridge.shapes import ShapeError

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def test_operator_values() -> None:
    assert read_grid_values(b'{"failsafe_w": 4200, "failsafe_duration_s": 7200}') == {
        "failsafe_w": 4200,
        "failsafe_duration_s": 7200,
    }


def test_a_member_that_is_refused_later_spares_the_others() -> None:
    payload = b'{"failsafe_w": 4200, "nominal_max_w": 9000}'
    assert read_grid_values(payload) == {"failsafe_w": 4200, "nominal_max_w": 9000}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{}", "wrong_type"),
        (b"4200", "wrong_type"),
        (b"{", "invalid_json"),
        (b'{"failsafe_w": -1}', "out_of_range"),
        (b'{"failsafe_duration_s": 7199}', "out_of_range"),
        (b'{"failsafe": 1}', "unknown_field"),
    ],
)
def test_refused_operator_values(payload: bytes, reason: str) -> None:
    with pytest.raises(ShapeError) as caught:
        read_grid_values(payload)
    assert caught.value.reason == reason


def test_a_meter_feed() -> None:
    payload = (
        b'{"ts": "2026-11-25T11:59:55Z", "power_w": -1500.5, "current_a": [1, null, -2],'
        b' "tariff": "night"}'
    )
    assert read_meter_feed(payload, NOON) == MeterFeed(
        ts=datetime(2026, 11, 25, 11, 59, 55, tzinfo=UTC),
        power_w=-1500.5,
        current_a=[1, None, -2],
    )


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"power_w": 1}', "wrong_type"),
        (b'{"ts": "2026-11-25T11:59:49.999Z", "power_w": 1}', "stale"),
        (b'{"ts": "2026-11-25T12:00:30.001Z", "power_w": 1}', "stale"),
        (b'{"ts": "2026-11-25T12:00:00Z", "power_w": "1"}', "wrong_type"),
        (b'{"ts": "2026-11-25T12:00:00Z", "current_a": [1, 2]}', "wrong_type"),
        (b'{"ts": "2026-11-25T12:00:00Z", "current_a": [1, 2, 3, 4]}', "out_of_range"),
    ],
)
def test_refused_meter_feeds(payload: bytes, reason: str) -> None:
    with pytest.raises(ShapeError) as caught:
        read_meter_feed(payload, NOON)
    assert caught.value.reason == reason


@given(st.binary())
def test_nothing_else_is_raised(payload: bytes) -> None:
    for read in (read_grid_values, lambda data: read_meter_feed(data, NOON)):
        with pytest.raises(ShapeError):
            read(payload)
