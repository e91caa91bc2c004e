"""``demo``: the whole chain in one command, on loopback, and a clean end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from eebus_gw.cli import main
from tests.support.processes import PATIENCE_S

pytest.importorskip("iotcore", reason="the extra demo is not installed")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The demonstration without a terminal, its temporary files below ``tmp_path``."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "eebus_gw", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    yield process
    process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        assert pipe is not None
        pipe.close()


def test_a_limit_is_obeyed_and_the_end_is_clean(
    demo: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert demo.stdout is not None
    seen: list[str] = []
    deadline = time.monotonic() + PATIENCE_S
    for line in demo.stdout:
        seen.append(line)
        limited = any("result applied" in each for each in seen)
        if limited and re.search(r"car 6\.\d\d kW", line):
            break
        assert time.monotonic() < deadline, "".join(seen)
    assert any("A car is plugged in" in line for line in seen)
    assert any("eebus/demo-box/set/max_current_a 10" in line for line in seen)
    demo.send_signal(signal.SIGINT)
    rest, errors = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 0
    assert errors == ""
    assert rest.splitlines()[-1].startswith("the demonstration is over: ")
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_it_ends_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--seconds", "1"]) == 0
    assert "the demonstration is over" in capsys.readouterr().out


def test_without_the_broker_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "iotcore", None)
    assert main(["demo", "--seconds", "1"]) == 2
    assert "pip install 'eebus-gw[demo]'" in capsys.readouterr().err
