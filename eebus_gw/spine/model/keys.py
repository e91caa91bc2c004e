"""What the schemas do not say: identifiers, write checks and unions, kept by hand.

Source: identifier tables of the SPINE 1.3.0 resource specification (annex B.7) and its prose on
``is…Changeable``. Names are attributes of the entry, the primary identifier comes first.
"""

from __future__ import annotations

_PARAMETER = ("electrical_connection_id", "parameter_id")
_SLOT = ("sequence_id", "slot_number")

UNKEYED = frozenset(
    (
        "incentiveTableConstraintsData",
        "incentiveTableData",
        "incentiveTableDescriptionData",
        "networkManagementDeviceDescriptionListData",
        "networkManagementEntityDescriptionListData",
        "networkManagementFeatureDescriptionListData",
        "nodeManagementBindingData",
        "nodeManagementDestinationListData",
        "nodeManagementSubscriptionData",
        "nodeManagementUseCaseData",
        "specificationVersionListData",
        "useCaseInformationListData",
    )
)
"""List functions whose entries no scalar tells apart: they are exchanged in full only."""

IRREGULAR_KEYS: dict[str, tuple[str, ...]] = {
    "directControlActivityListData": ("timestamp",),
    "electricalConnectionCharacteristicListData": (*_PARAMETER, "characteristic_id"),
    "electricalConnectionParameterDescriptionListData": _PARAMETER,
    "electricalConnectionPermittedValueSetListData": _PARAMETER,
    "hvacSystemFunctionSetpointRelationListData": ("system_function_id", "operation_mode_id"),
    "incentiveListData": ("incentive_id", "value_type"),
    "loadControlEventListData": ("event_id",),
    "loadControlStateListData": ("event_id",),
    "measurementListData": ("measurement_id", "value_type"),
    "measurementSeriesListData": ("measurement_id", "value_type", "timestamp"),
    "messagingListData": ("messaging_number",),
    "powerSequencePriceListData": ("sequence_id", "potential_start_time"),
    "powerTimeSlotScheduleConstraintsListData": _SLOT,
    "powerTimeSlotScheduleListData": _SLOT,
    "powerTimeSlotValueListData": (*_SLOT, "value_type"),
    "sensingListData": ("timestamp",),
    "smartEnergyManagementPsPriceData": ("sequence_id", "potential_start_time"),
    "timeTableListData": ("time_table_id", "time_slot_id"),
}
"""Identifiers that are not simply the first element of the entry."""

KEY_DEFAULTS: dict[str, dict[str, str]] = {
    "measurementListData": {"value_type": "value"},
    "measurementSeriesListData": {"value_type": "value"},
}
"""What a missing sub identifier stands for."""

WRITE_CHECKS: dict[str, str] = {
    "deviceConfigurationKeyValueListData": "is_value_changeable",
    "loadControlLimitListData": "is_limit_changeable",
    "setpointListData": "is_setpoint_changeable",
}
"""The element of the stored entry that permits a peer to change it."""

SHARED = frozenset(("billListData", "timeSeriesListData"))
"""Lists in which some entries are a peer's to write and others the owner's: a full write of a peer means its own."""

UNIONS = frozenset(("DeviceConfigurationKeyValueValueType",))
"""Structures that hold exactly one of their members: stating another one replaces it."""
