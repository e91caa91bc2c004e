"""Journal, sessions and quarter hours as CSV and as plain data for JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from eebus_gw.ledger.entries import ROW_MEMBERS, Row, format_utc
from eebus_gw.ledger.quarters import QUARTER, Quality, Quarter
from eebus_gw.ledger.session import Session

QUARTER_MEMBERS = (
    "device", "start", "end", "charged_kwh", "discharged_kwh", "source", "quality", "covered_s",
    "cause",
)  # fmt: skip
SESSION_MEMBERS = (
    "id", "device", "started", "ended", "energy_kwh", "energy_discharged_kwh", "duration_s",
    "peak_w", "peak_discharge_w", "soc_start_percent", "soc_end_percent", "limit_seconds",
    "reversals", "equivalent_full_cycles", "quality", "witnessed",
)  # fmt: skip
# Spreadsheets take a text that begins like this for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def journal_csv(rows: Iterable[Row], out: TextIO) -> None:
    """One line a row, every member a column; ``allocation`` as JSON text."""
    _write(out, ROW_MEMBERS, (row.members() for row in rows))


def quarters_csv(quarters: Iterable[Quarter], out: TextIO) -> None:
    """One line a quarter hour and device, without gaps."""
    _write(out, QUARTER_MEMBERS, map(quarter_members, gap_free(quarters)))


def sessions_csv(sessions: Iterable[Session], out: TextIO) -> None:
    """One line a session."""
    _write(out, SESSION_MEMBERS, map(session_members, sessions))


def quarter_members(quarter: Quarter) -> dict[str, Any]:
    """A quarter hour as plain data, energies in kWh."""
    return {
        "device": quarter.device,
        "start": format_utc(quarter.start),
        "end": format_utc(quarter.start + QUARTER),
        "charged_kwh": _kwh(quarter.charged_wh),
        "discharged_kwh": _kwh(quarter.discharged_wh),
        "source": quarter.source,
        "quality": quarter.quality,
        "covered_s": quarter.covered_s,
        "cause": quarter.cause,
    }


def session_members(session: Session) -> dict[str, Any]:
    """A session as plain data, energies in kWh; ``ended`` is ``None`` while it runs."""
    cycles = session.equivalent_full_cycles
    return {
        "id": session.id,
        "device": session.device,
        "started": format_utc(session.started),
        "ended": format_utc(session.ended) if session.ended else None,
        "energy_kwh": _kwh(session.charged_wh),
        "energy_discharged_kwh": _kwh(session.discharged_wh),
        "duration_s": round(session.duration_s, 3),
        "peak_w": round(session.peak_w, 1),
        "peak_discharge_w": round(session.peak_discharge_w, 1),
        "soc_start_percent": session.soc_start_percent,
        "soc_end_percent": session.soc_end_percent,
        "limit_seconds": session.limit_seconds,
        "reversals": session.reversals,
        "equivalent_full_cycles": None if cycles is None else round(cycles, 4),
        "quality": session.quality,
        "witnessed": session.witnessed,
    }


def totals_members(sessions: Iterable[Session]) -> Iterator[dict[str, Any]]:
    """What a battery owner asks first: the sums of each device, energies in kWh."""
    by_device: dict[str, list[Session]] = {}
    for session in sessions:
        by_device.setdefault(session.device, []).append(session)
    for device, own in sorted(by_device.items()):
        yield {
            "device": device,
            "sessions": len(own),
            "energy_kwh": _kwh(sum(each.charged_wh for each in own)),
            "energy_discharged_kwh": _kwh(sum(each.discharged_wh for each in own)),
            "reversals": sum(each.reversals for each in own),
            "equivalent_full_cycles": round(
                sum(each.equivalent_full_cycles or 0.0 for each in own), 4
            ),
        }


def gap_free(quarters: Iterable[Quarter]) -> Iterator[Quarter]:
    """``quarters``, by device and time, with what lies between two of a device as ``missing``."""
    previous: Quarter | None = None
    for quarter in quarters:
        if previous is not None and previous.device == quarter.device:
            start = previous.start + QUARTER
            while start < quarter.start:
                yield Quarter(quarter.device, start, None, None, None, Quality.MISSING, 0.0, None)
                start += QUARTER
        yield quarter
        previous = quarter


def _write(out: TextIO, columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        writer.writerow([_cell(line.get(column)) for column in columns])


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _kwh(energy_wh: float | None) -> float | None:
    return None if energy_wh is None else round(energy_wh / 1_000, 6)
