from __future__ import annotations

from typing import Any

import pytest

from eebus_gw.bridge.messages import Publication, Purpose
from eebus_gw.bridge.outbox import (
    AVAILABILITY,
    BRIDGE,
    DISCOVERY,
    EVENT,
    HEALTH,
    LOG,
    METER,
    RESULT,
    STATE,
    Delivery,
    Outbox,
)


def _drain(outbox: Outbox, now: float) -> list[Publication]:
    taken = []
    while (publication := outbox.take(now)) is not None:
        taken.append(publication)
        outbox.delivered(publication)
    return taken


def _topics(outbox: Outbox, now: float) -> list[str]:
    return [publication.topic for publication in _drain(outbox, now)]


@pytest.mark.parametrize(
    ("delivery", "qos", "retain"),
    [
        (BRIDGE, 1, True),
        (AVAILABILITY, 1, True),
        (HEALTH, 0, True),
        (STATE, 1, True),
        (METER, 0, True),
        (DISCOVERY, 1, True),
        (EVENT, 1, False),
        (LOG, 0, False),
        (RESULT, 1, False),
    ],
)
def test_quality_of_service_and_retain_by_class(delivery: Delivery, qos: int, retain: bool) -> None:
    assert (delivery.qos, delivery.retain) == (qos, retain)


@pytest.mark.parametrize(
    ("content", "payload"),
    [
        ({"a": None, "b": [1, 2.5]}, b'{"a":null,"b":[1,2.5]}'),
        ("online", b"online"),
        (True, b"true"),
        (11, b"11"),
        (b"raw", b"raw"),
    ],
)
def test_payloads(content: Any, payload: bytes) -> None:
    outbox = Outbox()
    outbox.put("t", content, STATE, 0.0)
    assert _drain(outbox, 0.0) == [Publication("t", payload, 1, True, Purpose.STATE)]


def test_only_the_newest_state_waits_and_is_read_when_sent() -> None:
    outbox = Outbox()
    document = {"power_w": 1}
    outbox.put("t", {"power_w": 0}, STATE, 0.0)
    outbox.put("t", document, STATE, 0.0)
    document["power_w"] = 2
    assert outbox.queued == 1
    assert [p.payload for p in _drain(outbox, 0.0)] == [b'{"power_w":2}']


def test_unchanged_state_is_not_sent_again() -> None:
    outbox = Outbox()
    outbox.put("t", {"a": 1}, STATE, 0.0)
    _drain(outbox, 0.0)
    outbox.put("t", {"a": 1}, STATE, 1.0)
    assert _drain(outbox, 1.0) == []
    outbox.put("t", {"a": 2}, STATE, 2.0)
    assert len(_drain(outbox, 2.0)) == 1


def test_state_is_refreshed_every_thirty_seconds_and_discovery_is_not() -> None:
    outbox = Outbox()
    outbox.put("state", 1, STATE, 0.0)
    outbox.put("config", 1, DISCOVERY, 0.0)
    _drain(outbox, 0.0)
    assert outbox.next_deadline() == 30.0
    assert _topics(outbox, 29.9) == []
    assert _topics(outbox, 30.0) == ["state"]
    outbox.put("state", 2, STATE, 40.0)
    assert _topics(outbox, 40.0) == ["state"]
    assert _topics(outbox, 60.0) == []
    assert _topics(outbox, 70.0) == ["state"]
    assert outbox.next_deadline() == 100.0


def test_refresh_interval_zero_disables() -> None:
    outbox = Outbox(refresh_s=0)
    outbox.put("state", 1, STATE, 0.0)
    _drain(outbox, 0.0)
    assert outbox.next_deadline() is None


def test_measurements_keep_a_gap_of_nearly_a_second() -> None:
    outbox = Outbox()
    outbox.put("meter", 1, METER, 10.0)
    assert [p.payload for p in _drain(outbox, 10.0)] == [b"1"]
    outbox.put("meter", 2, METER, 10.2)
    outbox.put("meter", 3, METER, 10.4)
    assert _drain(outbox, 10.4) == []
    assert outbox.next_deadline() == 10.9
    assert [p.payload for p in _drain(outbox, 10.9)] == [b"3"]
    outbox.put("meter", 4, METER, 12.5)
    assert [p.payload for p in _drain(outbox, 12.5)] == [b"4"]


def test_news_that_cannot_wait_ignores_the_gap() -> None:
    outbox = Outbox()
    outbox.put("meter", None, METER, 10.0)
    outbox.put("meter", 1, METER, 10.1)
    assert [p.payload for p in _drain(outbox, 10.1)] == [b"1"]
    outbox.put("meter", 2, METER, 10.2)
    assert _drain(outbox, 10.2) == []
    outbox.put("meter", 3, METER, 10.3, at_once=True)
    assert [p.payload for p in _drain(outbox, 10.3)] == [b"3"]
    assert _drain(outbox, 12.0) == []


