"""Types of TaskManagement; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.direct_control import DirectControlActivityState
from eebus_gw.spine.model.hvac import HvacOverrunStatus
from eebus_gw.spine.model.load_control import LoadControlEventState
from eebus_gw.spine.model.power_sequences import PowerSequenceState
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class TaskManagementJobState(
    DirectControlActivityState,
    HvacOverrunStatus,
    LoadControlEventState,
    PowerSequenceState,
):
    """Values of ``TaskManagementJobStateType``."""


class TaskManagementJobSource:
    """Values of ``TaskManagementJobSourceEnumType``."""

    INTERNAL_MECHANISM = "internalMechanism"
    USER_INTERACTION = "userInteraction"
    EXTERNAL_CONFIGURATION = "externalConfiguration"


class TaskManagementDirectControlRelatedType(Structure):
    """Without content."""


class TaskManagementDirectControlRelatedElementsType(Structure):
    """Without content."""


class TaskManagementHvacRelatedType(Structure):
    overrun_id: Integer | None = None


class TaskManagementHvacRelatedElementsType(Structure):
    overrun_id: ElementTag | None = None


class TaskManagementLoadControlReleatedType(Structure):
    event_id: Integer | None = None


class TaskManagementLoadControlReleatedElementsType(Structure):
    event_id: ElementTag | None = None


class TaskManagementPowerSequencesRelatedType(Structure):
    sequence_id: Integer | None = None


class TaskManagementPowerSequencesRelatedElementsType(Structure):
    sequence_id: ElementTag | None = None


class TaskManagementSmartEnergyManagementPsRelatedType(Structure):
    sequence_id: Integer | None = None


class TaskManagementSmartEnergyManagementPsRelatedElementsType(Structure):
    sequence_id: ElementTag | None = None


class TaskManagementJobDataType(Structure):
    """Entry of ``taskManagementJobListData``."""

    job_id: Integer | None = None
    timestamp: str | None = None
    job_state: str | None = None  # TaskManagementJobState
    elapsed_time: str | None = None
    remaining_time: str | None = None


class TaskManagementJobDataElementsType(Structure):
    """Names parts of entries of ``taskManagementJobListData``."""

    job_id: ElementTag | None = None
    timestamp: ElementTag | None = None
    job_state: ElementTag | None = None
    elapsed_time: ElementTag | None = None
    remaining_time: ElementTag | None = None


class TaskManagementJobListDataType(Structure):
    """Data of ``taskManagementJobListData``."""

    task_management_job_data: list[TaskManagementJobDataType] | None = None


class TaskManagementJobListDataSelectorsType(Structure):
    """Selects entries of ``taskManagementJobListData``."""

    job_id: Integer | None = None
    job_state: str | None = None  # TaskManagementJobState


class TaskManagementJobRelationDataType(Structure):
    """Entry of ``taskManagementJobRelationListData``."""

    job_id: Integer | None = None
    direct_control_related: TaskManagementDirectControlRelatedType | None = None
    hvac_related: TaskManagementHvacRelatedType | None = None
    load_control_releated: TaskManagementLoadControlReleatedType | None = None
    power_sequences_related: TaskManagementPowerSequencesRelatedType | None = None
    smart_energy_management_ps_related: TaskManagementSmartEnergyManagementPsRelatedType | None = (
        None
    )


class TaskManagementJobRelationDataElementsType(Structure):
    """Names parts of entries of ``taskManagementJobRelationListData``."""

    job_id: ElementTag | None = None
    direct_control_related: TaskManagementDirectControlRelatedElementsType | None = None
    hvac_related: TaskManagementHvacRelatedElementsType | None = None
    load_control_releated: TaskManagementLoadControlReleatedElementsType | None = None
    power_sequences_related: TaskManagementPowerSequencesRelatedElementsType | None = None
    smart_energy_management_ps_related: (
        TaskManagementSmartEnergyManagementPsRelatedElementsType | None
    ) = None


class TaskManagementJobRelationListDataType(Structure):
    """Data of ``taskManagementJobRelationListData``."""

    task_management_job_relation_data: list[TaskManagementJobRelationDataType] | None = None


class TaskManagementJobRelationListDataSelectorsType(Structure):
    """Selects entries of ``taskManagementJobRelationListData``."""

    job_id: Integer | None = None


class TaskManagementJobDescriptionDataType(Structure):
    """Entry of ``taskManagementJobDescriptionListData``."""

    job_id: Integer | None = None
    job_source: str | None = None  # TaskManagementJobSource
    label: str | None = None
    description: str | None = None


class TaskManagementJobDescriptionDataElementsType(Structure):
    """Names parts of entries of ``taskManagementJobDescriptionListData``."""

    job_id: ElementTag | None = None
    job_source: ElementTag | None = None
    label: ElementTag | None = None
    description: ElementTag | None = None


class TaskManagementJobDescriptionListDataType(Structure):
    """Data of ``taskManagementJobDescriptionListData``."""

    task_management_job_description_data: list[TaskManagementJobDescriptionDataType] | None = None


class TaskManagementJobDescriptionListDataSelectorsType(Structure):
    """Selects entries of ``taskManagementJobDescriptionListData``."""

    job_id: Integer | None = None
    job_source: str | None = None  # TaskManagementJobSource


class TaskManagementOverviewDataType(Structure):
    """Data of ``taskManagementOverviewData``."""

    remote_controllable: bool | None = None
    jobs_active: bool | None = None


class TaskManagementOverviewDataElementsType(Structure):
    """Names parts of ``taskManagementOverviewData``."""

    remote_controllable: ElementTag | None = None
    jobs_active: ElementTag | None = None
