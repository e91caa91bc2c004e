"""The ledger: the grid journal that proves, and the energies of every session and quarter hour.

A program that runs holds one ``Ledger``. A program that only looks opens the file with
``database.connect(path, read_only=True)`` and reads with ``journal``, ``energy``, ``export`` and
``report``.
"""

from __future__ import annotations

from eebus_gw.ledger.account import Account, Totals
from eebus_gw.ledger.entries import Entry, Kind, Row, Share, Stamp
from eebus_gw.ledger.journal import Verification
from eebus_gw.ledger.ledger import Health, Ledger
from eebus_gw.ledger.quarters import Quality, Quarter, Source
from eebus_gw.ledger.sample import Sample
from eebus_gw.ledger.session import Session

__all__ = [
    "Account",
    "Entry",
    "Health",
    "Kind",
    "Ledger",
    "Quality",
    "Quarter",
    "Row",
    "Sample",
    "Session",
    "Share",
    "Source",
    "Stamp",
    "Totals",
    "Verification",
]
