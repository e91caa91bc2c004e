"""``trace show|decode|export``: wire traces of this program and logs of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context, run_async
from eebus_gw.cli.lazy import NearestGroup
from eebus_gw.cli.output import counted

if TYPE_CHECKING:
    from eebus_gw.trace.transcript import Transcript

_file = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
)


@click.group(cls=NearestGroup)
def trace() -> None:
    """Show, explain and export wire traces."""


@trace.command(epilog="Example: eebus-gw trace show charging.jsonl --from wallbox")
@_file
@click.option("--from", "sender", metavar="PARTY", help="Only what this party sent.")
@click.option("--secrets", is_flag=True, help="Do not hide PINs and identifiers.")
@json_option
@pass_context
def show(context: CommandContext, file: Path, sender: str | None, secrets: bool) -> None:
    """Print every frame of FILE, one a line (trace file, or log of evcc and others on ship-go)."""
    from eebus_gw.cli.trace_view import way_of
    from eebus_gw.redaction import redact

    lines = _transcript_of(file).lines
    chosen = [line for line in lines if sender is None or line.sender == sender]
    hide = (lambda text: text) if secrets else redact
    if context.output.json:
        frames = [
            {"t": line.t, "from": line.sender, "to": line.receiver, "type": line.type}
            | ({"event": line.event} if line.event else {})
            | {"text": hide(line.text)}
            for line in chosen
        ]
        context.output.object({"frames": frames})
        return
    for line in chosen:
        way = way_of(line)
        what = line.event or {0: "init", 1: "control", 2: "data", 3: "end"}.get(line.type, "?")
        context.output.line(f"{line.t:10.3f}  {way:19}  {what:7}  {hide(line.text)}".rstrip(" \0"))


@trace.command(epilog="Example: eebus-gw trace decode evcc.log")
@_file
@click.option("--findings", is_flag=True, help="Only lines with broken rules.")
@click.option("--values", is_flag=True, help="Show the data as well.")
@json_option
@pass_context
def decode(context: CommandContext, file: Path, findings: bool, values: bool) -> None:
    """Explain FILE: functions, use cases, which answer belongs to which request, broken rules.

    Reads trace files of this program and logs of programs built on ship-go (evcc and others).
    A use case with "perhaps" follows from the function alone: the devices are not described in FILE.
    """
    from eebus_gw.cli.trace_view import as_json, rows, summary
    from eebus_gw.trace.dialogue import explain
    from usecases import catalogue

    transcript = _transcript_of(file)
    steps = explain(transcript.lines, catalogue().values())
    chosen = [step for step in steps if step.findings or not findings]
    if context.output.json:
        context.output.object(
            {
                "steps": [as_json(step) for step in chosen],
                "frames": len(steps),
                "skipped": transcript.skipped,
                "findings": sum(len(step.findings) for step in steps),
            }
        )
        return
    for row in rows(chosen, values=values):
        context.output.line(row)
    if chosen:
        context.output.line()
    for row in summary(steps, transcript.skipped):
        context.output.line(row)


@trace.command(epilog="Example: eebus-gw trace export charging.jsonl --device carport")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--device", metavar="DEVICE", help="Only the link with this device.")
@click.option("--full-skis", is_flag=True, help="Do not shorten SKIs.")
@json_option
@pass_context
def export(context: CommandContext, file: Path, device: str | None, full_skis: bool) -> None:
    """Write what the running gateway has kept in memory to FILE; secrets are hidden."""
    from eebus_gw.cli.records import store

    lines = run_async(_kept(context, device, full_skis))
    store(file, "".join(f"{line}\n" for line in lines).encode())
    if context.output.json:
        context.output.object({"file": str(file), "lines": len(lines)})
    else:
        context.output.line(f"{file}: {len(lines)} lines")


async def _kept(context: CommandContext, device: str | None, full_skis: bool) -> list[str]:
    from eebus_gw.cli.live import running_gateway

    gateway = await running_gateway(context)
    events = gateway.stream("trace/export", device=device, full_skis=full_skis)
    return [event["line"] async for event in events]


def _transcript_of(file: Path) -> Transcript:
    """The frames of a file; raises ``EebusError`` if there are none."""
    from eebus_gw.errors import EebusError
    from eebus_gw.trace.transcript import read_transcript

    text = file.read_text(encoding="utf-8", errors="replace").splitlines()
    transcript = read_transcript(text)
    if not transcript.lines:
        lines = counted(transcript.skipped, "line")
        found = f"none of its {lines} is one" if transcript.skipped else "it is empty"
        raise EebusError(
            f"{file} holds no frames: {found}",
            hint="Read are files of `trace export`, and logs of evcc, eebus-go and others on ship-go "
            "that were written at level trace (lines like `Recv: SKI {…}`).",
        )
    return transcript
