"""What a device confirms of the inferred wire form is in the log, once."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from eebus_gw.gateway.wire_evidence import WireEvidence
from eebus_gw.vocabulary.values import SetpointValue
from tests.support.bench import Bench
from usecases.setpoint_behaviour import SetpointServer
from usecases.setpoint_wire import WIRE, Wire
from usecases.setpoints import DBEVC, BidirectionalCharging


def car(wire: Wire) -> Bench:
    """A car that speaks ``wire``, and a client that has read it."""
    pair = Bench([DBEVC])
    pair.provide(
        BidirectionalCharging(wire), SetpointServer(wire=wire), setpoint=SetpointValue(0.0, False)
    )
    pair.open()
    return pair


def test_once_for_each_device_and_wording(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    evidence = WireEvidence()
    usual, other = car(WIRE), car(replace(WIRE, scope_total="acPowerTotal"))
    for device, pair in (
        ("carport", usual),
        ("carport", usual),
        ("garage", usual),
        ("carport", other),
    ):
        evidence.note(device, [pair.cem.host.consumer("box", DBEVC)])
    said = [record.getMessage() for record in caplog.records if "provisional" in record.message]
    assert [line.split(":")[0] for line in said] == ["carport", "garage", "carport"]
    assert "scope_total batteryAcPower" in said[0]
    assert "scope_total acPowerTotal" in said[2]
