"""The scripts of ``completion``, run by the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eebus_gw.cli import main

ASK = {
    "bash": """
        source "$1"
        COMP_WORDS=(eebus-gw pa) COMP_CWORD=1
        _eebus_gw_completion eebus-gw pa eebus-gw
        printf "%s\\n" "${COMPREPLY[@]}"
    """,
    "fish": 'source $argv[1]; complete -C "eebus-gw pa"',
    "zsh": """
        compdef() { :; }
        _describe() { print -l ${(P)3%%:*} }
        source "$1"; words=(eebus-gw pa) CURRENT=2; _eebus_gw_completion
    """,
}


@pytest.mark.parametrize("shell", sorted(ASK))
def test_a_shell_completes_commands(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    assert main(["completion", shell]) == 0
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out)
    program = tmp_path / "eebus-gw"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m eebus_gw "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("HOME", str(tmp_path))
    before = [] if shell == "fish" else ["ask"]
    done = subprocess.run(
        [shell, "-c", ASK[shell], *before, script], capture_output=True, text=True, check=True
    )
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == {"pair", "pairing"}


def test_bash_is_given_the_directory_where_it_looks(capsys: pytest.CaptureFixture[str]) -> None:
    """bash-completion loads ``completions/<command>`` below its directory, nothing else in it."""
    main(["completion", "--help"])
    assert "~/.local/share/bash-completion/completions/eebus-gw" in capsys.readouterr().out
