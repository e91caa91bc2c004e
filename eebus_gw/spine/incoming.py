"""What a datagram has to fulfil before anything is done with it (SPINE protocol 5.2, 5.3)."""

from __future__ import annotations

from eebus_gw.errors import DatagramError
from eebus_gw.spine.datagram import Command, Datagram, Header
from eebus_gw.spine.error_numbers import (
    GENERAL,
    REJECTED,
    UNKNOWN_DESTINATION,
    UNREACHABLE,
    UNSUPPORTED,
)
from eebus_gw.spine.local import LocalDevice, LocalFeature
from eebus_gw.spine.version import check_version

ANSWERED_WITH_ERROR = ("read", "write", "call")
CLASSIFIERS = (*ANSWERED_WITH_ERROR, "reply", "notify", "result")


def check_header(header: Header, device: LocalDevice, sender: str | None) -> None:
    """Raises ``DatagramError`` if a message is not from ``sender``, not for ``device`` or not understood.

    ``sender`` is the device address of the peer, ``None`` until that is known.
    """
    check_version(header.specification_version)
    if sender is not None and header.source.device not in (None, sender):
        raise DatagramError(REJECTED, "the sender speaks for another device")
    if header.destination.device not in (None, device.address):
        raise DatagramError(UNREACHABLE, f"{header.destination.device} is not this device")
    if header.classifier not in CLASSIFIERS:
        raise DatagramError(UNSUPPORTED, f"unknown classifier {header.classifier!r}")
    if header.counter is None and header.classifier in ANSWERED_WITH_ERROR:
        raise DatagramError(GENERAL, "without a counter nothing can be answered")


def command_of(datagram: Datagram) -> Command:
    """The one command of a datagram; raises ``DatagramError`` if it cannot be carried out."""
    if len(datagram.commands) != 1:
        raise DatagramError(GENERAL, "a datagram has exactly one command", clause="SPINE 5.3.2")
    command = datagram.commands[0]
    if not command.known and datagram.header.classifier in ANSWERED_WITH_ERROR:
        raise DatagramError(UNSUPPORTED, f"unknown function {command.function!r}")
    if command.filters and command.stated_function != command.function:
        raise DatagramError(REJECTED, "filter without matching function", clause="SPINE 5.3.4.1")
    return command


def addressed_feature(header: Header, command: Command, device: LocalDevice) -> LocalFeature:
    """The feature of ``device`` a message is for; raises ``DatagramError`` if there is none."""
    address = header.destination
    feature = device.feature(address.entity, address.feature)
    if feature is None:
        raise DatagramError(UNKNOWN_DESTINATION, f"there is no feature {address} here")
    if command.function.startswith("nodeManagement") and feature.role != "special":
        raise DatagramError(UNKNOWN_DESTINATION, "node management is at entity 0, feature 0")
    return feature


def wants_errors(header: Header) -> bool:
    """Whether a message that cannot be carried out is answered (SPINE 5.2.4, 5.2.5.1)."""
    if header.classifier == "notify":
        return header.ack_request
    return header.classifier not in ("reply", "result")
