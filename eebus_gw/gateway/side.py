"""One side of the gateway: a node with its home, its peers, its pairing window and its trace.

Towards the wallboxes and towards the grid there are two sides with two identities; trust in one is no trust in the
other. A side keeps its peers dialled and remembers what they say about themselves.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from cryptography import x509

from eebus_gw.clock import Clock
from eebus_gw.errors import StoreError
from eebus_gw.gateway.links import LinkState
from eebus_gw.gateway.pairing import PairingWindow
from eebus_gw.home import Home
from eebus_gw.net import events as net
from eebus_gw.net.address import Address
from eebus_gw.net.options import NetworkOptions
from eebus_gw.node import Node, NodeEvent
from eebus_gw.peers import Peer
from eebus_gw.roles.events import EntityChanged, Heartbeat
from eebus_gw.roles.host import Entity
from eebus_gw.ship.pin import parse_pin
from eebus_gw.ship.ski import parse_ski
from eebus_gw.ship.txt import DEFAULT_PATH
from eebus_gw.trace.recording import FrameTrace

logger = logging.getLogger(__name__)

WALLBOX, GRID = "wallbox", "grid"
"""Names of the two sides, towards devices and towards the control box."""
LONGEST_TEXT = 128
SAVING_DELAY_S = 2.0
"""What peers tell about themselves comes in bursts, and each saving waits for the disk."""
Listener = Callable[["Side", NodeEvent], None]


class Side:
    """An asynchronous context manager; ``listener`` gets every event after the side has noted it."""

    def __init__(
        self,
        name: str,
        home: Home,
        entities: Iterable[Entity],
        *,
        options: NetworkOptions,
        clock: Clock,
        listener: Listener,
        trace: FrameTrace | None = None,
    ) -> None:
        self.name = name
        self.home = home
        self.peers = home.peers
        self.window = PairingWindow()
        self.links: dict[str, LinkState] = {}
        self.node = Node(
            home.ensure_identity(),
            trusts=self.peers.trusts,
            may_wait=lambda ski: self.window.is_open(clock.now()),
            options=options,
            clock=clock,
            listener=self._on_event,
            trace=None if trace is None else self._trace,
        )
        self.entities = [self.node.host.add_entity(entity, clock.now()) for entity in entities]
        self.node.host.announce()
        self._clock = clock
        self._listener = listener
        self._frames = trace
        self._saving: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        await self.node.__aenter__()
        for peer in self.peers.trusted():
            self.dial(peer)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.node.__aexit__(kind, error, traceback)
        if self._saving is not None:
            self._saving.cancel()
            self._save()

    # --- peers

    def dial(self, peer: Peer) -> None:
        """Keeps a trusted peer dialled, at its given address, the last ones and where mDNS shows it."""
        given = [peer.static_address] if peer.static_address else []
        pin = peer.pin.get_secret_value() if peer.pin is not None else None
        self.node.network.connect(
            peer.ski,
            _usable_addresses(given),
            known=_usable_addresses(peer.last_addresses),
            pin=pin,
        )

    def trust(
        self,
        ski: str,
        *,
        how: str,
        device_id: str | None = None,
        alias: str | None = None,
        address: str | None = None,
        pin: str | None = None,
        ship_id: str | None = None,
    ) -> Peer:
        """Trusts a peer, dials it, and lets it in if it waits.

        Raises ``ValueError`` for a SKI, an address or a PIN that is none, and then changes nothing.
        """
        ski = parse_ski(ski)
        facts: dict[str, Any] = {"ship_id": ship_id} if ship_id else {}
        facts |= self._visible_facts(ski)
        if address is not None:
            _address(address)
            facts["static_address"] = address
        if pin is not None:
            facts["pin"] = parse_pin(pin)
        peer = self.peers.add(
            ski, at=self._clock.wall(), device_id=device_id, alias=alias, how=how, **facts
        )
        self.window.ended(ski)
        self.dial(peer)
        self.node.network.approve(ski)
        return peer

    def learn(self, ski: str, **facts: Any) -> None:
        """Notes what a peer told about itself; of long texts the beginning."""
        facts = {
            name: fact[:LONGEST_TEXT] if isinstance(fact, str) else fact
            for name, fact in facts.items()
        }
        if self.peers.get(ski) != self.peers.learn(ski, **facts) and self._saving is None:
            loop = asyncio.get_running_loop()
            self._saving = loop.call_later(SAVING_DELAY_S, self._save)

    def deny(self, ski: str) -> None:
        """Turns a waiting peer away."""
        self.window.ended(parse_ski(ski))
        self.node.network.deny(parse_ski(ski))

    def remove(self, reference: str) -> Peer:
        """Revokes trust: the peer is told, the link closed, the entry deleted."""
        peer = self.peers.remove(reference)
        self.node.network.forget(peer.ski)
        self.links.pop(peer.ski, None)
        return peer

    def link(self, ski: str) -> LinkState:
        """What is known about the connection to a peer."""
        return self.links.setdefault(ski, LinkState())

    def understood(self, ski: str) -> bool:
        """Whether the peer is connected and its use cases are known."""
        partner = self.node.host.partners.get(ski)
        return partner is not None and partner.session.remote.use_cases_known

    def available(self, ski: str) -> bool:
        """Whether the peer is connected and understood, and its heartbeat in time where it has one."""
        return self.understood(ski) and self.link(ski).beating(self._clock.now())

    def visible(self, ski: str) -> net.VisibleNode | None:
        """The peer's announcement, if it is seen now."""
        for node in self.node.network.visible():
            if node.record is not None and node.record.ski == ski:
                return node
        return None

    # --- what happens

    def _on_event(self, event: NodeEvent) -> None:
        now, wall = self._clock.now(), self._clock.wall()
        ski: str | None = getattr(event, "ski", None)
        match event:
            case net.PeerIdentified(ski=known, ship_id=ship_id):
                self.learn(known, ship_id=ship_id)
            case net.LinkUp(ski=known, certificate=certificate):
                self._remember_address(known)
                if certificate is not None:
                    self.learn(known, **_certificate_facts(certificate))
                logger.info("%s is connected", self._name(known))
            case net.LinkDown(ski=known, text=text):
                logger.info("%s is no longer connected: %s", self._name(known), text)
            case net.NodeVisible(node) if node.record is not None and node.record.ski:
                self.learn(node.record.ski, **self._visible_facts(node.record.ski))
            case net.PairingRequested(ski=asking, waiting_s=waiting_s, address=address):
                self.window.requested(asking, address, waiting_s, now)
            case net.PairingEnded(ski=asking):
                self.window.ended(asking)
            case net.PeerChangedKey(expected=expected):
                ski = expected
            case Heartbeat(ski=beating, entity=path):
                self.link(beating).beat(path, now)
            case EntityChanged(ski=changed, entity=entity, present=False):
                self.link(changed).beats.pop(entity.path, None)
        if ski is not None and self.peers.get(ski) is not None:
            self.link(ski).follow(event, now, wall)
        self._listener(self, event)

    def _name(self, ski: str) -> str:
        peer = self.peers.get(ski)
        return peer.id if peer is not None else ski

    def _remember_address(self, ski: str) -> None:
        peer = self.peers.get(ski)
        link = self.node.network.link(ski)
        if peer is None or link is None or link.direction is not net.Direction.OUTGOING:
            return
        kept = [a for a in peer.last_addresses if a != link.address]
        self.learn(ski, last_addresses=(link.address, *kept)[:4])

    def _save(self) -> None:
        self._saving = None
        try:
            self.peers.flush()
        except StoreError as error:
            logger.error("%s", error)

    def _visible_facts(self, ski: str) -> dict[str, str]:
        node = self.visible(ski)
        record = node.record if node is not None else None
        if record is None:
            return {}
        stated = {
            "ship_id": record.ship_id,
            "brand": record.brand,
            "model": record.model,
            "serial": record.serial,
            "device_type": record.type,
        }
        return {name: text for name, text in stated.items() if text}

    def _trace(self, ski: str, direction: str, frame: bytes, now: float) -> None:
        assert self._frames is not None
        own = self.node.ski
        sender, receiver = (ski, own) if direction == "in" else (own, ski)
        self._frames.frame(now, sender, receiver, frame)


def _certificate_facts(der: bytes) -> dict[str, Any]:
    """Fingerprint and expiry; nothing depends on them (SHIP §12.1.1)."""
    facts: dict[str, Any] = {"fingerprint": hashlib.sha256(der).hexdigest().upper()}
    with suppress(
        ValueError
    ):  # many devices make their certificates themselves, and not always by the book
        facts["certificate_expires"] = x509.load_der_x509_certificate(der).not_valid_after_utc
    return facts


def _address(text: str) -> Address:
    """``host:port[/path]``, IPv6 hosts in brackets; raises ``ValueError`` for anything else."""
    place, slash, path = text.partition("/")
    host, _, port = place.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"{text!r} is no address: host:port is needed, like 192.168.1.20:4711")
    return Address(host.strip("[]"), int(port), f"/{path}" if slash else DEFAULT_PATH)


def _usable_addresses(texts: Iterable[str]) -> list[Address]:
    """What can be dialled of a stored list; an entry that is none must not keep the gateway from starting."""
    usable = []
    for text in texts:
        try:
            usable.append(_address(text))
        except ValueError as error:
            logger.warning("not dialled: %s", error)
    return usable
