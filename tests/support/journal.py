"""Journal entries of one limit and of one unreadable request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from eebus_gw.ledger import Entry, Kind, Share, Stamp

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


def stamp(seconds: float) -> Stamp:
    return Stamp(START + timedelta(seconds=seconds), seconds, True)


LIMIT = (
    (stamp(0), Entry(Kind.STARTED)),
    (
        stamp(1),
        Entry(
            Kind.RECEIVED,
            event="lpc-17",
            use_case="lpc",
            peer_ski="ab" * 20,
            message_counter=17,
            requested_w=4_200,
            requested_active=True,
            requested_duration_s=3_600,
        ),
    ),
    (
        stamp(1.005),
        Entry(
            Kind.ANSWERED,
            event="lpc-17",
            outcome="accepted",
            error_number=0,
            state_before="unlimited_controlled",
            state_after="limited",
        ),
    ),
    (
        stamp(1.2),
        Entry(
            Kind.ALLOCATED,
            event="lpc-17",
            allocation=(Share("carport", 4_200, "opev", 4_140, 11_040, False),),
        ),
    ),
    (stamp(31), Entry(Kind.MEASURED, event="lpc-17", power_before_w=11_040, power_after_w=4_140)),
    (
        stamp(40),
        Entry(
            Kind.RECEIVED,
            event="lpc-18",
            use_case="lpc",
            readable=False,
            outcome="refused",
            error_number=7,
            reason="=cmd|a\nb",
        ),
    ),
)
