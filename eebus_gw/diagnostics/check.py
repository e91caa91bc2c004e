"""One finding of ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GUIDE = "docs/troubleshooting.md"


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

    def document(self) -> dict[str, str | None]:
        """The members of the contract, and where to read on."""
        return {
            "id": self.id,
            "result": self.result.value,
            "text": self.text,
            "remedy": self.remedy or None,
            "see": f"{GUIDE}#{self.topic}" if self.topic and self.result.value != "ok" else None,
        }


def ok(check_id: str, text: str) -> Check:
    """A check that found nothing wrong."""
    return Check(check_id, Grade.OK, text)


def skipped(check_id: str, text: str) -> Check:
    """A check that does not apply or could not be made."""
    return Check(check_id, Grade.SKIPPED, text)
