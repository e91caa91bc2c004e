"""``SKI@HOST:PORT`` on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eebus_gw.errors import ConfigError
from eebus_gw.ship.ski import parse_ski

if TYPE_CHECKING:
    from eebus_gw.sim.control_box_runner import PeerAddress


def peer_address(text: str) -> PeerAddress:
    """The peer meant by ``text``; an IPv6 address stands in brackets. Raises ``ConfigError``."""
    from eebus_gw.sim.control_box_runner import PeerAddress

    ski, at, place = text.partition("@")
    host, colon, port = place.rpartition(":")
    if not at or not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(f"--peer: {text!r} is not of the form SKI@HOST:PORT")
    try:
        return PeerAddress(parse_ski(ski), host.removeprefix("[").removesuffix("]"), int(port))
    except ValueError as error:
        raise ConfigError(f"--peer: {error}") from None
