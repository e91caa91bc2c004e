"""Limitation of power consumption (LPC 1.0.0) and of power production (LPP 1.0.0), both actors.

One mechanism with a direction. LPC limits are ≥ 0 W ([LPC-001]), LPP limits ≤ 0 W ([LPP-001]); failsafe and nominal
values are magnitudes in both. The state machines stand in ``limitation_states`` and ``limitation_guard``.
"""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.vocabulary.definition import Actor, Scenario, Support, UseCase
from eebus_gw.vocabulary.points.characteristic import Characteristic
from eebus_gw.vocabulary.points.keyvalue import DurationKey, NumberKey
from eebus_gw.vocabulary.points.limit import PowerLimit
from eebus_gw.vocabulary.points.state import HeartbeatPoint

from .limitation_behaviour import ConsumptionGuard, EnergyGuard, ProductionGuard
from .limitation_rules import Direction

HEARTBEAT_TIMEOUT_S = 60.0
"""[LPC-005], [LPC-006]: each side at least every 60 s."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What tells the two use cases apart on the wire."""

    direction: Direction
    code: str
    name: str
    title: str
    limit_direction: str
    word: str
    servers: tuple[str, ...]
    guard: type[EnergyGuard]


CONSUMPTION = Wording(
    direction=Direction.CONSUME,
    code="lpc",
    name="limitationOfPowerConsumption",
    title="limitation of power consumption",
    limit_direction="consume",
    word="Consumption",
    servers=(
        "CEM",
        "Compressor",
        "EVSE",
        "HeatPumpAppliance",
        "Inverter",
        "SmartEnergyAppliance",
        "SubMeterElectricity",
        "BatterySystem",
    ),
    guard=ConsumptionGuard,
)
PRODUCTION = Wording(
    direction=Direction.PRODUCE,
    code="lpp",
    name="limitationOfPowerProduction",
    title="limitation of power production",
    limit_direction="produce",
    word="Production",
    servers=(
        "CEM",
        "EVSE",
        "Inverter",
        "SmartEnergyAppliance",
        "SubMeterElectricity",
        "BatterySystem",
        "PVSystem",
    ),
    guard=ProductionGuard,
)


class Limitation(UseCase):
    """LPC or LPP, depending on the wording."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        word = wording.word
        self.limit = PowerLimit(
            "limit",
            direction=wording.limit_direction,
            category="obligation",
            scope="activePowerLimit",
        )
        self.failsafe_w = NumberKey(
            "failsafe_w", f"failsafe{word}ActivePowerLimit", unit="W", writable=True
        )
        # One key for both directions on an entity (UC TS 2.7.1).
        self.failsafe_duration_s = DurationKey(
            "failsafe_duration_s", "failsafeDurationMinimum", writable=True
        )
        self.heartbeat = HeartbeatPoint("heartbeat")
        self.nominal_max_w = Characteristic("nominal_max_w", "W", f"power{word}NominalMax")
        self.contractual_max_w = Characteristic(
            "contractual_max_w", "W", f"contractual{word}NominalMax"
        )
        super().__init__(
            code=wording.code,
            name=wording.name,
            title=wording.title,
            version="1.0.0",
            sub_revision="release",
            clients=(Actor("EnergyGuard", ("GridGuard", "CEM")),),
            server=Actor("ControllableSystem", wording.servers),
            scenarios=(
                Scenario(1, "control the active power limit", (self.limit,)),
                Scenario(2, "failsafe values", (self.failsafe_w, self.failsafe_duration_s)),
                Scenario(3, "heartbeat", (self.heartbeat,), (self.heartbeat,)),
                Scenario(
                    4,
                    "constraints",
                    (self.nominal_max_w, self.contractual_max_w),
                    server=Support.RECOMMENDED,
                ),
            ),
            client_behaviour=wording.guard,
            heartbeat_timeout_s=HEARTBEAT_TIMEOUT_S,
        )


LPC = Limitation(CONSUMPTION)
LPP = Limitation(PRODUCTION)
