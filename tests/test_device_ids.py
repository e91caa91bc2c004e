"""What may be the id of a device (contract §2)."""

from __future__ import annotations

import pytest

from eebus_gw.device_ids import is_device_id


@pytest.mark.parametrize("text", ["a", "0", "garage-2", "-", "x" * 64])
def test_device_ids(text: str) -> None:
    assert is_device_id(text)


@pytest.mark.parametrize("text", ["", "A", "a_b", "a/b", "a+", "x" * 65, "bridge", "grid", "a\n"])
def test_no_device_ids(text: str) -> None:
    assert not is_device_id(text)
