"""Whom ``pair`` means, by what mDNS shows."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from eebus_gw.cli.peer_target import NotSeen, seen_target, similar_node
from eebus_gw.ship.ski import group_ski

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
OTHER = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"


def node(name: str, ski: str | None = SKI, **changes: Any) -> dict[str, Any]:
    facts = {"ship_id": f"{name}-id", "brand": "Elli", "model": "Connect", "findings": []}
    return {"name": name, "ski": ski, **facts, **changes}


class Air:
    """A gateway that sees these nodes."""

    running = True

    def __init__(self, *nodes: dict[str, Any]) -> None:
        self._nodes = list(nodes)

    async def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        assert verb == "discovery/scan"
        return {"discovered": self._nodes}

    async def stream(self, verb: str, **arguments: Any) -> AsyncGenerator[dict[str, Any], None]:
        raise AssertionError(verb)
        yield {}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (SKI.replace("d35f", "d53f"), True),
        (SKI[1:] + "0", True),
        (OTHER, False),
        (SKI, False),
    ],
    ids=["two digits swapped", "one left out", "another one", "the same"],
)
async def test_a_ski_with_typing_errors_is_recognized(typed: str, found: bool) -> None:
    similar = await similar_node(Air(node("Nobody", None), node("Box")), typed)
    assert (similar == f"{group_ski(SKI)} (Elli Connect)") is found
    assert (similar is None) is not found


@pytest.mark.parametrize("text", ["Box", "box-id", "elli connect", " BOX ", "connect"])
async def test_found_by(text: str) -> None:
    target = await seen_target(Air(node("Box"), node("Other", OTHER, brand="A", model="B")), text)
    assert (target.ski, target.ship_id) == (SKI, "Box-id")


async def test_a_whole_name_wins_over_a_part() -> None:
    air = Air(node("Box 10", OTHER, model="X"), node("Box 1", model="Y"))
    assert (await seen_target(air, "Box 1")).ski == SKI


@pytest.mark.parametrize(
    ("nodes", "text", "complaint", "hint"),
    [
        ((), "Box", "no unpaired node", "paired ones go by their id"),
        ((node("Box"),), "Bax", "is called 'Bax'", "did you mean 'Elli Connect'?"),
        ((node("Box"),), "Eli conect", "is called", "did you mean 'Elli Connect'?"),
        ((node("Box", brand="", model=None),), "Bax", "is called", "did you mean 'Box'?"),
        ((node("Box"), node("2")), "zzzzzz", "is called 'zzzzzz'", "there are: Elli Connect"),
        ((node("Box"), node("Box 2", OTHER)), "elli connect", "2 nodes", f"{SKI}, {OTHER}"),
        ((node("Box", None, findings=["ski is missing"]),), "Box", "ski is missing", "--host"),
    ],
)
async def test_not_found(
    nodes: tuple[dict[str, Any], ...], text: str, complaint: str, hint: str
) -> None:
    with pytest.raises(NotSeen, match=complaint) as error:
        await seen_target(Air(*nodes), text)
    assert hint in error.value.hint
    assert error.value.exit_code == 3
