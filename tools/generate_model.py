"""Writes the SPINE data model of ``eebus_gw/spine/model`` from the official schemas.

    python tools/generate_model.py [--schemas FOLDER] [--output FOLDER] [--check]

The schemas are not part of the project; they lie beside the checkout by default. The output depends
on them alone, so a second run changes nothing; ``--check`` only says whether that holds. The frame
(datagram, command, filter) is written by hand: its types join all functions in one structure.
"""

from __future__ import annotations

import argparse
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

XS = "{http://www.w3.org/2001/XMLSchema}"
PREFIX = "EEBus_SPINE_TS_"
FRAME = ("CommandFrame", "Datagram")
REGISTRY = "CommandCommonDefinitions"
NOTICE = '"""{title}; generated from the SPINE 1.3.0 schemas – do not edit."""'
ROOT = Path(__file__).parent.parent
WIDTH = 100
NUMBERS = frozenset(
    ("byte", "unsignedByte", "short", "unsignedShort", "int", "unsignedInt", "long", "unsignedLong")
)
PURPOSES = (
    ("DataSelectorsType", "Data", "Selects entries of"),
    ("DataElementsType", "Data", "Names parts of"),
    ("CallElementsType", "Call", "Names parts of"),
    ("DataType", "Data", "Data of"),
    ("CallType", "Call", "Data of"),
)
ENTRY_PURPOSES = {"Data of": "Entry of", "Names parts of": "Names parts of entries of"}


@dataclass(frozen=True)
class Member:
    """One element of a complex type."""

    name: str
    type_name: str
    repeated: bool


@dataclass
class Area:
    """One schema file: what it declares, in its order."""

    name: str
    structures: dict[str, list[Member]] = field(default_factory=dict)
    enumerations: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    """Enumeration type to the lists it joins and its own values."""

    @property
    def module(self) -> str:
        return snake_case(self.name)


def snake_case(name: str) -> str:
    """``limitId`` as ``limit_id``, ``HVAC`` as ``hvac``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def local(name: str) -> str:
    """``name`` without its namespace prefix."""
    return name.rpartition(":")[2]


class Schemas:
    """All schemas of one folder, parsed."""

    def __init__(self, folder: Path) -> None:
        self._complex: dict[str, ElementTree.Element] = {}
        self._simple: dict[str, ElementTree.Element] = {}
        self._elements: dict[str, str] = {}
        self._declared: dict[str, list[ElementTree.Element]] = {}
        for path in sorted(folder.glob(f"{PREFIX}*.xsd")):
            area = path.stem.removeprefix(PREFIX)
            if not area.endswith("_overview"):
                self._declared[area] = list(ElementTree.parse(path).getroot())
        for declarations in self._declared.values():
            for node in declarations:
                self._collect(node)
        self.areas = [
            self._area(name, declarations)
            for name, declarations in self._declared.items()
            if name not in (*FRAME, REGISTRY)
        ]

    def _collect(self, node: ElementTree.Element) -> None:
        name = node.get("name", "")
        if node.tag == f"{XS}complexType":
            self._complex[name] = node
        elif node.tag == f"{XS}simpleType":
            self._simple[name] = node
        elif node.tag == f"{XS}element":
            self._elements[name] = local(node.get("type", ""))

    def _area(self, name: str, declarations: list[ElementTree.Element]) -> Area:
        area = Area(name)
        for node in declarations:
            declared = node.get("name", "")
            if node.tag == f"{XS}complexType":
                if node.find(f"{XS}simpleContent") is None and declared != "ElementTagType":
                    area.structures[declared] = list(self._members(node))
            elif node.tag == f"{XS}simpleType":
                lists, values = self._enumeration(node)
                if values or len(lists) > 1 or (lists and declared.endswith("EnumType")):
                    area.enumerations[declared] = (lists, values)
        return area

    def _members(self, node: ElementTree.Element) -> Iterator[Member]:
        extension = node.find(f"{XS}complexContent/{XS}extension")
        if extension is not None:
            yield from self._members(self._complex[local(extension.get("base", ""))])
        for element in node.iterfind(f".//{XS}sequence/{XS}element"):
            # Elements of an anonymous type belong to that type, not to this one.
            if self._owner(node, element) is node:
                yield self._member(element)

    def _owner(self, node: ElementTree.Element, wanted: ElementTree.Element) -> ElementTree.Element:
        for inner in node.iterfind(f".//{XS}element//{XS}complexType"):
            if any(element is wanted for element in inner.iter(f"{XS}element")):
                return inner
        return node

    def _member(self, element: ElementTree.Element) -> Member:
        repeated = element.get("maxOccurs", "1") != "1"
        reference = local(element.get("ref", ""))
        if reference:
            return Member(reference, self._elements[reference], repeated)
        type_name = local(element.get("type", ""))
        if not type_name:
            # An anonymous type only restricts a named one, which can hold whatever it can.
            restriction = next(element.iter(f"{XS}restriction"))
            type_name = local(restriction.get("base", ""))
        return Member(element.get("name", ""), type_name, repeated)

    def _enumeration(self, node: ElementTree.Element) -> tuple[list[str], list[str]]:
        values = [item.get("value", "") for item in node.iter(f"{XS}enumeration")]
        union = node.find(f"{XS}union")
        restriction = node.find(f"{XS}restriction")
        joined: list[str] = []
        if union is not None:
            joined = [local(name) for name in union.get("memberTypes", "").split()]
        elif restriction is not None and not values:
            joined = [local(restriction.get("base", ""))]
        return [name for name in joined if name.endswith("EnumType")], values

    def is_structure(self, type_name: str) -> bool:
        """Whether ``type_name`` is a complex type with members, not text in disguise."""
        node = self._complex.get(type_name)
        return node is not None and node.find(f"{XS}simpleContent") is None

    def scalar(self, type_name: str) -> str:
        """The Python type of a simple type."""
        if type_name == "boolean":
            return "bool"
        if type_name in NUMBERS:
            return "int"
        node = self._simple.get(type_name)
        restriction = None if node is None else node.find(f"{XS}restriction")
        return "str" if restriction is None else self.scalar(local(restriction.get("base", "")))

    def enumeration_of(self, type_name: str) -> str | None:
        """The constants class that lists values of a simple type."""
        for area in self.areas:
            if type_name in area.enumerations:
                return self.constants_name(type_name)
        node = self._simple.get(type_name)
        if node is None:
            return None
        lists, _ = self._enumeration(node)
        return self.enumeration_of(lists[0]) if lists else None

    def constants_name(self, type_name: str) -> str:
        """``LoadControlCategoryEnumType`` as ``LoadControlCategory``."""
        name = type_name.removesuffix("Type").removesuffix("Enum")
        return f"{name}Value" if name in self._complex else name

    def functions(self) -> dict[str, str]:
        """Function name to area module, in the order of the command's choice."""
        homes = {name: area.module for area in self.areas for name in area.structures}
        (choice,) = (
            node for node in self._declared[REGISTRY] if node.get("name") == "DataChoiceGroup"
        )
        names = [local(element.get("ref", "")) for element in choice.iter(f"{XS}element")]
        for name in names:
            if self._elements[name] != f"{name[0].upper()}{name[1:]}Type":
                raise ValueError(f"{name} has the irregular type {self._elements[name]}")
        return {name: homes[self._elements[name]] for name in names}


