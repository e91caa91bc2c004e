"""``trace show|decode|export``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from tests.support.gateway import gateway

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
CHARGING = Path(__file__).parents[1] / "fixtures" / "wire" / "cem-evse-charging.jsonl"
LINES = [
    '{"t": 0.0, "from": "cem", "event": "tcp-connect"}',
    '{"t": 0.1, "from": "cem", "type": 0, "text": "\\u0000"}',
    '{"t": 0.2, "from": "evse", "type": 1, "text": "{\\"connectionPinInput\\":[{\\"pin\\":\\"1234ABCD\\"}]}"}',
    '{"t": 0.3, "from": "evse", "type": 2, "text": "{\\"data\\":[]}"}',
    "another line",
]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path / "home"))
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(LINES))
    return path


def test_show(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "show", str(file)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 4
    assert "tcp-connect" in shown[0]
    assert shown[1].endswith("init")
    assert "1234ABCD" not in "\n".join(shown)
    assert main(["trace", "show", str(file), "--from", "cem", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["frames"]) == 2


def test_decode(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "decode", str(file), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["frames"], answer["skipped"], answer["findings"]) == (4, 1, 1)
    assert answer["steps"][3]["line"] == 4
    assert main(["trace", "decode", str(file), "--findings"]) == 0
    shown = capsys.readouterr().out
    assert "! " in shown
    assert "tcp-connect" not in shown.splitlines()[0]
    assert "1234ABCD" not in shown


def test_decode_names_use_cases(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "decode", str(CHARGING)]) == 0
    shown = capsys.readouterr().out
    assert "write loadControlLimitListData (partial)  [OPEV limit_a]\n" in shown
    assert "[EVCEM current_a power_w energy_wh, EVSOC soc_percent]\n" in shown
    assert "OPEV 45, " in shown.splitlines()[-2]
    assert main(["trace", "decode", str(CHARGING), "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    write = next(step for step in steps if step["title"].startswith("write"))
    assert write["use_cases"] == [{"use_case": "opev", "points": ["limit_a"], "certain": True}]


def test_decode_says_where_only_the_function_speaks(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = CHARGING.read_text().splitlines()
    file.write_text(next(line for line in lines if '\\"cmdClassifier\\":\\"write\\"' in line))
    assert main(["trace", "decode", str(file)]) == 0
    assert "[perhaps OPEV, OSCEV, LPC, LPP]" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["decode", "show"])
@pytest.mark.parametrize(
    ("text", "found"), [("", "it is empty"), ("no\nframe\n", "none of its 2 lines is one")]
)
def test_a_file_without_frames(
    file: Path, capsys: pytest.CaptureFixture[str], command: str, text: str, found: str
) -> None:
    file.write_text(text)
    assert main(["trace", command, str(file)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"x.jsonl holds no frames: {found}" in printed.err
    assert "evcc, eebus-go" in printed.err


def test_export_needs_a_running_gateway(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "export", str(file.with_name("out.jsonl"))]) == 3
    assert "eebus-gw run" in capsys.readouterr().err
    assert not file.with_name("out.jsonl").exists()


def test_export_writes_what_the_gateway_kept(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = file.with_name("out.jsonl")
    lines = [{"line": line} for line in LINES[:2]]
    with gateway(Home.open().control_path, {"trace/export": lines}) as asked:
        assert main(["trace", "export", str(out), "--device", "carport"]) == 0
    assert out.read_text().splitlines() == LINES[:2]
    assert asked == [("trace/export", {"device": "carport", "full_skis": False})]


def test_a_trace_that_cannot_be_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = file.parent / "absent" / "out.jsonl"
    with gateway(Home.open().control_path, {"trace/export": [{"line": LINES[0]}]}):
        assert main(["trace", "export", str(out)]) == 1
    assert f"error: {out} cannot be written: No such file or directory" in capsys.readouterr().err


def test_an_absent_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "decode", str(file) + "x"]) == 2
