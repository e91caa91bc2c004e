"""The use cases this project knows, one file a mechanism.

Adding a file adds its use cases: the catalogue walks this package and collects every ``UseCase`` instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from eebus_gw.vocabulary.definition import UseCase


@cache
def catalogue() -> Mapping[str, UseCase]:
    """Every use case by its code, in the order of file names; raises ``ValueError`` for a code that is used twice."""
    found: dict[str, UseCase] = {}
    for module_info in iter_modules(__path__):
        module = import_module(f"{__name__}.{module_info.name}")
        for use_case in vars(module).values():
            if not isinstance(use_case, UseCase) or found.get(use_case.code) is use_case:
                continue
            if use_case.code in found:
                raise ValueError(f"two use cases have the code {use_case.code!r}")
            found[use_case.code] = use_case
    return MappingProxyType(found)