def test_an_unknown_value_is_neither_sent_nor_refreshed() -> None:
    outbox = Outbox()
    outbox.put("leaf", 5, STATE, 0.0)
    _drain(outbox, 0.0)
    outbox.put("leaf", None, STATE, 1.0)
    assert _drain(outbox, 31.0) == []
    outbox.republish()
    assert _drain(outbox, 32.0) == []
    outbox.put("leaf", 5, STATE, 33.0)
    outbox.put("leaf", 6, STATE, 33.0)
    assert [p.payload for p in _drain(outbox, 33.0)] == [b"6"]
    assert [p.payload for p in _drain(outbox, 63.0)] == [b"6"]


def test_a_value_known_again_is_sent_at_once_and_refreshed_even_as_it_was() -> None:
    """evcc took it for outdated meanwhile; 50 % state of charge are news although they were sent before."""
    outbox = Outbox()
    outbox.put("soc", 50, STATE, 0.0)
    _drain(outbox, 0.0)
    outbox.put("soc", None, STATE, 10.0)
    assert _topics(outbox, 100.0) == []
    outbox.put("soc", 50, STATE, 110.0)
    assert _topics(outbox, 110.0) == ["soc"]
    assert _topics(outbox, 140.0) == ["soc"]


WITHDRAWN = Delivery(qos=1, retain=True, withdrawn=True)


def _payloads(outbox: Outbox, now: float) -> list[bytes]:
    return [publication.payload for publication in _drain(outbox, now)]


def test_what_is_withdrawn_leaves_the_broker_once_when_it_is_unknown() -> None:
    outbox = Outbox()
    outbox.put("leaf", None, WITHDRAWN, 0.0)
    assert _payloads(outbox, 0.0) == []
    outbox.put("leaf", True, WITHDRAWN, 1.0)
    assert _payloads(outbox, 1.0) == [b"true"]
    outbox.put("leaf", None, WITHDRAWN, 2.0)
    outbox.put("leaf", None, WITHDRAWN, 3.0)
    assert _payloads(outbox, 3.0) == [b""]
    outbox.put("leaf", None, WITHDRAWN, 4.0)
    assert _payloads(outbox, 4.0) == []
    outbox.put("leaf", True, WITHDRAWN, 5.0)
    assert _payloads(outbox, 5.0) == [b"true"]


@pytest.mark.parametrize("adopted_first", [True, False])
def test_what_an_earlier_run_left_is_withdrawn_too(adopted_first: bool) -> None:
    outbox = Outbox()
    if adopted_first:
        outbox.adopt(["leaf"])
    outbox.put("leaf", None, WITHDRAWN, 0.0)
    if not adopted_first:
        outbox.adopt(["leaf"])
    assert _payloads(outbox, 0.0) == [b""]


def test_a_withdrawal_that_is_lost_goes_again_unless_the_value_is_back() -> None:
    outbox = Outbox()
    outbox.put("leaf", 1, WITHDRAWN, 0.0)
    _drain(outbox, 0.0)
    outbox.put("leaf", None, WITHDRAWN, 1.0)
    lost = outbox.take(1.0)
    assert lost is not None
    outbox.returned(lost)
    assert _payloads(outbox, 1.0) == [b""]
    outbox.put("leaf", 2, WITHDRAWN, 2.0)
    outbox.returned(lost)
    assert _payloads(outbox, 2.0) == [b"2"]


def test_empty_text_is_never_published_as_a_value() -> None:
    outbox = Outbox()
    outbox.put("leaf", "", STATE, 0.0)
    outbox.republish()
    assert _drain(outbox, 0.0) == []


def test_republishing_sends_all_known_state_in_the_order_of_its_birth() -> None:
    outbox = Outbox()
    for topic in ("gateway", "device", "meter"):
        outbox.put(topic, {}, METER if topic == "meter" else STATE, 0.0)
    _drain(outbox, 0.0)
    outbox.put("device", {"a": 1}, STATE, 0.1)
    outbox.republish()
    assert not outbox.republished
    assert _topics(outbox, 0.2) == ["gateway", "device", "meter"]
    assert outbox.republished


