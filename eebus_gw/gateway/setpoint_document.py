"""The ``setpoint`` document of a car or battery (pure)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eebus_gw.bridge.results import time_text
from eebus_gw.gateway.setpoint_course import Wish
from eebus_gw.gateway.setpoint_facts import SetpointFacts
from eebus_gw.site.precedence import VehicleDecision


def setpoint_document(
    facts: SetpointFacts,
    decision: VehicleDecision | None,
    *,
    wish: Wish | None,
    until: datetime | None,
    applied_w: float | None,
    limited_by: str | None,
    state: str,
    reason: str | None,
) -> dict[str, Any]:
    """All members but the time stamp; powers in W, positive while charging."""
    bound = decision.discharge_bound if decision is not None else None
    kwh = None if facts.capacity_assumed else round(facts.needs.dischargeable_wh() / 1000, 3)
    return {
        "mode": _mode(applied_w if wish is not None else None),
        "setpoint_w": wish.watts if wish is not None else None,
        "applied_w": applied_w,
        "limited_by": limited_by,
        "active": wish is not None,
        "min_w": round(decision.lowest_w, 1) if decision is not None else None,
        "max_w": round(decision.highest_w, 1) if decision is not None else None,
        "until": time_text(until) if until is not None else None,
        "discharge_allowed": decision.discharge_allowed if decision is not None else False,
        "discharge_bound": bound.value if bound is not None else None,
        "dischargeable_kwh": kwh,
        "soc_min_percent": facts.minimum_percent,
        "soc_max_percent": 100 if facts.offered else None,
        "owner": wish.owner if wish is not None else "none",
        "state": state,
        "reason": reason,
    }


def _mode(applied_w: float | None) -> str:
    """The word for a commanded power, ``None`` where nothing is."""
    if applied_w is None:
        return "off"
    if abs(applied_w) < 1:
        return "idle"
    return "charge" if applied_w > 0 else "discharge"
