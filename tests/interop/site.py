"""The gateway process with its broker, for the Go peers on either side of it."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.processes import LOOPBACK, Gateway, Observer, Plant, eventually, lasting_port

if TYPE_CHECKING:
    from tests.interop.peers import GoPeer
    from tests.support.broker import Mosquitto

CONTROL_BOX = "steuerbox"


class Documents:
    """What is retained on the broker below the base topic."""

    def __init__(self, mqtt: Observer) -> None:
        self.mqtt = mqtt

    def shows(self, leaf: str, **wanted: Any) -> bool:
        """Whether a retained document has these members."""
        document = self.mqtt.document(leaf)
        return all(document.get(member) == value for member, value in wanted.items())

    async def expect(self, leaf: str, **wanted: Any) -> dict[str, Any]:
        """Wait until a retained document has these members; returns it."""
        try:
            await eventually(lambda: self.shows(leaf, **wanted))
        except pytest.fail.Exception:
            shown = self.mqtt.document(leaf)
            wrong = {k: (shown.get(k), v) for k, v in wanted.items() if shown.get(k) != v}
            pytest.fail(f"{leaf} shows instead of what is wanted: {wrong}")
        document: dict[str, Any] = self.mqtt.document(leaf)
        return document

    async def expect_text(self, leaf: str, wanted: str) -> None:
        """Wait until a retained topic holds a text."""
        await eventually(lambda: self.mqtt.text(leaf) == wanted, f"{leaf} is {wanted}")


class Site(Documents):
    """A gateway and its broker; Go peers are paired one by one."""

    def __init__(self, plant: Plant, broker: Mosquitto) -> None:
        super().__init__(plant.observer(broker.port))
        self._grid_port = lasting_port()
        self.gateway: Gateway = plant.gateway(
            "gateway", "--grid-port", str(self._grid_port), mqtt=broker.port
        )

    @property
    def grid_address(self) -> str:
        """What `--dial` of a Go control box takes."""
        return f"{self.gateway.lines[0]['grid_ski']}@{LOOPBACK}:{self._grid_port}"

    async def pair(self, box: GoPeer, alias: str = "carport", number: int | None = None) -> str:
        """Trust a wallbox at its address; returns the device id."""
        ready = box.ready(number)
        answer = await self.gateway.ask(
            "pair", ski=ready["ski"], alias=alias, address=f"{LOOPBACK}:{ready['port']}"
        )
        return str(answer["id"])

    async def pair_control_box(self, box: GoPeer) -> dict[str, Any]:
        """Trust a control box at its address on the command line, wait for it; returns the printed object."""
        where = ("--host", LOOPBACK, "--port", str(box.port))
        how = ("--side", "grid", "--id", CONTROL_BOX, *where, "--wait", "30", "--json")
        program = (sys.executable, "-m", "eebus_gw", "--home", str(self.gateway.home))
        command = await asyncio.create_subprocess_exec(
            *program, "pair", box.ski, *how, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await command.communicate()
        assert command.returncode == 0, printed
        state: dict[str, Any] = json.loads(printed)
        return state
