"""COB at both ends: the order heartbeat, mode, setpoint, and what happens when the CEM falls silent."""

from __future__ import annotations

import pytest

from eebus_gw.roles.events import Written
from eebus_gw.vocabulary.behaviour import refused
from eebus_gw.vocabulary.functions import KEY_DESCRIPTIONS, SETPOINT_DESCRIPTIONS
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import SetpointValue
from tests.support.bench import Bench
from usecases.battery_behaviour import BatteryServer
from usecases.battery_states import AC, PCC, BatterySettings, Ruling, State
from usecases.setpoints import COB


def bench(objection=None) -> tuple[Bench, BatteryServer]:  # type: ignore[no-untyped-def]
    pair = Bench([COB], server="Inverter")
    settings = BatterySettings(defaults={AC: 0.0, PCC: 0.0}, failsafe={AC: -300.0})
    server = BatteryServer(settings, objection) if objection else BatteryServer(settings)
    pair.provide(COB, server, max_ac_charge_w=5000.0)
    pair.open()
    return pair, server


def test_configuration_is_read() -> None:
    pair, _ = bench()
    assert pair.read(COB, "control_mode") == "auto"
    assert pair.read(COB, "default_ac_w") == 0.0
    assert pair.read(COB, "failsafe_ac_w") == -300.0
    assert pair.read(COB, "failsafe_duration_s") == 7200.0
    assert pair.read(COB, "max_ac_charge_w") == 5000.0
    assert pair.read(COB, "ac_setpoint") == SetpointValue(0.0, False)
    assert pair.read(COB, "dc_setpoint") is None


def test_what_an_inverter_has_no_value_for_is_not_described() -> None:
    pair, _ = bench()
    described = {
        entry.key_name for entry in KEY_DESCRIPTIONS.of(Shelf(pair.box.device, pair.entity))
    }
    assert described == {
        "batteryActiveControlMode", "failsafeDurationMinimum", "failsafeAcPowerSetpoint",
        "defaultAcPower", "defaultPccPower", "maxAcChargePower",
    }  # fmt: skip
    scopes = {s.scope_type for s in SETPOINT_DESCRIPTIONS.of(Shelf(pair.box.device, pair.entity))}
    assert scopes == {"batteryAcPower", "pccPower"}


def test_order_is_heartbeat_then_mode_then_setpoint() -> None:
    pair, server = bench()
    pair.wish(COB, "ac_setpoint", SetpointValue(-2000.0, True, end_s=600.0))
    pair.advance(2.0)
    assert [key for key, _, _ in pair.asked()] == ["control_mode", "ac_setpoint"]
    assert all(accepted for _, _, accepted in pair.asked())
    assert server.machine.state is State.POWER_CONTROL
    assert server.machine.ruling() == Ruling(AC, -2000.0)
    assert pair.read(COB, "control_mode") == "power"


def test_another_mode_is_asked_for_with_its_setpoint() -> None:
    pair, server = bench()
    pair.wish(COB, "ac_setpoint", SetpointValue(-2000.0, True, end_s=600.0))
    pair.advance(2.0)
    pair.wish(COB, "pcc_setpoint", SetpointValue(0.0, True, end_s=600.0))
    pair.advance(2.0)
    assert server.machine.state is State.PCC_CONTROL
    assert server.machine.ruling() == Ruling(PCC, 0.0)
    assert pair.read(COB, "ac_setpoint").active is False


def test_913_silent_cem_leads_to_failsafe_and_asks_again_when_it_is_back() -> None:
    pair, server = bench()
    pair.wish(COB, "ac_setpoint", SetpointValue(-2000.0, True, end_s=3600.0))
    pair.advance(2.0)
    pair.cem.host.heartbeats.silent = True
    pair.advance(180.0)
    assert server.machine.state is State.FAILSAFE
    assert server.machine.ruling() == Ruling(AC, -300.0)
    assert pair.read(COB, "ac_setpoint").active is False
    pair.cem.host.heartbeats.silent = False
    pair.advance(122.0)
    assert server.machine.state is State.POWER_CONTROL
    assert server.machine.ruling() == Ruling(AC, -2000.0)


def test_lost_connection_is_silence_and_setpoints_are_not_replayed() -> None:
    pair, server = bench()
    pair.wish(COB, "ac_setpoint", SetpointValue(-2000.0, True, end_s=3600.0))
    pair.advance(2.0)
    pair.disconnect()
    pair.advance(121.0)
    assert server.machine.state is State.FAILSAFE
    before = len(pair.box.of(Written))
    pair.connect()
    pair.advance(5.0)
    assert pair.box.of(Written)[before:] == []
    assert server.machine.ruling() == Ruling(AC, -300.0)


def test_004_refused_by_the_inverter() -> None:
    pair, server = bench(lambda key, value, now: refused("battery is full"))
    pair.wish(COB, "ac_setpoint", SetpointValue(2000.0, True, end_s=600.0))
    pair.advance(2.0)
    assert pair.reports("cem", "setpoint_refused") == [
        {"point": "ac_setpoint", "error_number": 7, "text": "battery is full"}
    ]
    assert server.machine.ruling() == Ruling(AC, 0.0)


@pytest.mark.parametrize(
    ("seconds", "number"), [(7199, 7), (7200, 0), (86400, 0), (86401, 7)], ids=str
)
def test_044_failsafe_duration_lies_between_2_h_and_24_h(seconds: int, number: int) -> None:
    pair, server = bench()
    assert pair.write(COB, "failsafe_duration_s", seconds).error_number == number
    expected = 7200 if number else seconds
    assert server.machine.settings.failsafe_duration_s == expected


def test_041_failsafe_setpoint_can_be_written() -> None:
    pair, server = bench()
    assert pair.write(COB, "failsafe_ac_w", -100.0).error_number == 0
    assert server.machine.ruling() == Ruling(AC, -100.0)


def test_a_read_shows_the_time_that_remains() -> None:
    pair, _ = bench()
    pair.wish(COB, "ac_setpoint", SetpointValue(-2000.0, True, end_s=600.0))
    pair.advance(21.0)
    pair.cem.host.partners["box"].refetch(pair.now)
    pair.settle()
    assert pair.read(COB, "ac_setpoint").end_s == pytest.approx(100.0, abs=1.1)
