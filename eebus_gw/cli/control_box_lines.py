"""The events of a simulated control box as lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eebus_gw.cli.foreign import harmless
from eebus_gw.ship.ski import group_ski


def event_text(line: Mapping[str, Any]) -> str | None:
    """One sentence about one event of ``simulate controlbox``; ``None`` for a heartbeat."""
    if line["event"] == "heartbeat":
        return None
    peer = f"  {group_ski(line['peer'])}" if "peer" in line else ""
    return harmless(f"{line['t']:8.1f} s  {_said(line)}{peer}")


def _said(line: Mapping[str, Any]) -> str:
    match line["event"]:
        case "limit_written" | "failsafe_written":
            return f"writes {_value(line)}"
        case "answered" if line["error_number"] == 0:
            return f"accepted: {_value(line)}"
        case "answered":
            why = f": {line['text']}" if line["text"] else ""
            return f"REFUSED (error {line['error_number']}{why}): {_value(line)}"
        case "not_written":
            return f"not written: {line['text']}"
        case "limit_deferred":
            return (
                f"{str(line['use_case']).upper()} limit waits {line['seconds']:.0f} s for its turn"
            )
        case "silent":
            for_how_long = f"for {line['seconds']:g} s" if line["seconds"] else "from now on"
            return f"silent {for_how_long}"
        case "not_connected":
            return f"not connected: {line['text']}"
        case "disconnected":
            return f"disconnected: {line['text']}"
        case other:
            return str(other)


def _value(line: Mapping[str, Any]) -> str:
    code = str(line["use_case"]).upper()
    if "failsafe_w" in line:
        return f"{code} failsafe {line['failsafe_w']:g} W"
    if "failsafe_duration_s" in line:
        return f"{code} failsafe duration {line['failsafe_duration_s']:g} s"
    if not line["active"]:
        return f"{code} no limit"
    duration_s = line["duration_s"]
    until = f" for {duration_s:g} s" if duration_s is not None else ""
    return f"{code} limit {line['limit_w']:g} W{until}"
