"""JSON text as trees, and back; nothing else imports the JSON parser."""

from __future__ import annotations

from typing import Any

import orjson

from eebus_gw.wire.fold import WireError

_PADDING = b"\x00 \t\r\n"
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
    # A value takes two bytes at least and a level one, so short messages need no look.
    if len(text) > min(2 * max_nodes, max_depth):
        _check_size(tree, max_depth, max_nodes)
    return tree


def dumps(tree: Any) -> bytes:
    """``tree`` as minified JSON text."""
    return orjson.dumps(tree)


def _check_size(tree: Any, max_depth: int, max_nodes: int) -> None:
    """Walks level by level, so that depth costs no recursion."""
    level: list[Any] = [tree]
    nodes = 0
    for _ in range(max_depth + 1):
        nodes += len(level)
        if nodes > max_nodes:
            raise WireError(f"message holds more than {max_nodes} values")
        deeper: list[Any] = []
        for node in level:
            if type(node) is list:
                deeper += node
            elif type(node) is dict:
                deeper += node.values()
        if not deeper:
            return
        level = deeper
    raise WireError(f"message is nested deeper than {max_depth}")
