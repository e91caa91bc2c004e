"""Key and certificate of one side."""

from __future__ import annotations

import stat
from datetime import datetime

from eebus_gw.diagnostics.check import Check, Grade, ok, skipped
from eebus_gw.errors import IdentityError
from eebus_gw.home import Home
from eebus_gw.identity import KEY_FILE, load_key
from eebus_gw.ship.ski import group_ski


def check_identity(name: str, home: Home, wall: datetime) -> Check:
    """Whether key and certificate can be read, belong together, and last."""
    if not home.has_identity() and not home.peers.trusted():
        return skipped(name, "no key yet; it is created when it is first needed")
    try:
        identity = home.identity()
    except IdentityError as error:
        return Check(name, Grade.FAILED, str(error), error.hint, _topic(home))
    mode = stat.S_IMODE((home.path / KEY_FILE).stat().st_mode)
    if mode & 0o077:
        return Check(
            name,
            Grade.WARNING,
            f"{home.path / KEY_FILE} can be read by others (mode {mode:03o})",
            f"chmod 600 {home.path / KEY_FILE}",
            "own-key",
        )
    if warnings := identity.warnings(wall):
        return Check(
            name,
            Grade.WARNING,
            "; ".join(warnings),
            "eebus-gw identity renew keeps key, SKI and pairings.",
            "certificate",
        )
    return ok(name, f"SKI {group_ski(identity.ski)}, valid until {identity.expires:%Y-%m-%d}")


def _topic(home: Home) -> str:
    """A key that can be read leaves the certificate as what is wrong."""
    try:
        load_key(home.path)
    except IdentityError:
        return "own-key"
    return "certificate"
