"""Discovery documents against the rules of Home Assistant, and read as Home Assistant reads them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from eebus_gw.bridge.entities import ENTITIES, HOUSE, Capability
from eebus_gw.bridge.homeassistant import DeviceModel, Discovery
from eebus_gw.bridge.topics import Target, Topics
from eebus_gw.wire.codec import dumps

DISCOVERY = Discovery(Topics(), gateway_id="eebus-gw-4f1c", version="1.0.0")
EVERYTHING = DeviceModel(
    id="carport",
    alias="Carport",
    capabilities=frozenset(Capability) - HOUSE,
    manufacturer="Acme",
    model="Box 22",
    serial="0815",
    software="2.3",
    hardware="C",
    max_current_a=16,
    setpoint_min_w=-11_000,
    setpoint_max_w=11_000,
)
BARE = DeviceModel(id="garage", alias="Garage")
HYBRID = DeviceModel(id="house", alias="House", capabilities=HOUSE)

# --- the rules, typed from the facts on device discovery ------------------------------------------

DEVICE_MEMBERS = {
    "identifiers",
    "connections",
    "name",
    "manufacturer",
    "model",
    "model_id",
    "sw_version",
    "hw_version",
    "serial_number",
    "via_device",
    "suggested_area",
    "configuration_url",
}
TOP_MEMBERS = {
    "device",
    "origin",
    "components",
    "availability",
    "availability_mode",
    "availability_topic",
    "state_topic",
    "command_topic",
    "qos",
    "encoding",
}
COMMON = {
    "platform",
    "unique_id",
    "default_entity_id",
    "name",
    "device_class",
    "entity_category",
    "enabled_by_default",
    "availability",
    "availability_mode",
}
STATE = {"state_topic", "value_template"}
COMMAND = {"command_topic", "command_template"}
PLATFORM_MEMBERS = {
    "sensor": STATE
    | {"state_class", "unit_of_measurement", "options", "last_reset_value_template"}
    | {"suggested_display_precision"},
    "binary_sensor": STATE | {"payload_on", "payload_off"},
    "switch": STATE | COMMAND | {"payload_on", "payload_off", "state_on", "state_off"},
    "number": STATE | COMMAND | {"min", "max", "step", "mode", "unit_of_measurement"},
    "select": STATE | COMMAND | {"options"},
    "button": COMMAND | {"payload_press"},
}
UNITS = {
    "power": {"W"},
    "energy": {"kWh"},
    "current": {"A"},
    "voltage": {"V"},
    "battery": {"%"},
    "duration": {"s"},
}
STATE_CLASSES: dict[str, set[str | None]] = {
    "power": {"measurement", None},
    "energy": {"total", "total_increasing"},
    "current": {"measurement"},
    "voltage": {"measurement"},
    "battery": {"measurement"},
    "duration": {"measurement", "total_increasing"},
    "enum": {None},
}


def problems(document: Any) -> list[str]:
    """What Home Assistant would object to; empty when nothing."""
    found = [f"unknown member {name}" for name in document.keys() - TOP_MEMBERS]
    device = document.get("device", {})
    if not device.get("identifiers") and not device.get("connections"):
        found.append("device has neither identifiers nor connections")
    found += [f"unknown device member {name}" for name in device.keys() - DEVICE_MEMBERS]
    found += [f"device member {name} is no text" for name in device if not _is_name(device[name])]
    if not document.get("origin", {}).get("name"):
        found.append("origin has no name")
    if document.get("availability_mode") not in (None, "all", "any", "latest"):
        found.append("availability_mode")
    if not isinstance(document.get("components"), dict) or not document["components"]:
        return [*found, "no components"]
    unique = [c["unique_id"] for c in document["components"].values() if "unique_id" in c]
    if len(unique) != len(set(unique)):
        found.append("unique_id is not unique")
    for key, component in document["components"].items():
        if component.keys() != {"platform"}:
            found += [f"{key}: {text}" for text in _component_problems(component)]
    return found


def _is_name(value: Any) -> bool:
    return (isinstance(value, str) and value != "") or (isinstance(value, list) and bool(value))


def _component_problems(component: Mapping[str, Any]) -> list[str]:
    platform = component.get("platform")
    if platform not in PLATFORM_MEMBERS:
        return ["no known platform"]
    permitted = COMMON | PLATFORM_MEMBERS[platform]
    found = [f"unknown member {name}" for name in component.keys() - permitted]
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", component.get("unique_id", "")):
        found.append("unique_id")
    if not re.fullmatch(rf"{platform}\.[a-z0-9_]+", component.get("default_entity_id", "")):
        found.append("default_entity_id")
    if platform in ("sensor", "binary_sensor") and "state_topic" not in component:
        found.append("no state_topic")
    if platform in ("switch", "number", "select", "button") and "command_topic" not in component:
        found.append("no command_topic")
    if platform in ("sensor", "binary_sensor") and component.get("entity_category") == "config":
        found.append("a sensor cannot be a configuration entity")
    for name in ("state_topic", "command_topic"):
        if any(character in component.get(name, "") for character in "+#{"):
            found.append(f"{name} holds wildcards or a placeholder")
    return found + _value_problems(platform, component)


def _value_problems(platform: str, component: Mapping[str, Any]) -> list[str]:
    found = []
    kind = component.get("device_class")
    unit = component.get("unit_of_measurement")
    if platform in ("sensor", "number") and unit not in UNITS.get(kind or "", {unit}):
        found.append(f"{kind} in {unit}")
    if platform == "sensor":
        state_class = component.get("state_class")
        if state_class not in STATE_CLASSES.get(kind or "", {state_class}):
            found.append(f"{kind} with state class {state_class}")
        if (kind == "enum") != ("options" in component):
            found.append("options belong to enum")
        if "last_reset_value_template" in component and state_class != "total":
            found.append("last_reset needs the state class total")
    if platform == "select" and not component.get("options"):
        found.append("no options")
    if platform == "number" and not component.get("min", 1) < component.get("max", 100):
        found.append("min is not below max")
    return found


DOCUMENTS = {
    "gateway": DISCOVERY.gateway(pairing=True),
    "gateway without pairing": DISCOVERY.gateway(pairing=False),
    "grid": DISCOVERY.grid(),
    "everything": DISCOVERY.device(EVERYTHING),
    "bare": DISCOVERY.device(BARE),
    "house": DISCOVERY.device(HYBRID),
}


def _present(document: Mapping[str, Any]) -> dict[str, Any]:
    """The components that exist; a platform alone removes one."""
    components: dict[str, Any] = document["components"]
    return {key: c for key, c in components.items() if c.keys() != {"platform"}}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_obey_the_rules(name: str) -> None:
    assert problems(DOCUMENTS[name]) == []
    assert len(dumps(DOCUMENTS[name])) < 65_536


def _break(document: Any, path: str, value: Any) -> Any:
    broken = copy.deepcopy(document)
    *parents, last = path.split("/")
    place = broken
    for step in parents:
        place = place[step]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return broken


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("device/identifiers", []),
        ("device/identifiers", KeyError),
        ("device/manufacturer", None),
        ("device/colour", "red"),
        ("origin/name", KeyError),
        ("components", {}),
        ("availability_mode", "every"),
        ("object_id", "carport"),
        ("components/power/platform", KeyError),
        ("components/power/platform", "thermometer"),
        ("components/power/unique_id", KeyError),
        ("components/power/unique_id", "eebus-gw-4f1c-carport-soc"),
        ("components/power/default_entity_id", "carport_power"),
        ("components/power/object_id", "carport_power"),
        ("components/power/state_topic", KeyError),
        ("components/power/state_topic", "eebus/+/meter"),
        ("components/power/unit_of_measurement", "kW"),
        ("components/power/state_class", "total_increasing"),
        ("components/power/entity_category", "config"),
        ("components/power/retain", True),
        ("components/power/expire_after", 90),
        ("components/energy_import/unit_of_measurement", "Wh"),
        ("components/energy_import/state_class", "measurement"),
        ("components/session_energy/state_class", "total_increasing"),
        ("components/charge_state/options", KeyError),
        ("components/max_current/command_topic", KeyError),
        ("components/max_current/max", 0),
        ("components/max_current/command_topic", "{topic:x}"),
    ],
)
def test_broken_documents_are_noticed(path: str, value: Any) -> None:
    assert problems(_break(DOCUMENTS["everything"], path, value))


# --- read as the consumer reads -------------------------------------------------------------------


class Attributes(dict[str, Any]):
    """A JSON object whose members are read with a dot, as templates do."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def render(template: str, document: Any) -> str:
    """The part of the template language that the table uses; raises where a template would fail."""
    (expression,) = re.fullmatch(r"\{\{ (.*) \}\}", template).groups()  # type: ignore[union-attr]
    value_json = json.loads(json.dumps(document), object_hook=Attributes)
    plain = re.sub(r"is (not )?none", r"is \1None", expression)
    head, _, filtered = plain.rpartition(" else ")
    if plain.endswith(" | lower"):
        body = (filtered or plain).removesuffix(" | lower")
        plain = f"{head} else str({body}).lower()" if head else f"str({body}).lower()"
    return str(eval(plain, {"value_json": value_json, "str": str}))


