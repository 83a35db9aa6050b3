"""What a file does to the records, on both databases: who is meant, what changes, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from redbag.database import begin_write, db
from redbag.domain.errors import Invalid, NotFound, NotPermitted, Stale
from redbag.domain.import_rows import Faults
from redbag.domain.permissions import Role
from redbag.models import AuditEntry, BroughtIn, Medicine, RecordSection, Resident
from redbag.services import imports, medicine_list, residents
from redbag.storage import spreadsheets
from tests.cast import Cast
from tests.integration import household
from tests.integration.bringing_in import JOAN, MEDICINES, NOW, RESIDENTS, brought
from tests.integration.found import the

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def faults(cast: Cast, content: str) -> list[tuple[int, str, str, str]]:
    """Row, column, words and sentence of everything that is wrong; nothing may have been kept."""
    with pytest.raises(Faults) as wrong:
        brought(cast, content)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(BroughtIn)) == 0
    return [(f.row, f.column, f.cell, f.message) for f in wrong.value.faults]


def someone(ref: str | None = None) -> Resident:
    wanted = select(Resident).filter_by(ref=ref) if ref else select(Resident)
    return db.session.scalars(wanted).one()


def test_a_new_resident_with_medicines_and_again(app: Flask, cast: Cast) -> None:
    meds = MEDICINES + "".join(
        f"Joan,Smith,3/11/1938,Medicine {number},5 mg,tablets,1 tablet,twice a day,08:00,no\n"
        for number in range(60)
    )
    with app.app_context():
        first = brought(cast, RESIDENTS + JOAN)
        assert [one.person.name for one in first.plan.new] == ["Joan Smith"]
        joan = someone()
        assert (joan.date_of_birth, joan.nhs_number, joan.room) == (date(1938, 11, 3), "9990000018", "12")
        (section,) = joan.sections
        assert section.answers == {
            "allergy_status": "allergies",
            "allergies": [{"substance": "Penicillin", "reaction": "rash"}],
        }
        assert (section.reviewed_at, section.review_due_on) == (None, None), "a file is no review"
        assert brought(cast, meds).plan.medicines_added == 60
        assert [m.name for m in someone().medicines][:2] == ["Medicine 0", "Medicine 1"]
        before = db.session.scalar(
            select(func.count()).select_from(AuditEntry).filter_by(kind="medicine.added")
        )
        for content in (RESIDENTS + JOAN, meds):
            again = brought(cast, content).plan
            assert (again.new, again.changed, len(again.unchanged)) == ([], [], 1)
        assert len(someone().medicines) == 60
        after = db.session.scalar(
            select(func.count()).select_from(AuditEntry).filter_by(kind="medicine.added")
        )
        assert before == after == 60


def test_changes_are_shown_from_old_to_new_and_blanks_take_nothing(app: Flask, cast: Cast) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith", room="7", gp_practice="Mill Lane", gender="Female")
        household.medicine(
            cast, ref, "Ramipril", strength="5 mg", dose="1", indication="heart", marks=["controlled"]
        )
        rows = RESIDENTS.replace("Allergies", "GP") + "JOAN,Smith,3/11/1938,9990000018,12,\n"
        changes = [(c.label, c.before, c.after) for c in brought(cast, rows).plan.changed[0].changes]
        assert changes == [("Room", "7", "12"), ("NHS number", "not known", "999 000 0018")]
        joan = someone(ref)
        assert (joan.given_name, joan.gp_practice, joan.gender) == ("Joan", "Mill Lane", "Female")
        meds = MEDICINES + "Joan,Smith,3/11/1938,RAMIPRIL,5mg,,,,,\n"
        doubted = brought(cast, meds).plan  # "5mg" is another text: asked, not guessed
        assert len(doubted.doubts) == 1
        meds = MEDICINES + "Joan,Smith,3/11/1938,ramipril,5 MG,,2,,,yes\n"
        plan = brought(cast, meds).plan
        assert [(c.label, c.before, c.after) for c in plan.changed[0].changed[0].changes] == [
            ("Medicine", "Ramipril", "ramipril"),
            ("Strength", "5 mg", "5 MG"),
            ("Dose", "1", "2"),
            ("As needed", "no", "yes"),
        ]
        row = the(Medicine, dose="2")
        assert (row.indication, row.controlled, row.as_needed) == ("heart", True, True)
        assert plan.changed[0].not_in_file == ("RAMIPRIL 5mg",)


@on_sqlite
def test_who_is_meant_is_never_guessed(app: Flask, cast: Cast) -> None:
    with app.app_context():
        household.add(cast, "Joan", "Smith", nhs_number="9990000018", room="7")
        household.add(cast, "Ann", "Twin")
        household.add(cast, "Ann", "Twin")
        gone = household.add(cast, "Eve", "Gone")
        begin_write()
        left = {"left_on": "2026-03-01", "left_why": "moved"}
        residents.leave(cast.actor("carer"), gone, left, household.QUIET_MORNING)
        db.session.commit()
        found = faults(
            cast,
            RESIDENTS + "Joan,Smith,4/11/1938,999 000 0018,,\n"  # the number, another birth
            "Mary,Jones,3/11/1938,999 000 0018,,\n"  # number and birth, another name
            "Joan,Smith,3/11/1938,999 000 0026,,\n"  # name and birth, another number
            "Ann,Twin,3/11/1938,,,\n"
            "Eve,Gone,3/11/1938,,,\n",
        )
        assert [row for row, *_ in found] == [2, 3, 4, 5, 6]
        sentences = [sentence for *_, sentence in found]
        assert "belongs to Joan Smith, born 3 November 1938, room 7. The number or the date" in sentences[0]
        assert "change the name in Red Bag first" in sentences[1]
        assert "has the NHS number 999 000 0018 in Red Bag" in sentences[2]
        assert "This could be Ann Twin" in sentences[3]
        assert "left on Sun 1 Mar 2026. If they live here again" in sentences[4]


@on_sqlite
def test_somebody_much_alike_is_asked_about(app: Flask, cast: Cast) -> None:
    with app.app_context():
        household.add(cast, "Joan", "Smith", room="7")
        content = RESIDENTS + "Joan,Smyth,3/11/1938,,,\nJoan,Smith,3/11/1983,,,\nOlga,Brandt,3/11/1938,,,\n"
        with pytest.raises(Invalid) as unsure:
            brought(cast, content, sure=False)
        db.session.rollback()
        assert len(unsure.value.errors) == 2
        assert all("is not the same person as Joan Smith" in words for words in unsure.value.errors.values())
        brought(cast, content)
        assert len(db.session.scalars(select(Resident)).all()) == 4


@on_sqlite
def test_every_cell_that_is_wrong_is_named(app: Flask, cast: Cast) -> None:
    with app.app_context():
        found = faults(
            cast,
            "Surname;Forename;DOB;NHS No;Room;Allergies;Medical history\n"
            "Smith;Joan;3/4/08;999 000 0019;123456789012345678901;none;ok\n"
            ";Ann;;;;;\n"
            f"Jones;Olive;3/4/1930;;;;{'x' * 10_001}\n"
            "Able;Una;1/1/1940;;;;=A1\n",
        )
        assert [(row, column) for row, column, *_ in found] == [
            (2, "Date of birth"),
            (2, "NHS number"),
            (2, "Room"),
            (2, "Allergies"),
            (3, "Family name"),
            (3, "Date of birth"),
            (4, "Conditions"),
            (5, "Conditions"),
        ]
        by_cell = {(row, column): (cell, sentence) for row, column, cell, sentence in found}
        assert by_cell[2, "NHS number"][0] == "999 000 0019"
        assert "fails its own check" in by_cell[2, "NHS number"][1]
        assert "leave the cell empty" in by_cell[2, "NHS number"][1]
        assert "10,001" in by_cell[4, "Conditions"][1]
        assert db.session.scalars(select(Resident)).all() == []


@on_sqlite
def test_a_long_note_and_somebody_without_a_number_are_fine(app: Flask, cast: Cast) -> None:
    with app.app_context():
        note = "A long history. " * 625
        brought(cast, f'Forename,Surname,DOB,NHS No,Conditions\n,Beauty,1926-04-03,,"{note.strip()}"\n')
        row = someone()
        assert (row.given_name, row.nhs_number, row.date_of_birth) == ("", None, date(1926, 4, 3))
        (section,) = row.sections
        assert (section.key, len(section.answers["conditions"])) == ("history", 9_999)


@on_sqlite
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("Forename,Room\nJoan,2\n", "no column is called “Family name” or “Date of birth”"),
        ("Name,Age\nJoan,2\n", "The headings that were found are: “Name”, “Age”"),
        ("Surname,DOB,Date of birth\nSmith,1/1/1930,1/1/1930\n", "Two columns mean the same"),
        (RESIDENTS, "Below the headings there is no row"),
        ("# only a remark\n", "no row of headings"),
        (RESIDENTS + "Joan,Smith,1/1/1930,,,\n" * 501, "At most 500 residents"),
    ],
)
def test_files_without_what_is_needed(app: Flask, cast: Cast, content: str, sentence: str) -> None:
    with app.app_context(), pytest.raises(Invalid) as problem:
        brought(cast, content)
    assert sentence in problem.value.errors["file"]


@on_sqlite
def test_duplicated_rows_and_one_person_twice_are_refused(app: Flask, cast: Cast) -> None:
    with app.app_context():
        assert "repeats row 2" in faults(cast, RESIDENTS + JOAN + JOAN)[0][3]
        twice = RESIDENTS + JOAN + JOAN.replace(",12,", ",14,")
        assert "Row 2 is about the same person" in faults(cast, twice)[0][3]
        number = RESIDENTS + JOAN + "Ann,Other,1/1/1930,9990000018,,\n"
        assert "Row 2 has the same NHS number" in faults(cast, number)[0][3]
        household.add(cast, "Joan", "Smith")
        dose = "Joan,Smith,3/11/1938,Senna,7.5 mg,,2,at night,,\n"
        assert "repeats row 2" in faults(cast, MEDICINES + dose + dose)[0][3]


@on_sqlite
def test_a_medicine_of_nobody_is_refused(app: Flask, cast: Cast) -> None:
    with app.app_context():
        household.add(cast, "Joan", "Smith", nhs_number="9990000018")
        head = MEDICINES.replace("Times", "NHS No")
        found = faults(
            cast,
            head + "Ann,Other,3/11/1938,Senna,,,,,,\nJane,Smith,3/11/1938,Senna,,,,,9990000018,\n",
        )
        assert "Bring the resident in first" in found[0][3]
        assert "belong to Joan Smith. Whose medicine is it?" in found[1][3]


@on_sqlite
def test_one_medicine_twice_with_two_strengths_and_two_times(app: Flask, cast: Cast) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        lines = (
            "Joan,Smith,3/11/1938,Warfarin,1 mg,,1,,18:00,\n"
            "Joan,Smith,3/11/1938,Warfarin,3 mg,,1,,18:00,\n"
            "Joan,Smith,3/11/1938,Senna,,,1,,08:00,\n"
            "Joan,Smith,3/11/1938,Senna,,,2,,20:00,\n"
        )
        assert brought(cast, MEDICINES + lines).plan.medicines_added == 4
        assert not brought(cast, MEDICINES + lines).plan.changed
        later = lines.replace("2,,20:00", "2,,22:00")
        (change,) = brought(cast, MEDICINES + later).plan.changed[0].changed
        assert [(c.before, c.after) for c in change.changes] == [("20:00", "22:00")]
        neither = lines.replace("1,,08:00", "3,,07:00").replace("2,,20:00", "4,,21:00")
        assert "Which line it is cannot be told" in faults_of(cast, MEDICINES + neither)
        assert len(someone(ref).medicines) == 4


def faults_of(cast: Cast, content: str) -> str:
    with pytest.raises(Faults) as wrong:
        brought(cast, content)
    db.session.rollback()
    return " ".join(fault.message for fault in wrong.value.faults)


@on_sqlite
def test_a_stopped_medicine_comes_back_only_when_it_is_confirmed(app: Flask, cast: Cast) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        medicine = household.medicine(cast, ref, "Ramipril", strength="5 mg")
        begin_write()
        why = {"stopped_on": "2026-03-02", "stopped_why": "Too low, Dr Shah"}
        medicine_list.stop(cast.actor("carer"), ref, medicine, why, version=1, now=household.QUIET_MORNING)
        db.session.commit()
        rows = MEDICINES + "Joan,Smith,3/11/1938,Ramipril,5mg,,1,,,\n"
        with pytest.raises(Invalid) as unsure:
            brought(cast, rows, sure=False)
        assert "given again. On the list it is: stopped Mon 2 Mar 2026: Too low, Dr Shah" in str(unsure.value)


@on_sqlite
def test_allergies_are_added_and_never_taken_away(app: Flask, cast: Cast) -> None:
    def said(words: str) -> str:
        return RESIDENTS + f"Joan,Smith,3/11/1938,,,{words}\n"

    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        assert not brought(cast, said("")).plan.changed
        assert someone(ref).sections == [], "a blank is not recorded, and not “no known allergies”"
        brought(cast, said("Not known"))
        brought(cast, said("No known allergies"))
        assert someone(ref).sections[0].answers == {"allergy_status": "none_known"}
        brought(cast, said("Latex"))
        (change,) = brought(cast, said("Penicillin: rash; latex: wheeze")).plan.changed[0].changes
        assert (change.before, change.after) == ("Latex", "Latex: wheeze; Penicillin: rash")
        assert not brought(cast, said("latex")).plan.changed
        assert not brought(cast, said("Not known")).plan.changed
        assert "The record has an allergy" in faults_of(cast, said("No known allergies"))
        assert "The record says “Latex: wheeze”" in faults_of(cast, said("Latex: rash"))


@on_sqlite
def test_both_sheets_at_once_and_who_changes_name(app: Flask, cast: Cast) -> None:
    from tests.unit.test_spreadsheets import workbook

    residents_sheet = [["Surname", "Forename", "DOB", "NHS No"], ["Smith", "Joan", "3/11/1938", 9990000018]]
    medicines_sheet = [
        ["Surname", "Forename", "DOB", "NHS No", "Drug"],
        ["Smith", "Joan", "3/11/1938", None, "Senna"],
    ]
    book = workbook(("People", residents_sheet), ("MAR", medicines_sheet), ("Notes", [["Remember the milk"]]))
    with app.app_context():
        preview = brought(cast, book)
        assert (len(preview.plan.new), preview.plan.medicines_added) == (1, 1)
        assert preview.left_out == ("sheet Notes",)
        residents_sheet[1][0] = "Jones"
        medicines_sheet[1][:4] = ["Jones", "Joan", "3/11/1938", 9990000018]
        (change,) = brought(
            cast, workbook(("People", residents_sheet), ("MAR", medicines_sheet))
        ).plan.changed
        assert [(c.before, c.after) for c in change.changes] == [("Smith", "Jones")]
        assert change.unchanged_medicines == 1


def test_all_or_nothing(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        household.add(cast, "Ann", "Other")
        rows = MEDICINES + "".join(f"Ann,Other,3/11/1938,M{n},,,,,,\n" for n in range(3))

        def fail(*_: object) -> None:
            raise RuntimeError("the power went")

        monkeypatch.setattr(medicine_list.packs, "record_changed", fail)
        with pytest.raises(RuntimeError):
            brought(cast, rows)
        db.session.rollback()
        assert db.session.scalars(select(Medicine)).all() == []


def test_what_was_looked_at_is_what_is_done(app: Flask, cast: Cast) -> None:
    manager = cast.actor("manager")
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith", room="7")
        begin_write()
        rows = spreadsheets.read((RESIDENTS + "Joan,Smith,3/11/1938,,12,\n").encode())
        kept = imports.keep(manager, "export.csv", rows, NOW).ref
        seen = imports.preview(manager, kept, NOW)
        assert seen is not None
        db.session.commit()
        begin_write()
        typed = {**household.typed("Joan", "Smith"), "room": "9"}
        residents.change(cast.actor("carer"), ref, typed, version=1, now=NOW)
        db.session.commit()
        begin_write()
        with pytest.raises(Stale):
            imports.bring_in(manager, kept, fingerprint=seen.plan.fingerprint, sure=[], now=NOW)
        db.session.rollback()
        begin_write()
        now_seen = imports.preview(manager, kept, NOW)
        assert now_seen is not None
        for _ in range(2):  # sent twice, done once
            imports.bring_in(manager, kept, fingerprint=now_seen.plan.fingerprint, sure=[], now=NOW)
        db.session.commit()
        assert (someone(ref).room, someone(ref).version) == ("12", 3)
        row = db.session.scalars(select(BroughtIn)).one()
        assert row.content == {}, "what the file said about people is not kept twice"
        assert imports.preview(manager, kept, NOW) is None


@on_sqlite
def test_a_preview_is_kept_for_an_hour_and_for_one_home(app: Flask, cast: Cast) -> None:
    manager = cast.actor("manager")
    with app.app_context():
        begin_write()
        rows = spreadsheets.read((RESIDENTS + JOAN).encode())
        kept = imports.keep(manager, "export.csv", rows, NOW).ref
        with pytest.raises(NotFound):
            imports.preview(manager, kept, NOW + imports.KEPT_FOR)
        for part in ("carer", "outsider", "nurse", "administrator"):
            with pytest.raises(NotFound):
                imports.preview(cast.actor(part), kept, NOW)
            with pytest.raises(NotPermitted):
                imports.keep(cast.actor(part), "x.csv", rows, NOW)
        other_home = replace(cast.actor("outsider"), role=Role.HOME_MANAGER)
        for act in (
            lambda: imports.preview(other_home, kept, NOW),
            lambda: imports.bring_in(other_home, kept, fingerprint="", sure=[], now=NOW),
            lambda: imports.throw_away(other_home, kept, NOW),
            lambda: imports.done(other_home, kept),
        ):
            with pytest.raises(NotFound):
                act()
        imports.throw_away(manager, kept, NOW)
        with pytest.raises(NotFound):
            imports.preview(manager, kept, NOW)
        other = imports.keep(manager, "export.csv", rows, NOW).ref
        imports.keep(manager, "later.csv", rows, NOW)
        with pytest.raises(NotFound):
            imports.preview(manager, other, NOW)
        db.session.commit()  # entries are chained as the last act before it
        kinds = db.session.scalars(select(AuditEntry.kind).where(AuditEntry.kind.startswith("import."))).all()
        assert kinds == ["import.kept", "import.thrown_away", "import.kept", "import.kept"]
        assert db.session.scalars(select(RecordSection)).all() == []
