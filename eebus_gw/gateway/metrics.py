"""The Prometheus endpoint (extra ``metrics``): the health document and what each wallbox does, as numbers.

Values are collected when they are asked for, in the event loop; nothing is counted twice for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from eebus_gw.bridge.documents import power
from eebus_gw.errors import ConfigError

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily, Metric

    from eebus_gw.gateway.gateway import Gateway

PREFIX = "eebus_gw"
PATH = "/metrics"
REQUEST_TIME_S = 5.0
REQUEST_BYTES = 8_192
_HOUSE = (
    ("grid_power_watts", "at the grid connection, positive while drawing", ("mgcp", "power_w")),
    ("battery_power_watts", "of a home battery, positive while charging", ("vabd", "power_w")),
    ("battery_soc_percent", "state of charge of a home battery", ("vabd", "soc_percent")),
    ("pv_power_watts", "of a PV system, negative while producing", ("vapd", "power_w")),
)
Render = Callable[[], tuple[str, bytes]]
"""Gives the content type and the text of all metrics as they are now."""
UNUSABLE = (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
"""Requests that end nowhere; they get no answer."""

logger = logging.getLogger(__name__)


class GatewayCollector:
    """What ``prometheus_client`` asks for all metrics of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        from prometheus_client import core

        self._core = core
        self._gateway = gateway

    def collect(self) -> Iterator[Metric]:
        """Every metric with its present value."""
        health = self._gateway.bridge.health_document()
        yield from self._own(health)
        yield from self._links()
        yield from self._wallboxes()
        yield from self._house()
        yield from self._grid()

    def _own(self, health: dict[str, Any]) -> Iterator[Metric]:
        mqtt, devices, ship, spine = (health[n] for n in ("mqtt", "devices", "ship", "spine"))
        yield self._gauge("uptime_seconds", "time since the start", health["uptime_s"])
        yield self._gauge(
            "resident_memory_bytes", "memory in use", round(health["rss_mb"] * 1_000_000)
        )
        yield self._gauge(
            "event_loop_lag_seconds",
            "longest delay of the last minute",
            health["loop_lag_ms"] / 1000,
        )
        yield self._gauge("mqtt_connected", "1 while the broker is there", int(mqtt["connected"]))
        yield self._gauge("mqtt_queued_messages", "waiting for the broker", mqtt["queued"])
        yield self._counter("mqtt_reconnects", "connections made again", mqtt["reconnects"])
        yield self._counter("mqtt_dropped_messages", "lost for lack of room", mqtt["dropped"])
        yield self._gauge("devices_paired", "paired devices of both sides", devices["total"])
        yield self._gauge("devices_connected", "of these connected now", devices["connected"])
        handshakes = self._core.CounterMetricFamily(
            f"{PREFIX}_ship_handshakes", "SHIP handshakes by their end", labels=["outcome"]
        )
        handshakes.add_metric(["ok"], ship["handshakes_ok"])
        handshakes.add_metric(["failed"], ship["handshakes_failed"])
        yield handshakes
        # Counted per connection, so these fall when one ends: gauges, not counters.
        messages = self._core.GaugeMetricFamily(
            f"{PREFIX}_spine_messages", "SPINE messages of the open links", labels=["direction"]
        )
        messages.add_metric(["in"], spine["msgs_in"])
        messages.add_metric(["out"], spine["msgs_out"])
        yield messages
        yield self._gauge("spine_refused", "refusals on the open links", spine["results_err"])

    def _links(self) -> Iterator[Metric]:
        connected = self._per_device("device_connected", "1 while data may flow")
        reconnects = self._core.CounterMetricFamily(
            f"{PREFIX}_device_reconnects", "connections made again", labels=["device"]
        )
        for device in self._gateway.devices:
            link = self._gateway.wallbox.link(device.ski)
            connected.add_metric([device.id], int(link.connected))
            reconnects.add_metric([device.id], link.reconnects)
        yield connected
        yield reconnects

    def _wallboxes(self) -> Iterator[Metric]:
        power_w = self._per_device("device_power_watts", "positive while charging")
        soc = self._per_device("device_soc_percent", "state of charge of the car")
        plugged = self._per_device("device_ev_plugged", "1 while a car is plugged in")
        energy = self._core.CounterMetricFamily(
            f"{PREFIX}_device_energy_watt_hours",
            "energy since the device was paired",
            labels=["device", "direction"],
        )
        for device in self._gateway.devices:
            if device.house:
                continue
            labels = [device.id]
            watts, _ = power(device.readings)
            if not device.plugged or watts is not None:
                power_w.add_metric(labels, watts if device.plugged and watts is not None else 0.0)
            if (percent := device.value("evsoc", "soc_percent")) is not None:
                soc.add_metric(labels, percent)
            plugged.add_metric(labels, int(device.plugged))
            totals = self._gateway.ledger.totals(device.id)
            energy.add_metric([device.id, "charged"], totals.charged_wh)
            energy.add_metric([device.id, "discharged"], totals.discharged_wh)
        yield from (power_w, soc, plugged, energy)

    def _house(self) -> Iterator[Metric]:
        for name, text, source in _HOUSE:
            family = self._per_device(name, text)
            for device in self._gateway.devices:
                if device.house and (value := device.value(*source)) is not None:
                    family.add_metric([device.id], value)
            yield family

    def _grid(self) -> Iterator[Metric]:
        limits = self._gateway.site.limits
        family = self._core.GaugeMetricFamily(
            f"{PREFIX}_grid_limit_watts",
            "limit in force; absent while there is none",
            labels=["direction"],
        )
        for direction, watts in (
            ("consumption", limits.consumption_w),
            ("production", limits.production_w),
        ):
            if watts is not None:
                family.add_metric([direction], watts)
        yield family

    def _gauge(self, name: str, text: str, value: float) -> Metric:
        return self._core.GaugeMetricFamily(f"{PREFIX}_{name}", text, value=value)

    def _counter(self, name: str, text: str, value: float) -> Metric:
        return self._core.CounterMetricFamily(f"{PREFIX}_{name}", text, value=value)

    def _per_device(self, name: str, text: str) -> GaugeMetricFamily:
        return self._core.GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=["device"])


