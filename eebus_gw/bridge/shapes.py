"""Shapes of values in commands and requests: what is accepted, and what it becomes.

``check`` returns the value in one settled form (three phases as a list, moments as UTC datetimes)
or raises ``ShapeError`` with a reason code of the contract. ``describe`` is the text of
documentation.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol


class ShapeError(Exception):
    """A value does not fit; ``reason`` is ``wrong_type``, ``out_of_range`` or ``unknown_field``."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    def within(self, place: str) -> ShapeError:
        """The same error, told from one level further out."""
        joint = "" if self.detail.startswith(("[", ".")) else " "
        return ShapeError(self.reason, f"{place}{joint}{self.detail}")


def nearest(wanted: str, names: Collection[str]) -> str:
    """The one of ``names`` that ``wanted`` is most like, as a question; else all of them."""
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(names) or 'none'}"


class Shape(Protocol):
    """One kind of value."""

    def check(self, value: Any) -> Any: ...

    def describe(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Boolean:
    """``true`` or ``false``."""

    def check(self, value: Any) -> bool:
        if type(value) is not bool:
            raise ShapeError("wrong_type", "must be true or false")
        return value

    def describe(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``minimum`` to ``maximum``, both permitted, in ``unit``."""

    minimum: float
    maximum: float
    unit: str = ""
    whole: bool = False

    def check(self, value: Any) -> int | float:
        if type(value) is not int and (type(value) is not float or self.whole):
            kind = "a whole number" if self.whole else "a number"
            raise ShapeError("wrong_type", f"must be {kind}")
        if not self.minimum <= value <= self.maximum:
            raise ShapeError("out_of_range", f"must be {self._range()}")
        return value

    def describe(self) -> str:
        return self._range()

    def _range(self) -> str:
        return f"{self.minimum:,} … {self.maximum:,} {self.unit}".replace(",", " ").rstrip()


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most ``longest`` characters without control characters."""

    longest: int

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ShapeError("wrong_type", "must be a text")
        if not 0 < len(value) <= self.longest or not value.isprintable():
            raise ShapeError("out_of_range", f"must be 1 to {self.longest} printable characters")
        return value

    def describe(self) -> str:
        return f"text ≤ {self.longest}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ShapeError("wrong_type", "must be a text")
        if value not in self.words:
            raise ShapeError("out_of_range", f"must be one of {', '.join(self.words)}")
        return value

    def describe(self) -> str:
        return " | ".join(self.words)


@dataclass(frozen=True, slots=True)
class Moment:
    """An RFC 3339 time stamp with time zone; becomes a UTC datetime."""

    def check(self, value: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value.upper())
            if moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)
        except (AttributeError, ValueError, OverflowError):
            raise ShapeError("wrong_type", "must be a time like 2026-11-22T18:00:00Z") from None

    def describe(self) -> str:
        return "RFC 3339 time"


@dataclass(frozen=True, slots=True)
class Nullable:
    """``null``, or what ``shape`` accepts."""

    shape: Shape

    def check(self, value: Any) -> Any:
        return None if value is None else self.shape.check(value)

    def describe(self) -> str:
        return f"{self.shape.describe()}, or null"


@dataclass(frozen=True, slots=True)
class Phases:
    """One number for all phases or an array of three (``null``: no such phase)."""

    number: Number

    def check(self, value: Any) -> list[int | float | None]:
        if not isinstance(value, list):
            return [self.number.check(value)] * 3
        if len(value) != 3 or value == [None] * 3:
            raise ShapeError("wrong_type", "must be a number or an array of three")
        phases: list[int | float | None] = []
        for index, phase in enumerate(value):
            try:
                phases.append(None if phase is None else self.number.check(phase))
            except ShapeError as error:
                raise error.within(f"[{index}]") from None
        return phases

    def describe(self) -> str:
        return f"{self.number.describe()}, or array of three"


@dataclass(frozen=True, slots=True)
class Series:
    """A list of at most ``longest`` elements of one shape."""

    element: Shape
    longest: int

    def check(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ShapeError("wrong_type", "must be a list")
        if len(value) > self.longest:
            raise ShapeError("out_of_range", f"must not have more than {self.longest} elements")
        elements = []
        for index, element in enumerate(value):
            try:
                elements.append(self.element.check(element))
            except ShapeError as error:
                raise error.within(f"[{index}]") from None
        return elements

    def describe(self) -> str:
        return f"list of {self.element.describe()}"


@dataclass(frozen=True, slots=True)
class Members:
    """A JSON object; only the members that were given appear in the checked value.

    ``ignore_unknown`` passes over members without a shape, otherwise they are ``unknown_field``.
    """

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)
    ignore_unknown: bool = False

    def check(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ShapeError("wrong_type", "must be an object")
        for name in self.required:
            if name not in value:
                raise ShapeError("wrong_type", f"lacks {name}")
        checked = {}
        for name, member in value.items():
            shape = self.required.get(name) or self.optional.get(name)
            if shape is None:
                if self.ignore_unknown:
                    continue
                known = nearest(name[:64], [*self.required, *self.optional])
                raise ShapeError("unknown_field", f"has no member {name[:64]!r}; {known}")
            try:
                checked[name] = shape.check(member)
            except ShapeError as error:
                raise error.within(f".{name}") from None
        return checked

    def describe(self) -> str:
        names = [*self.required, *(f"{name}?" for name in self.optional)]
        return f"{{{', '.join(names)}}}"
