"""What a paired device is taken for."""

from __future__ import annotations

import pytest

from eebus_gw.gateway.device import Device


@pytest.mark.parametrize(
    ("codes", "entities", "house"),
    [
        (("mgcp",), ("GridConnectionPointOfPremises",), True),
        (("vabd", "cob", "lpp"), ("ElectricityStorageSystem", "Inverter"), True),
        (("lpc", "mpc"), ("HeatPumpAppliance",), True),
        ((), ("CEM",), True),
        (("evsecc", "mpc", "lpc"), ("EVSE",), False),
        (("evsecc", "mgcp", "vapd"), ("CEM", "EVSE", "PVSystem"), False),
        (("lpc", "mpc"), ("EVSE",), False),
        ((), ("EVSE",), False),
        (("opev",), ("CEM",), False),
        ((), (), False),
    ],
    ids=lambda value: "+".join(value) or "nothing" if isinstance(value, tuple) else "",
)
def test_a_device_is_what_it_offers_and_consists_of(
    codes: tuple[str, ...], entities: tuple[str, ...], house: bool
) -> None:
    device = Device("a", "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40")
    assert device.recognise(codes, ("DeviceInformation", *entities) if entities else ()) is house
    assert device.house is house


@pytest.mark.parametrize("known", [True, False])
def test_a_device_that_has_not_told_its_entities_remains_what_it_was(known: bool) -> None:
    device = Device("a", "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40", house=known)
    assert not device.recognise((), ())
    assert device.house is known


def test_a_wallbox_that_was_taken_for_something_else_is_one_again() -> None:
    device = Device("a", "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40", house=True)
    assert device.recognise({"evsecc"}, {"EVSE"})
    assert not device.house
