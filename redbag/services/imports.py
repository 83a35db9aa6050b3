"""Bringing residents and medicines in from a file: read, looked at, brought in whole or not at all.

The rows are kept on the server between the preview and the word to go on; nothing about what they say is
taken from the browser again. What is then written goes through the same services as the pages do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from redbag.database import db, one_at_a_time
from redbag.domain import import_columns, import_plan, import_rows
from redbag.domain.errors import Invalid, NotPermitted, Stale
from redbag.domain.import_cells import Sheet
from redbag.domain.import_columns import What
from redbag.domain.import_plan import PersonPlan, Plan
from redbag.domain.import_rows import Fault, Person, Row
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor, Permission, can
from redbag.models import BroughtIn
from redbag.queries import imports
from redbag.queries.medicine_lines import suggested
from redbag.services import audit, medicine_list, records, residents

KEPT_FOR = timedelta(hours=1)
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Preview:
    """What a file would do, how some cells were read, and which columns and sheets were left out."""

    ref: str
    file_name: str
    plan: Plan
    said: tuple[Fault, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """What was done, in counts; `to_mark`: added medicines whose names suggest a danger, by reference."""

    file_name: str
    people_new: int
    people_changed: int
    medicines_added: int
    medicines_changed: int
    to_mark: tuple[str, ...]


def keep(actor: Actor, file_name: str, sheets: Sequence[Sheet], now: datetime) -> BroughtIn:
    """Keeps the rows of a file for an hour. Nothing of the record changes.

    Raises Invalid under "file" where it holds neither residents nor medicines, and Faults where rows in
    it cannot be brought in.
    """
    if not can(actor, Permission.RESIDENT_IMPORT):
        raise NotPermitted("Residents are brought in from a file by the manager of their home.")
    _forget_old(actor, now)
    tables, other_sheets = import_columns.find_tables(sheets)
    contents = import_rows.read(tables, london_day(now))
    import_plan.make(contents.rows, imports.records(actor), london_day(now))
    left_out = [*contents.left_out, *(f"sheet {name}" for name in other_sheets)]
    row = BroughtIn(
        home_id=actor.organisation_id,
        account_id=actor.account_id,
        file_name=file_name[:_LONGEST_NAME],
        content={
            "rows": [asdict(row) for row in contents.rows],
            "said": [asdict(fault) for fault in contents.said],
            "left_out": left_out,
        },
        uploaded_at=now,
        expires_at=now + KEPT_FOR,
    )
    db.session.add(row)
    db.session.flush()
    details = {"rows": len(contents.rows)}
    audit.append(actor, audit.Note("import.kept", ("import", row.ref), details=details), now)
    return row


def preview(actor: Actor, ref: str, now: datetime) -> Preview | None:
    """What the file would do to the record as it stands now; None once it was brought in.

    Raises Faults where the record has changed so that it cannot be brought in any more, and NotFound.
    """
    row = imports.waiting(actor, ref, now)
    return None if row.done_at else _preview(actor, row, now)


def bring_in(actor: Actor, ref: str, *, fingerprint: str, sure: Collection[str], now: datetime) -> BroughtIn:
    """Does everything that the preview said, or nothing. A file that was brought in already stays so.

    `sure`: the doubts that were confirmed. Raises Invalid while one is not, and Stale where the record
    has changed since the preview was looked at.
    """
    one_at_a_time(f"import|{actor.organisation_id}")
    row = imports.waiting(actor, ref, now, to_change=True)
    if row.done_at is not None:
        return row
    plan = _preview(actor, row, now).plan
    if plan.fingerprint != fingerprint:
        raise Stale("The records have changed since you opened this page. Look at what would change now.")
    unsure = {doubt.key: f"Not confirmed: {doubt.words}" for doubt in plan.doubts if doubt.key not in sure}
    if unsure:
        raise Invalid(unsure)
    to_mark = [medicine for person in plan.people for medicine in _write(actor, person, now)]
    row.content, row.done_at = {}, now
    row.outcome = {
        "people_new": len(plan.new),
        "people_changed": len(plan.changed),
        "medicines_added": plan.medicines_added,
        "medicines_changed": plan.medicines_changed,
        "to_mark": to_mark,
    }
    details = {key: value for key, value in row.outcome.items() if key != "to_mark"}
    audit.append(actor, audit.Note("import.done", ("import", row.ref), details=details), now)
    return row


def throw_away(actor: Actor, ref: str, now: datetime) -> None:
    """Forgets the rows of a file that was not brought in."""
    row = imports.get(actor, ref, to_change=True)
    if row.done_at is None and row.content:
        row.content = {}
        audit.append(actor, audit.Note("import.thrown_away", ("import", row.ref)), now)


def done(actor: Actor, ref: str) -> Done | None:
    """What a file has done; None while it was not brought in. Raises NotFound."""
    row = imports.get(actor, ref)
    if row.done_at is None:
        return None
    kept: dict[str, Any] = dict(row.outcome)
    kept["to_mark"] = tuple(kept["to_mark"])
    return Done(file_name=row.file_name, **kept)


def _forget_old(actor: Actor, now: datetime) -> None:
    """Empties what nobody went on with: what is too old, and what this person looked at before."""
    undone = update(BroughtIn).where(BroughtIn.done_at.is_(None)).values(content={})
    db.session.execute(undone.where(BroughtIn.expires_at <= now))
    db.session.execute(undone.where(BroughtIn.account_id == actor.account_id))


def _preview(actor: Actor, row: BroughtIn, now: datetime) -> Preview:
    kept = row.content
    rows = [_row(one) for one in kept["rows"]]
    plan = import_plan.make(rows, imports.records(actor), london_day(now))
    said = tuple(Fault(**one) for one in kept["said"])
    return Preview(row.ref, row.file_name, plan, said, tuple(kept["left_out"]))


def _row(kept: Mapping[str, Any]) -> Row:
    return Row(
        What(kept["what"]), kept["sheet"], kept["number"], Person(**kept["person"]), dict(kept["values"])
    )


def _write(actor: Actor, plan: PersonPlan, now: datetime) -> list[str]:
    """Writes one resident's part. The references of medicines whose names suggest a danger."""
    if not plan.does_something:
        return []
    ref = plan.ref
    if plan.is_new:
        ref = residents.add(actor, plan.identity or {}, now).ref
    elif plan.identity is not None:
        version = residents.to_change(actor, ref).version
        residents.change(actor, ref, plan.identity, version=version, now=now)
    for key, answers in plan.sections.items():
        records.bring_in(actor, ref, key, answers, now)
    if not plan.medicines:
        return []
    medicines = [(medicine.ref, medicine.typed) for medicine in plan.medicines]
    written = medicine_list.bring_in(actor, ref, medicines, now)
    return [row.ref for row in written if suggested(row)]
