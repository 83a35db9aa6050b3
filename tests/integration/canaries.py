"""A person of whom everything that can be kept is kept, with words that stand nowhere else.

Walked by the services and forms that pages use; then every free column of every row of theirs is written full
as well, so that a column which no form of today fills is looked at too.
"""

from __future__ import annotations

import io
import os
from datetime import date
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import JSON, String, update

from redbag.database import db
from redbag.domain.custody import Status, Step
from redbag.domain.import_cells import Cell, Line, Sheet
from redbag.domain.signature import parse
from redbag.models import (
    AccessLane,
    LabelAccess,
    Outgoing,
    Resident,
    Seen,
    Task,
    TransferItem,
)
from redbag.queries import person_parts
from redbag.queries.person_parts import PARTS, Fate
from redbag.sealed_columns import SealedJson, SealedText
from redbag.services import (
    bag_reports,
    custody_records,
    emergency,
    found_photos,
    imports,
    labels,
    medicine_list,
    papers,
    records,
    residents,
    stays,
    swaps,
    transfers,
)
from redbag.services.emergency import Asked
from redbag.services.signatures import Signed
from redbag.storage.drawn import Drawn
from tests.cast import Cast
from tests.integration import household
from tests.integration.guest import let_in
from tests.integration.pathway import START, Pathway, write
from tests.integration.test_pathway import accept_all
from tests.visitor import Visitor

GIVEN, FAMILY = "Quillamina", "Zorbentrask"
NUMBER = "9990000018"
WORD = "kestrelmarrow"
"""Stands in every free text about the person."""
CANARIES = (GIVEN, FAMILY, NUMBER, "999 000 0018", WORD)
_STROKES = "[[[20,150],[80,40],[140,160]],[[200,60],[260,140]]]"


def noise(size: int = 64) -> bytes:
    """A picture whose bytes stand nowhere else."""
    out = io.BytesIO()
    Image.frombytes("RGB", (size, size), os.urandom(size * size * 3)).save(out, "JPEG")
    return out.getvalue()


