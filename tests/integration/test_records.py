"""The sections of a standing record: saved, reviewed, clashed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.errors import Invalid, NotFound, Stale
from redbag.domain.record import SECTIONS, Kind, Section
from redbag.models import AuditEntry, Organisation, RecordSection
from redbag.queries import residents
from redbag.services import records
from tests.cast import Cast
from tests.integration import household
from tests.integration.household import QUIET_MORNING, SCRIPT
from tests.visitor import Visitor, filled

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
every_section = pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.key)


def full(section: Section, text: str = "Words") -> dict[str, object]:
    """What a person types who answers every question of a section."""
    typed: dict[str, object] = {}
    for question in section.fields:
        if question.kind is Kind.ROWS:
            for column in question.columns:
                typed |= _typed(f"{question.key}-0-{column.key}", column.kind, column.choices, text)
        else:
            typed |= _typed(question.key, question.kind, question.choices, text)
        if question.detail:
            typed[f"{question.key}_detail"] = text
    return typed | {key: value for key, value in _FITTING.items() if key in typed}


# Answers that must fit one another.
_FITTING = {"catheter": "urethral", "cpr_review_date-year": "2027", "weight": "61.5"}


def _typed(name: str, kind: Kind, choices: tuple[tuple[str, str], ...], text: str) -> dict[str, object]:
    match kind:
        case Kind.DATE:
            return {f"{name}-day": "3", f"{name}-month": "2", f"{name}-year": "2026"}
        case Kind.CHOICE | Kind.YES_NO:
            return {name: choices[0][0]}
        case Kind.NUMBER:
            return {name: "30"}
        case _:
            return {name: text}


@on_sqlite
@every_section
def test_every_answer_of_a_section_is_kept_and_shown_again(
    app: Flask, cast: Cast, visit: Visit, section: Section
) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    visitor = visit("carer")
    path = f"/residents/{ref}/record/{section.key}"
    visitor.open(path)
    typed = full(section)
    page = visitor.press(typed, action=path)
    assert page.path == f"/residents/{ref}", page.text[:400]
    assert f"{section.title}: saved" in page.text
    assert section.fields[0].label in page.text
    visitor.open(path)
    form = visitor.page.form(path)
    kept = dict(filled(form, {}))
    assert {name: kept.get(name) for name in typed} == typed
    with app.app_context():
        row = residents.sections_of(residents.get(cast.actor("carer"), ref))[section.key]
        assert set(row.answers) >= {q.key for q in section.fields}


@on_sqlite
@every_section
def test_a_script_in_every_box_of_a_section_comes_out_as_text(
    app: Flask, cast: Cast, visit: Visit, section: Section
) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    visitor = visit("carer")
    path = f"/residents/{ref}/record/{section.key}"
    visitor.open(path)
    page = visitor.press(full(section, SCRIPT), action=path)
    assert page.path == f"/residents/{ref}", page.text[:400]
    for shown in (page, visitor.open(path)):
        assert SCRIPT not in shown.response.text
        assert "&lt;script&gt;" in shown.response.text


@on_sqlite
def test_what_was_typed_is_kept_when_something_is_wrong(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    visitor = visit("carer")
    path = f"/residents/{ref}/record/alerts"
    visitor.open(path)
    page = visitor.press(
        {
            "allergy_status": "none_known",
            "allergies-0-substance": "Penicillin",
            "allergies-0-reaction": "rash",
            "cpr_date-day": "40",
            "cpr_date-month": "1",
            "cpr_date-year": "2026",
            "choking": "yes",
            "choking_detail": "Sit upright",
        },
        action=path,
    )
    assert page.status == 422
    assert "There is no such day" in page.text
    assert 'value="Sit upright"' in page.response.text
    assert 'value="Penicillin"' in page.response.text
    assert 'value="40"' in page.response.text
    page = visitor.press({"cpr_date-day": "4"}, action=path)
    assert page.status == 422
    assert "You chose “no known allergies” and listed one below. Which is right?" in page.text
    with app.app_context():
        assert db.session.query(RecordSection).count() == 0
    page = visitor.press({"allergy_status": "allergies"}, action=path)
    assert page.status == 200
    assert "Penicillin (rash)" in page.text


@on_sqlite
def test_another_row_is_shown_and_nothing_is_kept_yet(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    visitor = visit("carer")
    path = f"/residents/{ref}/record/people"
    visitor.open(path)
    before = visitor.page.response.text.count('name="contacts-')
    typed = {"contacts-0-name": "Mary", "contacts-1-name": "Ann"}
    page = visitor.press(typed, action=path, button="more_rows=contacts")
    assert page.status == 200
    assert page.response.text.count('name="contacts-') > before
    assert 'value="Ann"' in page.response.text
    with app.app_context():
        assert db.session.query(RecordSection).count() == 0
    page = visitor.press({"contacts-2-name": "Eve"}, action=path)
    for name in ("Mary", "Ann", "Eve"):
        assert name in page.text


@on_sqlite
def test_nothing_has_changed_is_one_tap(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        household.record(cast, ref, "wishes", {"place_of_care": "Here"})
        version = _row(cast, ref, "wishes").version
    visitor = visit("manager")
    path = f"/residents/{ref}/record/wishes"
    visitor.open(path)
    page = visitor.press(action=f"{path}/reviewed")
    assert "Wishes: marked as reviewed today." in page.text
    assert "by Tom Price" in page.text
    with app.app_context():
        row = _row(cast, ref, "wishes")
        assert row.answers == {"place_of_care": "Here"}
        assert row.version == version + 1
        assert db.session.query(AuditEntry).filter_by(kind="section.reviewed").count() == 1


def test_an_empty_section_cannot_be_marked_as_reviewed(app: Flask, cast: Cast) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        with pytest.raises(Invalid):
            records.mark_reviewed(cast.actor("carer"), ref, "wishes", version=0, now=QUIET_MORNING)


def test_the_second_of_two_savers_is_refused_with_what_stands(app: Flask, cast: Cast) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        for stale in (0, 1):
            household.record(cast, ref, "wishes", {"place_of_care": f"Kept {stale}"}, version=stale)
            begin_write()
            with pytest.raises(Stale) as clash:
                typed = {"place_of_care": "Too late"}
                records.save(carer, ref, "wishes", typed, version=stale, now=QUIET_MORNING)
            assert clash.value.theirs == {"place_of_care": f"Kept {stale}"}
            db.session.rollback()
        with pytest.raises(Stale):
            records.mark_reviewed(carer, ref, "wishes", version=1, now=QUIET_MORNING)


@on_sqlite
def test_a_clash_shows_both_versions(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        household.record(cast, ref, "wishes", {"place_of_care": "Here", "papers": "In the safe"})
    path = f"/residents/{ref}/record/wishes"
    one, other = visit("carer"), visit("manager")
    one.open(path)
    other.open(path)
    other.press({"place_of_care": "With her sister"}, action=path)
    page = one.press({"place_of_care": "The hospice"}, action=path)
    assert page.status == 409
    assert "Preferred place of care With her sister The hospice" in page.text
    assert "In the safe In the safe" not in page.text
    page = one.press({}, action=path)
    assert page.status == 200
    with app.app_context():
        kept = _row(cast, ref, "wishes").answers
        assert kept == {"place_of_care": "The hospice", "papers": "In the safe"}


@on_sqlite
def test_adding_a_row_does_not_take_the_newest_version_unseen(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    path = f"/residents/{ref}/record/people"
    one, other = visit("carer"), visit("manager")
    one.open(path)
    other.open(path)
    other.press({"contacts-0-name": "Mary"}, action=path)
    one.press({"contacts-0-name": "Ann"}, action=path, button="more_rows=contacts")
    assert one.press({}, action=path).status == 409


def test_the_review_is_due_by_the_sections_or_the_homes_interval(app: Flask, cast: Cast) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        household.record(cast, ref, "alerts", {"choking": "no"})
        assert _row(cast, ref, "alerts").review_due_on == date(2026, 3, 2) + timedelta(days=30)
        home = db.session.get_one(Organisation, cast.places["home"].id)
        home.thresholds = {"review_days_alerts": 7}
        db.session.commit()
        household.record(cast, ref, "alerts", {"choking": "no"}, version=1)
        assert _row(cast, ref, "alerts").review_due_on == date(2026, 3, 9)


@on_sqlite
def test_there_is_no_other_section(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    assert visit("carer").open(f"/residents/{ref}/record/observations").status == 404
    with pytest.raises(NotFound):
        records.section_named("")


def _row(cast: Cast, ref: str, key: str) -> RecordSection:
    return residents.sections_of(residents.get(cast.actor("carer"), ref))[key]


def test_an_error_stands_at_the_row_that_the_person_sees(app: Flask, cast: Cast, visit: Visit) -> None:
    """A blank row above is left out of the answers; the sentence must not move up to it."""
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    carer = visit("carer")
    carer.open(f"/residents/{ref}/record/alerts")
    future = {"infections-1-date-day": "1", "infections-1-date-month": "1", "infections-1-date-year": "2099"}
    page = carer.press({"infections-1-kind": "mrsa", **future, "allergies-1-reaction": "Rash"})
    assert page.status == 422
    links = page.links()
    assert links["This day is in the future. Check the date of the infection."] == "#infections-1-date-day"
    assert links["Write what the person reacts to."] == "#allergies-1-substance"
