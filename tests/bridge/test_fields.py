from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from eebus_gw.bridge.fields import FIELDS
from eebus_gw.bridge.shapes import ShapeError


def test_the_fields_of_the_contract() -> None:
    assert list(FIELDS) == [
        "charging_enabled",
        "max_current_a",
        "recommended_current_a",
        "lpc",
        "lpp",
        "lpc_failsafe",
        "setpoint",
        "driver",
        "prices",
        "limit_curve",
    ]
    assert all(field.effect and field.shape.describe() for field in FIELDS.values())


SIX = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
SEVEN = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "given", "settled"),
    [
        ("charging_enabled", True, True),
        ("max_current_a", 16, [16, 16, 16]),
        ("max_current_a", [10, 10.5, None], [10, 10.5, None]),
        ("recommended_current_a", None, None),
        ("recommended_current_a", 0, [0, 0, 0]),
        ("lpc", 4200, {"limit_w": 4200, "active": True, "duration_s": None}),
        ("lpc", True, {"limit_w": None, "active": True, "duration_s": None}),
        ("lpc", {"active": False}, {"limit_w": None, "active": False, "duration_s": None}),
        (
            "lpp",
            {"limit_w": 0, "active": True, "duration_s": 60},
            {"limit_w": 0, "active": True, "duration_s": 60},
        ),
        ("lpc_failsafe", {"duration_s": 7200}, {"duration_s": 7200}),
        ("setpoint", -3000, {"setpoint_w": -3000, "active": True, "duration_s": None}),
        ("setpoint", {"active": False}, {"setpoint_w": 0, "active": False, "duration_s": None}),
        (
            "setpoint",
            {"setpoint_w": 7400, "active": True, "duration_s": 3600},
            {"setpoint_w": 7400, "active": True, "duration_s": 3600},
        ),
        (
            "driver",
            {"departure": "2026-11-22T19:00:00+01:00", "min_soc_percent": None},
            {"departure": SIX, "min_soc_percent": None},
        ),
        ("limit_curve", [], []),
        (
            "limit_curve",
            [{"start": "2026-11-22T18:00:00Z", "end": "2026-11-22T19:00:00z", "limit_w": 11000}],
            [{"start": SIX, "end": SEVEN, "limit_w": 11000}],
        ),
    ],
)
def test_accepted_values(field: str, given: Any, settled: Any) -> None:
    assert FIELDS[field].shape.check(given) == settled


HOUR = {"start": "2026-11-22T18:00:00Z", "end": "2026-11-22T19:00:00Z"}


@pytest.mark.parametrize(
    ("field", "given", "reason", "detail"),
    [
        ("charging_enabled", 1, "wrong_type", "must be true or false"),
        ("charging_enabled", None, "wrong_type", "must be true or false"),
        ("max_current_a", -0.1, "out_of_range", "must be 0 … 1 000 A"),
        ("max_current_a", True, "wrong_type", "must be a number"),
        ("max_current_a", "16", "wrong_type", "must be a number"),
        ("max_current_a", None, "wrong_type", "must be a number"),
        ("max_current_a", [10, 10], "wrong_type", "must be a number or an array of three"),
        (
            "max_current_a",
            [None, None, None],
            "wrong_type",
            "must be a number or an array of three",
        ),
        ("max_current_a", [10, -1, 10], "out_of_range", "[1] must be 0 … 1 000 A"),
        ("lpc", {}, "wrong_type", "lacks limit_w"),
        ("lpc", {"limit_w": -1}, "out_of_range", ".limit_w must be 0 … 10 000 000 W"),
        ("lpc", {"limit": 1}, "unknown_field", "has no member 'limit'; did you mean 'limit_w'?"),
        ("lpp", {"limit_w": 1, "duration_s": 0}, "out_of_range", None),
        ("lpc_failsafe", {}, "wrong_type", "lacks one of limit_w, duration_s"),
        ("lpc_failsafe", {"duration_s": 7199}, "out_of_range", None),
        ("lpc_failsafe", {"duration_s": 86401}, "out_of_range", None),
        ("setpoint", {"active": True}, "wrong_type", "lacks setpoint_w"),
        ("setpoint", {"setpoint_w": 1, "duration_s": 3601}, "out_of_range", None),
        ("setpoint", None, "wrong_type", ".setpoint_w must be a number"),
        ("driver", {"min_soc_percent": 101}, "out_of_range", None),
        (
            "driver",
            {"min_soc_percent": 60, "target_soc_percent": 50},
            "out_of_range",
            "target_soc_percent is below min_soc_percent",
        ),
        ("driver", {"departure": "2026-11-22T18:00:00"}, "wrong_type", None),
        ("driver", {"departure": 1732296000}, "wrong_type", None),
        ("prices", [{**HOUR, "price": 0.3}], "wrong_type", "[0] lacks currency"),
        (
            "prices",
            [
                {
                    "start": "2026-11-22T10:00:00Z",
                    "end": "2026-11-22T11:00:00Z",
                    "price": 0.3,
                    "currency": "EUR",
                },
                {
                    "start": "2026-11-22T11:00:00Z",
                    "end": "2026-11-22T12:00:00Z",
                    "price": 0.3,
                    "currency": "CHF",
                },
            ],
            "out_of_range",
            "slots differ in their currency",
        ),
        (
            "limit_curve",
            [{"start": HOUR["end"], "end": HOUR["start"], "limit_w": 1}],
            "out_of_range",
            "[0] ends before it starts",
        ),
        (
            "limit_curve",
            [{**HOUR, "limit_w": 1}, {**HOUR, "limit_w": 2}],
            "out_of_range",
            "[1] overlaps the slot before it",
        ),
        ("limit_curve", [{**HOUR, "limit_w": 1}] * 201, "out_of_range", None),
    ],
)
def test_refused_values(field: str, given: Any, reason: str, detail: str | None) -> None:
    with pytest.raises(ShapeError) as caught:
        FIELDS[field].shape.check(given)
    assert caught.value.reason == reason
    assert detail is None or caught.value.detail == detail


@pytest.mark.parametrize(
    ("field", "new", "old", "reduces"),
    [
        ("charging_enabled", False, True, True),
        ("charging_enabled", True, False, False),
        ("max_current_a", 10, 16, True),
        ("max_current_a", 16, 10, False),
        ("max_current_a", 16, 16, False),
        ("max_current_a", [16, 16, 15], 16, True),
        ("max_current_a", [20, 20, None], 16, False),
        ("recommended_current_a", 6, None, True),
        ("recommended_current_a", None, 6, False),
        ("lpc", 4200, 11000, True),
        ("lpc", 11000, 4200, False),
        ("lpc", 11000, False, True),
        ("lpc", False, 4200, False),
        ("lpc", True, False, True),
        ("lpc", True, 4200, False),
        ("lpc_failsafe", {"limit_w": 1}, {"limit_w": 2}, True),
        ("lpc_failsafe", {"duration_s": 7200}, {"limit_w": 2}, False),
        ("setpoint", 1000, 3000, True),
        ("setpoint", -1000, -3000, True),
        ("setpoint", 0, -3000, True),
        ("setpoint", {"active": False}, -3000, True),
        ("setpoint", -1000, 3000, False),
        ("setpoint", -3000, -1000, False),
        ("driver", {"min_soc_percent": 1}, {"min_soc_percent": 2}, False),
        ("prices", [], [], False),
    ],
)
def test_what_counts_as_a_reduction(field: str, new: Any, old: Any, reduces: bool) -> None:
    entry = FIELDS[field]
    assert entry.reduces(entry.shape.check(new), entry.shape.check(old)) is reduces