def state_of(component: Mapping[str, Any], payload: Any) -> Any:
    """The entity's state after ``payload``: ``None`` is unknown. Raises on what would be refused."""
    text = payload if isinstance(payload, str) else None
    if "value_template" in component:
        text = render(component["value_template"], payload)
    assert text is not None
    if text == "None":
        return None
    match component["platform"]:
        case "binary_sensor":
            return {component["payload_on"]: True, component["payload_off"]: False}[text]
        case "switch":
            return {component["state_on"]: True, component["state_off"]: False}[text]
        case "number":
            return float(text)
        case "select":
            assert text in component["options"]
            return text
    assert len(text) <= 255
    if "options" in component:
        assert text in component["options"]
        return text
    return float(text) if {"state_class", "unit_of_measurement"} & component.keys() else text


OBLIGATION = {
    "value_a": [10, 10, 10],
    "active": [True, True, True],
    "changeable": [True, True, True],
    "min_a": [6, 6, 6],
    "max_a": [16, 16, 16],
    "default_a": [6, 6, 6],
}
FULL: dict[str, Any] = {
    "eebus/carport/availability": "online",
    "eebus/carport/meter": {
        "power_w": 6900.5,
        "energy_import_kwh": 123.456,
        "energy_export_kwh": 7.5,
        "current_a": [10, 10.1, 9.9],
        "voltage_v": [230, 231, 229],
    },
    "eebus/carport/session": {"energy_kwh": 3.2, "started": "2026-11-22T18:00:00.000Z"},
    "eebus/carport/ev": {
        "connected": True,
        "charge_state": "active",
        "status_letter": "C",
        "soc_percent": 55.5,
    },
    "eebus/carport/limits": {"obligation": OBLIGATION, "recommendation": None},
    "eebus/carport/lpc": {"limit_w": 4200, "limit_active": False, "failsafe_w": 4200},
    "eebus/carport/setpoint": {"setpoint_w": -3000},
    "eebus/carport/link": {
        "reconnects": 2,
        "last_error": {"code": "x", "text": "e" * 300, "ts": None},
    },
    "eebus/house/availability": "online",
    "eebus/house/meter": {
        "power_w": -1500,
        "energy_import_kwh": 11.5,
        "energy_export_kwh": 22.25,
        "current_a": [-2, -2.1, None],
        "voltage_v": [230, 231, 229],
    },
    "eebus/house/battery": {
        "power_w": 800,
        "soc_percent": 64,
        "energy_charged_kwh": 5.5,
        "energy_discharged_kwh": 4.5,
    },
    "eebus/house/pv": {"production_w": 4100, "energy_yield_kwh": 812.5},
    "eebus/house/setpoint": {"setpoint_w": 1200},
    "eebus/house/link": {"reconnects": 0, "last_error": None},
    "eebus/grid/availability": "offline",
    "eebus/grid/effective": {"consumption_w": 4200, "production_w": None, "reason": "failsafe"},
    "eebus/grid/lpc": {"state": "failsafe", "limited_today_s": 12.5},
    "eebus/bridge/pairing": {"open": False},
    "eebus/bridge/info": {"log_level": "INFO"},
}
EXPECTED = {
    "power": 6900.5,
    "energy_import": 123.456,
    "energy_export": 7.5,
    "current_l1": 10,
    "current_l2": 10.1,
    "current_l3": 9.9,
    "voltage_l1": 230,
    "voltage_l2": 231,
    "voltage_l3": 229,
    "session_energy": 3.2,
    "soc": 55.5,
    "charge_state": "active",
    "plugged": True,
    "charging": True,
    "fault": False,
    "connected": True,
    "charging_enabled": True,
    "max_current": 10,
    "lpc_limit": 4200,
    "lpc_active": False,
    "lpc_failsafe": 4200,
    "setpoint": -3000,
    "reconnects": 2,
    "last_error": "e" * 255,
}


