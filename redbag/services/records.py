"""The standing record, a section at a time: saved, or looked through and found unchanged."""

from __future__ import annotations

from datetime import datetime

from redbag.database import db
from redbag.domain import record_checks
from redbag.domain.errors import Invalid, NotFound, Stale
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor
from redbag.domain.record import SECTION_BY_KEY, Section, Values
from redbag.domain.reviews import MEDICINES
from redbag.models import RecordSection, Resident
from redbag.queries import residents
from redbag.services import audit, packs
from redbag.services.residents import to_change


def section_named(key: str) -> Section:
    """The section with this key. Raises NotFound."""
    try:
        return SECTION_BY_KEY[key]
    except KeyError:
        raise NotFound("There is no such section.") from None


def save(actor: Actor, ref: str, key: str, typed: Values, *, version: int, now: datetime) -> RecordSection:
    """Keeps the answers of one section; whoever saves a section has looked it through.

    `version`: 0 where nobody had written the section yet. Raises Stale with the answers that stand now.
    """
    section = section_named(key)
    resident = to_change(actor, ref)
    row = _row(resident, section, version, now)
    kept = record_checks.checked(typed, london_day(now))
    fields = record_checks.changed_fields(section, row.answers, kept)
    row.answers = kept
    _reviewed(actor, resident, section, row, now)
    details = {"section": key, "fields": fields}
    audit.append(actor, audit.Note("section.changed", ("resident", resident.ref), details=details), now)
    packs.record_changed(actor, resident, now)
    return row


def mark_reviewed(actor: Actor, ref: str, key: str, *, version: int, now: datetime) -> RecordSection:
    """The section was looked through and nothing has changed. Raises Stale when it meanwhile has.

    The medicines list, whose lines are kept by themselves, can be looked through before it holds any.
    """
    section = MEDICINES if key == MEDICINES.key else section_named(key)
    resident = to_change(actor, ref)
    if section is not MEDICINES and key not in residents.sections_of(resident):
        raise Invalid({"form": "Nothing is recorded in this section yet: fill in what is known, then save."})
    row = _row(resident, section, version, now)
    _looked_through(actor, resident, section, row, now)
    packs.record_changed(actor, resident, now)
    return row


def bring_in(actor: Actor, ref: str, key: str, answers: Values, now: datetime) -> RecordSection:
    """Keeps answers that came from a file. That is no review: who last looked the section through, and by
    when it is to be done again, stays as it was."""
    section = section_named(key)
    resident = to_change(actor, ref)
    row = residents.sections_of(resident).get(key)
    if row is None:
        row = RecordSection(resident=resident, key=key, answers={})
        db.session.add(row)
    fields = record_checks.changed_fields(section, row.answers, answers)
    row.answers = answers
    db.session.flush()
    details = {"section": key, "fields": fields}
    audit.append(actor, audit.Note("section.changed", ("resident", resident.ref), details=details), now)
    packs.record_changed(actor, resident, now)
    return row


def medicines_accepted(actor: Actor, resident: Resident, now: datetime) -> None:
    """Two people accepted the list that came home, line by line: that is a review of the whole of it."""
    row = residents.sections_of(resident).get(MEDICINES.key)
    row = _row(resident, MEDICINES, row.version if row else 0, now)
    _looked_through(actor, resident, MEDICINES, row, now)


def _looked_through(
    actor: Actor, resident: Resident, section: Section, row: RecordSection, now: datetime
) -> None:
    _reviewed(actor, resident, section, row, now)
    details = {"section": section.key}
    audit.append(actor, audit.Note("section.reviewed", ("resident", resident.ref), details=details), now)


def _row(resident: Resident, section: Section, version: int, now: datetime) -> RecordSection:
    row = residents.sections_of(resident).get(section.key)
    if (row.version if row else 0) != version:
        raise Stale("Somebody else saved this section after you opened it.", row.answers if row else {})
    if row is None:
        row = RecordSection(resident=resident, key=section.key, answers={}, reviewed_at=now)
        db.session.add(row)
    return row


def _reviewed(actor: Actor, resident: Resident, section: Section, row: RecordSection, now: datetime) -> None:
    row.reviewed_at, row.reviewed_by = now, actor.name
    row.review_due_on = record_checks.review_due_on(section, london_day(now), resident.home.thresholds)
    db.session.flush()