def test_ordered_messages_keep_their_order_and_go_first() -> None:
    outbox = Outbox()
    outbox.put("state", 1, STATE, 0.0)
    outbox.send("result", {"n": 1}, RESULT)
    outbox.send("result", {"n": 1}, RESULT, correlation=b"c")
    first, second, state = _drain(outbox, 0.0)
    assert (first.payload, first.correlation) == (b'{"n":1}', None)
    assert (second.payload, second.correlation) == (b'{"n":1}', b"c")
    assert state.topic == "state"


def test_a_full_ordered_lane_loses_its_oldest() -> None:
    outbox = Outbox(ordered_limit=2)
    for number in (1, 2, 3):
        outbox.send("event", number, EVENT)
    assert [p.payload for p in _drain(outbox, 0.0)] == [b"2", b"3"]
    assert outbox.dropped == 1


def test_clearing_a_device() -> None:
    outbox = Outbox()
    for topic in ("eebus/car/ev", "eebus/car/meter", "eebus/carport/ev"):
        outbox.put(topic, 1, STATE, 0.0)
    _drain(outbox, 0.0)
    outbox.put("eebus/car/ev", 2, STATE, 1.0)
    outbox.clear("eebus/car")
    cleared = _drain(outbox, 1.0)
    assert {p.topic for p in cleared} == {"eebus/car/ev", "eebus/car/meter"}
    assert {(p.payload, p.qos, p.retain) for p in cleared} == {(b"", 1, True)}
    assert outbox.owned_topics == {"eebus/carport/ev"}
    outbox.republish()
    assert _topics(outbox, 2.0) == ["eebus/carport/ev"]


def test_a_topic_set_again_is_not_cleared() -> None:
    outbox = Outbox()
    outbox.put("eebus/car/ev", 1, STATE, 0.0)
    outbox.clear("eebus/car")
    outbox.put("eebus/car/ev", 2, STATE, 0.0)
    assert [p.payload for p in _drain(outbox, 0.0)] == [b"2"]
    assert outbox.owned_topics == {"eebus/car/ev"}


def test_topics_of_an_earlier_run_can_be_cleared() -> None:
    outbox = Outbox()
    outbox.adopt(["eebus/gone/ev", "eebus/car/ev"])
    outbox.put("eebus/car/ev", 1, STATE, 0.0)
    outbox.clear("eebus/gone")
    assert outbox.owned_topics == {"eebus/car/ev", "eebus/gone/ev"}
    cleared, kept = _drain(outbox, 0.0)
    assert (cleared.topic, cleared.payload) == ("eebus/gone/ev", b"")
    assert kept.topic == "eebus/car/ev"
    assert outbox.owned_topics == {"eebus/car/ev"}


def test_what_is_lost_on_the_way_goes_again() -> None:
    outbox = Outbox()
    outbox.put("eebus/old/ev", 1, STATE, 0.0)
    outbox.put("state", 1, STATE, 0.0)
    _drain(outbox, 0.0)
    outbox.clear("eebus/old")
    outbox.put("state", 2, STATE, 1.0)
    outbox.send("result", 1, RESULT)
    outbox.send("result", 2, RESULT)
    outbox.send("log", 1, LOG)
    lost = []
    while (publication := outbox.take(1.0)) is not None:
        lost.append(publication)
    assert outbox.queued == 0
    for publication in reversed(lost):
        outbox.returned(publication)
    again = _drain(outbox, 1.0)
    assert [(p.topic, p.payload) for p in again] == [
        ("result", b"1"),
        ("result", b"2"),
        ("eebus/old/ev", b""),
        ("state", b"2"),
    ]


def test_foreign_retained_messages_are_removed_without_becoming_ours() -> None:
    outbox = Outbox()
    outbox.clear_foreign("eebus/car/set")
    (publication,) = _drain(outbox, 0.0)
    assert (publication.topic, publication.payload, publication.retain) == (
        "eebus/car/set",
        b"",
        True,
    )
    assert outbox.owned_topics == frozenset()


def test_memory_is_bounded_while_nobody_takes() -> None:
    """A day of meter values at 10 Hz while the broker is away."""
    outbox = Outbox()
    outbox.put("meter", 0, METER, 0.0)
    _drain(outbox, 0.0)
    for step in range(10_000):
        outbox.put("meter", step, METER, 0.1 + step * 0.1)
        outbox.send("event", step, EVENT)
    assert outbox.queued <= 1_002
    assert outbox.dropped == 9_000


def test_the_sender_is_woken_by_each_kind_of_work() -> None:
    woken: list[str] = []
    outbox = Outbox(wake=lambda: woken.append("x"))
    outbox.put("a", 1, STATE, 0.0)
    outbox.send("b", 1, EVENT)
    outbox.clear("a")
    outbox.republish()
    assert len(woken) == 4
