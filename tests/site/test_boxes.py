"""A wallbox as the site rules see it."""

from __future__ import annotations

import pytest

from eebus_gw.site.boxes import Box, Means

ALL = frozenset(Means)


@pytest.mark.parametrize(
    ("means", "than", "stronger"),
    [
        (ALL, Means.LPC, Means.OPEV),
        (ALL, Means.OPEV, Means.PAUSE),
        (ALL, Means.PAUSE, Means.PAUSE),
        (frozenset({Means.LPC, Means.PAUSE}), Means.LPC, Means.PAUSE),
        (frozenset({Means.LPC}), Means.LPC, Means.LPC),
    ],
)
def test_stronger_means(means: frozenset[Means], than: Means, stronger: Means) -> None:
    assert Box("a", 1_380, 11_000, means).stronger_means(than) is stronger


@pytest.mark.parametrize(
    ("means", "demand_w", "lowest_w", "cap_w"),
    [
        (ALL, None, 1_380, 11_000),
        (ALL, 5_000, 1_380, 5_000),
        (ALL, 20_000, 1_380, 11_000),
        (ALL, -1, 1_380, 0),
        (frozenset({Means.PAUSE}), 5_000, 11_000, 11_000),
        (frozenset({Means.PAUSE}), 1_000, 11_000, 0),
    ],
)
def test_what_share_makes_sense(
    means: frozenset[Means], demand_w: float | None, lowest_w: float, cap_w: float
) -> None:
    box = Box("a", 1_380, 11_000, means, demand_w=demand_w)
    assert (box.lowest_w, box.cap_w) == (lowest_w, cap_w)


def test_who_needs_nothing_gets_nothing_whatever_its_smallest_power() -> None:
    """A car that can be paused only and states no smallest power took the share of the one that had it."""
    assert Box("a", 0, 11_000, frozenset({Means.PAUSE}), demand_w=0).cap_w == 0


@pytest.mark.parametrize(
    ("means", "reachable", "controllable"),
    [(ALL, True, True), (ALL, False, False), (frozenset(), True, False)],
)
def test_controllable(means: frozenset[Means], reachable: bool, controllable: bool) -> None:
    assert Box("a", 0, 1, means, reachable=reachable).controllable is controllable
