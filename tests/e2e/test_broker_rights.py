"""With TLS and exactly the access rules of docs/mqtt.md everything works, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.secured import Secured, secured_broker
from tests.support.processes import Gateway, Observer, Plant, Wallbox, eventually, lasting_port

DEVICE = "carport"
CONFIG = """\
protocol = "{protocol}"
allow_pairing = {allow_pairing}
log = true
refresh_s = 2

[profiles]
evcc = true
openwb = true

[homeassistant]
enabled = true
"""
BRIDGE = ("state", "info", "health", "devices", "discovered", "pairing")
WALLBOX = (
    *("availability", "info", "link", "evse", "ev", "meter", "limits", "lpc", "lpp"),
    *("setpoint", "evcc/status", "evcc/power", "openwb/power", "openwb/plug_state"),
)
GRID = ("availability", "lpc", "lpp", "effective", "allocation", "lpc_w", "lpp_w", "active")
RETAINED = {
    *(f"eebus/bridge/{leaf}" for leaf in BRIDGE),
    *(f"eebus/{DEVICE}/{leaf}" for leaf in WALLBOX),
    *(f"eebus/grid/{leaf}" for leaf in GRID),
}
FORBIDDEN = {
    "ems": (
        "eebus/bridge/state",
        "eebus/bridge/response/health",
        f"eebus/{DEVICE}/availability",
        f"eebus/{DEVICE}/ev",
        f"eebus/{DEVICE}/result",
        "eebus/grid/effective",
        "eebus/grid/lpc_w",
        "eebus-client/ems/health",
        "homeassistant/status",
        "homeassistant/device/eebus-gw/config",
    ),
    "homeassistant": (
        "eebus/bridge/state",
        f"eebus/{DEVICE}/meter",
        "eebus/grid/lpc_w",
        "eebus/grid/meter/set",
    ),
    "display": (
        f"eebus/{DEVICE}/set",
        f"eebus/{DEVICE}/set/max_current_a",
        "eebus/bridge/request/health",
        "eebus/grid/meter/set",
    ),
}


@dataclass
class House:
    """``users`` are clients with the rights of each role; none has more."""

    secured: Secured
    plant: Plant
    gateway: Gateway
    box: Wallbox
    users: dict[str, Observer]
    protocol: str
    may_pair: bool

    @property
    def ems(self) -> Observer:
        return self.users["ems"]


@contextmanager
def house(directory: Path, how: str, *, protocol: str, may_pair: bool) -> Iterator[House]:
    with secured_broker(directory, how) as secured, Plant(directory) as plant:
        users = {
            user: plant.observer(
                secured.broker.port, prepare=secured.client(user), also=("eebus-client/#",)
            )
            for user in ("ems", "homeassistant", "display")
        }
        options = CONFIG.format(protocol=protocol, allow_pairing=str(may_pair).lower())
        gateway = Gateway(
            directory / "gateway",
            "--grid-port",
            str(lasting_port()),
            config=secured.settings("eebus") + options,
        )
        box = Wallbox(directory / "box", "--ev", "bidirectional")
        plant.start(box, gateway)
        here = House(secured, plant, gateway, box, users, protocol, may_pair)
        asyncio.run(_pair(here))
        yield here
        assert secured.denied("eebus-gw") == []


async def _pair(house: House) -> None:
    await house.gateway.pair(house.box, DEVICE)
    await house.gateway.ask("pair", ski="ab" * 20, side="grid", alias="steuerbox")
    await eventually(
        lambda: house.ems.document(f"{DEVICE}/limits").get("obligation"), "the car is known"
    )


VARIANTS = {
    "password": {"protocol": "auto", "may_pair": False},
    "certificate": {"protocol": "3.1.1", "may_pair": True},
}


@pytest.fixture(scope="module", params=VARIANTS)
def here(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """How users show who they are; with it go the version of MQTT and whether pairing is permitted."""
    how = request.param
    with house(tmp_path_factory.mktemp(how), how, **VARIANTS[how]) as running:
        yield running


async def test_every_document_arrives_at_every_role(here: House) -> None:
    for user, observer in here.users.items():
        await eventually(
            lambda observer=observer: observer.state.keys() >= RETAINED,  # type: ignore[misc]
            f"all documents at {user}",
        )
    assert here.ems.text("bridge/state") == "online"
    assert here.ems.on("bridge/log"), "log lines"
    assert here.ems.events("device_connected") == [{"id": DEVICE}]


async def test_commands(here: House) -> None:
    result = await here.ems.command(DEVICE, "object", max_current_a=6)
    assert (result["state"], result["actual"]) == ("applied", [6.0] * 3)
    mark = len(here.ems.messages)
    here.ems.publish(f"{DEVICE}/set/charging_enabled", "false")
    await eventually(
        lambda: [m for m in here.ems.on(f"{DEVICE}/result", mark) if m.json["state"] == "applied"],
        "the field alone",
    )
    here.users["homeassistant"].publish(f"{DEVICE}/set/charging_enabled", "true")
    await eventually(lambda: here.box.now["limit_a"] == 6.0, "Home Assistant may do that")


async def test_grid_values(here: House) -> None:
    mark = len(here.ems.messages)
    here.ems.publish("grid/meter/set", {"power_w": 1250, "ts": "2020-01-01T00:00:00Z"})
    here.ems.publish("grid/set", {"failsafe_w": "much"})
    for kind in ("meter_refused", "set_refused"):
        await eventually(
            lambda kind=kind: [
                m for m in here.ems.on("grid/event", mark) if m.json["type"] == kind
            ],  # type: ignore[misc]
            f"it was read: {kind}",
        )


async def test_requests(here: House) -> None:
    mark = len(here.ems.messages)
    topic = "eebus-client/ems/health"
    here.ems.publish("bridge/request/health", {"transaction": 7}, correlation=b"7", answer_to=topic)
    (answer,) = await eventually(lambda: here.ems.on("bridge/response/health", mark), "an answer")
    assert (answer.json["status"], answer.json["transaction"]) == ("ok", 7)
    if here.protocol != "3.1.1":  # the gateway's, for MQTT 3 knows no response topics
        await eventually(
            lambda: [m for m in here.ems.messages[mark:] if m.topic == topic], "where it was wanted"
        )
    assert topic not in {m.topic for m in here.users["display"].messages}


async def test_pairing_over_mqtt_only_where_it_is_permitted(here: House) -> None:
    mark = len(here.ems.messages)
    here.ems.publish("bridge/request/pairing/open", {"seconds": 60})
    (answer,) = await eventually(lambda: here.ems.on("bridge/response/pairing/open", mark))
    if here.may_pair:
        assert answer.json["status"] == "ok"
        await eventually(lambda: here.ems.document("bridge/pairing")["open"], "open")
        here.ems.publish("bridge/request/pairing/close", {})
        await eventually(lambda: not here.ems.document("bridge/pairing")["open"], "closed")
    else:
        assert (answer.json["status"], answer.json["code"]) == ("error", "not_authorised")
        assert here.ems.document("bridge/pairing")["open"] is False
    here.ems.publish("bridge/request/pairing/approve", {"ski": "cd" * 20, "side": "grid"})
    (answer,) = await eventually(lambda: here.ems.on("bridge/response/pairing/approve", mark))
    assert answer.json["code"] == "not_authorised", "the grid side never"


async def test_home_assistant(here: House) -> None:
    """It gets the documents, and again when it has started."""
    hass = here.users["homeassistant"]

    def documents(mark: int = 0) -> set[str]:
        topics = {m.topic for m in hass.messages[mark:] if m.payload}
        return {topic for topic in topics if topic.startswith("homeassistant/device/")}

    await eventually(lambda: len(documents()) == 3, "gateway, wallbox, grid")
    mark = len(hass.messages)
    hass.say("homeassistant/status", "online")
    await eventually(lambda: documents(mark) == documents(), "all of them again")


@pytest.mark.parametrize("user", FORBIDDEN)
async def test_nothing_else_is_permitted(here: House, user: str) -> None:
    observer = here.users[user]
    marks = {name: len(each.messages) for name, each in here.users.items()}
    observer.refusals.clear()
    for topic in FORBIDDEN[user]:
        observer.say(topic, f"forged by {user}", retain=True)
    await eventually(
        lambda: len(observer.refusals) == len(FORBIDDEN[user]), f"refused: {observer.refusals}"
    )
    await here.ems.command(DEVICE, f"after {user}", max_current_a=6)
    for name, each in here.users.items():
        assert not [m for m in each.messages[marks[name] :] if b"forged" in m.payload], name


async def test_nobody_comes_in_without_credentials(here: House) -> None:
    secured = here.secured
    stranger = Gateway(
        here.plant.directory / "stranger",
        config=f'[mqtt]\nurl = "{secured.url}"\nca_file = "{secured.authority.file}"\n',
    )
    await asyncio.to_thread(here.plant.start, stranger)
    reason = {"password": "Not authorized", "certificate": "certificate required"}[secured.how]
    await eventually(lambda: f"MQTT broker {secured.url}: " in stranger.log_text(), "it says why")
    assert reason in stranger.log_text()
    assert "connected to mqtts" not in stranger.log_text()
    stranger.stop()


async def test_the_last_will_and_a_command_left_lying(here: House) -> None:
    ems = here.ems
    here.gateway.kill()
    await eventually(lambda: ems.text("bridge/state") == "offline", "the will")
    kept = {f"eebus/{DEVICE}/set/max_current_a": "9", "eebus/grid/set": '{"failsafe_w": 7}'}
    for topic, payload in kept.items():
        ems.say(topic, payload, retain=True)
    await eventually(lambda: kept.keys() <= ems.state.keys(), "it lies there")
    mark = len(ems.messages)
    await asyncio.to_thread(here.gateway.start)
    await eventually(lambda: ems.on("bridge/state", mark), "birth")
    await eventually(
        lambda: (
            ems.on(f"{DEVICE}/limits", mark)
            and ems.document(f"{DEVICE}/limits")["obligation"]["value_a"] == [6.0] * 3
        ),
        "the wish of before is in force",
    )
    assert {m.payload for m in ems.on("bridge/state", mark)} == {b"online"}
    assert ems.text(f"{DEVICE}/availability") == "online"
    if here.protocol == "3.1.1":
        await eventually(lambda: not kept.keys() & ems.state.keys(), "removed: may write there")
        assert [m.json["reason"] for m in ems.on(f"{DEVICE}/result", mark)] == ["retained_command"]
    else:
        assert ems.on(f"{DEVICE}/result", mark) == [], "never delivered"
    assert ems.document("grid/lpc")["failsafe_w"] != 7
