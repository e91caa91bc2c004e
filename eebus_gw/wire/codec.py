"""JSON text as trees, and back; nothing else imports the JSON parser."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from eebus_gw.wire.fold import WireError

_PADDING = b"\x00 \t\r\n"
_SERIALIZER_DEPTH = 254
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def loads(
    data: bytes, *, max_bytes: int = 262_144, max_depth: int = 64, max_nodes: int = 20_000
) -> Any:
    """The tree of the JSON text ``data``; padding around it (NUL, white space, byte order mark) is
    ignored.

    Raises ``WireError`` when it is no JSON in UTF-8, or longer, deeper or richer in values than the
    limits.
    """
    if len(data) > max_bytes:
        raise WireError(f"message of {len(data)} bytes is longer than {max_bytes}")
    text = data.strip(_PADDING).removeprefix(_BYTE_ORDER_MARK)
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise WireError(f"no JSON: {error.msg} at byte {error.pos}") from None
    # A value takes two bytes at least, so short messages need no count.
    if len(text) > 2 * max_nodes:
        _check_count(tree, max_nodes)
    if len(text) > max_depth:
        _check_depth(tree, max_depth)
    return tree


def dumps(tree: Any) -> bytes:
    """``tree`` as minified JSON text."""
    return orjson.dumps(tree)


def _check_count(tree: Any, max_nodes: int) -> None:
    waiting = [tree]
    for count, node in enumerate(waiting, start=1):
        if count > max_nodes:
            raise WireError(f"message holds more than {max_nodes} values")
        if type(node) is list:
            waiting += node
        elif type(node) is dict:
            waiting += node.values()


def _check_depth(tree: Any, max_depth: int) -> None:
    # The serializer refuses what is nested deeper than its limit: with as many lists around the
    # tree as the limit leaves, its refusal is the answer, at a fraction of the cost of a walk.
    outer, inner = _nest(_SERIALIZER_DEPTH - max_depth)
    inner.append(tree)
    try:
        orjson.dumps(outer)
    except TypeError:
        raise WireError(f"message is nested deeper than {max_depth}") from None
    finally:
        inner.clear()


@cache
def _nest(levels: int) -> tuple[list[Any], list[Any]]:
    inner: list[Any] = []
    outer = inner
    for _ in range(levels - 1):
        outer = [outer]
    return outer, inner
