from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from eebus_gw.bridge.shapes import (
    Choice,
    Members,
    Moment,
    Nullable,
    Number,
    Series,
    Shape,
    ShapeError,
    Text,
)


@pytest.mark.parametrize(
    ("shape", "value", "text"),
    [
        (Number(0, 5, "s", whole=True), 1.0, "must be a whole number"),
        (Number(0, 5), float("inf"), "must be 0 … 5"),
        (Text(3), "", "must be 1 to 3 printable characters"),
        (Text(3), "abcd", "must be 1 to 3 printable characters"),
        (Text(3), "a\n", "must be 1 to 3 printable characters"),
        (Choice(("a", "b")), "c", "must be one of a, b"),
        (Choice(("a", "b")), 1, "must be a text"),
        (Moment(), "0001-01-01T00:00:00+14:00", "must be a time like 2026-11-22T18:00:00Z"),
        (Series(Number(0, 1), 2), [0, 0, 0], "must not have more than 2 elements"),
        (
            Series(Members(required={"a": Members(required={"b": Number(0, 1)})}), 9),
            [{"a": {"b": 0}}, {"a": {"b": 2}}],
            "[1].a.b must be 0 … 1",
        ),
    ],
)
def test_errors_name_the_place_and_what_is_wanted(shape: Shape, value: Any, text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        shape.check(value)
    assert caught.value.detail == text


def test_settled_forms() -> None:
    shape = Members(
        required={"at": Moment()}, optional={"n": Nullable(Number(0, 9))}, ignore_unknown=True
    )
    assert shape.check({"at": "2026-11-22T19:00:00+01:00", "n": None, "more": 1}) == {
        "at": datetime(2026, 11, 22, 18, 0, tzinfo=UTC),
        "n": None,
    }
    assert shape.describe() == "{at, n?}"
