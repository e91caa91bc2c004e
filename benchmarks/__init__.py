"""Figures about this project's own speed and footprint.

Every module here is one group of figures and offers ``FIGURES``, the names it knows, and
``measure(wanted)``, which answers them; ``python -m benchmarks`` finds the modules by itself.
"""

from __future__ import annotations

Figure = float | str
"""A number in the unit its name ends in, or what a measurement was made with."""
