"""The car's side of coordinated charging: asks, takes curves and prices, and recalculates its plan after a pause.

Reports: ``replan`` (with the curve and prices that hold and when they came), ``unanswered`` (20 s after asking) and
``partner_silent``: without heartbeat for 120 s the car no longer relies on what it was told ([CEVC-045], [CEVC-048]).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from eebus_gw.vocabulary.behaviour import (
    ACCEPTED,
    HEARTBEAT_LOST_S,
    Action,
    Answer,
    Behaviour,
    Put,
    Report,
    refused,
)
from eebus_gw.vocabulary.values import OperatingState, PowerCurve, PriceForm, PriceTable, SlotBounds

from .coordination_client import CURVE, FORM, PRICES, QUIET_S
from .coordination_slots import LONGEST_S, MAX_TIERS, curve_refusal, prices_refusal

LATEST_S: Final = 20.0
NORMAL: Final = "normalOperation"
FLAGS: Final = {CURVE: "limit_curve_wanted", PRICES: "prices_wanted"}
CLAUSES: Final[Mapping[str, str]] = {CURVE: "CEVC-010…CEVC-015", PRICES: "CEVC-019…CEVC-030"}
DEFAULT_BOUNDS: Final = SlotBounds(count_min=1, count_max=96, duration_max_s=LONGEST_S)


class CoordinatedCar(Behaviour):
    """Server side; ``renegotiate`` is for the program around, whenever the demand changed."""

    def __init__(self, bounds: SlotBounds = DEFAULT_BOUNDS) -> None:
        self.bounds = bounds
        self._held: dict[str, tuple[PowerCurve | PriceTable, float]] = {}
        self._asked_at: dict[str, float] = {}
        self._replan_at: float | None = None
        self._heard_at: float | None = None

    def start(self, now: float) -> list[Action]:
        """Publishes how slots have to be made."""
        return [Put("limit_curve_bounds", self.bounds), Put("prices_bounds", self.bounds)]

    def renegotiate(self, now: float) -> list[Action]:
        """Asks for curve and prices."""
        self._asked_at = dict.fromkeys(FLAGS, now)
        return [Put(flag, True) for flag in FLAGS.values()]

    def on_write(self, point_key: str, value: Any, now: float) -> tuple[Answer, list[Action]]:
        """What cannot be a curve or table is refused."""
        text: str | None = None
        if isinstance(value, PriceForm):
            if not 1 <= value.tiers <= MAX_TIERS or not value.incentives:
                text = f"a table has 1 to {MAX_TIERS} tiers, each with an incentive"
        elif isinstance(value, PowerCurve):
            text = curve_refusal(value, self.bounds)
        else:
            text = prices_refusal(value, self.bounds)
        if text is None:
            return ACCEPTED, []
        return refused(text, CLAUSES.get(point_key, CLAUSES[PRICES])), []

    def on_applied(self, point_key: str, value: Any, now: float) -> list[Action]:
        """Lowers the flag of what arrived; the form alone answers nothing, and must not touch the flag."""
        if point_key == FORM:
            return [Put(FLAGS[PRICES], PRICES in self._asked_at)]
        self._held[point_key] = (value, now)
        self._asked_at.pop(point_key, None)
        self._replan_at = now + QUIET_S
        return [Put(FLAGS[point_key], False)]

    def on_update(self, point_key: str, value: object, now: float) -> list[Action]:
        """A partner in failure is no longer relied on ([CEVC] scenarios 7 and 8)."""
        if isinstance(value, OperatingState) and value.state != NORMAL:
            return self._forget("partner_failed", now)
        return []

    def on_heartbeat(self, now: float) -> list[Action]:
        """The partner lives."""
        self._heard_at = now
        return []

    def on_partner_lost(self, now: float) -> list[Action]:
        """The partner is gone."""
        return self._forget("partner_lost", now)

    def handle_timer(self, now: float) -> list[Action]:
        """The pause before planning, questions without answer, silence."""
        actions: list[Action] = []
        if self._heard_at is not None and now - self._heard_at >= HEARTBEAT_LOST_S:
            actions += self._forget("partner_silent", now)
        late = tuple(key for key, at in self._asked_at.items() if now - at >= LATEST_S)
        if late:
            for key in late:
                del self._asked_at[key]
            actions.append(Report("unanswered", {"points": late}))
            self._replan_at = now
        if self._replan_at is not None and self._replan_at <= now:
            self._replan_at = None
            actions.append(self._replan())
        return actions

    def next_deadline(self) -> float | None:
        """The earliest of all."""
        moments = [at + LATEST_S for at in self._asked_at.values()]
        if self._heard_at is not None:
            moments.append(self._heard_at + HEARTBEAT_LOST_S)
        if self._replan_at is not None:
            moments.append(self._replan_at)
        return min(moments, default=None)

    def _replan(self) -> Report:
        curve, curve_at = self._held.get(CURVE, (None, None))
        prices, prices_at = self._held.get(PRICES, (None, None))
        return Report(
            "replan",
            {"curve": curve, "curve_at": curve_at, "prices": prices, "prices_at": prices_at},
        )

    def _forget(self, reason: str, now: float) -> list[Action]:
        self._heard_at = None
        if not self._held:
            return []
        self._held.clear()
        self._replan_at = now
        return [Report(reason)]
