"""Gateway and wallbox on two hosts that know of each other only by mDNS."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from eebus_gw.control import ControlClient
from tests.e2e.side_by_side import Outcomes, Scenario
from tests.support.broker import Mosquitto
from tests.support.namespaces import Host, two_hosts
from tests.support.processes import Gateway, Plant, Wallbox, eventually

Json = dict[str, Any]


async def asking(
    gateway: Gateway, verb: str, found: Callable[[Json], Any], within: float = 45, **arguments: Any
) -> Any:
    """Repeats a request until its answer has what is looked for."""
    deadline = time.monotonic() + within
    while not (result := found(answer := await gateway.ask(verb, **arguments))):
        assert time.monotonic() < deadline, f"{verb} still says {answer}"
        await asyncio.sleep(0.1)
    return result


async def set_current(gateway: Gateway, ampere: float) -> Json:
    """The final result of a command over the control socket."""
    members = {"id": f"set-{ampere}", "max_current_a": ampere}
    async with await ControlClient.connect(gateway.home / "control.sock") as client:
        return [state async for state in client.stream("set", id="carport", members=members)][-1]


async def paired(plant: Plant, here: Host, there: Host) -> tuple[Gateway, Wallbox]:
    """A gateway and a wallbox that found each other by mDNS, paired by SKI alone."""
    gateway = Gateway(plant.directory / "gateway", mdns=True, inside=here.inside)
    box = Wallbox(plant.directory / "box", host=None, inside=there.inside)
    await asyncio.to_thread(plant.start, gateway, box)
    node = await asking(
        gateway,
        "discovery/scan",
        lambda answer: next((n for n in answer["discovered"] if n["ski"] == box.ski), None),
        seconds=1,
    )
    assert there.address in node["addresses"]
    assert (node["port"], node["register"], node["findings"]) == (box.port, False, [])
    await gateway.ask("pair", ski=box.ski, alias="carport")
    await connected(gateway)
    return gateway, box


async def connected(gateway: Gateway) -> None:
    """Returns once the verdict on the wallbox is known."""
    await asking(gateway, "peers", lambda answer: answer["peers"][0]["supported"])


async def curtailed(gateway: Gateway, box: Wallbox, ampere: float) -> None:
    deadline = time.monotonic() + 30
    while (result := await set_current(gateway, ampere))["state"] != "applied":
        assert result["reason"] in ("ev_not_connected", "data_missing"), result
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    await eventually(lambda: box.now.get("limit_a") == ampere, f"{ampere} A")


async def found_and_paired_by_ski_alone(plant: Plant, broker: Mosquitto) -> None:
    with two_hosts() as (here, there):
        gateway, box = await paired(plant, here, there)
        await curtailed(gateway, box, 10)
        assert gateway.stop() == 0
        gateway.start()  # finds the wallbox again, and says again what was wished
        await connected(gateway)
        await eventually(lambda: box.now.get("limit_a") == 10, "the wish holds")
        stop(plant)


async def the_wallbox_gets_another_address_while_it_is_off(plant: Plant, broker: Mosquitto) -> None:
    with two_hosts() as (here, there):
        gateway, box = await paired(plant, here, there)
        await curtailed(gateway, box, 10)
        box.kill()
        there.move("10.98.0.77")
        await asyncio.to_thread(box.start)
        await connected(gateway)
        await eventually(lambda: box.now.get("limit_a") == 10, "obeyed at the new address")
        stop(plant)


async def the_wallbox_gets_another_address_in_mid_session(plant: Plant, broker: Mosquitto) -> None:
    """The connection is dead then, and neither side is told so."""
    with two_hosts() as (here, there):
        gateway, box = await paired(plant, here, there)
        await curtailed(gateway, box, 10)
        moved = there.move("10.98.0.99")
        book = gateway.home / "peers.json"
        await eventually(lambda: moved.address in book.read_text(), "met at the new address")
        await curtailed(gateway, box, 8)
        stop(plant)


def stop(plant: Plant) -> None:
    """Ends everything before its network goes."""
    for program in plant.programs:
        program.stop()


SCENARIOS = (
    found_and_paired_by_ski_alone,
    the_wallbox_gets_another_address_while_it_is_off,
    the_wallbox_gets_another_address_in_mid_session,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_two_hosts(scenario: Scenario, outcomes: Outcomes) -> None:
    outcomes.check(scenario)
