"""The 29 official examples of the restricted function exchange (SPINE protocol annex A).

They are XML: the types of the model say which elements are lists and which text is a number.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from eebus_gw.spine.datagram import Command, Datagram, decode_datagram, encode_datagram
from eebus_gw.spine.merge import merge
from eebus_gw.spine.model.common_data_types import FeatureAddressType
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.wire.codec import dumps, loads
from eebus_gw.wire.fold import Structure, decode, fields_of
from tests.spine.reference import EXAMPLES, needs

PREFIX = "EEBus_SPINE_Spec_Example_RFE_"
SPACE = "{http://docs.eebus.org/spine/xsd/v1}"
WHOLE_NUMBERS = ("msgCounter", "msgCounterReference")

Tree = list[dict[str, Any]]


def name_of(node: ElementTree.Element) -> str:
    return node.tag.removeprefix(SPACE)


def tree_of(node: ElementTree.Element, cls: type[Structure]) -> Tree:
    """An element of type ``cls`` in wire form."""
    tree: Tree = []
    for field in fields_of(cls):
        children = node.findall(f"{SPACE}{field.name}")
        values = [
            tree_of(child, field.structure) if field.structure else scalar(child.text, field.scalar)
            for child in children
        ]
        if values:
            tree.append({field.name: values if field.repeated else values[0]})
    assert {name_of(child) for child in node} <= {field.name for field in fields_of(cls)}
    return tree


def scalar(text: str | None, kind: type | None) -> object:
    return int(text or "") if kind is int else (text == "true") if kind is bool else text or ""


def header_of(node: ElementTree.Element) -> Tree:
    tree: Tree = []
    for child in node:
        name = name_of(child)
        if name.startswith("address"):
            tree.append({name: tree_of(child, FeatureAddressType)})
        elif name in WHOLE_NUMBERS:
            tree.append({name: int(child.text or "")})
        elif name != "timestamp":
            tree.append({name: True if name == "ackRequest" else child.text})
    return tree


def command_of(node: ElementTree.Element) -> Tree:
    function = FUNCTIONS[node.findtext(f"{SPACE}function") or ""]
    tree: Tree = [{"function": function.name}]
    filters = [filter_of(child, function.name) for child in node.findall(f"{SPACE}filter")]
    tree.append({"filter": filters})
    (data,) = node.findall(f"{SPACE}{function.name}")
    return [*tree, {function.name: tree_of(data, function.data_type)}]


def filter_of(node: ElementTree.Element, name: str) -> Tree:
    function = FUNCTIONS[name]
    tree: Tree = []
    for child in node:
        if name_of(child) == "cmdControl":
            tree.append({"cmdControl": [{name_of(tag): []} for tag in child]})
        elif name_of(child) == function.selectors_name:
            assert function.selectors_type is not None
            tree.append({name_of(child): tree_of(child, function.selectors_type)})
        else:
            assert name_of(child) == function.elements_name
            assert function.elements_type is not None
            tree.append({name_of(child): tree_of(child, function.elements_type)})
    return tree


def example(name: str) -> dict[str, Any]:
    root = ElementTree.parse(EXAMPLES / f"{PREFIX}{name}.xml").getroot()
    header, payload = root
    commands = [command_of(node) for node in payload]
    return {"datagram": [{"header": header_of(header)}, {"payload": [{"cmd": commands}]}]}


@needs(EXAMPLES)
def test_there_are_29_examples() -> None:
    assert len(list(EXAMPLES.glob("*.xml"))) == 29


@needs(EXAMPLES)
@pytest.mark.parametrize(
    "name", [path.stem.removeprefix(PREFIX) for path in sorted(EXAMPLES.glob("*.xml"))]
)
def test_every_example_survives(name: str) -> None:
    tree = example(name)
    read = decode_datagram(loads(dumps(tree)))
    (command,) = read.commands
    assert command.stated_function == command.function
    sent = Command.of(command.function, command.data, command.filters)
    assert dumps(encode_datagram(Datagram(read.header, [sent]))) == dumps(tree)


def user(**members: str) -> dict[str, Any]:
    return members


def setpoints(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"setpointData": [{**entry, "isSetpointChangeable": True} for entry in entries]}


def setpoint(number: int, **values: tuple[int, int] | int) -> dict[str, Any]:
    parts: dict[str, Any] = {"setpointId": number}
    for name, value in values.items():
        parts[name] = (
            {"number": value} if isinstance(value, int) else {"number": value[0], "scale": value[1]}
        )
    return parts


A, B = setpoint(1, value=(105, -1), valueMin=9), setpoint(2, value=15, valueMin=7)
FULL = setpoint(1, value=(105, -1), valueMin=9, valueMax=(155, -1))

EFFECTS = {
    "A-N-1-01": (user(), user(userLabel="newUserLabel")),
    "P-N-1-01": (user(userLabel="newUserLabel"), user(userLabel="anotherNewUserLabel")),
    "D-N-1-01": (user(userLabel="x", userDescription="d"), user(userDescription="d")),
    "M-N-1-01": (
        user(userNodeIdentification="n", userLabel="x"),
        user(userLabel="newUserLabel", userDescription="newUserDescription"),
    ),
    "A-Y_1-1-01": (setpoints(B), setpoints(A, B)),
    "A-Y_1-2-01": (setpoints(A, B), setpoints(FULL, B)),
    "P-Y_1-1-01": (setpoints(FULL), setpoints({**FULL, **setpoint(1, value=(181, -1))})),
    "M-Y_1-1-01": (setpoints(A), setpoints(A, setpoint(2, value=15))),
    # The disputed case 13.1: what a message leaves out stays, so 14 is read with the stored scale.
    "M-Y_1-1-02": (
        setpoints(FULL, B),
        setpoints(setpoint(1, value=(14, -1), valueMin=(75, -1), valueMax=(215, -1)), B),
    ),
    "M-Y_1-1-03": (setpoints(A, B), setpoints(A)),
    "M-Y_1-2-01": (
        setpoints(FULL, B),
        setpoints(setpoint(1, value=(105, -1), valueMin=4, valueToleranceAbsolute=1), B),
    ),
    "D-Y_1-1-01": (setpoints(A, B), setpoints(A)),
    "D-Y_1-2-01": (setpoints(A, B), setpoints(A, setpoint(2, value=15))),
}


@needs(EXAMPLES)
@pytest.mark.parametrize(
    "name",
    sorted(
        path.stem.removeprefix(PREFIX)
        for path in EXAMPLES.glob("*.xml")
        if not path.stem.removeprefix(PREFIX).startswith("R")
    ),
)
def test_every_write_and_notify_has_its_effect(name: str) -> None:
    classifier, _, case = name.partition("-")
    before, after = EFFECTS[case]
    (command,) = decode_datagram(example(name)).commands
    function = FUNCTIONS[command.function]
    merged = merge(
        function,
        decode(before, function.data_type),
        command.data,
        command.filters,
        remote_write=classifier == "W",
    )
    expected = decode(after, function.data_type)
    assert unflagged(merged.data) == unflagged(expected)


def unflagged(data: Structure) -> list[Structure] | Structure:
    """Added entries come without the permission of the others."""
    entries = getattr(data, "setpoint_data", None)
    if entries is None:
        return data
    return [entry.model_copy(update={"is_setpoint_changeable": None}) for entry in entries]


@needs(EXAMPLES)
@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "RY-P-N-1-01",
            user(userNodeIdentification="n"),
            user(
                userNodeIdentification="n",
                userLabel="newUserLabel",
                userDescription="newUserDescription",
            ),
        ),
        (
            "RY-P-Y_1-1-01",
            setpoints(FULL, B),
            setpoints({**FULL, **setpoint(1, value=(181, -1))}, B),
        ),
    ],
)
def test_replies_to_restricted_reads_join_the_cache(
    name: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    (command,) = decode_datagram(example(name)).commands
    function = FUNCTIONS[command.function]
    merged = merge(function, decode(before, function.data_type), command.data, command.filters)
    assert merged.data == decode(after, function.data_type)


@needs(EXAMPLES)
@pytest.mark.parametrize(
    ("name", "selected", "elements"),
    [
        ("RD-P-N-1-01", [], {"user_label", "user_description"}),
        ("RD-P-Y_1-1-01", [1], set()),
        ("RD-P-Y_1-2-01", [1], {"value"}),
    ],
)
def test_restricted_reads_say_what_is_wanted(
    name: str, selected: list[int], elements: set[str]
) -> None:
    (command,) = decode_datagram(example(name)).commands
    (wanted,) = command.filters
    assert wanted.partial
    assert [each.setpoint_id for each in wanted.selectors] == selected
    named = {} if wanted.elements is None else wanted.elements.model_dump(exclude_none=True)
    assert set(named) == elements
