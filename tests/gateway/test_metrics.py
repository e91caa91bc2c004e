"""The Prometheus endpoint, asked over a socket while a gateway without broker and peers runs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from eebus_gw.errors import ConfigError
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.gateway.metrics import PATH, metrics_endpoint
from eebus_gw.home import Home
from eebus_gw.settings import MetricsSettings, Settings, ShipSettings
from eebus_gw.vocabulary.values import Reading

LOOPBACK = "127.0.0.1"
PEER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def gateway(directory: Path, metrics: MetricsSettings) -> AsyncIterator[Gateway]:
    settings = Settings(ship=ShipSettings(port=0, grid_port=0, mdns=False), metrics=metrics)
    home = Home.open(directory)
    home.ensure_identity()
    home.peers.add(PEER, device_id="carport", at=datetime.now(UTC))
    async with Gateway(home, settings) as running:
        yield running


async def ask(port: int, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


async def scrape(port: int) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    head, body = await ask(port, f"GET {PATH} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    assert head.startswith(b"HTTP/1.1 200 OK")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


async def test_a_scrape_shows_the_gateway_and_each_device(tmp_path: Path) -> None:
    port = a_free_port()
    async with gateway(tmp_path, MetricsSettings(port=port)):
        values = await scrape(port)
    device = (("device", "carport"),)
    assert values["eebus_gw_devices_paired", ()] == 1
    assert values["eebus_gw_devices_connected", ()] == 0
    assert values["eebus_gw_mqtt_connected", ()] == 0
    assert values["eebus_gw_resident_memory_bytes", ()] > 1_000_000
    assert values["eebus_gw_device_connected", device] == 0
    assert values["eebus_gw_device_ev_plugged", device] == 0
    assert values["eebus_gw_device_power_watts", device] == 0
    charged = (*device, ("direction", "charged"))
    assert values["eebus_gw_device_energy_watt_hours_total", charged] == 0
    assert ("eebus_gw_device_soc_percent", device) not in values, "unknown is absent, not 0"


async def test_a_house_has_powers_of_its_own_and_no_car(tmp_path: Path) -> None:
    port = a_free_port()
    async with gateway(tmp_path, MetricsSettings(port=port)) as running:
        device = running.devices.by_id["carport"]
        device.house = True
        for source, value in (
            (("mgcp", "power_w"), -1_200.0),
            (("vabd", "power_w"), 2_000.0),
            (("vabd", "soc_percent"), 61.5),
            (("vapd", "power_w"), -4_300.0),
        ):
            device.readings.put(source, Reading(value))
        values = await scrape(port)
    labels = (("device", "carport"),)
    assert values["eebus_gw_grid_power_watts", labels] == -1_200
    assert values["eebus_gw_battery_power_watts", labels] == 2_000
    assert values["eebus_gw_battery_soc_percent", labels] == 61.5
    assert values["eebus_gw_pv_power_watts", labels] == -4_300
    assert ("eebus_gw_device_power_watts", labels) not in values
    assert ("eebus_gw_device_ev_plugged", labels) not in values


@pytest.mark.parametrize(
    ("request_line", "status"),
    [(b"GET / HTTP/1.1", b"404"), (b"POST /metrics HTTP/1.1", b"405"), (b"nonsense", b"405")],
)
async def test_anything_else_is_refused(tmp_path: Path, request_line: bytes, status: bytes) -> None:
    port = a_free_port()
    async with gateway(tmp_path, MetricsSettings(port=port)):
        head, _ = await ask(port, request_line + b"\r\n\r\n")
    assert head.split()[1] == status


async def test_a_request_without_end_gets_nothing_and_harms_nothing(tmp_path: Path) -> None:
    port = a_free_port()
    async with gateway(tmp_path, MetricsSettings(port=port)):
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(b"x" * 100_000)
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        assert await scrape(port)


async def test_without_a_port_nothing_listens(tmp_path: Path) -> None:
    async with (
        gateway(tmp_path, MetricsSettings()) as running,
        metrics_endpoint(running) as port,
    ):
        assert port is None


async def test_a_port_in_use_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        settings = MetricsSettings(port=taken.getsockname()[1])
        with pytest.raises(ConfigError, match=r"metrics\.port"):
            async with gateway(tmp_path, settings):
                pass
