"""``retained.json``: what must survive a restart, in named sections of the owners' own models.

Values go to the disk at most once a second unless they are urgent: ``put`` notes them, and the
owner's timer writes them when ``next_deadline`` has come. A stop flushes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from eebus_gw.documents import Report

MINIMUM_GAP_S = 1.0

M = TypeVar("M", bound=BaseModel)


class RetainedDocument(BaseModel):
    """Content of ``retained.json``; each section is kept as its owner wrote it."""

    sections: Annotated[dict[str, dict[str, Any]], Field(default_factory=dict)]


class Retained:
    """The sections of one node."""

    def __init__(
        self,
        document: RetainedDocument | None = None,
        *,
        save: Callable[[RetainedDocument], None] = lambda document: None,
        report: Report = lambda text: None,
    ) -> None:
        self._sections = dict(document.sections) if document else {}
        self._save = save
        self._report = report
        self._reported: set[str] = set()
        self._due_at: float | None = None
        self._tried_at: float | None = None
        self.written_at: float | None = None
        """When it last succeeded; ``None``: not in this run."""

    def get(self, name: str, model: type[M]) -> M | None:
        """Section ``name`` as ``model``; one that does not fit is reported and counts as absent."""
        raw = self._sections.get(name)
        if raw is None:
            return None
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            if name not in self._reported:
                self._reported.add(name)
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                self._report(f"retained.json, section {name}: {where}: {first['msg']}; ignored")
            return None

    def names(self, prefix: str = "") -> list[str]:
        """Names of the stored sections that start with ``prefix``."""
        return sorted(name for name in self._sections if name.startswith(prefix))

    def put(self, name: str, value: BaseModel, now: float, *, urgent: bool = False) -> None:
        """Replaces section ``name``; the same content again writes nothing.

        What is ``urgent`` does not wait for its second: somebody is told that it holds.
        """
        raw = value.model_dump(mode="json", exclude_none=True)
        if self._sections.get(name) != raw:
            self._sections[name] = raw
            self._changed(now)
            if urgent:
                self._due_at = now

    def drop(self, name: str, now: float) -> None:
        """Forgets section ``name``; absent ones are no error."""
        if self._sections.pop(name, None) is not None:
            self._changed(now)

    def next_deadline(self) -> float | None:
        """When ``handle_timer`` wants to be called, or ``None`` while nothing waits."""
        return self._due_at

    def due(self, now: float) -> bool:
        return self._due_at is not None and self._due_at <= now

    def handle_timer(self, now: float) -> None:
        """Writes what waits, if its moment has come; raises ``StoreError``."""
        if self.due(now):
            self.flush(now)

    def flush(self, now: float) -> None:
        """Writes at once what waits; raises ``StoreError`` and then keeps it waiting."""
        if self._due_at is None:
            return
        # The next attempt after a failure waits its second like any other.
        self._tried_at, self._due_at = now, now + MINIMUM_GAP_S
        self._save(RetainedDocument(sections=self._sections))
        self._due_at, self.written_at = None, now

    def _changed(self, now: float) -> None:
        if self._due_at is None:
            earliest = now if self._tried_at is None else self._tried_at + MINIMUM_GAP_S
            self._due_at = max(now, earliest)
