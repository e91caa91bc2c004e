"""``python -m eebus_gw``."""

from __future__ import annotations

import sys

from eebus_gw.cli import main

if __name__ == "__main__":
    sys.exit(main())
