"""Writing what a command exports."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from eebus_gw.cli.records import store


def test_a_pipe_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        store(pipe, b"a,b\n")
        assert os.read(reader, 100) == b"a,b\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"longer than what follows")
    link.symlink_to(target)
    store(link, b"a,b\n")
    assert link.is_symlink()
    assert target.read_bytes() == b"a,b\n"
