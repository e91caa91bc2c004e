"""Which specification versions are accepted."""

from __future__ import annotations

import pytest

from eebus_gw.errors import DatagramError
from eebus_gw.spine.version import check_version


@pytest.mark.parametrize("version", [None, "", "1.0.0", "1.1.1", "1.3.0", "1.999.999", "v1.3.0"])
def test_accepted(version: str | None) -> None:
    check_version(version)


@pytest.mark.parametrize("version", ["0.3.0", "2.0.0", "1", "1.3", "TS1.3.0", "1.3.0b", "1.٣.0"])
def test_refused(version: str) -> None:
    with pytest.raises(DatagramError) as refusal:
        check_version(version)
    assert refusal.value.number == 1
