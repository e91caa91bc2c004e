"""A listening socket with room for only so many strangers."""

from __future__ import annotations

import contextlib
import socket
from typing import Any


class Door(socket.socket):
    """Whoever has not shown a certificate yet may be one of ``most`` connections; the oldest of them gives way.

    So clients that connect and say nothing can neither use up the file descriptors of the process
    nor keep a peer out.
    """

    def __init__(self, listening: socket.socket, most: int) -> None:
        """Takes ``listening`` over."""
        kind = listening.family, listening.type, listening.proto
        super().__init__(*kind, fileno=listening.detach())
        self._most = most
        self._strangers: dict[Any, socket.socket] = {}

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        # A closed socket has no descriptor any more.
        self._strangers = {a: s for a, s in self._strangers.items() if s.fileno() >= 0}
        if len(self._strangers) >= self._most:
            oldest = self._strangers.pop(next(iter(self._strangers)))
            with contextlib.suppress(OSError):
                oldest.shutdown(socket.SHUT_RDWR)
        self._strangers[address] = connection
        return connection, address

    def introduced(self, address: Any) -> None:
        """The client at ``address`` is no stranger any more."""
        self._strangers.pop(address, None)
