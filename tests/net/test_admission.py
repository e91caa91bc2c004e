"""How many connections peers may open."""

from __future__ import annotations

from eebus_gw.net.admission import Admission
from eebus_gw.net.options import Limits

OWN, PEER, OTHER = "0" * 40, "1" * 40, "2" * 40


def test_own_ski_is_refused() -> None:
    assert Admission(OWN, Limits()).refusal(OWN, [], 0.0) == "this is our own certificate"


def test_two_connections_of_one_ski_and_no_more() -> None:
    admission = Admission(OWN, Limits())
    assert admission.refusal(PEER, [PEER], 0.0) is None
    assert admission.refusal(PEER, [PEER, PEER], 0.0) is not None
    assert admission.refusal(OTHER, [PEER, PEER], 0.0) is None


def test_sixteen_connections_and_no_more() -> None:
    admission = Admission(OWN, Limits())
    others = [f"{number:040}" for number in range(16)]
    assert admission.refusal(PEER, others[:15], 0.0) is None
    assert admission.refusal(PEER, others, 0.0) == "no room for another connection"


def test_room_for_a_fleet() -> None:
    assert Limits.for_fleet(200).incoming == 400
    assert Limits.for_fleet(1) == Limits()


def test_ten_handshakes_a_minute_of_one_ski() -> None:
    admission = Admission(OWN, Limits())
    answers = [admission.refusal(PEER, [], float(second)) for second in range(11)]
    assert answers[:10] == [None] * 10
    assert answers[10] == "too many connections in a minute"
    assert admission.refusal(OTHER, [], 10.0) is None
    assert admission.refusal(PEER, [], 60.0) is None
    assert admission.refusal(PEER, [], 60.5) is not None


def test_strangers_do_not_fill_the_memory() -> None:
    admission = Admission(OWN, Limits(handshakes_per_minute=1))
    assert admission.refusal(PEER, [], 0.0) is None
    for number in range(2000):
        admission.refusal(f"{number:040}", [], 0.0)
    assert admission.refusal(PEER, [], 0.0) is None  # forgotten, the oldest first
