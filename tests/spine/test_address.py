"""Addresses (SPINE protocol 4.2)."""

from __future__ import annotations

import pytest

from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.model.common_data_types import FeatureAddressType
from eebus_gw.wire.fold import decode, fold

FULL = FeatureAddress("d:_i:46925_TestDevice-S", (1, 1), 3)


@pytest.mark.parametrize(
    ("address", "tree"),
    [
        pytest.param(
            FULL,
            [{"device": "d:_i:46925_TestDevice-S"}, {"entity": [1, 1]}, {"feature": 3}],
            id="full",
        ),
        pytest.param(
            FeatureAddress(None, (0,), 0), [{"entity": [0]}, {"feature": 0}], id="no-device"
        ),
        pytest.param(
            FeatureAddress("d", (1,), None), [{"device": "d"}, {"entity": [1]}], id="entity"
        ),
        pytest.param(FeatureAddress(None, (), None), [], id="nothing"),
    ],
)
def test_wire_form(address: FeatureAddress, tree: list[dict[str, object]]) -> None:
    assert fold(address.to_wire()) == tree
    assert FeatureAddress.of(decode(tree, FeatureAddressType)) == address


def test_addresses_compare_by_value() -> None:
    again = FeatureAddress("d:_i:46925_TestDevice-S", (1, 1), 3)
    assert {FULL: 1}[again] == 1
    assert again._replace(feature=4) != FULL


def test_text_shows_the_parts_that_are_stated() -> None:
    assert str(FULL) == "d:_i:46925_TestDevice-S[1.1]/3"
    assert str(FeatureAddress(None, (0,), None)) == "[0]"
