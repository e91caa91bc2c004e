"""The peer book: whom this node trusts, and the names it gave them.

An id is fixed when a peer enters the book and is what topics are built from; an alias may change at
any time; the SKI is what trust hangs on (SHIP §12.1, §12.2).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_serializer, field_validator

from eebus_gw.device_ids import LONGEST_ID, RESERVED_IDS, is_slug
from eebus_gw.errors import EebusError
from eebus_gw.ship.ski import group_ski, parse_ski

_SKI_LENGTH = 40


class UnknownDevice(EebusError):
    """No peer, or more than one, answers to a reference; ``hint`` names the nearest ones."""

    exit_code = 2
    reason = "device_unknown"


class PeerConflict(EebusError):
    """A SKI, id or alias cannot be used for a peer; the text says why."""

    exit_code = 2


class Trust(StrEnum):
    """How far the trust in a peer goes."""

    PENDING = "pending"
    """Known and named, not yet approved."""
    TRUSTED = "trusted"


class Peer(BaseModel):
    """One entry of the book; the PIN never shows."""

    model_config = ConfigDict(frozen=True)

    ski: str
    id: str
    alias: str | None = None
    trust: Trust = Trust.PENDING
    since: datetime
    """Wall time of the last change of trust."""
    how: str = ""
    """The way trust came: ``command_line``, ``qr``, ``window``, ``mqtt``, ``simulator``."""
    ship_id: str | None = None
    fingerprint: str | None = None
    """SHA-256 of the certificate last shown, upper-case hex digits."""
    certificate_expires: datetime | None = None
    brand: str | None = None
    model: str | None = None
    serial: str | None = None
    device_type: str | None = None
    kind: Literal["wallbox", "house"] = "wallbox"
    """What its use cases showed it to be: ``house`` for a grid meter, home battery or PV system."""
    last_addresses: tuple[str, ...] = ()
    """``host:port``, the one that worked last first; IPv6 hosts in brackets."""
    static_address: str | None = None
    """``host:port`` given by the operator: dialled without waiting for mDNS."""
    pin: SecretStr | None = None

    @field_validator("ski")
    @classmethod
    def _ski_in_one_spelling(cls, value: str) -> str:
        return parse_ski(value)

    @field_validator("id")
    @classmethod
    def _id_is_a_slug(cls, value: str) -> str:
        if not is_slug(value):
            raise ValueError("no device id")
        return value

    @field_serializer("pin", when_used="json-unless-none")
    def _pin_for_the_file(self, pin: SecretStr) -> str:
        return pin.get_secret_value()

    @property
    def trusted(self) -> bool:
        return self.trust is Trust.TRUSTED

    @property
    def label(self) -> str:
        """What people read: the alias, else brand and model, else the id."""
        return self.alias or " ".join(filter(None, (self.brand, self.model))) or self.id


class PeersDocument(BaseModel):
    """Content of ``peers.json``."""

    peers: Annotated[list[Peer], Field(default_factory=list)]

    @field_validator("peers")
    @classmethod
    def _no_two_alike(cls, peers: list[Peer]) -> list[Peer]:
        for what in ("ski", "id"):
            if len({getattr(peer, what) for peer in peers}) != len(peers):
                raise ValueError(f"two peers with one {what}")
        return peers


class PeerBook:
    """All peers of one node; every decision is handed to ``save`` at once, what was learned by ``flush``."""

    def __init__(
        self,
        peers: Iterable[Peer] = (),
        *,
        save: Callable[[PeersDocument], None] = lambda document: None,
        own_skis: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._peers = {peer.ski: peer for peer in peers}
        self._save = save
        self._unsaved = False
        self._own_skis = own_skis

    def __iter__(self) -> Iterator[Peer]:
        return iter(sorted(self._peers.values(), key=lambda peer: peer.id))

    def __len__(self) -> int:
        return len(self._peers)

    def get(self, ski: str) -> Peer | None:
        """The peer with exactly this SKI (any spelling)."""
        return self._peers.get(ski) or self._peers.get(parse_ski(ski))

    def trusts(self, ski: str) -> bool:
        """Whether ``ski`` (40 lower-case hex digits) is trusted now."""
        peer = self._peers.get(ski)
        return peer is not None and peer.trusted

    def trusted(self) -> list[Peer]:
        return [peer for peer in self if peer.trusted]

    def find(self, reference: str) -> Peer:
        """The peer meant by an id, a unique alias or a SKI in any spelling."""
        return find_peer(self, reference)

    def add(
        self,
        ski: str,
        *,
        at: datetime,
        device_id: str | None = None,
        alias: str | None = None,
        how: str = "",
        trust: Trust = Trust.TRUSTED,
        **facts: Any,
    ) -> Peer:
        """Enters or approves a peer; an existing one keeps its id, its alias unless given anew.

        ``facts`` are further members of ``Peer``. Raises ``ValueError`` for a text that is no SKI
        and ``PeerConflict`` for one's own SKI or an id that is taken, reserved or no slug.
        """
        ski = parse_ski(ski)
        if ski in self._own_skis():
            raise PeerConflict(
                f"{group_ski(ski)} is this gateway's own SKI, not the peer's",
                hint="enter the SKI shown by the wallbox; this one belongs into the wallbox"
                " (docs/troubleshooting.md#which-ski)",
            )
        known = self._peers.get(ski)
        if known is not None:
            if device_id is not None and device_id != known.id:
                raise PeerConflict(
                    f"this SKI is already in the book as {known.id!r}; ids never change"
                )
            changes = {**facts, "trust": trust, "since": at, "how": how or known.how}
            if alias is not None:
                changes["alias"] = alias
            return self._put(_changed(known, changes))
        wanted = check_id(device_id) if device_id is not None else None
        if wanted is not None and self._with_id(wanted) is not None:
            raise PeerConflict(f"the id {wanted!r} is taken by another peer")
        chosen = wanted or self._free_id(alias or facts.get("ship_id") or f"peer-{ski[:8]}", ski)
        return self._put(
            Peer(ski=ski, id=chosen, alias=alias, how=how, trust=trust, since=at, **facts)
        )

    def trust(self, ski: str, *, at: datetime, how: str = "") -> Peer:
        """Approves a peer, entering it where it is not in the book yet."""
        return self.add(ski, at=at, how=how)

    def remove(self, reference: str) -> Peer:
        """Takes the peer out of the book and returns what it was."""
        peer = self.find(reference)
        del self._peers[peer.ski]
        self._write()
        return peer

    def clear(self) -> list[Peer]:
        """Deletes all trust, as a factory reset must (SHIP 1.1 §12.2.2)."""
        removed = list(self)
        self._peers.clear()
        self._write()
        return removed

    def rename(self, reference: str, alias: str | None) -> Peer:
        """Changes the alias alone."""
        return self._put(_changed(self.find(reference), {"alias": alias}))

    def learn(self, ski: str, **facts: Any) -> Peer | None:
        """Notes what the peer told about itself, to be saved with the next ``flush``; ignores strangers."""
        peer = self._peers.get(ski)
        if peer is None:
            return None
        changed = _changed(
            peer, {name: value for name, value in facts.items() if value is not None}
        )
        if changed != peer:
            self._peers[ski] = changed
            self._unsaved = True
        return changed

    def flush(self) -> None:
        """Saves what was learned since the last saving."""
        if self._unsaved:
            self._write()

    def _with_id(self, device_id: str) -> Peer | None:
        return next((peer for peer in self._peers.values() if peer.id == device_id), None)

    def _free_id(self, text: str, ski: str) -> str:
        base = slug(text) or f"peer-{ski[:8]}"
        taken = {peer.id for peer in self._peers.values()} | RESERVED_IDS
        number, candidate = 1, base
        while candidate in taken:
            number += 1
            ending = f"-{number}"
            candidate = base[: LONGEST_ID - len(ending)] + ending
        return candidate

    def _put(self, peer: Peer) -> Peer:
        self._peers[peer.ski] = peer
        self._write()
        return peer

    def _write(self) -> None:
        self._unsaved = False
        self._save(PeersDocument(peers=list(self)))


def check_id(text: str) -> str:
    """``text`` where it is a usable device id; raises ``PeerConflict`` otherwise."""
    if not is_slug(text):
        near = slug(text)
        raise PeerConflict(
            f"{text!r} is no device id: only a-z, 0-9 and '-', 1 to {LONGEST_ID} of them",
            hint=f"did you mean {near!r}?" if near else "",
        )
    if text in RESERVED_IDS:
        raise PeerConflict(f"the id {text!r} is reserved")
    return text


def slug(text: str) -> str:
    """``text`` reduced to ``[a-z0-9-]``, at most 64 characters; empty where nothing remains."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_GERMAN))
    plain = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_ID].strip("-")


