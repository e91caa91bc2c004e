"""The leaves for evcc and openWB: what they say of a wallbox out of reach, and of the next car."""

from __future__ import annotations

from typing import Any

from eebus_gw.bridge.outbox import Outbox
from eebus_gw.bridge.topics import Topics
from eebus_gw.gateway.profiles import Profiles
from eebus_gw.settings import ProfileSettings
from tests.gateway.bench import Bench

EV = {"connected": True, "status_letter": "C", "soc_percent": 50}
LIMITS = {"obligation": {"value_a": [10.0] * 3, "active": [True] * 3}}


class Scaled(Bench):
    """The leaves for evcc and openWB of one wallbox, by what the broker was sent last."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.outbox = Outbox()
        settings = ProfileSettings(evcc=True, openwb=True)
        self.profiles = Profiles(settings, Topics(), self.outbox, self.clock)

    def tell_documents(self, **documents: Any) -> None:
        for leaf, content in documents.items():
            self.profiles.document("carport", leaf, content)

    def leaves_sent(self) -> dict[str, bytes]:
        self.clock.advance(10)
        leaves = {}
        while (publication := self.outbox.take(self.now)) is not None:
            self.outbox.delivered(publication)
            leaves[publication.topic.removeprefix("eebus/carport/")] = publication.payload
        return leaves


def test_of_a_wallbox_out_of_reach_nothing_is_known_not_even_that_the_car_left() -> None:
    """evcc would end its session and forget its mode; with a timeout it waits, and then says so."""
    run = Scaled()
    run.tell_documents(availability="online", ev=EV, meter={"power_w": 6_900}, limits=LIMITS)
    there = run.leaves_sent()
    assert there["evcc/status"] == b"C"
    assert there["openwb/plug_state"] == b"true"
    gone = {"connected": False, "status_letter": "A"}
    run.tell_documents(availability="offline", ev=gone, meter={"power_w": 0}, limits=LIMITS)
    away = run.leaves_sent()
    assert not any(topic.startswith("evcc/") for topic in away)
    # openWB knows no timeouts: a missing value is its fault report.
    assert {away["openwb/plug_state"], away["openwb/power"]} == {b""}
    run.tell_documents(availability="online", ev=EV, meter={"power_w": 6_900}, limits=LIMITS)
    assert run.leaves_sent() == there


def test_a_wish_for_the_next_car_shows_while_none_is_there() -> None:
    run = Scaled()
    nobody = {"connected": False, "status_letter": "A"}
    run.tell_documents(availability="online", ev=nobody, meter={}, limits={"obligation": None})
    assert run.leaves_sent()["evcc/enabled"] == b"true"
    run.profiles.wish("carport", False)
    assert run.leaves_sent() == {"evcc/enabled": b"false"}


def test_no_car_is_taken_for_the_one_before() -> None:
    """What is retained reaches a reader that starts later, as if it were new."""
    run = Scaled()
    known = {**EV, "ids": [{"type": "eui48", "value": "3f2a"}]}
    run.tell_documents(availability="online", ev=known, meter={}, limits=LIMITS)
    assert run.leaves_sent()["evcc/identify"] == b"3f2a"
    run.tell_documents(ev={**EV, "ids": []})
    assert run.leaves_sent() == {"evcc/identify": b""}


def test_openwb_gets_the_serial_number() -> None:
    run = Scaled()
    run.tell_documents(
        availability="online", info={"serial": "0815"}, ev=EV, meter={}, limits=LIMITS
    )
    assert run.leaves_sent()["openwb/serial_number"] == b'"0815"'
