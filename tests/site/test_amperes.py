"""Watts to amperes per phase."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.site.amperes import amperes_of


@pytest.mark.parametrize(
    ("watts", "phases", "volts", "amperes"),
    [
        pytest.param(4_200, 3, 230, 6.0, id="14a-three-phases"),
        pytest.param(4_140, 3, 230, 6.0, id="exactly-the-minimum"),
        pytest.param(4_139, 3, 230, 0.0, id="just-below-the-minimum"),
        pytest.param(4_200, 1, 230, 18.2, id="14a-one-phase"),
        pytest.param(11_040, 3, 230, 16.0, id="16-a"),
        pytest.param(4_200, 3, 253, 0.0, id="strict-voltage"),
        pytest.param(0, 3, 230, 0.0, id="zero"),
    ],
)
def test_rounds_down_to_a_tenth(watts: float, phases: int, volts: float, amperes: float) -> None:
    assert amperes_of(watts, phases=phases, volts=volts) == amperes


@given(
    watts=st.floats(0, 50_000),
    phases=st.integers(1, 3),
    volts=st.floats(200, 260),
)
def test_never_more_than_the_share(watts: float, phases: int, volts: float) -> None:
    amperes = amperes_of(watts, phases=phases, volts=volts)
    assert amperes * phases * volts <= watts * (1 + 1e-8)
    assert amperes == 0 or amperes >= 6
