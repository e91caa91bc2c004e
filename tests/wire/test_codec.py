"""JSON text: padding, limits and faults (SHIP 1.0.1 §11)."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.wire.codec import dumps, loads
from eebus_gw.wire.fold import WireError


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'{"a":[]}\x00', id="trailing-nul"),
        pytest.param(b'{"a":[]}\x00\x00 \r\n', id="trailing-nuls-and-space"),
        pytest.param(b'\x00 {"a":[]}', id="leading-nul"),
        pytest.param(b'\xef\xbb\xbf{"a":[]}', id="byte-order-mark"),
        pytest.param(b'{\r\n\t"a" : [ ]\n}', id="TC_SHIP_MSG_003-white-space"),
        pytest.param(b'{"\\u0061":[]}', id="escapes"),
    ],
)
def test_padding_and_layout_are_ignored(text: bytes) -> None:
    assert loads(text) == {"a": []}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00", id="nul-only"),
        pytest.param(b'{"a":', id="cut-off"),
        pytest.param(b'{"a":NaN}', id="nan"),
        pytest.param(b'"\xff"', id="not-utf-8"),
        pytest.param('{"a":1}'.encode("utf-16"), id="utf-16"),
        pytest.param(b"[" * 100_000, id="open-brackets"),
    ],
)
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(WireError):
        loads(text)


def test_integers_of_64_bits_are_exact() -> None:
    assert loads(b"[18446744073709551615,-9223372036854775808]") == [2**64 - 1, -(2**63)]


def nested(depth: int, open_text: bytes, close_text: bytes) -> bytes:
    return open_text * depth + b"1" + close_text * depth


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
@pytest.mark.parametrize("limit", [10, 64, 200])
def test_depth_up_to_the_limit_is_read(limit: int, opening: bytes, closing: bytes) -> None:
    loads(nested(limit, opening, closing), max_depth=limit)
    with pytest.raises(WireError, match="deeper than"):
        loads(nested(limit + 1, opening, closing), max_depth=limit)
    # A refusal leaves nothing behind that would disturb the next message.
    loads(nested(limit, opening, closing), max_depth=limit)


def test_brackets_in_strings_are_no_depth() -> None:
    text = dumps({"a": "[{" * 200})
    assert loads(text) == {"a": "[{" * 200}


def test_size_is_limited_in_bytes() -> None:
    assert loads(b"[1,2]", max_bytes=5) == [1, 2]
    with pytest.raises(WireError, match="longer than 4"):
        loads(b"[1,2]", max_bytes=4)


@pytest.mark.parametrize("tree", [[[1, 2], [3]], {"a": [1, 2], "b": {"c": 3}}])
def test_number_of_values_is_limited(tree: Any) -> None:
    text = dumps(tree) + b" " * 20
    nodes = 6
    assert loads(text, max_nodes=nodes) == tree
    with pytest.raises(WireError, match="more than 5"):
        loads(text, max_nodes=nodes - 1)


def test_output_is_minified_and_keeps_order() -> None:
    assert (
        dumps({"b": [{"x": 1}, {"a": None}], "a": "ä"})
        == '{"b":[{"x":1},{"a":null}],"a":"ä"}'.encode()
    )


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(WireError):
        loads(data)


trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=30,
)


@given(trees)
def test_trees_survive(tree: Any) -> None:
    assert loads(dumps(tree)) == tree
