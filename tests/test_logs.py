"""Log output and its redaction."""

from __future__ import annotations

import io
import json
import logging
import os
from pathlib import Path

import pytest

from eebus_gw.logs import set_level, setup_logging

LOGGER = logging.getLogger("eebus_gw.test_logs")


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


def test_the_journal_is_told_the_priority_of_every_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """sd-daemon(3): ``<N>`` at the start of a line, on the stream that JOURNAL_STREAM names."""
    with (tmp_path / "journal").open("w+") as stream:
        file = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{file.st_dev}:{file.st_ino}")
        setup_logging("debug", format="text", stream=stream)
        LOGGER.debug("a")
        LOGGER.info("b")
        LOGGER.warning("c")
        LOGGER.error("d\ne")
        stream.seek(0)
        assert [line[:3] for line in stream] == ["<7>", "<6>", "<4>", "<3>", "<3>"]


def test_another_stream_than_the_journal_gets_no_priority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is inherited by programs whose output goes elsewhere."""
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    with (tmp_path / "log").open("w+") as stream:
        setup_logging("info", format="json", stream=stream)
        LOGGER.warning("c")
        stream.seek(0)
        assert json.loads(stream.read())["message"] == "c"


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
