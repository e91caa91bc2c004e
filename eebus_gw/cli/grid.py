"""``grid status|history|export``: the control-box side and its journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context, run_async
from eebus_gw.cli.grid_view import history_row, status_rows
from eebus_gw.cli.lazy import NearestGroup
from eebus_gw.cli.live import running_gateway
from eebus_gw.cli.nearest import NearestChoice
from eebus_gw.cli.period import chart_option, period_options
from eebus_gw.cli.pictures import check_picture, grid_picture
from eebus_gw.cli.records import output_option, reading, store, write_out
from eebus_gw.clock import MACHINE_ZONE
from eebus_gw.ledger import Row, Verification, energy, journal
from eebus_gw.ledger.curve import Curves, curves
from eebus_gw.ledger.export import journal_csv
from eebus_gw.ledger.report import journal_report

BROKEN = 1
FORMS = ("csv", "report", "json")


@click.group(cls=NearestGroup)
def grid() -> None:
    """Show the control-box side; list and export its journal."""


@grid.command(epilog="Example: eebus-gw grid status")
@json_option
@pass_context
def status(context: CommandContext) -> None:
    """Show limits, failsafe values, heartbeat and shares of the running gateway."""
    answer = run_async(_ask(context, "grid/status"))
    if context.output.json:
        context.output.object(answer)
        return
    for title, rows in status_rows(answer):
        if title:
            context.output.line(f"\n{title}")
        context.output.fields(rows)


@grid.command(
    epilog="\b\nExample: eebus-gw grid history --since today\n"
    "         eebus-gw grid history --since today --chart day.svg"
)
@period_options
@chart_option("Draw limits and power as .png or .svg.")
@json_option
@pass_context
def history(
    context: CommandContext, since: datetime | None, until: datetime | None, chart: Path | None
) -> None:
    """List what was received, answered, distributed and measured."""
    if chart is not None:
        check_picture(chart)
    with reading(context) as connection:
        rows = list(journal.rows(connection, since=since, until=until))
        if chart is not None:
            quarters = list(energy.quarters(connection, since=since, until=until))
            drawn = curves(rows)
            if drawn == Curves():
                context.output.warn(f"{chart} is empty: no limit and no power in this period")
            store(chart, grid_picture(drawn, quarters, chart.suffix[1:].lower(), MACHINE_ZONE))
            context.output.line(f"{chart} drawn")
    if context.output.json:
        context.output.object({"entries": [row.members() for row in rows]})
    elif rows:
        context.output.table(
            ["TIME", "WHAT", "USE CASE", "VALUE", "OUTCOME", "STATE", "POWER W", "WHY"],
            [history_row(row) for row in rows],
        )
    elif chart is None:
        context.output.line("the journal has no entries in this period")


@grid.command(epilog="Example: eebus-gw grid export --since 2026-01-01 --format report -o proof.md")
@period_options
@click.option(
    "--format",
    "form",
    type=NearestChoice(FORMS),
    default="csv",
    show_default=True,
    help="What to write; report is Markdown for people.",
)
@output_option
@json_option
@pass_context
def export(
    context: CommandContext,
    since: datetime | None,
    until: datetime | None,
    form: str,
    output: Path | None,
) -> int:
    """Verify the whole journal, then export it; the exit status is 1 when it is not sound.

    The verdict stands on standard error, in the report, and in the JSON form.
    """
    with reading(context) as connection:
        verdict = journal.verify(connection)
        rows = list(journal.rows(connection, since=since, until=until))
    _say(verdict)
    form = "json" if context.output.json else form
    write_out(output, lambda out: _write(out, form, rows, verdict))
    return 0 if verdict.sound else BROKEN


async def _ask(context: CommandContext, verb: str) -> dict[str, Any]:
    gateway = await running_gateway(context)
    return await gateway.ask(verb)


def _say(verdict: Verification) -> None:
    if verdict.sound:
        span = f", rows {verdict.first_number} to {verdict.last_number}" if verdict.rows else ""
        click.echo(f"journal verified: sound, {verdict.rows} rows{span}", err=True)
        return
    click.echo("journal verified: NOT SOUND", err=True)
    for problem in verdict.problems:
        click.echo(f"  {problem}", err=True)


def _write(out: TextIO, form: str, rows: list[Row], verdict: Verification) -> None:
    match form:
        case "csv":
            journal_csv(rows, out)
        case "report":
            out.write(journal_report(rows, verdict) + "\n")
        case _:
            out.write(json.dumps(_document(rows, verdict), ensure_ascii=False) + "\n")


def _document(rows: list[Row], verdict: Verification) -> Mapping[str, Any]:
    return {
        "sound": verdict.sound,
        "problems": list(verdict.problems),
        "rows": verdict.rows,
        "entries": [row.members() for row in rows],
    }
