"""The broker: as a running gateway sees it, and tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eebus_gw.bridge.endpoint import Endpoint
from eebus_gw.diagnostics.broker import check_broker, check_broker_of
from tests.support.broker import Mosquitto, free_port


@pytest.mark.parametrize(
    ("mqtt", "configured", "result", "text"),
    [
        ({"connected": True}, True, "ok", "connected"),
        ({"connected": True, "reconnects": 3}, True, "ok", "3 reconnects"),
        ({"connected": True, "insecure": True}, True, "warning", "connected, but mqtt.insecure"),
        ({"last_error": "refused"}, True, "failed", "not connected: refused"),
        ({}, False, "skipped", "without MQTT"),
    ],
)
def test_from_health(mqtt: dict[str, Any], configured: bool, result: str, text: str) -> None:
    plain = {
        "connected": False,
        "reconnects": 0,
        "queued": 0,
        "last_error": None,
        "insecure": False,
    }
    check = check_broker_of({"mqtt": {**plain, **mqtt}}, configured)
    assert check.result == result
    assert text in check.text


async def test_none_configured() -> None:
    assert (await check_broker(None)).result == "skipped"


async def test_one_that_answers(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        check = await check_broker(Endpoint("127.0.0.1", broker.port))
    assert check.result == "ok"
    assert check.text == f"mqtt://127.0.0.1:{broker.port} answers, MQTT 5"


async def test_one_that_is_not_there() -> None:
    check = await check_broker(Endpoint("127.0.0.1", free_port()))
    assert check.result == "failed"
    assert "mqtt.url" in check.remedy


async def test_one_that_does_not_know_us(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, settings=["allow_anonymous false"]) as broker:
        check = await check_broker(Endpoint("127.0.0.1", broker.port))
    assert check.result == "failed"
    assert "uthori" in check.text
