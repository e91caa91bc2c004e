"""``docs/simulators.md`` against what the simulators know."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from eebus_gw.cli import cli
from eebus_gw.sim.ev import VehicleKind
from eebus_gw.sim.scenario import ACTIONS, parse_scenario

TEXT = (Path(__file__).parents[2] / "docs" / "simulators.md").read_text()


def table_after(heading: str) -> list[list[str]]:
    """The cells of the first table whose head begins with ``heading``."""
    lines = TEXT.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_every_action_stands_in_the_table_with_its_meaning_and_options() -> None:
    rows = table_after("Action")
    assert [row[0].strip("`") for row in rows] == list(ACTIONS)
    for name, _, value, meaning in rows:
        action = ACTIONS[name.strip("`")]
        assert meaning == action.summary
        assert tuple(re.findall(r"option `(\w+)`", value)) == action.options


def test_every_kind_of_car_stands_in_the_table() -> None:
    kinds = [row[0].strip("`") for row in table_after("`--ev`")]
    assert kinds == [kind.value for kind in VehicleKind]


def test_the_example_script_is_one() -> None:
    (script,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert len(parse_scenario(script).steps) == len(tomllib.loads(script)["step"])


def command(*names: str) -> Any:
    found: Any = cli
    for name in names:
        found = found.get_command(click.Context(cli), name)
    return found


@pytest.mark.parametrize("line", re.findall(r"^\$ eebus-gw (.*?)(?:\s+#.*)?$", TEXT, re.MULTILINE))
def test_every_command_line_is_understood(line: str) -> None:
    words = line.split()
    if words[0] == "--home":
        words = words[2:]
    depth = 2 if isinstance(command(words[0]), click.Group) else 1
    found = command(*words[:depth])
    assert isinstance(found, click.Command)
    found.make_context(found.name or "", words[depth:], resilient_parsing=False)


def test_options_named_in_the_text_exist() -> None:
    known = {
        option
        for name in ("wallbox", "controlbox", "house")
        for parameter in command("simulate", name).params
        for option in parameter.opts
    }
    named = set(re.findall(r"`(--[a-z-]+)", TEXT)) - {"--home"}
    assert named <= known