def _states(document: Mapping[str, Any], retained: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: state_of(component, retained[component["state_topic"]])
        for key, component in _present(document).items()
        if "state_topic" in component
    }


def test_every_entity_of_a_device_finds_its_state() -> None:
    assert _states(DOCUMENTS["everything"], FULL) == EXPECTED


def test_a_device_of_the_house_has_what_it_measures_and_nothing_of_a_wallbox() -> None:
    assert _states(DOCUMENTS["house"], FULL) == {
        "power": -1500,
        "grid_import": 11.5,
        "grid_export": 22.25,
        "current_l1": -2,
        "current_l2": -2.1,
        "current_l3": None,
        "voltage_l1": 230,
        "voltage_l2": 231,
        "voltage_l3": 229,
        "battery_power": 800,
        "battery_soc": 64,
        "battery_charged": 5.5,
        "battery_discharged": 4.5,
        "pv_power": 4100,
        "pv_energy": 812.5,
        "setpoint": 1200,
        "connected": True,
        "reconnects": 0,
        "last_error": None,
    }


def test_what_a_device_turns_out_not_to_have_is_removed() -> None:
    """Home Assistant keeps an entity that a document merely leaves out."""
    house = DOCUMENTS["house"]["components"]
    assert house["plugged"] == {"platform": "binary_sensor"}
    assert house["energy_import"] == {"platform": "sensor"}
    at_first = _present(DISCOVERY.device(DeviceModel("house", "House")))
    assert at_first.keys() <= house.keys()


