"""The grid journal as a report in Markdown that reads well as plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from eebus_gw.ledger.entries import Kind, Row
from eebus_gw.ledger.journal import Verification

_COUNTED = (
    (Kind.RECEIVED, "limits received"),
    (Kind.ANSWERED, "answers given"),
    (Kind.EXCESS, "excesses"),
    (Kind.STARTED, "starts of the gateway"),
    (Kind.GAP, "gaps"),
)
_CHANGES_COUNTED = (
    ("limit_expired", "limits expired"),
    ("limit_deactivated", "limits released"),
    ("heartbeat_lost", "heartbeats lost"),
)
"""What moved a state machine, as its row names it."""


def journal_report(rows: Iterable[Row], verification: Verification) -> str:
    """What was received, answered, applied and measured: one section an event, then the rest."""
    lines = [row.members() for row in rows]
    groups: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        groups.setdefault(line["event"] or "", []).append(line)
    alone = groups.pop("", [])
    text = ["# Grid journal", "", *_summary(lines, verification), ""]
    for event, members in groups.items():
        text += [f"## {_headline(event, members)}", "", *_table(members), ""]
    if alone:
        text += ["## Other entries", "", *_table(alone), ""]
    return "\n".join(text)


def _summary(lines: list[dict[str, Any]], verification: Verification) -> list[str]:
    period = f"{lines[0]['utc']} to {lines[-1]['utc']}" if lines else "no entries"
    counts = Counter(line["kind"] for line in lines)
    changes = Counter(line["reason"] for line in lines if line["kind"] == Kind.STATE_CHANGED)
    refused = sum(1 for line in lines if line["outcome"] == "refused")
    text = [f"- period: {period}", f"- entries: {len(lines)}"]
    text += [f"- {words}: {counts[kind]}" for kind, words in _COUNTED]
    text += [f"- {words}: {changes[trigger]}" for trigger, words in _CHANGES_COUNTED]
    text.append(f"- refused: {refused}")
    if verification.sound:
        text.append(
            f"- chain: sound, rows {verification.first_number} to {verification.last_number}"
            if verification.rows
            else "- chain: sound, no rows"
        )
    else:
        text.append("- chain: NOT SOUND")
        text += [f"  - {problem}" for problem in verification.problems]
    return text


def _headline(event: str, members: list[dict[str, Any]]) -> str:
    first = members[0]
    outcome = next((line["outcome"] for line in members if line["outcome"]), None)
    words = [first["utc"], (first["use_case"] or "").upper(), _request(first), outcome or ""]
    return " · ".join(word for word in words if word) + f" ({_plain(event)})"


def _request(line: Mapping[str, Any]) -> str:
    if line["readable"] is False:
        return "unreadable"
    if line["requested_w"] is None:
        return ""
    duration_s = line["requested_duration_s"]
    active = "" if line["requested_active"] is not False else ", inactive"
    span = "" if duration_s is None else f" for {duration_s:g} s"
    return f"{line['requested_w']:g} W{span}{active}"


def _table(members: list[dict[str, Any]]) -> list[str]:
    text = [
        "| UTC | what | value | outcome | state | power | why |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in members:
        cells = (
            line["utc"],
            line["kind"].replace("_", " "),
            _request(line),
            _outcome(line),
            _change(line["state_before"], line["state_after"], ""),
            _change(line["power_before_w"], line["power_after_w"], " W"),
            "; ".join(_plain(line[key]) for key in ("source", "reason", "detail") if line[key]),
        )
        text.append(f"| {' | '.join(cells)} |")
    for line in members:
        text += _shares(line)
    return text


def _outcome(line: Mapping[str, Any]) -> str:
    number = line["error_number"]
    outcome = _plain(line["outcome"] or "")
    return outcome if number is None else f"{outcome} (error {number})".strip()


def _change(before: Any, after: Any, unit: str) -> str:
    if before is None and after is None:
        return ""
    shown = [_plain(f"{value:g}" if isinstance(value, float) else str(value)) + unit
             for value in (before, after) if value is not None]  # fmt: skip
    return " → ".join(shown)


def _shares(line: Mapping[str, Any]) -> list[str]:
    if not line["allocation"]:
        return []
    text = ["", f"{line['utc']}, per wallbox:", ""]
    for share in line["allocation"]:
        known = [
            f"{words} {share[key]:g} W"
            for key, words in (
                ("share_w", "share"),
                ("commanded_w", "commanded"),
                ("measured_w", "measured"),
            )
            if share[key] is not None
        ]
        if share["obeying"] is False:
            known.append("does NOT obey")
        text.append(f"- {_plain(share['device'])} by {share['means']}: {', '.join(known)}")
    return text


def _plain(text: str) -> str:
    """Text of peers must not break the table."""
    return text.replace("|", "/").replace("\n", " ").replace("\r", " ")