def constant_names(values: list[str]) -> list[str]:
    """Python names of enumeration values; their case is kept where upper case would not tell."""
    upper = _upper(values)
    return upper if len(set(upper)) == len(upper) else [_identifier(value) for value in values]


def _upper(values: list[str]) -> list[str]:
    return [snake_case(_identifier(value)).upper() for value in values]


def _identifier(value: str) -> str:
    name = value.replace("/", "_per_").replace("^", "").replace(".", "_")
    return re.sub("^1", "one", name)


class Writer:
    """Text of the generated modules."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._functions = schemas.functions()
        self._homes = {name: area.module for area in schemas.areas for name in area.structures}
        self._lists = {
            name: (area.module, joined)
            for area in schemas.areas
            for name, (joined, _) in area.enumerations.items()
        }

    def files(self) -> dict[str, str]:
        """File name to text."""
        texts = {f"{area.module}.py": self._area(area) for area in self._schemas.areas}
        texts["areas.py"] = self._registry()
        return texts

    def _registry(self) -> str:
        rows = "".join(f'    "{name}": "{module}",\n' for name, module in self._functions.items())
        return (
            f"{NOTICE.format(title='Modules of the functions')}\n\n"
            "from __future__ import annotations\n\n"
            f"AREAS: dict[str, str] = {{\n{rows}}}\n"
        )

    def _area(self, area: Area) -> str:
        lists = area.enumerations
        classes = [
            self._constants(name, *lists[name])
            for name in _by_dependency({name: joined for name, (joined, _) in lists.items()})
        ]
        needs = {
            name: [member.type_name for member in members]
            for name, members in area.structures.items()
        }
        classes += [self._structure(name, area.structures[name]) for name in _by_dependency(needs)]
        head = [NOTICE.format(title=f"Types of {area.name}"), "from __future__ import annotations"]
        if any(constant_names(values) != _upper(values) for _, values in lists.values()):
            head.insert(1, "# ruff: noqa: E741, N815")
        return "\n\n".join([*head, self._imports(area)]) + "\n\n\n" + "\n\n\n".join(classes) + "\n"

    def _imports(self, area: Area) -> str:
        homes: dict[str, set[str]] = {}
        for members in area.structures.values():
            for member in members:
                if member.type_name in self._homes:
                    homes.setdefault(self._homes[member.type_name], set()).add(member.type_name)
        for joined, _ in area.enumerations.values():
            for name in joined:
                homes.setdefault(self._lists[name][0], set()).add(
                    self._schemas.constants_name(name)
                )
        lines = [
            _import(f"eebus_gw.spine.model.{home}", sorted(homes[home]))
            for home in sorted(homes)
            if home != area.module
        ]
        lines.append(_import("eebus_gw.wire.fold", self._of_wire(area)))
        return "\n".join(lines)

    def _of_wire(self, area: Area) -> list[str]:
        types = {member.type_name for members in area.structures.values() for member in members}
        names = ["ElementTag"] if "ElementTagType" in types else []
        if any(
            not self._schemas.is_structure(name) and self._schemas.scalar(name) == "int"
            for name in types
        ):
            names.append("Integer")
        return [*names, "Structure"]

    def _constants(self, name: str, lists: list[str], values: list[str]) -> str:
        inherited = {base for joined in lists for base in self._lists[joined][1]}
        bases = [self._schemas.constants_name(base) for base in lists if base not in inherited]
        rows = "".join(
            _assignment(constant, value)
            for constant, value in zip(constant_names(values), values, strict=True)
        )
        head = _class_head(self._schemas.constants_name(name), bases)
        return f'{head}\n    """Values of ``{name}``."""\n\n{rows}'.rstrip()

    def _structure(self, name: str, members: list[Member]) -> str:
        purpose = self._purpose(name)
        if not members:
            purpose = purpose or "Without content."
        text = f'    """{purpose}"""\n\n' if purpose else ""
        rows = "".join(self._field(member) for member in members)
        return f"class {name}(Structure):\n{text}{rows}".rstrip()

    def _purpose(self, name: str) -> str:
        for suffix, kind, text in PURPOSES:
            if name.endswith(suffix):
                stem = name[0].lower() + name.removesuffix(suffix)[1:]
                if f"{stem}{kind}" in self._functions:
                    return f"{text} ``{stem}{kind}``."
                if f"{stem}List{kind}" in self._functions:
                    return f"{ENTRY_PURPOSES[text]} ``{stem}List{kind}``."
        return ""

    def _field(self, member: Member) -> str:
        kind = member.type_name
        remark = ""
        if kind == "ElementTagType":
            kind = "ElementTag"
        elif not self._schemas.is_structure(kind):
            enumeration = self._schemas.enumeration_of(kind)
            remark = f"  # {enumeration}" if enumeration else ""
            kind = self._schemas.scalar(kind).replace("int", "Integer")
        if member.repeated:
            kind = f"list[{kind}]"
        head = f"    {snake_case(member.name)}: "
        line = f"{head}{kind} | None = None{remark}\n"
        if len(line) <= WIDTH + 1:
            return line
        if len(head) + len(kind) + len(" | None = (") <= WIDTH:
            return f"{head}{kind} | None = (\n        None\n    )\n"
        return f"{head}(\n        {kind} | None\n    ) = None\n"


def _by_dependency(needs: dict[str, list[str]]) -> Iterator[str]:
    """Names in declared order, but none before those it needs."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in done or name not in needs:
            return
        done.add(name)
        for needed in needs[name]:
            yield from visit(needed)
        yield name

    for name in needs:
        yield from visit(name)


