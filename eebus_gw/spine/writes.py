"""Writes of peers that wait for the decision of the application (SPINE protocol 5.2.5, 5.3.4)."""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.errors import DatagramError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.datagram import Command, Header
from eebus_gw.spine.local import LocalDevice, LocalFeature
from eebus_gw.spine.merge import merge
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.wire.fold import Structure

APPROVAL_DEADLINE_S = 10.0
MAX_PENDING = 16

TIMEOUT = 2
OVERLOAD = 3
UNSUPPORTED = 6
NO_BINDING = 9


@dataclass(slots=True)
class PendingWrite:
    """A write that was found well-formed and permitted; it takes effect when it is accepted."""

    token: int
    header: Header
    feature: LocalFeature
    command: Command
    base: Structure | None
    candidate: Structure
    keys: frozenset[tuple[object, ...]]
    deadline: float


class Writes:
    """The writes of one peer that are being decided."""

    def __init__(self, device: LocalDevice, peer: str) -> None:
        self._device = device
        self._peer = peer
        self._pending: dict[int, PendingWrite] = {}
        self._next_token = 1

    def check(
        self, header: Header, feature: LocalFeature, command: Command, now: float
    ) -> PendingWrite:
        """Everything that can be judged without the application; raises ``DatagramError`` to refuse."""
        operations = feature.operations.get(command.function)
        if feature.role != "server" or operations is None or not operations.write:
            raise DatagramError(UNSUPPORTED, f"{command.function} cannot be written here")
        server = FeatureAddress(self._device.address, feature.entity, feature.number)
        if feature.needs_binding and not self._device.relations.is_bound(
            self._peer, header.source, server
        ):
            raise DatagramError(NO_BINDING, "a binding is necessary", clause="SPINE 7.3.5")
        if len(self._pending) >= MAX_PENDING:
            raise DatagramError(OVERLOAD, "too many undecided writes")
        current = feature.data.get(command.function)
        merged = _merge(command, current)
        pending = PendingWrite(
            self._next_token,
            header,
            feature,
            command,
            current,
            merged.data,
            merged.touched,
            now + APPROVAL_DEADLINE_S,
        )
        self._next_token += 1
        self._pending[pending.token] = pending
        return pending

    def take(self, token: int) -> PendingWrite | None:
        """Ends the wait for one decision."""
        return self._pending.pop(token, None)

    def apply(self, pending: PendingWrite) -> None:
        """Makes an accepted write the data of the feature and notifies every subscriber."""
        function = pending.command.function
        current = pending.feature.data.get(function)
        data = pending.candidate
        if current is not pending.base:
            data = _merge(pending.command, current).data
        deletes = any(part.delete for part in pending.command.filters)
        keys = None if deletes or not FUNCTIONS[function].is_list else pending.keys
        self._device.put(pending.feature, function, data, keys)

    def expired(self, now: float) -> list[PendingWrite]:
        """Writes nobody decided in time; they are discarded."""
        late = [pending for pending in self._pending.values() if pending.deadline <= now]
        for pending in late:
            del self._pending[pending.token]
        return late

    def of_client(self, client: FeatureAddress) -> list[PendingWrite]:
        """Takes out what a client that lost its binding still had pending."""
        orphans = [p for p in self._pending.values() if p.header.source == client]
        for pending in orphans:
            del self._pending[pending.token]
        return orphans

    def next_deadline(self) -> float | None:
        """The moment the oldest undecided write runs out."""
        return min((pending.deadline for pending in self._pending.values()), default=None)


def _merge(command: Command, current: Structure | None):  # type: ignore[no-untyped-def]
    return merge(
        FUNCTIONS[command.function],
        current,
        command.data,
        command.filters,
        remote_write=True,
        may_add=False,
    )
