"""The Go peers for all interop tests."""

from __future__ import annotations

import pytest

from tests.interop.peers import PeerPrograms, build_peers


@pytest.fixture(scope="session")
def go_peers() -> PeerPrograms:
    """The built peer programs; skips, or fails if they are required, where Go is missing."""
    programs = build_peers()
    print(f"Go peers built in {programs.build_s:.1f} s")
    return programs
