"""Which connection of a peer counts; a loser's end never touches the winner."""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.net.table import LinkTable


@dataclass(eq=False)
class FakeLink:
    ski: str
    usable: bool = True


def test_rivals_are_those_that_were_there_before() -> None:
    table: LinkTable[FakeLink] = LinkTable()
    first, second, other = FakeLink("a"), FakeLink("a"), FakeLink("b")
    assert table.add(first) == ()
    assert table.add(other) == ()
    assert table.add(second) == (first,)
    assert table.of("a") == (first, second)
    assert len(table) == 3
    assert set(table) == {first, second, other}


def test_the_end_of_the_former_carrier_leaves_the_new_one_alone() -> None:
    table: LinkTable[FakeLink] = LinkTable()
    first, second = FakeLink("a"), FakeLink("a")
    table.add(first)
    table.carry(first)
    table.add(second)
    table.carry(second)
    table.remove(first)
    assert table.carrier("a") is second
    assert table.of("a") == (second,)
    table.remove(second)
    table.remove(second)
    assert table.carrier("a") is None
    assert table.of("a") == ()


def test_the_successor_is_the_newest_usable_one() -> None:
    table: LinkTable[FakeLink] = LinkTable()
    first, second, third = FakeLink("a"), FakeLink("a"), FakeLink("a", usable=False)
    for link in (first, second, third):
        table.add(link)
    table.carry(first)
    assert table.successor("a") is None
    first.usable = False
    assert table.successor("a") is second
    table.remove(first)
    assert table.successor("a") is second
    assert table.successor("b") is None
