"""The lines of simulated wallboxes, for people."""

from __future__ import annotations

from typing import Any

from eebus_gw.cli.wallbox_lines import WallboxLines

LINE: dict[str, Any] = {
    "t": 1.0, "box": 1, "plugged": True, "power_w": 4_140.0, "soc_percent": 50.0, "limit_a": 6.0,
    "limited_by": "safe_current",
}  # fmt: skip


def test_a_second_of_a_wallbox_with_what_bounds_the_power_in_words() -> None:
    assert WallboxLines().text(LINE) == (
        "     1.0 s  box 1  4140 W  50.0 %  offers 6.0 A"
        "  limited by the safe current: no energy manager is heard"
    )


def test_without_a_car_its_power_is_not_told() -> None:
    away = {"plugged": False, "power_w": 0.0, "soc_percent": None, "limited_by": None}
    assert WallboxLines().text({**LINE, **away}) == "     1.0 s  box 1  no car  offers 6.0 A"


def test_what_looks_the_same_is_not_said_again_for_each_box() -> None:
    lines = WallboxLines()
    assert lines.text(LINE)
    assert lines.text({**LINE, "t": 2.0, "power_w": 4_137.0, "soc_percent": 50.1}) is None
    assert lines.text({**LINE, "box": 2})
    assert lines.text({**LINE, "power_w": 4_120.0})
