"""Coordinated charging: the Go energy manager with our simulated car."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eebus_gw.roles.events import Written
from eebus_gw.vocabulary.values import PowerCurve, PowerSlot, PriceSlot, PriceTable, PriceTier
from tests.interop.ends import simulated_wallbox
from tests.interop.peers import GoPeer
from usecases.coordination import CEVC

if TYPE_CHECKING:
    from tests.interop.peers import PeerPrograms

HOUR_S = 3600.0
WEEK_S = 168 * HOUR_S


async def test_our_car_asks_and_plans(go_peers: PeerPrograms) -> None:
    async with simulated_wallbox() as box:
        box.plug()
        async with GoPeer.running(
            go_peers, "energymanager", "--no-mdns", "--dial", box.address
        ) as manager:
            box.trusted.add(manager.ski)
            await manager.expect(
                "value",
                20,
                use_case="CEVC",
                name="demand",
                value=lambda demand: demand["OptDemand"] == pytest.approx(19_565, abs=600),
            )
            await manager.expect(
                "value", 20, use_case="CEVC", name="slots", value=lambda v: v["MaxSlots"] == 96
            )
            await manager.command("power_limits", values=[4200, 11000], seconds=WEEK_S / 2)
            curve = await box.expect(Written, lambda w: w.point is CEVC.limit_curve)
            assert curve.answer.accepted
            assert curve.value == PowerCurve(
                (PowerSlot(0.0, WEEK_S / 2, 4200.0), PowerSlot(WEEK_S / 2, WEEK_S, 11000.0))
            )
            await manager.command("prices", values=[0.3, 0.1], seconds=8 * HOUR_S)
            prices = await box.expect(Written, lambda w: w.point is CEVC.prices)
            assert prices.answer.accepted
            assert prices.value == PriceTable(
                "EUR",
                (
                    PriceSlot(0.0, 8 * HOUR_S, (PriceTier(0.3),)),
                    PriceSlot(8 * HOUR_S, 16 * HOUR_S, (PriceTier(0.1),)),
                ),
            )
            await manager.expect(
                "value",
                20,
                use_case="CEVC",
                name="plan",
                value=lambda plan: [slot["Value"] for slot in plan["Slots"]][:2] == [0, 4200],
            )
