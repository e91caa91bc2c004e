"""The home directory of one node: identity, trust and what must survive a restart."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self

import eebus_gw
from eebus_gw.documents import DocumentFile
from eebus_gw.errors import ConfigError, IdentityError, StoreError
from eebus_gw.identity import CERTIFICATE_FILE, KEY_FILE, Identity
from eebus_gw.peers import PeerBook, PeersDocument
from eebus_gw.retained import Retained, RetainedDocument

HOME_VARIABLE = "EEBUS_GW_HOME"
GRID_DIRECTORY = "grid"
LOCK_FILE = "node.lock"
CONFIG_FILE = "config.toml"
LEDGER_FILE = "ledger.sqlite3"
CONTROL_SOCKET = "control.sock"
PEERS_VERSION = 1
RETAINED_VERSION = 1


class HomeInUse(StoreError):
    """Another process holds this home directory; ``pid`` where it could be read."""

    def __init__(self, directory: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(
            f"the home directory {directory} is in use by {holder}",
            hint="one identity serves one process: ask that one, stop it, or use another --home",
        )
        self.pid = pid


class Home:
    """One home directory; nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reports: list[str] = []
        """One sentence for everything that was set aside or ignored so far."""
        self._lock: int | None = None
        self._parent: Home | None = None

    @classmethod
    def open(
        cls, path: str | Path | None = None, *, environment: Mapping[str, str] | None = None
    ) -> Self:
        """The home at ``path``, else where ``resolve_home`` finds it; created with mode 0700."""
        directory = resolve_home(path, os.environ if environment is None else environment)
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the home directory {directory} cannot be created: {error.strerror}",
                hint=f"choose another one: --home DIR or {HOME_VARIABLE}",
            ) from error
        return cls(directory)

    @property
    def config_path(self) -> Path:
        return self.path / CONFIG_FILE

    @property
    def ledger_path(self) -> Path:
        return self.path / LEDGER_FILE

    @property
    def control_path(self) -> Path:
        return self.path / CONTROL_SOCKET

    @cached_property
    def grid(self) -> Home:
        """The second identity, towards the grid; its directory appears with its key."""
        child = Home(self.path / GRID_DIRECTORY)
        child.reports = self.reports
        child._parent = self
        return child

    @cached_property
    def peers(self) -> PeerBook:
        """The peer book; every change is on the disk before the call returns."""
        file = self._peers_file()
        document = file.load(self.reports.append)
        return PeerBook(document.peers if document else (), save=file.save, own_skis=self._own_skis)

    @cached_property
    def retained(self) -> Retained:
        """What survives a restart; the owner drives ``next_deadline`` and flushes at the end."""
        file = DocumentFile(self.path / "retained.json", RetainedDocument, RETAINED_VERSION)
        document = file.load(self.reports.append)
        return Retained(document, save=file.save, report=self.reports.append)

    def has_identity(self) -> bool:
        """Whether there is a key; without one the home is empty or has lost it."""
        return (self.path / KEY_FILE).exists()

    def identity(self) -> Identity:
        """The stored identity; raises ``IdentityError``, also for a home that has lost its key."""
        self._refuse_lost_key()
        try:
            return Identity.load(self.path)
        except IdentityError as error:
            if self._parent is not None and not self.has_identity():  # made together
                error.hint = f"create one: eebus-gw --home {self._parent.path} init"
            names = ", ".join(peer.id for peer in self.peers.trusted())
            if names:
                error.hint = f"{error.hint} (paired here: {names})".strip()
            raise

    def create_identity(
        self, *, ship_id: str | None = None, at: datetime | None = None
    ) -> Identity:
        """A new identity, stored; ``IdentityError`` where there is one or was one."""
        if self.has_identity():
            raise IdentityError(
                f"{self.path / KEY_FILE} exists and is never replaced:"
                " a new key is a new device to every peer",
                hint=f"show it: eebus-gw --home {self.path} identity show",
            )
        self._refuse_lost_key()
        created = Identity.create(ship_id=ship_id, at=at)
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            created.store(self.path)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error
        return created

    def ensure_identity(self, *, at: datetime | None = None) -> Identity:
        """The stored identity, created in an empty home."""
        return self.identity() if self.has_identity() else self.create_identity(at=at)

    def lock(self) -> None:
        """Makes this process the only one to use the directory; raises ``HomeInUse``.

        The lock ends with ``unlock`` or with the process, however it ends. ``grid`` has its own.
        """
        if self._lock is not None:
            return
        path = self.path / LOCK_FILE
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _pid_in(descriptor)
            os.close(descriptor)
            raise HomeInUse(self.path, pid) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        self._lock = descriptor

    def unlock(self) -> None:
        """Gives the directory free; harmless when it is not locked."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @contextmanager
    def locked(self) -> Iterator[Self]:
        """``lock`` for the length of a ``with`` block."""
        held = self._lock is not None
        self.lock()
        try:
            yield self
        finally:
            if not held:
                self.unlock()

    def _peers_file(self) -> DocumentFile[PeersDocument]:
        return DocumentFile(self.path / "peers.json", PeersDocument, PEERS_VERSION)

    def _refuse_lost_key(self) -> None:
        if self.has_identity():
            return
        known = ", ".join(peer.id for peer in self.peers)
        traces = [path.name for path in self._peers_file().set_aside_before()]
        if (self.path / CERTIFICATE_FILE).exists():
            traces.append(CERTIFICATE_FILE)
        if known or traces:
            what = f"knows peers ({known})" if known else f"has been in use ({', '.join(traces)})"
            raise IdentityError(
                f"the home {self.path} {what} but its key {KEY_FILE} is gone",
                hint="restore it (eebus-gw store import FILE): a new key would break every pairing;"
                " to start anew on purpose use an empty directory",
            )

    def _own_skis(self) -> set[str]:
        homes = [self, self._parent or self.grid]
        return {home.identity().ski for home in homes if home.has_identity()}


def resolve_home(path: str | Path | None, environment: Mapping[str, str]) -> Path:
    """Where the home is: option, ``EEBUS_GW_HOME``, service manager, checkout, platform.

    Only an explicit option may be relative: a home that moves with the working directory would
    mint a new identity. Raises ``ConfigError``.
    """
    if path is not None:
        return Path(path).expanduser().absolute()
    if named := environment.get(HOME_VARIABLE):
        chosen = Path(named).expanduser()
        if not chosen.is_absolute():
            raise ConfigError(f"{HOME_VARIABLE}={named} must be an absolute path")
        return chosen
    if state := environment.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0])
    checkout = Path(eebus_gw.__file__).resolve().parent.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "certs").is_dir():
        return checkout / "certs" / "gateway"
    return _platform_state(environment)


def _platform_state(environment: Mapping[str, str]) -> Path:
    state = environment.get("XDG_STATE_HOME", "")
    if state and Path(state).is_absolute():
        return Path(state) / "eebus-gw"
    user = environment.get("HOME")
    if not user:
        raise ConfigError(
            "no home directory: HOME is not set", hint=f"use --home DIR or set {HOME_VARIABLE}"
        )
    if sys.platform == "darwin":
        return Path(user) / "Library" / "Application Support" / "eebus-gw"
    return Path(user) / ".local" / "state" / "eebus-gw"


def _pid_in(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None