def test_the_pairing_switch_exists_only_where_it_is_obeyed() -> None:
    refused = DOCUMENTS["gateway without pairing"]["components"]
    assert refused["pairing"] == {"platform": "switch"}
    assert _present(DOCUMENTS["gateway without pairing"]).keys() == {"log_level"}


def test_names_do_not_repeat_the_device() -> None:
    """Home Assistant shows the name of the device in front."""
    for component in _present(DOCUMENTS["grid"]).values():
        assert "grid" not in component["name"].lower()
        assert component["default_entity_id"].count("grid") == 1


def test_grid_and_gateway_find_theirs() -> None:
    assert _states(DOCUMENTS["grid"], FULL) == {
        "grid_limited": True,
        "grid_limit": 4200,
        "grid_state": "failsafe",
        "limited_today": 12.5,
        "connected": False,
    }
    assert _states(DOCUMENTS["gateway"], FULL) == {"pairing": False, "log_level": "INFO"}


def _unknown(value: Any) -> Any:
    if isinstance(value, list):
        return [None] * 3
    return (
        {name: _unknown(member) for name, member in value.items()}
        if isinstance(value, dict)
        else None
    )


def test_unknown_values_are_unknown_and_no_template_fails() -> None:
    nothing: dict[str, Any] = {
        topic: payload if isinstance(payload, str) else _unknown(payload)
        for topic, payload in FULL.items()
    }
    nothing["eebus/carport/link"]["last_error"] = None
    states = _states(DOCUMENTS["everything"], nothing)
    known = {key: state for key, state in states.items() if state is not None}
    # Derived from an absent status letter and an obligation without values.
    assert known == {"charging": False, "fault": False, "charging_enabled": True, "connected": True}


@pytest.mark.parametrize(
    ("value", "active", "enabled"),
    [
        ([10, 10, 10], [True] * 3, True),
        ([0, 0, 0], [True] * 3, False),
        ([0.1, 0.1, 0.1], [True] * 3, False),
        ([0, 0, 0], [False] * 3, True),
        ([10, None, None], [True, None, None], True),
        ([None, None, None], [None] * 3, True),
    ],
)
def test_the_switch_follows_the_reported_obligation(
    value: list[float | None], active: list[bool | None], enabled: bool
) -> None:
    component = DOCUMENTS["everything"]["components"]["charging_enabled"]
    obligation = {**OBLIGATION, "value_a": value, "active": active}
    assert state_of(component, {"obligation": obligation}) is enabled
    assert state_of(component, {"obligation": None}) is None


def _sent(component: Mapping[str, Any], value: Any) -> str:
    """What Home Assistant publishes when the user sets ``value``."""
    if component["platform"] == "button":
        return str(component["payload_press"])
    if component["platform"] == "switch":
        return str(component["payload_on"] if value else component["payload_off"])
    return re.sub(r"\{\{ value \}\}", str(value), component.get("command_template", str(value)))


