"""Writes the parts of the documentation that follow from the code.

    python tools/generate_docs.py [--check]

``docs/mqtt.md``, ``docs/use-cases.md``, ``docs/cli.md`` and ``docs/configuration.md`` come from templates in
``tools/templates`` in which a line ``<!-- insert: NAME -->`` stands for a generated part; in README.md the part
between ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->`` is replaced. The same code gives the same text; ``--check``
only says whether the files are current.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from docs_text.commands import commands
from docs_text.mqtt import (
    access_rights,
    bounds,
    entities,
    error_numbers,
    fields,
    members,
    reasons,
    verbs,
)
from docs_text.settings import settings
from docs_text.use_cases import use_case_chapters, use_case_table

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "tools" / "templates"
INSERT = re.compile(r"<!-- insert: (\S+) -->")

PARTS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "fields": fields,
        "verbs": verbs,
        "bounds": bounds,
        "access-rights": access_rights,
        "reasons": reasons,
        "error-numbers": error_numbers,
        "entities": entities,
        "use-cases": use_case_table,
        "use-case-chapters": use_case_chapters,
        "commands": commands,
        "settings": settings,
    }
)


def part(name: str) -> str:
    """One generated part; ``members:NAME`` is the table of a document."""
    document = name.removeprefix("members:")
    return members(document) if document != name else PARTS[name]()


def generated() -> dict[Path, str]:
    """Every file with generated text, complete."""
    files = {
        ROOT / "docs" / template.name: INSERT.sub(
            lambda found: part(found[1]), template.read_text(encoding="utf-8")
        )
        for template in sorted(TEMPLATES.glob("*.md"))
    }
    readme = ROOT / "README.md"
    files[readme] = re.sub(
        r"(<!-- (\S+):begin -->\n).*?(<!-- \2:end -->)",
        lambda found: f"{found[1]}{part(found[2])}\n{found[3]}",
        readme.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    return files


def main(arguments: list[str] | None = None) -> int:
    """Writes or checks the files; 1 when a check finds an old one."""
    parser = argparse.ArgumentParser(description="Write the generated parts of the documentation.")
    parser.add_argument("--check", action="store_true", help="only say whether they are current")
    check = parser.parse_args(arguments).check
    old = [
        path
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in old:
        print(f"{'is not current' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.write_text(generated()[path], encoding="utf-8")
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
