"""The §14a minimum, figures of BK6-22-300 Annex 1."""

from __future__ import annotations

import pytest

from eebus_gw.site.steuve import guaranteed_minimum_w, simultaneity


@pytest.mark.parametrize(
    ("devices", "minimum_kw"),
    [
        (1, 4.20),
        (2, 7.56),
        (3, 10.50),
        (4, 13.02),
        (5, 15.12),
        (6, 16.80),
        (7, 18.06),
        (8, 18.90),
        (9, 19.32),
        (10, 21.21),
    ],
)
def test_guaranteed_minimum(devices: int, minimum_kw: float) -> None:
    assert guaranteed_minimum_w(devices) == pytest.approx(minimum_kw * 1_000)


def test_a_site_has_at_least_one_device() -> None:
    with pytest.raises(ValueError, match="at least one"):
        simultaneity(0)
