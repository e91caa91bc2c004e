"""What Home Assistant is told of a device while it is there, while it is away, and after a restart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from eebus_gw.bridge.outbox import Outbox
from eebus_gw.bridge.topics import Topics
from eebus_gw.gateway.home_assistant import HomeAssistant
from eebus_gw.peers import Peer, Trust
from eebus_gw.retained import Retained
from eebus_gw.vocabulary.values import (
    LimitValue,
    Manufacturer,
    PhaseLimits,
    PhaseRanges,
    PowerConstraints,
    Range,
)
from tests.gateway.bench import SKI, Bench

TOPIC = "homeassistant/device/eebus-gw-1-carport/config"
PEER = Peer(
    ski=SKI,
    id="carport",
    alias="Carport",
    trust=Trust.TRUSTED,
    since=datetime(2026, 11, 25, tzinfo=UTC),
)
CAR = ("evsoc", "opev", "dbevc")
WALLBOX = ("evsecc", "lpc")


@dataclass
class Announced(Bench):
    """One gateway run with one device; ``retained`` is what the last run left."""

    retained: Retained = field(default_factory=Retained)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.outbox = Outbox()
        self.home_assistant = HomeAssistant(
            Topics(), self.outbox, self.clock, "gw-1", self.retained
        )

    def announce(self, *usable: str) -> None:
        self.home_assistant.announce(self.device, PEER, usable)

    def published(self) -> list[dict[str, Any]]:
        """The discovery documents since the last call."""
        documents = []
        self.clock.advance(10)
        while (publication := self.outbox.take(self.now)) is not None:
            self.outbox.delivered(publication)
            if publication.topic == TOPIC and publication.payload:
                documents.append(json.loads(publication.payload))
        return documents

    def components(self) -> dict[str, Any]:
        components: dict[str, Any] = self.published()[-1]["components"]
        return components

    def bounds(self, key: str) -> tuple[float, float]:
        component = self.components()[key]
        return component["min"], component["max"]


def phases(amperes: float) -> PhaseLimits:
    return PhaseLimits((amperes,) * 3, (True,) * 3)


def test_bounds_follow_what_arrives_after_the_announcement() -> None:
    run = Announced()
    run.plug()
    run.announce(*WALLBOX, *CAR)
    assert run.bounds("max_current") == (0, 32)
    run.tell("opev", "range_a", PhaseRanges((Range(6, 16, None),) * 3))
    run.tell("opev", "limit_a", phases(16))
    run.home_assistant.changed("carport", "limits")
    assert run.bounds("max_current") == (0, 16)
    run.tell("dbevc", "power_constraints", PowerConstraints(0, 11_000, 0, 7_400))
    run.home_assistant.changed("carport", "setpoint")
    assert run.bounds("setpoint") == (-7_400, 11_000)
    run.tell("lpc", "nominal_max_w", 11_040.0)
    run.home_assistant.changed("carport", "lpc")
    assert run.bounds("lpc_limit") == (0, 11_040)


def test_before_the_car_says_what_it_can_a_setpoint_may_discharge() -> None:
    run = Announced()
    run.announce(*CAR)
    lowest, highest = run.bounds("setpoint")
    assert lowest < 0 < highest


def test_a_reported_value_is_never_out_of_bounds() -> None:
    """Home Assistant logs an error for one that is, and shows the value before."""
    run = Announced()
    run.tell("opev", "range_a", PhaseRanges((Range(6, 16, None),) * 3))
    run.tell("opev", "limit_a", phases(32))
    run.tell("lpc", "nominal_max_w", 11_040.0)
    run.tell("lpc", "limit", LimitValue(43_000.0, False, None))
    run.announce(*WALLBOX, *CAR)
    components = run.components()
    assert components["max_current"]["max"] == 32
    assert components["lpc_limit"]["max"] == 43_000


@pytest.mark.parametrize(("limit_w", "highest_w"), [(4_200.0, 22_000), (30_000.0, 30_000)])
def test_a_wallbox_that_does_not_state_its_power(limit_w: float, highest_w: float) -> None:
    run = Announced()
    run.tell("lpc", "limit", LimitValue(limit_w, True, None))
    run.announce(*WALLBOX)
    assert run.bounds("lpc_limit") == (0, highest_w)


def test_nothing_new_is_not_published_again() -> None:
    run = Announced()
    run.announce(*WALLBOX)
    assert len(run.published()) == 1
    run.announce(*WALLBOX)
    run.home_assistant.changed("carport", "limits")
    assert run.published() == []


def test_a_device_that_is_away_keeps_its_description() -> None:
    run = Announced()
    run.plug()
    run.tell("evsecc", "manufacturer", Manufacturer(software_revision="2.3"))
    run.tell("opev", "range_a", PhaseRanges((Range(6, 16, None),) * 3))
    run.announce(*WALLBOX, *CAR)
    (there,) = run.published()
    assert there["device"]["sw_version"] == "2.3"
    run.device.car_left()
    run.device.readings.forget()
    run.announce()
    assert run.published() == []


def test_a_restart_without_the_car_loses_no_entity() -> None:
    first = Announced()
    first.announce(*WALLBOX, *CAR)
    whole = first.components().keys()
    second = Announced(retained=first.retained)
    second.announce(*WALLBOX)
    assert second.components().keys() == whole


def test_a_removed_device_is_forgotten_over_the_restart_too() -> None:
    first = Announced()
    first.announce(*WALLBOX, *CAR)
    first.home_assistant.forget("carport")
    first.home_assistant.changed("carport", "limits")
    second = Announced(retained=first.retained)
    second.announce("evsecc")
    assert "setpoint" not in second.components()


def test_a_home_battery_is_no_wallbox() -> None:
    run = Announced()
    run.announce()
    assert run.components()["plugged"]["state_topic"] == "eebus/carport/ev"
    run.device.house = True
    run.tell("cob", "max_ac_charge_w", 5_000.0)
    run.tell("cob", "max_ac_discharge_w", -4_600.0)
    run.announce("vabd", "cob")
    components = run.components()
    assert components["plugged"] == {"platform": "binary_sensor"}
    assert components["battery_soc"]["state_topic"] == "eebus/carport/battery"
    assert (components["setpoint"]["min"], components["setpoint"]["max"]) == (-4_600, 5_000)


def test_a_heat_pump_shows_what_it_draws() -> None:
    run = Announced()
    run.device.house = True
    run.announce("mpc", "lpc")
    components = {key: c for key, c in run.components().items() if "name" in c}
    assert components["power"]["state_topic"] == "eebus/carport/meter"
    assert components["grid_import"]["device_class"] == "energy"
    assert {"plugged", "grid_export", "setpoint", "energy_import"}.isdisjoint(components)


def test_what_a_wallbox_or_a_grid_meter_measures_itself_adds_no_second_meter() -> None:
    box = Announced()
    box.announce("evsecc", "mpc")
    assert "grid_import" not in box.components()
    meter = Announced()
    meter.device.house = True
    meter.announce("mgcp", "mpc")
    assert {"power", "grid_import", "grid_export"} <= meter.components().keys()
