"""The simulated control box as a process limits a simulated wallbox over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from eebus_gw.home import Home
from tests.support.processes import LOOPBACK, Json, Program, Wallbox, eventually

LIMITED_ONLY = (
    "--offer",
    "evsecc,evcc,evcem,evsoc,mpc,lpc,lpp",
    "--target-soc",
    "100",
    "--max-a",
    "8",
)


class ControlBox(Program):
    """``simulate controlbox``, dialling one peer."""

    def __init__(self, home: Path, peer: Wallbox, *options: str) -> None:
        where = ("--host", LOOPBACK, "--no-mdns", "--port", "0")
        who = ("--peer", f"{peer.ski}@{peer.address}")
        super().__init__(home, ["simulate", "controlbox", *where, *who, *options])

    def of(self, event: str, **members: object) -> list[Json]:
        """The lines of one event with these members."""
        wanted = {"event": event, **members}.items()
        return [line for line in list(self.lines) if wanted <= line.items()]


@pytest.fixture
async def wallbox(tmp_path: Path) -> AsyncIterator[Wallbox]:
    box = Wallbox(tmp_path / "wallbox", *LIMITED_ONLY)
    box.start()
    try:
        yield box
        box.check_healthy()
    finally:
        if box.returncode is None:
            box.kill()


@pytest.fixture
async def control(tmp_path: Path, wallbox: Wallbox) -> AsyncIterator[Callable[..., ControlBox]]:
    boxes: list[ControlBox] = []

    def start(*options: str) -> ControlBox:
        box = ControlBox(tmp_path / "controlbox", wallbox, *options)
        boxes.append(box)
        ready = box.start()
        assert ready == {
            "event": "ready",
            "ski": Home.open(box.home).identity().ski,
            "port": ready["port"],
        }
        assert ready["port"] > 0
        return box

    yield start
    for box in boxes:
        try:
            assert box.stop() == 0
            box.check_healthy()
        finally:
            if box.returncode is None:
                box.kill()


async def test_the_wallbox_goes_below_the_limit_and_back_after_its_end(
    wallbox: Wallbox, control: Callable[..., ControlBox]
) -> None:
    await eventually(lambda: wallbox.now.get("power_w", 0) > 4_200, "more power")
    box = control("--limit", "4200", "--production-limit", "1000", "--for", "6")
    await eventually(lambda: len(box.of("answered", error_number=0)) == 2, "both limits accepted")
    (consumption,) = box.of("limit_written", use_case="lpc")
    (production,) = box.of("limit_written", use_case="lpp")
    assert consumption["limit_w"] == 4_200
    assert 0 < consumption["duration_s"] <= 6
    assert production["limit_w"] == -1_000
    assert box.of("connected", peer=wallbox.ski)
    await eventually(lambda: any(0 < w <= 4_200 for w in limited_w(wallbox)), "below the limit")
    await eventually(lambda: wallbox.now["power_w"] > 4_200, "more power after the end")


def limited_w(wallbox: Wallbox) -> list[float]:
    """The power in each second in which the limit held: it may be over when a test looks."""
    lines = [line for line in list(wallbox.lines) if line.get("limited_by") == "grid_consumption"]
    return [line["power_w"] for line in lines]


async def test_a_script_limits_errs_restarts_and_releases(
    tmp_path: Path, wallbox: Wallbox, control: Callable[..., ControlBox]
) -> None:
    script = tmp_path / "day.toml"
    script.write_text(
        """
        [[step]]
        at = 0
        limit = 0
        [[step]]
        at = 2
        limit = -1
        [[step]]
        at = 4
        restart = 1
        [[step]]
        at = 10
        release = true
        """
    )
    box = control("--scenario", str(script))
    await eventually(lambda: box.of("answered", use_case="lpc", limit_w=0.0), "0 W accepted")
    await eventually(lambda: box.of("answered", limit_w=-1.0, error_number=7), "−1 W refused")
    await eventually(lambda: box.of("disconnected"), "restart")
    await eventually(lambda: len(box.of("connected")) == 2, "back again")
    assert wallbox.now["power_w"] == 0
    accepted = {"use_case": "lpc", "error_number": 0}
    await eventually(lambda: len(box.of("answered", **accepted, limit_w=0.0)) >= 2, "same limit")
    released = {**accepted, "active": False}
    await eventually(lambda: box.of("answered", **released), "release accepted")
    await eventually(lambda: wallbox.now["power_w"] > 0, "charging again")


async def test_silence_ends_the_heartbeats_and_not_the_link(
    control: Callable[..., ControlBox],
) -> None:
    box = control("--limit", "6000", "--silent-after", "1")
    await eventually(lambda: box.of("answered", error_number=0), "limit accepted")
    await eventually(lambda: box.of("silent", seconds=None), "silent")
    assert not box.of("disconnected")


async def test_a_wallbox_that_restarts_is_limited_again(
    tmp_path: Path, control: Callable[..., ControlBox], wallbox: Wallbox
) -> None:
    script = tmp_path / "restart.toml"
    script.write_text("[[step]]\nat = 6\nrestart = 1\n")
    other = Wallbox(tmp_path / "other", *LIMITED_ONLY, "--scenario", str(script))
    other.start()
    box = control("--limit", "4200", "--peer", f"{other.ski}@{other.address}")
    try:
        await eventually(lambda: box.of("disconnected", peer=other.ski), "the wallbox went away")
        await eventually(lambda: len(box.of("connected", peer=other.ski)) == 2, "it came back")
        again = {"peer": other.ski, "use_case": "lpc", "error_number": 0}
        await eventually(lambda: len(box.of("answered", **again)) == 2, "limited again")
        assert not box.of("disconnected", peer=wallbox.ski)
        other.check_healthy()
    finally:
        other.kill()


async def test_a_peer_that_does_not_trust_it_is_told(tmp_path: Path) -> None:
    strict = Wallbox(tmp_path / "strict", *LIMITED_ONLY, trust="0" * 40)
    strict.start()
    box = ControlBox(tmp_path / "controlbox", strict)
    box.start()
    try:
        (line,) = await eventually(lambda: box.of("not_connected"), "a reason")
        assert line["peer"] == strict.ski
        assert "trust" in line["text"]
    finally:
        box.stop()
        strict.stop()
