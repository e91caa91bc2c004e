"""Explained traffic on a screen and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from eebus_gw.cli.output import counted
from eebus_gw.trace.attribution import Part
from eebus_gw.trace.dialogue import Step
from eebus_gw.trace.transcript import Line

_MAX_SENDER = 12
_SKI_LENGTH = 40
_SHORT_SKI = 8


def way_of(line: Line) -> str:
    """Who sent a frame, and to whom where the file says so."""
    sender, receiver = _party(line.sender), _party(line.receiver)
    return f"{sender} → {receiver}" if receiver else sender


def rows(steps: Sequence[Step], *, values: bool) -> Iterator[str]:
    """One line a step in aligned columns, its data where ``values`` are wanted, and its findings below."""
    columns = [(f"{s.line.t:10.3f}", way_of(s.line), _marks(s), _path(s)) for s in steps]
    widths = [max(map(len, column)) for column in zip(*columns, strict=True)]
    for step, cells in zip(steps, columns, strict=True):
        padded = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True) if width]
        yield "  ".join([*padded, step.title, *_named(step.use_cases)]).rstrip()
        if values and step.content:
            yield from (f"{'':14}{entry}" for entry in step.content.split("; "))
        yield from (f"{'':12}! {finding}" for finding in step.findings)


def summary(steps: Sequence[Step], skipped: int) -> Iterator[str]:
    """What there was, how often."""
    kinds = Counter(step.title.split(" ")[0] for step in steps)
    codes = Counter(code for step in steps for code in {part.code for part in step.use_cases})
    broken = sum(len(step.findings) for step in steps)
    yield ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(12))
    if codes:
        yield ", ".join(f"{code.upper()} {count}" for code, count in codes.most_common())
    frames, findings = counted(len(steps), "frame"), counted(broken, "finding")
    yield f"{frames}, {findings}, {counted(skipped, 'other line')} skipped"


def as_json(step: Step) -> dict[str, Any]:
    """The members of a step that have a value."""
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
        "use_cases": [
            {"use_case": part.code, "points": part.points, "certain": part.certain}
            for part in step.use_cases
        ]
        or None,
        "counter": step.counter,
        "reference": step.reference,
        "answers": step.answers,
        "latency_s": step.latency_s,
        "findings": step.findings or None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _party(name: str) -> str:
    return name[:_SHORT_SKI] if len(name) == _SKI_LENGTH else name[:_MAX_SENDER]


def _marks(step: Step) -> str:
    marks = [f"#{step.counter}"] if step.counter is not None else []
    if step.reference is not None:
        marks.append(f"re #{step.reference}")
    if step.latency_s is not None:
        marks.append(f"{step.latency_s * 1000:.0f} ms")
    return " ".join(marks)


def _path(step: Step) -> str:
    return f"{step.source} → {step.destination}" if step.source else ""


def _named(parts: Sequence[Part]) -> list[str]:
    if not parts:
        return []
    words = [" ".join([part.code.upper(), *part.points]) for part in parts]
    doubt = "" if parts[0].certain else "perhaps "
    return [f"[{doubt}{', '.join(words)}]"]
