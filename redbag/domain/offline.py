"""What a tablet of a home may keep for working with no network, and for how long: our own bar (ADR 28)."""

from __future__ import annotations

from datetime import timedelta

READABLE_HOURS = 12
"""A copy of the records is readable with no network for so long after it was fetched: one long shift."""
WIPE_DAYS = 7
"""A tablet that has reached nobody for so long wipes its copy. What was typed on it stays, sealed."""
OLDEST_ACT = timedelta(days=60)
"""Nothing that a tablet sends is taken for older than this, whatever its clock says."""
KEY_KEPT = timedelta(days=90)
"""A key that nobody has asked for in so long is deleted: what is still sealed under it can never be read."""
COPIES_AT_MOST = 20
"""Of one person at one home, each in a browser of its own: nobody has so many in use."""
