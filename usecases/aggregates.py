"""What a home battery (VABD 1.0.1) and a photovoltaic system (VAPD 1.0.1) show as a whole.

Both are read only. Use case entries name the parent entity while the features sit on its child, or the child itself.
"""

from __future__ import annotations

from eebus_gw.vocabulary.definition import Actor, Scenario, Support, UseCase
from eebus_gw.vocabulary.points.keyvalue import NumberKey
from eebus_gw.vocabulary.points.measurement import Measurement
from eebus_gw.vocabulary.points.topology import POWER_TOTAL, Quantity

OPTIONAL = Support.OPTIONAL
VISUALIZATION_APPLIANCE = Actor("VisualizationAppliance", ("CEM",), also=("CEM",))


def _energy(key: str, scope: str) -> Measurement:
    # The scope fixes the direction, and peers disagree on the sign ([VABD-005], [VAPD-004]).
    return Measurement(key, "Wh", Quantity("energy", "Wh", (scope,)), magnitude=True)


class AggregatedBattery(UseCase):
    """VABD: power (positive charges), energies and state of charge of a home battery."""

    power_w = Measurement("power_w", "W", POWER_TOTAL, phases="abc")
    energy_charged_wh = _energy("energy_charged_wh", "charge")
    energy_discharged_wh = _energy("energy_discharged_wh", "discharge")
    soc_percent = Measurement(
        "soc_percent", "pct", Quantity("percentage", "pct", ("stateOfCharge",), electrical=False)
    )

    def __init__(self) -> None:
        super().__init__(
            code="vabd",
            name="visualizationOfAggregatedBatteryData",
            title="visualization of aggregated battery data",
            version="1.0.1",
            sub_revision="RC1",
            clients=(VISUALIZATION_APPLIANCE,),
            server=Actor("BatterySystem", ("ElectricityStorageSystem", "BatterySystem")),
            scenarios=(
                Scenario(1, "charge and discharge power", (self.power_w,)),
                Scenario(
                    2,
                    "charged energy",
                    (self.energy_charged_wh,),
                    client=OPTIONAL,
                    server=OPTIONAL,
                ),
                Scenario(
                    3,
                    "discharged energy",
                    (self.energy_discharged_wh,),
                    client=OPTIONAL,
                    server=OPTIONAL,
                ),
                Scenario(4, "state of charge", (self.soc_percent,)),
            ),
        )


class AggregatedPhotovoltaics(UseCase):
    """VAPD: nominal peak power, present power (negative produces) and yield of a photovoltaic system."""

    peak_power_w = NumberKey("peak_power_w", "peakPowerOfPvSystem", unit="W")
    power_w = Measurement("power_w", "W", POWER_TOTAL, phases="abc")
    energy_yield_wh = _energy("energy_yield_wh", "acYieldTotal")

    def __init__(self) -> None:
        super().__init__(
            code="vapd",
            name="visualizationOfAggregatedPhotovoltaicData",
            title="visualization of aggregated photovoltaic data",
            version="1.0.1",
            sub_revision="RC1",
            clients=(VISUALIZATION_APPLIANCE,),
            server=Actor("PVSystem", ("ElectricityGenerationSystem", "PVSystem")),
            scenarios=(
                Scenario(1, "nominal peak power", (self.peak_power_w,)),
                Scenario(2, "power", (self.power_w,)),
                Scenario(3, "yield", (self.energy_yield_wh,)),
            ),
        )


VABD = AggregatedBattery()
VAPD = AggregatedPhotovoltaics()
