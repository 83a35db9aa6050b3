"""What is offered while a medicine is typed: what the home has written before, and dm+d where loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from redbag.database import db
from redbag.domain import name_words
from redbag.domain.dictionary import FEWEST_LETTERS, Level
from redbag.domain.permissions import Actor, Permission, can
from redbag.models import DmdConcept, DmdWord, Medicine, MedicineLine, Resident, Transfer

MOST_OFFERED = 20
MOST_KNOWN = 150
_MOST_WORDS = 6
# So many concepts are put in order at most; a start that fits more is no search yet.
_MOST_ORDERED = 5000
_NEWEST_LINES = 1000
REMEMBERED = ("name", "strength", "form", "route", "frequency")


@dataclass(frozen=True)
class Offer:
    """A text that can be taken over, with its dm+d code where it has one. `note`: what it is."""

    text: str
    note: str
    code: str = ""


def known(actor: Actor) -> dict[str, list[str]]:
    """What the home has written for its medicines, by column, the most frequent first.

    Only what people who live there now take or took: the dictionary forgets with the record.
    """
    if not can(actor, Permission.RESIDENT_READ):
        return {key: [] for key in REMEMBERED}
    columns = [getattr(Medicine, key) for key in REMEMBERED]
    rows = db.session.execute(
        select(*columns).join(Medicine.resident).where(Resident.home_id == actor.organisation_id)
    ).all()
    return {key: _frequent(row[place] for row in rows) for place, key in enumerate(REMEMBERED)}


def _frequent(texts: Iterable[str]) -> list[str]:
    """Each text once, as it was first written, the most frequent first; case and spaces do not count."""
    written: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for text in texts:
        if text:
            plain = " ".join(name_words.fold(text).split())
            written.setdefault(plain, text)
            counted[plain] += 1
    ordered = sorted(counted, key=lambda plain: (-counted[plain], plain))
    return [written[plain] for plain in ordered[:MOST_KNOWN]]


def completions(actor: Actor, typed: str) -> list[Offer]:
    """Texts in which every word that was typed starts a word: the home's own first, then dm+d."""
    words = name_words.words(typed)[:_MOST_WORDS]
    writes = can(actor, Permission.RESIDENT_EDIT) or can(actor, Permission.STAY_RECORD)
    if not writes or not words or len(words[0]) < FEWEST_LETTERS:
        return []
    coded = [Offer(row.name, f"dm+d {Level(row.level).label}", row.code) for row in _concepts(words)]
    taken = {offer.text for offer in coded}
    written = (text for text in names_written(actor) if text not in taken and _fits(text, words))
    own = [Offer(text, "written here before") for text in written]
    return [*own[: MOST_OFFERED // 2], *coded][:MOST_OFFERED]


def names_written(actor: Actor) -> list[str]:
    """The names that the actor's home has written before; for a ward, those of its hospital's lists."""
    if not can(actor, Permission.STAY_RECORD):
        return known(actor)["name"]
    rows = db.session.execute(
        select(MedicineLine.name)
        .join(Transfer, Transfer.id == MedicineLine.transfer_id)
        .where(MedicineLine.side == "returned", Transfer.hospital_id == actor.organisation_id)
        .order_by(MedicineLine.id.desc())
        .limit(_NEWEST_LINES)
    )
    return _frequent(row.name for row in rows)


def _fits(text: str, words: Sequence[str]) -> bool:
    there = name_words.words(text)
    return all(any(word.startswith(start) for word in there) for start in words)


def _concepts(words: Sequence[str]) -> Sequence[DmdConcept]:
    """Concepts in use whose name has a word for every start; those that begin so first, products first."""
    first, others = words[0], words[1:]
    ids = select(DmdWord.concept_id).where(_starts(DmdWord.word, first))
    for start in others:
        also = aliased(DmdWord)
        ids = ids.where(
            select(also.word)
            .where(and_(also.concept_id == DmdWord.concept_id, _starts(also.word, start)))
            .exists()
        )
    candidates = ids.limit(_MOST_ORDERED).subquery()
    levels = {level.value: place for place, level in enumerate(Level)}
    wanted = (
        select(DmdConcept)
        .where(DmdConcept.id.in_(select(candidates.c.concept_id)), DmdConcept.discontinued.is_(False))
        .order_by(
            case((func.lower(DmdConcept.name).startswith(first, autoescape=True), 0), else_=1),
            case(levels, value=DmdConcept.level),
            func.length(DmdConcept.name),
            DmdConcept.name,
        )
        .limit(MOST_OFFERED)
    )
    return list(db.session.scalars(wanted))


def _starts(word: InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """Words with this start, as a range of the index: LIKE would not use it on every database."""
    return and_(word >= start, word < start + "\U0010ffff")


def by_code(code: str) -> DmdConcept | None:
    """The concept with this code, discontinued or not; None where dm+d is not loaded or has no such."""
    return db.session.scalar(select(DmdConcept).filter_by(code=code)) if code else None
