"""The Go peers: built once from `go/`, driven by JSON lines.

Each peer is a program on the published modules of another EEBUS stack. Standard input takes one
command a line (`{"command": "plug"}`), standard output gives one event a line
(`{"event": "plugged", "t": 1.25}`); `go/README.md` lists both.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from collections import deque
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

SOURCES = Path(__file__).parent / "go"
PROGRAMS = ("wallbox", "energymanager", "controlbox", "house")
LINE_LIMIT = 1 << 20
BUILD_TIMEOUT_S = 600

Program: TypeAlias = Literal["wallbox", "energymanager", "controlbox", "house"]
Event: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PeerPrograms:
    """Where the built programs are, and how long the build took (0 if they were there)."""

    directory: Path
    build_s: float

    def path(self, program: Program) -> Path:
        """The executable of one program."""
        return self.directory / program


def build_peers() -> PeerPrograms:
    """Build the peers unless the same sources were built before.

    Skips the calling test where there is no Go toolchain or no way to its modules, and fails it
    instead if `EEBUS_GW_REQUIRE` names `go`. A source that does not compile is always a failure.
    """
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if go is None:
        _missing("no Go toolchain")
    directory = SOURCES / "bin" / _source_hash()
    directory.parent.mkdir(exist_ok=True)
    with (directory.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if all((directory / program).exists() for program in PROGRAMS):
            return PeerPrograms(directory, 0.0)
        started = time.monotonic()
        _build(go, directory)
        return PeerPrograms(directory, time.monotonic() - started)


def _missing(reason: str) -> NoReturn:
    text = f"the Go peers cannot be built: {reason}"
    if "go" in os.environ.get("EEBUS_GW_REQUIRE", "").split(","):
        pytest.fail(text)
    pytest.skip(text)


def _source_files() -> Iterator[Path]:
    yield SOURCES / "go.mod"
    yield SOURCES / "go.sum"
    yield from sorted(SOURCES.glob("*/*.go"))


def _source_hash() -> str:
    digest = hashlib.sha256()
    for file in _source_files():
        digest.update(str(file.relative_to(SOURCES)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _build(go: str, directory: Path) -> None:
    modules = _run(go, "mod", "download")
    if modules.returncode != 0:
        _missing(modules.stderr.strip())
    for old in directory.parent.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    built = _run(go, "build", "-trimpath", "-o", f"{directory}/", *(f"./{p}" for p in PROGRAMS))
    if built.returncode != 0:
        pytest.fail(f"the Go peers do not compile:\n{built.stderr}")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=SOURCES, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False
    )


class PeerFailedError(AssertionError):
    """A command that the peer could not carry out."""


class GoPeer:
    """One running peer.

    Its events are kept in `events` from the start. `expect` looks through all of them, or only
    through those after a `mark`, so that no event is missed between an action and the wait for it.
    """

    def __init__(self, program: Program, process: asyncio.subprocess.Process) -> None:
        self.program = program
        self.events: list[Event] = []
        self.errors: deque[str] = deque(maxlen=40)
        self._process = process
        self._ended = False
        self._arrived = asyncio.Condition()
        self._numbers = itertools.count(1)
        self._readers = [
            asyncio.create_task(self._read_events()),
            asyncio.create_task(self._read_errors()),
        ]

    @classmethod
    async def start(
        cls,
        programs: PeerPrograms,
        program: Program,
        *options: str,
        inside: tuple[str, ...] = (),
    ) -> Self:
        """Start a peer and wait until its server accepts (until every box of `--count` does).

        `inside` is put before the command, for example to run it in a network namespace.
        """
        process = await asyncio.create_subprocess_exec(
            *inside,
            str(programs.path(program)),
            *options,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
            start_new_session=True,
        )
        peer = cls(program, process)
        try:
            count = int(options[options.index("--count") + 1]) if "--count" in options else 1
            for box in range(1, count + 1):
                await peer.expect("ready", 20, **({"box": box} if count > 1 else {}))
        except BaseException:
            await peer.kill()
            raise
        return peer

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        programs: PeerPrograms,
        program: Program,
        *options: str,
        inside: tuple[str, ...] = (),
    ) -> AsyncIterator[Self]:
        """`start`, and `stop` at the end."""
        peer = await cls.start(programs, program, *options, inside=inside)
        try:
            yield peer
        finally:
            await peer.stop()

    def ready(self, box: int | None = None) -> Event:
        """The `ready` event of the peer, or of one of its boxes."""
        return self.seen("ready", **({} if box is None else {"box": box}))[0]

    @property
    def ski(self) -> str:
        """The SKI of the peer."""
        return str(self.ready()["ski"])

    @property
    def port(self) -> int:
        """The port that the peer listens on."""
        return int(self.ready()["port"])

    @property
    def address(self) -> str:
        """What the option `--dial` and the command `dial` of another peer take."""
        return f"{self.ski}@127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def mark(self) -> int:
        """The present moment, for `since` of `expect` and `seen`."""
        return len(self.events)

    def seen(self, event: str, *, since: int = 0, **members: Any) -> list[Event]:
        """All events so far with that name whose members are equal, or fulfil a function."""
        return [e for e in self.events[since:] if _matches(e, event, members)]

    async def expect(
        self, event: str, within: float = 10, *, since: int = 0, **members: Any
    ) -> Event:
        """The first such event since the mark; waits for it at most `within` seconds."""

        def has_come() -> bool:
            return bool(self.seen(event, since=since, **members)) or self._ended

        with suppress(TimeoutError):
            async with asyncio.timeout(within), self._arrived:
                await self._arrived.wait_for(has_come)
        found = self.seen(event, since=since, **members)
        if not found:
            wanted = {k: v for k, v in members.items() if not callable(v)}
            raise AssertionError(f"no {event} {wanted} within {within} s from {self!r}")
        return found[0]

    async def command(self, name: str, within: float = 10, **members: Any) -> Event:
        """Carry out a command; returns its `done` event, raises `PeerFailedError` for `failed`.

        A write to another peer is done when it is sent; its answer comes as `answered` event with
        the same `id`, see `ask`.
        """
        number = next(self._numbers)
        mark = self.mark()
        self._send({"command": name, "id": number, **members})

        def is_mine(event: Event) -> bool:
            return event.get("id") == number and event["event"] in ("done", "failed")

        with suppress(TimeoutError):
            async with asyncio.timeout(within), self._arrived:
                await self._arrived.wait_for(lambda: any(map(is_mine, self.events[mark:])))
        answers = [event for event in self.events[mark:] if is_mine(event)]
        if not answers or answers[0]["event"] == "failed":
            text = answers[0]["text"] if answers else "no answer"
            raise PeerFailedError(f"{name} {members}: {text} from {self!r}")
        return answers[0]

    async def ask(self, name: str, within: float = 10, **members: Any) -> Event:
        """Carry out a command that writes to another peer; returns the `answered` event."""
        mark = self.mark()
        done = await self.command(name, within, **members)
        return await self.expect("answered", within, since=mark, id=done["id"])

    async def stop(self) -> None:
        """Leave the network in good order, by force after 5 s."""
        if self._process.returncode is None:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._send({"command": "quit"})
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 5)
        await self.kill()

    async def kill(self) -> None:
        """End the process at once: its sockets just close, nobody says goodbye."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
        await asyncio.gather(*self._readers)

    def _send(self, line: Event) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(line).encode() + b"\n")

    async def _read_events(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            async with self._arrived:
                self.events.append(json.loads(line))
                self._arrived.notify_all()
        self._ended = True
        async with self._arrived:
            self._arrived.notify_all()

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.errors.append(line.decode(errors="replace").rstrip())

    def __repr__(self) -> str:
        lines = [f"{self.program} (exit {self._process.returncode})"]
        lines += [json.dumps(event) for event in self.events[-25:]]
        return "\n  ".join([*lines, *self.errors])


def _matches(event: Event, name: str, members: dict[str, Any]) -> bool:
    if event["event"] != name:
        return False
    for member, wanted in members.items():
        if member not in event:
            return False
        value = event[member]
        if not (wanted(value) if callable(wanted) else value == wanted):
            return False
    return True
