"""Control box, gateway, three wallboxes: a limit of the grid is divided, obeyed, released and proven."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from eebus_gw.gateway.gateway import Gateway as GatewayInside
from eebus_gw.home import Home
from eebus_gw.settings import Settings
from tests.support.broker import Mosquitto
from tests.support.clock import JumpingClock
from tests.support.processes import (
    LOOPBACK,
    Gateway,
    Json,
    Observer,
    Plant,
    Program,
    Wallbox,
    eventually,
    lasting_port,
)

LIMIT_W = 12_600.0
OBEYED_WITHIN_S = 10.0
"""How long the measured sum may lie above a new limit while every car obeys within 5 s."""
CHARGING_W = 20_000.0
"""More than any limit here leaves; all three together reach 33 kW."""
MEANS = {"box1": "lpc", "box2": "opev", "box3": "opev"}
"""What each wallbox offers: the first is limited as a whole, the others by the current of each phase."""
OPEV_ONLY = ("--offer", "evsecc,evcc,evcem,opev")
OPTIONS = {
    "box1": ("--ev", "iso15118", "--offer", "evsecc,evcc,evcem,opev,lpc"),
    "box2": ("--ev", "iso15118", *OPEV_ONLY),
    "box3": ("--ev", "iec61851", *OPEV_ONLY),
}


def drawn_w(boxes: Iterable[Wallbox]) -> float:
    """The sum by the wallboxes' own account; 0 before all have said."""
    lines = [box.now for box in boxes]
    return sum(line["power_w"] for line in lines) if all(lines) else 0.0


class ControlBox(Program):
    """``simulate controlbox`` at the grid side of a gateway; started anew, it wants something else."""

    def __init__(self, home: Path, peer: str) -> None:
        self._dial = ("--peer", peer, "--host", LOOPBACK, "--no-mdns")
        self.ski = Home.open(home).ensure_identity().ski
        super().__init__(home, ())

    def wants(self, *options: str) -> None:
        """Restarts the box with other requirements."""
        if self._process is not None and self.returncode is None:
            self.stop()
        port = str(lasting_port())
        start = self._command[: self._command.index(str(self.home)) + 1]
        command = ("simulate", "controlbox", "--port", port, *self._dial, *options, "--json")
        self._command = [*start, *command]
        self.start()

    def answers(self) -> list[Json]:
        """The answers to its limits since it was started."""
        return [line for line in self.lines if line["event"] == "answered" and "limit_w" in line]


