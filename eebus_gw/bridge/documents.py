"""The retained documents of one wallbox and its car, as tables from member to point (contract, payloads and units).

A document is rendered when it is published, from the newest readings; unknown is ``null``, never 0 and never missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eebus_gw.bridge.readings import Readings
from eebus_gw.bridge.results import time_text
from eebus_gw.bridge.tables import THREE_UNKNOWN, Json, Member, kilo, per_phase, rounded, table
from eebus_gw.clock import moment_after
from eebus_gw.site.amperes import NOMINAL_V
from eebus_gw.vocabulary.behaviour import HEARTBEAT_LOST_S
from eebus_gw.vocabulary.values import (
    Identification,
    LimitValue,
    PhaseLimits,
    PhaseRanges,
    Range,
)

DRAWING_SHARE = 0.6
"""A car draws power when it takes more than this share of its minimum: some wallboxes claim to charge without."""
PHASE_ACTIVE_A = 1.0


_STANDARDS = {
    "iec61851": "iec61851",
    "iso15118-2ed1": "iso15118-2-ed1",
    "iso15118-2ed2": "iso15118-2-ed2",
    "iso15118-20": "iso15118-20",  # EVCC 1.0.1 knows no value for it; seen and provisional
}


def _standard(value: str) -> str:
    return _STANDARDS.get(value, "iso15118-20" if value.startswith("iso15118-20") else "unknown")


def _each(member: str) -> Callable[[PhaseRanges], list[float | None]]:
    return lambda ranges: per_phase(ranges.each(member))


def _bound(member: str) -> Callable[[Range], float | None]:
    return lambda value: getattr(value, member)


EV = (
    Member("standard", (("evcc", "standard"),), _standard, unknown="unknown"),
    Member("asymmetric", (("evcc", "asymmetric"),)),
    Member("min_a", (("opev", "range_a"), ("oscev", "range_a")), _each("lowest"), [*THREE_UNKNOWN]),
    Member(
        "max_a", (("opev", "range_a"), ("oscev", "range_a")), _each("highest"), [*THREE_UNKNOWN]
    ),
    Member(
        "default_a", (("opev", "range_a"), ("oscev", "range_a")), _each("pause"), [*THREE_UNKNOWN]
    ),
    Member("min_w", (("evcc", "power_range_w"),), _bound("lowest")),
    Member("max_w", (("evcc", "power_range_w"),), _bound("highest")),
    Member("soc_percent", (("evsoc", "soc_percent"),), rounded),
    Member("capacity_kwh", (("evsoc", "capacity_wh"),), kilo),
    Member("range_m", (("evsoc", "range_m"),), rounded),
    Member("brand", (("evcc", "manufacturer"),), lambda m: m.brand_name or m.vendor_name),
    Member("model", (("evcc", "manufacturer"),), lambda m: m.device_name or m.device_code),
)
METER = (
    Member(
        "current_a", (("evcem", "current_a"), ("mpc", "current_a")), per_phase, [*THREE_UNKNOWN]
    ),
    Member(
        "power_w_phase",
        (("evcem", "power_w"), ("mpc", "power_phase_w")),
        per_phase,
        [*THREE_UNKNOWN],
    ),
    Member("voltage_v", (("mpc", "voltage_v"),), per_phase, [*THREE_UNKNOWN]),
    Member("frequency_hz", (("mpc", "frequency_hz"),), rounded),
)
EVSE = (
    Member("operating_state", (("evsecc", "operating_state"),), lambda s: s.state),
    Member("error_text", (("evsecc", "operating_state"),), lambda s: s.error_code),
    Member("nominal_max_w", (("lpc", "nominal_max_w"),), rounded),
)

LEAVES: Mapping[str, frozenset[str]] = {
    "ev": frozenset({"evcc", "evsoc", "opev", "oscev", "evcem", "dbevc", "cevc", "mpc"}),
    "meter": frozenset({"evcem", "mpc", "mgcp"}),
    "evse": frozenset({"evsecc", "lpc", "opev", "mpc"}),
    "limits": frozenset({"opev", "oscev"}),
    "lpc": frozenset({"lpc"}),
    "lpp": frozenset({"lpp"}),
    "setpoint": frozenset({"dbevc", "cob"}),
    "plan": frozenset({"cevc"}),
    "battery": frozenset({"vabd", "cob"}),
    "pv": frozenset({"vapd"}),
}
"""Documents and the use cases they are made from. Of measurements that go on only the ``meter`` document shows more
than the charge state."""


def leaves_of(code: str) -> list[str]:
    """The documents that an update of a use case can change."""
    return [leaf for leaf, codes in LEAVES.items() if code in codes]


@dataclass(frozen=True, slots=True)
class Car:
    """What the gateway knows of the car besides its readings."""

    connected: bool
    settled: bool = True
    """Whether the car has had the time to say what it offers."""
    driver: Mapping[str, Any] | None = None


def ev_document(readings: Readings, car: Car, ts: datetime, identify: Callable[[str], str]) -> Json:
    """The ``ev`` document; ``identify`` shows or hashes an identification."""
    state = charge_state(readings, car.connected)
    ids: tuple[Identification, ...] = readings.value(("evcc", "identification")) or ()
    operating = readings.value(("evcc", "operating_state"))
    document: Json = {
        "connected": car.connected,
        "charge_state": state,
        "status_letter": status_letter(state),
        "ids": [{"type": each.type, "value": identify(each.value)} for each in ids],
        **table(EV, readings),
        "sleep": operating.state == "standby" if operating is not None else None,
        "departure": None,
        "min_soc_percent": None,
        "target_soc_percent": None,
        "discharge_permitted": None,
        **(car.driver or {}),
        "not_offered": _not_offered(readings) if car.connected and car.settled else [],
        "ts": time_text(ts),
    }
    return document


def meter_document(
    readings: Readings,
    connected: bool,
    ts: datetime,
    *,
    energy: Mapping[str, Any] | None = None,
    limited_by: str | None = None,
) -> Json:
    """The ``meter`` document; without a car power and currents are 0."""
    members = table(METER, readings)
    power_w, source = power(readings)
    if not connected:
        power_w, source = 0.0, source or "derived"
        for name in ("current_a", "power_w_phase"):
            members[name] = [0.0, 0.0, 0.0]
    sources = (("evcem", "power_total_w"), ("mpc", "power_w"))
    return {
        "power_w": power_w,
        "power_w_state": readings.state(*sources) if power_w is None else None,
        **members,
        "energy_import_kwh": None,
        "energy_export_kwh": None,
        "energy_source": None,
        **(energy or {}),
        "phases_active": phases_active(members["current_a"]),
        "source": source,
        "limited_by": limited_by,
        "ts": time_text(ts),
    }


def evse_document(readings: Readings, ts: datetime) -> Json:
    """The ``evse`` document."""
    currents = readings.value(("opev", "range_a")) or readings.value(("mpc", "current_a"))
    phases = currents.phases if isinstance(currents, PhaseRanges) else currents
    count = sum(1 for phase in phases if phase is not None) if phases else None
    return {**table(EVSE, readings), "phases": count, "ts": time_text(ts)}


def limits_document(
    readings: Readings, written: datetime | None, reported: datetime | None
) -> Json:
    """The ``limits`` document, as the wallbox reports them."""
    return {
        "obligation": _limits(readings, "opev"),
        "recommendation": _limits(readings, "oscev"),
        "written_ts": time_text(written) if written is not None else None,
        "reported_ts": time_text(reported) if reported is not None else None,
        "ts": time_text(reported) if reported is not None else None,
    }


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """What is known of a Controllable System besides its readings."""

    received: datetime | None = None
    heartbeat_age_s: float | None = None
    peer: str | None = None


def limit_document(readings: Readings, code: str, facts: LimitFacts, ts: datetime) -> Json:
    """The ``lpc`` or ``lpp`` document of a wallbox, as it reports itself; all unknown while it reports nothing.

    Production values are shown as magnitudes. The peer's state machine is not on the wire; of its states only being
    limited can be seen.
    """
    limit: LimitValue | None = readings.value((code, "limit"))
    active = limit.active if limit is not None else None
    age_s = facts.heartbeat_age_s if limit is not None else None
    received = facts.received if limit is not None else None
    until = None
    if limit is not None and active and limit.duration_s is not None and received is not None:
        until = time_text(moment_after(received, limit.duration_s))
    return {
        "state": None if active is None else "limited" if active else "unlimited_controlled",
        "limit_w": None if limit is None or limit.watts is None else abs(limit.watts),
        "limit_active": active,
        "limit_changeable": limit.changeable if limit is not None else None,
        "received": None if received is None else time_text(received),
        "until": until,
        "failsafe_w": readings.value((code, "failsafe_w")),
        "failsafe_duration_s": readings.value((code, "failsafe_duration_s")),
        "nominal_max_w": readings.value((code, "nominal_max_w")),
        "contractual_max_w": readings.value((code, "contractual_max_w")),
        "heartbeat_ok": age_s is not None and age_s < HEARTBEAT_LOST_S,
        "heartbeat_age_s": None if age_s is None else round(age_s, 1),
        "peer": facts.peer,
        "limited_today_s": None,
        "ts": time_text(ts),
    }


def power(readings: Readings) -> tuple[float | None, str | None]:
    """Power in W and where it comes from: the total, the sum of the phases, else currents × 230 V."""
    for code, total, phases in (
        ("evcem", "power_total_w", "power_w"),
        ("mpc", "power_w", "power_phase_w"),
    ):
        value = readings.value((code, total))
        if value is not None:
            return rounded(value), code
        each = readings.value((code, phases))
        if each is not None and any(v is not None for v in each):
            return rounded(sum(v for v in each if v is not None)), code
    currents = readings.value(("evcem", "current_a"), ("mpc", "current_a"))
    if currents is None:
        return None, None
    return rounded(sum(a for a in currents if a is not None) * NOMINAL_V), "derived"


def charge_state(readings: Readings, connected: bool) -> str:
    """``unplugged``, ``paused``, ``active``, ``finished``, ``error`` or ``unknown``."""
    if not connected:
        return "unplugged"
    evse = readings.value(("evsecc", "operating_state"))
    operating = readings.value(("evcc", "operating_state"))
    state = operating.state if operating is not None else None
    if state == "failure" or (evse is not None and evse.state == "failure"):
        return "error"
    power_w, _ = power(readings)
    if power_w is not None and abs(power_w) > _drawing_w(readings):
        return "active"
    if state == "finished":
        return "finished"
    return "paused" if power_w is not None or state is not None else "unknown"


def status_letter(state: str) -> str:
    """The IEC 61851 letter of a charge state; ``C`` rests on measured power."""
    return {"unplugged": "A", "active": "C", "error": "F"}.get(state, "B")


def phases_active(currents: list[float | None]) -> int:
    """Phases that carry current; what the wallbox is connected to says nothing about the car."""
    return sum(1 for a in currents if a is not None and abs(a) >= PHASE_ACTIVE_A)


def _drawing_w(readings: Readings) -> float:
    permitted = readings.value(("evcc", "power_range_w"))
    lowest = permitted.lowest if permitted is not None else None
    return DRAWING_SHARE * (lowest if lowest else 1380.0 if permitted is None else 100.0)


def _not_offered(readings: Readings) -> list[str]:
    sources = {
        "ids": (("evcc", "identification"),),
        **{member.name: member.sources for member in EV},
        "sleep": (("evcc", "operating_state"),),
    }
    return [name for name, places in sources.items() if readings.offered.isdisjoint(places)]


def _limits(readings: Readings, code: str) -> Json | None:
    limits: PhaseLimits | None = readings.value((code, "limit_a"))
    if limits is None:
        return None
    ranges: PhaseRanges | None = readings.value((code, "range_a"))
    return {
        "value_a": per_phase(limits.amperes),
        "active": list(limits.active),
        "changeable": list(limits.changeable),
        "min_a": per_phase(ranges.each("lowest")) if ranges is not None else [*THREE_UNKNOWN],
        "max_a": per_phase(ranges.each("highest")) if ranges is not None else [*THREE_UNKNOWN],
        "default_a": per_phase(ranges.each("pause")) if ranges is not None else [*THREE_UNKNOWN],
    }
