"""Where a peer can be dialled."""

from __future__ import annotations

import pytest

from eebus_gw.net.address import Address, by_preference


@pytest.mark.parametrize(
    ("address", "text", "uri"),
    [
        (Address("192.0.2.1", 4712), "192.0.2.1:4712", "wss://192.0.2.1:4712/ship/"),
        (Address("box.example", 82, "x"), "box.example:82", "wss://box.example:82/x"),
        (Address("2001:db8::1", 4712, "/"), "[2001:db8::1]:4712", "wss://[2001:db8::1]:4712/"),
        (Address("fe80::1%eth0", 1), "[fe80::1%eth0]:1", "wss://[fe80::1]:1/ship/"),
    ],
)
def test_text_and_uri(address: Address, text: str, uri: str) -> None:
    assert str(address) == text
    assert address.uri() == uri


def test_another_path_for_a_second_try() -> None:
    assert Address("192.0.2.1", 4712, "/ship/").uri("/") == "wss://192.0.2.1:4712/"


def test_order_and_what_cannot_be_dialled() -> None:
    """IPv4, then IPv6 beyond the link, then link-local with scope; never without."""
    hosts = ["fe80::1", "fe80::2%eth0", "2001:db8::1", "192.0.2.2", "192.0.2.1", "192.0.2.2"]
    assert by_preference(hosts) == ("192.0.2.2", "192.0.2.1", "2001:db8::1", "fe80::2%eth0")
