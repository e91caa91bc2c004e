"""``discover``: what is seen, and what is wrong with it (SHIP §7.3.2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli import main
from eebus_gw.cli.discover import next_step
from eebus_gw.cli.output import Output
from eebus_gw.home import Home
from eebus_gw.net.mdns import Sighting, Watcher

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
GOOD: dict[bytes, bytes | None] = {
    b"txtvers": b"1",
    b"id": b"box-1",
    b"path": b"/ship/",
    b"ski": SKI.upper().encode(),
    b"register": b"false",
    b"brand": b"Example",
    b"model": b"Box",
    b"type": b"ChargingStation",
}


class Air:
    """mDNS without a network: everything is seen at once."""

    sightings: tuple[Sighting, ...] = ()
    interfaces: tuple[str, ...] | None = None

    def __init__(self, interfaces: tuple[str, ...] = ()) -> None:
        Air.interfaces = interfaces
        self.problems = {"eth9": "no address"}

    async def __aenter__(self) -> Air:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    def watch(self, watcher: Watcher) -> None:
        for sighting in self.sightings:
            watcher(sighting.name, sighting)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr("eebus_gw.net.mdns.Multicast", Air)
    monkeypatch.setattr(Air, "sightings", (seen("box", GOOD), seen("odd", {b"txtvers": b"2"})))
    monkeypatch.setenv("EEBUS_GW_HOME", str(tmp_path / "home"))
    return Home.open()


def seen(name: str, text: dict[bytes, bytes | None]) -> Sighting:
    return Sighting(f"{name}._ship._tcp.local.", ("192.0.2.7",), 4711, text)


def nodes(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert main(["discover", "--seconds", "0.1", "--json"]) == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["nodes"]
    return sorted(listed, key=lambda node: str(node["name"]))


def test_members_of_the_contract(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    box, odd = nodes(capsys)
    assert box == {
        "ski": SKI,
        "ship_id": "box-1",
        "brand": "Example",
        "model": "Box",
        "type": "ChargingStation",
        "addresses": ["192.0.2.7"],
        "port": 4711,
        "register": False,
        "trusted": False,
        "own": False,
        "name": "box",
        "findings": [],
    }
    assert odd["ski"] is None
    assert "txtvers" in odd["findings"][0]


def test_trusted_and_own_nodes_are_marked(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home.grid.create_identity()
    home.grid.peers.add(SKI, at=datetime.now(UTC))
    own = {**GOOD, b"ski": home.create_identity().ski.encode()}
    monkeypatch.setattr(Air, "sightings", (seen("a", GOOD), seen("b", own)))
    box, gateway = nodes(capsys)
    assert (box["trusted"], box["own"]) == (True, False)
    assert (gateway["trusted"], gateway["own"]) == (False, True)


def test_who_may_not_read_the_own_key_sees_the_nodes_all_the_same(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.create_identity()
    (home.path / "node.key").chmod(0o644)
    assert main(["discover", "--seconds", "0.1", "--json"]) == 0
    captured = capsys.readouterr()
    assert [node["own"] for node in json.loads(captured.out)["nodes"]] == [False, False]
    assert captured.err.count("node.key can be read by others") == 1


def test_text_for_people(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home.config_path.write_text("[ship]\ninterfaces = ['eth0']\n")
    assert main(["discover", "--seconds", "0.1"]) == 0
    captured = capsys.readouterr()
    assert "Example Box (not paired)" in captured.out
    assert "7c1e 0b94" in captured.out
    assert "! txtvers" in captured.out
    assert "eth9" in captured.err
    assert Air.interfaces == ("eth0",)
    assert captured.out.splitlines()[-2] == f"next: eebus-gw pair {SKI}"


def test_nothing_seen_names_causes_and_a_way_out(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {**GOOD, b"ski": home.create_identity().ski.encode()}
    monkeypatch.setattr(Air, "sightings", (seen("gateway", own),))
    assert main(["discover", "--seconds", "0.1"]) == 0
    shown = capsys.readouterr().out
    for word in ("EEBUS", "VLAN", "UDP port 5353", "eebus-gw doctor", "--host ADDRESS"):
        assert word in shown


class LaterAir(Air):
    """Nodes are seen as in life: while the loop runs."""

    def watch(self, watcher: Watcher) -> None:
        asyncio.get_running_loop().call_soon(super().watch, watcher)


def test_watching_ends_when_nobody_reads_any_more(
    home: Home, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eebus_gw.net.mdns.Multicast", LaterAir)
    told: list[Mapping[str, Any]] = []

    def closed(output: Output, data: Mapping[str, Any]) -> None:
        told.append(data)
        raise BrokenPipeError

    monkeypatch.setattr(Output, "object", closed)
    monkeypatch.setattr("os.dup2", lambda *descriptors: None)
    assert main(["discover", "--watch", "--json"]) == 0
    assert [node["event"] for node in told] == ["seen"]


def test_somebody_at_a_terminal_sees_that_it_looks(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["discover", "--seconds", "0.1"]) == 0
    assert "looking" not in capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["discover", "--seconds", "0.1", "--json"]) == 0
    assert "looking" not in capsys.readouterr().err
    assert main(["discover", "--seconds", "0.1"]) == 0
    captured = capsys.readouterr()
    assert "looking for SHIP nodes on the network, 0.1 s" in captured.err
    assert "looking" not in captured.out


OTHER = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"


def row(ski: str | None = SKI, kind: str = "ChargingStation", **facts: bool) -> dict[str, Any]:
    return {"ski": ski, "type": kind, "trusted": False, "own": False, **facts}


@pytest.mark.parametrize(
    ("nodes", "step"),
    [
        ([], "eebus-gw doctor"),
        ([row(own=True)], "eebus-gw doctor"),
        ([row(), row(own=True)], f"next: eebus-gw pair {SKI}\n"),
        ([row(), row(OTHER)], "next: eebus-gw pair SKI,"),
        ([row(OTHER, "EnergyManagementSystem"), row()], f"next: eebus-gw pair {SKI}\n"),
        ([row(trusted=True)], "eebus-gw inspect DEVICE"),
        ([row(None)], "eebus-gw pair SKI --host ADDRESS"),
    ],
)
def test_the_next_step(nodes: list[dict[str, Any]], step: str) -> None:
    assert step in next_step(nodes)


def test_the_next_step_is_for_the_same_home() -> None:
    assert next_step([row()], "eebus-gw --home x").startswith(f"next: eebus-gw --home x pair {SKI}")
