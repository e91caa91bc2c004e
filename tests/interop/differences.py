"""Where our SPINE dialogue differs from the recorded ones, and by what right.

The recordings show the enbility Go stack on both ends. A difference is what the recorded peer said, what we say in its
place, and the clause that makes it ours to decide; ``tests/spine/test_recordings.py`` proves that there are no others
and that each of these occurs.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """``recorded`` or ``ours`` is empty where one of the two says nothing."""

    kind: str
    """``request``, ``write``, ``answer``, ``notify`` or ``order``."""
    recorded: str
    ours: str
    clause: str

    @property
    def pair(self) -> tuple[str, str, str]:
        return (self.kind, self.recorded, self.ours)


_NO_CONSTRAINTS = (
    "EVCEM 3.2.2, MPC 3.2.2: constraints are recommended, no value depends on them; UC-IG 3.2.3:"
    " nothing is read in vain"
)
_CHANGES_ONLY = (
    "SPINE 5.3.4.4, IG 2.4: the changed entries as a partial notify, complete in themselves"
)

DIFFERENCES = (
    Difference(
        "request", "read EV.Measurement measurementConstraintsListData", "", _NO_CONSTRAINTS
    ),
    Difference(
        "request", "read EVSE.Measurement measurementConstraintsListData", "", _NO_CONSTRAINTS
    ),
    Difference(
        "request",
        "",
        "subscribe EVSE.DeviceClassification",
        "EVSECC 3.2.2: manufacturer data may change; every feature that is read is subscribed (UC-IG 3.2.2)",
    ),
    Difference(
        "request",
        "",
        "read CEM.DeviceDiagnosis deviceDiagnosisStateData",
        "OPEV 3.2.3 (scenario 3): the state of the guard counts like its heartbeat",
    ),
    Difference(
        "request",
        "subscribe GridGuard.DeviceDiagnosis",
        "",
        "TC_SPINE_RTS_003: only the guard that holds the binding is followed; this one was refused it",
    ),
    Difference(
        "request",
        "read GridGuard.DeviceDiagnosis deviceDiagnosisHeartbeatData",
        "",
        "TC_SPINE_RTS_003: the same",
    ),
    Difference(
        "request",
        "",
        "subscribe DeviceInformation.NodeManagement",
        "SPINE 7.4.1: asked for on each connection; the recorded wallbox takes the closed one for alive",
    ),
    Difference(
        "write",
        "limit 5000 W",
        "limit -5000 W",
        "LPP 2.8.1: a production limit is at most 0 W; the recorded control box sends the magnitude",
    ),
    Difference(
        "answer",
        "measurementConstraintsListData: reply",
        "measurementConstraintsListData: result 6",
        "SPINE 5.3.3: a function that is not announced is not supported; " + _NO_CONSTRAINTS,
    ),
    Difference(
        "answer",
        "nodeManagementBindingRequestCall: result 1",
        "nodeManagementBindingRequestCall: result 7",
        "RS Result: understood, but rejected (UC-IG 3.3: one client writes)",
    ),
    Difference(
        "notify",
        "EV.Measurement measurementListData",
        "EV.Measurement measurementListData partial",
        _CHANGES_ONLY,
    ),
    Difference(
        "notify",
        "EV.LoadControl loadControlLimitListData",
        "EV.LoadControl loadControlLimitListData partial",
        _CHANGES_ONLY,
    ),
    Difference(
        "notify",
        "EVSE.LoadControl loadControlLimitListData",
        "EVSE.LoadControl loadControlLimitListData partial",
        _CHANGES_ONLY,
    ),
    Difference(
        "notify",
        "EVSE.DeviceConfiguration deviceConfigurationKeyValueListData",
        "EVSE.DeviceConfiguration deviceConfigurationKeyValueListData partial",
        _CHANGES_ONLY,
    ),
    Difference(
        "notify",
        "EVSE.Measurement measurementListData partial",
        "",
        "IG 2.4: what did not change is not told again; the recorded power is the same every second",
    ),
    Difference(
        "notify",
        "",
        "EVSE.DeviceDiagnosis deviceDiagnosisHeartbeatData",
        "LPC-005: beats on every connection; the recorded wallbox has lost this one's subscriptions",
    ),
    Difference(
        "order",
        "notify, result",
        "result, notify",
        "SPINE 5.2.5: the writer learns of the acceptance before it learns of the change",
    ),
)
