"""A tablet that sends what it had kept, as its outbox does: the pages' own forms, with its own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.models import Tablet
from redbag.services import tablets
from tests.cast import Cast
from tests.visitor import Fields

_keys = count(1)


def copied(cast: Cast, part: str = "carer") -> str:
    """Somebody's tablet has asked for its key; its reference. Needs an application context."""
    begin_write()
    tablets.key_for(cast.actor(part), "7" * 32, None, datetime.now(UTC))
    db.session.commit()
    return db.session.scalars(select(Tablet.ref).order_by(Tablet.id.desc())).first() or ""


class Sender:
    """One browser of somebody who works at a home. `clock`: how far its own clock is from the true time."""

    def __init__(self, client: FlaskClient, clock: timedelta = timedelta(0)) -> None:
        self.client, self.clock = client, clock

    @property
    def who(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get("/offline/who").get_json()
        return found

    @property
    def csrf(self) -> str:
        return str(self.who.get("csrf", ""))

    def beside(self, minutes_ago: float, key: str) -> dict[str, str]:
        """What stands beside the typed fields."""
        shown = datetime.now(UTC) + self.clock
        return {
            "csrf_token": self.csrf,
            "idempotency_key": key,
            "happened_at": (shown - timedelta(minutes=minutes_ago)).isoformat(timespec="milliseconds"),
            "sent_at": shown.isoformat(timespec="milliseconds"),
        }

    def send(
        self,
        path: str,
        typed: dict[str, Any] | Fields,
        *,
        minutes_ago: float = 120,
        key: str = "",
        whose: str = "",
        program: str = "2",
        **beside: str,
    ) -> dict[str, Any]:
        """Sends one act; what was answered. `whose`: of somebody else than who is signed in.
        `program`: the tablet's, "1" for one of before it asked about bags apart."""
        data: dict[str, Any] = {}
        for name, value in typed.items() if isinstance(typed, dict) else typed:
            data.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        data |= self.beside(minutes_ago, key or f"tablet-{next(_keys)}") | beside
        headers = {"Red-Bag-Outbox": program, "Red-Bag-Account": whose or self.who.get("account", "")}
        answer = self.client.post(path, data=data, headers=headers)
        assert answer.mimetype == "application/json", answer.text[:300]
        assert answer.headers["Cache-Control"] == "no-store"
        told: dict[str, Any] = answer.get_json()
        assert "Location" not in answer.headers
        assert (answer.status_code == 200) is told["done"], told
        assert told["done"] or told["status"] == answer.status_code
        return told

    def sends_off(self, resident_ref: str, **typed: str) -> str:
        """ "Send to hospital"; the address of the journey."""
        fields = {"reason": "fall", "journey_type": "emergency", "situation": "Found on the floor", **typed}
        told = self.send(f"/residents/{resident_ref}/send", fields)
        assert told["done"], told
        return str(told["location"]).removesuffix("/observations")