@dataclass
class Chain:
    """Everything between the grid operator and the cars."""

    gateway: Gateway
    control: ControlBox
    boxes: dict[str, Wallbox]
    mqtt: Observer

    def power_w(self) -> float:
        """What all cars draw together."""
        return drawn_w(self.boxes.values())

    def shares(self, limit_w: float) -> dict[str, Json]:
        """The share of each wallbox as published for one limit; empty before that."""
        document = self.mqtt.document("grid/allocation")
        if document.get("limit_w") != limit_w:
            return {}
        return {box["id"]: box for box in document["wallboxes"]}

    def journal(self, kind: str) -> list[Json]:
        """The entries of one kind, read with the command line while the gateway runs."""
        entries = json.loads(self.command("grid", "history", "--json").stdout)["entries"]
        return [entry for entry in entries if entry["kind"] == kind]

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command on the gateway's home."""
        start = [sys.executable, "-m", "eebus_gw", "--home", str(self.gateway.home)]
        done = subprocess.run([*start, *words], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done


@pytest.fixture
async def chain(plant: Plant, broker: Mosquitto) -> Chain:
    """All cars charge as fast as they can under a limit far above that."""
    mqtt = plant.observer(broker.port)
    grid_port = lasting_port()
    gateway = Gateway(plant.directory / "gateway", "--grid-port", str(grid_port), mqtt=broker.port)
    boxes = {name: Wallbox(plant.directory / name, *OPTIONS[name]) for name in MEANS}
    plant.start(gateway, *boxes.values())
    grid_ski = gateway.lines[0]["grid_ski"]
    control = ControlBox(plant.directory / "steuerbox", f"{grid_ski}@{LOOPBACK}:{grid_port}")
    plant.programs.append(control)
    await gateway.ask("pair", side="grid", ski=control.ski, device_id="steuerbox")
    control.wants("--limit", "40000")
    await eventually(control.answers, "the first limit is answered")
    for name, box in boxes.items():
        await gateway.pair(box, name, device_id=name)
    chain = Chain(gateway, control, boxes, mqtt)
    await eventually(lambda: chain.power_w() > CHARGING_W, "all cars charge")
    return chain


async def test_a_limit_is_divided_obeyed_released_and_proven(chain: Chain) -> None:
    # GIVEN three cars that draw all they can
    assert chain.mqtt.text("grid/availability") == "online"
    assert chain.mqtt.document("grid/effective")["consumption_w"] == 40_000

    # WHEN the control box limits the site
    chain.control.wants("--limit", f"{LIMIT_W:g}")
    (answer,) = await eventually(chain.control.answers, "the limit is answered")
    assert (answer["limit_w"], answer["active"], answer["error_number"]) == (LIMIT_W, True, 0)

    # THEN the measured sum obeys in time
    await eventually(lambda: chain.power_w() <= LIMIT_W, "the sum obeys", within=OBEYED_WITHIN_S)
    seen = {name: len(box.lines) for name, box in chain.boxes.items()}
    # … each wallbox by the best means it offers, and the EMS is told
    shares = await eventually(lambda: chain.shares(LIMIT_W), "the shares are told")
    assert {name: share["means"] for name, share in shares.items()} == MEANS
    assert sum(share["commanded_w"] for share in shares.values()) <= LIMIT_W
    effective = chain.mqtt.document("grid/effective")
    assert (effective["consumption_w"], effective["reason"]) == (LIMIT_W, "limit")
    assert float(chain.mqtt.text("grid/lpc_w") or "nan") == LIMIT_W
    assert chain.mqtt.document("grid/lpc")["state"] == "limited"

    # … and it stays so until the effect was measured for the journal
    def measured() -> list[Json]:
        (received,) = [e for e in chain.journal("received") if e["requested_w"] == LIMIT_W]
        assert received["power_before_w"] > CHARGING_W
        return [e for e in chain.journal("measured") if e["event"] == received["event"]]

    (proof,) = await eventually(measured, "the effect is in the journal")
    assert proof["power_after_w"] <= LIMIT_W
    for name, box in chain.boxes.items():
        own = [line["power_w"] for line in box.lines[seen[name] :]]
        assert own, name
        assert max(own) <= shares[name]["commanded_w"] + 1

    # WHEN the limit is released
    chain.control.wants("--scenario", str(_script(chain, "release = true")))
    # THEN the cars charge on; those limited by current at once, LPC is widened every five minutes
    await eventually(
        lambda: all(chain.boxes[name].now["power_w"] > 6_000 for name in ("box2", "box3")),
        "the cars are released",
    )
    print(
        [m.payload for m in chain.mqtt.on("grid/active")],
        [m.payload for m in chain.mqtt.on("grid/effective")][-4:],
    )
    await eventually(
        lambda: chain.mqtt.text("grid/active") == "false", "the release is told", within=3
    )
    assert chain.mqtt.document("grid/effective")["consumption_w"] is None

    # AND the report of the journal proves all of it
    report = chain.command("grid", "export", "--format", "report").stdout
    assert "- chain: sound" in report
    assert f"LPC · {LIMIT_W:g} W · accepted" in report
    assert f"| {proof['utc']} | measured |" in report
    for name, share in shares.items():
        assert f"- {name} by {MEANS[name]}: share {share['share_w']:g} W" in report


def _script(chain: Chain, action: str) -> Path:
    path = chain.control.home.with_suffix(".toml")
    path.write_text(f"[[step]]\nat = 0\n{action}\n")
    return path


async def test_a_silent_control_box_means_failsafe_until_it_speaks_again(plant: Plant) -> None:
    # GIVEN three cars that charge under a limit that leaves them alone
    home = Home.open(plant.directory / "gateway")
    home.ensure_identity()
    settings = Settings.model_validate({"ship": {"port": 0, "grid_port": 0, "mdns": False}})
    boxes = {name: Wallbox(plant.directory / name, *OPTIONS[name]) for name in MEANS}
    plant.start(*boxes.values())
    clock = JumpingClock()
    async with GatewayInside(home, settings, clock=clock, host=LOOPBACK) as gateway:
        grid = await gateway.site.ensure()
        address = f"{grid.side.node.ski}@{LOOPBACK}:{grid.side.node.network.port}"
        control = ControlBox(plant.directory / "steuerbox", address)
        plant.programs.append(control)
        grid.side.trust(control.ski, how="test", device_id="steuerbox")
        control.wants("--limit", "40000", "--silent-after", "1")
        await eventually(control.answers, "the first limit is answered")
        for name, box in boxes.items():
            peer = gateway.wallbox.trust(box.ski, how="test", device_id=name, address=box.address)
            gateway.devices.adopt(peer)
        await eventually(lambda: drawn_w(boxes.values()) > CHARGING_W, "all cars charge")
        await eventually(
            lambda: any(line["event"] == "silent" for line in control.lines), "it is silent"
        )

        # WHEN nothing was heard of it for more than two minutes
        clock.ahead_s += 121
        grid.side.node.host.handle_timer(clock.now())  # the event loop knows nothing of the jump
        grid.side.node.flush()
        # THEN the cars obey the failsafe limit together
        await eventually(lambda: gateway.site.limits.reason == "failsafe", "failsafe")
        failsafe_w = settings.site.failsafe_w
        assert gateway.site.limits.consumption_w == failsafe_w == 4_200
        await eventually(
            lambda: drawn_w(boxes.values()) <= failsafe_w, "all obey", within=OBEYED_WITHIN_S
        )

        # AND WHEN it speaks again
        control.wants("--limit", f"{LIMIT_W:g}")
        await eventually(control.answers, "the limit is answered")
        # THEN its limit holds
        await eventually(lambda: gateway.site.limits.reason == "limit", "failsafe is left")
        assert gateway.site.limits.consumption_w == LIMIT_W
        await eventually(lambda: drawn_w(boxes.values()) > failsafe_w, "the cars charge on")
        assert drawn_w(boxes.values()) <= LIMIT_W
        control.stop()
