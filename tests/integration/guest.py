"""Somebody with a bag's access code, let in by the services, for tests that then look at what that opens."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient

from redbag.database import begin_write, db
from redbag.domain.permissions import Actor, Origin
from redbag.models import Guest
from redbag.security.tokens import sha256_hex
from redbag.services import guests, reach
from redbag.services.guests import Said
from tests.cast import Cast


def let_in(app: Flask, cast: Cast, token: str, hospital: str = "hospital") -> tuple[FlaskClient, Actor]:
    """A browser that the code of this label has let in, and the actor that services are handed."""
    client, origin, at = app.test_client(), Origin(), datetime.now(UTC)
    with app.app_context():
        begin_write()
        session = guests.begin(reach.label_of(token), 1, origin, at)
        row = db.session.query(Guest).filter_by(token_hash=sha256_hex(session)).one()
        said = Said("Ann Reed", "Nurse", cast.places[hospital].ref if hospital else "", "Willow")
        guests.name(row, said, origin, at)
        db.session.commit()
        found = guests.resume(session, origin, app.config["LIMITS"], at)
        assert found is not None
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = session, True
    return client, found.actor
