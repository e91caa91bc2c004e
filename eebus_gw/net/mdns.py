"""Announcing and finding SHIP nodes by multicast DNS (SHIP §7).

``Multicast`` serves all nodes of a process. It has one responder per interface, so that each
interface hears of its own addresses only, and looks for changed interfaces every few seconds:
what is new is set up before what is gone is given up, and no goodbye reaches a network that stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from zeroconf import Error, IPVersion, ServiceStateChange, Zeroconf
from zeroconf import ServiceInfo as Record
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from eebus_gw.net.address import by_preference
from eebus_gw.net.interfaces import Interface, usable_interfaces
from eebus_gw.ship.txt import SERVICE_TYPE

logger = logging.getLogger(__name__)

RESOLVE_MS: Final = 3000
MAX_SERVICES: Final = 1024
"""Announcements that are taken note of; whoever invents names without end shall not fill the memory."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One service of ours.

    ``instance`` and ``server`` have to be unique on the network by construction, for conflicts are
    not noticed. ``host`` restricts it to this one of our addresses.
    """

    instance: str
    server: str
    port: int
    text: dict[str, str] = field(hash=False)
    host: str | None = None

    @property
    def name(self) -> str:
        return f"{self.instance}.{SERVICE_TYPE}"

    def on(self, interface: Interface) -> Record | None:
        """The records for one interface; ``None`` when the service cannot be reached there."""
        if self.host is not None and self.host not in interface.addresses:
            return None
        return Record(
            SERVICE_TYPE,
            self.name,
            port=self.port,
            properties=self.text,
            server=f"{self.server}.local.",
            parsed_addresses=[self.host] if self.host else list(interface.addresses),
        )


@dataclass(frozen=True, slots=True)
class Sighting:
    """An announcement of somebody as it was received."""

    name: str
    addresses: tuple[str, ...]
    port: int
    text: Mapping[str | bytes, str | bytes | None] = field(hash=False)

    @property
    def instance(self) -> str:
        return self.name.removesuffix(f".{SERVICE_TYPE}")


Watcher = Callable[[str, Sighting | None], None]
"""Called with the name of a service and what is known of it now; ``None`` when it is gone."""


class Multicast:
    """Multicast DNS on the interfaces named in ``interfaces`` (see ``usable_interfaces``)."""

    def __init__(self, interfaces: tuple[str, ...] = (), *, rescan: float = 15.0) -> None:
        self.problems: dict[str, str] = {}
        """Interface name to the reason why it cannot be used."""
        self._wanted = interfaces
        self._rescan = rescan
        self._responders: dict[Interface, _Responder] = {}
        self._announcements: list[Announcement] = []
        self._watchers: list[Watcher] = []
        self._seen: dict[str, dict[Interface, Sighting]] = {}
        self._reported: dict[str, Sighting] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.scan()
        self._task = asyncio.create_task(self._keep_scanning(), name="mdns interfaces")
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await asyncio.gather(*(responder.close() for responder in self._responders.values()))
        self._responders.clear()

    # --- what nodes use

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Where it works at present."""
        return tuple(self._responders)

    def watch(self, watcher: Watcher) -> None:
        """Calls ``watcher`` for what is known already, and for every change."""
        self._watchers.append(watcher)
        for name, sighting in self._reported.items():
            watcher(name, sighting)

    def unwatch(self, watcher: Watcher) -> None:
        """Ends ``watch``."""
        self._watchers.remove(watcher)

    def announce(self, announcement: Announcement) -> None:
        """Announces a service from now on."""
        self._announcements.append(announcement)
        for responder in self._responders.values():
            responder.announce(announcement)

    async def withdraw(self, announcement: Announcement) -> None:
        """Says goodbye; returns when that is sent."""
        self._announcements.remove(announcement)
        await asyncio.gather(
            *(responder.withdraw(announcement) for responder in self._responders.values())
        )

    async def scan(self) -> None:
        """Looks at the interfaces now."""
        interfaces = set(usable_interfaces(self._wanted))
        for interface in interfaces - self._responders.keys():
            self._begin(interface)
        gone = self._responders.keys() - interfaces
        await asyncio.gather(*(self._end(interface) for interface in gone))

    # ---

    async def _keep_scanning(self) -> None:
        while True:
            await asyncio.sleep(self._rescan)
            try:
                await self.scan()
            except OSError as error:
                logger.warning("cannot list the network interfaces: %s", error)

    def _begin(self, interface: Interface) -> None:
        try:
            responder = _Responder(interface, self._sighted)
        except OSError as error:
            if interface.name not in self.problems:
                logger.warning("no mDNS on %s: %s", interface.name, error)
            self.problems[interface.name] = str(error)
            return
        self.problems.pop(interface.name, None)
        self._responders[interface] = responder
        for announcement in self._announcements:
            responder.announce(announcement)

    async def _end(self, interface: Interface) -> None:
        responder = self._responders.pop(interface)
        # Peers drop whoever says goodbye, and with another address this is still the same network.
        stays = any(other.name == interface.name for other in self._responders)
        await responder.close(goodbye=not stays)
        for name in list(self._seen):
            self._sighted(interface, name, None)

    def _sighted(self, interface: Interface, name: str, sighting: Sighting | None) -> None:
        if name not in self._seen and (sighting is None or len(self._seen) >= MAX_SERVICES):
            return
        places = self._seen.setdefault(name, {})
        if sighting is None:
            places.pop(interface, None)
        else:
            places[interface] = sighting
        merged = _merged(list(places.values()))
        if merged is None:
            del self._seen[name]
            known = self._reported.pop(name, None) is not None
        else:
            known = self._reported.get(name) != merged
            self._reported[name] = merged
        if known:
            for watcher in list(self._watchers):
                watcher(name, merged)


