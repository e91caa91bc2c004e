"""The gateway between a Go control box and a Go wallbox: what the grid requires reaches broker and car."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from eebus_gw.bridge.endpoint import parse_url
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import Settings
from tests.interop.peers import GoPeer
from tests.interop.site import CONTROL_BOX, Documents
from tests.support.clock import JumpingClock
from tests.support.processes import LOOPBACK, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.interop.peers import PeerPrograms
    from tests.interop.site import Site
    from tests.support.broker import Mosquitto
    from tests.support.processes import Plant

# 4 s make the control box beat every 2 s.
GUARD = ("--no-mdns", "--heartbeat", "4s")
WALLBOX = ("--no-mdns", "--auto-accept", "--plugged", "--interval", "200ms")
FAILSAFE_W = 4_200
HEARTBEAT_LOST_S = 120


@asynccontextmanager
async def controlled(programs: PeerPrograms, site: Site) -> AsyncIterator[GoPeer]:
    """A control box that has read the values of the gateway."""
    async with GoPeer.running(programs, "controlbox", *GUARD, "--auto-accept") as box:
        await site.pair_control_box(box)
        await everything_read(box)
        yield box


async def everything_read(box: GoPeer) -> None:
    """Wait until the control box can write all it wants."""
    for use_case in ("LPC", "LPP"):
        await box.expect("value", use_case=use_case, name="limit")
        await box.expect("value", use_case=use_case, name="failsafe_w")


async def said(site: Site, kind: str, **members: Any) -> dict[str, Any]:
    """The only event of one type on `grid/event` that has these members; waits for it."""
    wanted = {"type": kind, **members}

    def found() -> list[dict[str, Any]]:
        events = [message.json for message in site.mqtt.on("grid/event")]
        return [event for event in events if wanted.items() <= event.items()]

    (event,) = await eventually(found, f"the event {wanted}")
    return event


async def test_the_grid_side_is_paired_on_the_command_line(
    go_peers: PeerPrograms, site: Site
) -> None:
    assert site.mqtt.text("grid/availability") is None
    async with GoPeer.running(go_peers, "controlbox", *GUARD, "--auto-accept") as box:
        printed = await site.pair_control_box(box)
        assert printed["id"] == CONTROL_BOX
        assert printed["ski"] == box.ski
        assert printed["paired"] is True
        await site.expect_text("grid/availability", "online")
        await site.expect("grid/effective", consumption_w=FAILSAFE_W, reason="init")
        for leaf, failsafe_w in (("grid/lpc", FAILSAFE_W), ("grid/lpp", 0)):
            await site.expect(
                leaf,
                state="init",
                limit_active=False,
                failsafe_w=failsafe_w,
                failsafe_duration_s=7200,
                heartbeat_ok=True,
                peer=CONTROL_BOX,
            )
            use_case = leaf.removeprefix("grid/").upper()
            await box.expect("use_case", use_case=use_case, scenarios=[1, 2, 3, 4])
            await box.expect("value", use_case=use_case, name="failsafe_w", value=failsafe_w)


async def test_a_limit_reaches_broker_and_car_until_it_ends(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with (
        controlled(go_peers, site) as box,
        GoPeer.running(go_peers, "wallbox", *WALLBOX) as car,
    ):
        device = await site.pair(car)
        await site.expect("grid/allocation", limit_w=FAILSAFE_W, reason="init")
        await car.expect("limit", use_case="LPC", value_w=FAILSAFE_W, active=True)

        # Below what holds at the start, as an Energy Guard widens a limit only after minutes.
        assert (await box.ask("limit", value_w=4_180))["error_number"] == 0
        await site.expect("grid/lpc", state="limited", limit_w=4_180, limit_active=True, until=None)
        await site.expect("grid/effective", consumption_w=4_180, production_w=None, reason="limit")
        await site.expect_text("grid/active", "true")
        assert float(site.mqtt.text("grid/lpc_w") or 0) == 4_180
        await car.expect("limit", use_case="LPC", value_w=4_180, active=True)
        await car.expect("measured", power_w=lambda watts: 4_100 < watts < 4_190)
        await eventually(lambda: site.shows("grid/allocation", limit_w=4_180, alarm=None))
        (share,) = site.mqtt.document("grid/allocation")["wallboxes"]
        assert (share["id"], share["means"], share["commanded_w"]) == (device, "lpc", 4_180)
        answer = await said(site, "limit", requested_w=4_180)
        assert (answer["accepted"], answer["error_number"], answer["peer"]) == (True, 0, box.ski)

        # The end of a limit is counted by the gateway.
        assert (await box.ask("limit", value_w=4_170, duration_s=2))["error_number"] == 0
        effective = await site.expect("grid/effective", consumption_w=4_170, reason="limit")
        assert effective["until"] is not None
        await site.expect("grid/effective", consumption_w=None, reason="none", until=None)
        await site.expect("grid/lpc", state="unlimited_controlled", limit_active=False)
        await said(site, "grid_state", previous="limited", trigger="limit_expired")
        await site.expect_text("grid/active", "false")
        await site.expect_text("grid/lpc_w", "0")


async def test_a_limit_is_released(go_peers: PeerPrograms, site: Site) -> None:
    async with controlled(go_peers, site) as box:
        assert (await box.ask("limit", value_w=6_000))["error_number"] == 0
        await site.expect("grid/effective", consumption_w=6_000, reason="limit")
        assert (await box.ask("limit", value_w=0, active=False))["error_number"] == 0
        await site.expect("grid/effective", consumption_w=None, reason="none")
        await site.expect("grid/lpc", state="unlimited_controlled", limit_active=False)
        await said(site, "grid_state", previous="limited", trigger="limit_deactivated")
        await site.expect_text("grid/active", "false")


async def test_production_is_limited_besides(go_peers: PeerPrograms, site: Site) -> None:
    async with (
        controlled(go_peers, site) as box,
        GoPeer.running(go_peers, "wallbox", *WALLBOX) as car,
    ):
        await site.pair(car)
        assert (await box.ask("limit", value_w=6_000))["error_number"] == 0
        assert (await box.ask("production_limit", value_w=-5_000))["error_number"] == 0
        await site.expect("grid/lpp", state="limited", limit_w=5_000, limit_active=True)
        await site.expect("grid/effective", consumption_w=6_000, production_w=5_000)
        assert float(site.mqtt.text("grid/lpp_w") or 0) == 5_000
        await car.expect("limit", use_case="LPP", value_w=-5_000, active=True)

        # [LPP-001]
        assert (await box.ask("production_limit", value_w=3_000))["error_number"] == 7
        refused = await said(site, "limit", requested_w=3_000)
        assert (refused["accepted"], refused["error_number"]) == (False, 7)
        assert site.shows("grid/effective", consumption_w=6_000, production_w=5_000)

        assert (await box.ask("production_limit", value_w=0, active=False))["error_number"] == 0
        await site.expect("grid/lpp", state="unlimited_controlled", limit_active=False)
        await site.expect("grid/effective", consumption_w=6_000, production_w=None)


async def test_failsafe_values_are_taken_over_and_passed_on(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with (
        controlled(go_peers, site) as box,
        GoPeer.running(go_peers, "wallbox", *WALLBOX) as car,
    ):
        await site.pair(car)
        # Nothing but the limit is accepted before the first one.
        assert (await box.ask("failsafe", value_w=4_150))["error_number"] == 7
        assert site.shows("grid/lpc", failsafe_w=FAILSAFE_W)
        assert (await box.ask("limit", value_w=6_000))["error_number"] == 0
        assert (await box.ask("production_limit", value_w=-6_000))["error_number"] == 0

        assert (await box.ask("failsafe", value_w=4_150))["error_number"] == 0
        await site.expect("grid/lpc", failsafe_w=4_150)
        # Without us the wallbox must not draw more than the site may without its control box.
        await car.expect("failsafe", use_case="LPC", name="failsafe_w", value=4_150)
        assert (await box.ask("production_failsafe", value_w=1_500))["error_number"] == 0
        await site.expect("grid/lpp", failsafe_w=1_500)
        assert (await box.ask("failsafe_duration", duration_s=10_800))["error_number"] == 0
        for leaf in ("grid/lpc", "grid/lpp"):
            await site.expect(leaf, failsafe_duration_s=10_800)


async def test_a_control_box_is_killed_and_comes_back(
    go_peers: PeerPrograms, site: Site, tmp_path: Path
) -> None:
    identity = ("--cert", str(tmp_path / "box.crt"), "--key", str(tmp_path / "box.key"))
    options = (*GUARD, *identity, "--dial", site.grid_address)
    box = await GoPeer.start(go_peers, "controlbox", *options)
    try:
        await site.gateway.ask("pair", side="grid", ski=box.ski, device_id=CONTROL_BOX)
        await everything_read(box)
        assert (await box.ask("limit", value_w=6_000))["error_number"] == 0
        await site.expect("grid/effective", consumption_w=6_000, reason="limit")
    finally:
        await box.kill()
    await site.expect_text("grid/availability", "offline")
    await site.expect("grid/lpc", peer=None, state="limited")
    assert site.shows("grid/effective", consumption_w=6_000, reason="limit")

    async with GoPeer.running(go_peers, "controlbox", *options) as again:
        assert again.ski == box.ski
        await everything_read(again)
        limit = {"value_w": 6_000, "active": True, "changeable": True, "duration_s": 0}
        await again.expect("value", use_case="LPC", name="limit", value=limit)
        await site.expect_text("grid/availability", "online")
        assert (await again.ask("limit", value_w=5_000))["error_number"] == 0
        await site.expect("grid/effective", consumption_w=5_000, reason="limit")
        await site.expect("grid/lpc", peer=CONTROL_BOX, limit_w=5_000)


async def test_a_silent_control_box_means_failsafe(
    go_peers: PeerPrograms, plant: Plant, broker: Mosquitto, tmp_path: Path
) -> None:
    home = Home.open(tmp_path / "gateway")
    home.ensure_identity()
    settings = Settings.model_validate({"ship": {"port": 0, "grid_port": 0, "mdns": False}})
    endpoint = parse_url(f"mqtt://{LOOPBACK}:{broker.port}")
    clock = JumpingClock()
    documents = Documents(plant.observer(broker.port))
    async with (
        Gateway(home, settings, clock=clock, host=LOOPBACK, endpoint=endpoint) as gateway,
        GoPeer.running(go_peers, "controlbox", *GUARD) as box,
    ):
        grid = await gateway.site.ensure()
        node = grid.side.node
        grid.side.trust(box.ski, how="test", device_id=CONTROL_BOX)
        await box.command("dial", address=f"{node.ski}@{LOOPBACK}:{node.network.port}")
        await everything_read(box)
        assert (await box.ask("limit", value_w=9_000))["error_number"] == 0
        await documents.expect("grid/effective", consumption_w=9_000, reason="limit")

        await box.command("heartbeat", on=False)
        clock.ahead_s += HEARTBEAT_LOST_S + 1
        node.host.handle_timer(clock.now())  # the event loop knows nothing of the jump
        node.flush()
        await documents.expect("grid/effective", consumption_w=FAILSAFE_W, reason="failsafe")
        await documents.expect("grid/lpc", state="failsafe", heartbeat_ok=False)
        await documents.expect_text("grid/availability", "offline")
        assert documents.mqtt.events("failsafe_entered")

        # A limit without a heartbeat does not end it.
        assert (await box.ask("limit", value_w=8_000))["error_number"] == 7
        assert documents.shows("grid/effective", consumption_w=FAILSAFE_W, reason="failsafe")

        await box.command("heartbeat", on=True)
        await documents.expect_text("grid/availability", "online")
        assert documents.shows("grid/effective", consumption_w=FAILSAFE_W, reason="failsafe")
        assert (await box.ask("limit", value_w=8_000))["error_number"] == 0
        await documents.expect("grid/effective", consumption_w=8_000, reason="limit")
        await documents.expect("grid/lpc", state="limited", heartbeat_ok=True)
        assert documents.mqtt.events("failsafe_left")


async def test_the_grid_connection_is_read(go_peers: PeerPrograms, site: Site) -> None:
    """A Go house tells the gateway, which tells a Go monitoring appliance on the grid side; a fed meter goes before.

    The scenarios beyond the mandatory ones are announced when their values are known.
    """
    house_words = ("house", "--no-mdns", "--auto-accept")
    async with (
        GoPeer.running(go_peers, "energymanager", "--no-mdns", "--auto-accept") as monitor,
        GoPeer.running(go_peers, *house_words) as house,
    ):
        await site.pair_control_box(monitor)
        await site.pair(house, "house")
        await monitor.expect("use_case", 20, use_case="MGCP", scenarios=[2, 3, 4, 5, 6, 7])
        told: dict[str, object] = {
            "power_w": 3_000,
            "energy_consumed_wh": 1_234_500,
            "energy_produced_wh": -7_654_300,
            "voltage_v": [229, 230, 231],
            "frequency_hz": lambda hertz: round(hertz, 3) == 49.98,
        }
        for name, value in told.items():
            await monitor.expect("value", 20, use_case="MGCP", name=name, value=value)
        feed = {"power_w": -750, "current_a": [-1, -1.5, -1], "ts": datetime.now(UTC).isoformat()}
        site.mqtt.publish("grid/meter/set", feed)
        for name, value in (("power_w", -750), ("current_a", [-1, -1.5, -1])):
            await monitor.expect("value", 20, use_case="MGCP", name=name, value=value)
