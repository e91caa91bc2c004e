"""Charging current limits per phase: overload protection (OPEV 1.0.1b) and self-consumption (OSCEV 1.0.1b).

Both are one mechanism with a purpose: the obligation protects the fuse and falls back to a safe current when its guard
falls silent ([OPEV-005]); the recommendation offers surplus and is void without its heartbeat ([OSCEV-005]).
"""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.vocabulary.definition import Actor, Scenario, UseCase
from eebus_gw.vocabulary.points.limit import PhaseLimit
from eebus_gw.vocabulary.points.permitted import CurrentRanges
from eebus_gw.vocabulary.points.state import HeartbeatPoint, StatePoint

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


OVERLOAD_PROTECTION = Purpose(
    code="opev",
    name="overloadProtectionByEvChargingCurrentCurtailment",
    title="overload protection by EV charging current curtailment",
    category="obligation",
    scope="overloadProtection",
    # The document says Energy Guard; every partner seen announces and expects CEM.
    clients=(Actor("CEM", ("CEM",), also=("EnergyGuard",)),),
    first_scenario="curtail the charging current",
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


class CurrentCurtailment(UseCase):
    """OPEV or OSCEV, depending on the purpose."""

    def __init__(self, purpose: Purpose) -> None:
        self.purpose = purpose
        self.limit_a = PhaseLimit("limit_a", category=purpose.category, scope=purpose.scope)
        self.range_a = CurrentRanges("range_a", category=purpose.category, scope=purpose.scope)
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
                Scenario(1, purpose.first_scenario, (self.limit_a, self.range_a)),
                Scenario(2, "heartbeat of the client", client_points=(self.heartbeat,)),
                Scenario(3, "error state of the client", client_points=(self.partner_state,)),
            ),
            heartbeat_timeout_s=HEARTBEAT_TIMEOUT_S,
        )


OPEV = CurrentCurtailment(OVERLOAD_PROTECTION)
OSCEV = CurrentCurtailment(SELF_CONSUMPTION)
