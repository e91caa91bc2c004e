"""What people see in terminals of 80×24 and 120×40, compared with recorded screens.

``EEBUS_GW_SCREENS=write`` records them anew; look at the difference before committing it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from rich.console import Console, Group, RenderableType

from eebus_gw.cli.demo_state import DemoState
from eebus_gw.cli.demo_story import SCENES
from eebus_gw.cli.demo_view import DemoView
from eebus_gw.cli.doctor import rendered
from eebus_gw.cli.monitor_view import MonitorView
from eebus_gw.cli.pair_view import PairView
from eebus_gw.diagnostics.check import Check, Grade, ok, skipped
from eebus_gw.identity import Identity
from tests.support.clock import FakeClock

SCREENS = Path(__file__).parents[1] / "fixtures" / "screens"
SIZES = [(80, 24), (120, 40)]
SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
IDENTITY = Identity.for_key(ec.derive_private_key(2026, ec.SECP256R1()))

VALUES: dict[str, Any] = {
    "id": "carport",
    "alias": "Carport",
    "kind": "wallbox",
    "connected": True,
    "phase": "connected",
    "charge_state": "active",
    "soc_percent": 50.2,
    "energy_kwh": 1.5,
    "current_a": [16.0, 16.0, 16.0],
    "limit_a": None,
    "limit_w": None,
    "power_w": 11_040.0,
    "battery_w": None,
    "pv_w": None,
}


def pair(console: Console) -> RenderableType:
    view = PairView(IDENTITY, SKI, 120.0, console, FakeClock())
    view.seen(
        {
            "ski": SKI,
            "phase": "waiting for the peer",
            "waits_for": "the peer's user",
            "waiting_s": 58.0,
            "type": "ChargingStation",
        }
    )
    return view.render()


def monitor(console: Console) -> RenderableType:
    clock = FakeClock()
    view = MonitorView(120.0, console, clock)
    for second in range(100):
        values = dict(VALUES)
        if second >= 60:
            values |= {"power_w": 6900.0, "limit_a": [10.0] * 3, "limit_w": 6900.0}
        view.show(values)
        clock.advance(1.0)
    return view.render()


def doctor(console: Console) -> RenderableType:
    checks = [
        ok("configuration", "valid"),
        Check(
            "clock",
            Grade.WARNING,
            "2026-11-25 12:00:00 UTC; no time service keeps the clock right",
            "Switch one on (systemd-timesyncd, chrony): limits with an end and the journal need it.",
            "clock",
        ),
        skipped("broker", "no broker is configured (mqtt.url)"),
        Check(
            "peer:carport",
            Grade.FAILED,
            "carport does not trust this gateway (yet)",
            "now the wallbox's user has to confirm this gateway, at the wallbox or in its app",
            "waits-for-user",
        ),
    ]
    return Group(*map(rendered, checks))


def demo(console: Console) -> RenderableType:
    clock = FakeClock()
    state = DemoState("demo-box", "eebus", clock.now())
    state.begin(SCENES[0])
    state.received("eebus/demo-box/ev", b'{"charge_state": "active", "soc_percent": 50.0}', 0.0)
    state.received("eebus/demo-box/availability", b"online", 0.0)
    for second in range(90):
        watts = min(11_040.0, second * 250.0) if second < 70 else 6_900.0
        if second == 70:
            limits = b'{"obligation": {"value_a": [10, 10, 10], "active": [true, true, true]}}'
            state.received("eebus/demo-box/limits", limits, clock.now())
            answer = b'{"state": "applied", "field": "max_current_a", "latency_ms": 5}'
            state.received("eebus/demo-box/result", answer, clock.now())
        line = {"power_w": watts, "limit_a": 16.0, "limited_by": None, "soc_percent": 50.0}
        state.stepped(line, clock.now())
        clock.advance(1.0)
    return DemoView(state, "18830", console, clock).render()


@pytest.mark.parametrize(("width", "height"), SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize("content", [pair, monitor, doctor, demo])
def test_screen(content: Callable[[Console], RenderableType], width: int, height: int) -> None:
    console = Console(file=io.StringIO(), width=width, height=height, legacy_windows=False)
    console.print(content(console))
    assert isinstance(console.file, io.StringIO)
    shown = "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())
    recorded = SCREENS / f"{content.__name__}-{width}x{height}.txt"
    if os.environ.get("EEBUS_GW_SCREENS") == "write":
        recorded.parent.mkdir(parents=True, exist_ok=True)
        recorded.write_text(shown)
    assert shown == recorded.read_text()
    assert len(shown.splitlines()) <= height
    assert all(len(line) <= width for line in shown.splitlines())
