"""The generated model against the figures of the schemas, and the function registry."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from eebus_gw.spine import model
from eebus_gw.spine.model.areas import AREAS
from eebus_gw.spine.model.functions import FUNCTIONS, Function
from eebus_gw.spine.model.keys import IRREGULAR_KEYS, KEY_DEFAULTS, UNKEYED, WRITE_CHECKS
from eebus_gw.spine.model.load_control import (
    LoadControlCategory,
    LoadControlLimitDataType,
    LoadControlLimitListDataType,
)
from eebus_gw.spine.model.measurement import MeasurementDataType
from eebus_gw.wire.fold import ElementTag, Structure, decode, fields_of, fold
from tests.spine.reference import SCHEMAS, needs

ROOT = Path(__file__).parents[2]


def structures() -> list[type[Structure]]:
    found = []
    for info in pkgutil.iter_modules(model.__path__):
        module = importlib.import_module(f"{model.__name__}.{info.name}")
        found += [
            item
            for item in vars(module).values()
            if isinstance(item, type)
            and issubclass(item, Structure)
            and item.__module__ == module.__name__
        ]
    return found


ALL = structures()


def test_every_structure_is_there() -> None:
    # 562 structures with 2133 fields, less the tag and the frame: header (9), command (146),
    # control (2), filter (243), payload (1) and datagram (2).
    assert len(ALL) == 562 - 7
    assert sum(len(fields_of(cls)) for cls in ALL) == 2133 - 403


def test_every_function_is_there() -> None:
    assert len(FUNCTIONS) == 142
    assert sum(name.endswith("ListData") for name in FUNCTIONS) == 91
    assert sum(name.endswith("Call") for name in FUNCTIONS) == 20
    lists = {name for name, function in FUNCTIONS.items() if function.is_list}
    assert {name for name in lists if not name.endswith("ListData")} == {
        "incentiveTableConstraintsData",
        "incentiveTableData",
        "incentiveTableDescriptionData",
        "nodeManagementBindingData",
        "nodeManagementSubscriptionData",
        "nodeManagementUseCaseData",
        "smartEnergyManagementPsPriceData",
    }
    assert {name for name in FUNCTIONS if name.endswith("ListData")} <= lists


def test_every_function_finds_its_filters() -> None:
    assert sum(function.selectors_type is not None for function in FUNCTIONS.values()) == 100
    without_elements = {
        name for name, function in FUNCTIONS.items() if function.elements_type is None
    }
    assert without_elements == {"resultData"}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_keys_and_write_checks_are_elements_of_the_entry(function: Function) -> None:
    entry_fields = (
        {field.attribute: field for field in fields_of(function.entry_type)}
        if function.entry_type
        else {}
    )
    for key in function.keys:
        assert entry_fields[key].scalar in (int, str)
        assert not entry_fields[key].repeated
    if function.write_check:
        assert entry_fields[function.write_check].scalar is bool
    if function.entry_type is not None:
        assert bool(function.keys) == (function.name not in UNKEYED)


def test_hand_kept_tables_name_existing_functions() -> None:
    for table in (UNKEYED, IRREGULAR_KEYS, KEY_DEFAULTS, WRITE_CHECKS):
        assert set(table) <= set(FUNCTIONS)


@pytest.mark.parametrize(
    ("function", "keys"),
    [
        ("loadControlLimitListData", ("limit_id",)),
        ("loadControlLimitDescriptionListData", ("limit_id",)),
        ("loadControlEventListData", ("event_id",)),
        ("measurementListData", ("measurement_id", "value_type")),
        ("measurementDescriptionListData", ("measurement_id",)),
        ("measurementSeriesListData", ("measurement_id", "value_type", "timestamp")),
        ("electricalConnectionDescriptionListData", ("electrical_connection_id",)),
        (
            "electricalConnectionParameterDescriptionListData",
            ("electrical_connection_id", "parameter_id"),
        ),
        (
            "electricalConnectionPermittedValueSetListData",
            ("electrical_connection_id", "parameter_id"),
        ),
        (
            "electricalConnectionCharacteristicListData",
            ("electrical_connection_id", "parameter_id", "characteristic_id"),
        ),
        ("deviceConfigurationKeyValueListData", ("key_id",)),
        ("identificationListData", ("identification_id",)),
        ("sessionIdentificationListData", ("session_id",)),
        ("timeSeriesListData", ("time_series_id",)),
        ("billListData", ("bill_id",)),
        ("setpointListData", ("setpoint_id",)),
        ("setpointDescriptionListData", ("setpoint_id",)),
        ("stateInformationListData", ("state_information_id",)),
        ("incentiveTableData", ()),
        ("deviceDiagnosisStateData", ()),
    ],
)
def test_keys_of_the_functions_in_use(function: str, keys: tuple[str, ...]) -> None:
    assert FUNCTIONS[function].keys == keys


def test_key_of_an_entry() -> None:
    limits = FUNCTIONS["loadControlLimitListData"]
    assert limits.key_of(LoadControlLimitDataType(limit_id=3)) == (3,)
    measurements = FUNCTIONS["measurementListData"]
    assert measurements.key_of(MeasurementDataType(measurement_id=1)) == (1, "value")
    assert measurements.key_of(MeasurementDataType(measurement_id=1, value_type="minValue")) == (
        1,
        "minValue",
    )
    assert FUNCTIONS["incentiveTableData"].key_of(LoadControlLimitDataType()) == ()


def test_entries_of_a_payload() -> None:
    limits = FUNCTIONS["loadControlLimitListData"]
    entry = LoadControlLimitDataType(limit_id=3)
    data = limits.with_entries([entry])
    assert data == LoadControlLimitListDataType(load_control_limit_data=[entry])
    assert limits.entries(data) == [entry]
    assert limits.entries(LoadControlLimitListDataType()) == limits.entries(None) == []


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_list_accepts_what_stands_for_an_empty_one(function: Function) -> None:
    for field in fields_of(function.data_type):
        if field.repeated:
            for raw in ([], {}):
                assert (
                    getattr(decode([{field.name: raw}], function.data_type), field.attribute) == []
                )


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_every_structure_reads_and_writes_all_its_fields(cls: type[Structure]) -> None:
    full = filled(cls)
    tree = fold(full)
    assert [name for member in tree for name in member] == [f.name for f in fields_of(cls)]
    assert decode(tree, cls) == full


def filled(cls: type[Structure]) -> Structure:
    """An instance with a value in every field."""
    values: dict[str, object] = {}
    for field in fields_of(cls):
        if field.structure is None:
            value: object = {int: 7, str: "x", bool: False}[field.scalar or str]
        else:
            value = filled(field.structure) if field.structure is not ElementTag else ElementTag()
        values[field.attribute] = [value] if field.repeated else value
    return cls(**values)


def test_unknown_values_of_enumerations_survive() -> None:
    assert LoadControlCategory.OBLIGATION == "obligation"
    assert LoadControlCategory.RECOMMENDATION == "recommendation"
    tree = [{"measurementId": 1}, {"valueType": "_n:vendor_x"}]
    assert fold(decode(tree, MeasurementDataType)) == tree


def test_areas_are_imported_when_they_are_needed() -> None:
    program = (
        "import sys; from eebus_gw.spine.model.functions import FUNCTIONS; "
        "FUNCTIONS['loadControlLimitListData'].data_type; "
        "print(*sorted(m.rpartition('.')[2] for m in sys.modules if '.spine.model.' in m))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert "load_control" in loaded
    assert set(loaded).isdisjoint({"hvac", "bill", "node_management", "device_configuration"})


@needs(SCHEMAS)
def test_the_model_is_what_the_schemas_say() -> None:
    check = subprocess.run(
        [sys.executable, "tools/generate_model.py", "--check", "--schemas", str(SCHEMAS)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (check.returncode, check.stderr) == (0, "")


def test_every_function_has_an_area() -> None:
    assert list(FUNCTIONS) == list(AREAS)
