"""The events of a simulated control box, for people."""

from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.cli.control_box_lines import event_text

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
LIMIT = {"use_case": "lpc", "limit_w": 4_200.0, "active": True, "duration_s": 60.0}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"event": "limit_written", **LIMIT}, "writes LPC limit 4200 W for 60 s"),
        (
            {"event": "answered", **LIMIT, "error_number": 0, "text": ""},
            "accepted: LPC limit 4200 W for 60 s",
        ),
        (
            {"event": "answered", **LIMIT, "error_number": 7, "text": "no"},
            "REFUSED (error 7: no): LPC limit 4200 W for 60 s",
        ),
        (
            {"event": "limit_written", **LIMIT, "use_case": "lpp", "active": False},
            "writes LPP no limit",
        ),
        (
            {"event": "failsafe_written", "use_case": "lpc", "failsafe_w": 5_000.0},
            "writes LPC failsafe 5000 W",
        ),
        (
            {"event": "limit_deferred", "use_case": "lpc", "seconds": 299.6},
            "LPC limit waits 300 s for its turn",
        ),
        ({"event": "silent", "seconds": None}, "silent from now on"),
        ({"event": "silent", "seconds": 130.0}, "silent for 130 s"),
        ({"event": "disconnected", "text": "closed by the peer"}, "closed by the peer"),
        ({"event": "connected", "peer": SKI}, "connected  7c1e 0b94"),
    ],
)
def test_lines_for_people(line: dict[str, Any], words: str) -> None:
    shown = event_text({"t": 12.34, **line})
    assert shown is not None
    assert shown.startswith("    12.3 s  ")
    assert words in shown


def test_a_heartbeat_is_not_told() -> None:
    assert event_text({"t": 60.0, "event": "heartbeat", "peer": SKI}) is None
