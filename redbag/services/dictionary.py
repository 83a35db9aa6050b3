"""Loading a dm+d release: what differs from what was loaded before is written, in short steps.

Each step is a transaction of the caller's, so that nobody who signs in, scans or types meanwhile waits for
the whole. A load that is cut short is taken up where it stopped by running it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from redbag.database import db
from redbag.domain.dictionary import Concept, Difference, Level, compare, index_words
from redbag.domain.errors import Invalid
from redbag.domain.london_time import format_day
from redbag.models import DmdConcept, DmdRelease, DmdWord
from redbag.services import audit

AT_ONCE = 500
Step = Callable[[], int]


def refuse_older(day: date | None) -> None:
    """Raises Invalid under "file" where a release of a later day than this one is loaded already: what came
    with the later one would be taken for discontinued. A release without a day is never refused."""
    newest = db.session.scalars(
        select(DmdRelease)
        .where(DmdRelease.released_on.is_not(None))
        .order_by(DmdRelease.released_on.desc(), DmdRelease.id.desc())
        .limit(1)
    ).first()
    if day is None or newest is None or newest.released_on is None or day >= newest.released_on:
        return
    raise Invalid(
        {
            "file": f"This release is of {format_day(day)}. One of {format_day(newest.released_on)} is "
            f"loaded already ({newest.name}), and loading the older one would discontinue what came later. "
            "Nothing was written. To load it all the same, add --older."
        }
    )


def difference(release: Iterable[Concept]) -> Difference:
    """What of this release differs from what is loaded. Reads everything and writes nothing."""
    columns = (DmdConcept.code, DmdConcept.level, DmdConcept.name, DmdConcept.parent_code)
    rows = db.session.execute(select(*columns, DmdConcept.discontinued))
    known = {r.code: Concept(r.code, Level(r.level), r.name, r.parent_code, r.discontinued) for r in rows}
    return compare(known, release)


def steps(
    found: Difference, name: str, concepts: int, now: datetime, released_on: date | None = None
) -> Iterator[Step]:
    """What there is to write. Each step writes its part when it is called, and returns how much that was.

    The last one notes that the release `name` of the day `released_on`, with so many concepts, was loaded.
    """
    for part in _parts(found.added):
        yield lambda part=part: _add(part)  # type: ignore[misc]
    for part in _parts(found.changed):
        yield lambda part=part: _change(part)  # type: ignore[misc]
    for gone in _parts(found.gone):
        yield lambda gone=gone: _discontinue(gone)  # type: ignore[misc]
    yield lambda: _note(found, name, concepts, now, released_on)


def _parts(whole: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(whole), AT_ONCE):
        yield whole[start : start + AT_ONCE]


def _columns(concept: Concept) -> dict[str, Any]:
    return {
        "code": concept.code,
        "level": concept.level.value,
        "name": concept.name,
        "parent_code": concept.parent_code,
        "discontinued": concept.discontinued,
    }


def _add(concepts: Sequence[Concept]) -> int:
    db.session.execute(insert(DmdConcept), [_columns(concept) for concept in concepts])
    _index(concepts)
    return len(concepts)


def _change(concepts: Sequence[Concept]) -> int:
    table = DmdConcept.__table__
    told = ("level", "name", "parent_code", "discontinued")
    changed = update(table).where(table.c.code == bindparam("wanted"))  # type: ignore[arg-type]
    values = changed.values({key: bindparam(f"new_{key}") for key in told})
    rows = [
        {"wanted": c.code, **{f"new_{key}": value for key, value in _columns(c).items() if key in told}}
        for c in concepts
    ]
    db.session.connection().execute(values, rows)
    _forget([concept.code for concept in concepts])
    _index(concepts)
    return len(concepts)


def _discontinue(codes: Sequence[str]) -> int:
    db.session.execute(update(DmdConcept).where(DmdConcept.code.in_(codes)).values(discontinued=True))
    _forget(codes)
    return len(codes)


def _forget(codes: Sequence[str]) -> None:
    """Takes the words of these concepts out of the index."""
    ids = select(DmdConcept.id).where(DmdConcept.code.in_(codes))
    db.session.execute(delete(DmdWord).where(DmdWord.concept_id.in_(ids)))


def _index(concepts: Sequence[Concept]) -> None:
    codes = [concept.code for concept in concepts]
    found = select(DmdConcept.code, DmdConcept.id).where(DmdConcept.code.in_(codes))
    ids = {row.code: row.id for row in db.session.execute(found)}
    words = [{"concept_id": ids[c.code], "word": word} for c in concepts for word in index_words(c)]
    if words:
        db.session.execute(insert(DmdWord), words)


def _note(found: Difference, name: str, concepts: int, now: datetime, released_on: date | None) -> int:
    counts = {"added": len(found.added), "changed": len(found.changed), "discontinued": len(found.gone)}
    db.session.add(
        DmdRelease(name=name[:120], loaded_at=now, concepts=concepts, released_on=released_on, **counts)
    )
    db.session.flush()
    audit.append(None, audit.Note("dictionary.loaded", details=counts), now)
    return 0
