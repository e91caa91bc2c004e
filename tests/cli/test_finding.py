"""The verdict on every way a pairing can end (contract §2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eebus_gw.cli.finding import judge

STRANGER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
GUIDE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
STATE: dict[str, Any] = {
    "id": "carport",
    "ski": STRANGER,
    "side": "wallbox",
    "type": "ChargingStation",
    "connected": False,
    "phase": "not visible",
    "waits_for": "nobody",
    "rejected": False,
    "error_code": None,
    "error": None,
    "verdict": [],
}
USABLE = {"code": "opev", "usable": True}
UNUSABLE = {"code": "opev", "usable": False, "why_not": "not announced"}


@pytest.mark.parametrize(
    ("changes", "code", "text", "topic"),
    [
        ({"connected": True, "verdict": [USABLE]}, 0, "", ""),
        ({"connected": True, "side": "grid"}, 0, "", ""),
        (
            {"connected": True, "verdict": [UNUSABLE]},
            6,
            "no use case in common",
            "no-common-use-case",
        ),
        ({"connected": True}, 5, "has not said what it can do", "no-common-use-case"),
        ({}, 3, "not seen", "no-multicast"),
        ({"similar": "7c1e … (Box)"}, 3, "not seen", "which-ski"),
        ({"phase": "dialling", "error": "no answer"}, 3, "no answer", "addresses"),
        ({"phase": "pin", "waits_for": "pin"}, 4, "wants a PIN", "pin"),
        (
            {"phase": "rejected by the peer", "rejected": True},
            4,
            "does not trust",
            "waits-for-user",
        ),
        ({"phase": "unpaired by the peer"}, 4, "does not trust", "one-manager"),
        (
            {"phase": "dialling", "error_code": "other_key", "error": "another key"},
            4,
            "another key",
            "other-key",
        ),
        (
            {"phase": "waiting for the peer", "waits_for": "the peer's user"},
            5,
            "wallbox's user",
            "waits-for-user",
        ),
        ({"phase": "agreeing"}, 5, "agreeing", "waits-for-user"),
    ],
)
def test_how_a_pairing_ended(changes: dict[str, Any], code: int, text: str, topic: str) -> None:
    finding = judge({**STATE, **changes})
    assert finding.code == code
    assert text in finding.text
    assert bool(finding.hint) == bool(code)
    assert finding.topic == topic
    if topic:
        assert f'<a id="{topic}"></a>' in GUIDE.read_text()
        assert finding.see == f"docs/troubleshooting.md#{topic}"
