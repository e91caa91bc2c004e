"""First byte and value of SHIP frames (SHIP 13.4.2)."""

from __future__ import annotations

from eebus_gw.ship.frames import CMI_FRAME, FrameType, build
from eebus_gw.ship.messages import ConnectionHello, write_message


def test_cmi_is_two_zero_bytes() -> None:
    assert CMI_FRAME == b"\x00\x00"


def test_hello_ready_is_59_bytes() -> None:
    hello = ConnectionHello(phase="ready", waiting=120_000)
    frame = build(FrameType.CONTROL, write_message(hello))
    assert len(frame) == 59
    assert frame.startswith(bytes.fromhex("017B22636F6E6E656374696F6E48656C6C6F223A5B"))
    assert frame.endswith(bytes.fromhex("5D7D"))


def test_type_bytes() -> None:
    assert [build(kind, {})[0] for kind in FrameType] == [0, 1, 2, 3]
