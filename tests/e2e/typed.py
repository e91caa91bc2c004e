"""Lines typed at a prompt on one of two hosts, and who is there: broker, gateway, wallboxes, house, control box."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.home import Home
from tests.support.broker import mosquitto_program
from tests.support.documented import ROOT, SEPARATORS
from tests.support.namespaces import Host
from tests.support.processes import PATIENCE_S


@dataclass
class Typed:
    """One line in a shell; standard output and error together."""

    text: str
    host: Host
    process: subprocess.Popen[bytes]
    file: Path

    @property
    def output(self) -> str:
        return self.file.read_text(errors="replace")

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.text} does not end:\n{self.output[-3000:]}")

    def until(self, condition: Callable[[str], Any], what: str = "a line") -> None:
        """Returns once its output fulfils the condition."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            ended = not self.runs
            if condition(self.output):
                return
            if ended or time.monotonic() > deadline:
                pytest.fail(f"{self.text} has not shown {what}:\n{self.output[-3000:]}")
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Tells all that the line has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """Its exit code after a signal."""
        self.send(number)
        return self.wait()


@dataclass
class Desk:
    """The host of the gateway (``here``) and the one of the wallbox; everything starts when it is first needed."""

    directory: Path
    here: Host
    there: Host
    lines: list[Typed] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("bin", "work", "user", "homes"):
            (self.directory / name).mkdir()
        program = self.directory / "bin" / "eebus-gw"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m eebus_gw "$@"\n')
        program.chmod(0o755)
        self.done("eebus-gw init")

    # --- typing

    def type(self, text: str, *, home: Path | None = None, host: Host | None = None) -> Typed:
        """Starts one line."""
        where = host or self.here
        simple = not set(shlex.split(text)) & (SEPARATORS - {">"})
        file = self.directory / f"line-{len(self.lines)}.out"
        environment = {
            "PATH": f"{self.directory / 'bin'}:{os.environ.get('PATH', '')}",
            "HOME": str(self.directory / "user"),
            "EEBUS_GW_HOME": str(home or self.gateway),
            "PYTHONPATH": str(ROOT),
            # Who takes the gateway's place for one command may meet others that do.
            **({} if home is None else {"EEBUS_GW_SHIP__PORT": "0"}),
        }
        with file.open("wb") as out:
            process = subprocess.Popen(
                [*where.inside, "sh", "-c", f"exec {text}" if simple else f"{text}; wait"],
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.work,
                env=environment,
                start_new_session=True,
            )
        typed = Typed(text, where, process, file)
        self.lines.append(typed)
        return typed

    def done(self, text: str, **where: Any) -> str:
        """The output of a line that has to succeed."""
        typed = self.type(text, **where)
        assert typed.wait() == 0, f"{text}\n{typed.output}"
        return typed.output

    def going(self, text: str, **where: Any) -> Typed:
        """A line that goes on and has shown something; it is started once at a time."""
        for typed in self.lines:
            if typed.text == text and typed.runs:
                return typed
        typed = self.type(text, **where)
        typed.until(lambda output: "\n" in output)
        return typed

    def ended(self, start: str) -> None:
        """Lines that begin like this have come to their end, if there are any."""
        for typed in self.lines:
            if typed.text.startswith(start) and typed.runs:
                typed.interrupt()

    def end(self) -> None:
        """Nothing is left of it."""
        for typed in self.lines:
            typed.send(signal.SIGKILL)
            typed.process.wait()

    # --- places and keys

    @property
    def work(self) -> Path:
        """Where the lines are typed; their files stay."""
        return self.directory / "work"

    @property
    def homes(self) -> Path:
        return self.directory / "homes"

    @property
    def gateway(self) -> Path:
        """The home of the gateway."""
        return self.homes / "gateway"

    def fresh(self) -> Path:
        """A home that nobody has used."""
        return self.homes / f"fresh-{len(self.lines)}"

    def key_of(self, name: str) -> str:
        return Home.open(self.homes / name).ensure_identity().ski

    def json(self, text: str) -> Any:
        return json.loads(self.done(f"{text} --json"))

    # --- who is there

    def broker(self) -> None:
        """On the port where everybody looks for it."""
        settings = self.directory / "mosquitto.conf"
        settings.write_text("listener 1883\nallow_anonymous true\nuser root\n")
        text = f"{mosquitto_program()} -c {settings}"
        if any(typed.text == text for typed in self.lines):
            return
        self.going(text)
        while self.type("mosquitto_pub -t hello -n").wait():
            time.sleep(0.02)

    @cached_property
    def mqtt(self) -> Typed:
        """Everything that is published, by lines ``topic payload``."""
        self.broker()
        return self.type("mosquitto_sub -v -t '#'")

    def published(self, topic: str, member: str, since: int = 0) -> None:
        """Returns once a message on ``topic`` has ``member`` in its JSON text."""

        def found(output: str) -> bool:
            lines = output[since:].splitlines()
            return any(line.startswith(f"{topic} ") and member in line for line in lines)

        self.mqtt.until(found, f"{topic} with {member}")

    def simulated(self, name: str, words: str, host: Host | None = None) -> None:
        """``simulate …`` with the home ``name``; with other options than before it is started anew."""
        start = f"eebus-gw --home {self.homes / name} simulate"
        if not any(typed.text == f"{start} {words}" and typed.runs for typed in self.lines):
            self.ended(start)
        self.going(f"{start} {words}", host=host)

    def wallbox(self, kind: str = "iso15118") -> None:
        """``carport`` on its own host, with another kind of car in the place of the one before."""
        self.simulated("carport", f"wallbox --auto-accept --ev {kind}", self.there)

    def site(self) -> None:
        """The gateway runs and knows ``carport``."""
        if (self.gateway / "control.sock").exists():
            return
        self.wallbox()
        assert self.mqtt.runs
        facts = f"--id carport --alias Carport --host {self.there.address} --wait 0"
        self.done(f"eebus-gw pair {self.key_of('carport')} {facts}")
        self.going("eebus-gw run --mqtt mqtt://localhost")
        self.published("eebus/carport/limits", '"obligation":{')
