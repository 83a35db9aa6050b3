"""A journey walked by the services, in tests that then look at pages.

Every step has an application context of its own, as every request has: what one person's request knows
must not be there in the next one's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask

from redbag.database import begin_write, db
from redbag.models import AuditEntry
from redbag.services import labels
from tests.cast import Cast
from tests.integration.pathway import Pathway

T = TypeVar("T")


class Walk:
    """One journey of Agnes Obi from Rowan House, begun `hours` ago. `to("left", "arrived")` walks on, half
    an hour a step."""

    def __init__(self, app: Flask, cast: Cast, hours: float = 4) -> None:
        self.app, self.cast = app, cast
        start = datetime.now(UTC) - timedelta(hours=hours)
        self.way: Pathway = self.look(lambda: Pathway(cast, start))

    def to(self, *steps: str) -> Walk:
        for step in steps:
            self.look(lambda name=step: getattr(self.way.after(minutes=30), name)())
        return self

    def look(self, read: Callable[..., T]) -> T:
        """What `read` finds in the database."""
        with self.app.app_context():
            return read()

    def write(self, act: Callable[[], T]) -> T:
        """One committed act."""

        def acting() -> T:
            begin_write()
            result = act()
            db.session.commit()
            return result

        return self.look(acting)

    def fact(self, name: str) -> Any:
        """A column of the journey as it stands."""
        return self.look(lambda: getattr(self.way.transfer, name))

    @property
    def ref(self) -> str:
        return self.way.ref

    @property
    def token(self) -> str:
        return self._of_label(labels.token_of)

    @property
    def code(self) -> str:
        return self._of_label(labels.code_of)

    def _of_label(self, derive: Callable[[Any], str]) -> str:
        def read() -> str:
            label = labels.current(self.way.transfer)
            assert label is not None
            return derive(label)

        return self.look(read)

    def audited(self, kind: str) -> list[tuple[str, dict[str, Any] | None]]:
        """Subject and details of every audit entry of one kind, the oldest first."""

        def read() -> list[tuple[str, dict[str, Any] | None]]:
            rows = db.session.query(AuditEntry).filter_by(kind=kind).order_by(AuditEntry.id)
            return [(row.subject_ref, row.details) for row in rows]

        return self.look(read)
