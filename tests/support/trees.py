"""JSON as a peer might send it: any tree, often with names that mean something."""

from __future__ import annotations

from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NAMES = st.sampled_from(
    ["data", "payload", "datagram", "header", "cmd", "filter", "function", "number", "scale", "value",
     "measurementListData", "resultData", "deviceDiagnosisHeartbeatData", "heartbeatTimeout",
     "addressSource", "entity", "msgCounter", "cmdClassifier", "connectionHello"]
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=30,
)
