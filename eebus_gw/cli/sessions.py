"""``sessions list|export``: charging sessions and quarter-hour energies from the ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context
from eebus_gw.cli.lazy import NearestGroup
from eebus_gw.cli.nearest import NearestChoice
from eebus_gw.cli.output import counted
from eebus_gw.cli.period import chart_option, period_options
from eebus_gw.cli.pictures import check_picture, sessions_picture
from eebus_gw.cli.records import output_option, reading, store, write_out
from eebus_gw.clock import MACHINE_ZONE
from eebus_gw.ledger import Quarter, Session, energy
from eebus_gw.ledger.export import (
    gap_free,
    quarter_members,
    quarters_csv,
    session_members,
    sessions_csv,
    totals_members,
)

device_option = click.option("--device", metavar="DEVICE", help="Only this wallbox.")


@dataclass(frozen=True, slots=True)
class _Records:
    sessions: list[Session]
    quarters: list[Quarter]

    def members(self) -> dict[str, Any]:
        """Everything as plain data, energies in kWh, quarter hours without gaps."""
        return {
            "sessions": [session_members(session) for session in self.sessions],
            "quarters": [quarter_members(quarter) for quarter in gap_free(self.quarters)],
            "totals": list(totals_members(self.sessions)),
        }


@click.group(cls=NearestGroup)
def sessions() -> None:
    """List and export charging sessions and energies."""


@sessions.command(
    "list",
    epilog="\b\nExample: eebus-gw sessions list --since 7d\n"
    "         eebus-gw sessions list --since 7d --chart week.png",
)
@device_option
@period_options
@chart_option("Draw the energies as .png or .svg.")
@json_option
@pass_context
def list_(
    context: CommandContext,
    device: str | None,
    since: datetime | None,
    until: datetime | None,
    chart: Path | None,
) -> None:
    """List charging sessions, newest last; with --json also quarter hours."""
    if chart is not None:
        check_picture(chart)
    records = _read(context, device, since, until)
    if chart is not None:
        _draw(context, chart, records)
    if context.output.json:
        context.output.object(records.members())
    elif records.sessions:
        context.output.table(
            [
                "STARTED",
                "DEVICE",
                "TIME",
                "kWh",
                "BACK kWh",
                "PEAK W",
                "SOC %",
                "LIMITED",
                "QUALITY",
            ],
            [_row(session) for session in records.sessions],
        )
        context.output.line()
        for totals in totals_members(records.sessions):
            context.output.line(_in_all(totals))
    elif chart is None:
        context.output.line("no charging sessions in this period")


@sessions.command(
    epilog="Example: eebus-gw sessions export --quarters --since 2026-01-01 -o year.csv"
)
@device_option
@period_options
@click.option(
    "--format",
    "form",
    type=NearestChoice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="What to write.",
)
@click.option("--quarters", is_flag=True, help="CSV: quarter hours instead of sessions.")
@output_option
@chart_option("Draw the energies as .png or .svg, too.")
@json_option
@pass_context
def export(
    context: CommandContext,
    device: str | None,
    since: datetime | None,
    until: datetime | None,
    form: str,
    quarters: bool,
    output: Path | None,
    chart: Path | None,
) -> None:
    """Export sessions, or energies per quarter hour and direction, with their quality.

    Exporting a period again gives the same, apart from a session or quarter hour still running.
    """
    if chart is not None:
        check_picture(chart)
    records = _read(context, device, since, until)
    if chart is not None:
        _draw(context, chart, records)

    def write(out: TextIO) -> None:
        if form == "json" or context.output.json:
            out.write(json.dumps(records.members(), ensure_ascii=False) + "\n")
        elif quarters:
            quarters_csv(records.quarters, out)
        else:
            sessions_csv(records.sessions, out)

    write_out(output, write)


def _read(
    context: CommandContext, device: str | None, since: datetime | None, until: datetime | None
) -> _Records:
    with reading(context) as connection:
        wanted = None if device is None else _device_id(context, connection, device)
        return _Records(
            list(energy.sessions(connection, device=wanted, since=since, until=until)),
            list(energy.quarters(connection, device=wanted, since=since, until=until)),
        )


def _device_id(context: CommandContext, connection: sqlite3.Connection, reference: str) -> str:
    """The id meant; also of a device that is no longer paired, as long as the ledger knows it."""
    known = {row[0] for row in connection.execute("SELECT DISTINCT device FROM quarter")}
    if reference in known:
        return reference
    _, peer = context.find_peer(reference)
    return peer.id


def _draw(context: CommandContext, file: Path, records: _Records) -> None:
    picture = sessions_picture(
        records.quarters, records.sessions, file.suffix[1:].lower(), MACHINE_ZONE
    )
    store(file, picture)
    context.output.line(f"{file} drawn")


def _in_all(totals: dict[str, Any]) -> str:
    return (
        f"{totals['device']} in all: {totals['energy_kwh']:.1f} kWh charged,"
        f" {totals['energy_discharged_kwh']:.1f} kWh given back,"
        f" {counted(totals['reversals'], 'reversal')},"
        f" {totals['equivalent_full_cycles']:.2f} full cycles"
    )


def _row(session: Session) -> Sequence[Any]:
    begin, end = session.soc_start_percent, session.soc_end_percent
    hours, minutes = divmod(round(session.duration_s / 60), 60)
    return (
        f"{session.started.astimezone():%Y-%m-%d %H:%M}",
        session.device,
        f"{hours}:{minutes:02}" + ("" if session.ended else " …"),
        f"{session.charged_wh / 1000:.2f}",
        f"{session.discharged_wh / 1000:.2f}",
        f"{session.peak_w:.0f}",
        None if begin is None or end is None else f"{begin:.0f} → {end:.0f}",
        f"{session.limit_seconds / 60:.0f} min" if session.limit_seconds else None,
        session.quality,
    )
