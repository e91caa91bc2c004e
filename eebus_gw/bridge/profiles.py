"""Optional profiles: the same state once more, in the shape that evcc and openWB read.

Each function takes documents of the contract of a wallbox within reach and returns values by topic leaf. ``None``
means that the value is not known at present and nothing must be published (evcc then says "outdated").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eebus_gw.wire.codec import dumps

Document = Mapping[str, Any]
Leaves = dict[str, Any]

PAUSED_BELOW_A = 1.0
MUST_RETRY, NOT_AVAILABLE = "ErrMustRetry", "ErrNotAvailable"
"""Words that evcc takes for "no value": without a line in its log, and without waiting for one at its start."""


def charging_enabled(limits: Document) -> bool | None:
    """Whether the wallbox reports that the car may charge; a pause is an active limit of about 0 A."""
    obligation = limits.get("obligation")
    if obligation is None:
        return None
    phases = list(zip(obligation["value_a"], obligation["active"], strict=True))
    known = [(amperes, active) for amperes, active in phases if amperes is not None]
    return not known or not all(active and amperes < PAUSED_BELOW_A for amperes, active in known)


def evcc(
    ev: Document,
    meter: Document,
    limits: Document,
    lpc: Document | None = None,
    *,
    wished: bool = True,
) -> Leaves:
    """Leaves of ``<id>/evcc/`` for a custom charger of evcc; ``wished``: whether the next car may charge."""
    ids = ev.get("ids") or [{}]
    soc_percent = _whole(ev.get("soc_percent"))
    leaves: Leaves = {
        "status": ev.get("status_letter"),
        "enabled": charging_enabled(limits) if ev.get("connected") else wished,
        "power": meter.get("power_w"),
        "energy": meter.get("energy_import_kwh"),
        "returnenergy": meter.get("energy_export_kwh"),
        "soc": MUST_RETRY if soc_percent is None else soc_percent,
        "identify": ids[0].get("value"),
        "dimmed": None if lpc is None else lpc.get("limit_active"),
    }
    for leaf, member in (
        ("current", "current_a"),
        ("voltage", "voltage_v"),
        ("power", "power_w_phase"),
    ):
        # evcc reads all three or none; a phase that the car does not use carries nothing.
        phases: Sequence[Any] = _filled(meter.get(member)) or [NOT_AVAILABLE] * 3
        leaves |= {f"{leaf}_l{number}": value for number, value in enumerate(phases, start=1)}
    return leaves


def grid_scalars(effective: Document) -> Leaves:
    """Leaves of ``grid/``: 0 means no limit, so an active limit of 0 W is published as 1."""
    consumption_w, production_w = effective["consumption_w"], effective["production_w"]
    return {
        "lpc_w": _never_zero(consumption_w),
        "lpp_w": _never_zero(production_w),
        "active": consumption_w is not None or production_w is not None,
    }


def evcc_grid(effective: Document, lpp: Document) -> Leaves:
    """Leaves of ``grid/evcc/``: the share of the nominal production that is permitted, in percent."""
    limit_w, nominal_w = effective["production_w"], lpp.get("nominal_max_w")
    if limit_w is None:
        return {"curtailed_percent": 100}
    if not nominal_w:
        return {"curtailed_percent": None}
    return {"curtailed_percent": max(0, min(100, round(100 * limit_w / nominal_w)))}


def openwb(ev: Document, meter: Document, info: Document | None = None) -> Leaves:
    """Leaves of ``openWB/mqtt/chargepoint/<n>/get/``; energies in Wh."""
    maxima = [amperes for amperes in ev.get("max_a") or () if amperes is not None]
    return {
        "power": meter.get("power_w"),
        "phases_in_use": meter.get("phases_active"),
        "imported": _watt_hours(meter.get("energy_import_kwh")),
        "exported": _watt_hours(meter.get("energy_export_kwh") or 0),
        "currents": _filled(meter.get("current_a")),
        "plug_state": ev.get("connected"),
        "charge_state": None if ev.get("status_letter") is None else ev["status_letter"] == "C",
        "voltages": _filled(meter.get("voltage_v")),
        "powers": _filled(meter.get("power_w_phase")),
        "frequency": meter.get("frequency_hz"),
        "soc": _whole(ev.get("soc_percent")),
        "serial_number": _text(None if info is None else info.get("serial")),
        "max_evse_current": max(maxima, default=None),
    }


def _text(value: str | None) -> str | None:
    """As JSON, for openWB would read a text of digits as a number, which it refuses here."""
    return None if value is None else dumps(value).decode()


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _watt_hours(kwh: float | None) -> float | None:
    return None if kwh is None else round(kwh * 1000)


def _filled(phases: list[float | None] | None) -> list[float] | None:
    """Three numbers, or nothing when none of them is known."""
    if phases is None or phases == [None] * 3:
        return None
    return [0 if value is None else value for value in phases]


def _never_zero(limit_w: float | None) -> float:
    return 0 if limit_w is None else limit_w or 1
