"""The site as a whole: limits reach also those that come later."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from eebus_gw.bridge.commands import Command, Origin
from eebus_gw.bridge.documents import LimitFacts, limit_document
from eebus_gw.bridge.readings import Readings
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.gateway.grid import SiteLimits
from eebus_gw.home import Home
from eebus_gw.roles.events import Update
from eebus_gw.settings import Settings, ShipSettings, SiteSettings
from eebus_gw.vocabulary.values import LimitValue, Reading, SetpointValue
from tests.gateway.paired import gateway_with
from tests.support.clock import FakeClock
from usecases.limitation import LPP
from usecases.setpoints import DBEVC

SKIS = {
    "carport": "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40",
    "garage": "8c1e0b94a2d35f68017be4c9d2f06a81b35e7d41",
}


@pytest.fixture
async def gateway(tmp_path: Path) -> Any:
    async with gateway_with(tmp_path, SKIS) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("limit_w", "contract_w", "feed_in_w", "part_w"),
    [
        (None, None, None, None),
        (None, 5_000.0, 5_000, None),
        (5_000.0, 5_000.0, 5_000, None),
        (3_000.0, 5_000.0, 3_000, 3_000),
        (6_000.0, None, 6_000, 6_000),
    ],
)
async def test_no_more_is_fed_in_by_setpoint_than_the_contract_permits(
    tmp_path: Path,
    limit_w: float | None,
    contract_w: float | None,
    feed_in_w: float | None,
    part_w: float | None,
) -> None:
    """Also where no control box has ever steered production; the contract alone does not bound what the house draws."""
    settings = Settings(site=SiteSettings(contractual_production_w=contract_w))
    gateway = Gateway(Home.open(tmp_path), settings, clock=FakeClock())
    gateway.site._limits = SiteLimits(production_w=limit_w)
    view = gateway.site.view(Device("carport", SKIS["carport"]))
    assert (view.production_w, view.feed_in_w) == (part_w, feed_in_w)
    assert view.feed_in_part_w == feed_in_w


@pytest.mark.parametrize(
    ("limit_w", "limited"), [(None, False), (20_000.0, False), (4_200.0, True)]
)
async def test_a_contract_or_a_limit_for_wallboxes_is_none_for_batteries(
    tmp_path: Path, limit_w: float | None, limited: bool
) -> None:
    """What the site must obey is never more than the contract, so that something holds all the time."""
    site = SiteSettings(contractual_consumption_w=20_000.0, limit_w=11_000.0)
    gateway = Gateway(Home.open(tmp_path), Settings(site=site), clock=FakeClock())
    machine = SimpleNamespace(nominal_max_w=20_000.0)
    grid: Any = SimpleNamespace(system=lambda use_case: SimpleNamespace(machine=machine))
    gateway.site.grid = grid
    gateway.site._limits = SiteLimits(consumption_w=limit_w)
    assert gateway.site.view(Device("house", SKIS["carport"])).limited is limited


def told(gateway: Gateway, device_id: str, use_case: Any, point: Any, value: Any) -> None:
    """A device tells a value."""
    device = gateway.devices.by_id[device_id]
    consumer: Any = SimpleNamespace(use_case=use_case)
    gateway.on_event(gateway.wallbox, Update(device.ski, consumer, point, Reading(value)))


def production_share_w(gateway: Gateway, device_id: str) -> float | None:
    return gateway.devices.controls[device_id].limiting._required[LPP.code].share_w


@pytest.mark.parametrize("active", [True, False])
async def test_a_car_that_still_follows_a_setpoint_of_before_is_let_go(
    gateway: Gateway, active: bool
) -> None:
    """After a crash nobody wishes it any more, and no limit would ever be applied to it."""
    told(gateway, "carport", DBEVC, DBEVC.setpoint, SetpointValue(-3_000.0, active))
    deadline = gateway.devices.controls["carport"].car.next_deadline()
    assert deadline == (gateway.clock.now() + 5 if active else None)


async def test_a_wallbox_that_comes_while_production_is_limited_gets_its_part_at_once(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the control box is silent nothing else would ever bring the limit up again."""
    monkeypatch.setattr(gateway.site, "_limits", SiteLimits(production_w=3_000.0))
    told(gateway, "carport", LPP, LPP.limit, LimitValue(0.0, False))
    assert production_share_w(gateway, "carport") == 3_000
    told(gateway, "garage", DBEVC, DBEVC.setpoint, SetpointValue(0.0, False))
    assert production_share_w(gateway, "carport") == 1_500


@pytest.mark.parametrize("silent", [False, True])
async def test_another_wish_may_change_the_shares_of_a_limit(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, silent: bool
) -> None:
    """Be it by command or by the fallback; a wallbox that measures nothing tells nothing that would lead to it."""
    soon: list[float] = []
    monkeypatch.setattr(gateway.site.distribution, "soon", soon.append)
    now = gateway.clock.now()
    if silent:
        gateway.devices._fell_back(gateway.devices.by_id["carport"])
    else:
        gateway.wallbox.link(SKIS["carport"]).connected_at = gateway.clock.wall()
        gateway.tracker.submit(
            Command(
                1,
                "carport",
                "charging_enabled",
                True,
                True,
                "on",
                "",
                Origin.MQTT,
                now,
                now + 30,
            ),
            now,
        )
        gateway.settle()
    assert soon == [now]


async def test_its_own_limits_are_shown_with_the_members_that_those_of_a_wallbox_have(
    tmp_path: Path,
) -> None:
    settings = Settings(ship=ShipSettings(port=0, grid_port=0, mdns=False))
    async with Gateway(Home.open(tmp_path), settings, host="127.0.0.1") as gateway:
        await gateway.site.ensure()
        status, wall = gateway.site.status(), gateway.clock.wall()
    of_a_wallbox = limit_document(Readings(), "lpc", LimitFacts(), wall)
    assert list(status["lpc"]) == list(status["lpp"]) == list(of_a_wallbox)
