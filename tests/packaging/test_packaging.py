"""Service files: what they start exists, and what they promise is said."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from eebus_gw.cli import cli, main
from eebus_gw.cli.run import RESTART_EXIT
from eebus_gw.config import load_config

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
UNIT = PACKAGING / "systemd" / "eebus-gw.service"
COMPOSE = PACKAGING / "docker" / "compose.yaml"
DOCKERFILE = PACKAGING / "docker" / "Dockerfile"
ADD_ON = PACKAGING / "home-assistant-addon" / "eebus-gw"
YAML = [COMPOSE, ADD_ON / "config.yaml", ADD_ON.parent / "repository.yaml"]
IMAGES = [DOCKERFILE, ADD_ON / "Dockerfile"]


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


@pytest.mark.parametrize(("name", "path"), [("systemd", UNIT), ("docker", COMPOSE)])
def test_the_program_prints_the_same_files(
    name: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "example", name]) == 0
    assert capsys.readouterr().out == path.read_text()


def test_the_unit_says_how_its_user_is_made() -> None:
    """The same line as in the file beside it, for those who have the unit alone."""
    line = (UNIT.parent / "eebus-gw.sysusers").read_text().strip()
    assert f"systemd-sysusers --inline '{line}'" in UNIT.read_text()
    assert line.endswith(f"/var/lib/{unit()['StateDirectory']}")


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


def test_the_context_of_the_image_is_what_its_build_copies() -> None:
    """Keys in the checkout's directory never reach an engine, and everything needed does."""
    ignored, *rest = [
        line
        for line in DOCKERFILE.with_name("Dockerfile.dockerignore").read_text().splitlines()
        if not line.startswith("#")
    ]
    allowed = {line.removeprefix("!") for line in rest if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE.read_text(), re.M)
    assert ignored == "*"
    assert allowed == set(" ".join(copied).split())


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.parent.name)
def test_the_engine_can_ask_how_the_gateway_is(path: Path) -> None:
    """Without systemd's watchdog nothing else would notice an event loop that stands still."""
    (words,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", path.read_text(), re.M)
    program, option, module = json.loads(words)
    assert Path(program).name.startswith("python")
    assert option == "-m"
    assert importlib.util.find_spec(module) is not None
    assert re.search(r"\bEEBUS_GW_HOME=/data", path.read_text())


def test_a_directory_of_the_host_can_be_given_to_the_user_of_the_image() -> None:
    (user,) = re.findall(r"--uid (\d+)", DOCKERFILE.read_text())
    assert f"--gid {user} eebus-gw" in DOCKERFILE.read_text()
    assert f"user {user}" in COMPOSE.read_text()


def test_no_image_of_the_same_name_is_taken_from_elsewhere() -> None:
    assert "pull_policy: never" in COMPOSE.read_text()


def test_a_stop_during_the_start_is_heard() -> None:
    """The kernel keeps signals without a handler from the first process of a container."""
    assert re.search(r"^    init: true$", COMPOSE.read_text(), re.M)


def test_compose_reads_the_file() -> None:
    if (compose := shutil.which("docker-compose")) is None:
        pytest.skip("needs docker-compose")
    done = subprocess.run(
        [compose, "-f", COMPOSE, "config"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_add_on_names_its_base_itself() -> None:
    """Home Assistant hands no BUILD_FROM over any more (Supervisor 2026.04)."""
    base = re.findall(r"^FROM (.*)$", (ADD_ON / "Dockerfile").read_text(), re.M)
    assert len(base) == 1
    assert re.fullmatch(r"[a-z./-]+:\S+", base[0])
    assert not (ADD_ON / "build.yaml").exists()


def test_the_add_on_installs_the_program_that_lies_beside_it() -> None:
    """Not what a package index may have under the name."""
    text = (ADD_ON / "Dockerfile").read_text()
    assert "COPY *.whl" in text
    assert re.search(r"pip install .*/eebus_gw-\*\.whl", text)


def test_the_add_on_has_the_version_of_the_program() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f'version: "{version}"' in (ADD_ON / "config.yaml").read_text()


DOUBLES = """
    bashio::services() { case "$2" in ssl) echo false;; host) echo broker;; port) echo 1883;;
        username) echo ha;; password) echo secret;; esac; }
    bashio::config() { case "$1" in log_level) echo info;; feed_in) echo forbidden;; esac; }
    bashio::var.true() { [ "$1" = true ]; }
"""
"""The commands of the base image."""


def start_add_on(tmp_path: Path, gateway: str) -> subprocess.Popen[str]:
    """The start script with doubles; ``gateway`` is the body of a script in the program's place."""
    if (bash := shutil.which("bash")) is None:
        pytest.skip("needs bash")
    script = (ADD_ON / "run.sh").read_text()
    (tmp_path / "folder").mkdir(exist_ok=True)
    program = tmp_path / "eebus-gw"
    init = '[ "$1" = init ] && { echo "# new" > "$EEBUS_GW_HOME/config.toml"; exit; }'
    program.write_text(f"#!{bash}\n{init}\n{gateway}\n")
    program.chmod(0o755)
    return subprocess.Popen(
        [bash, "-c", DOUBLES + script.replace("folder=/config", f"folder={tmp_path}/folder")],
        stdout=subprocess.PIPE,
        text=True,
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "EEBUS_GW_HOME": str(tmp_path / "home"),
            "TRIES": str(tmp_path / "tries"),
        },
    )


def test_the_add_on_hands_the_broker_over(tmp_path: Path) -> None:
    with start_add_on(tmp_path, "env | grep ^EEBUS_GW_ | sort") as script:
        said, _ = script.communicate(timeout=20)
    assert script.returncode == 0
    given = dict(line.split("=", 1) for line in said.splitlines())
    assert Path(given.pop("EEBUS_GW_HOME")).is_dir()
    settings = load_config(tmp_path / "config.toml", environment=given).settings
    assert settings.mqtt.url == "mqtt://broker:1883"
    assert settings.mqtt.username == "ha"


def test_the_settings_of_the_add_on_lie_where_its_user_can_edit_them(tmp_path: Path) -> None:
    """Nobody reaches /data of an add-on; its folder is mapped, and what stands there is kept."""
    assert re.search(r"^map:\n  - addon_config:rw$", (ADD_ON / "config.yaml").read_text(), re.M)
    for text in ("# new\n", "# edited\n"):
        with start_add_on(tmp_path, 'cat "$EEBUS_GW_HOME/config.toml"') as script:
            said, _ = script.communicate(timeout=20)
        assert said == text
        (tmp_path / "folder" / "config.toml").write_text("# edited\n")


def test_a_restart_asked_for_over_mqtt_does_not_end_the_add_on(tmp_path: Path) -> None:
    gateway = f'echo >> "$TRIES"; [ "$(wc -l < "$TRIES")" -lt 3 ] && exit {RESTART_EXIT}; exit 4'
    with start_add_on(tmp_path, gateway) as script:
        script.communicate(timeout=20)
    assert script.returncode == 4
    assert (tmp_path / "tries").read_text().count("\n") == 3


def test_stopping_the_add_on_waits_until_the_gateway_has_said_goodbye(tmp_path: Path) -> None:
    gateway = "trap 'sleep 0.3; echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.1; done"
    with start_add_on(tmp_path, gateway) as script:
        assert script.stdout is not None
        assert script.stdout.readline() == "ready\n"
        script.terminate()
        said, _ = script.communicate(timeout=20)
    assert (script.returncode, said) == (0, "goodbye\n")


def test_the_signal_to_stop_reaches_the_start_script() -> None:
    """The init of the base image keeps it to itself unless told otherwise."""
    assert "S6_CMD_RECEIVE_SIGNALS=1" in (ADD_ON / "Dockerfile").read_text()
