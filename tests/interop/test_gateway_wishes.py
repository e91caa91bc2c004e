"""Wishes over MQTT that a Go wallbox gets from the gateway: LPC and LPP as Energy Guard, OSCEV; and its EVSOC."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.interop.peers import GoPeer
from tests.support.processes import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.interop.peers import PeerPrograms
    from tests.interop.site import Site

CHARGING = ("--no-mdns", "--auto-accept", "--plugged", "--interval", "200ms")


@asynccontextmanager
async def charging(programs: PeerPrograms, site: Site) -> AsyncIterator[tuple[GoPeer, str]]:
    """A charging wallbox and its device id, all its limits known."""
    async with GoPeer.running(programs, "wallbox", *CHARGING) as box:
        device = await site.pair(box)
        await site.expect(f"{device}/meter", current_a=[16, 16, 16])
        await eventually(lambda: site.mqtt.document(f"{device}/limits").get("recommendation"))
        for leaf in ("lpc", "lpp"):
            await site.expect(f"{device}/{leaf}", limit_active=False, state="unlimited_controlled")
        yield box, device


async def test_a_consumption_limit_is_applied_as_the_wallbox_tells_it(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with charging(go_peers, site) as (box, device):
        await site.expect(f"{device}/lpc", failsafe_w=4_200, nominal_max_w=22_080)
        result = await site.mqtt.command(device, "limit", lpc=6_000)
        assert (result["state"], result["error_number"]) == ("applied", 0)
        assert result["actual"] == {"limit_w": 6_000, "active": True, "duration_s": None}
        await box.expect("limit", use_case="LPC", value_w=6_000, active=True)
        await box.expect("measured", power_w=lambda watts: 5_900 < watts < 6_010)
        await site.expect(f"{device}/lpc", state="limited", limit_w=6_000, limit_active=True)

        # Tighter and with an end: at once, and the wallbox counts the time.
        until = {"limit_w": 4_200, "active": True, "duration_s": 2}
        result = await site.mqtt.command(device, "short", lpc=until)
        assert result["state"] == "applied"
        assert result["actual"]["limit_w"] == 4_200
        await box.expect("limit_expired", use_case="LPC")
        await site.expect(f"{device}/lpc", state="unlimited_controlled", limit_active=False)
        await site.expect(f"{device}/meter", current_a=[16, 16, 16])


async def test_a_wider_limit_waits_for_its_turn(go_peers: PeerPrograms, site: Site) -> None:
    async with charging(go_peers, site) as (box, device):
        assert (await site.mqtt.command(device, "limit", lpc=4_200))["state"] == "applied"
        result = await site.mqtt.command(device, "wider", lpc=8_000)
        assert (result["state"], result["error_number"]) == ("accepted", None)
        assert "once in five minutes" in result["detail"]
        assert site.shows(f"{device}/lpc", limit_w=4_200, limit_active=True)
        assert not box.seen("limit_asked", value_w=8_000)


async def test_the_refusal_of_a_limit_is_told(go_peers: PeerPrograms, site: Site) -> None:
    async with charging(go_peers, site) as (box, device):
        await box.command("refuse")
        result = await site.mqtt.command(device, "refused", lpc=6_000)
        assert (result["state"], result["reason"]) == ("rejected", "remote_error")
        assert (result["error_number"], result["detail"]) == (7, "refused by command")
        await box.expect("limit_asked", use_case="LPC", value_w=6_000, refused=True)
        assert site.shows(f"{device}/lpc", limit_active=False)


async def test_a_production_limit_is_applied_as_the_wallbox_tells_it(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with charging(go_peers, site) as (box, device):
        result = await site.mqtt.command(device, "limit", lpp=3_000)
        assert (result["state"], result["error_number"]) == ("applied", 0)
        assert result["actual"] == {"limit_w": 3_000, "active": True, "duration_s": None}
        await box.expect("limit", use_case="LPP", value_w=-3_000, active=True)
        await site.expect(f"{device}/lpp", state="limited", limit_w=3_000, limit_active=True)
        assert site.shows(f"{device}/lpc", limit_active=False)


async def test_failsafe_values_are_applied_as_the_wallbox_tells_them(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with charging(go_peers, site) as (box, device):
        assert (await site.mqtt.command(device, "limit", lpc=11_000))["state"] == "applied"
        wanted = {"limit_w": 3_500, "duration_s": 10_800}
        result = await site.mqtt.command(device, "failsafe", lpc_failsafe=wanted)
        assert (result["state"], result["error_number"]) == ("applied", 0)
        assert result["actual"] == wanted
        await box.expect("failsafe", use_case="LPC", name="failsafe_w", value=3_500)
        await box.expect("failsafe", name="failsafe_duration_s", value=10_800)
        await site.expect(f"{device}/lpc", failsafe_w=3_500, failsafe_duration_s=10_800)


async def test_a_recommended_current_is_followed_and_withdrawn(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with charging(go_peers, site) as (box, device):
        result = await site.mqtt.command(device, "surplus", recommended_current_a=8)
        assert (result["state"], result["error_number"]) == ("applied", 0)
        assert result["actual"] == [8, 8, 8]
        await box.expect("limit", use_case="OSCEV", amperes=[8, 8, 8])
        await site.expect(f"{device}/meter", current_a=[8, 8, 8])
        limits = site.mqtt.document(f"{device}/limits")
        assert limits["recommendation"]["value_a"] == [8, 8, 8]
        assert limits["recommendation"]["active"] == [True] * 3
        assert limits["obligation"]["active"] == [False] * 3

        mark = box.mark()
        result = await site.mqtt.command(device, "clouds", recommended_current_a=None)
        assert result["state"] == "applied"
        await box.expect("limit", since=mark, use_case="OSCEV", amperes=[None] * 3)
        await site.expect(f"{device}/meter", current_a=[16, 16, 16])

        await box.command("refuse")
        result = await site.mqtt.command(device, "refused", recommended_current_a=7)
        assert (result["state"], result["error_number"]) == ("rejected", 7)


async def test_the_overload_limit_stands_above_a_recommendation(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with charging(go_peers, site) as (box, device):
        result = await site.mqtt.command(device, "surplus", recommended_current_a=14)
        assert result["state"] == "applied"
        await site.expect(f"{device}/meter", current_a=[14, 14, 14])
        assert (await site.mqtt.command(device, "fuse", max_current_a=10))["state"] == "applied"
        await box.expect("limit", use_case="OPEV", amperes=[10, 10, 10])
        await site.expect(f"{device}/meter", current_a=[10, 10, 10])


async def test_the_state_of_charge_is_followed(go_peers: PeerPrograms, site: Site) -> None:
    async with charging(go_peers, site) as (box, device):
        # A car in standby does not charge, so that its state of charge stays.
        await box.command("set", standby=True, soc_percent=77)
        ev = await site.expect(f"{device}/ev", soc_percent=77, sleep=True)
        assert ev["capacity_kwh"] is None
        await box.command("set", soc_percent=12.5)
        await site.expect(f"{device}/ev", soc_percent=12.5)
        await box.command("unplug")
        await site.expect(f"{device}/ev", connected=False, soc_percent=None)
