"""A manager with a file: chosen, looked at, brought in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from redbag.database import begin_write, db
from redbag.services import imports
from redbag.storage import spreadsheets
from tests.cast import Cast
from tests.integration.attaching import post

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RESIDENTS = "Forename,Surname,DOB,NHS No,Room,Allergies\n"
MEDICINES = "Forename,Surname,DOB,Medication,Strength,Form,Dose,Frequency,Times,PRN\n"
JOAN = "Joan,Smith,3/11/1938,999 000 0018,12,Penicillin: rash\n"


def send(
    client: FlaskClient, content: bytes | str, name: str = "export.csv", *, page: str = ""
) -> TestResponse:
    """Chooses a file on the page and sends it. `page`: one that was opened before; else it is opened."""
    page = page or client.get("/residents/import").text
    tokens = [
        (key, re.findall(f'name="{key}" value="([^"]+)"', page)[-1])
        for key in ("csrf_token", "idempotency_key")
    ]
    content = content.encode() if isinstance(content, str) else content
    return post(client, "/residents/import", tokens, (name, content))


def brought(cast: Cast, content: bytes | str, *, part: str = "manager", sure: bool = True) -> imports.Preview:
    """Brings a file in through the services and commits; returns what was previewed."""
    content = content.encode() if isinstance(content, str) else content
    actor = cast.actor(part)
    begin_write()
    ref = imports.keep(actor, "export.csv", spreadsheets.read(content), NOW).ref
    preview = imports.preview(actor, ref, NOW)
    assert preview is not None
    confirmed = [doubt.key for doubt in preview.plan.doubts] if sure else []
    imports.bring_in(actor, ref, fingerprint=preview.plan.fingerprint, sure=confirmed, now=NOW)
    db.session.commit()
    return preview
