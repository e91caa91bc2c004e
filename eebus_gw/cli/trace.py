"""``trace show|decode|export``: wire traces of this program and logs of others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from eebus_gw.cli.context import CommandContext, json_option, pass_context, run_async
from eebus_gw.cli.lazy import NearestGroup

_file = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
)


@click.group(cls=NearestGroup)
def trace() -> None:
    """Show, explain and export wire traces."""


@trace.command(epilog="Example: eebus-gw trace show charging.jsonl --from wallbox")
@_file
@click.option("--from", "sender", help="Only what this party sent.")
@click.option("--secrets", is_flag=True, help="Do not hide PINs and identifiers.")
@json_option
@pass_context
def show(context: CommandContext, file: Path, sender: str | None, secrets: bool) -> None:
    """Print every frame of FILE, one a line (trace file, or log of evcc and others on ship-go)."""
    from eebus_gw.redaction import redact
    from eebus_gw.transcript import read_transcript

    lines = read_transcript(_text_of(file)).lines
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
        way = f"{line.sender[:8]} → {line.receiver[:8]}" if line.receiver else line.sender[:8]
        what = line.event or {0: "init", 1: "control", 2: "data", 3: "end"}.get(line.type, "?")
        context.output.line(f"{line.t:10.3f}  {way:19}  {what:7}  {hide(line.text)}".rstrip(" \0"))


@trace.command(epilog="Example: eebus-gw trace decode evcc.log")
@_file
@click.option("--findings", is_flag=True, help="Only lines with broken rules.")
@click.option("--values", is_flag=True, help="Show the data as well.")
@json_option
@pass_context
def decode(context: CommandContext, file: Path, findings: bool, values: bool) -> None:
    """Explain FILE: functions, which answer belongs to which request, broken rules.

    Reads trace files of this program and logs of programs built on ship-go (evcc and others).
    """
    from eebus_gw.dialogue import explain
    from eebus_gw.transcript import read_transcript

    transcript = read_transcript(_text_of(file))
    steps = explain(transcript.lines)
    broken = sum(len(step.findings) for step in steps)
    chosen = [step for step in steps if step.findings or not findings]
    if context.output.json:
        context.output.object(
            {
                "steps": [_as_json(step) for step in chosen],
                "frames": len(steps),
                "skipped": transcript.skipped,
                "findings": broken,
            }
        )
        return
    for step in chosen:
        _print(context, step, values)
    kinds = Counter(step.title.split(" ")[0] for step in steps)
    context.output.line()
    context.output.line(", ".join(f"{count} {kind}" for kind, count in kinds.most_common(12)))
    context.output.line(
        f"{len(steps)} frames, {broken} findings, {transcript.skipped} other lines skipped"
    )


@trace.command(epilog="Example: eebus-gw trace export charging.jsonl --device carport")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--device", help="Only the link with this device.")
@click.option("--full-skis", is_flag=True, help="Do not shorten SKIs.")
@json_option
@pass_context
def export(context: CommandContext, file: Path, device: str | None, full_skis: bool) -> None:
    """Write what the running gateway has kept in memory to FILE; secrets are hidden."""
    from eebus_gw.atomic import write_atomically

    lines = run_async(_kept(context, device, full_skis))
    write_atomically(file.absolute(), "".join(f"{line}\n" for line in lines).encode())
    if context.output.json:
        context.output.object({"file": str(file), "lines": len(lines)})
    else:
        context.output.line(f"{file}: {len(lines)} lines")


async def _kept(context: CommandContext, device: str | None, full_skis: bool) -> list[str]:
    from eebus_gw.control import ControlClient

    async with await ControlClient.connect(context.home.control_path) as gateway:
        events = gateway.stream("trace/export", device=device, full_skis=full_skis)
        return [event["line"] async for event in events]


def _text_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines()


def _print(context: CommandContext, step: Any, values: bool) -> None:
    line = step.line
    way = f"{line.sender[:8]} → {line.receiver[:8]}" if line.receiver else line.sender[:8]
    marks = [f"#{step.counter}"] if step.counter is not None else []
    if step.reference is not None:
        marks.append(f"re #{step.reference}")
    if step.latency_s is not None:
        marks.append(f"{step.latency_s * 1000:.0f} ms")
    path = f"{step.source} → {step.destination}" if step.source else ""
    context.output.line(
        f"{line.t:10.3f}  {way:19}  {' '.join(marks):22} {path:18} {step.title}".rstrip()
    )
    if values and step.content:
        for entry in step.content.split("; "):
            context.output.line(f"{'':14}{entry}")
    for finding in step.findings:
        context.output.line(f"{'':12}! {finding}")


def _as_json(step: Any) -> dict[str, Any]:
    line = step.line
    members = {
        "line": line.number,
        "t": line.t,
        "from": line.sender,
        "to": line.receiver or None,
        "title": step.title,
        "source": step.source or None,
        "destination": step.destination or None,
        "content": step.content or None,
        "counter": step.counter,
        "reference": step.reference,
        "answers": step.answers,
        "latency_s": step.latency_s,
        "findings": step.findings or None,
    }
    return {name: value for name, value in members.items() if value is not None}
