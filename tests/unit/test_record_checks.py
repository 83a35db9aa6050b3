"""Answers that must fit one another: sections, identity, medicines, usual belongings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from redbag.domain import belongings, identity, medicine_fields, record_checks
from redbag.domain.errors import Invalid
from redbag.domain.medicine_line import Line
from redbag.domain.record import ALERTS, NEEDS

TODAY = date(2026, 11, 22)


def wrong(act: Any, *args: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as problem:
        act(*args)
    return problem.value.errors


def test_only_what_was_answered_is_kept() -> None:
    typed = {"choking": "no", "falls": None, "allergies": None, "cpr_original": ""}
    assert record_checks.checked(typed, TODAY) == {"choking": "no"}


def test_a_listed_allergy_is_an_answer_and_contradicts_none() -> None:
    rows = [{"substance": "Latex", "reaction": None}]
    assert record_checks.checked({"allergies": rows}, TODAY)["allergy_status"] == "allergies"
    assert (
        record_checks.checked({"allergies": rows, "allergy_status": "not_known"}, TODAY)["allergy_status"]
        == "allergies"
    )
    typed = {"allergies": rows, "allergy_status": "none_known"}
    assert set(wrong(record_checks.checked, typed, TODAY)) == {"allergy_status"}
    nameless = {"allergies": [{"substance": None, "reaction": "rash"}]}
    assert set(wrong(record_checks.checked, nameless, TODAY)) == {"allergies-0-substance"}


def test_a_list_of_infections_is_an_answer_of_its_own() -> None:
    assert record_checks.checked({"infections": [{"kind": "mrsa"}]}, TODAY)["infection"] == "yes"
    assert record_checks.checked({"infection": "no"}, TODAY) == {"infection": "no"}


@pytest.mark.parametrize("key", ["cpr_date", "catheter_changed", "weight_date", "written_on"])
def test_what_has_happened_is_not_in_the_future(key: str) -> None:
    assert record_checks.checked({key: "2026-11-22"}, TODAY) == {key: "2026-11-22"}
    assert set(wrong(record_checks.checked, {key: "2026-11-23"}, TODAY)) == {key}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"cpr_date": "2026-04-03", "cpr_review_date": "2026-04-02"}, "cpr_review_date"),
        ({"infections": [{"kind": "mrsa", "date": "2027-01-01"}]}, "infections-0-date"),
        ({"infection": "no", "infections": [{"kind": "mrsa"}]}, "infection"),
        ({"catheter": "none", "catheter_size": "14"}, "catheter"),
    ],
)
def test_two_answers_that_contradict_each_other(typed: dict[str, Any], field: str) -> None:
    assert set(wrong(record_checks.checked, typed, TODAY)) == {field}


def test_changed_fields_count_a_detail_as_its_field() -> None:
    before = {"choking": "yes", "choking_detail": "Sit up", "falls": "no"}
    after = {"choking": "yes", "choking_detail": "Small spoons", "oxygen": "no"}
    assert record_checks.changed_fields(ALERTS, before, after) == ["choking", "falls", "oxygen"]
    assert record_checks.changed_fields(NEEDS, {}, {}) == []


def person(**more: Any) -> dict[str, Any]:
    typed = {"given_name": "Joan", "family_name": "Smith", "date_of_birth": "1938-11-03"}
    return {**typed, "nhs_number": None, "nhs_not_known": ["yes"], **more}


def test_a_person_is_kept_with_days_as_days() -> None:
    kept = identity.checked(person(moved_in_on="2026-01-02"), TODAY)
    assert kept["date_of_birth"] == date(1938, 11, 3)
    assert kept["moved_in_on"] == date(2026, 1, 2)
    assert kept["nhs_number"] is None
    assert "nhs_not_known" not in kept
    typed = person(nhs_number="999 123 4500", nhs_not_known=None)
    assert identity.checked(typed, TODAY)["nhs_number"] == "9991234500"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"date_of_birth": "2026-11-23"}, "date_of_birth"),
        ({"date_of_birth": "1905-11-21"}, "date_of_birth"),
        ({"nhs_not_known": None}, "nhs_number"),
        ({"nhs_number": "9991234500"}, "nhs_number"),
        ({"nhs_number": "123", "nhs_not_known": None}, "nhs_number"),
        ({"usual_news2": 2}, "usual_news2_on"),
        ({"usual_news2_on": "2026-01-01"}, "usual_news2"),
        ({"usual_news2": 1.5, "usual_news2_on": "2026-01-01"}, "usual_news2"),
        ({"usual_news2": 1, "usual_news2_on": "2026-11-23"}, "usual_news2_on"),
        ({"moved_in_on": "1938-11-02"}, "moved_in_on"),
    ],
)
def test_a_person_who_cannot_be(more: dict[str, Any], field: str) -> None:
    assert set(wrong(identity.checked, person(**more), TODAY)) == {field}


def test_a_missing_number_is_shown_as_not_known() -> None:
    assert identity.as_typed({"nhs_number": None})["nhs_not_known"] == ["yes"]
    assert identity.as_typed({"nhs_number": "9991234500"})["nhs_not_known"] == []


def test_leaving_is_not_in_the_future_nor_before_birth() -> None:
    born = date(1938, 11, 3)
    typed = {"left_why": "died", "left_on": "2026-11-22"}
    assert identity.check_leaving(typed, born, TODAY) == (TODAY, "died")
    for day in ("2026-11-23", "1938-11-02"):
        assert set(wrong(identity.check_leaving, {**typed, "left_on": day}, born, TODAY)) == {"left_on"}


def test_a_medicine_goes_to_its_columns_and_back() -> None:
    typed = {
        "name": "Fentanyl",
        "times": "09:00",
        "marks": ["controlled"],
        "high_risk": ["patch", "opioid"],
        "review_on": "2026-12-01",
        "code": "333",
    }
    kept = medicine_fields.checked(typed)
    assert set(kept) == set(medicine_fields.COLUMNS)
    assert (kept["controlled"], kept["time_critical"], kept["as_needed"]) == (True, False, False)
    assert kept["high_risk"] == "opioid,patch"
    assert (kept["code_system"], kept["dose"], kept["started_on"]) == ("dm+d", "", None)
    shown = medicine_fields.as_typed(kept)
    assert (shown["marks"], shown["high_risk"]) == (["controlled"], ["opioid", "patch"])


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"started_on": "2026-02-01", "review_on": "2026-01-01"}, "review_on"),
        ({"as_needed_rules": "For pain"}, "marks"),
        ({"high_risk": [value for value, _ in medicine_fields.MEDICINE[10].choices]}, "high_risk"),
    ],
)
def test_a_medicine_that_cannot_be(typed: dict[str, Any], field: str) -> None:
    assert set(wrong(medicine_fields.checked, {"name": "X", **typed})) == {field}


def test_every_text_of_a_medicine_fits_its_column() -> None:
    from redbag.models import Medicine

    for question in medicine_fields.MEDICINE:
        column = Medicine.__table__.columns.get(question.key)
        if column is not None and getattr(column.type, "length", None) and question.key != "high_risk":
            assert question.longest <= column.type.length, question.key


def test_every_text_of_a_person_fits_its_column() -> None:
    from redbag.models import Resident

    for question in identity.IDENTITY:
        column = Resident.__table__.columns.get(question.key)
        if column is not None and getattr(column.type, "length", None) and question.key != "nhs_number":
            longest = max((len(v) for v, _ in question.choices), default=question.longest)
            assert longest <= column.type.length, question.key


def test_belongings_go_by_their_places() -> None:
    rows = [
        {"ref": "a", "place": 2, "name": "Glasses", "valuable": None},
        {"ref": "b", "place": None, "name": "Phone", "valuable": ["yes"]},
        {"ref": "", "place": 1, "name": "Keys", "valuable": None},
        {"ref": "d", "place": 0, "name": None, "valuable": None},
    ]
    found = belongings.checked(rows)
    assert [(item.name, item.valuable, item.ref) for item in found] == [
        ("Keys", False, ""),
        ("Glasses", False, "a"),
        ("Phone", True, "b"),
    ]
    twice = [*rows, {"place": 9, "name": " GLASSES ", "valuable": None}]
    assert set(wrong(belongings.checked, twice)) == {"items-4-name"}
    assert set(wrong(belongings.checked, [{"name": None}])) == {"items-0-name"}


def test_the_usual_belongings_are_those_of_the_pathway() -> None:
    names = [item.name for item in belongings.DEFAULT_BELONGINGS]
    assert len(names) == len(set(names)) == 22
    valuables = {item.name for item in belongings.DEFAULT_BELONGINGS if item.valuable}
    assert valuables == {"Phone", "Jewellery", "Watch", "Money", "Keys"}
    assert len(names) + 5 < 40  # the form has room for a home's own


def test_what_alerts_and_medicines_say_against_each_other_is_named() -> None:
    lines = [Line("Warfarin", strength="3 mg"), Line("Amoxicillin"), Line("Senna")]
    alerts = {"anticoagulant": "no", "allergies": [{"substance": "Penicillin"}]}
    assert record_checks.against_medicines(alerts, lines) == (
        "Anticoagulant: “No” is recorded, yet Warfarin 3 mg is on the list of medicines. Which is right?",
        "Amoxicillin: recorded allergy: Penicillin. Ask the prescriber.",
    )
    assert record_checks.against_medicines({"anticoagulant": "yes"}, lines) == ()