def _assignment(constant: str, value: str) -> str:
    line = f'    {constant} = "{value}"\n'
    return line if len(line) <= WIDTH + 1 else f'    {constant} = (\n        "{value}"\n    )\n'


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    return line if len(line) <= WIDTH else f"from {module} import {_wrapped(names)}"


def _class_head(name: str, bases: list[str]) -> str:
    if not bases:
        return f"class {name}:"
    line = f"class {name}({', '.join(bases)}):"
    return line if len(line) <= WIDTH else f"class {name}{_wrapped(bases)}:"


def _wrapped(names: list[str]) -> str:
    return "(\n" + "".join(f"    {name},\n" for name in names) + ")"


def main() -> int:
    """Writes the model, or with ``--check`` names the files that are out of date."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--schemas", type=Path, default=ROOT.parent / "shared" / "xsd")
    parser.add_argument("--output", type=Path, default=ROOT / "eebus_gw" / "spine" / "model")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    texts = Writer(Schemas(options.schemas)).files()
    stale = [
        name
        for name, text in texts.items()
        if not (options.output / name).exists()
        or (options.output / name).read_text(encoding="utf-8") != text
    ]
    if options.check:
        for name in stale:
            sys.stderr.write(f"out of date: {name}\n")
        return 1 if stale else 0
    for name in stale:
        (options.output / name).write_text(texts[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
