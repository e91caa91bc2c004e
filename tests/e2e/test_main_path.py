"""A wallbox becomes MQTT topics, and an MQTT command becomes a limit the wallbox obeys (contract §3)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.site import Site, build_site
from tests.support.broker import Mosquitto
from tests.support.processes import Plant, eventually

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

MEMBERS = {
    "box1/ev": """connected charge_state status_letter standard asymmetric ids min_a max_a default_a
        min_w max_w soc_percent capacity_kwh range_m departure min_soc_percent target_soc_percent
        discharge_permitted not_offered sleep brand model ts""",
    "box1/meter": """power_w power_w_phase current_a voltage_v energy_import_kwh energy_export_kwh
        frequency_hz phases_active source energy_source limited_by ts""",
    "box1/limits": "obligation recommendation written_ts reported_ts",
    "box1/evse": "operating_state error_text nominal_max_w phases ts",
    "box1/info": """brand vendor model serial software hardware ship_id ski spine_address entities
        use_cases""",
    "box1/link": """ship_phase direction connected_since last_error reconnects next_attempt_s
        heartbeat""",
    "bridge/info": """version schema ship_id ski qr port interfaces roles mdns_backend
        restart_required""",
    "bridge/health": "uptime_s rss_mb loop_lag_ms mqtt devices ship spine store",
    "bridge/pairing": "open until remaining_s opened_by pending",
}
QOS_0 = ("box1/meter", "bridge/health")
LIMIT = {"value_a", "active", "changeable", "min_a", "max_a", "default_a"}
DEVICE = "id alias ski ship_id brand model type trust connected roles use_cases supported why_not"
RESULT = "id field state reason error_number detail requested actual ts latency_ms"


@contextmanager
def running_site(directory: Path, version: str) -> Iterator[Site]:
    with Mosquitto(directory) as broker, Plant(directory) as plant:
        config = f'[mqtt]\nprotocol = "{version}"\n'
        site = asyncio.run(build_site(plant, broker, config=config))
        assert f"with MQTT {version}" in site.gateway.log_text()
        assert "is used without credentials" in site.gateway.log_text(), "said at the start"
        yield site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("main"), "5") as site:
        yield site


@pytest.fixture(scope="module")
def site_311(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same with a broker that is spoken to in the old version."""
    with running_site(tmp_path_factory.mktemp("main311"), "3.1.1") as site:
        yield site


@pytest.mark.parametrize("leaf", MEMBERS)
async def test_retained_documents(site: Site, site_311: Site, leaf: str) -> None:
    for each in (site, site_311):
        assert set(MEMBERS[leaf].split()) <= each.mqtt.document(leaf).keys()
        seen = each.mqtt.on(leaf)
        assert all(message.retain for message in seen)
        assert {message.qos for message in seen} == {0 if leaf in QOS_0 else 1}


async def test_a_charging_car_in_figures(site: Site) -> None:
    await eventually(
        lambda: site.mqtt.document(f"{site.device}/ev")["status_letter"] == "C", "charging"
    )
    meter = await eventually(
        lambda: (m := site.mqtt.document(f"{site.device}/meter"))["phases_active"] == 3 and m
    )
    assert meter["power_w"] == pytest.approx(sum(meter["power_w_phase"]), abs=1)
    assert meter["power_w"] == pytest.approx(sum(meter["current_a"]) * 230, rel=0.05)
    assert meter["source"] in ("evcem", "mpc")
    assert RFC3339.fullmatch(meter["ts"])
    ev = site.mqtt.document(f"{site.device}/ev")
    assert ev["connected"] is True
    assert ev["charge_state"] == "active"
    assert ev["standard"].startswith("iso15118")
    assert ev["min_a"] == [3.0, 3.0, 3.0]
    assert ev["max_a"] == [16.0, 16.0, 16.0]
    assert ev["soc_percent"] == pytest.approx(50, abs=1)
    assert ev["capacity_kwh"] == 60
    obligation = site.mqtt.document(f"{site.device}/limits")["obligation"]
    assert obligation.keys() >= LIMIT
    assert all(len(values) == 3 for values in obligation.values())
    info = site.mqtt.document(f"{site.device}/info")
    assert info["ski"] == site.box.ski
    assert {entity["type"] for entity in info["entities"]} >= {"EVSE", "EV"}
    link = site.mqtt.document(f"{site.device}/link")
    assert link["direction"] == "out"
    assert link["last_error"] is None


