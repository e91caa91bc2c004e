"""The grid side for people: its state now, and the rows of its journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from eebus_gw.cli.foreign import harmless
from eebus_gw.ledger.entries import Row, parse_utc
from eebus_gw.ship.ski import group_ski

Json = Mapping[str, Any]
Rows = list[tuple[str, Any]]

_REASONS = {
    "none": "no limit",
    "limit": "limit of the control box",
    "failsafe": "failsafe: the control box is silent",
    "init": "start: limited until the control box has spoken",
}


def status_rows(answer: Json) -> Iterator[tuple[str, Rows]]:
    """Titles with labelled values, in the order in which to show them."""
    effective: Json = answer.get("effective") or {}
    yield "", _effective_rows(effective)
    if not answer.get("up"):
        yield "", [("grid side", "not up: no control box is paired")]
        return
    yield "control box", _peer_rows(answer)
    for code, words in (("lpc", "consumption (LPC)"), ("lpp", "production (LPP)")):
        document = answer.get(code)
        if document:
            yield words, _limit_rows(document)
    if answer.get("guaranteed_w") is not None:
        yield (
            "§14a EnWG",
            [
                (
                    "guaranteed minimum",
                    f"{_watts(answer['guaranteed_w'], '')} for the wallboxes paired now",
                )
            ],
        )
    allocation: Json = answer.get("allocation") or {}
    shares: Rows = [(share["id"], _share(share)) for share in allocation.get("wallboxes") or ()]
    if (alarm := allocation.get("alarm")) is not None:
        shares.append(("too much", _excess(alarm)))
    if shares:
        yield "shares", shares


def history_row(row: Row) -> Sequence[Any]:
    """One line of ``grid history``."""
    line = row.members()
    before, after = line["power_before_w"], line["power_after_w"]
    return (
        f"{parse_utc(row.utc).astimezone():%Y-%m-%d %H:%M:%S}",
        line["kind"].replace("_", " "),
        (line["use_case"] or "").upper(),
        _value(line),
        _outcome(line),
        _arrow(line["state_before"], line["state_after"]),
        _arrow(_whole(before), _whole(after)),
        harmless((line["reason"] or "").replace("_", " ") or line["detail"] or ""),
    )


def _effective_rows(effective: Json) -> Rows:
    return [
        ("the site may draw", _watts(effective.get("consumption_w"), "any power")),
        ("the site may feed in", _watts(effective.get("production_w"), "any power")),
        ("because of", _REASONS.get(str(effective.get("reason")), effective.get("reason"))),
        ("since", _local(effective.get("since"))),
        ("until", _local(effective.get("until"))),
    ]


def _peer_rows(answer: Json) -> Rows:
    rows: Rows = [
        ("connected", answer.get("connected")),
        ("own SKI", group_ski(answer["ski"]) if answer.get("ski") else None),
        ("port", answer.get("port")),
    ]
    for peer in answer.get("peers") or ():
        rows.append((peer["id"], f"{group_ski(peer['ski'])}  {peer.get('phase') or ''}".rstrip()))
    return rows


def _limit_rows(document: Json) -> Rows:
    limit = _watts(document.get("limit_w"), "unknown") if document.get("limit_active") else "none"
    maximum = document.get("contractual_max_w") or document.get("nominal_max_w")
    age_s = document.get("heartbeat_age_s")
    heartbeat = "in time" if document.get("heartbeat_ok") else "missing"
    return [
        ("state", str(document.get("state")).replace("_", " ")),
        ("limit", limit),
        ("received", _local(document.get("received"))),
        ("until", _local(document.get("until"))),
        ("failsafe limit", _watts(document.get("failsafe_w"), None)),
        ("failsafe lasts", _hours(document.get("failsafe_duration_s"))),
        ("maximum by contract", _watts(maximum, None)),
        ("heartbeat", heartbeat if age_s is None else f"{heartbeat}, {age_s:.0f} s ago"),
        ("control box", document.get("peer")),
    ]


def _share(share: Json) -> str:
    words = [_watts(share.get("share_w"), "no limit") or "", f"by {share.get('means')}"]
    if share.get("measured_w") is not None:
        words.append(f"draws {share['measured_w']:.0f} W")
    if share.get("obeying") is False:
        words.append("does NOT obey")
    return ", ".join(words)


def _excess(alarm: Json) -> str:
    """Who keeps the site above its limit: by drawing more, or because nobody can reach it."""
    watts, devices = _watts(alarm["excess_w"], ""), ", ".join(alarm["devices"])
    return f"{watts}: {devices} may draw more than is left (eebus-gw peers)"


def _value(line: Json) -> str | None:
    if line["readable"] is False:
        return "unreadable"
    watts = line["requested_w"]
    if line["requested_active"] is False:
        return "no limit"
    if watts is None:
        shares = [s for s in line["allocation"] if s["share_w"] is not None]
        return ", ".join(f"{s['device']} {s['share_w']:.0f} W" for s in shares) or None
    duration_s = line["requested_duration_s"]
    span = "" if duration_s is None else f" for {duration_s:g} s"
    unit = "s" if line["detail"] == "failsafe_duration_s" else "W"
    return f"{watts:g} {unit}{span}"


def _outcome(line: Json) -> str | None:
    number = line["error_number"]
    outcome: str | None = line["outcome"]
    return f"{outcome} ({number})" if number else outcome


def _arrow(before: Any, after: Any) -> str:
    known = [str(value).replace("_", " ") for value in (before, after) if value is not None]
    return known[0] if len(set(known)) == 1 else " → ".join(known)


def _whole(watts: float | None) -> str | None:
    return None if watts is None else f"{watts:.0f}"


def _watts(watts: float | None, otherwise: str | None) -> str | None:
    return otherwise if watts is None else f"{watts:g} W"


def _hours(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds / 3600:g} h"


def _local(text: str | None) -> str | None:
    """A time of a document as the clock on the wall shows it."""
    if text is None:
        return None
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"
