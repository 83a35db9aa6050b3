"""Sending a person through the pages, for tests that begin somewhere along the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from redbag.database import db
from redbag.domain.london_time import to_london
from redbag.models import Transfer
from tests.integration.pathway import Pathway
from tests.visitor import Visitor, filled


def the_transfer() -> Transfer:
    return db.session.query(Transfer).one()


def a_while_ago() -> str:
    """The clock of an hour ago, without its day: never one that is still to come today."""
    return f"{to_london(datetime.now(UTC) - timedelta(hours=1)):%H:%M}"


def begun(carer: Visitor, way: Pathway) -> str:
    """Sent for a fall; the path of the transfer."""
    carer.open(f"/residents/{way.resident_ref}/send")
    carer.press({"situation": "Found on the floor", "started": a_while_ago()}, button="reason=fall")
    return carer.page.path.removesuffix("/observations")


def printed(carer: Visitor, path: str, bag: str = "none") -> str:
    """Presses Print on the Ready page, with this bag or without; where the paper is."""
    form = carer.open(f"{path}/ready").form()
    answer = carer.client.post(f"{path}/print", data={**dict(filled(form, {})), "bag_choice": bag})
    assert answer.status_code == 303
    return answer.location
