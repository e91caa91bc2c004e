"""Charging current limits per phase: overload protection (OPEV 1.0.1b) and self-consumption (OSCEV 1.0.1b).

Both are one mechanism with a purpose: the obligation protects the fuse and falls back to a safe current when its guard
falls silent ([OPEV-005]); the recommendation offers surplus and is void without its heartbeat ([OSCEV-005]). Cars that
can discharge offer a second obligation, with scope ``discharge``, which is a ceiling for the current they give.
"""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.vocabulary.behaviour import ACCEPTED, Action, Answer, Behaviour, refused
from eebus_gw.vocabulary.definition import Actor, Scenario, UseCase
from eebus_gw.vocabulary.points.limit import PhaseLimit
from eebus_gw.vocabulary.points.permitted import CurrentRanges
from eebus_gw.vocabulary.points.state import HeartbeatPoint, StatePoint
from eebus_gw.vocabulary.values import PhaseLimits

HEARTBEAT_TIMEOUT_S = 4.0
"""[OPEV-005]; sent every two seconds because some wallboxes take the time-out as a hard dead line."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What tells the two use cases apart."""

    code: str
    name: str
    title: str
    category: str
    scope: str
    clients: tuple[Actor, ...]
    first_scenario: str
    limits_discharging: bool = False


OVERLOAD_PROTECTION = Purpose(
    code="opev",
    name="overloadProtectionByEvChargingCurrentCurtailment",
    title="overload protection by EV charging current curtailment",
    category="obligation",
    scope="overloadProtection",
    # The document says Energy Guard; every partner seen announces and expects CEM.
    clients=(Actor("CEM", ("CEM",), also=("EnergyGuard",)),),
    first_scenario="curtail the charging current",
    limits_discharging=True,
)
SELF_CONSUMPTION = Purpose(
    code="oscev",
    name="optimizationOfSelfConsumptionDuringEvCharging",
    title="optimization of self-consumption during EV charging",
    category="recommendation",
    scope="selfConsumption",
    clients=(Actor("CEM", ("CEM",)),),
    first_scenario="recommend a current from own production",
)


class CurtailedCar(Behaviour):
    """Server side: limits the car cannot take as such are refused as a whole."""

    def on_write(
        self, point_key: str, value: PhaseLimits, now: float
    ) -> tuple[Answer, list[Action]]:
        """A limit above the permitted maximum is accepted: the car caps it."""
        for amperes, active in zip(value.amperes, value.active, strict=True):
            if active and amperes is None:
                return refused("an active limit has no readable value", "OPEV Table 15"), []
            if amperes is not None and amperes < 0:
                return refused("a current limit is not negative", "OPEV Table 15"), []
        return ACCEPTED, []


class CurrentCurtailment(UseCase):
    """OPEV or OSCEV, depending on the purpose."""

    def __init__(self, purpose: Purpose) -> None:
        self.purpose = purpose
        self.limit_a = PhaseLimit("limit_a", category=purpose.category, scope=purpose.scope)
        self.range_a = CurrentRanges("range_a", category=purpose.category, scope=purpose.scope)
        self.discharge_a = PhaseLimit(
            "discharge_a",
            category=purpose.category,
            scope="discharge",
            direction="produce",
            optional=True,
        )
        limits = (self.limit_a, self.range_a)
        self.heartbeat = HeartbeatPoint("heartbeat")
        self.partner_state = StatePoint("partner_state")
        super().__init__(
            code=purpose.code,
            name=purpose.name,
            title=purpose.title,
            version="1.0.1",
            sub_revision="release",
            clients=purpose.clients,
            server=Actor("EV", ("EV",)),
            scenarios=(
                Scenario(
                    1,
                    purpose.first_scenario,
                    (*limits, self.discharge_a) if purpose.limits_discharging else limits,
                ),
                Scenario(2, "heartbeat of the client", client_points=(self.heartbeat,)),
                Scenario(3, "error state of the client", client_points=(self.partner_state,)),
            ),
            server_behaviour=CurtailedCar,
            heartbeat_timeout_s=HEARTBEAT_TIMEOUT_S,
        )


OPEV = CurrentCurtailment(OVERLOAD_PROTECTION)
OSCEV = CurrentCurtailment(SELF_CONSUMPTION)
