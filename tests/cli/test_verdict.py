"""The verdict as a table: what works first, then why the rest does not."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.cli.output import Output
from eebus_gw.cli.verdict import print_verdict, scenarios

VERDICT: list[dict[str, Any]] = [
    {
        "code": "lpc",
        "title": "limits",
        "usable": False,
        "scenarios": [],
        "why_not": "not announced",
    },
    {"code": "opev", "title": "currents", "usable": True, "scenarios": [1, 3], "why_not": ""},
]


def test_plain(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdict(Output(), VERDICT)
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["works", "OPEV", "currents", "scenarios", "1,", "3"],
        ["no", "LPC", "limits", "not", "announced"],
    ]


def test_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "terminal", True)
    monkeypatch.setenv("COLUMNS", "80")
    print_verdict(Output(), VERDICT)
    lines = capsys.readouterr().out.splitlines()
    assert "✓" in lines[2]
    assert "not announced" in lines[3]
    assert all(len(line) <= 80 for line in lines)


def test_one_scenario_is_singular() -> None:
    assert scenarios({"scenarios": [2]}) == "scenario 2"
