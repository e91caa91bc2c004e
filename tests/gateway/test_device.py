"""What a paired device is taken for."""

from __future__ import annotations

import pytest

from eebus_gw.gateway.device import Device


@pytest.mark.parametrize(
    ("codes", "house"),
    [
        (("mgcp",), True),
        (("vabd", "cob", "lpp"), True),
        (("vapd",), True),
        (("evsecc", "mpc", "lpc"), False),
        (("evsecc", "mgcp", "vapd"), False),
        (("lpc", "mpc"), False),
        ((), False),
    ],
    ids=lambda value: "+".join(value) or "nothing" if isinstance(value, tuple) else "",
)
def test_a_device_is_what_its_use_cases_show(codes: tuple[str, ...], house: bool) -> None:
    device = Device("a", "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40")
    assert device.recognise(codes) is house
    assert device.house is house


@pytest.mark.parametrize("known", [True, False])
def test_use_cases_that_anybody_may_have_change_nothing(known: bool) -> None:
    """A car that leaves, or a connection that is gone, takes its use cases along."""
    device = Device("a", "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40", house=known)
    assert not device.recognise(("lpc", "lpp", "mpc"))
    assert device.house is known


def test_a_wallbox_that_was_taken_for_something_else_is_one_again() -> None:
    device = Device("a", "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40", house=True)
    assert device.recognise({"evsecc"})
    assert not device.house