def _merged(sightings: list[Sighting]) -> Sighting | None:
    if not sightings:
        return None
    last = sightings[-1]
    addresses = [address for sighting in sightings for address in sighting.addresses]
    return Sighting(last.name, by_preference(addresses), last.port, last.text)


class _Responder:
    """Multicast DNS on one interface."""

    def __init__(
        self, interface: Interface, report: Callable[[Interface, str, Sighting | None], None]
    ) -> None:
        self._interface = interface
        self._report = report
        self._zeroconf = AsyncZeroconf(
            interfaces=[interface.multicast], ip_version=IPVersion.V4Only
        )
        self._browser = AsyncServiceBrowser(
            self._zeroconf.zeroconf, SERVICE_TYPE, handlers=[self._changed]
        )
        self._announced: dict[Announcement, tuple[Record, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._resolving: dict[str, asyncio.Task[None]] = {}

    def announce(self, announcement: Announcement) -> None:
        record = announcement.on(self._interface)
        if record is not None:
            self._announced[announcement] = record, self._spawn(self._register(record))

    async def withdraw(self, announcement: Announcement) -> None:
        record, registering = self._announced.pop(announcement, (None, None))
        if record is None or registering is None:
            return
        registering.cancel()
        await asyncio.gather(registering, return_exceptions=True)
        await (await self._zeroconf.async_unregister_service(record))

    async def close(self, *, goodbye: bool = True) -> None:
        await self._browser.async_cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not goodbye:
            registry = self._zeroconf.zeroconf.registry
            registry.async_remove(registry.async_get_service_infos())
        with contextlib.suppress(OSError):
            await self._zeroconf.async_close()

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _register(self, record: Record) -> None:
        # Names are unique by construction: probing would cost a second and finds our own records
        # on the other interfaces.
        try:
            await (await self._zeroconf.async_register_service(record, cooperating_responders=True))
        except Error as error:
            logger.warning("cannot announce on %s: %s", self._interface.name, error)

    def _changed(
        self,
        zeroconf: Zeroconf,
        service_type: str,
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        del service_type
        running = self._resolving.pop(name, None)
        if running is not None:
            running.cancel()
        if state_change is ServiceStateChange.Removed:
            self._report(self._interface, name, None)
            return
        info = AsyncServiceInfo(SERVICE_TYPE, name)
        if info.load_from_cache(zeroconf):
            self._resolved(info)
        elif len(self._resolving) < MAX_SERVICES:
            self._resolving[name] = self._spawn(self._resolve(zeroconf, info))

    async def _resolve(self, zeroconf: Zeroconf, info: AsyncServiceInfo) -> None:
        found = await info.async_request(zeroconf, RESOLVE_MS)
        self._resolving.pop(info.name, None)
        if found:
            self._resolved(info)

    def _resolved(self, info: AsyncServiceInfo) -> None:
        addresses = [self._scoped(address) for address in info.parsed_scoped_addresses()]
        self._report(
            self._interface,
            info.name,
            Sighting(
                info.name, by_preference(addresses), info.port or 0, dict(info.properties.items())
            ),
        )

    def _scoped(self, address: str) -> str:
        """A link-local address is good for nothing without the interface it was heard on."""
        if address.startswith("fe80") and "%" not in address:
            return f"{address}%{self._interface.name}"
        return address
