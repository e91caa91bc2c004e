"""How identifications of vehicles are shown: as they are, or as a hash that tells cars apart and says no more."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import blake2b

from pydantic import BaseModel

from eebus_gw.clock import Clock
from eebus_gw.retained import Retained

SECTION = "privacy"


class StoredSalt(BaseModel):
    """Known to this gateway alone: the addresses of all cars are few enough to be tried."""

    salt: str


def hashed(retained: Retained, clock: Clock) -> Callable[[str], str]:
    """The same 16 hex digits for the same identification, also after a restart."""
    stored = retained.get(SECTION, StoredSalt)
    if stored is None:
        stored = StoredSalt(salt=secrets.token_hex(16))
        retained.put(SECTION, stored, clock.now())
    key = stored.salt.encode()
    return lambda value: blake2b(value.encode(), digest_size=8, key=key).hexdigest()
