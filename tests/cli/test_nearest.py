"""Mistyped words name the nearest valid one."""

from __future__ import annotations

from pathlib import Path

import pytest

from eebus_gw.cli import main
from eebus_gw.cli.nearest import nearest_hint


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        ("trce show x", "trace"),
        ("trace decod x", "decode"),
        ("config example evc", "evcc"),
        ("simulate wallbox --ev bidirctional", "bidirectional"),
        ("simulate wallbox --offer evcc,opve", "opev"),
        ("completion bsh", "bash"),
        ("set carport max_curent_a 10", "max_current_a"),
        ("pair x --side gird", "grid"),
        ("identity show --side Wallbox", "wallbox"),
        ("grid export --format jsn", "json"),
        ("sessions export --format cvs", "csv"),
        ("--log-level warn peers", "warning"),
    ],
)
def test_it_is_a_usage_error_with_the_nearest_one(
    words: str, nearest: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path / "home"), *words.split()]) == 2
    assert f"Did you mean {nearest!r}?" in capsys.readouterr().err


def test_nothing_near_names_all() -> None:
    assert nearest_hint("zzz", ["evcc", "docker"]) == "There are: evcc, docker."
