"""The whole gateway as a process, with the Go peers on one side and a broker on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interop.peers import GoPeer
from tests.support.processes import eventually, lasting_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.peers import PeerPrograms
    from tests.interop.site import Site

BOX = ("--no-mdns", "--interval", "200ms")
CHARGING = (*BOX, "--auto-accept", "--plugged")
FLEET = 20


async def test_every_value_appears_on_the_broker(go_peers: PeerPrograms, site: Site) -> None:
    async with GoPeer.running(go_peers, "wallbox", *CHARGING) as box:
        device = await site.pair(box)
        ev = await site.expect(
            f"{device}/ev",
            connected=True,
            charge_state="active",
            standard="iso15118-2-ed1",
            asymmetric=False,
            brand="PeerCars",
            model="Peer Car",
            min_a=[6, 6, 6],
            max_a=[32, 32, 32],
            min_w=4140,
            max_w=22080,
        )
        (identification,) = ev["ids"]
        assert len(identification["value"]) == 16, "a hash: privacy.ev_identifiers is off"
        meter = await site.expect(
            f"{device}/meter",
            current_a=[16, 16, 16],
            power_w_phase=[3680, 3680, 3680],
            power_w=11040,
            phases_active=3,
        )
        assert meter["source"] in ("evcem", "mpc")
        await eventually(lambda: (site.mqtt.document(f"{device}/ev").get("soc_percent") or 0) > 42)
        await eventually(
            lambda: (site.mqtt.document(f"{device}/meter").get("energy_import_kwh") or 0) > 0
        )
        await site.expect(
            f"{device}/info",
            brand="PeerBrand",
            vendor="Peer",
            model="Peer Wallbox",
            software="2.1.0",
            hardware="B",
            ship_id=box.ready()["ship_id"],
            ski=box.ski,
            spine_address=box.ready()["device"],
        )
        await site.expect(f"{device}/evse", operating_state="normalOperation")
        await box.command("state", state="failure", error_code="E7")
        await site.expect(f"{device}/evse", operating_state="failure", error_text="E7")


async def test_a_command_becomes_a_limit_that_is_obeyed(go_peers: PeerPrograms, site: Site) -> None:
    async with GoPeer.running(go_peers, "wallbox", *CHARGING) as box:
        device = await site.pair(box)
        await site.expect(f"{device}/ev", charge_state="active")
        await eventually(lambda: site.mqtt.document(f"{device}/limits").get("obligation"))
        result = await site.mqtt.command(device, "curtail", max_current_a=10)
        assert result["state"] == "applied"
        await box.expect("limit", use_case="OPEV", amperes=[10, 10, 10])
        await site.expect(f"{device}/meter", current_a=[10, 10, 10])

        await box.command("refuse")
        result = await site.mqtt.command(device, "refused", max_current_a=9)
        assert result["state"] == "rejected"
        assert result["error_number"] == 7


async def test_plug_and_unplug(go_peers: PeerPrograms, site: Site) -> None:
    async with GoPeer.running(go_peers, "wallbox", *CHARGING) as box:
        device = await site.pair(box)
        await site.expect(f"{device}/ev", connected=True, charge_state="active")
        await box.command("unplug")
        await site.expect(f"{device}/ev", connected=False)
        await box.command("plug", standard="iec61851", current_a=13)
        await site.expect(f"{device}/ev", connected=True, standard="iec61851")
        await site.expect(f"{device}/meter", current_a=[13, 13, 13])
        await eventually(lambda: site.mqtt.document(f"{device}/limits").get("obligation"))
        result = await site.mqtt.command(device, "again", max_current_a=8)
        assert result["state"] == "applied"
        await site.expect(f"{device}/meter", current_a=[8, 8, 8])


async def test_an_unknown_wallbox_waits_for_approval(go_peers: PeerPrograms, site: Site) -> None:
    async with GoPeer.running(go_peers, "wallbox", *CHARGING) as box:
        await site.gateway.ask("pairing/open", seconds=120)
        await box.command("dial", address=f"{site.gateway.ski}@127.0.0.1:{site.gateway.port}")
        await eventually(
            lambda: [
                peer
                for peer in site.mqtt.document("bridge/pairing").get("pending", ())
                if peer["ski"] == box.ski
            ]
        )
        assert not box.seen("connected")
        answer = await site.gateway.ask("pairing/approve", ski=box.ski, alias="carport")
        await site.expect(f"{answer['id']}/ev", charge_state="active")


async def test_the_car_falls_back_when_the_gateway_dies(go_peers: PeerPrograms, site: Site) -> None:
    async with GoPeer.running(go_peers, "wallbox", *CHARGING) as box:
        device = await site.pair(box)
        await site.expect(f"{device}/meter", current_a=[16, 16, 16])
        await box.expect("heartbeat", to=[1, 1])
        site.gateway.kill()
        await box.expect("measured", 10, current_a=[6, 6, 6])


async def test_twenty_wallboxes_and_their_restart(
    go_peers: PeerPrograms, site: Site, tmp_path: Path
) -> None:
    identity = ("--cert", str(tmp_path / "box.crt"), "--key", str(tmp_path / "box.key"))
    options = ("--no-mdns", "--auto-accept", "--plugged", "--count", str(FLEET), *identity)
    port = ("--port", str(lasting_port(FLEET)))
    boxes = range(1, FLEET + 1)

    def charging(devices: list[str]) -> bool:
        return all(
            site.mqtt.text(f"{device}/availability") == "online"
            and site.shows(f"{device}/meter", current_a=[16, 16, 16])
            for device in devices
        )

    fleet = await GoPeer.start(go_peers, "wallbox", *options, *port)
    try:
        devices = [await site.pair(fleet, f"box{number}", number) for number in boxes]
        await eventually(lambda: charging(devices), "all boxes charge")
        result = await site.mqtt.command(devices[2], "third", max_current_a=9)
        assert result["state"] == "applied"
        await fleet.expect("measured", box=3, current_a=[9, 9, 9])
    finally:
        await fleet.kill()
    await eventually(
        lambda: all(site.mqtt.text(f"{device}/availability") == "offline" for device in devices),
        "all boxes are gone",
    )
    async with GoPeer.running(go_peers, "wallbox", *options, *port):
        await eventually(
            lambda: all(site.mqtt.text(f"{device}/availability") == "online" for device in devices),
            "all boxes are back",
        )
