"""The side towards the control box: what the site must obey, whatever a control box states."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from eebus_gw.gateway.gateway import Gateway
from eebus_gw.gateway.grid import GridSide
from eebus_gw.gateway.grid_meter import METERED
from eebus_gw.home import Home
from eebus_gw.settings import Settings, SiteSettings
from eebus_gw.vocabulary.values import LimitValue, Reading
from tests.support.clock import FakeClock
from usecases.monitoring import MGCP

BOX = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


class Grid:
    """The grid side of a gateway that is not on the network, with a control box that was heard just now."""

    def __init__(self, directory: Path, site: SiteSettings, wall: datetime | None = None) -> None:
        self.clock = FakeClock(wall=wall)
        home = Home.open(directory)
        if not home.grid.has_identity():
            home.grid.create_identity(at=self.clock.wall())
            home.grid.peers.add(BOX, at=self.clock.wall(), device_id="box")
        gateway = Gateway(home, Settings(site=site), clock=self.clock)
        self.changes = 0
        self.side = GridSide(
            home,
            site,
            options=gateway.network_options(0),
            clock=self.clock,
            retained=home.retained,
            journal=gateway.site.journal,
            changed=self._changed,
            listener=lambda side, event: None,
        )
        self.machine = self.side.systems["lpc"].machine
        self.machine.heartbeat(self.clock.now())

    def write(self, code: str, point_key: str, value: object) -> None:
        """The control box writes, and what has to be remembered is."""
        system, now = self.side.systems[code], self.clock.now()
        system.machine.heartbeat(now)
        answer, actions = system.on_write(point_key, value, now)
        assert answer.accepted
        self.side.side.node.host.carry_out_at(self.side.providers[code], actions, now)
        self.side.side.node.flush()

    def _changed(self) -> None:
        self.changes += 1

    def limits(self) -> tuple[float | None, str | None]:
        """The consumption limit and the year it ends in."""
        limits = self.side.limits(self.clock.now())
        return limits.consumption_w, f"{limits.until:%Y}" if limits.until else None


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    return Grid(tmp_path, SiteSettings(contractual_consumption_w=20_000))


@pytest.mark.parametrize(
    ("duration_s", "year"),
    [(3_600.0, "2026"), (315_328_464_000.0, "9999"), (9e15, "9999"), (None, None)],
)
def test_a_limit_holds_for_any_duration(
    grid: Grid, duration_s: float | None, year: str | None
) -> None:
    decision = grid.machine.limit_written(LimitValue(4_200.0, True, duration_s), grid.clock.now())
    assert decision.accepted
    watts, ends = grid.limits()
    assert watts == 4_200.0
    assert ends == (f"{grid.clock.wall():%Y}" if year == "2026" else year)


async def test_a_smaller_contract_is_obeyed_and_a_larger_one_refused(grid: Grid) -> None:
    grid.machine.limit_written(LimitValue(0.0, False, None), grid.clock.now())
    assert grid.limits()[0] == 20_000
    assert grid.side.set_values({"contractual_max_w": 15_000}) == {}
    assert grid.limits()[0] == 15_000
    refused = grid.side.set_values({"contractual_max_w": 25_000})
    assert "20000 W" in refused["contractual_max_w"]
    assert grid.limits()[0] == 15_000


async def test_a_failsafe_value_that_is_in_force_can_only_be_lowered(grid: Grid) -> None:
    failsafe_w = grid.machine.failsafe_w
    assert grid.limits()[0] == failsafe_w
    raised = {"failsafe_w": failsafe_w + 1_000, "failsafe_duration_s": 10_000.0}
    assert "lowered" in grid.side.set_values(raised)["failsafe"]
    assert (grid.limits()[0], grid.machine.duration.seconds) == (failsafe_w, 7_200)
    assert grid.side.set_values({"failsafe_w": failsafe_w - 1_000}) == {}
    assert grid.limits()[0] == failsafe_w - 1_000
    grid.machine.limit_written(LimitValue(0.0, False, None), grid.clock.now())
    assert grid.side.set_values(raised) == {}
    assert grid.machine.failsafe_w == failsafe_w + 1_000


def test_a_limited_production_is_named_also_beside_a_contract(grid: Grid) -> None:
    now = grid.clock.now()
    grid.machine.limit_written(LimitValue(0.0, False, None), now)
    assert (grid.side.limits(now).reason, grid.side.held) == ("none", frozenset())
    production = grid.side.systems["lpp"].machine
    production.heartbeat(now)
    assert production.limit_written(LimitValue(-3_000.0, True, 600.0), now).accepted
    limits = grid.side.limits(now)
    assert (limits.consumption_w, limits.production_w) == (20_000, 3_000)
    assert limits.reason == "limit"
    assert limits.until is not None
    assert grid.side.held == {"lpp"}


async def test_ts_041_044_the_shared_failsafe_duration_survives_in_both_directions(
    grid: Grid, tmp_path: Path
) -> None:
    """Written for consumption after production had been steered, which remembers the duration of then."""
    grid.write("lpp", "limit", LimitValue(-3_000.0, True, None))
    grid.write("lpc", "limit", LimitValue(4_200.0, True, None))
    grid.write("lpc", "failsafe_duration_s", 36_000.0)
    grid.write("lpc", "failsafe_duration_s", 14_400.0)
    again = Grid(tmp_path, SiteSettings())
    assert again.machine.duration.seconds == 14_400


async def test_a_clock_that_is_set_back_makes_no_limit_last_longer_over_a_restart(
    grid: Grid, tmp_path: Path
) -> None:
    grid.write("lpc", "limit", LimitValue(1_000.0, True, 600.0))
    again = Grid(tmp_path, SiteSettings(), wall=grid.clock.wall() - timedelta(days=365))
    assert again.limits()[0] == 1_000
    again.clock.advance(601)
    again.machine.handle_timer(again.clock.now())
    assert again.limits()[0] == 4_200


async def test_what_an_energy_manager_does_not_state_cannot_be_set(grid: Grid) -> None:
    assert (
        "nominal_consumption_w" in grid.side.set_values({"nominal_max_w": 9_000})["nominal_max_w"]
    )


async def test_the_control_box_reads_what_is_measured_and_no_more(grid: Grid) -> None:
    """[MGCP-003]: what the meter does not tell any more is not to be used; scenarios 2 to 4 are mandatory."""
    side, served = grid.side, grid.side.providers["mgcp"]
    assert served.scenarios == (2, 3, 4)
    side.serve_meter({})
    assert [served.get(point) for point in METERED] == [None] * 6
    side.serve_meter({MGCP.power_w: 1_250.0, MGCP.current_a: (2.0, 1.5, 1.9)})
    assert served.scenarios == (2, 3, 4, 5)
    assert served.get(MGCP.power_w) == Reading(1_250.0)
    assert served.get(MGCP.current_a) == Reading((2.0, 1.5, 1.9))
    assert served.get(MGCP.energy_produced_wh) is None
    side.serve_meter({MGCP.power_w: -300.0, MGCP.energy_produced_wh: 7_000.0})
    assert served.get(MGCP.power_w) == Reading(-300.0)
    assert served.get(MGCP.current_a) == Reading((None, None, None), "error")
    side.serve_meter({})
    assert served.get(MGCP.power_w) == Reading(-300.0, "error")
    assert served.get(MGCP.energy_produced_wh) == Reading(7_000.0, "error")
    assert served.scenarios == (2, 3, 4, 5)
