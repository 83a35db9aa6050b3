"""The application with a clock that a harness can move: REDBAG_HARNESS_CLOCK names a file with seconds.

Only harnesses serve this: `gunicorn harnesses.clocked:app`. A request has one clock, `redbag.web.guards.now`.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from redbag.web import guards
from wsgi import app

__all__ = ["app"]

VARIABLE = "REDBAG_HARNESS_CLOCK"
_MOVED = Path(os.environ[VARIABLE])


class _Moved(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(seconds=float(_MOVED.read_text()))


vars(guards)["datetime"] = _Moved