class Life:
    """One person with one journey of three days, which has left its trace everywhere. `pictures`: every image
    that was kept of them."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app, self.cast = app, cast
        self.pictures: list[bytes] = []
        self.carer, self.manager, self.nurse = (cast.actor(one) for one in ("carer", "manager", "nurse"))
        self.way = Pathway(cast, START)
        self._record()
        self._packed()
        self._at_the_hospital()

    @property
    def ref(self) -> str:
        return self.way.resident_ref

    def drawn(self) -> Drawn:
        page, small = noise(), noise(16)
        self.pictures += [page, small]
        return Drawn((page,), small)

    def _record(self) -> None:
        now = self.way.now
        row = db.session.query(Resident).filter_by(ref=self.ref).one()
        typed = {
            **residents.identity_of(row),
            "given_name": GIVEN,
            "family_name": FAMILY,
            "date_of_birth": "1938-11-03",
            "gp_practice": f"{WORD} surgery",
            "moved_in_on": "2020-01-05",
        }
        version = row.version
        write(lambda: residents.change(self.carer, self.ref, typed, version=version, now=now))
        write(lambda: records.save(self.carer, self.ref, "about_me", {"matters": WORD}, version=0, now=now))
        drops: dict[str, Any] = {"name": f"{WORD} drops", "indication": WORD}
        medicine = write(lambda: medicine_list.add(self.carer, self.ref, drops, now).ref)
        stop = {"stopped_on": now.date().isoformat(), "stopped_why": WORD}
        write(lambda: medicine_list.stop(self.carer, self.ref, medicine, stop, version=1, now=now))
        write(lambda: papers.set_photo(self.carer, self.ref, self.drawn(), now))
        write(lambda: papers.add(self.carer, self.ref, "other", WORD, [self.drawn()], now))
        cells = [Line(1, (Cell("Surname"), Cell("First name"), Cell("DOB")))]
        cells.append(Line(2, (Cell(FAMILY), Cell(GIVEN), Cell("3/11/1938"))))
        write(lambda: imports.keep(self.manager, f"{GIVEN}.csv", [Sheet("", tuple(cells))], now))

    def _packed(self) -> None:
        way = self.way
        way.packed()
        things = db.session.query(TransferItem).all()
        write(lambda: papers.set_item_photo(self.carer, way.ref, things[0].ref, self.drawn(), way.now))
        write(lambda: papers.add(self.carer, self.ref, "mar", "", [self.drawn()], way.now))
        way.after(minutes=10)
        write(
            lambda: transfers.hand_to_crew(
                self.carer,
                way.ref,
                crew=f"{WORD} B412",
                infection_told=False,
                occurred_at=way.now,
                now=way.now,
                signed=Signed(parse(_STROKES)),
            )
        )

    def _swapped(self) -> None:
        """Bags were exchanged with another person's: the ward's task of each journey names both."""
        other = household.add(self.cast, "Ada", "Moore", date_of_birth="1940-02-01")
        bag, now = household.bag(self.cast, "013"), self.way.now

        def away() -> str:
            made = transfers.open_(
                self.carer, other, reason="fall", journey_type="emergency", why_now={}, now=now
            )
            transfers.take_bag(self.carer, made, bag, now)
            transfers.hand_to_crew(
                self.carer, made.ref, crew="B1", infection_told=False, occurred_at=now, now=now
            )
            stays.arrive(self.nurse, made, stays.own_place(self.nurse), self.way.known, with_bag=True)
            return made.ref

        self.other_journey = write(away)
        told = "Priya, Willow"
        write(lambda: swaps.swap(self.carer, self.way.ref, self.other_journey, "people", told, now))

    def _at_the_hospital(self) -> None:
        way = self.way
        label = labels.current(way.transfer)
        assert label is not None
        self.token = labels.token_of(label)
        let_in(self.app, self.cast, self.token)
        asked = Asked(NUMBER, date(1938, 11, 3), f"Came without the bag, {WORD}")
        limits = self.app.config["LIMITS"]
        write(lambda: emergency.open_(self.nurse, asked, limits, way.now))
        way.after(minutes=25).arrived()
        self._swapped()
        way.after(hours=3).admitted()
        write(lambda: bag_reports.of_stay(self.nurse, way.ref, "here", note=WORD, now=way.now))
        way.after(hours=1).checked("nurse", Step.ADMISSION)
        way.after(days=3).medicines_listed().checked("nurse", Step.DISCHARGE, dentures=Status.MISSING)
        thing = db.session.query(TransferItem).filter_by(transfer_id=way.transfer.id).first()
        assert thing is not None
        write(lambda: papers.add_summary(self.nurse, way.ref, [self.drawn()], way.now))
        way.going_home().after(hours=2).received()
        write(lambda: found_photos.add(self.carer, way.ref, thing.ref, self.drawn(), way.now))
        write(lambda: custody_records.issue(self.carer, way.ref, way.now))
        way.checked("carer", Step.RETURN, dentures=Status.MISSING)
        accept_all(way)

    def closed(self, *, full: bool = True) -> Life:
        """The journey closed; with `full` every free column of every row of the person written full."""
        self.way.closed()
        gone = {"left_on": self.way.now.date().isoformat(), "left_why": "moved"}
        write(lambda: residents.leave(self.carer, self.ref, gone, self.way.now))
        write(self._by_and_by)
        if full:
            write(self._written_full)
        return self

    def by_forms(self) -> None:
        """An answer to a form, which is kept. Outside any application context, as requests are."""
        carer = Visitor(self.cast.browser(self.app, "carer"))
        carer.open(f"/residents/{self.ref}/record/wishes")
        carer.press({"care_plan": WORD})

    def _by_and_by(self) -> None:
        """What no service writes without waiting for days, or for somebody who guesses."""
        transfer, now = self.way.transfer, self.way.now
        home = self.cast.places["home"].id
        key = f"item_missing:{transfer.ref}:1"
        seen = {"organisation_id": home, "account_id": self.carer.account_id, "seen_at": now}
        label = person_parts.find(self.ref).labels[0]
        db.session.add_all(
            [
                Seen(key=key, words=WORD, actor_name="Joy", **seen),
                Task(organisation_id=home, transfer_id=transfer.id, kind="x", detail=WORD, created_at=now),
                Outgoing(organisation_id=home, kind="x", key=key, created_at=now, due_at=now),
                LabelAccess(label_id=label, wrong=1, last_wrong_at=now),
                AccessLane(label_id=label, lane="x", open_at=now),
            ]
        )

    def _written_full(self) -> None:
        person = person_parts.find(self.ref)
        for part in PARTS:
            if part.fate is Fate.STAYS:
                continue
            for column in part.table.columns:
                if column.name in _STRUCTURE or column.name in part.keeps or column.foreign_keys:
                    continue
                if isinstance(column.type, String | SealedText):
                    full: Any = WORD[: column.type.length or 100]
                elif isinstance(column.type, JSON | SealedJson):
                    full = {WORD: list(CANARIES)}
                else:
                    continue
                statement = update(part.table).where(part.which(person)).values({column.name: full})
                db.session.execute(statement)


_STRUCTURE = frozenset(
    {
        "id",
        "ref",
        "key",
        "scope",
        "answer",
        "sha256",
        "token_hash",
        "code_hash",
        "lane",
        "nhs_number",
        "nhs_number_index",
    }
    | {"given_name", "family_name", "name_words", "kind", "number"}
)
"""Columns that must keep what they are for the test to find the rows, or that are unique."""


def lived(app: Flask, cast: Cast, *, full: bool = True) -> Life:
    """A whole life, closed and committed. Outside any application context."""
    with app.app_context():
        life = Life(app, cast)
    life.by_forms()
    with app.app_context():
        return life.closed(full=full)
