"""Everything that is kept of one person, for them or whoever acts for them (UK GDPR, Article 15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import select

from redbag.database import db
from redbag.domain import papers as paper_rules
from redbag.domain import whole_record as words
from redbag.domain.errors import NotPermitted
from redbag.domain.london_time import format_day, format_moment, london_day
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.signature import from_kept, path
from redbag.domain.whole_record import Chapter, Entry, Line, Picture, WholeRecord
from redbag.models import (
    AuditEntry,
    Bag,
    CustodyRecord,
    KeptFile,
    Label,
    Organisation,
    PackVersion,
    Paper,
    PaperPage,
    RecordSection,
    Resident,
    Signature,
    Task,
    Transfer,
    TransferEvent,
    TransferItem,
    Ward,
)
from redbag.queries import person_parts, residents, who_looked
from redbag.queries.person_parts import PARTS, Part, Person

Row = Mapping[str, Any]

_WHAT = {
    "residents": "Who you are, as the home wrote it down.",
    "record_sections": "What the home keeps up about you for the case that you must go to hospital.",
    "transfer_events": "Each step of each journey: what happened, when, and who wrote it down.",
    "pack_versions": "What travelled with you, word for word, as files of their own.",
    "journey_figures": (
        "Numbers that reports are counted from: minutes, days, 1 for yes and 0 for no; below 0: not counted."
    ),
    "audit_entries": "Everybody who opened or changed something of yours, the newest first.",
    "guests": "Hospital staff without an account, as they named themselves.",
}
_FIRST = ("residents", "record_sections", "medicines", "papers", "transfers", "transfer_events")
_WITHIN = frozenset({"kept_files", "paper_pages"})
"""Tables that are no chapter of their own: their rows are the files of the export."""


def for_manager(actor: Actor, ref: str, now: datetime) -> WholeRecord:
    """Of a resident of the actor's own home. Raises NotFound, NotPermitted for all but its manager."""
    found = residents.get(actor, ref)
    if not can(actor, Permission.HOME_MANAGE, Subject(home_id=found.home_id)):
        raise NotPermitted("The whole record is taken away by the manager of the home.")
    return _whole(person_parts.find(ref), now)


def for_operator(ref: str, now: datetime) -> WholeRecord:
    """Of a resident of any home. Raises NotFound."""
    return _whole(person_parts.find(ref), now)


def picture(file_id: int) -> bytes:
    """The JPEG of one picture of a record."""
    return db.session.scalars(select(KeptFile.content).filter_by(id=file_id)).one()


def _whole(person: Person, now: datetime) -> WholeRecord:
    resident = db.session.get_one(Resident, person.id)
    data = {part.model.__tablename__: _rows(part, person) for part in PARTS if not part.left_out}
    pictures = _pictures(person)
    names = {one.file_id: one.name for one in pictures}
    packs = {_pack_name(row): row["content"] for row in data["pack_versions"]}
    chapters = [
        _chapter(part, data[part.model.__tablename__], pictures)
        for part in sorted(PARTS, key=_reading_order)
        if not part.left_out and part.model.__tablename__ not in {*_WITHIN, AuditEntry.__tablename__}
    ]
    chapters.append(_who_looked(resident))
    for row in data["paper_pages"]:
        row["file"] = names[row["file_id"]]
    for row in data["kept_files"]:
        row["content"] = names.get(row["id"], "")
    return WholeRecord(
        person=resident.full_name,
        home=resident.home.name,
        made_at=now,
        chapters=tuple(one for one in chapters if one.entries),
        data=data,
        pictures=tuple(pictures),
        packs=packs,
        left_out=tuple((part.title, part.left_out) for part in PARTS if part.left_out),
    )


def _reading_order(part: Part) -> tuple[int, int]:
    name = part.model.__tablename__
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), PARTS.index(part))


def _rows(part: Part, person: Person) -> list[dict[str, Any]]:
    """Every row with every column, the oldest first; of images all but the bytes, which are files."""
    columns = [one for one in part.table.columns if not (part.model is KeptFile and one.name == "content")]
    wanted = select(*columns).where(part.which(person))
    if "id" in part.table.c:
        wanted = wanted.order_by(part.table.c.id)
    return [_of_one_person(part, dict(row)) for row in db.session.execute(wanted).mappings()]


def _of_one_person(part: Part, row: dict[str, Any]) -> dict[str, Any]:
    """A row without the other person of two whose bags changed places: this record is handed to somebody, and
    who else was in hospital is not theirs to know."""
    if part.model is Task and row["kind"] == "swap_bags":
        row["detail"] = words.SWAPPED
    if part.model is TransferEvent and row["data"]:
        row["data"] = {name: value for name, value in row["data"].items() if name != "other"}
    return row


def _pictures(person: Person) -> list[Picture]:
    """Every page of every photo and paper, those that were taken away too."""
    rows = db.session.execute(
        select(Paper.kind, Paper.title, Paper.added_at, Paper.ref, PaperPage.number, PaperPage.file_id)
        .join(PaperPage, PaperPage.paper_id == Paper.id)
        .where(Paper.resident_id == person.id)
        .order_by(Paper.id, PaperPage.number)
    )
    found: dict[int, Picture] = {}
    for kind, _title, added, ref, number, file_id in rows:
        plain = paper_rules.title(kind).lower().replace(" ", "-").replace("/", "-")
        name = f"photos-and-papers/{london_day(added)}-{plain}-{ref}-page-{number}.jpg"
        found.setdefault(file_id, Picture(name, file_id))
    return list(found.values())


