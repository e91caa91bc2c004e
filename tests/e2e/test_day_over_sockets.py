"""The day of ``tests/support/day.py`` with real programs: phases are shortened, ramps and reactions are not.

The test is energy manager and grid meter. Both follow the wallbox: each of its lines is one reading of the meter, and
says what time of day it is. The battery is small, so that a minute of real power is seen in it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from eebus_gw.home import Home
from tests.support.broker import Mosquitto
from tests.support.day import (
    CONSUMPTION_W,
    EFFICIENCY,
    HOUR,
    HOUSE,
    PRODUCTION_W,
    SHORTENED,
    STRONGEST_W,
    TARGET,
    Phase,
    Span,
    stored_wh,
    wanted_w,
)
from tests.support.processes import (
    LOOPBACK,
    Gateway,
    Json,
    Observer,
    Plant,
    Program,
    Wallbox,
    eventually,
    lasting_port,
)

CAPACITY_WH = 1_000.0
MINIMUM, START, RETURN = 70.0, 75.0, 77.9
"""State of charge in %: what the driver keeps and what the car comes with. A minute moves even this battery little."""
IDLE_W = 50.0
OBEYED_WITHIN_S = 2.0
"""From a tightened limit or a new reading of the meter to the power that obeys it (docs/bidirectional.md)."""
DEAD_WITHIN_S = 10.0
"""From the gateway's death to the end of discharging (docs/bidirectional.md)."""
RESULT_WITHIN_S = 10.0
REASONS = (
    "device_offline",
    "ev_not_connected",
    "usecase_unsupported",
    "feed_in_not_allowed",
    "link_lost",
)
"""Why a wish may be refused on this day: the car is not known yet or leaves, or its house needs nothing."""
WISH_S = 15.0
COUNTERS_WH = 0.2
"""What two counters that tell a tenth of a Wh may be wrong by, between two readings of each."""
QUIET = (Phase.AWAY, Phase.SPEECHLESS)
"""Phases in which the energy manager says nothing."""


@dataclass(frozen=True, slots=True)
class Second:
    """One line of the wallbox: ``t`` by its clock, ``at`` by that of the test, when it was seen."""

    t: float
    at: float
    power_w: float
    soc_percent: float | None
    setpoint_w: float | None

    @property
    def phase(self) -> Phase:
        return SHORTENED.phase(self.t)


