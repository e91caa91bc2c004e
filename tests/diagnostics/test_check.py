"""One finding as ``--json`` shows it (contract: checks)."""

from __future__ import annotations

from eebus_gw.diagnostics.check import Check, Grade, ok, skipped


def test_members() -> None:
    check = Check("clock", Grade.WARNING, "late", "Set it.", "clock")
    assert check.document() == {
        "id": "clock",
        "result": "warning",
        "text": "late",
        "remedy": "Set it.",
        "see": "docs/troubleshooting.md#clock",
    }


def test_what_is_right_needs_no_remedy() -> None:
    assert ok("disk", "room").document()["remedy"] is None
    assert ok("disk", "room").document()["see"] is None
    assert skipped("broker", "none").document()["result"] == "skipped"
