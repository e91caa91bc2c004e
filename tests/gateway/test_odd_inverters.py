"""Inverters that do not play along: what became of the command is said, and nobody is left in charge by mistake.

The inverter is the one of the simulated house, recorded at the start of the test; what it answers is up to the test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.bridge.commands import Origin
from eebus_gw.bridge.results import Result, State
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import Settings
from tests.net.support import identity
from tests.support.processes import LOOPBACK, eventually
from tests.support.recorded import RecordedDevice, RecordedSession, simulated_house
from tests.support.wire import PARTIAL, Plain

MODE, SETPOINT = "deviceConfigurationKeyValueListData", "setpointListData"
VALUES = "measurementListData"
WHOLE_W = 1_985.0
"""Of 2,000 W: the rest of a ramp that is too small for a write of its own comes with the next one."""
ALLOWED = {"ship": {"port": 0, "mdns": False}, "site": {"feed_in": "allowed"}}


@dataclass
class Steered:
    """A gateway with such an inverter, and every result of a command."""

    gateway: Gateway
    house: RecordedDevice
    results: list[Result] = field(default_factory=list)

    @property
    def inverter(self) -> RecordedSession:
        return self.house.session

    def document(self, leaf: str) -> Any:
        return self.gateway.publisher.document("house", leaf) or {}

    def command(self, name: str, watts: float, *, active: bool = True) -> None:
        value = {"setpoint_w": watts, "active": active, "duration_s": 600}
        self.gateway.reception.submit("house", {"id": name, "setpoint": value}, Origin.CLI)

    def says(self, place: tuple[tuple[int, ...], int], function: str, data: Plain) -> None:
        self.inverter.notify(place, function, data, PARTIAL)
        self.house.flush()

    async def final(self, name: str) -> Result:
        found = await eventually(
            lambda: [r for r in self.results if r.id == name and r.final], f"the end of {name}"
        )
        return found[0]

    def written(self, function: str) -> list[Plain]:
        (field,) = {MODE: ["deviceConfigurationKeyValueData"], SETPOINT: ["setpointData"]}[function]
        return [entry for h in self.inverter.asked("write", function) for entry in h.data[field]]

    @property
    def modes(self) -> list[str]:
        return [entry["value"]["string"] for entry in self.written(MODE)]

    @property
    def setpoints(self) -> list[tuple[bool, float]]:
        return [
            (e["isSetpointActive"], e["value"]["number"] * 10 ** e["value"].get("scale", 0))
            for e in self.written(SETPOINT)
        ]

    @property
    def charges_w(self) -> float:
        """The newest setpoint, 0 without an active one."""
        active, watts = self.setpoints[-1] if self.setpoints else (False, 0.0)
        return watts if active else 0.0


@asynccontextmanager
async def paired(home: Path, *, listens: bool = True) -> AsyncIterator[Steered]:
    recording, data = simulated_house()
    house = RecordedDevice("house", identity(60), data, recording=recording, listens=listens)
    settings = Settings.model_validate(ALLOWED)
    async with house, Gateway(Home.open(home), settings, host=LOOPBACK) as gateway:
        house.trusted.add(gateway.wallbox.node.ski)
        steered = Steered(gateway, house)
        gateway.result_observers.add(steered.results.append)
        request = {"ski": house.ski, "device_id": "house", "address": house.address}
        await gateway.verbs.dispatch("pair", request)
        await eventually(lambda: steered.document("setpoint").get("state") == "ready", "ready")
        yield steered


@pytest.fixture
async def steered(tmp_path: Path) -> AsyncIterator[Steered]:
    async with paired(tmp_path) as steered:
        yield steered


async def test_one_that_plays_along(steered: Steered) -> None:
    steered.command("go", 2_000)
    assert (await steered.final("go")).state is State.APPLIED
    await eventually(lambda: steered.charges_w > WHOLE_W, "the whole setpoint")
    steered.command("end", 0, active=False)
    await eventually(lambda: steered.modes == ["power", "auto"], "its own mode")
    assert steered.setpoints[-1] == (False, 0)


async def test_one_that_refuses_the_control_mode(steered: Steered) -> None:
    steered.inverter.refusing = {MODE: 7}
    steered.command("go", 2_000)
    result = await steered.final("go")
    assert (result.state, result.reason, result.error_number) == (State.REJECTED, "remote_error", 7)
    await eventually(lambda: not steered.document("setpoint")["active"], "no wish is left")
    assert (steered.modes, steered.setpoints) == (["power"], [])
    steered.inverter.refusing = {}
    steered.command("again", 2_000)
    assert (await steered.final("again")).state is State.APPLIED


async def test_one_that_refuses_the_setpoint_is_let_go(steered: Steered) -> None:
    """Left in the mode that was meant for it, it would stand still instead of seeing to itself."""
    steered.inverter.refusing = {SETPOINT: 7}
    steered.command("go", 2_000)
    result = await steered.final("go")
    assert (result.state, result.reason) == (State.REJECTED, "remote_error")
    await eventually(lambda: steered.modes == ["power", "auto"], "let go")
    assert not any(watts for _, watts in steered.setpoints)


async def test_one_that_never_listens_is_told_and_not_taken_later(tmp_path: Path) -> None:
    async with paired(tmp_path, listens=False) as steered:
        steered.command("go", 2_000)
        result = await steered.final("go")
        assert (result.state, result.reason) == (State.REJECTED, "usecase_unsupported")
        assert "does not listen" in (result.detail or "")
        await eventually(lambda: steered.document("setpoint")["state"] == "rejected", "told")
        assert (steered.modes, steered.setpoints) == ([], [])


async def test_a_lost_connection_ends_the_wish_for_good(steered: Steered) -> None:
    steered.command("go", 2_000)
    await eventually(lambda: steered.charges_w > WHOLE_W, "the whole setpoint")
    steered.gateway.wallbox.node.network.reconnect(steered.house.ski)
    await eventually(lambda: steered.house.ups == 2, "connected again")
    await eventually(lambda: steered.document("setpoint")["state"] == "ready", "ready again")
    steered.command("second", 1_000)
    assert (await steered.final("second")).state is State.APPLIED
    assert steered.charges_w <= 1_000


async def test_figures_beyond_reason_of_a_meter_do_no_harm(steered: Steered) -> None:
    place, told = _measurement(steered, "acPowerTotal", "GridConnectionPointOfPremises")
    for number, scale, shown in [
        (10**12, 0, 1e12),
        (-(10**12), 0, -1e12),
        (123456, -3, 123.456),
        (4, 3, 4_000.0),
        (1, 2_000_000, None),
    ]:
        told["measurementData"][0]["value"] = {"number": number, "scale": scale}
        steered.says(place, VALUES, told)
        await eventually(
            lambda shown=shown: steered.document("meter").get("power_w", "absent") == shown,  # type: ignore[misc]
            f"{shown}",
        )
    told["measurementData"][0] |= {"value": {"number": 1}, "valueState": "error"}
    steered.says(place, VALUES, told)
    await eventually(lambda: not steered.gateway.site.meter.metered, "no meter")
    assert steered.house.downs == 0


def _measurement(
    steered: Steered, scope: str, entity_type: str
) -> tuple[tuple[tuple[int, ...], int], Plain]:
    """The place of a measurement at an entity of this type, and one entry of it to be told."""
    discovery = steered.inverter.recording.discovery
    (path,) = [
        tuple(e["description"]["entityAddress"]["entity"])
        for e in discovery["entityInformation"]
        if e["description"]["entityType"] == entity_type
    ]
    (number,) = [
        f["description"]["featureAddress"]["feature"]
        for f in discovery["featureInformation"]
        if tuple(f["description"]["featureAddress"]["entity"]) == path
        and f["description"]["featureType"] == "Measurement"
    ]
    described = steered.inverter.data[path, "measurementDescriptionListData"]
    (identifier,) = [
        d["measurementId"]
        for d in described["measurementDescriptionData"]
        if d["scopeType"] == scope
    ]
    entry = {"measurementId": identifier, "valueType": "value"}
    return (path, number), {"measurementData": [entry]}
