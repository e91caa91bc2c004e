"""Reference data beside the checkout, which is not part of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared"
SCHEMAS = SHARED / "xsd"
EXAMPLES = SHARED / "examples-rfe"
DEVICES = SHARED / "devices"
WIRE = SHARED / "wire"


def needs(folder: Path) -> pytest.MarkDecorator:
    """Skips a test where reference data is missing."""
    return pytest.mark.skipif(
        not folder.is_dir(), reason=f"reference data {folder.name} is not beside the checkout"
    )
