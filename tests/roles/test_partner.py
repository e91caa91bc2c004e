"""What is known of the reads of a peer's values."""

from __future__ import annotations

from typing import Any

from tests.support.host import HostBench
from tests.support.wire import (
    DISCOVERY,
    PARTIAL,
    USE_CASES,
    Place,
    Plain,
    Sent,
    command,
    discovery_of,
)
from usecases.monitoring import MGCP

METER: tuple[int, ...] = (1,)
VALUES, DESCRIPTIONS = "measurementListData", "measurementDescriptionListData"
FEATURES: dict[Place, tuple[Any, ...]] = {
    ((0,), 0): ("NodeManagement", "special", {DISCOVERY: "r", USE_CASES: "r"}),
    (METER, 1): ("Measurement", "server", {DESCRIPTIONS: "r", VALUES: "r"}),
}
ANNOUNCED: Plain = {
    "useCaseInformation": [
        {
            "address": {"entity": [1]},
            "actor": "GridConnectionPoint",
            "useCaseSupport": [{"useCaseName": MGCP.name, "scenarioSupport": [2]}],
        }
    ]
}


class Metered(HostBench):
    """Connected to a grid meter that has answered everything but the reads of its data."""

    def __init__(self) -> None:
        super().__init__()
        self.client([MGCP])
        self.start()
        entities: dict[tuple[int, ...], str] = {
            (0,): "DeviceInformation",
            METER: "GridConnectionPointOfPremises",
        }
        self.reply_to(self.last("read", DISCOVERY), discovery_of(entities, FEATURES))
        self.reply_to(self.last("read", USE_CASES), ANNOUNCED)
        self.acknowledge_calls()

    @property
    def confirms(self) -> bool:
        partner = self.host.partners[self.ski]
        confirmed: bool = partner.confirms(MGCP, MGCP.power_w)
        return confirmed

    @property
    def asked(self) -> Sent:
        """The newest read of measured values."""
        return self.last("read", VALUES)

    def refetch(self) -> None:
        self.host.partners[self.ski].refetch(self.now, MGCP)
        self.drain()


def test_values_are_confirmed_by_the_answer_to_their_own_read() -> None:
    metered = Metered()
    assert not metered.confirms
    metered.reply_to(metered.last("read", DESCRIPTIONS), {})
    assert not metered.confirms
    metered.reply_to(metered.asked, {})
    assert metered.confirms


def test_a_new_read_needs_a_new_answer() -> None:
    metered = Metered()
    metered.reply_to(metered.asked, {})
    metered.refetch()
    assert not metered.confirms
    metered.answer(metered.asked, 1)
    assert not metered.confirms
    metered.refetch()
    metered.reply_to(metered.asked, {})
    assert metered.confirms


def test_silence_confirms_nothing_until_it_ends() -> None:
    metered = Metered()
    metered.reply_to(metered.asked, {})
    metered.refetch()
    unanswered = metered.asked
    metered.advance(15)
    assert not metered.confirms
    metered.refetch()
    assert metered.asked is unanswered
    metered.reply_to(unanswered, {})
    assert metered.confirms


def test_what_a_peer_does_not_have_is_never_confirmed() -> None:
    metered = Metered()
    metered.reply_to(metered.asked, {})
    assert not metered.host.partners[metered.ski].confirms(MGCP, MGCP.curtailment_percent)


def test_refused_reads_of_entities_that_are_gone_are_forgotten() -> None:
    """A car may come and go for ever on one connection."""
    metered = Metered()
    for _ in range(3):
        metered.answer(metered.asked, 6)
        gone = discovery_of({METER: "Meter"}, {}, changes={METER: "removed"})
        metered.receive("notify", command(DISCOVERY, gone, PARTIAL))
        back = discovery_of({METER: "GridConnectionPointOfPremises"}, FEATURES)
        metered.receive("notify", command(DISCOVERY, back, PARTIAL))
        metered.advance(1)
    partner = metered.host.partners[metered.ski]
    assert partner.find(MGCP) is not None
    assert len(partner._refused) == 0
