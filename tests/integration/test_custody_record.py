"""Eight handovers with one thing lost at each; the record of them; and its confirmation by a stranger."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, update

from redbag.database import Base, begin_write, db
from redbag.domain import bag_code
from redbag.domain.custody import Status, Step
from redbag.domain.london_time import format_moment
from redbag.domain.signature import parse
from redbag.models import AuditEntry, CustodyRecord, Transfer
from redbag.queries import custody, custody_record
from redbag.services import belongings, custody_records, stays, transfers
from redbag.services.belongings import Packed
from redbag.services.signatures import Signed
from redbag.services.stays import Known, Leaving
from tests.cast import Cast
from tests.integration.counting import counted
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]

DRAWN = "[[[20,150],[80,40],[140,160]],[[200,60],[260,140]]]"
HANDOVERS = 8
THINGS = [f"Thing {number}" for number in range(1, HANDOVERS + 1)]


class Eight:
    """A journey of eight handovers, half an hour each, in which thing k goes missing as handover k is made.

    `looks`: when somebody looked through the belongings, the packing first.
    """

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=12)
        self.way = Pathway(cast, self.start)
        self.at = self.start
        self.handed: list[datetime] = []
        self.looks: list[datetime] = []

    def __call__(self) -> Eight:
        cast, way = self.cast, self.way
        nurse, other = cast.actor("nurse"), cast.actor("other_nurse")
        self._pack()
        self._hand(self._to_crew)
        wards = cast.places["hospital"].wards
        emergency = stays.told_place(cast.places["hospital"].ref, wards["Emergency Department"])
        self._hand(lambda: stays.arrive(nurse, way.by_label(), emergency, self._known, with_bag=True))
        willow, poplar = (stays.ward_place(nurse, wards[name]) for name in ("Willow", "Poplar"))
        self._hand(
            lambda: stays.admit(
                nurse, way.by_label(), willow, self._known, decided_at=None, bed="4", with_bag=True
            )
        )
        self._look("nurse", Step.ADMISSION)
        self._hand(lambda: stays.move_ward(nurse, self.transfer, poplar, self._known, bed="1"))
        self._look("nurse", Step.OPENED)
        self._hand(lambda: stays.move_ward(nurse, self.transfer, willow, self._known, bed="2"))
        there = stays.told_place(cast.places["other_hospital"].ref)
        self._hand(lambda: stays.move_hospital(other, self.transfer, there, self._known))
        self._look("other_nurse", Step.DISCHARGE)
        leaving = Leaving(method="1", transport="Ambulance A1", summary="in_bag", home_word="yes")
        self._hand(lambda: stays.go_home(other, self.transfer, self._known, leaving))
        self._hand(self._home_again)
        self._look("carer", Step.RETURN)
        return self

    @property
    def transfer(self) -> Transfer:
        return self.way.transfer

    @property
    def _known(self) -> Known:
        return Known(self.at, self.at)

    def _pack(self) -> None:
        self.at += timedelta(minutes=10)
        carer = self.cast.actor("carer")
        begin_write()
        made = transfers.open_(
            carer, self.way.resident_ref, reason="fall", journey_type="emergency", why_now={}, now=self.start
        )
        self.way.ref = made.ref
        transfers.take_bag(carer, made, self.way.bag_ref, self.at)
        belongings.pack(carer, made.ref, [Packed(name) for name in THINGS], self.at)
        db.session.commit()
        self.looks.append(self.at)

    def _to_crew(self) -> None:
        transfers.hand_to_crew(
            self.cast.actor("carer"),
            self.way.ref,
            crew="B412",
            infection_told=False,
            occurred_at=self.at,
            now=self.at,
            signed=Signed(parse(DRAWN)),
        )

    def _home_again(self) -> None:
        transfers.receive(
            self.cast.actor("carer"),
            self.way.ref,
            occurred_at=self.at,
            bag_came=True,
            original_came="none",
            brought_by="Driver Lee",
            now=self.at,
        )

    def _hand(self, act: Callable[[], object]) -> None:
        self.at += timedelta(minutes=30)
        begin_write()
        act()
        db.session.commit()
        self.handed.append(self.at)

    def _look(self, part: str, step: Step) -> None:
        """Everything that has gone missing up to now is not there."""
        self.at += timedelta(minutes=10)
        begin_write()
        gone = len(self.handed)
        found = {
            item.ref: Status.MISSING if THINGS.index(item.description) < gone else Status.PRESENT
            for item in belongings.list_for(self.transfer)
        }
        belongings.check(self.cast.actor(part), self.transfer, step, found, now=self.at)
        db.session.commit()
        self.looks.append(self.at)


@pytest.fixture
def eight(app: Flask, cast: Cast) -> Eight:
    with app.app_context():
        return Eight(cast)()


def test_eight_handovers_with_one_thing_lost_at_each(app: Flask, eight: Eight) -> None:
    with app.app_context():
        picture = custody.picture(eight.transfer)
        names = {item.ref: item.description for item in belongings.list_for(eight.transfer)}
        lost = {names[one.item]: one for one in picture.lost}
        holders = [spell.holder for spell in picture.spells]
    assert holders == [
        "Rowan House",
        "crew B412",
        "St Brannock’s Hospital, Emergency Department",
        "St Brannock’s Hospital, Willow",
        "St Brannock’s Hospital, Poplar",
        "St Brannock’s Hospital, Willow",
        "Combe General Hospital",
        "Ambulance A1",
        "Rowan House",
    ]
    assert sorted(lost) == THINGS
    for number, truly_lost in enumerate(eight.handed):
        span = lost[THINGS[number]]
        before = max(at for at in eight.looks if at < truly_lost)
        after = min(at for at in eight.looks if at >= truly_lost)
        assert (span.last_seen.at, span.first_missing.at) == (before, after), THINGS[number]
        assert {holders[number], holders[number + 1]} <= set(span.held_by)


def test_the_record_says_who_held_the_bag_and_both_ends_are_led_to_it(visit: Visit, eight: Eight) -> None:
    way = eight.way
    carer = visit("carer")
    page = carer.open(f"/transfers/{way.ref}/custody")
    assert "The bag is with Rowan House" in page.text
    assert page.text.count("handovers lie between them") + page.text.count("handover lies between them") == 8
    assert "Thing 6, belonging to Agnes Obi, born" in page.text
    assert "This says who held the bag, not who lost it." in page.text
    assert "Back home, brought by Driver Lee" in page.text
    assert "first label of this journey" in page.text
    assert 'd="M20 150 L80 40 L140 160 M200 60 L260 140"' in page.response.text
    # The home's journey, its lost things and the ward's page lead there.
    assert f"/transfers/{way.ref}/custody" in carer.open(f"/transfers/{way.ref}").links().values()
    assert f"/transfers/{way.ref}/custody" in (
        visit("other_nurse").open(f"/ward/transfers/{way.ref}").links().values()
    )
    assert visit("outsider").client.get(f"/transfers/{way.ref}/custody").status_code == 404


def test_a_record_is_issued_printed_and_confirmed_to_a_stranger(
    app: Flask, visit: Visit, stranger: Visitor, eight: Eight
) -> None:
    carer, path = visit("carer"), f"/transfers/{eight.way.ref}/custody"
    carer.open(path)
    page = carer.press()
    assert page.status == 200
    with app.app_context():
        row = db.session.query(CustodyRecord).one()
        code = custody_records.code_of(row)
        assert code not in str(row.content)
        assert code not in (row.code_hash, row.sha256)
        record_ref = row.ref
    assert len(code) == 17
    pdf = carer.client.get(f"{path}/{record_ref}/record.pdf")
    told = "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf.data)).pages)
    assert "Handovers of the bag (8)" in told
    assert "Agnes Obi" in told
    assert code[:4] in told
    assert pdf.data == carer.client.get(f"{path}/{record_ref}/record.pdf").data
    table = list(csv.reader(io.StringIO(carer.client.get(f"{path}/{record_ref}/record.csv").text)))
    assert sum(row[:1] == ["handover"] for row in table) == HANDOVERS
    assert [row[9] for row in table if row[:1] == ["handover"] and row[9]] == ["signed"]

    said = _confirmed(stranger, f" {code[:8].lower()}-{code[8:]} ")
    assert "This record is genuine" in said
    assert "Rowan House" in said
    assert "Unchanged since" in said
    assert "8" in said
    assert not [word for word in ("Agnes", "Obi", "Thing", "Adeyemi") if word in said]

    with app.app_context():
        kinds = [row.kind for row in db.session.query(AuditEntry) if row.kind.startswith("custody.")]
        begin_write()
        transfer = eight.transfer
        found = dict.fromkeys((i.ref for i in belongings.list_for(transfer)), Status.PRESENT)
        belongings.check(
            eight.cast.actor("carer"), transfer, Step.RETURN, found, now=eight.at + timedelta(hours=1)
        )
        db.session.commit()
    assert kinds == [
        "custody.issued",
        "custody.exported",
        "custody.exported",
        "custody.exported",
        "custody.confirmed",
    ]
    assert "newer entries since" in _confirmed(stranger, code)
    with app.app_context():
        begin_write()
        table = Base.metadata.tables["custody_records"]
        kept = json.dumps(db.session.execute(select(table.c.content)).scalar_one())
        db.session.execute(update(table).values(content=json.loads(kept.replace("Thing 3", "Ring"))))
        db.session.commit()
    assert "cannot be confirmed" in _confirmed(stranger, code)


def test_the_record_asks_the_database_as_much_for_one_lost_thing_as_for_eight(
    app: Flask, eight: Eight
) -> None:
    """Counted on the journey itself, then with seven of its eight things off the list."""

    def statements() -> int:
        with counted(app) as sent, app.app_context():
            told = custody_record.of(eight.transfer)
        assert told.things in (1, 8)
        return len(sent)

    for_eight = statements()
    with app.app_context():
        begin_write()
        for item in belongings.list_for(eight.transfer)[1:]:
            item.removed_at = eight.at
        db.session.commit()
    assert statements() == for_eight


def test_codes_are_not_guessed(app: Flask, stranger: Visitor, eight: Eight) -> None:
    with app.app_context():
        begin_write()
        code = custody_records.code_of(
            custody_records.issue(eight.cast.actor("manager"), eight.way.ref, eight.at)
        )
        db.session.commit()
    assert "17 characters; this has 16" in _confirmed(stranger, code[:-1])
    slip = "2" if code[4] != "2" else "3"
    assert "One character is wrong" in _confirmed(stranger, code[:4] + slip + code[5:])
    for number in range(10):
        guess = bag_code.with_check(str(number) * 16)
        assert "No custody record has this code" in _confirmed(stranger, guess)
    assert "Too many tries" in _confirmed(stranger, code)


def _confirmed(stranger: Visitor, code: str) -> str:
    stranger.open("/custody-record")
    return stranger.press({"code": code}).text


def test_a_thing_listed_after_the_bag_had_left_is_missing_and_never_seen(
    app: Flask, cast: Cast, visit: Visit, stranger: Visitor
) -> None:
    with app.app_context():
        start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=9)
        way = Pathway(cast, start).packed().after(minutes=4).left().after(minutes=1)
        things = [Packed(i.description, i.carried, ref=i.ref) for i in belongings.list_for(way.transfer)]
        begin_write()
        belongings.pack(cast.actor("carer"), way.ref, [*things, Packed("Hearing aid, left", "worn")], way.now)
        db.session.commit()
        listed = format_moment(way.now)
        way.after(hours=1).admitted().after(minutes=5)
        way.checked("nurse", Step.ADMISSION, **{"hearing aid": Status.MISSING})
        way.after(hours=1).going_home().after(hours=1).received().after(minutes=5)
        way.checked("carer", Step.RETURN, **{"hearing aid": Status.MISSING, "glasses": Status.MISSING})
        begin_write()
        row = custody_records.issue(cast.actor("carer"), way.ref, way.now)
        code, record_ref = bag_code.grouped(custody_records.code_of(row)), row.ref
        db.session.commit()
        told = {one.thing: one for one in custody_record.of(way.transfer).lost}
    aid, glasses = told["Hearing aid, left"], told["Glasses"]
    assert (aid.seen, glasses.seen) == (False, True)
    assert f"Rowan House, {listed}, after the bag had left, as travelling worn." in aid.claim
    assert "Not seen by anybody who looked: missing at the belongings check at admission, " in aid.claim
    assert "; at the belongings check at the return, " in aid.claim
    assert "Last seen: the belongings check at admission" in glasses.claim
    page = visit("carer").open(f"/transfers/{way.ref}/custody/{record_ref}")
    assert f"Listed after the bag had left, {listed}" in page.text
    assert "Hearing aid, left: listed, never seen" in page.text
    assert "Missing things on it2, of which seen before: 1" in _confirmed(stranger, code)
