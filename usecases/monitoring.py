"""Monitoring of power consumption (MPC 1.0.0) and of the grid connection point (MGCP 1.0.0).

One mechanism with a viewpoint: the appliance counts what it consumes and produces, the grid connection point what is
drawn and fed in. Load convention throughout: positive is consumption ([MPC-001], [MGCP-001]), also of energies: what
is produced counts downwards on the wire, and upwards here ([MPC-TS-009], [MGCP-TS-010]).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eebus_gw.vocabulary.definition import Actor, Point, Scenario, Support, UseCase
from eebus_gw.vocabulary.points.keyvalue import NumberKey
from eebus_gw.vocabulary.points.measurement import Measurement, PhaseMeasurement
from eebus_gw.vocabulary.points.topology import CURRENT, POWER, POWER_TOTAL, VOLTAGE, Quantity

M, R, O = Support.MANDATORY, Support.RECOMMENDED, Support.OPTIONAL  # noqa: E741


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """What tells the two use cases apart."""

    code: str
    name: str
    title: str
    server: Actor
    consumed_scope: str
    produced_scope: str


APPLIANCE = Viewpoint(
    code="mpc",
    name="monitoringOfPowerConsumption",
    title="monitoring of power consumption",
    server=Actor(
        "MonitoredUnit",
        (
            "Compressor",
            "ElectricalImmersionHeater",
            "EVSE",
            "HeatPumpAppliance",
            "Inverter",
            "SmartEnergyAppliance",
            "SubMeterElectricity",
        ),
    ),
    consumed_scope="acEnergyConsumed",
    produced_scope="acEnergyProduced",
)
GRID_CONNECTION = Viewpoint(
    code="mgcp",
    name="monitoringOfGridConnectionPoint",
    title="monitoring of the grid connection point",
    server=Actor("GridConnectionPoint", ("GridConnectionPointOfPremises", "CEM")),
    consumed_scope="gridConsumption",
    produced_scope="gridFeedIn",
)
MONITORING_APPLIANCE = Actor("MonitoringAppliance", ("CEM", "GridGuard"))


def _energy(key: str, scope: str, *, produced: bool = False) -> Measurement:
    # The scope fixes the direction, and peers disagree on the sign of produced energy.
    return Measurement(
        key, "Wh", Quantity("energy", "Wh", (scope,)), magnitude=True, produced=produced
    )


class Monitoring(UseCase):
    """MPC or MGCP, depending on the viewpoint; the two count their scenarios differently."""

    def __init__(self, viewpoint: Viewpoint) -> None:
        self.viewpoint = viewpoint
        self.power_w = Measurement("power_w", "W", POWER_TOTAL, phases="abc")
        self.power_phase_w = PhaseMeasurement("power_phase_w", "W", POWER)
        self.energy_consumed_wh = _energy("energy_consumed_wh", viewpoint.consumed_scope)
        self.energy_produced_wh = _energy(
            "energy_produced_wh", viewpoint.produced_scope, produced=True
        )
        self.current_a = PhaseMeasurement("current_a", "A", CURRENT)
        self.voltage_v = PhaseMeasurement("voltage_v", "V", VOLTAGE)
        self.frequency_hz = Measurement(
            "frequency_hz", "Hz", Quantity("frequency", "Hz", ("acFrequency",))
        )
        self.curtailment_percent = NumberKey(
            "curtailment_percent", "pvCurtailmentLimitFactor", unit="pct"
        )
        super().__init__(
            code=viewpoint.code,
            name=viewpoint.name,
            title=viewpoint.title,
            version="1.0.0",
            sub_revision="release",
            clients=(MONITORING_APPLIANCE,),
            server=viewpoint.server,
            scenarios=self._scenarios(),
        )

    def _scenarios(self) -> tuple[Scenario, ...]:
        def scenario(
            number: int, name: str, client: Support, server: Support, *points: Point[Any]
        ) -> Scenario:
            return Scenario(number, name, points, client=client, server=server)

        if self.viewpoint is APPLIANCE:
            energies = (self.energy_consumed_wh, self.energy_produced_wh)
            return (
                scenario(1, "power", M, M, self.power_w, self.power_phase_w),
                scenario(2, "energy", O, O, *energies),
                scenario(3, "current", R, R, self.current_a),
                scenario(4, "voltage", O, O, self.voltage_v),
                scenario(5, "frequency", O, O, self.frequency_hz),
            )
        return (
            scenario(1, "PV feed-in limitation factor", O, O, self.curtailment_percent),
            scenario(2, "power", R, M, self.power_w),
            scenario(3, "energy fed in", O, M, self.energy_produced_wh),
            scenario(4, "energy drawn", O, M, self.energy_consumed_wh),
            scenario(5, "current", O, R, self.current_a),
            scenario(6, "voltage", O, O, self.voltage_v),
            scenario(7, "frequency", O, O, self.frequency_hz),
        )


MPC = Monitoring(APPLIANCE)
MGCP = Monitoring(GRID_CONNECTION)
