"""Commissioning of the wallbox (EVSECC 1.0.1) and of the car at it (EVCC 1.0.1)."""

from __future__ import annotations

from eebus_gw.vocabulary.definition import Actor, Scenario, Support, UseCase
from eebus_gw.vocabulary.points.keyvalue import FlagKey, TextKey
from eebus_gw.vocabulary.points.permitted import PowerRange
from eebus_gw.vocabulary.points.state import IdentificationPoint, ManufacturerPoint, StatePoint

RECOMMENDED = Support.RECOMMENDED

CEM = Actor("CEM", ("CEM",))
EV = Actor("EV", ("EV",))


class EvseCommissioning(UseCase):
    """EVSECC: who made the wallbox, and whether it works."""

    manufacturer = ManufacturerPoint("manufacturer")
    operating_state = StatePoint("operating_state")

    def __init__(self) -> None:
        super().__init__(
            code="evsecc",
            name="evseCommissioningAndConfiguration",
            title="EVSE commissioning and configuration",
            version="1.0.1",
            sub_revision="release",
            clients=(CEM,),
            # The Porsche Mobile Charger announces everything under the actor EV.
            server=Actor("EVSE", ("EVSE",), also=("EV",)),
            scenarios=(
                Scenario(
                    1,
                    "manufacturer information",
                    (self.manufacturer,),
                    client=RECOMMENDED,
                    server=RECOMMENDED,
                ),
                Scenario(2, "error state", (self.operating_state,)),
            ),
        )


class EvCommissioning(UseCase):
    """EVCC: the car came, what it is and what it can take."""

    standard = TextKey("standard", "communicationsStandard", "communicationStandard")
    asymmetric = FlagKey("asymmetric", "asymmetricChargingSupported")
    identification = IdentificationPoint("identification")
    manufacturer = ManufacturerPoint("manufacturer")
    power_range_w = PowerRange("power_range_w", "W")
    operating_state = StatePoint("operating_state")

    def __init__(self) -> None:
        super().__init__(
            code="evcc",
            name="evCommissioningAndConfiguration",
            title="EV commissioning and configuration",
            version="1.0.1",
            sub_revision="release",
            clients=(CEM,),
            server=EV,
            scenarios=(
                Scenario(1, "EV connected"),
                Scenario(2, "communication standard", (self.standard,)),
                Scenario(3, "asymmetric charging", (self.asymmetric,)),
                Scenario(
                    4,
                    "identification",
                    (self.identification,),
                    client=RECOMMENDED,
                    server=RECOMMENDED,
                ),
                Scenario(
                    5,
                    "manufacturer information",
                    (self.manufacturer,),
                    client=RECOMMENDED,
                    server=RECOMMENDED,
                ),
                Scenario(6, "charging power limits", (self.power_range_w,), server=RECOMMENDED),
                Scenario(7, "sleep mode", (self.operating_state,), server=RECOMMENDED),
                Scenario(8, "EV disconnected"),
            ),
        )


EVSECC = EvseCommissioning()
EVCC = EvCommissioning()