def _pack_name(row: Row) -> str:
    return (
        f"packs/{london_day(row['made_at'])}-{_journey_ref(row['transfer_id'])}-version-{row['number']}.pdf"
    )


def _journey_ref(transfer_id: int) -> str:
    return db.session.scalars(select(Transfer.ref).filter_by(id=transfer_id)).one()


def _chapter(part: Part, rows: list[dict[str, Any]], pictures: list[Picture]) -> Chapter:
    name = part.model.__tablename__
    drawn = _DRAWN.get(part.model, _plain)
    names = _Names()
    entries = [drawn(part, row, names, pictures) for row in rows]
    return Chapter(part.title, tuple(one for one in entries if one.lines or one.file), _WHAT.get(name, ""))


class _Names:
    """Numbers of other tables as the names that a person knows; each read once."""

    def __init__(self) -> None:
        self.of = cache(self._read)

    def _read(self, name: str, number: int) -> str:
        if name in ("home_id", "hospital_id", "organisation_id", "actor_organisation_id"):
            return db.session.get_one(Organisation, number).name
        if name == "ward_id":
            return db.session.get_one(Ward, number).name
        if name == "bag_id":
            return db.session.get_one(Bag, number).number
        if name == "label_id":
            return f"number {db.session.get_one(Label, number).number} of its journey"
        if name == "transfer_id":
            return f"of {format_day(london_day(db.session.get_one(Transfer, number).opened_at))}"
        if name == "item_id":
            return db.session.get_one(TransferItem, number).description
        return ""


def _lines(row: Row, names: _Names) -> tuple[Line, ...]:
    found = []
    for name, value in row.items():
        if name in words.INTERNAL:
            continue
        if name.endswith("_id"):
            text = names.of(name, value) if isinstance(value, int) else ""
            said = {"transfer_id": "Journey"}.get(name, words.label(name))
        elif isinstance(value, dict):
            found += list(words.flat(value))
            continue
        else:
            text, said = words.answer(name, value), words.label(name)
        if text:
            found.append((said, text))
    return tuple(found)


def _title(part: Part, row: Row) -> str:
    """What names one row: its day, or what it is called."""
    for name in ("name", "description", "title", "kind", "action", "status", "outcome"):
        if isinstance(row.get(name), str) and row[name]:
            return words.answer(name, row[name])
    at = next((row[name] for name in row if isinstance(row[name], datetime | date)), None)
    if isinstance(at, datetime):
        return format_moment(at)
    return format_day(at) if isinstance(at, date) else part.title


def _plain(part: Part, row: Row, names: _Names, _pictures: list[Picture]) -> Entry:
    return Entry(_title(part, row), _lines(row, names))


def _section(_part: Part, row: Row, names: _Names, _pictures: list[Picture]) -> Entry:
    title, lines = words.section(row["key"], row["answers"])
    return Entry(title, (*lines, *_lines(row, names)))


def _journey(_part: Part, row: Row, names: _Names, _pictures: list[Picture]) -> Entry:
    lines = list(_lines(row, names))
    for key, answers in row["facts"].items():
        title, said = words.section(key, answers if isinstance(answers, dict) else {key: answers})
        lines += [(f"{title}: {question}", text) for question, text in said]
    return Entry(f"Journey of {format_day(london_day(row['opened_at']))}", tuple(lines))


def _person(_part: Part, row: Row, names: _Names, _pictures: list[Picture]) -> Entry:
    return Entry(f"{row['given_name']} {row['family_name']}".strip(), _lines(row, names))


def _pack(_part: Part, row: Row, names: _Names, _pictures: list[Picture]) -> Entry:
    return Entry(f"Version {row['number']}", _lines(row, names), file=_pack_name(row))


def _issued(part: Part, row: Row, names: _Names, _pictures: list[Picture]) -> Entry:
    return Entry(_title(part, row), (*_lines(row, names), *words.flat(row["content"])))


def _signature(_part: Part, row: Row, _names: _Names, _pictures: list[Picture]) -> Entry:
    return Entry("Signature", (("Drawn", path(from_kept(row["strokes"]))),))


def _paper(_part: Part, row: Row, names: _Names, pictures: list[Picture]) -> Entry:
    own = [one.name for one in pictures if f"-{row['ref']}-" in one.name]
    pages = tuple(("Page", name) for name in own)
    return Entry(paper_rules.title(row["kind"], row["title"]), (*_lines(row, names), *pages))


_DRAWN: dict[type[Any], Callable[[Part, Row, _Names, list[Picture]], Entry]] = {
    RecordSection: _section,
    Resident: _person,
    Transfer: _journey,
    PackVersion: _pack,
    CustodyRecord: _issued,
    Signature: _signature,
    Paper: _paper,
}


def _who_looked(resident: Resident) -> Chapter:
    entries = tuple(
        Entry(
            format_moment(one.at),
            tuple(
                (title, text)
                for title, text in (
                    ("Who", one.who),
                    ("Role", one.role),
                    ("Place", one.place),
                    ("What", one.did),
                )
                if text
            ),
        )
        for one in who_looked.all_of(resident)
    )
    return Chapter("Who has looked, and who did something", entries, _WHAT["audit_entries"])
