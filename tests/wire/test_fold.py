"""Trees and structures (SHIP 1.0.1 §11.4)."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eebus_gw.wire.codec import dumps, loads
from eebus_gw.wire.fold import (
    ElementTag,
    Integer,
    Structure,
    WireError,
    decode,
    entries_of,
    fields_of,
    fold,
    members_of,
    scalar_of,
)


class Inner(Structure):
    number: Integer | None = None
    scale: int | None = None


class Outer(Structure):
    wire_names: ClassVar[dict[str, str]] = {"dns_sd": "dnsSd_mDns"}

    key_id: int | None = None
    label: str | None = None
    is_active: bool | None = None
    value: Inner | None = None
    entity: list[Integer] | None = None
    inner: list[Inner] | None = None
    tag: ElementTag | None = None
    dns_sd: ElementTag | None = None


FULL = Outer(
    key_id=1,
    label="x",
    is_active=False,
    value=Inner(number=5, scale=-1),
    entity=[1, 1],
    inner=[Inner(number=1), Inner()],
    tag=ElementTag(),
    dns_sd=ElementTag(),
)
FULL_TEXT = (
    b'[{"keyId":1},{"label":"x"},{"isActive":false},{"value":[{"number":5},{"scale":-1}]},'
    b'{"entity":[1,1]},{"inner":[[{"number":1}],[]]},{"tag":[]},{"dnsSd_mDns":[]}]'
)


def test_structures_are_written_in_declared_order() -> None:
    assert dumps(fold(FULL)) == FULL_TEXT
    assert dumps(fold(Outer(tag=ElementTag(), value=Inner(), key_id=0))) == (
        b'[{"keyId":0},{"value":[]},{"tag":[]}]'
    )


def test_what_was_written_is_read() -> None:
    assert decode(loads(FULL_TEXT), Outer) == FULL


def test_empty_lists_are_read_but_never_written() -> None:
    """``[]`` is an empty structure on the wire, too; stacks that take it for one drop the message."""
    assert fold(Outer(entity=[], inner=[])) == []
    assert fold(Outer(value=Inner())) == [{"value": []}]
    assert decode([{"entity": []}, {"inner": []}], Outer) == Outer(entity=[], inner=[])
    assert decode([], Outer) == Outer()


TWO = [Inner(number=1), Inner(number=2)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param({"keyId": 1, "label": "x"}, Outer(key_id=1, label="x"), id="plain-object"),
        pytest.param(
            [{"keyId": 1, "label": "x"}], Outer(key_id=1, label="x"), id="several-members"
        ),
        pytest.param([{"label": "x"}, {"keyId": 1}], Outer(key_id=1, label="x"), id="other-order"),
        pytest.param([{"keyId": 1}, {"keyId": 2}], Outer(key_id=2), id="repeated-last-wins"),
        pytest.param([{"keyId": 1}, {"label": None}], Outer(key_id=1), id="null-is-absent"),
        pytest.param([{"value": None}, {"inner": None}], Outer(), id="null-structure"),
        pytest.param([{"keyId": 1}, {"newer": [{"a": 1}]}], Outer(key_id=1), id="unknown-member"),
        pytest.param([{}, {"keyId": 1}], Outer(key_id=1), id="empty-object-among-members"),
        pytest.param({}, Outer(), id="empty-object"),
        pytest.param([{"value": {}}], Outer(value=Inner()), id="structure-as-empty-object"),
        pytest.param([{"value": {"number": 1}}], Outer(value=Inner(number=1)), id="nested-object"),
        pytest.param([{"tag": {}}], Outer(tag=ElementTag()), id="tag-as-object"),
        pytest.param([{"tag": True}], Outer(tag=ElementTag()), id="tag-as-true"),
        pytest.param([{"tag": None}], Outer(), id="tag-null"),
        pytest.param([{"entity": {}}], Outer(entity=[]), id="scalar-list-as-object"),
        pytest.param([{"entity": 1}], Outer(entity=[1]), id="lone-scalar"),
        pytest.param([{"entity": [1, None]}], Outer(entity=[1]), id="null-in-scalar-list"),
        pytest.param([{"inner": {}}], Outer(inner=[]), id="list-as-object"),
        pytest.param([{"inner": {"number": 1}}], Outer(inner=TWO[:1]), id="lone-plain-structure"),
        pytest.param([{"inner": [{"number": 1}]}], Outer(inner=TWO[:1]), id="lone-structure"),
        pytest.param(
            [{"inner": [{"number": 1}, {"scale": 0}]}],
            Outer(inner=[Inner(number=1, scale=0)]),
            id="lone-structure-of-two-members",
        ),
        pytest.param(
            [{"inner": [{"number": 1}, {"number": 2}]}], Outer(inner=TWO), id="plain-list"
        ),
        pytest.param(
            [{"inner": [{"number": 1, "scale": 0}, {"number": 2}]}],
            Outer(inner=[Inner(number=1, scale=0), TWO[1]]),
            id="plain-list-of-uneven-structures",
        ),
        pytest.param(
            [{"inner": [[{"number": 1}], {"number": 2}, None]}], Outer(inner=TWO), id="mixed-list"
        ),
        pytest.param([{"keyId": "17"}], Outer(key_id=17), id="number-as-text"),
        pytest.param([{"keyId": 17.0}], Outer(key_id=17), id="integral-float"),
        pytest.param([{"isActive": "true"}], Outer(is_active=True), id="boolean-as-text"),
        pytest.param([{"label": 5}], Outer(label="5"), id="text-as-number"),
    ],
)
def test_input_of_real_devices_is_read(raw: Any, expected: Outer) -> None:
    assert decode(raw, Outer) == expected


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        pytest.param(5, "Outer", id="scalar-for-structure"),
        pytest.param([5], "Outer", id="scalar-among-members"),
        pytest.param([["keyId", 1]], "Outer", id="list-among-members"),
        pytest.param([{"value": "x"}], "Inner", id="text-for-structure"),
        pytest.param([{"inner": [1]}], "Inner", id="scalar-in-structure-list"),
        pytest.param([{"value": [{"number": 1.5}]}], "Outer.value.number", id="fraction"),
        pytest.param([{"value": {"number": str(2**64)}}], "Outer.value.number", id="65-bits"),
        pytest.param([{"value": {"number": -1e19}}], "Outer.value.number", id="64-bits-negative"),
        pytest.param([{"keyId": "secret"}], "Outer.keyId", id="text-for-number"),
        pytest.param([{"entity": [1, []]}], "Outer.entity.1", id="list-in-scalar-list"),
    ],
)
def test_faults_are_named_without_their_value(raw: Any, place: str) -> None:
    with pytest.raises(WireError) as caught:
        decode(raw, Outer)
    assert str(caught.value).startswith(f"{place}:")
    assert "secret" not in str(caught.value)


def test_attributes_are_no_wire_names() -> None:
    assert decode([{"key_id": 1}, {"dnsSdMDns": []}], Outer) == Outer()


def test_reading_leaves_the_tree_as_it_was() -> None:
    tree = loads(FULL_TEXT)
    decode(tree, Outer)
    assert dumps(tree) == FULL_TEXT
    plain = {"value": {"number": 1}}
    decode(plain, Outer)
    assert plain == {"value": {"number": 1}}


def test_structures_are_values() -> None:
    with pytest.raises(ValueError, match="frozen"):
        FULL.key_id = 2  # type: ignore[misc]
    assert FULL.model_copy(update={"key_id": 2}).value is FULL.value
    assert Outer(key_id=1) == decode([{"keyId": 1}], Outer)
    assert Inner() != ElementTag()


def test_fields_tell_kind_and_repetition() -> None:
    fields = {field.attribute: field for field in fields_of(Outer)}
    assert list(fields) == list(Outer.model_fields)
    assert (fields["key_id"].name, fields["key_id"].scalar) == ("keyId", int)
    assert fields_of(Inner)[0].scalar is int
    assert (fields["inner"].structure, fields["inner"].repeated) == (Inner, True)
    assert (fields["entity"].scalar, fields["entity"].repeated) == (int, True)
    assert fields["dns_sd"].name == "dnsSd_mDns"


def test_members_are_joined() -> None:
    assert members_of([{"a": 1}, {"b": 2, "a": 3}]) == {"a": 3, "b": 2}
    assert members_of({"a": 1}) == {"a": 1}
    with pytest.raises(WireError):
        members_of(None)


def test_entries_are_found() -> None:
    assert entries_of([[{"a": 1}], [{"a": 2}]]) == [[{"a": 1}], [{"a": 2}]]
    assert entries_of([{"a": 1}, {"b": 2}]) == [[{"a": 1}, {"b": 2}]]
    assert entries_of({}) == entries_of([]) == entries_of(None) == []


def test_single_scalars_are_read_as_tolerantly() -> None:
    members = {"number": "7", "truth": "true", "text": 8, "none": None, "fault": "secret"}
    assert scalar_of(members, "number", int) == 7
    assert scalar_of(members, "truth", bool) is True
    assert scalar_of(members, "text", str) == "8"
    assert scalar_of(members, "none", int) is scalar_of(members, "absent", int) is None
    with pytest.raises(WireError) as caught:
        scalar_of(members, "fault", int)
    assert "secret" not in str(caught.value)
    with pytest.raises(WireError):
        scalar_of({"number": str(2**64)}, "number", int)


inners = st.builds(
    Inner,
    number=st.none() | st.integers(-(2**63), 2**63 - 1),
    scale=st.none() | st.integers(-4, 4),
)
outers = st.builds(
    Outer,
    key_id=st.none() | st.integers(0, 2**32 - 1),
    label=st.none() | st.text(max_size=8),
    is_active=st.none() | st.booleans(),
    value=st.none() | inners,
    entity=st.none() | st.lists(st.integers(0, 9), min_size=1, max_size=3),
    inner=st.none() | st.lists(inners, min_size=1, max_size=3),
    tag=st.none() | st.just(ElementTag()),
    dns_sd=st.none() | st.just(ElementTag()),
)


@given(outers)
def test_every_structure_survives_the_wire(structure: Outer) -> None:
    assert decode(loads(dumps(fold(structure))), Outer) == structure


def plain(structure: Structure) -> dict[str, Any]:
    """The form of stacks that send objects as objects."""
    members: dict[str, Any] = {}
    for field in fields_of(type(structure)):
        value = getattr(structure, field.attribute)
        if isinstance(value, Structure):
            members[field.name] = plain(value)
        elif isinstance(value, list):
            members[field.name] = [plain(v) if isinstance(v, Structure) else v for v in value]
        elif value is not None:
            members[field.name] = value
    return members


@given(outers)
def test_plain_objects_mean_the_same(structure: Outer) -> None:
    # Plain objects with one member each, all different, are read as one structure: see decode.
    entries = structure.inner or []
    if len({name for each in entries for name in plain(each)}) < 2:
        assert decode(plain(structure), Outer) == structure


json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers().map(str) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["label", "isActive", "value", "number", "entity", "inner", "tag", "dnsSd_mDns"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=15,
)


@given(json_trees)
def test_arbitrary_trees_are_refused_or_can_be_written(tree: Any) -> None:
    try:
        structure = decode(tree, Outer)
    except WireError:
        return
    written = fold(structure)
    assert fold(decode(loads(dumps(written)), Outer)) == written