@dataclass
class House:
    """Programs, energy manager and meter, with a record of everything that was seen and said."""

    gateway: Gateway
    box: Wallbox
    control: Program
    mqtt: Observer
    device: str
    seconds: list[Second] = field(default_factory=list)
    readings: list[tuple[float, float]] = field(default_factory=list)
    """When the meter was told, and what the house drew without the car."""
    asked: dict[str, float] = field(default_factory=dict)
    """The energy manager's commands by id, each with its moment."""
    limits: list[tuple[float, Json]] = field(default_factory=list)
    """The grid's limits, each with the moment in which the control box had the gateway's answer."""
    killed_at: float = 0.0
    asked_again_at: float = 0.0
    setpoints_of_the_new_gateway: list[Json] = field(default_factory=list)
    """Its documents until it was asked for something."""
    _told: int = 0

    # --- the day

    async def live(self) -> None:
        """The whole day, until the car has left."""
        restart: asyncio.Task[Json] | None = None
        async for second in self._lines():
            if second.phase is Phase.SPEECHLESS and restart is None:
                self.gateway.kill()
                self.killed_at = time.monotonic()
                self._told = len(self.mqtt.on(f"{self.device}/setpoint"))
                restart = asyncio.create_task(asyncio.to_thread(self.gateway.start))
            self._read_meter(second)
            if second.soc_percent is not None and second.phase not in QUIET:
                self._ask(second)
        assert restart is not None
        await restart
        # A line that was seen late was written no later than others: both clocks run alike.
        ahead_s = min(second.at - second.t for second in self.seconds)
        self.seconds = [replace(second, at=second.t + ahead_s) for second in self.seconds]

    async def _lines(self) -> AsyncIterator[Second]:
        """Every second of the wallbox, when it is seen."""
        while not self.seconds or self.seconds[-1].t < SHORTENED.departure:
            known = len(self.seconds) + 1  # the first line says that it is ready
            await eventually(lambda: self._hear() > known, "the wallbox tells")  # noqa: B023
            line = self.box.lines[known]
            self.seconds.append(
                Second(
                    line["t"],
                    time.monotonic(),
                    line["power_w"],
                    line["soc_percent"],
                    line["setpoint_w"],
                )
            )
            yield self.seconds[-1]

    def _hear(self) -> int:
        """Takes down what the control box has told; returns how much the wallbox has."""
        told = [line for line in self.control.lines if line["event"] == "answered"]
        self.limits += [(time.monotonic(), line) for line in told[len(self.limits) :]]
        return len(self.box.lines)

    def _read_meter(self, second: Second) -> None:
        house_w = HOUSE.grid_w(SHORTENED.time_of_day(second.t))
        ts = datetime.now(UTC).isoformat()
        self.mqtt.publish("grid/meter/set", {"power_w": house_w + second.power_w, "ts": ts})
        self.readings.append((time.monotonic(), house_w))

    def _ask(self, second: Second) -> None:
        assert second.soc_percent is not None
        surplus_w = -HOUSE.grid_w(SHORTENED.time_of_day(second.t))
        watts = wanted_w(second.phase, surplus_w, second.soc_percent)
        wish = {"setpoint_w": round(watts), "active": True, "duration_s": WISH_S}
        name = f"at-{second.t:g}"
        self.asked[name] = time.monotonic()
        if self.killed_at and not self.asked_again_at:
            told = self.mqtt.on(f"{self.device}/setpoint")[self._told :]
            self.setpoints_of_the_new_gateway = [message.json for message in told]
            self.asked_again_at = self.asked[name]
        self.mqtt.publish(f"{self.device}/set", {"id": name, "setpoint": wish})

    # --- what was seen

    def within(self, phase: Phase) -> list[Second]:
        """The seconds of a phase."""
        return [second for second in self.seconds if second.phase is phase]

    def story(self) -> str:
        """The day second by second, for whoever has to find out what went wrong."""
        return "\n".join(
            f"{second.t:7.2f} {second.phase.name:11} house {house_w:6.0f}  car {second.power_w:8.1f}"
            f"  setpoint {second.setpoint_w}  {second.soc_percent} %"
            for second, (_, house_w) in zip(self.seconds, self.readings, strict=True)
        )

    def by_power_wh(self) -> tuple[float, float]:
        """Charged and discharged since the car came back, by the powers of its lines."""
        charged_wh = discharged_wh = 0.0
        back = [second for second in self.seconds if second.t >= SHORTENED.span(Phase.NOON).start]
        for one, after in pairwise(back):
            energy_wh = (one.power_w + after.power_w) / 2 * (after.t - one.t) / HOUR
            charged_wh += max(0.0, energy_wh)
            discharged_wh += max(0.0, -energy_wh)
        return charged_wh, discharged_wh

    def command(self, *words: str) -> str:
        """What one command on the gateway's home prints."""
        start = [sys.executable, "-m", "eebus_gw", "--home", str(self.gateway.home)]
        done = subprocess.run([*start, *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


def script(path: Path, *steps: str) -> str:
    """A scenario file of steps, one line each, members separated by ``;``."""
    path.write_text("".join(f"[[step]]\n{step.replace('; ', chr(10))}\n" for step in steps))
    return str(path)


def car_script(directory: Path) -> str:
    away, cheap = SHORTENED.span(Phase.AWAY), SHORTENED.span(Phase.CHEAP)
    return script(
        directory / "car.toml",
        f"at = {away.start}; unplug = true",
        f"at = {away.stop}; plug = true; soc = {RETURN}",
        # The reserve for the departure is half of so small a battery: it is told as late as possible.
        f"at = {cheap.start}; departure = {cheap.stop - cheap.start}",
        f"at = {SHORTENED.departure}; unplug = true",
    )


def grid_script(directory: Path) -> str:
    consumption, production = SHORTENED.span(Phase.CONSUMPTION), SHORTENED.span(Phase.PRODUCTION)
    return script(
        directory / "grid.toml",
        "at = 0; release = true",
        f"at = {consumption.start}; limit = {CONSUMPTION_W}",
        f"at = {consumption.stop}; release = 'limit'",
        f"at = {production.start}; production_limit = {PRODUCTION_W}",
        f"at = {production.stop}; release = 'production_limit'",
    )


async def house_of(plant: Plant, broker: Mosquitto) -> House:
    """Everything paired before the day begins, as its clock is the wallbox's."""
    directory, mqtt = plant.directory, plant.observer(broker.port)
    grid_port, control_port = lasting_port(), lasting_port()
    gateway = Gateway(directory / "gateway", "--grid-port", str(grid_port), mqtt=broker.port)
    plant.start(gateway)
    box = Wallbox(
        directory / "box",
        *("--ev", "bidirectional", "--offer", "evsecc,evcc,evcem,evsoc,opev,mpc,dbevc"),
        *("--capacity-kwh", f"{CAPACITY_WH / 1000:g}", "--soc", f"{START:g}"),
        *("--min-soc", f"{MINIMUM:g}", "--target-soc", f"{TARGET:g}", "--departure", "none"),
        *("--scenario", car_script(directory)),
        trust=gateway.ski,
    )
    box.ski = Home.open(box.home).ensure_identity().ski
    peer = f"{gateway.lines[0]['grid_ski']}@{LOOPBACK}:{grid_port}"
    where = ("--port", str(control_port), "--host", LOOPBACK, "--no-mdns", "--peer", peer)
    home = directory / "steuerbox"
    control = Program(
        home, ["simulate", "controlbox", *where, "--scenario", grid_script(directory)]
    )
    ski = Home.open(home).ensure_identity().ski
    address = f"{LOOPBACK}:{control_port}"
    await gateway.ask("pair", side="grid", ski=ski, device_id="steuerbox", address=address)
    device = await gateway.pair(box)
    await asyncio.to_thread(plant.start, box, control)
    await gateway.ask("device/reconnect", id=device)
    return House(gateway, box, control, mqtt, device)


@pytest.mark.timeout(300)
async def test_the_day(plant: Plant, broker: Mosquitto) -> None:
    house = await house_of(plant, broker)
    await house.live()
    print(house.story())
    the_day_was_as_meant(house)
    the_driver_got_what_was_wanted(house)
    nothing_was_fed_in(house)
    limits_of_the_grid_were_obeyed(house)
    the_dead_gateway_left_nothing_behind(house)
    await every_command_ended(house)
    await energies_add_up(house)


def the_day_was_as_meant(house: House) -> None:
    """Everything that the rules have to bear has happened."""
    assert max(second.power_w for second in house.within(Phase.NOON)) > 2_000
    production = house.within(Phase.PRODUCTION)[0]
    assert production.power_w < -PRODUCTION_W, "more than the limit that comes now"
    last = [s for s in house.seconds if s.at <= house.killed_at][-1]
    assert last.power_w < -1_000, "killed while the car discharges"
    before_cheap = house.within(Phase.CHEAP)[0].soc_percent
    assert before_cheap is not None
    assert before_cheap < TARGET
    assert max(second.power_w for second in house.within(Phase.CHEAP)) > 5_000


def the_driver_got_what_was_wanted(house: House) -> None:
    for second in house.seconds:
        if second.power_w < -IDLE_W:
            assert second.soc_percent is not None, second
            assert second.soc_percent >= MINIMUM - 0.01, second
    for second in house.within(Phase.AWAY):
        assert (second.soc_percent, second.power_w) == (None, 0), second
    *_, departing, departed = house.seconds
    assert departing.soc_percent is not None
    assert departing.soc_percent >= TARGET
    assert (departed.soc_percent, departed.power_w) == (None, 0)


def nothing_was_fed_in(house: House) -> None:
    """The car never gave more than the house drew by any reading that the gateway had two seconds for."""
    for second in house.seconds:
        if second.power_w < -IDLE_W:
            before = [each for each in house.readings if each[0] <= second.at - OBEYED_WITHIN_S]
            since = [each for each in house.readings if each[0] > second.at - OBEYED_WITHIN_S]
            drawn_w = max(watts for at, watts in [*before[-1:], *since] if at < second.at)
            assert -second.power_w <= drawn_w, second


def limits_of_the_grid_were_obeyed(house: House) -> None:
    for use_case, limit_w, lowest_w, highest_w in (
        ("lpc", CONSUMPTION_W, float("-inf"), CONSUMPTION_W),
        ("lpp", -PRODUCTION_W, -PRODUCTION_W, float("inf")),
    ):
        told = [(at, answer) for at, answer in house.limits if answer["use_case"] == use_case]
        assert {answer["error_number"] for _, answer in told} == {0}
        (begin,) = [i for i, (_, answer) in enumerate(told) if answer["limit_w"] == limit_w]
        span = Span(told[begin][0] + OBEYED_WITHIN_S, told[begin + 1][0])
        seen = [second for second in house.seconds if second.at in span]
        assert seen
        for second in seen:
            assert lowest_w - 1 <= second.power_w <= highest_w + 1, second


def the_dead_gateway_left_nothing_behind(house: House) -> None:
    orphaned = Span(house.killed_at + DEAD_WITHIN_S, house.asked_again_at)
    for second in house.seconds:
        if second.at in orphaned:
            assert second.power_w > -IDLE_W, second
            assert second.setpoint_w is None, second
    assert house.setpoints_of_the_new_gateway, "it is back"
    assert not any(each["active"] for each in house.setpoints_of_the_new_gateway), "as it was told"


async def every_command_ended(house: House) -> None:
    """Once, and if not as wished, then for a reason that the day explains; whoever was killed owes no result."""

    def finals(name: str) -> list[Json]:
        results = house.mqtt.results(house.device, name)
        return [result for result in results if result["state"] not in ("received", "sent")]

    in_flight = Span(house.killed_at - RESULT_WITHIN_S, house.killed_at)
    owed = [name for name, at in house.asked.items() if at not in in_flight]
    await eventually(lambda: all(map(finals, owed)), "every command has a result")
    for name in house.asked:
        for final in (ended := finals(name)):
            assert len(ended) == 1, name
            assert final["state"] in ("applied", "superseded", "rejected"), final
            assert final["reason"] in (None, *REASONS), final


async def energies_add_up(house: House) -> None:
    """Ledger, documents, battery and the powers of every second tell the same story, crash or not."""
    leaf = f"{house.device}/session"
    await eventually(lambda: house.mqtt.document(leaf)["ended"], "the session has ended")
    records = json.loads(house.command("sessions", "export", "--format", "json"))
    assert all(session["ended"] for session in records["sessions"])
    session = records["sessions"][-1]
    charged_wh, discharged_wh = _energies(session)
    assert charged_wh > 30
    assert discharged_wh > 3

    # what was charged and discharged is what the battery gained
    *_, last, departed = house.seconds
    assert last.soc_percent is not None
    unseen_h = (departed.t - last.t) / HOUR
    least_wh, most_wh = last.power_w * unseen_h, STRONGEST_W * unseen_h
    gained_wh = (last.soc_percent - RETURN) / 100 * CAPACITY_WH
    gained_wh += stored_wh((least_wh + most_wh) / 2, 0.0)
    turnover_wh = charged_wh * EFFICIENCY + discharged_wh / EFFICIENCY
    unsure_wh = stored_wh((most_wh - least_wh) / 2, 0.0) + COUNTERS_WH
    booked_wh = stored_wh(charged_wh, discharged_wh)
    assert booked_wh == pytest.approx(gained_wh, abs=0.005 * turnover_wh + unsure_wh)

    # … and what the powers say: a line a second misses up to half a second of each sudden drop
    assert (charged_wh, discharged_wh) == pytest.approx(
        house.by_power_wh(), abs=0.005 * CAPACITY_WH
    )

    # the session is one, from plug to unplug, and every account of it agrees
    assert (session["witnessed"], session["soc_start_percent"]) == (True, RETURN)
    shown = house.mqtt.document(leaf)
    assert (shown["id"], shown["started"], shown["ended"]) == (
        session["id"], session["started"], session["ended"],
    )  # fmt: skip
    assert _energies(shown) == pytest.approx((charged_wh, discharged_wh), abs=0.5)
    total_wh = [sum(each) for each in zip(*map(_energies, records["sessions"]), strict=True)]
    meter = house.mqtt.document(f"{house.device}/meter")
    metered_wh = [meter[f"energy_{way}_kwh"] * 1_000 for way in ("import", "export")]
    assert metered_wh == pytest.approx(total_wh, abs=0.6)
    quarters = records["quarters"]
    for way, wh in zip(("charged_kwh", "discharged_kwh"), total_wh, strict=True):
        assert sum(quarter[way] or 0.0 for quarter in quarters) * 1_000 == pytest.approx(
            wh, abs=0.1
        )
    report = house.command("grid", "export", "--format", "report")
    assert "- chain: sound" in report
    assert f"LPC · {CONSUMPTION_W:g} W · accepted" in report
    assert f"LPP · {-PRODUCTION_W:g} W · accepted" in report


def _energies(session: Json) -> tuple[float, float]:
    """Charged and discharged, in Wh."""
    return session["energy_kwh"] * 1_000, session["energy_discharged_kwh"] * 1_000
