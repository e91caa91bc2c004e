"""Throw-away identities: made once per test run, one for each name."""

from __future__ import annotations

from functools import cache

from eebus_gw.identity import Identity


@cache
def identity(name: str = "gateway") -> Identity:
    """The identity called ``name``; the same name gives the same key for the whole run."""
    return Identity.create(ship_id=f"test-{name}")
