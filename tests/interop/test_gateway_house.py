"""The whole gateway as a process with a Go house: grid meter, PV system, and a battery that follows setpoints."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.peers import GoPeer
from tests.support.processes import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.interop.peers import PeerPrograms
    from tests.interop.site import Site

ORDER_OF_COB = ["heartbeat", "mode_asked", "setpoint_asked"]
MARGIN_W = 100
"""What the feed-in rule leaves between a discharge and the draw of the house."""


@asynccontextmanager
async def a_house(programs: PeerPrograms, site: Site) -> AsyncIterator[GoPeer]:
    """A house that draws 3 kW, its meter read and its battery ready for setpoints."""
    async with GoPeer.running(programs, "house", "--no-mdns", "--auto-accept") as house:
        assert await site.pair(house, "house") == "house"
        await site.expect("house/setpoint", state="ready")
        await site.expect("house/meter", power_w=3_000)
        yield house


def known(site: Site) -> dict[str, Any]:
    """The entry of the only device."""
    (entry,) = site.mqtt.document("bridge/devices")
    return dict(entry)


async def wish(site: Site, name: str, watts: float) -> dict[str, Any]:
    """The result of a setpoint for ten minutes."""
    return await site.mqtt.command("house", name, setpoint={"setpoint_w": watts, "duration_s": 600})


async def test_a_house_appears_on_the_broker(go_peers: PeerPrograms, site: Site) -> None:
    """Battery and PV system announce one entity above their features; what the PV system gives counts as positive."""
    async with a_house(go_peers, site) as house:
        await site.expect(
            "house/meter",
            power_w=3_000,
            voltage_v=[229, 230, 231],
            frequency_hz=49.98,
            energy_import_kwh=1_234.5,
            energy_export_kwh=7_654.3,
            pv_curtailment_percent=100,
        )
        await site.expect(
            "house/battery",
            power_w=0,
            soc_percent=61.5,
            energy_charged_kwh=111.1,
            energy_discharged_kwh=99.9,
            control_mode="auto",
            max_charge_w=6_000,
            max_discharge_w=6_000,
            default_w=100,
            failsafe_w=-50,
            failsafe_duration_s=10_800,
        )
        await site.expect("house/pv", production_w=0, peak_w=9_300, energy_yield_kwh=5_432.1)

        await house.command("set", load_w=700, pv_w=4_140, soc_percent=61, curtailment_percent=70)
        await site.expect("house/pv", production_w=4_140)
        await site.expect("house/battery", soc_percent=61)
        meter = await site.expect("house/meter", power_w=-3_440, pv_curtailment_percent=70)
        currents = [-3_440 * 0.5 / 229, -3_440 * 0.3 / 230, -3_440 * 0.2 / 231]
        assert meter["current_a"] == pytest.approx(currents, abs=0.01)

        await eventually(lambda: known(site)["kind"] == "house", "known as a house")
        assert {used["code"]: used["scenarios"] for used in known(site)["use_cases"]} == {
            "cob": [1, 2, 3, 4, 5],
            "mgcp": [1, 2, 3, 4, 5, 6, 7],
            "vabd": [1, 2, 3, 4],
            "vapd": [1, 2, 3],
        }
        for leaf in ("ev", "evse", "limits", "session"):
            await eventually(lambda leaf=leaf: site.mqtt.text(f"house/{leaf}") is None, leaf)  # type: ignore[misc]


async def test_a_setpoint_comes_after_heartbeat_and_mode_and_a_refusal_is_told(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with a_house(go_peers, site) as house:
        result = await wish(site, "charge", 1_800)
        assert (result["state"], result["error_number"]) == ("applied", 0)
        await site.expect("house/battery", power_w=1_800, control_mode="power")
        await site.expect("house/meter", power_w=4_800)
        firsts = dict.fromkeys(e["event"] for e in house.events if e["event"] in ORDER_OF_COB)
        assert list(firsts) == ORDER_OF_COB
        assert len(house.seen("mode_asked", mode="power")) == 1
        assert not house.seen("mode_asked", refused=True)
        assert not house.seen("setpoint_asked", refused=True)
        ends = [asked["duration_s"] for asked in house.seen("setpoint_asked", active=True)]
        assert all(0 < seconds <= 120 for seconds in ends)

        result = await site.mqtt.command("house", "end", setpoint={"active": False})
        assert result["state"] == "applied"
        await house.expect("order", mode="auto", active=False)
        await site.expect("house/battery", power_w=0, control_mode="auto")

        await house.command("refuse")
        result = await wish(site, "refused", 1_000)
        assert (result["state"], result["error_number"]) == ("rejected", 7)
        assert "refused by command" in result["detail"]


async def test_a_discharge_follows_the_meter(go_peers: PeerPrograms, site: Site) -> None:
    """``site.feed_in`` is forbidden by default."""
    async with a_house(go_peers, site) as house:
        assert (await wish(site, "discharge", -2_000))["state"] == "applied"
        await site.expect("house/battery", power_w=-2_000)
        mark = house.mark()
        await house.command("set", load_w=1_500)
        await house.expect("order", since=mark, active=True, value_w=-1_500 + MARGIN_W)
        await site.expect("house/meter", power_w=MARGIN_W)
        await site.expect("house/setpoint", setpoint_w=-2_000, limited_by="feed_in")


async def test_a_new_connection_leaves_the_inverter_to_itself_and_steers_it_again(
    go_peers: PeerPrograms, site: Site
) -> None:
    async with a_house(go_peers, site) as house:
        assert (await wish(site, "before", 1_000))["state"] == "applied"
        await house.expect("order", mode="power", active=True, value_w=1_000)
        mark, shown = house.mark(), len(site.mqtt.messages)
        await house.command("reopen")
        await eventually(
            lambda: (
                "offline" in [m.payload.decode() for m in site.mqtt.on("house/availability", shown)]
            ),
            "gone",
        )
        await house.expect("connected", 20, since=mark)
        await site.expect_text("house/availability", "online")
        await house.expect("order", since=mark, mode="auto")
        await site.expect("house/battery", power_w=0, control_mode="auto")
        mark = house.mark()
        assert (await wish(site, "after", 1_200))["state"] == "applied"
        await house.expect("order", since=mark, mode="power", active=True)
