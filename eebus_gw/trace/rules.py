"""What one datagram by itself shows of broken rules, each finding with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eebus_gw.errors import DatagramError
from eebus_gw.spine.datagram import Command, Datagram
from eebus_gw.spine.values import parse_duration
from eebus_gw.wire.fold import WireError, members_of

ANSWERS = ("reply", "result")
_CLASSIFIERS = frozenset(("read", "reply", "notify", "write", "call", "result"))
_VERSION = re.compile(r"[1-9][0-9]*\.[0-9]+\.[0-9]+")


def header_findings(datagram: Datagram) -> Iterator[str]:
    """Broken rules of the header and of each command."""
    header, commands = datagram.header, datagram.commands
    if header.counter is None:
        yield "msgCounter is missing (SPINE protocol 5.2.3.1)"
    if header.classifier not in _CLASSIFIERS:
        yield f"cmdClassifier {header.classifier!r} is unknown (SPINE protocol 5.2.4)"
    if header.classifier in ANSWERS and header.reference is None:
        yield f"{header.classifier} without msgCounterReference (SPINE protocol 5.2.3.2)"
    if not _VERSION.fullmatch(header.specification_version or ""):
        version = header.specification_version
        yield f"specificationVersion {version!r} is malformed (TC_SPINE_COMP_006)"
    if len(commands) != 1:
        yield f"{len(commands)} commands, exactly one is allowed (SPINE protocol 5.3.2)"
    for command in commands:
        yield from _command_findings(command)


def announced_interval_s(command: Command) -> float | None:
    """Within how many seconds a heartbeat promises the next one; ``None`` of everything else."""
    if command.function != "deviceDiagnosisHeartbeatData" or not command.raw:
        return None
    try:
        text = members_of(command.raw).get("heartbeatTimeout")
    except WireError:
        return None
    return parse_duration(text) if isinstance(text, str) else None


def _command_findings(command: Command) -> Iterator[str]:
    if command.function and not command.known:
        yield f"function {command.function} does not exist in SPINE 1.3.0"
    try:
        filtered = bool(command.filters)
        _ = command.data
    except DatagramError as error:
        yield str(error)
        return
    if filtered and command.stated_function is None:
        yield "filter without function (SPINE protocol 5.3.4.1)"
    elif command.stated_function not in (None, command.function):
        yield (
            f"function says {command.stated_function}, data says otherwise (SPINE protocol 5.3.4.1)"
        )
