"""Writes of peers that wait for the decision of the application (SPINE protocol 5.2.5, 5.3.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eebus_gw.errors import DatagramError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.datagram import Command, Header
from eebus_gw.spine.error_numbers import NO_BINDING, OVERLOAD, UNSUPPORTED
from eebus_gw.spine.local import LocalDevice, LocalFeature
from eebus_gw.spine.merge import Merged, merge
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.wire.fold import Structure

APPROVAL_DEADLINE_S = 10.0
MAX_PENDING = 16


@dataclass(slots=True)
class PendingWrite:
    """A write that was found well-formed and permitted; it takes effect when it is accepted."""

    token: int
    header: Header
    feature: LocalFeature
    command: Command
    base: Structure | None
    """The data it was judged against."""
    merged: Merged
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
        pending = PendingWrite(
            self._next_token,
            header,
            feature,
            command,
            current,
            _merge(command, current),
            now + APPROVAL_DEADLINE_S,
        )
        self._next_token += 1
        self._pending[pending.token] = pending
        return pending

    def take(self, token: int) -> PendingWrite | None:
        """Ends the wait for one decision."""
        return self._pending.pop(token, None)

    def apply(self, pending: PendingWrite) -> None:
        """Makes an accepted write the data of the feature and notifies subscribers of what changed.

        Raises ``DatagramError`` if the data was changed meanwhile in a way that forbids the write.
        """
        function = pending.command.function
        merged = pending.merged
        if pending.feature.data.get(function) is not pending.base:
            merged = _merge(pending.command, pending.feature.data.get(function))
        if merged.changed or merged.removed:
            whole = bool(merged.removed) or any(part.delete for part in pending.command.filters)
            keys = None if whole or not FUNCTIONS[function].keys else merged.changed
            self._device.put(pending.feature, function, merged.data, keys)

    def expired(self, now: float) -> list[PendingWrite]:
        """Writes nobody decided in time; they are discarded."""
        return self.discard(lambda pending: pending.deadline <= now)

    def discard(self, unwanted: Callable[[PendingWrite], bool]) -> list[PendingWrite]:
        """Takes out and returns every undecided write for which ``unwanted`` holds."""
        gone = [pending for pending in self._pending.values() if unwanted(pending)]
        for pending in gone:
            del self._pending[pending.token]
        return gone

    def next_deadline(self) -> float | None:
        """The moment the oldest undecided write runs out."""
        return min((pending.deadline for pending in self._pending.values()), default=None)


def _merge(command: Command, current: Structure | None) -> Merged:
    function = FUNCTIONS[command.function]
    return merge(function, current, command.data, command.filters, remote_write=True, may_add=False)
