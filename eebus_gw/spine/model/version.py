"""Types of Version; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import Structure


class SpecificationVersionDataElementsType(Structure):
    """Names parts of entries of ``specificationVersionListData``."""


class SpecificationVersionListDataType(Structure):
    """Data of ``specificationVersionListData``."""

    specification_version_data: list[str] | None = None


class SpecificationVersionListDataSelectorsType(Structure):
    """Selects entries of ``specificationVersionListData``."""
