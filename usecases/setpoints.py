"""Power setpoints: of a bidirectional car (DBEVC) and of a home battery (COB 1.0.0).

One mechanism at two hosts: a setpoint in watts, positive charging and negative discharging, that is accepted or
refused, starts, ends, and ranks below every limit. The wire form of DBEVC is inferred; it stands in ``setpoint_wire``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from eebus_gw.vocabulary.behaviour import Behaviour
from eebus_gw.vocabulary.definition import Actor, Scenario, UseCase, View
from eebus_gw.vocabulary.functions import (
    CHARACTERISTICS,
    SERIES_DESCRIPTIONS,
    SETPOINT_DESCRIPTIONS,
)
from eebus_gw.vocabulary.points.characteristic import NominalPowers
from eebus_gw.vocabulary.points.energy_request import DischargeRequestSeries, EnergyRequestSeries
from eebus_gw.vocabulary.points.keyvalue import DurationKey, FlagKey, NumberKey, TextKey
from eebus_gw.vocabulary.points.setpoint import Setpoint, SetpointRange
from eebus_gw.vocabulary.points.setpoint_places import SetpointScopes
from eebus_gw.vocabulary.points.state import HeartbeatPoint

from .battery_behaviour import BatteryServer, BatterySteerer
from .battery_states import AC, DC, PCC
from .setpoint_behaviour import SetpointClient, SetpointServer
from .setpoint_wire import DEVICES, WIRE, DeviceWire, Wire, wire_of

COB_HEARTBEAT_S = 60.0
"""[COB-008]: at least every 60 s."""


@dataclass(frozen=True, slots=True)
class Host:
    """Who follows the setpoints."""

    code: str
    name: str
    title: str
    version: str
    sub_revision: str
    server: Actor
    client_behaviour: type[Behaviour]
    server_behaviour: type[Behaviour]
    heartbeat_timeout_s: float | None = None


class SetpointControl(UseCase):
    """What DBEVC and COB share: a CEM that sets the power of a host."""

    def __init__(self, host: Host, scenarios: tuple[Scenario, ...]) -> None:
        self.host = host
        super().__init__(
            code=host.code,
            name=host.name,
            title=host.title,
            version=host.version,
            sub_revision=host.sub_revision,
            clients=(Actor("CEM", ("CEM",)),),
            server=host.server,
            scenarios=scenarios,
            client_behaviour=host.client_behaviour,
            server_behaviour=host.server_behaviour,
            heartbeat_timeout_s=host.heartbeat_timeout_s,
        )


class BidirectionalCharging(SetpointControl):
    """DBEVC: the setpoint of a car, what its driver wants, and what its power stage can do."""

    def __init__(self, wire: Wire = WIRE, devices: tuple[DeviceWire, ...] = DEVICES) -> None:
        self.wire = wire
        self.devices = devices
        scopes = SetpointScopes(
            wire.read("scope_total"), wire.read("scope_phase"), wire.read("scope_dc")
        )
        self.setpoint = Setpoint("setpoint", scopes, type_=wire.setpoint_type)
        self.setpoint_range_w = SetpointRange("setpoint_range_w", scopes)
        self.energy_request = EnergyRequestSeries(
            "energy_request",
            *wire.read("energy_series_type"),
            fields=wire.energy_field_map,
            departure=wire.departure_field,
        )
        self.discharge_request = DischargeRequestSeries(
            "discharge_request",
            wire.discharge_series_type,
            fields=wire.energy_field_map,
            sign=wire.discharge_sign,
        )
        self.discharge_below_target = FlagKey("discharge_below_target", wire.flag_key)
        self.power_constraints = NominalPowers(
            "power_constraints",
            context=wire.characteristic_context,
            negative_production=wire.negative_production,
        )
        self.heartbeat = HeartbeatPoint("heartbeat")
        requests = (self.energy_request, self.discharge_request, self.discharge_below_target)
        super().__init__(
            Host(
                code="dbevc",
                name=wire.use_case_name,
                title="dynamic bidirectional EV charging",
                version=wire.version,
                sub_revision=wire.sub_revision,
                server=Actor("EV", ("EV",)),
                client_behaviour=SetpointClient,
                server_behaviour=SetpointServer,
            ),
            (
                Scenario(
                    1,
                    "control the active power setpoint",
                    (self.setpoint, self.setpoint_range_w),
                    (self.heartbeat,) if wire.heartbeat_required else (),
                ),
                Scenario(2, "energy requests", requests),
                Scenario(3, "power constraints", (self.power_constraints,)),
            ),
        )

    def for_device(self, address: str | None) -> UseCase:
        """The use case in the wire form of one device."""
        wire = wire_of(address, self.wire, self.devices)
        return self if wire == self.wire else _reading(wire)

    def evidence(self, view: View) -> Mapping[str, str]:
        """Which rows of the wire map an entity confirms, by the words found in its descriptions."""
        scopes = {entry.scope_type for entry in SETPOINT_DESCRIPTIONS.of(view)}
        series = {entry.time_series_type for entry in SERIES_DESCRIPTIONS.of(view)}
        contexts = {entry.characteristic_context for entry in CHARACTERISTICS.of(view)}
        candidates = {
            "scope_total": (scopes, self.wire.read("scope_total")),
            "scope_phase": (scopes, self.wire.read("scope_phase")),
            "scope_dc": (scopes, self.wire.read("scope_dc")),
            "energy_series_type": (series, self.wire.read("energy_series_type")),
            "discharge_series_type": (series, (self.wire.discharge_series_type,)),
            "characteristic_context": (contexts, ("entity", "battery")),
        }
        found = {
            member: next((word for word in words if word in stated), None)
            for member, (stated, words) in candidates.items()
        }
        if self.discharge_below_target.locate(view) is not None:
            found["flag_key"] = self.wire.flag_key
        return {member: word for member, word in found.items() if word is not None}


@cache
def _reading(wire: Wire) -> BidirectionalCharging:
    return BidirectionalCharging(wire)


def _power(key: str, name: str, *, writable: bool = False) -> NumberKey:
    # Which of them there are follows from the inverter: with AC, DC or PCC setpoints.
    return NumberKey(key, name, unit="W", writable=writable, optional=True)


class BatteryControl(SetpointControl):
    """COB: control mode, setpoints for each mode, and what holds without them."""

    control_mode = TextKey("control_mode", "batteryActiveControlMode", writable=True)
    ac_setpoint = Setpoint(AC, SetpointScopes(("batteryAcPower",)), optional=True)
    dc_setpoint = Setpoint(DC, SetpointScopes(("batteryDcPower",)), measured=False, optional=True)
    pcc_setpoint = Setpoint(PCC, SetpointScopes(("pccPower",)), measured=False, optional=True)
    max_ac_charge_w = _power("max_ac_charge_w", "maxAcChargePower")
    max_ac_discharge_w = _power("max_ac_discharge_w", "maxAcDischargePower")
    max_dc_charge_w = _power("max_dc_charge_w", "maxDcChargePower")
    max_dc_discharge_w = _power("max_dc_discharge_w", "maxDcDischargePower")
    default_ac_w = _power("default_ac_w", "defaultAcPower")
    default_dc_w = _power("default_dc_w", "defaultDcPower")
    default_pcc_w = _power("default_pcc_w", "defaultPccPower")
    failsafe_ac_w = _power("failsafe_ac_w", "failsafeAcPowerSetpoint", writable=True)
    failsafe_dc_w = _power("failsafe_dc_w", "failsafeDcPowerSetpoint", writable=True)
    failsafe_pcc_w = _power("failsafe_pcc_w", "failsafePccPowerSetpoint", writable=True)
    failsafe_duration_s = DurationKey(
        "failsafe_duration_s", "failsafeDurationMinimum", writable=True
    )
    heartbeat = HeartbeatPoint("heartbeat")

    def __init__(self) -> None:
        maxima = (
            self.max_ac_charge_w,
            self.max_ac_discharge_w,
            self.max_dc_charge_w,
            self.max_dc_discharge_w,
        )
        configuration = (
            self.control_mode,
            self.default_ac_w,
            self.default_dc_w,
            self.default_pcc_w,
        )
        failsafe = (
            self.failsafe_ac_w,
            self.failsafe_dc_w,
            self.failsafe_pcc_w,
            self.failsafe_duration_s,
        )
        super().__init__(
            Host(
                code="cob",
                name="controlOfBattery",
                title="control of battery",
                version="1.0.0",
                sub_revision="release",
                server=Actor("Inverter", ("Inverter",)),
                client_behaviour=BatterySteerer,
                server_behaviour=BatteryServer,
                heartbeat_timeout_s=COB_HEARTBEAT_S,
            ),
            (
                Scenario(1, "control mode power", (self.ac_setpoint, self.dc_setpoint)),
                Scenario(2, "control mode PCC", (self.pcc_setpoint, *maxima)),
                Scenario(3, "configuration parameters", configuration),
                Scenario(4, "failsafe values", failsafe),
                Scenario(5, "heartbeat", client_points=(self.heartbeat,)),
            ),
        )


DBEVC = BidirectionalCharging()
COB = BatteryControl()
