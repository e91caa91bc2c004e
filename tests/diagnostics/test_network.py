"""Interfaces, multicast and ports."""

from __future__ import annotations

import socket

import pytest

from eebus_gw.diagnostics.network import (
    check_free_port,
    check_interfaces,
    check_multicast,
    check_open_port,
)
from eebus_gw.net.interfaces import Interface
from eebus_gw.net.mdns import Sighting
from tests.support.broker import free_port

OWN = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
OTHER = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"
ETH0 = Interface("eth0", "192.0.2.2", ("192.0.2.2", "fd00::2"))
WLAN0 = Interface("wlan0", "198.51.100.2", ("198.51.100.2",))
LOOPBACK = Interface("lo", "127.0.0.1", ("127.0.0.1",))


def seen(ski: str) -> Sighting:
    text = {"txtvers": "1", "id": "box", "path": "/ship/", "ski": ski, "register": "false"}
    return Sighting(f"{ski}._ship._tcp.local.", ("192.0.2.7",), 4711, dict(text))


@pytest.mark.parametrize(
    ("interfaces", "wanted", "result", "text"),
    [
        ((ETH0,), (), "ok", "eth0 (192.0.2.2, fd00::2)"),
        ((ETH0, WLAN0), (), "ok", "all of them"),
        ((ETH0,), ("eth0",), "ok", "eth0"),
        ((ETH0,), ("192.0.2.2",), "ok", "eth0"),
        ((ETH0,), ("eth0", "eth9"), "failed", "names eth9"),
        ((), (), "failed", "no network interface is up"),
    ],
)
def test_interfaces(
    interfaces: tuple[Interface, ...], wanted: tuple[str, ...], result: str, text: str
) -> None:
    check = check_interfaces(interfaces, wanted)
    assert check.result == result
    assert text in check.text
    assert bool(check.remedy) == (result == "failed")


@pytest.mark.parametrize(
    ("skis", "problems", "announced", "result", "text"),
    [
        ((OTHER,), {}, (), "ok", "1 other SHIP node seen"),
        ((OTHER, OWN), {}, (OWN,), "ok", "1 other SHIP node seen"),
        ((OWN,), {}, (OWN,), "warning", "no other SHIP node"),
        ((), {}, (), "warning", "no other SHIP node"),
        ((OTHER,), {}, (OWN,), "failed", "own announcement cannot be seen"),
        ((), {"eth0": "Address already in use"}, (), "failed", "eth0: Address already in use"),
    ],
)
def test_multicast(
    skis: tuple[str, ...],
    problems: dict[str, str],
    announced: tuple[str, ...],
    result: str,
    text: str,
) -> None:
    check = check_multicast({ski: seen(ski) for ski in skis}, problems, announced)
    assert check.result == result
    assert text in check.text


@pytest.mark.parametrize(
    ("port", "taken", "result"),
    [(0, False, "skipped"), (4712, False, "ok"), (4712, True, "failed")],
)
def test_a_port_before_the_start(port: int, taken: bool, result: str) -> None:
    assert check_free_port("port", port, taken).result == result


async def test_a_port_that_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        check = await check_open_port("port", port, [LOOPBACK])
    assert check.result == "ok"


async def test_a_port_that_does_not() -> None:
    check = await check_open_port("port", free_port(), [LOOPBACK])
    assert check.result == "failed"
    assert "127.0.0.1" in check.text
    assert (await check_open_port("port", 1, [])).result == "skipped"
