"""EEBUS JSON trees as typed structures, and back (SHIP 1.0.1 §11.4).

On the wire a structure is an array of objects with one member each, in the order of the schema, and
a list of structures is an array of such arrays. Only the declared type tells an empty structure
from an empty list, so both directions are led by the type. What a class needs for that is worked
out once, at its first use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic import Field as Bounds

from eebus_gw.errors import FrameError


class WireError(FrameError):
    """A text is no EEBUS JSON of the expected type."""


Integer = Annotated[int, Bounds(ge=-(2**63), le=2**64 - 1)]
"""The widest integers of the schemas, and of the JSON that is written again."""


def camel_case(attribute: str) -> str:
    """``limit_id`` as ``limitId``."""
    head, *rest = attribute.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


class Structure(BaseModel):
    """Base of every structure of SHIP and SPINE.

    Every field is optional: ``None`` means absent, an empty list means present and empty. The wire
    name of a field is its attribute in camel case, unless ``wire_names`` (attribute to wire name)
    says otherwise. Instances are values: change one with ``model_copy(update=…)``.
    """

    model_config = ConfigDict(
        extra="ignore",
        defer_build=True,
        frozen=True,
        coerce_numbers_to_str=True,
        protected_namespaces=(),
        alias_generator=camel_case,
        validate_by_name=True,
    )

    wire_names: ClassVar[dict[str, str]] = {}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__


class ElementTag(Structure):
    """A structure without content: its presence is all it says."""


AnyStructure = TypeVar("AnyStructure", bound=Structure)
Scalar = TypeVar("Scalar", int, str, bool)
Tree = list[dict[str, Any]]


class Field(NamedTuple):
    """One field of a structure as declared."""

    name: str
    """Name on the wire."""
    attribute: str
    """Name in Python."""
    structure: type[Structure] | None
    """The structure it holds, ``None`` for a scalar."""
    scalar: type | None
    """The scalar it holds, ``None`` for a structure."""
    repeated: bool
    """Whether it holds a list."""


@cache
def fields_of(cls: type[Structure]) -> tuple[Field, ...]:
    """The fields of ``cls`` in schema order."""
    return tuple(
        _field(cls, attribute, info.annotation) for attribute, info in cls.model_fields.items()
    )


def _field(cls: type[Structure], attribute: str, annotation: Any) -> Field:
    name = cls.wire_names.get(attribute) or camel_case(attribute)
    kind = annotation
    if get_origin(kind) in (Union, UnionType):
        kind = next(member for member in get_args(kind) if member is not NoneType)
    repeated = get_origin(kind) is list
    if repeated:
        (kind,) = get_args(kind)
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if issubclass(kind, Structure):
        return Field(name, attribute, kind, None, repeated)
    return Field(name, attribute, None, kind, repeated)


def decode(raw: Any, cls: type[AnyStructure]) -> AnyStructure:
    """The wire tree ``raw`` as an instance of ``cls``.

    Reads what real devices send (SHIP §11.4): plain objects, several members in
    one object, ``{}`` or a lone structure for a list, ``null`` for an absent member, numbers and
    booleans as text, integers as integral floats. Unknown members are left out; of a repeated
    member the last one counts. Raises ``WireError`` naming the member that cannot be read.
    """
    try:
        return cls.model_validate(_unfolder(cls)(raw), by_alias=True, by_name=False)
    except ValidationError as error:
        raise WireError(_first_fault(error, cls)) from None


def fold(structure: Structure) -> Tree:
    """``structure`` as a wire tree: one object per present member, in schema order."""
    return _folder(type(structure))(structure)


def members_of(raw: Any) -> dict[str, Any]:
    """The members of the structure ``raw`` by wire name, still folded; the last of a name counts.

    For structures whose members are chosen by name, like commands. Raises ``WireError``.
    """
    members: dict[str, Any] = {}
    for part in raw if type(raw) is list else (raw,):
        if type(part) is not dict:
            raise WireError("a structure was expected")
        members.update(part)
    return members


def scalar_of(members: dict[str, Any], name: str, kind: type[Scalar]) -> Scalar | None:
    """The scalar member ``name``, read as tolerantly as ``decode`` does; ``None`` when absent."""
    value = members.get(name)
    if value is None or type(value) is kind:
        return value
    try:
        return cast("Scalar", _READERS[kind].validate_python(value))
    except ValidationError as error:
        raise WireError(f"{name}: {error.errors(include_input=False)[0]['msg']}") from None


def entries_of(raw: Any) -> list[Any]:
    """The structures of the list ``raw``, still folded; tolerant of ``{}`` and lone structures."""
    if type(raw) is not list:
        return [] if raw is None or raw == {} else [raw]
    if raw and type(raw[0]) is dict and _is_one_structure(raw):
        return [raw]
    return [entry for entry in raw if entry is not None]


def _first_fault(error: ValidationError, cls: type[Structure]) -> str:
    # The offending value is left out on purpose: it may be a PIN.
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{cls.__name__}.{place}: {fault['msg']}"


_Unfold = Callable[[Any], dict[str, Any]]
_Fold = Callable[[Structure], Tree]
_TAG = ElementTag()
_READERS: dict[type, TypeAdapter[Any]] = {
    int: TypeAdapter(Integer),
    str: TypeAdapter(str, config=ConfigDict(coerce_numbers_to_str=True)),
    bool: TypeAdapter(bool),
}


@cache
def _unfolder(cls: type[Structure]) -> _Unfold:
    """Joins the members of a wire tree by camel-case name and unfolds those that have content.

    Scalars are left to the validation that follows: touching each of them would cost as much.
    """
    renamed = tuple((name, camel_case(attribute)) for attribute, name in cls.wire_names.items())
    nested = tuple(
        (camel_case(field.attribute), convert)
        for field in fields_of(cls)
        if (convert := _converter(field)) is not None
    )

    def unfold(raw: Any) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for part in raw if type(raw) is list else (raw,):
            if type(part) is not dict:
                raise WireError(f"{cls.__name__}: a structure was expected")
            members |= part
        for name, alias in renamed:
            if name in members:
                members[alias] = members[name]
        for name, convert in nested:
            value = members.get(name)
            if value is not None:
                members[name] = convert(value)
        return members

    return unfold


def _converter(field: Field) -> Callable[[Any], Any] | None:
    structure = field.structure
    if structure is None:
        return _scalars if field.repeated else None
    if structure is ElementTag:
        return lambda raw: _TAG
    unfold = _unfolder(structure)
    if field.repeated:
        return lambda raw: [*map(unfold, entries_of(raw))]
    return unfold


def _scalars(raw: Any) -> list[Any]:
    if type(raw) is list:
        return raw if None not in raw else [item for item in raw if item is not None]
    return [] if raw == {} else [raw]


def _is_one_structure(raw: list[Any]) -> bool:
    """Whether ``raw`` is a structure that lacks the list around it, not a list of plain objects."""
    if not all(type(item) is dict and len(item) == 1 for item in raw):
        return False
    names = [name for item in raw for name in item]
    return len(set(names)) == len(names)


@cache
def _folder(cls: type[Structure]) -> _Fold:
    plain: list[tuple[str, str, Callable[[Any], Any] | None]] = [
        (field.attribute, field.name, _inverse(field)) for field in fields_of(cls)
    ]

    def fold_structure(structure: Structure) -> Tree:
        values: Mapping[str, Any] = structure.__dict__
        tree: Tree = []
        for attribute, name, convert in plain:
            value = values[attribute]
            # An empty list is left out: where [] also stands for {}, peers read it as an object.
            if value is not None and (value or type(value) is not list):
                tree.append({name: value if convert is None else convert(value)})
        return tree

    return fold_structure


def _inverse(field: Field) -> Callable[[Any], Any] | None:
    if field.structure is None:
        return None
    fold_structure = _folder(field.structure)
    if field.repeated:
        return lambda entries: [*map(fold_structure, entries)]
    return fold_structure
