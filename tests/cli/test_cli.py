"""The command line as a whole: exit codes, help, JSON, nearest names (contract §2)."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from eebus_gw.cli import COMMANDS, cli, main
from eebus_gw.home import Home


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli, info_name="eebus-gw")
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            inner = click.Context(command, info_name=name, parent=context)
            for sub in command.list_commands(inner):
                found = command.get_command(inner, sub)
                assert found is not None
                yield f"{name} {sub}", found


ALL = dict(commands())
CHARGING = Path(__file__).parents[1] / "fixtures" / "wire" / "cem-evse-charging.jsonl"


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EEBUS_GW_CONFIG", "EEBUS_GW_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_help_and_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    if not isinstance(ALL[name], click.Group):
        assert "Example: eebus-gw" in text.replace("\n", " ")
    assert ALL[name].help


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_is_that_of_the_command(name: str) -> None:
    assert ALL[name].get_short_help_str(200) == COMMANDS[name][2]


def test_the_overview_loads_no_command() -> None:
    code = (
        "import sys; from eebus_gw.cli import main; main(['--help']);"
        "print([m for m in sys.modules if m.startswith(('cryptography', 'zeroconf', 'pydantic',"
        " 'rich', 'websockets', 'asyncio'))])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (["discvoer"], "Did you mean 'discover'?"),
        (["identity", "shwo"], "Did you mean 'show'?"),
        (["qqqqqqq"], "There are: init"),
        (["peers", "--jsn"], "--json"),
        (["config", "example", "evc"], "'evcc'"),
        (["identity", "show", "--side", "gird"], "'grid'"),
    ],
)
def test_wrong_words_name_the_right_ones(
    arguments: list[str], nearest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert nearest in capsys.readouterr().err


def test_errors_are_one_object_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identity", "show", "--json"]) == 2
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert "no key" in answer["error"]
    assert "init" in answer["hint"]
    assert captured.err.startswith("error: ")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.count(".") == 2


@pytest.mark.parametrize(
    "command",
    [
        "config schema",
        f"trace decode {CHARGING}",
        "simulate wallbox --port 0 --no-mdns --auto-accept --json",
    ],
    ids=["at once", "line by line", "later, from a task"],
)
def test_a_closed_pipe_is_no_error(command: str, tmp_path: Path) -> None:
    script = f"{sys.executable} -m eebus_gw --home {tmp_path / 'home'} {command} | head -c 10"
    bash = ["bash", "-o", "pipefail", "-c", script]
    shown = subprocess.run(bash, capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs a device that is full")
def test_output_that_finds_no_room_is_an_error_like_others(form: list[str]) -> None:
    command = [sys.executable, "-m", "eebus_gw", "peers", *form]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "error: No space left on device\n")


def test_a_file_that_the_system_denies_is_an_error_like_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(home: Home) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(home.path / "node.key"))

    monkeypatch.setattr(Home, "has_identity", denied)
    assert main(["identity", "renew", "--json"]) == 1
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert answer["error"].endswith("node.key: Permission denied")
    assert "as the user of the gateway" in answer["hint"]
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert "_EEBUS_GW_COMPLETE" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["peers", "init", "config check", "trace show x", "discover"])
def test_a_configuration_file_that_is_named_must_exist(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "absent.toml"
    assert main(["--home", str(tmp_path), "--config", str(absent), *command.split()]) == 2
    assert "absent.toml' does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", *ALL])
def test_help_fits_a_terminal_of_eighty_columns(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "..." not in text.replace("[ARGS]...", ""), "a sentence is cut off"
    _, _, example = text.partition("Example: ")
    for line in example.splitlines()[1:]:
        assert line.strip().startswith(("eebus-gw ", "--")), "an example is wrapped"


@pytest.mark.parametrize("name", ALL)
def test_every_option_says_what_it_does(name: str) -> None:
    for parameter in ALL[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
