"""Asking behaviours: a faulty use case is reported and must not take the connection down.

The only place that catches every exception around the code of a use case.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from eebus_gw.spine.error_numbers import GENERAL
from eebus_gw.vocabulary.behaviour import Action, Answer, Report, refused

FAILED = "behaviour_failed"
"""Name of the report about a behaviour that raised; its data hold ``error`` and ``traceback``."""


def actions_of(call: Callable[..., list[Action]], *arguments: Any) -> list[Action]:
    """What a behaviour wants to have done."""
    try:
        return call(*arguments)
    except Exception as error:
        return [_report(error)]


def decision_of(
    call: Callable[..., tuple[Answer, list[Action]]], *arguments: Any
) -> tuple[Answer, list[Action]]:
    """What a behaviour decides about a write; nothing is accepted from one that fails."""
    try:
        return call(*arguments)
    except Exception as error:
        return refused("internal error", error_number=GENERAL), [_report(error)]


def foreseen(call: Callable[..., Answer], *arguments: Any) -> Answer:
    """What a behaviour would decide; one that fails here is asked in earnest and reported then."""
    try:
        return call(*arguments)
    except Exception:
        return refused("internal error", error_number=GENERAL)


def _report(error: Exception) -> Report:
    text = "".join(traceback.format_exception(error))
    return Report(FAILED, {"error": repr(error), "traceback": text})