@pytest.mark.parametrize(
    ("document", "key", "value", "topic", "payload"),
    [
        ("everything", "charging_enabled", False, "carport/set/charging_enabled", False),
        ("everything", "max_current", 10, "carport/set/max_current_a", 10),
        ("everything", "lpc_limit", 4200, "carport/set/lpc", {"limit_w": 4200, "active": True}),
        ("everything", "lpc_active", True, "carport/set/lpc", True),
        ("everything", "lpc_failsafe", 4200, "carport/set/lpc_failsafe", {"limit_w": 4200}),
        ("everything", "setpoint", -3000, "carport/set/setpoint", -3000),
        ("everything", "reconnect", None, "bridge/request/device/reconnect", {"id": "carport"}),
        ("gateway", "pairing", True, "bridge/request/pairing/open", {"open": True}),
        ("gateway", "pairing", False, "bridge/request/pairing/open", {"open": False}),
        ("gateway", "log_level", "DEBUG", "bridge/request/log/level", {"level": "DEBUG"}),
    ],
)
def test_what_the_user_sets_arrives(
    document: str, key: str, value: Any, topic: str, payload: Any
) -> None:
    component = DOCUMENTS[document]["components"][key]
    assert component["command_topic"] == f"eebus/{topic}"
    assert Topics().address(component["command_topic"]) is not None
    assert json.loads(_sent(component, value)) == payload


def test_every_command_topic_is_one_we_listen_to() -> None:
    for document in DOCUMENTS.values():
        for component in document["components"].values():
            if (topic := component.get("command_topic")) is not None:
                address = Topics().address(topic)
                assert address is not None
                assert address.target in (Target.FIELD, Target.REQUEST)


# --- shape ----------------------------------------------------------------------------------------


def test_the_example_of_the_contract() -> None:
    document = DOCUMENTS["everything"]
    assert DISCOVERY.topic("carport") == "homeassistant/device/eebus-gw-4f1c-carport/config"
    assert document["device"] == {
        "identifiers": ["eebus-gw-4f1c-carport"],
        "name": "Carport",
        "manufacturer": "Acme",
        "model": "Box 22",
        "sw_version": "2.3",
        "hw_version": "C",
        "serial_number": "0815",
        "via_device": "eebus-gw-4f1c",
    }
    assert document["origin"] == {"name": "eebus-gw", "sw_version": "1.0.0"}
    assert document["availability"] == [
        {"topic": "eebus/bridge/state"},
        {"topic": "eebus/carport/availability"},
    ]
    assert (document["availability_mode"], document["qos"]) == ("all", 1)
    assert document["components"]["power"] == {
        "platform": "sensor",
        "unique_id": "eebus-gw-4f1c-carport-power",
        "default_entity_id": "sensor.carport_power",
        "name": "Power",
        "device_class": "power",
        "state_class": "measurement",
        "unit_of_measurement": "W",
        "state_topic": "eebus/carport/meter",
        "value_template": "{{ value_json.power_w }}",
    }
    limit = document["components"]["max_current"]
    assert (limit["min"], limit["max"], limit["step"], limit["mode"]) == (0, 16, 1, "box")


def test_capabilities_decide_which_entities_exist() -> None:
    bare = set(DOCUMENTS["bare"]["components"])
    assert bare.isdisjoint(
        {"soc", "energy_export", "max_current", "charging_enabled", "lpc_limit", "setpoint"}
    )
    discharging = DeviceModel("a", "A", frozenset({Capability.WALLBOX, Capability.SETPOINT}))
    assert set(DISCOVERY.device(discharging)["components"]) - bare == {"energy_export", "setpoint"}


def test_what_must_show_while_the_device_is_away_does_not_depend_on_it() -> None:
    components = DOCUMENTS["everything"]["components"]
    alone = {key for key, component in components.items() if "availability" in component}
    assert alone == {"connected", "reconnects", "last_error", "reconnect"}


def test_documents_are_deterministic() -> None:
    again = Discovery(Topics(), gateway_id="eebus-gw-4f1c", version="1.0.0")
    shuffled = DeviceModel(
        **{
            name: getattr(EVERYTHING, name)
            for name in DeviceModel.__dataclass_fields__
            if name != "capabilities"
        },
        capabilities=frozenset(reversed(Capability)) - HOUSE,
    )
    assert dumps(again.device(shuffled)) == dumps(DOCUMENTS["everything"])


def test_keys_are_unique_within_their_place() -> None:
    keys = [(entity.place, entity.key) for entity in ENTITIES]
    assert len(keys) == len(set(keys))


def test_the_consumer_double_refuses_what_home_assistant_refuses() -> None:
    plugged = DOCUMENTS["everything"]["components"]["plugged"]
    broken: list[Callable[[], Any]] = [
        lambda: state_of({**plugged, "value_template": "{{ value_json.connected }}"}, FULL[_EV]),
        lambda: state_of(plugged, {}),
        lambda: state_of(DOCUMENTS["everything"]["components"]["current_l3"], {"current_a": [1]}),
    ]
    for attempt in broken:
        with pytest.raises((KeyError, IndexError)):
            attempt()


_EV = "eebus/carport/ev"
