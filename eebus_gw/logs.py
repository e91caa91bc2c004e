"""Log output: text for people, JSON lines for collectors, one filter that takes the secrets out.

Lines that go to the journal of systemd carry their priority, so that ``journalctl -p warning`` works.

The context of a record (``device``, ``ski``, ``phase``) comes in through ``extra``.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from eebus_gw.redaction import redact

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NOISY = ("websockets", "zeroconf", "mqtt", "aiomqtt")

_PRIORITIES = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "INFO": 6}
_DEBUG_PRIORITY = 7

Format = Literal["auto", "text", "json"]


class RedactionFilter(logging.Filter):
    """Rewrites a record so that no handler behind it can show a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True


class JsonFormatter(logging.Formatter):
    """One object a line: ts, level, logger, message, and what ``extra`` brought."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": _timestamp(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(context_of(record))
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """Time, level, logger, message, then ``key=value`` of what ``extra`` brought."""

    def format(self, record: logging.LogRecord) -> str:
        context = "".join(f" {key}={value}" for key, value in context_of(record).items())
        name = record.name.removeprefix("eebus_gw.")
        line = f"{_timestamp(record)} {record.levelname:7} {name}: {record.getMessage()}{context}"
        return f"{line}\n{record.exc_text}" if record.exc_text else line


class JournalFormatter(logging.Formatter):
    """Every line of ``inner`` with its syslog priority in front, which the journal takes off again."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        prefix = f"<{_PRIORITIES.get(record.levelname, _DEBUG_PRIORITY)}>"
        return prefix + self._inner.format(record).replace("\n", f"\n{prefix}")


def setup_logging(
    level: str = "info",
    *,
    format: Format = "auto",  # noqa: A002 - the word of the setting
    levels: Mapping[str, str] | None = None,
    stream: TextIO | None = None,
) -> logging.Handler:
    """Sends all logging to ``stream`` (default: standard error); a later call replaces it."""
    target = stream or sys.stderr
    text = format == "text" or (format == "auto" and target.isatty())
    handler = logging.StreamHandler(target)
    formatter = TextFormatter() if text else JsonFormatter()
    handler.setFormatter(JournalFormatter(formatter) if _is_journal(target) else formatter)
    handler.addFilter(RedactionFilter())
    handler.set_name("eebus-gw")
    root = logging.getLogger()
    for old in [old for old in root.handlers if old.get_name() == handler.get_name()]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    set_level("eebus_gw", level)
    for name in _NOISY:
        set_level(name, "warning")
    # It warns of every write to a connection that the peer has dropped: a peer could fill the log.
    set_level("asyncio", "error")
    for name, one in (levels or {}).items():
        set_level(name, one)
    return handler


def set_level(logger: str, level: str) -> None:
    """Changes the level of one logger while running; an empty name means this program's own."""
    logging.getLogger(logger or "eebus_gw").setLevel(level.upper())


def context_of(record: logging.LogRecord) -> dict[str, Any]:
    """What ``extra`` added to the record."""
    return {
        name: redact(value) if isinstance(value, str) else value
        for name, value in vars(record).items()
        if name not in _STANDARD and not name.startswith("_")
    }


def _is_journal(stream: TextIO) -> bool:
    """Whether ``stream`` is the connection to the journal that ``JOURNAL_STREAM`` names."""
    try:
        file = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{file.st_dev}:{file.st_ino}"


def _timestamp(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
