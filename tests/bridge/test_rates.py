from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.bridge.rates import PER_SECOND, RateLimit, TopicRates
from eebus_gw.bridge.topics import Target


def test_refused_ones_do_not_count() -> None:
    rate = RateLimit(2)
    assert [rate.permits(now) for now in (0.0, 0.5, 0.9, 0.99, 1.0, 1.4, 1.5)] == [
        True,
        True,
        False,
        False,
        True,
        False,
        True,
    ]


@given(st.lists(st.integers(min_value=0, max_value=50)), st.integers(min_value=1, max_value=5))
def test_no_second_holds_more_than_permitted(steps: list[int], per_second: int) -> None:
    """Moments in sixteenths of a second, which are exact in binary."""
    rate, now, permitted = RateLimit(per_second), 0.0, list[float]()
    for step in steps:
        now += step / 16
        if rate.permits(now):
            permitted.append(now)
    for moment in permitted:
        assert sum(moment <= other < moment + 1 for other in permitted) <= per_second


def test_each_topic_has_a_rate_of_its_own_and_what_gets_answers_has_none_here() -> None:
    rates = TopicRates()
    counts = {target: sum(rates.permits(target, 7.0) for _ in range(1_000)) for target in Target}
    assert counts == {target: PER_SECOND.get(target, 1_000) for target in Target}
    assert all(rates.permits(target, 8.0) for target in Target)
