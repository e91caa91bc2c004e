"""Selection and output of the benchmarks; what they measure is nobody's promise."""

from __future__ import annotations

import json

import pytest

from benchmarks import codec
from benchmarks.__main__ import groups, main, selected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], {"a.b_us", "a.c_us", "d_ms"}),
        (["a"], {"a.b_us", "a.c_us"}),
        (["a.b_us", "d"], {"a.b_us", "d_ms"}),
        (["x"], set()),
    ],
)
def test_names_select_by_prefix(names: list[str], expected: set[str]) -> None:
    assert selected(("a.b_us", "a.c_us", "d_ms"), names) == expected


def test_groups_know_different_figures() -> None:
    names = [name for group in groups() for name in group.FIGURES]
    assert len(names) == len(set(names))
    assert set(codec.FIGURES) <= set(names)


def test_codec_answers_every_figure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(codec, "ROUNDS", 3)
    monkeypatch.setattr(codec, "ROUND_S", 0.001)
    assert main(["codec", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures) == set(codec.FIGURES)
    assert all(figures[name] > 0 for name in figures if name.endswith("_us"))


def test_synthetic_discovery_is_used_without_reference_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(codec, "DISCOVERY", codec.ROOT / "absent.json")
    monkeypatch.setattr(codec, "ROUNDS", 3)
    monkeypatch.setattr(codec, "ROUND_S", 0.001)
    assert main(["codec.discovery.frame"]) == 0
    assert "synthetic device" in capsys.readouterr().out


def test_an_unknown_name_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["teapot"]) == 2
    assert "teapot" in capsys.readouterr().err