_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def find_peer(peers: Iterable[Peer], reference: str) -> Peer:
    """The one peer that ``reference`` (id, unique alias, SKI in any spelling) means.

    Raises ``UnknownDevice``, whose hint names the nearest id, alias or SKI.
    """
    known = list(peers)
    text = reference.strip()
    by_id = [peer for peer in known if peer.id == text]
    if by_id:
        return by_id[0]
    by_alias = [peer for peer in known if (peer.alias or "").casefold() == text.casefold()]
    if len(by_alias) == 1:
        return by_alias[0]
    if by_alias:
        ids = ", ".join(peer.id for peer in by_alias)
        raise UnknownDevice(f"the alias {text!r} is not unique", hint=f"use one of the ids {ids}")
    try:
        ski = parse_ski(text)
    except ValueError:
        ski = ""
    for peer in known:
        if peer.ski == ski:
            return peer
    raise UnknownDevice(f"no device answers to {text!r}", hint=_nearest(known, text))


def _nearest(known: list[Peer], text: str) -> str:
    if not known:
        return "no peer is paired yet: eebus-gw discover, then eebus-gw pair PEER"
    names = {peer.id.casefold(): peer.id for peer in known}
    names |= {peer.alias.casefold(): peer.alias for peer in known if peer.alias}
    digits = re.sub(r"[^0-9a-f]", "", text.casefold())
    if len(digits) > _SKI_LENGTH // 2:
        skis = difflib.get_close_matches(digits, [peer.ski for peer in known], n=1, cutoff=0.7)
        if skis:
            peer = next(peer for peer in known if peer.ski == skis[0])
            return f"did you mean {peer.id} with the SKI {group_ski(peer.ski)}?"
    close = difflib.get_close_matches(text.casefold(), names, n=1, cutoff=0.5)
    if close:
        return f"did you mean {names[close[0]]}?"
    return f"known are {', '.join(peer.id for peer in known[:8])}"


def _changed(peer: Peer, changes: dict[str, Any]) -> Peer:
    return Peer.model_validate({**peer.model_dump(), **changes})
