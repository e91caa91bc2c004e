"""Texts of strangers on a terminal: anybody on the network can announce any name."""

from __future__ import annotations

import pytest

from eebus_gw.cli.output import Output
from eebus_gw.cli.verdict import print_verdict

EVIL = "Box\x1b]0;owned\x07\x1b[2J\x9b31m"


@pytest.fixture
def output() -> Output:
    return Output()


def test_control_sequences_do_not_reach_the_terminal(
    output: Output, capsys: pytest.CaptureFixture[str]
) -> None:
    output.line(f"{EVIL}\nnext")
    output.fields([("name", EVIL)])
    output.table(["NAME"], [[EVIL]])
    output.warn(EVIL)
    output.complain(EVIL, EVIL)
    shown = capsys.readouterr()
    printed = shown.out + shown.err
    assert printed.count("Box") == 6
    assert not {"\x1b", "\x07", "\x9b"} & set(printed)
    assert "\nnext\n" in shown.out


def test_what_a_peer_announces_is_no_markup(
    output: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Output, "terminal", True)
    verdict = {
        "usable": False,
        "code": "opev",
        "title": "t",
        "scenarios": [],
        "why_not": "[/x]\x1b",
    }
    print_verdict(output, [verdict])
    shown = capsys.readouterr().out
    assert "[/x]" in shown
