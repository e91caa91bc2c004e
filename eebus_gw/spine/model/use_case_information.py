"""Types of UseCaseInformation; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.spine.model.common_data_types import FeatureAddressElementsType, FeatureAddressType
from eebus_gw.wire.fold import ElementTag, Integer, Structure


class UseCaseSupportType(Structure):
    use_case_name: str | None = None
    use_case_version: str | None = None
    use_case_available: bool | None = None
    scenario_support: list[Integer] | None = None
    use_case_document_sub_revision: str | None = None


class UseCaseSupportElementsType(Structure):
    use_case_name: ElementTag | None = None
    use_case_version: ElementTag | None = None
    use_case_available: ElementTag | None = None
    scenario_support: ElementTag | None = None
    use_case_document_sub_revision: ElementTag | None = None


class UseCaseSupportSelectorsType(Structure):
    use_case_name: str | None = None
    use_case_version: str | None = None
    scenario_support: Integer | None = None


class UseCaseInformationDataType(Structure):
    """Entry of ``useCaseInformationListData``."""

    address: FeatureAddressType | None = None
    actor: str | None = None
    use_case_support: list[UseCaseSupportType] | None = None


class UseCaseInformationDataElementsType(Structure):
    """Names parts of entries of ``useCaseInformationListData``."""

    address: FeatureAddressElementsType | None = None
    actor: ElementTag | None = None
    use_case_support: UseCaseSupportElementsType | None = None


class UseCaseInformationListDataType(Structure):
    """Data of ``useCaseInformationListData``."""

    use_case_information_data: list[UseCaseInformationDataType] | None = None


class UseCaseInformationListDataSelectorsType(Structure):
    """Selects entries of ``useCaseInformationListData``."""

    address: FeatureAddressType | None = None
    actor: str | None = None
    use_case_support: UseCaseSupportSelectorsType | None = None
