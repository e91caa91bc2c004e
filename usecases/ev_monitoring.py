"""What is measured at and told by the car: charging electricity (EVCEM 1.0.1) and state of charge (EVSOC 1.0.0)."""

from __future__ import annotations

from eebus_gw.vocabulary.definition import Actor, Scenario, Support, UseCase
from eebus_gw.vocabulary.points.characteristic import Characteristic
from eebus_gw.vocabulary.points.measurement import Measurement, PhaseMeasurement
from eebus_gw.vocabulary.points.topology import CURRENT, POWER, POWER_TOTAL, Quantity

OPTIONAL = Support.OPTIONAL
EV = Actor("EV", ("EV",))


class EvMeasurement(UseCase):
    """EVCEM: current, power and energy of the charging session; discharging counts negative."""

    current_a = PhaseMeasurement("current_a", "A", CURRENT)
    power_w = PhaseMeasurement("power_w", "W", POWER)
    power_total_w = Measurement("power_total_w", "W", POWER_TOTAL, phases="abc")
    energy_wh = Measurement("energy_wh", "Wh", Quantity("energy", "Wh", ("charge",)))

    def __init__(self) -> None:
        super().__init__(
            code="evcem",
            name="measurementOfElectricityDuringEvCharging",
            title="EV charging electricity measurement",
            version="1.0.1",
            sub_revision="release",
            clients=(Actor("CEM", ("CEM",), also=("EnergyGuard",)),),
            server=EV,
            scenarios=(
                Scenario(1, "charging current", (self.current_a,), server=Support.RECOMMENDED),
                Scenario(2, "charging power", (self.power_w, self.power_total_w), server=OPTIONAL),
                Scenario(3, "charged energy", (self.energy_wh,), server=OPTIONAL),
            ),
        )


class EvStateOfCharge(UseCase):
    """EVSOC: what the battery holds; only some ISO 15118 cars tell it."""

    soc_percent = Measurement(
        "soc_percent", "pct", Quantity("percentage", "pct", ("stateOfCharge",), electrical=False)
    )
    capacity_wh = Characteristic("capacity_wh", "Wh", "energyCapacityNominalMax")
    health_percent = Measurement(
        "health_percent",
        "pct",
        Quantity("percentage", "pct", ("stateOfHealth",), commodity=None, electrical=False),
    )
    range_m = Measurement(
        "range_m",
        "m",
        Quantity("distance", "m", ("travelRange",), commodity=None, electrical=False),
    )

    def __init__(self) -> None:
        super().__init__(
            code="evsoc",
            name="evStateOfCharge",
            title="EV state of charge",
            version="1.0.0",
            sub_revision="RC1",
            # The document names the Monitoring Appliance, stacks in the field the CEM: both are announced.
            clients=(Actor("CEM", ("CEM",)), Actor("MonitoringAppliance", ("CEM",))),
            server=EV,
            scenarios=(
                Scenario(1, "state of charge", (self.soc_percent,)),
                Scenario(
                    2, "nominal capacity", (self.capacity_wh,), client=OPTIONAL, server=OPTIONAL
                ),
                Scenario(
                    3, "state of health", (self.health_percent,), client=OPTIONAL, server=OPTIONAL
                ),
                Scenario(4, "travel range", (self.range_m,), client=OPTIONAL, server=OPTIONAL),
            ),
        )


EVCEM = EvMeasurement()
EVSOC = EvStateOfCharge()
