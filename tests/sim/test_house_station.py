"""The simulated house as a device, seen by a client in memory: what it offers, and its battery under COB (§10.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from eebus_gw.roles.events import Reported, WriteDone
from eebus_gw.roles.host import Entity
from eebus_gw.sim.house import House, HouseOptions, HouseSnapshot
from eebus_gw.sim.house_station import HouseStation
from eebus_gw.sim.scenario import Step
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import SetpointValue
from tests.support.pair import Pair
from usecases.aggregates import VABD, VAPD
from usecases.battery_states import State
from usecases.monitoring import MGCP
from usecases.setpoints import COB

CLIENT = (MGCP, VABD, VAPD, COB)
SURPLUS = HouseOptions(load_w=500.0, pv_w=3_000.0, pv_peak_w=8_000.0)


class Drive(Pair):
    """A client and a simulated house, stepped once a second."""

    def __init__(
        self, options: HouseOptions = SURPLUS, *, offer: Iterable[str] | None = None
    ) -> None:
        super().__init__()
        self.cem.host.add_entity(Entity("CEM", CLIENT), self.now)
        self.cem.host.announce()
        self.model = House(options, now=self.now)
        self.offer = list(offer) if offer is not None else None
        self.station = HouseStation(self.box.host, self.model, self.now, offer=self.offer)
        self.seen: HouseSnapshot = self.model.step(self.now)
        self._heard = 0
        self.connect()
        self.run(1)

    def run(self, seconds: int) -> None:
        """Lets time pass for both ends and the model."""
        for _ in range(seconds):
            self.advance(1.0)
            self.listen()
            self.seen = self.station.step(self.now)
            self.settle()

    def listen(self) -> None:
        while self._heard < len(self.box.events):
            self._heard += 1
            self.station.handle(self.box.events[self._heard - 1], self.now)

    def read(self, use_case: UseCase, key: str) -> Any:
        reading = self.cem.host.get("box", use_case, use_case.point(key))
        return reading.value if reading is not None else None

    def wish(self, key: str, watts: float, end_s: float | None = None) -> None:
        value = SetpointValue(watts, True, end_s=end_s)
        self.cem.host.wish("box", COB, COB.point(key), value, self.now)
        self.settle()
        self.listen()

    def write(self, key: str, value: Any) -> WriteDone:
        token = self.cem.host.write("box", COB, COB.point(key), value, self.now)
        self.settle()
        self.listen()
        done: WriteDone = next(d for d in self.cem.of(WriteDone) if d.token == token)
        return done

    def reported(self, name: str) -> list[dict[str, Any]]:
        return [dict(e.data) for e in self.cem.of(Reported) if e.name == name]

    @property
    def state(self) -> State:
        assert self.station.inverter is not None
        return self.station.inverter.state

    @property
    def line(self) -> dict[str, Any]:
        return dict(self.station.line(0.0, self.seen))


def matched(drive: Drive) -> dict[str, list[int]]:
    consumers = drive.cem.host.partners["box"].consumers
    return {code: sorted(c.scenarios) for (code, _), c in consumers.items()}


# ── what it offers


def test_a_house_matches_in_four_use_cases() -> None:
    assert matched(Drive()) == {
        "mgcp": [2, 3, 4, 5, 6, 7],
        "vabd": [1, 2, 3, 4],
        "vapd": [1, 2, 3],
        "cob": [1, 2, 3, 4, 5],
    }


@pytest.mark.parametrize(
    ("options", "offer", "codes"),
    [
        (HouseOptions(capacity_wh=0.0), None, {"mgcp", "vapd"}),
        (HouseOptions(pv_peak_w=0.0), None, {"mgcp", "vabd", "cob"}),
        (HouseOptions(), ["mgcp"], {"mgcp"}),
        (HouseOptions(), ["vabd", "cob"], {"vabd", "cob"}),
    ],
    ids=["no battery", "no PV system", "a meter", "a battery"],
)
def test_what_is_not_there_is_not_offered(
    options: HouseOptions, offer: list[str] | None, codes: set[str]
) -> None:
    drive = Drive(options, offer=offer)
    assert set(matched(drive)) == codes
    types = {entity.type for entity in drive.box.device.entities.values()} - {"DeviceInformation"}
    assert len(types) == len(codes)


def test_what_a_peer_reads_is_what_the_house_shows() -> None:
    drive = Drive()
    drive.run(180)
    assert drive.state is State.AUTO_UNCONTROLLED
    assert drive.read(MGCP, "power_w") == 0.0
    assert drive.read(VABD, "power_w") == 2_500.0
    assert drive.read(VAPD, "power_w") == -3_000.0
    assert drive.read(VAPD, "peak_power_w") == 8_000.0
    assert drive.read(VABD, "soc_percent") == pytest.approx(50.4, abs=0.1)
    assert drive.read(MGCP, "energy_produced_wh") == pytest.approx(drive.seen.fed_in_wh, abs=10)
    assert drive.read(VABD, "energy_charged_wh") == pytest.approx(drive.seen.charged_wh, abs=43)
    assert drive.read(VAPD, "energy_yield_wh") == pytest.approx(drive.seen.yield_wh, abs=51)
    assert drive.read(MGCP, "current_a") == (0.0, 0.0, 0.0)
    assert drive.read(MGCP, "voltage_v") == (230.0, 230.0, 230.0)
    assert drive.read(MGCP, "frequency_hz") == 50.0


def test_a_steady_house_says_nothing_but_its_counters() -> None:
    drive = Drive(HouseOptions(load_w=1_000.0, capacity_wh=0.0, pv_peak_w=0.0))
    drive.run(10)
    before = len(drive.box.sent)
    drive.run(600)
    # 1 kW moves a counter by 10 Wh in 36 s.
    assert 16 <= len(drive.box.sent) - before <= 18


# ── COB, as the inverter obeys it


def test_901_905_a_start_is_init_with_failsafe_power_and_120_s_later_it_is_on_its_own() -> None:
    drive = Drive()
    drive.run(118)
    assert (drive.state, drive.seen.battery_w) == (State.INIT, 0.0)
    drive.run(6)
    assert (drive.state, drive.seen.battery_w) == (State.AUTO_UNCONTROLLED, 2_500.0)


def test_001_a_setpoint_is_the_power_of_the_battery() -> None:
    drive = Drive()
    drive.wish("ac_setpoint", -2_000.0, 600.0)
    drive.run(5)
    assert (drive.state, drive.seen.battery_w) == (State.POWER_CONTROL, -2_000.0)
    assert drive.seen.grid_w == 500.0 - 2_000.0 - 3_000.0
    assert drive.read(MGCP, "power_w") == -4_500.0
    assert (drive.line["setpoint_w"], drive.line["mode"]) == (-2_000.0, "power")
    assert drive.line["state"] == "power_control"


def test_pcc_setpoint_is_the_power_at_the_meter_whatever_the_house_does() -> None:
    drive = Drive()
    drive.wish("pcc_setpoint", -1_000.0, 600.0)
    drive.run(5)
    assert (drive.state, drive.seen.grid_w) == (State.PCC_CONTROL, -1_000.0)
    drive.model.load_w = 3_300.0
    drive.run(5)
    assert (drive.seen.grid_w, drive.seen.battery_w) == (-1_000.0, -1_300.0)
    drive.model.other_w = 11_000.0
    drive.run(5)
    assert (drive.seen.battery_w, drive.seen.grid_w) == (-5_000.0, 6_300.0)
    assert drive.line["mode"] == "pcc"


def test_005_917_at_the_end_of_a_setpoint_the_default_holds() -> None:
    drive = Drive()
    drive.run(2)
    assert drive.write("control_mode", "power").error_number == 0
    assert drive.write("ac_setpoint", SetpointValue(2_000.0, True, end_s=30.0)).error_number == 0
    drive.run(29)
    assert drive.seen.battery_w == 2_000.0
    drive.run(3)
    assert (drive.seen.battery_w, drive.state) == (0.0, State.POWER_CONTROL)
    assert drive.line["setpoint_w"] is None
    assert drive.read(COB, "ac_setpoint").active is False


def test_913_009_heartbeat_loss_of_120_s_leads_to_the_failsafe_power() -> None:
    drive = Drive()
    drive.write("failsafe_ac_w", -300.0)
    drive.wish("ac_setpoint", 2_000.0, 3_600.0)
    drive.run(5)
    drive.cem.host.heartbeats.silent = True
    drive.run(65)
    assert drive.seen.battery_w == 2_000.0
    drive.run(60)
    assert (drive.state, drive.seen.battery_w) == (State.FAILSAFE, -300.0)
    assert drive.line["mode"] == "auto"


def test_a_lost_connection_is_silence() -> None:
    drive = Drive()
    drive.wish("ac_setpoint", 2_000.0, 3_600.0)
    drive.run(5)
    drive.disconnect()
    drive.run(125)
    assert (drive.state, drive.seen.battery_w) == (State.FAILSAFE, 0.0)


def test_915_after_the_failsafe_duration_it_is_on_its_own() -> None:
    drive = Drive()
    drive.wish("ac_setpoint", -1_000.0)
    drive.run(5)
    drive.disconnect()
    drive.run(125)
    assert drive.state is State.FAILSAFE
    drive.run(7_201)
    assert (drive.state, drive.seen.battery_w) == (State.AUTO_UNCONTROLLED, 2_500.0)


def test_031_3_mode_auto_lets_it_see_to_itself() -> None:
    drive = Drive()
    drive.wish("ac_setpoint", -1_000.0, 600.0)
    drive.run(5)
    drive.cem.host.wish("box", COB, COB.control_mode, "auto", drive.now)
    drive.run(5)
    assert (drive.state, drive.seen.battery_w) == (State.AUTO_CONTROL, 2_500.0)


@pytest.mark.parametrize(("watts", "number"), [(5_000.0, 0), (5_001.0, 7), (-5_001.0, 7)])
def test_003_beyond_its_powers_is_refused_with_error_7_and_the_old_setpoint_stands(
    watts: float, number: int
) -> None:
    drive = Drive()
    drive.wish("ac_setpoint", 1_000.0, 600.0)
    drive.run(5)
    answer = drive.write("ac_setpoint", SetpointValue(watts, True, end_s=60.0))
    assert answer.error_number == number
    drive.run(5)
    assert drive.seen.battery_w == (1_000.0 if number else watts)


def test_its_powers_are_told() -> None:
    drive = Drive(HouseOptions(max_w=3_300.0))
    assert drive.read(COB, "max_ac_charge_w") == 3_300.0
    assert drive.read(COB, "max_ac_discharge_w") == 3_300.0
    assert drive.read(COB, "default_ac_w") == 0.0
    assert drive.read(COB, "failsafe_ac_w") == 0.0
    assert drive.read(COB, "failsafe_duration_s") == 7_200.0


def test_901_a_restart_ends_setpoints_and_keeps_what_was_configured() -> None:
    drive = Drive()
    drive.write("failsafe_ac_w", 200.0)
    drive.wish("ac_setpoint", -1_000.0, 600.0)
    drive.run(5)
    drive.disconnect()
    drive.station.go_down(drive.now)
    assert drive.model.step(drive.now + 10).battery_w == 0.0
    again = Pair()
    again.now = drive.now + 10
    station = HouseStation(again.box.host, drive.model, again.now, before=drive.station)
    assert station.inverter is not None
    assert station.inverter.state is State.INIT
    assert station.step(again.now + 5).battery_w == 200.0


# ── scripts


def test_a_script_changes_load_and_sun() -> None:
    drive = Drive(HouseOptions(capacity_wh=0.0))
    assert drive.station.apply(Step(0.0, "load", 2_000.0), drive.now)
    assert drive.station.apply(Step(0.0, "pv", 700.0), drive.now)
    drive.run(1)
    assert (drive.seen.load_w, drive.seen.pv_w, drive.seen.grid_w) == (2_000.0, 700.0, 1_300.0)
    assert not drive.station.apply(Step(0.0, "plug", True), drive.now)


def test_a_script_makes_it_refuse_setpoints() -> None:
    drive = Drive()
    drive.station.apply(Step(0.0, "refuse", True), drive.now)
    drive.wish("ac_setpoint", 1_000.0, 600.0)
    drive.run(5)
    (refusal,) = drive.reported("setpoint_refused")
    assert refusal["error_number"] == 7
    drive.station.apply(Step(0.0, "refuse", False), drive.now)
    drive.wish("ac_setpoint", 1_000.0, 600.0)
    drive.run(5)
    assert drive.seen.battery_w == 1_000.0


def test_a_silent_house_publishes_nothing_until_its_time_is_over() -> None:
    drive = Drive()
    drive.station.apply(Step(0.0, "silence", 30.0), drive.now)
    drive.model.load_w = 2_000.0
    drive.run(4)
    partner = drive.cem.host.partners["box"]
    partner.refetch(drive.now, MGCP)
    drive.run(25)
    assert drive.read(MGCP, "power_w") == -2_500.0
    assert not partner.confirms(MGCP, MGCP.power_w)
    drive.run(2)
    assert drive.read(MGCP, "power_w") == -1_000.0
