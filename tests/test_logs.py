"""Log output and its redaction."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from eebus_gw.logs import set_level, setup_logging

LOGGER = logging.getLogger("eebus_gw.test_logs")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("eebus_gw")
    handlers, levels = list(root.handlers), (root.level, own.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])


def test_json_lines_carry_the_context() -> None:
    stream = io.StringIO()
    setup_logging("info", format="json", stream=stream)
    LOGGER.info("connected to %s", "box", extra={"device": "carport", "attempt": 2})
    LOGGER.debug("not shown")
    line = json.loads(stream.getvalue())
    assert line["message"] == "connected to box"
    assert (line["level"], line["logger"]) == ("info", "eebus_gw.test_logs")
    assert (line["device"], line["attempt"]) == ("carport", 2)
    assert line["ts"].endswith("Z")


def test_text_for_people() -> None:
    stream = io.StringIO()
    setup_logging("info", format="text", stream=stream)
    LOGGER.warning("gone", extra={"device": "carport"})
    assert stream.getvalue().endswith("WARNING test_logs: gone device=carport\n")


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_way_out_for_secrets(form: str) -> None:
    stream = io.StringIO()
    setup_logging("info", format=form, stream=stream)  # type: ignore[arg-type]
    LOGGER.info("frame %s", '{"pin":"sesame"}', extra={"url": "mqtt://me:sesame@host"})
    try:
        raise ValueError("password=sesame")
    except ValueError:
        LOGGER.exception("failed")
    logging.getLogger("foreign").warning("SHIP;PIN:5E5A;")
    text = stream.getvalue()
    assert "sesame" not in text
    assert "5E5A" not in text
    assert "Traceback" in text


def test_levels_change_while_running() -> None:
    stream = io.StringIO()
    setup_logging("warning", format="text", stream=stream, levels={"eebus_gw.test_logs": "debug"})
    LOGGER.debug("one")
    set_level("eebus_gw.test_logs", "error")
    LOGGER.warning("two")
    set_level("", "info")
    logging.getLogger("eebus_gw.other").info("three")
    assert [line.split(": ")[1] for line in stream.getvalue().splitlines()] == ["one", "three"]
    set_level("eebus_gw.test_logs", "notset")


def test_a_second_setup_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    setup_logging("info", stream=first)
    setup_logging("info", stream=second)
    LOGGER.info("once")
    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1
