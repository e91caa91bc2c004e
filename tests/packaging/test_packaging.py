"""Service files: what they start exists, and what they promise is said."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from eebus_gw.cli import cli
from eebus_gw.cli.run import RESTART_EXIT
from eebus_gw.config import load_config

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
UNIT = PACKAGING / "systemd" / "eebus-gw.service"
COMPOSE = PACKAGING / "docker" / "compose.yaml"
DOCKERFILE = PACKAGING / "docker" / "Dockerfile"
ADD_ON = PACKAGING / "home-assistant-addon" / "eebus-gw"
YAML = [COMPOSE, ADD_ON / "config.yaml", ADD_ON / "build.yaml", ADD_ON.parent / "repository.yaml"]


def unit() -> dict[str, str]:
    """The keys of the unit file; the last one counts."""
    lines = UNIT.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]\w*=", line))


def parses(arguments: list[str]) -> str:
    """The command that ``arguments`` name; raises ``click.UsageError`` when they do not parse."""
    context = cli.make_context("eebus-gw", list(arguments))
    name, command, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    command.make_context(name, rest, parent=context)
    return str(name)


def test_the_unit_starts_the_gateway_and_waits_for_it() -> None:
    program, *arguments = shlex.split(unit()["ExecStart"])
    assert Path(program).is_absolute()
    assert Path(program).name == "eebus-gw"
    assert parses(arguments) == "run"
    assert unit()["Type"] == "notify"
    assert int(unit()["WatchdogSec"]) >= 10
    assert unit()["Restart"] == "always"
    assert unit()["SuccessExitStatus"] == str(RESTART_EXIT)


def test_a_command_line_that_does_not_parse_would_be_noticed() -> None:
    with pytest.raises(click.UsageError):
        parses(["run", "--no-such-option"])


@pytest.mark.parametrize(
    "key",
    [
        "NoNewPrivileges",
        "ProtectSystem",
        "ProtectHome",
        "PrivateDevices",
        "RestrictAddressFamilies",
        "SystemCallFilter",
        "StateDirectory",
        "User",
    ],
)
def test_the_unit_gives_the_gateway_little(key: str) -> None:
    assert unit()[key] not in {"", "no"}


def test_mdns_and_the_service_manager_stay_reachable() -> None:
    families = unit()["RestrictAddressFamilies"].split()
    assert {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"} <= set(families)


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    if (analyze := shutil.which("systemd-analyze")) is None:
        pytest.skip("needs systemd-analyze")
    program = tmp_path / "eebus-gw"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/eebus-gw/bin/eebus-gw", str(program)))
    done = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert said == []


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_yaml_is_well_formed(path: Path) -> None:
    """The plain subset that the files keep to: two blanks a level, keys, lists of words."""
    depth = 0
    for line in path.read_text().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        assert "\t" not in line
        assert indent % 2 == 0
        assert indent <= depth + 2, f"{line!r} is too deep"
        pattern = r"- \S+" if line.lstrip().startswith("-") else r'[\w-]+:( "[^"]*"| [^"\s].*)?'
        assert re.fullmatch(pattern, line.strip()), line
        depth = indent


@pytest.mark.parametrize(
    "path", [COMPOSE, ADD_ON / "config.yaml"], ids=lambda path: path.parent.name
)
def test_containers_use_the_host_network(path: Path) -> None:
    """Multicast does not cross a bridged container network."""
    assert re.search(r"^\s*(network_mode: host|host_network: true)$", path.read_text(), re.M)


@pytest.mark.parametrize("path", [COMPOSE, ADD_ON / "run.sh"], ids=lambda path: path.name)
def test_every_variable_is_a_setting(path: Path, tmp_path: Path) -> None:
    values = {
        "URL": "mqtt://localhost",
        "PASSWORD_FILE": "/run/secrets/mqtt",
        "LEVEL": "info",
        "FEED_IN": "forbidden",
    }
    names = sorted(set(re.findall(r"EEBUS_GW_\w+__\w+", path.read_text())))
    assert names
    for name in names:
        value = values.get(name.rpartition("__")[2], "text")
        load_config(tmp_path / "config.toml", environment={name: value})


def test_the_image_holds_what_the_package_needs() -> None:
    text = DOCKERFILE.read_text()
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    for name in packages["targets"]["wheel"]["packages"]:
        assert f"COPY {name} {name}" in text
    command = re.search(r"^CMD (.*)$", text, re.M)
    assert command is not None
    assert parses(re.findall(r'"([^"]+)"', command[1])) == "run"


def test_the_add_on_has_the_version_of_the_program() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f'version: "{version}"' in (ADD_ON / "config.yaml").read_text()


def test_the_add_on_hands_the_broker_over(tmp_path: Path) -> None:
    """The start script with doubles for the two commands of the base image."""
    if (bash := shutil.which("bash")) is None:
        pytest.skip("needs bash")
    script = (ADD_ON / "run.sh").read_text().replace("/data/", f"{tmp_path}/")
    doubles = """
        bashio::services() { case "$2" in ssl) echo false;; host) echo broker;; port) echo 1883;;
            username) echo ha;; password) echo secret;; esac; }
        bashio::config() { case "$1" in log_level) echo info;; feed_in) echo forbidden;; esac; }
        bashio::var.true() { [ "$1" = true ]; }
        eebus-gw() { env | grep ^EEBUS_GW_ | sort; }
        exec() { "$@"; }
    """
    done = subprocess.run(
        [bash, "-c", doubles + script],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    given = dict(line.split("=", 1) for line in done.stdout.splitlines())
    home = given.pop("EEBUS_GW_HOME")
    settings = load_config(tmp_path / "config.toml", environment=given).settings
    assert settings.mqtt.url == "mqtt://broker:1883"
    assert settings.mqtt.username == "ha"
    assert home == f"{tmp_path}/eebus-gw"
