"""What keeps a device from being used, in words for people, with the exit code that says it (contract §2)."""

from __future__ import annotations

from typing import Any, NamedTuple

from eebus_gw.cli.context import GRID
from eebus_gw.cli.following import turn_text, usable
from eebus_gw.diagnostics.check import guide_entry

Json = dict[str, Any]

OK, NOT_REACHABLE, NOT_TRUSTED, TIMED_OUT, UNSUPPORTED = 0, 3, 4, 5, 6
_LATER = "the trust stays recorded; a running gateway goes on trying"


class Finding(NamedTuple):
    """Exit code, what is wrong, what to do next, and the entry of the guide about it."""

    code: int
    text: str
    hint: str
    topic: str

    @property
    def see(self) -> str:
        """Where to read on; empty where nothing is wrong."""
        return guide_entry(self.topic)


FINE = Finding(OK, "", "", "")


def unseen(state: Json) -> bool:
    """Whether the network shows nothing of the device."""
    return state.get("phase") in (None, "not visible")


def judge(state: Json) -> Finding:
    """What keeps a device from being used, from the last state that ``follow`` saw, with its ``id`` and ``ski``."""
    return _of_connected(state) if state.get("connected") else _of_unconnected(state)


def _of_connected(state: Json) -> Finding:
    name = state["id"]
    if not usable(state):
        text = f"{name} is connected, but has not said what it can do"
        return Finding(TIMED_OUT, text, _LATER, "no-common-use-case")
    if state.get("side") == GRID or any(each["usable"] for each in state["verdict"]):
        return FINE
    return Finding(
        UNSUPPORTED,
        f"{name} is paired, but has no use case in common with this gateway",
        "plug a car in and look again, or switch energy management on at the wallbox",
        "no-common-use-case",
    )


def _of_unconnected(state: Json) -> Finding:
    name, turn, error = state["id"], turn_text(state), state.get("error") or ""
    if state.get("error_code") == "other_key":
        hint = "compare the SKI with the device's label; after a change of its key pair it anew"
        return Finding(NOT_TRUSTED, f"{name}: {error}", hint, "other-key")
    if state.get("waits_for") == "pin":
        return Finding(NOT_TRUSTED, f"{name} wants a PIN", turn or "", "pin")
    unpaired = state.get("phase") == "unpaired by the peer"
    if state.get("rejected") or unpaired:
        topic = "one-manager" if unpaired else "waits-for-user"
        text = f"{name} does not trust this gateway (yet)"
        return Finding(NOT_TRUSTED, text, turn or _LATER, topic)
    if turn is not None:
        text = f"{name} has not been confirmed in time: {turn}"
        return Finding(TIMED_OUT, text, _LATER, "waits-for-user")
    if unseen(state):
        return _of_unseen(state)
    if error:
        hint = "eebus-gw doctor looks for the cause"
        return Finding(NOT_REACHABLE, f"{name} is not connected: {error}", hint, "addresses")
    text = f"{name} is not connected yet: {state.get('phase')}"
    return Finding(TIMED_OUT, text, _LATER, "waits-for-user")


def _of_unseen(state: Json) -> Finding:
    name, text = state["id"], f"{state['id']} is not seen on the network"
    if state.get("similar"):
        hint = f"seen is {state['similar']}: compare digit by digit; take this one back by unpair {name}"
        return Finding(NOT_REACHABLE, text, hint, "which-ski")
    hint = f"is it switched on? With its address: eebus-gw pair {state['ski']} --host ADDRESS"
    return Finding(NOT_REACHABLE, text, hint, "no-multicast")
