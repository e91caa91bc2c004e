"""Groups of commands."""

from __future__ import annotations

import pytest

from eebus_gw.cli import main

GROUPS = ("identity", "pairing", "simulate", "trace", "sessions", "grid", "store", "config")


@pytest.mark.parametrize("group", GROUPS)
def test_the_help_of_a_group_shows_an_example(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([group, "--help"])
    _, found, example = capsys.readouterr().out.partition("Example: eebus-gw ")
    assert found
    assert group in example
