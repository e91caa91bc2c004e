"""``doctor`` on real parts: every check of the contract, with remedies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.home import Home
from eebus_gw.net.mdns import Multicast, Watcher
from tests.support.broker import Mosquitto, free_port
from tests.support.processes import Gateway

from .conftest import OFFLINE, Command

STRANGER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
GUIDE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"


def results(answer: Any) -> dict[str, str]:
    return {check["id"]: check["result"] for check in answer["checks"]}


def find(answer: Any, name: str) -> dict[str, Any]:
    return next(check for check in answer["checks"] if check["id"] == name)


def test_a_healthy_home(paired: Home, tmp_path: Path, command: Command) -> None:
    with Mosquitto(tmp_path) as broker:
        url = f'\n[mqtt]\nurl = "mqtt://127.0.0.1:{broker.port}"\n'
        paired.config_path.write_text(OFFLINE + url)
        code, answer = command("doctor", "--seconds", "10")
    assert code == 0
    found = results(answer)
    assert found.pop("clock") in ("ok", "warning"), "as the machine is"
    assert found.pop("container") in ("ok", "failed")
    assert found == {
        "configuration": "ok",
        "disk": "ok",
        "store": "ok",
        "identity": "ok",
        "grid-identity": "skipped",
        "interfaces": "ok",
        "multicast": "skipped",
        "port": "skipped",
        "grid-port": "skipped",
        "broker": "ok",
        "peer:carport": "ok",
    }
    assert "MQTT 5" in find(answer, "broker")["text"]
    assert "use cases work" in find(answer, "peer:carport")["text"]


def test_a_running_gateway_is_asked(running: Gateway, command: Command) -> None:
    deadline = 20
    while deadline:
        code, answer = command("doctor")
        if results(answer)["peer:carport"] == "ok":
            break
        deadline -= 1
    assert code == 0
    assert f"TCP port {running.port} answers" in find(answer, "port")["text"]
    assert find(answer, "broker")["result"] == "skipped"


def test_everything_that_is_wrong_has_a_remedy(
    bench: Home, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = OFFLINE.replace("[ship]", '[ship]\ninterfaces = ["nosuch0"]')
    url = f'[mqtt]\nurl = "mqtt://127.0.0.1:{free_port()}"\n'
    bench.config_path.write_text(settings + url)
    place = ["--host", "127.0.0.1", "--port", str(free_port())]
    assert main(["pair", STRANGER, *place, "--id", "away", "--wait", "0"]) == 0
    code, answer = command("doctor", "--seconds", "0.5")
    assert code == 1
    wrong = [check for check in answer["checks"] if check["result"] == "failed"]
    assert {check["id"] for check in wrong} >= {"interfaces", "broker", "peer:away"}
    assert all(check["remedy"] for check in wrong)
    assert "nosuch0" in find(answer, "interfaces")["text"]
    assert "nobody listens there" in find(answer, "peer:away")["text"]
    assert main(["doctor", "--seconds", "0.5"]) == 1
    shown = capsys.readouterr().out
    assert "failed    interfaces        ship.interfaces names nosuch0" in shown
    assert "see docs/troubleshooting.md#interfaces" in shown
    assert "\x1b" not in shown
    guide = GUIDE.read_text()
    for check in answer["checks"]:
        if check["see"]:
            assert f'<a id="{check["see"].split("#")[1]}"></a>' in guide


def test_a_broken_configuration_leaves_what_needs_none(bench: Home, command: Command) -> None:
    bench.config_path.write_text("[ship]\nprot = 1\n")
    code, answer = command("doctor")
    assert code == 1
    found = results(answer)
    assert list(found) == [
        "configuration",
        "clock",
        "disk",
        "store",
        "identity",
        "grid-identity",
        "network",
    ]
    assert (found["configuration"], found["disk"], found["network"]) == ("failed", "ok", "skipped")
    assert "ship.port" in find(answer, "configuration")["remedy"]


def test_without_a_home_there_is_nothing_else_to_examine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path / "file" / "home"))
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "cannot be created" in shown
    assert shown.endswith("\n1 check, 1 failed, 0 warnings\n")


def test_a_lost_key(bench: Home, command: Command) -> None:
    assert main(["pair", STRANGER, "--wait", "0"]) == 0
    (bench.path / "node.key").unlink()
    code, answer = command("doctor")
    assert code == 1
    assert find(answer, "identity")["result"] == "failed"
    assert "store import" in find(answer, "identity")["remedy"]


def test_multicast_without_a_network(
    bench: Home, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silence(Multicast):
        async def __aenter__(self) -> Silence:
            return self

        def watch(self, watcher: Watcher) -> None:
            pass

    monkeypatch.setattr("eebus_gw.diagnostics.network.Multicast", Silence)
    bench.config_path.write_text(OFFLINE.replace("false", "true"))
    _, answer = command("doctor", "--seconds", "0.1")
    found = find(answer, "multicast")
    assert found["result"] == "warning"
    assert found["see"] == "docs/troubleshooting.md#no-multicast"
