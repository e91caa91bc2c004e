"""The entities of Home Assistant: one table from which all discovery documents are generated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
CHARGE_STATES = ("unplugged", "paused", "active", "finished", "error", "unknown")
LIMIT_STATES = (
    "init",
    "unlimited_controlled",
    "limited",
    "failsafe",
    "unlimited_autonomous",
)


class Place(Enum):
    """Which Home Assistant device an entity belongs to."""

    DEVICE = "device"
    GRID = "grid"
    GATEWAY = "gateway"


class Capability(Enum):
    """What a device is, and what it has announced; entities exist only for that."""

    WALLBOX = "wallbox"
    SOC = "EVSOC"
    CURRENT_LIMIT = "OPEV"
    CONSUMPTION_LIMIT = "LPC"
    SETPOINT = "DBEVC"
    GRID_METER = "MGCP"
    APPLIANCE_METER = "MPC"
    BATTERY = "VABD"
    BATTERY_SETPOINT = "COB"
    PV = "VAPD"


HOUSE = frozenset(
    {
        Capability.GRID_METER,
        Capability.APPLIANCE_METER,
        Capability.BATTERY,
        Capability.BATTERY_SETPOINT,
        Capability.PV,
    }
)
"""Only devices of the house have these."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One row of the table: ``leaf`` and ``template`` are where the state comes from.

    ``needs`` lists capabilities of which one is enough. ``extra`` holds further members of the
    component, in which ``{topic:…}`` stands for a topic below the base and ``{id}`` for the device.
    Names are shown behind the name of the device, so they do not repeat it.
    """

    key: str
    platform: str
    name: str
    leaf: str = ""
    template: str = ""
    device_class: str | None = None
    state_class: str | None = None
    unit: str | None = None
    category: str | None = None
    enabled: bool = True
    needs: tuple[Capability, ...] = ()
    place: Place = Place.DEVICE
    without_device: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


_BOOLEAN = {"payload_on": "true", "payload_off": "false"}
_SWITCH = {**_BOOLEAN, "state_on": "true", "state_off": "false"}


def _flag(path: str) -> str:
    """A template for a member that is true, false or null; Home Assistant spells booleans large."""
    return f"{{{{ None if {path} is none else {path} | lower }}}}"


def _is(condition: str) -> str:
    return f"{{{{ ({condition}) | lower }}}}"


def _member(path: str) -> str:
    return f"{{{{ value_json.{path} }}}}"


_CHARGING_ENABLED = (
    "{{ None if not value_json.obligation else (not (value_json.obligation.active[0]"
    " and value_json.obligation.value_a[0] is not none"
    " and value_json.obligation.value_a[0] < 1)) | lower }}"
)
"""A wallbox pauses with an active obligation of (almost) 0 A."""


_WALLBOX = (Capability.WALLBOX,)
_HOUSE_METER = (Capability.GRID_METER, Capability.APPLIANCE_METER)
_METERED = (Capability.WALLBOX, *_HOUSE_METER)


def _energy(key: str, name: str, leaf: str, member: str, *needs: Capability) -> Entity:
    return _sensor(key, name, leaf, member, ("energy", "total_increasing", "kWh"), needs)


def _power(key: str, name: str, leaf: str, member: str, *needs: Capability) -> Entity:
    return _sensor(key, name, leaf, member, ("power", "measurement", "W"), needs)


def _sensor(
    key: str,
    name: str,
    leaf: str,
    member: str,
    quantity: tuple[str, str, str],
    needs: tuple[Capability, ...],
) -> Entity:
    device_class, state_class, unit = quantity
    return Entity(
        key,
        "sensor",
        name,
        leaf,
        _member(member),
        device_class=device_class,
        state_class=state_class,
        unit=unit,
        needs=needs,
    )


def _per_phase(key: str, name: str, member: str, kind: str, unit: str) -> tuple[Entity, ...]:
    return tuple(
        Entity(
            f"{key}_l{phase}",
            "sensor",
            f"{name} L{phase}",
            "meter",
            _member(f"{member}[{phase - 1}]"),
            device_class=kind,
            state_class="measurement",
            unit=unit,
            enabled=False,
            needs=_METERED,
        )
        for phase in (1, 2, 3)
    )


ENTITIES = (
    _power("power", "Power", "meter", "power_w", *_METERED),
    _energy("energy_import", "Energy charged", "meter", "energy_import_kwh", Capability.WALLBOX),
    _energy(
        "energy_export", "Energy discharged", "meter", "energy_export_kwh", Capability.SETPOINT
    ),
    _energy("grid_import", "Energy drawn", "meter", "energy_import_kwh", *_HOUSE_METER),
    _energy("grid_export", "Energy fed in", "meter", "energy_export_kwh", Capability.GRID_METER),
    _power("battery_power", "Battery power", "battery", "power_w", Capability.BATTERY),
    Entity(
        "battery_soc",
        "sensor",
        "State of charge",
        "battery",
        _member("soc_percent"),
        device_class="battery",
        state_class="measurement",
        unit="%",
        needs=(Capability.BATTERY,),
    ),
    _energy(
        "battery_charged",
        "Battery energy charged",
        "battery",
        "energy_charged_kwh",
        Capability.BATTERY,
    ),
    _energy(
        "battery_discharged",
        "Battery energy discharged",
        "battery",
        "energy_discharged_kwh",
        Capability.BATTERY,
    ),
    _power("pv_power", "PV production", "pv", "production_w", Capability.PV),
    _energy("pv_energy", "PV energy", "pv", "energy_yield_kwh", Capability.PV),
    *_per_phase("current", "Current", "current_a", "current", "A"),
    *_per_phase("voltage", "Voltage", "voltage_v", "voltage", "V"),
    Entity(
        "session_energy",
        "sensor",
        "Session energy",
        "session",
        _member("energy_kwh"),
        device_class="energy",
        state_class="total",
        unit="kWh",
        needs=_WALLBOX,
        extra={"last_reset_value_template": _member("started")},
    ),
    Entity(
        "soc",
        "sensor",
        "State of charge",
        "ev",
        _member("soc_percent"),
        device_class="battery",
        state_class="measurement",
        unit="%",
        needs=(Capability.SOC,),
    ),
    Entity(
        "charge_state",
        "sensor",
        "Charge state",
        "ev",
        _member("charge_state"),
        device_class="enum",
        needs=_WALLBOX,
        extra={"options": list(CHARGE_STATES)},
    ),
    Entity(
        "plugged",
        "binary_sensor",
        "Plugged in",
        "ev",
        _flag("value_json.connected"),
        device_class="plug",
        needs=_WALLBOX,
        extra=_BOOLEAN,
    ),
    Entity(
        "charging",
        "binary_sensor",
        "Charging",
        "ev",
        _is("value_json.status_letter == 'C'"),
        device_class="battery_charging",
        needs=_WALLBOX,
        extra=_BOOLEAN,
    ),
    Entity(
        "fault",
        "binary_sensor",
        "Fault",
        "ev",
        _is("value_json.status_letter == 'F'"),
        device_class="problem",
        category="diagnostic",
        needs=_WALLBOX,
        extra=_BOOLEAN,
    ),
    Entity(
        "connected",
        "binary_sensor",
        "Connection",
        "availability",
        device_class="connectivity",
        category="diagnostic",
        without_device=True,
        extra={"payload_on": "online", "payload_off": "offline"},
    ),
    Entity(
        "charging_enabled",
        "switch",
        "Charging enabled",
        "limits",
        _CHARGING_ENABLED,
        needs=(Capability.CURRENT_LIMIT,),
        extra={"command_topic": "{topic:{id}/set/charging_enabled}", **_SWITCH},
    ),
    Entity(
        "max_current",
        "number",
        "Maximum current",
        "limits",
        "{{ value_json.obligation.value_a[0] if value_json.obligation else None }}",
        device_class="current",
        unit="A",
        needs=(Capability.CURRENT_LIMIT,),
        extra={"command_topic": "{topic:{id}/set/max_current_a}", "mode": "box"},
    ),
    Entity(
        "lpc_limit",
        "number",
        "Consumption limit",
        "lpc",
        _member("limit_w"),
        device_class="power",
        unit="W",
        category="config",
        needs=(Capability.CONSUMPTION_LIMIT,),
        extra={
            "command_topic": "{topic:{id}/set/lpc}",
            "command_template": '{"limit_w": {{ value }}, "active": true}',
            "mode": "box",
        },
    ),
    Entity(
        "lpc_active",
        "switch",
        "Consumption limit active",
        "lpc",
        _flag("value_json.limit_active"),
        category="config",
        needs=(Capability.CONSUMPTION_LIMIT,),
        extra={"command_topic": "{topic:{id}/set/lpc}", **_SWITCH},
    ),
    Entity(
        "lpc_failsafe",
        "number",
        "Failsafe consumption limit",
        "lpc",
        _member("failsafe_w"),
        device_class="power",
        unit="W",
        category="config",
        enabled=False,
        needs=(Capability.CONSUMPTION_LIMIT,),
        extra={
            "command_topic": "{topic:{id}/set/lpc_failsafe}",
            "command_template": '{"limit_w": {{ value }} }',
            "mode": "box",
        },
    ),
    Entity(
        "setpoint",
        "number",
        "Power setpoint",
        "setpoint",
        _member("setpoint_w"),
        device_class="power",
        unit="W",
        needs=(Capability.SETPOINT, Capability.BATTERY_SETPOINT),
        extra={"command_topic": "{topic:{id}/set/setpoint}", "mode": "box"},
    ),
    Entity(
        "reconnects",
        "sensor",
        "Reconnects",
        "link",
        _member("reconnects"),
        state_class="total_increasing",
        category="diagnostic",
        enabled=False,
        without_device=True,
    ),
    Entity(
        "last_error",
        "sensor",
        "Last error",
        "link",
        "{{ value_json.last_error.text[:255] if value_json.last_error else None }}",
        category="diagnostic",
        enabled=False,
        without_device=True,
    ),
    Entity(
        "reconnect",
        "button",
        "Reconnect",
        device_class="restart",
        category="config",
        enabled=False,
        without_device=True,
        extra={
            "command_topic": "{topic:bridge/request/device/reconnect}",
            "payload_press": '{"id": "{id}"}',
        },
    ),
    Entity(
        "grid_limited",
        "binary_sensor",
        "Limit in force",
        "effective",
        _is("value_json.reason != 'none'"),
        place=Place.GRID,
        extra=_BOOLEAN,
    ),
    Entity(
        "grid_limit",
        "sensor",
        "Limit",
        "effective",
        _member("consumption_w"),
        device_class="power",
        unit="W",
        place=Place.GRID,
    ),
    Entity(
        "grid_state",
        "sensor",
        "State",
        "lpc",
        _member("state"),
        device_class="enum",
        place=Place.GRID,
        extra={"options": list(LIMIT_STATES)},
    ),
    Entity(
        "limited_today",
        "sensor",
        "Limited today",
        "lpc",
        _member("limited_today_s"),
        device_class="duration",
        state_class="total_increasing",
        unit="s",
        category="diagnostic",
        place=Place.GRID,
        extra={"suggested_display_precision": 0},
    ),
    Entity(
        "connected",
        "binary_sensor",
        "Control box",
        "availability",
        device_class="connectivity",
        category="diagnostic",
        place=Place.GRID,
        extra={"payload_on": "online", "payload_off": "offline"},
    ),
    Entity(
        "pairing",
        "switch",
        "Pairing window",
        "pairing",
        _flag("value_json.open"),
        category="config",
        place=Place.GATEWAY,
        extra={
            "command_topic": "{topic:bridge/request/pairing/open}",
            "payload_on": '{"open": true}',
            "payload_off": '{"open": false}',
            "state_on": "true",
            "state_off": "false",
        },
    ),
    Entity(
        "log_level",
        "select",
        "Log level",
        "info",
        _member("log_level"),
        category="config",
        place=Place.GATEWAY,
        extra={
            "command_topic": "{topic:bridge/request/log/level}",
            "command_template": '{"level": "{{ value }}"}',
            "options": list(LOG_LEVELS),
        },
    ),
)
