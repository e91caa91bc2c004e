"""Plain words for ``limited_by``."""

from __future__ import annotations

import pytest

from eebus_gw.cli.bounds import bound_text
from eebus_gw.sim.snapshot import Bound
from eebus_gw.site.bounds import Cause


@pytest.mark.parametrize(
    "word", sorted({bound.value for bound in Bound} | {cause.value for cause in Cause})
)
def test_every_bound_has_words_of_its_own(word: str) -> None:
    assert bound_text(word) != word.replace("_", " ")
    assert "_" not in bound_text(word)


def test_a_word_of_later_versions() -> None:
    assert bound_text("solar_flare") == "solar flare"
