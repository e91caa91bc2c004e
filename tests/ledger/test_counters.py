from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.ledger.counters import Counter


def test_trap_7_zero_during_a_reboot_holds() -> None:
    counter = Counter(base_wh=50_000)
    assert [counter.advance(reading, 10) for reading in (0, 0, 50_100)] == [None, None, 100]


def test_trap_8_a_reset_counts_on_from_its_new_base() -> None:
    counter = Counter(base_wh=50_000)
    assert [counter.advance(reading, 60) for reading in (0, 40, 90)] == [None, 40, 50]


def test_a_jump_no_wallbox_can_charge_is_another_counter() -> None:
    counter = Counter(base_wh=0)
    assert [counter.advance(reading, 1) for reading in (12_000, 12_010)] == [None, 10]


@given(readings=st.lists(st.floats(0, 1e8), max_size=50), seconds=st.floats(0, 1e5))
def test_no_reading_makes_energy_negative(readings: list[float], seconds: float) -> None:
    counter = Counter()
    for reading in readings:
        risen = counter.advance(reading, seconds)
        assert risen is None or risen >= 0