@asynccontextmanager
async def metrics_endpoint(gateway: Gateway) -> AsyncIterator[int | None]:
    """Serves ``GET /metrics`` while it is entered; gives the port, ``None`` when none is configured.

    Raises ``ConfigError`` when the extra is not installed or the address cannot be had.
    """
    settings = gateway.settings.metrics
    if settings.port is None:
        yield None
        return
    render = _renderer(gateway)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, *UNUSABLE):
            async with asyncio.timeout(REQUEST_TIME_S):
                writer.write(_response(await reader.readuntil(b"\r\n\r\n"), render))
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(
            answer, settings.host, settings.port, limit=REQUEST_BYTES
        )
    except OSError as error:
        raise ConfigError(
            f"metrics.port = {settings.port} cannot be used: {error.strerror}",
            hint="choose another port, or none to switch the endpoint off",
        ) from error
    port = server.sockets[0].getsockname()[1]
    logger.info("metrics on http://%s:%d%s", settings.host, port, PATH)
    try:
        yield port
    finally:
        server.close()


def _renderer(gateway: Gateway) -> Render:
    try:
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    except ImportError as error:
        raise ConfigError(
            "metrics.port is set, but the extra for it is not installed",
            hint="pip install 'eebus-gw[metrics]'",
        ) from error
    registry = CollectorRegistry()
    registry.register(GatewayCollector(gateway))
    return lambda: (CONTENT_TYPE_LATEST, generate_latest(registry))


def _response(request: bytes, render: Render) -> bytes:
    words = request.split(b"\r\n", 1)[0].split()
    if len(words) != 3 or words[0] != b"GET":
        return _http("405 Method Not Allowed", "text/plain", b"only GET\n")
    if words[1].split(b"?", 1)[0] != PATH.encode():
        return _http("404 Not Found", "text/plain", f"only {PATH}\n".encode())
    content_type, body = render()
    return _http("200 OK", content_type, body)


def _http(status: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
