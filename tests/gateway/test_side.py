"""One side of the gateway: what is stored of a peer never keeps the next start from working."""

from __future__ import annotations

from pathlib import Path

import pytest

from eebus_gw.gateway.side import Side
from eebus_gw.home import Home
from eebus_gw.net.events import Direction, LinkUp
from eebus_gw.net.options import NetworkOptions
from tests.net.nodes import FakeSession
from tests.support.clock import FakeClock
from tests.support.identity import identity

PEER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"


def side_in(directory: Path) -> Side:
    clock = FakeClock()
    home = Home.open(directory)
    home.ensure_identity(at=clock.wall())
    options = NetworkOptions(port=0, host="127.0.0.1", mdns=False)
    return Side("wallbox", home, [], options=options, clock=clock, listener=lambda s, e: None)


@pytest.mark.parametrize(
    "address",
    [
        "192.168.1.5/24",
        "wallbox",
        "wallbox:",
        ":4711",
        "wallbox:http",
        "wallbox:0",
        "wallbox:65536",
    ],
)
def test_an_address_that_is_none_changes_nothing(tmp_path: Path, address: str) -> None:
    side = side_in(tmp_path)
    with pytest.raises(ValueError, match="is no address"):
        side.trust(PEER, how="mqtt", address=address)
    assert not side.peers.trusts(PEER)


def test_a_pin_that_is_none_changes_nothing_and_is_not_shown(tmp_path: Path) -> None:
    side = side_in(tmp_path)
    with pytest.raises(ValueError, match="8 to 16") as caught:
        side.trust(PEER, how="command_line", pin="hunter2")
    assert "hunter2" not in str(caught.value)
    assert not side.peers.trusts(PEER)


async def test_a_stored_address_that_is_none_is_passed_over(tmp_path: Path) -> None:
    side = side_in(tmp_path)
    side.peers.add(
        PEER, at=FakeClock().wall(), static_address="nowhere", last_addresses=("127.0.0.1:1", "?")
    )
    async with side:
        assert side.peers.trusts(PEER)


async def test_of_long_texts_the_beginning_is_kept(tmp_path: Path) -> None:
    side = side_in(tmp_path)
    side.peers.add(PEER, at=FakeClock().wall())
    async with side:
        side.learn(PEER, model="x" * 100_000)
        learned = side.peers.get(PEER)
        assert learned is not None
        assert learned.model == "x" * 128


async def test_the_certificate_that_a_peer_shows_is_remembered(tmp_path: Path) -> None:
    side, peer = side_in(tmp_path), identity("box")
    side.peers.add(peer.ski, at=FakeClock().wall())
    shown = LinkUp(peer.ski, Direction.INCOMING, FakeSession(), None, peer.certificate_der)
    side.node.listener(shown)
    known = side.peers.get(peer.ski)
    assert known is not None
    assert (known.fingerprint, known.certificate_expires) == (peer.fingerprint, peer.expires)


async def test_a_certificate_beyond_the_book_has_a_fingerprint_only(tmp_path: Path) -> None:
    side, peer = side_in(tmp_path), identity("box")
    side.peers.add(peer.ski, at=FakeClock().wall())
    side.node.listener(LinkUp(peer.ski, Direction.INCOMING, FakeSession(), None, b"odd"))
    known = side.peers.get(peer.ski)
    assert known is not None
    assert known.fingerprint is not None
    assert known.certificate_expires is None
