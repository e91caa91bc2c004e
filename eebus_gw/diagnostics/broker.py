"""The MQTT broker: as a running gateway sees it, else tried here."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any

from eebus_gw.bridge.client import MqttBroker
from eebus_gw.bridge.endpoint import Endpoint
from eebus_gw.bridge.outbox import Outbox
from eebus_gw.clock import SystemClock
from eebus_gw.diagnostics.check import Check, Grade, ok, skipped
from eebus_gw.errors import EebusError

_REMEDY = "Check mqtt.url, user and password, and that the broker runs and lets this machine in."


def check_broker_of(health: Mapping[str, Any], configured: bool) -> Check:
    """From the health document of a running gateway."""
    mqtt = health["mqtt"]
    if mqtt["connected"] and mqtt["insecure"]:
        return _unverified("connected")
    if mqtt["connected"]:
        again = f", {mqtt['reconnects']} reconnects" if mqtt["reconnects"] else ""
        return ok("broker", f"connected, {mqtt['queued']} messages waiting{again}")
    if not configured and not mqtt["last_error"]:
        return skipped("broker", "the gateway runs without MQTT")
    return Check("broker", Grade.FAILED, f"not connected: {mqtt['last_error']}", _REMEDY, "broker")


async def check_broker(endpoint: Endpoint | None) -> Check:
    """By connecting to it for a moment."""
    if endpoint is None:
        return skipped("broker", "no broker is configured (mqtt.url)")
    try:
        version = await _client(endpoint).probe()
    except EebusError as error:
        remedy = error.hint or _REMEDY
        return Check("broker", Grade.FAILED, f"{endpoint.text}: {error}", remedy, "broker")
    if endpoint.insecure:
        return _unverified(f"{endpoint.text} answers")
    return ok("broker", f"{endpoint.text} answers, MQTT {version}")


def _unverified(found: str) -> Check:
    return Check(
        "broker",
        Grade.WARNING,
        f"{found}, but mqtt.insecure: its certificate is not verified",
        "Give the broker's CA with mqtt.ca_file and remove mqtt.insecure.",
        "broker",
    )


def _client(endpoint: Endpoint) -> MqttBroker:
    """One that publishes nothing; a broker that knows clients by their id may not know this one."""
    return MqttBroker(
        endpoint,
        client_id=f"eebus-gw-doctor-{os.getpid()}",
        state_topic="eebus-gw/doctor",
        subscriptions=(),
        outbox=Outbox(),
        received=lambda message: None,
        clock=SystemClock(),
        random=random.random,
    )
