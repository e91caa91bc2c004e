"""Types of DataTunneling; generated from the SPINE 1.3.0 schemas – do not edit."""

from __future__ import annotations

from eebus_gw.wire.fold import ElementTag, Integer, Structure


class DataTunnelingHeaderType(Structure):
    purpose_id: str | None = None
    channel_id: Integer | None = None
    sequence_id: Integer | None = None


class DataTunnelingHeaderElementsType(Structure):
    purpose_id: ElementTag | None = None
    channel_id: ElementTag | None = None
    sequence_id: ElementTag | None = None


class DataTunnelingCallType(Structure):
    """Data of ``dataTunnelingCall``."""

    header: DataTunnelingHeaderType | None = None
    payload: str | None = None


class DataTunnelingCallElementsType(Structure):
    """Names parts of ``dataTunnelingCall``."""

    header: DataTunnelingHeaderElementsType | None = None
    payload: ElementTag | None = None
