"""The live block of ``pair`` in the sizes of small and larger terminals."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from eebus_gw.cli.pair_view import PairView, clock_text
from eebus_gw.cli.qr import qr_lines
from eebus_gw.identity import Identity
from eebus_gw.ship.ski import group_ski

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
WAITING = {
    "ski": SKI,
    "phase": "waiting for the peer",
    "waits_for": "the peer's user",
    "waiting_s": 59.6,
    "type": "ChargingStation",
}


def screen(view_of: Callable[[Console], PairView], width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(view_of(console).render())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def pairing(identity: Identity, state: dict[str, Any]) -> Callable[[Console], PairView]:
    def view_of(console: Console) -> PairView:
        view = PairView(identity, SKI, 120.0, console)
        if state:
            view.seen(state)
        return view

    return view_of


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_skis_phase_turn_and_time(width: int, height: int) -> None:
    identity = Identity.create()
    lines = screen(pairing(identity, WAITING), width, height)
    text = "\n".join(lines)
    assert group_ski(identity.ski) in text
    assert group_ski(SKI) in text
    assert "waiting for the other side" in text
    assert "Now the wallbox's user has to confirm this gateway" in text
    assert "the device waits for 1:00 more, giving up in 2:00" in text
    assert ("eebus-gw identity qr" in text) == (height < 40), "else the code itself is above"
    assert len(lines) < height


def test_a_failure_is_shown_while_it_is_tried_again() -> None:
    state = {"ski": SKI, "phase": "dialling", "error": "no answer"}
    text = "\n".join(screen(pairing(Identity.create(), state), 80, 24))
    assert "dialling" in text
    assert "no answer" in text


def test_the_hint_at_the_qr_code_names_the_home_directory() -> None:
    console = Console(file=io.StringIO(), width=80, height=24)
    view = PairView(Identity.create(), SKI, 120.0, console, program="eebus-gw --home /srv/gw")
    console.print(view.render())
    assert isinstance(console.file, io.StringIO)
    assert "eebus-gw --home /srv/gw identity qr" in console.file.getvalue()


def test_with_room_there_is_no_hint_at_the_qr_code() -> None:
    identity = Identity.create()
    block = screen(pairing(identity, WAITING), 120, 40)
    assert "identity qr" not in "\n".join(block)
    code = list(qr_lines(identity.qr_text, terminal=True))
    assert len(code) + len(block) <= 40


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 s"), (-3.0, "0 s"), (44.6, "45 s"), (60.0, "1:00"), (125.0, "2:05")],
)
def test_times(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text
