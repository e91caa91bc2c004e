"""Tables for people: whole lines where there is room, folded cells where there is none."""

from __future__ import annotations

import pytest

from eebus_gw.cli.output import Output

HEADERS = ("ID", "SIDE", "LINK", "DEVICE", "SKI")
SKI = "7c1e 0b94 a2d3 5f68 017b e4c9 d2f0 6a81 b35e 7d40"
ROWS = [
    ("carport", "wallbox", "connected", "Example Wallbox", SKI),
    ("steuerbox", "grid", "rejected by the peer", None, SKI),
]


def narrow(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))


def test_a_pipe_gets_one_line_a_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    Output().table(HEADERS, ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.endswith(SKI) for line in lines[1:])


@pytest.mark.parametrize("columns", [80, 50])
def test_a_narrow_terminal_gets_folded_cells_with_whole_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: int
) -> None:
    narrow(monkeypatch, columns)
    Output().table(HEADERS, ROWS)
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if len(line) > columns] == []
    for word in " ".join(cell or "–" for row in (HEADERS, *ROWS) for cell in row).split():
        assert word in shown


def test_words_break_where_even_they_find_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow(monkeypatch, 10)
    Output().table(("A", "B"), [("abcdefgh", "ijklmnop")])
    assert capsys.readouterr().out.splitlines() == ["A     B", "abcd  ijkl", "efgh  mnop"]
