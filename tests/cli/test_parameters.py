"""Durations and numbers as people write them."""

from __future__ import annotations

import click
import pytest

from eebus_gw.cli.parameters import DurationParameter, NumberRange


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("0.5", 0.5),
        ("15m", 900.0),
        ("15min", 900.0),
        ("2h", 7200.0),
        ("1h30m", 5400.0),
        ("1h 30m", 5400.0),
        ("1H", 3600.0),
        ("PT15M", 900.0),
        (30.0, 30.0),
    ],
)
def test_seconds(text: str | float, seconds: float) -> None:
    assert DurationParameter().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0", "-5", "5 days", "m", "PT", "-PT5M", "1e3"])
def test_no_duration(text: str) -> None:
    with pytest.raises(click.BadParameter, match="90s, 15m, 1h30m"):
        DurationParameter().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nan", "'nan' is not a valid number"),
        ("inf", "'inf' is not a valid number"),
        ("soon", "'soon' is not a valid number"),
        ("0.05", "0.05 is not in the range x>=0.1"),
    ],
)
def test_no_number_of_a_range(text: str, complaint: str) -> None:
    with pytest.raises(click.BadParameter, match=complaint):
        NumberRange(0.1).convert(text, None, None)
    assert NumberRange(0.1).convert("0.1", None, None) == 0.1
