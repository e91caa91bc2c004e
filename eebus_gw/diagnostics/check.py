"""One finding of ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GUIDE = "docs/troubleshooting.md"


def guide_entry(topic: str) -> str:
    """Where the guide explains ``topic``; empty without one."""
    return f"{GUIDE}#{topic}" if topic else ""


class Grade(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """``text`` says what was found, ``remedy`` what to do; ``topic`` is the entry of the guide about it."""

    id: str
    result: Grade
    text: str
    remedy: str = ""
    topic: str = ""

    @property
    def see(self) -> str:
        """Where to read on; empty where nothing is wrong."""
        return guide_entry(self.topic) if self.result in (Grade.WARNING, Grade.FAILED) else ""

    def document(self) -> dict[str, str | None]:
        """The members of the contract, and where to read on."""
        return {
            "id": self.id,
            "result": self.result.value,
            "text": self.text,
            "remedy": self.remedy or None,
            "see": self.see or None,
        }


def ok(check_id: str, text: str) -> Check:
    """A check that found nothing wrong."""
    return Check(check_id, Grade.OK, text)


def skipped(check_id: str, text: str) -> Check:
    """A check that does not apply or could not be made."""
    return Check(check_id, Grade.SKIPPED, text)