async def test_the_bridge_about_itself(site: Site) -> None:
    assert site.mqtt.text("bridge/state") == "online"
    info = site.mqtt.document("bridge/info")
    assert info["ski"] == site.gateway.ski
    assert info["port"] == site.gateway.port
    await eventually(lambda: site.mqtt.document("bridge/devices")[0]["supported"], "the verdict")
    (entry,) = site.mqtt.document("bridge/devices")
    assert entry.keys() >= set(DEVICE.split())
    assert entry["id"] == site.device
    assert entry["trust"] == "trusted"
    assert entry["connected"] is True
    assert entry["supported"] is True
    assert entry["roles"] == ["ControllableSystem", "EV", "EVSE", "MonitoredUnit"]
    assert site.mqtt.document("bridge/discovered") == []
    assert {"id": site.device} in site.mqtt.events("device_connected")
    assert {"id": site.device} in site.mqtt.events("ev_plugged")
    assert all(not m.retain and m.qos == 1 for m in site.mqtt.on("bridge/event"))


async def test_birth_comes_last(site: Site) -> None:
    """Online is said only after everything retained has been published."""
    topics = [message.topic for message in site.mqtt.messages]
    birth = topics.index("eebus/bridge/state")
    for leaf in ("info", "devices", "discovered", "pairing", "health"):
        assert topics.index(f"eebus/bridge/{leaf}") < birth


async def test_a_limit_is_written_read_back_and_obeyed(site: Site) -> None:
    result = await site.mqtt.command(site.device, "curtail", max_current_a=7)
    assert result.keys() >= set(RESULT.split())
    assert result["state"] == "applied"
    assert result["reason"] is None
    assert result["requested"] == 7
    assert result["actual"] == [7.0, 7.0, 7.0]
    assert site.mqtt.results(site.device, "curtail") == [result], "once per command"
    await eventually(lambda: site.mqtt.document(f"{site.device}/last_result") == result, "kept")
    assert all(not m.retain and m.qos == 1 for m in site.mqtt.on(f"{site.device}/result"))
    await eventually(lambda: site.box.now["limit_a"] == 7.0, "the wallbox offers 7 A")
    await eventually(
        lambda: site.mqtt.document(f"{site.device}/meter")["current_a"] == [7.0, 7.0, 7.0],
        "the car takes 7 A",
    )
    limits = site.mqtt.document(f"{site.device}/limits")
    assert limits["obligation"]["value_a"] == [7.0, 7.0, 7.0]
    assert limits["obligation"]["active"] == [True, True, True]
    assert limits["written_ts"] is not None


async def test_the_maximum_means_no_limit(site: Site) -> None:
    await site.mqtt.command(site.device, "low", max_current_a=8)
    result = await site.mqtt.command(site.device, "high", max_current_a=[16, 16, 16])
    assert result["state"] == "applied"
    limits = site.mqtt.document(f"{site.device}/limits")
    assert limits["obligation"]["active"] == [False, False, False]


async def test_pause_and_resume(site: Site) -> None:
    await site.mqtt.command(site.device, "twelve", max_current_a=12)
    off = await site.mqtt.command(site.device, "off", charging_enabled=False)
    assert off["state"] == "applied"
    await eventually(
        lambda: site.mqtt.document(f"{site.device}/ev")["charge_state"] == "paused", "paused"
    )
    assert site.mqtt.document(f"{site.device}/ev")["status_letter"] == "B"
    on = await site.mqtt.command(site.device, "on", charging_enabled=True)
    assert on["actual"] == [12.0, 12.0, 12.0]
    await eventually(lambda: site.box.now["limit_a"] == 12.0, "the current last wished")


@pytest.mark.parametrize(
    ("field", "payload", "requested"),
    [
        ("max_current_a", "16 \n", 16),
        ("charging_enabled", "OFF", False),
        ("max_current_a", "[13,13,13]", [13, 13, 13]),
        ("charging_enabled", "on", True),
        ("max_current_a", "11", 11),
        ("charging_enabled", "0", False),
        ("max_current_a", "+9.5", 9.5),
        ("charging_enabled", "1", True),
        ("max_current_a", "7.", 7.0),
        ("charging_enabled", "true", True),
    ],
)
async def test_spellings_of_one_field(site: Site, field: str, payload: str, requested: Any) -> None:
    before = len(site.mqtt.on(f"{site.device}/result"))
    site.mqtt.publish(f"{site.device}/set/{field}", payload)
    final = await eventually(
        lambda: [
            r
            for m in site.mqtt.on(f"{site.device}/result")[before:]
            if (r := m.json)["state"] not in ("received", "sent") and r["field"] == field
        ],
        f"a result for {payload!r}",
    )
    assert final[0]["state"] == "applied", final[0]
    assert final[0]["requested"] == requested
    assert final[0]["id"]


