"""The SPINE functions that use cases are written in, each with its feature and types (SPINE resource specification)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from eebus_gw.spine.model.bill import (
    BillConstraintsDataType,
    BillDataType,
    BillDescriptionDataType,
)
from eebus_gw.spine.model.device_classification import DeviceClassificationManufacturerDataType
from eebus_gw.spine.model.device_configuration import (
    DeviceConfigurationKeyValueDataType,
    DeviceConfigurationKeyValueDescriptionDataType,
)
from eebus_gw.spine.model.device_diagnosis import (
    DeviceDiagnosisHeartbeatDataType,
    DeviceDiagnosisStateDataType,
)
from eebus_gw.spine.model.electrical_connection import (
    ElectricalConnectionCharacteristicDataType,
    ElectricalConnectionDescriptionDataType,
    ElectricalConnectionParameterDescriptionDataType,
    ElectricalConnectionPermittedValueSetDataType,
)
from eebus_gw.spine.model.functions import FUNCTIONS, Key
from eebus_gw.spine.model.identification import IdentificationDataType
from eebus_gw.spine.model.incentive_table import (
    IncentiveTableConstraintsDataType,
    IncentiveTableDataType,
    IncentiveTableDescriptionDataType,
)
from eebus_gw.spine.model.load_control import (
    LoadControlLimitDataType,
    LoadControlLimitDescriptionDataType,
)
from eebus_gw.spine.model.measurement import (
    MeasurementDataType,
    MeasurementDescriptionDataType,
)
from eebus_gw.spine.model.setpoint import (
    SetpointConstraintsDataType,
    SetpointDataType,
    SetpointDescriptionDataType,
)
from eebus_gw.spine.model.time_series import (
    TimeSeriesConstraintsDataType,
    TimeSeriesDataType,
    TimeSeriesDescriptionDataType,
)
from eebus_gw.wire.fold import Structure

S = TypeVar("S", bound=Structure)


class View(Protocol):
    """The data of one entity, a peer's or our own."""

    def data(self, feature_type: str, function: str) -> Structure | None:
        """Data of a function of the entity's server feature, ``None`` where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class ListFunction(Generic[S]):
    """A function whose data is a list of entries."""

    feature: str
    name: str
    entry: type[S]
    field: str
    key: str

    def of(self, view: View) -> list[S]:
        """The entries, none if the function holds no data."""
        data = view.data(self.feature, self.name)
        return getattr(data, self.field, None) or []

    def by_key(self, view: View) -> dict[int, S]:
        """The entries by their primary identifier."""
        return {getattr(entry, self.key): entry for entry in self.of(view)}

    def by_keys(self, view: View) -> dict[Key, S]:
        """The entries by all their identifiers, where one alone repeats."""
        key_of = FUNCTIONS[self.name].key_of
        return {key_of(entry): entry for entry in self.of(view)}


@dataclass(frozen=True, slots=True)
class ValueFunction(Generic[S]):
    """A function whose data is one structure."""

    feature: str
    name: str
    structure: type[S]

    def of(self, view: View) -> S | None:
        """The data, ``None`` if the function holds none."""
        data = view.data(self.feature, self.name)
        return data if isinstance(data, self.structure) else None


MEASUREMENT_DESCRIPTIONS = ListFunction(
    "Measurement",
    "measurementDescriptionListData",
    MeasurementDescriptionDataType,
    "measurement_description_data",
    "measurement_id",
)
MEASUREMENTS = ListFunction(
    "Measurement",
    "measurementListData",
    MeasurementDataType,
    "measurement_data",
    "measurement_id",
)
CONNECTIONS = ListFunction(
    "ElectricalConnection",
    "electricalConnectionDescriptionListData",
    ElectricalConnectionDescriptionDataType,
    "electrical_connection_description_data",
    "electrical_connection_id",
)
PARAMETERS = ListFunction(
    "ElectricalConnection",
    "electricalConnectionParameterDescriptionListData",
    ElectricalConnectionParameterDescriptionDataType,
    "electrical_connection_parameter_description_data",
    "parameter_id",
)
PERMITTED_VALUES = ListFunction(
    "ElectricalConnection",
    "electricalConnectionPermittedValueSetListData",
    ElectricalConnectionPermittedValueSetDataType,
    "electrical_connection_permitted_value_set_data",
    "parameter_id",
)
CHARACTERISTICS = ListFunction(
    "ElectricalConnection",
    "electricalConnectionCharacteristicListData",
    ElectricalConnectionCharacteristicDataType,
    "electrical_connection_characteristic_data",
    "characteristic_id",
)
LIMIT_DESCRIPTIONS = ListFunction(
    "LoadControl",
    "loadControlLimitDescriptionListData",
    LoadControlLimitDescriptionDataType,
    "load_control_limit_description_data",
    "limit_id",
)
LIMITS = ListFunction(
    "LoadControl",
    "loadControlLimitListData",
    LoadControlLimitDataType,
    "load_control_limit_data",
    "limit_id",
)
KEY_DESCRIPTIONS = ListFunction(
    "DeviceConfiguration",
    "deviceConfigurationKeyValueDescriptionListData",
    DeviceConfigurationKeyValueDescriptionDataType,
    "device_configuration_key_value_description_data",
    "key_id",
)
KEY_VALUES = ListFunction(
    "DeviceConfiguration",
    "deviceConfigurationKeyValueListData",
    DeviceConfigurationKeyValueDataType,
    "device_configuration_key_value_data",
    "key_id",
)
IDENTIFICATIONS = ListFunction(
    "Identification",
    "identificationListData",
    IdentificationDataType,
    "identification_data",
    "identification_id",
)
MANUFACTURER = ValueFunction(
    "DeviceClassification",
    "deviceClassificationManufacturerData",
    DeviceClassificationManufacturerDataType,
)
STATE = ValueFunction("DeviceDiagnosis", "deviceDiagnosisStateData", DeviceDiagnosisStateDataType)
HEARTBEAT = ValueFunction(
    "DeviceDiagnosis", "deviceDiagnosisHeartbeatData", DeviceDiagnosisHeartbeatDataType
)
SETPOINT_DESCRIPTIONS = ListFunction(
    "Setpoint",
    "setpointDescriptionListData",
    SetpointDescriptionDataType,
    "setpoint_description_data",
    "setpoint_id",
)
SETPOINT_CONSTRAINTS = ListFunction(
    "Setpoint",
    "setpointConstraintsListData",
    SetpointConstraintsDataType,
    "setpoint_constraints_data",
    "setpoint_id",
)
SETPOINTS = ListFunction(
    "Setpoint",
    "setpointListData",
    SetpointDataType,
    "setpoint_data",
    "setpoint_id",
)
SERIES_DESCRIPTIONS = ListFunction(
    "TimeSeries",
    "timeSeriesDescriptionListData",
    TimeSeriesDescriptionDataType,
    "time_series_description_data",
    "time_series_id",
)
SERIES_CONSTRAINTS = ListFunction(
    "TimeSeries",
    "timeSeriesConstraintsListData",
    TimeSeriesConstraintsDataType,
    "time_series_constraints_data",
    "time_series_id",
)
SERIES = ListFunction(
    "TimeSeries",
    "timeSeriesListData",
    TimeSeriesDataType,
    "time_series_data",
    "time_series_id",
)
BILL_DESCRIPTIONS = ListFunction(
    "Bill",
    "billDescriptionListData",
    BillDescriptionDataType,
    "bill_description_data",
    "bill_id",
)
BILL_CONSTRAINTS = ListFunction(
    "Bill",
    "billConstraintsListData",
    BillConstraintsDataType,
    "bill_constraints_data",
    "bill_id",
)
BILLS = ListFunction(
    "Bill",
    "billListData",
    BillDataType,
    "bill_data",
    "bill_id",
)
INCENTIVE_DESCRIPTION = ValueFunction(
    "IncentiveTable", "incentiveTableDescriptionData", IncentiveTableDescriptionDataType
)
INCENTIVE_CONSTRAINTS = ValueFunction(
    "IncentiveTable", "incentiveTableConstraintsData", IncentiveTableConstraintsDataType
)
INCENTIVES = ValueFunction("IncentiveTable", "incentiveTableData", IncentiveTableDataType)
