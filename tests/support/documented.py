"""The lines that the documentation types at a prompt, with what it shows below them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "certs" / "README.md"])

PROGRAM = {"eebus-gw", "/opt/eebus-gw/bin/eebus-gw"}
SEPARATORS = {"&", "|", ">", ";"}
_COMMENT = re.compile(r"\s+# .*$")


@dataclass(frozen=True)
class Line:
    """One line after ``$``, without its comment; ``output`` is what stands below it, ``…`` included."""

    page: str
    text: str
    output: tuple[str, ...]

    @cached_property
    def words(self) -> list[str]:
        """Everything typed, as the shell splits it."""
        return shlex.split(self.text)

    @cached_property
    def arguments(self) -> list[str] | None:
        """What follows the program's name; ``None`` where the line calls another program."""
        calls = [i for i, word in enumerate(self.words) if word in PROGRAM]
        if not calls or self.words[0] not in {"sudo", "docker", *PROGRAM}:
            return None
        if "systemctl" in self.words:
            return None
        return self.words[(calls[0] if self.words[0] in PROGRAM else calls[-1]) + 1 :]

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"


def typed_lines(page: Path) -> Iterator[Line]:
    """Every line of a page's console blocks that begins with a prompt."""
    name = str(page.relative_to(ROOT))
    for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            typed, *output = part.splitlines()
            shown = tuple(line for line in output if line.strip())
            yield Line(name, _COMMENT.sub("", typed), shown)


def end_of_command(arguments: list[str]) -> int:
    """How many of the words belong to the program, not to the shell."""
    stops = [i for i, word in enumerate(arguments) if word in SEPARATORS]
    return stops[0] if stops else len(arguments)


LINES = [line for page in PAGES for line in typed_lines(page)]
COMMANDS = [line for line in LINES if line.arguments is not None]
"""Those that call this program."""
