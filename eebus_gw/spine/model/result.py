"""Types of Result; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import Integer, Structure


class ResultDataType(Structure):
    """Data of ``resultData``."""

    error_number: Integer | None = None
    description: str | None = None
