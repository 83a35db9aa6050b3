"""What became of the discharge summary of everybody who left hospital alive after a stay."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain.discharge_papers import Summaries, counted
from redbag.domain.permissions import Actor
from redbag.models import Organisation, Stay
from redbag.queries.stay_rows import reads, scope, since_joining


def summaries(actor: Actor, start: date, end: date) -> Summaries:
    """Discharge summaries of the people who left hospital alive from `start` to `end`."""
    reads(actor)
    found = db.session.execute(
        select(Stay.summary, Stay.papers_missing, func.count())
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(scope(actor), since_joining(), Stay.discharged_on.between(start, end))
        .where(Stay.ended_as != "died")
        .group_by(Stay.summary, Stay.papers_missing)
    )
    return counted((summary, missing, number) for summary, missing, number in found)
