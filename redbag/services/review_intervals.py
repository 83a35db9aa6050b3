"""How often a home looks through its residents' records: set by its manager, section by section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select, update

from redbag.database import Base, db
from redbag.domain.errors import NotPermitted, Stale
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.record import Values
from redbag.domain.record_checks import review_due_on
from redbag.domain.reviews import REVIEWED, REVIEWED_BY_KEY, interval, threshold_key
from redbag.models import Organisation, RecordSection, Resident
from redbag.services import audit


def save(actor: Actor, days: Mapping[str, int], *, version: int, now: datetime) -> Organisation:
    """Keeps the home's intervals (days by section key) and moves every review's due day accordingly.

    Raises Stale, with the intervals that stand now, when somebody changed the home meanwhile.
    """
    if not can(actor, Permission.HOME_MANAGE, Subject(home_id=actor.organisation_id)):
        raise NotPermitted("How often records are reviewed is settled by the home’s manager.")
    home = db.session.get_one(Organisation, actor.organisation_id, with_for_update=True)
    if home.version != version:
        theirs: Values = {section.key: interval(section, home.thresholds) for section in REVIEWED}
        raise Stale("Somebody changed this home’s details after you opened the page.", theirs)
    own = {threshold_key(section): days[section.key] for section in REVIEWED}
    changed = [s.key for s in REVIEWED if own[threshold_key(s)] != interval(s, home.thresholds)]
    home.thresholds = {**home.thresholds, **own}
    db.session.flush()
    _move_due_days(home)
    details = {"fields": [f"review_days_{key}" for key in changed]}
    audit.append(actor, audit.Note("organisation.changed", ("organisation", home.ref), details=details), now)
    return home


def _move_due_days(home: Organisation) -> None:
    """Written past the rows' versions: a carer who has a section open meanwhile loses nothing by it."""
    found = db.session.execute(
        select(RecordSection.id, RecordSection.key, RecordSection.reviewed_at)
        .join(Resident, Resident.id == RecordSection.resident_id)
        .where(Resident.home_id == home.id, RecordSection.reviewed_at.is_not(None))
    )
    moved = [
        {
            "row": row.id,
            "due": review_due_on(REVIEWED_BY_KEY[row.key], london_day(row.reviewed_at), home.thresholds),
        }
        for row in found
        if row.key in REVIEWED_BY_KEY
    ]
    if moved:
        table = Base.metadata.tables[RecordSection.__tablename__]
        late = update(table).where(table.c.id == bindparam("row")).values(review_due_on=bindparam("due"))
        db.session.connection().execute(late, moved)
        db.session.expire_all()