async def test_several_fields_in_one_message(site: Site) -> None:
    site.mqtt.publish(
        f"{site.device}/set",
        {
            "id": "both",
            "max_current_a": 14,
            "charging_enabled": True,
            "source": "test",
            "ttl_s": 20,
        },
    )
    finals = await eventually(
        lambda: (
            done
            if len(
                done := {
                    r["field"]: r["state"]
                    for r in site.mqtt.results(site.device, "both")
                    if r["state"] not in ("received", "sent")
                }
            )
            == 2
            else None
        ),
        "both results",
    )
    assert finals == {"max_current_a": "applied", "charging_enabled": "applied"}
    await eventually(lambda: site.box.now["limit_a"] == 14.0)


@pytest.mark.parametrize(
    ("members", "state", "reason"),
    [
        ({"max_current_a": "ten"}, "rejected", "wrong_type"),
        ({"max_current_a": True}, "rejected", "wrong_type"),
        ({"max_current_a": [10, 10]}, "rejected", "wrong_type"),
        ({"max_current_a": -1}, "rejected", "out_of_range"),
        ({"max_current_a": 1e6}, "rejected", "out_of_range"),
        ({"charging_enabled": "yes please"}, "rejected", "wrong_type"),
        ({"max_currant_a": 10}, "rejected", "unknown_field"),
        ({}, "rejected", "wrong_type"),
        ({"max_current_a": 9, "ts": "2020-01-01T00:00:00Z"}, "expired", "stale"),
        ({"max_current_a": 9, "ts": "2099-01-01T00:00:00Z"}, "rejected", "stale"),
        ({"max_current_a": 9, "ts": "yesterday"}, "rejected", "wrong_type"),
        ({"max_current_a": 9, "ttl_s": 1e9}, "rejected", "out_of_range"),
        ({"setpoint": -3000}, "rejected", "usecase_unsupported"),
    ],
)
async def test_refusals_with_reason(
    site: Site, members: dict[str, Any], state: str, reason: str
) -> None:
    command = f"refuse-{abs(hash(str(members)))}"[:60]
    result = await site.mqtt.command(site.device, command, **members)
    assert (result["state"], result["reason"]) == (state, reason)


@pytest.mark.parametrize("version", ["site", "site_311"])
async def test_a_retained_command_is_never_carried_out(
    version: str, request: pytest.FixtureRequest
) -> None:
    """The flag is not there while the message is live; what lies there afterwards does not count."""
    site: Site = request.getfixturevalue(version)
    topic = f"{site.device}/set"
    site.mqtt.publish(topic, {"id": "kept", "max_current_a": 9, "ttl_s": 3600}, retain=True)
    assert (await site.mqtt.final(site.device, "kept"))["state"] == "applied"
    await site.mqtt.command(site.device, "after", max_current_a=8)
    mark = len(site.mqtt.messages)
    assert site.gateway.stop() == 0
    site.gateway.start()
    await site.back(mark)
    await site.ready()
    assert (await site.mqtt.command(site.device, "again", max_current_a=7))["state"] == "applied"
    await eventually(lambda: site.box.now["limit_a"] == 7.0, "the newer limit")
    assert site.mqtt.results(site.device, "kept", mark) == []
    if version == "site_311":
        refused = [m.json for m in site.mqtt.messages[mark:] if b"retained_command" in m.payload]
        assert {result["state"] for result in refused} == {"rejected"}
        await eventually(lambda: f"eebus/{topic}" not in site.mqtt.state, "it is cleared")


async def test_a_command_in_the_old_version(site_311: Site) -> None:
    result = await site_311.mqtt.command(site_311.device, "old", max_current_a=12)
    assert (result["state"], result["actual"]) == ("applied", [12.0] * 3)
    result = await site_311.mqtt.command(site_311.device, "bad", max_current_a="much")
    assert (result["state"], result["reason"]) == ("rejected", "wrong_type")
