"""Which alerts a record gives rise to, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import pack_alerts, standing_alerts
from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.pack import Alert
from redbag.domain.record import ALERTS, Kind


def alerts(*medicines: Line, **answers: object) -> tuple[Alert, ...]:
    return standing_alerts.of(answers, medicines)


def titles(*medicines: Line, **answers: object) -> list[str]:
    return [alert.title for alert in alerts(*medicines, **answers)]


def test_an_empty_record_is_not_a_calm_one() -> None:
    found = alerts()
    assert [(one.level, one.title) for one in found] == [
        ("missing", "Allergies not recorded"),
        ("missing", "Infection risk not recorded"),
    ]
    assert all("Not the same as none" in one.text for one in found)


@pytest.mark.parametrize(
    ("answers", "level", "title", "text"),
    [
        ({"allergy_status": "none_known"}, "calm", "No known allergies", ""),
        ({"allergy_status": "not_known"}, "missing", "Allergies not known", "nobody could say"),
        ({"allergy_status": "allergies"}, "danger", "Has allergies", "not recorded to what"),
        (
            {"allergies": [{"substance": "Penicillin", "reaction": "rash"}]},
            "danger",
            "Allergies and reactions",
            "Penicillin (rash)",
        ),
        (
            # A list speaks louder than a status that contradicts it.
            {"allergy_status": "none_known", "allergies": [{"substance": "Latex", "reaction": None}]},
            "danger",
            "Allergies and reactions",
            "Latex (reaction not recorded)",
        ),
        ({"allergies": [{"substance": None, "reaction": "rash"}]}, "missing", "Allergies not recorded", ""),
    ],
)
def test_four_different_answers_about_allergies(
    answers: dict[str, object], level: str, title: str, text: str
) -> None:
    first = alerts(**answers)[0]
    assert (first.level, first.title) == (level, title)
    assert text in first.text


@pytest.mark.parametrize("key", ["choking", "anticoagulant", "refuses_blood", "adrt"])
def test_what_can_harm_now_is_danger_only_when_yes(key: str) -> None:
    said = {a.kind: a for a in alerts(**{key: "yes", f"{key}_detail": "Told by her daughter"})}
    assert said[key].level == "danger"
    assert said[key].text == "Told by her daughter"
    for other in ("no", "not_known", None):
        assert key not in {a.kind for a in alerts(**{key: other})}


@pytest.mark.parametrize("key", ["oxygen", "implant", "falls", "wandering", "dols"])
def test_the_rest_is_caution(key: str) -> None:
    assert {a.kind: a.level for a in alerts(**{key: "yes"})}[key] == "caution"


def test_an_advance_refusal_stands_on_its_own_beside_cpr() -> None:
    found = titles(cpr_decision="attempt", adrt="yes")
    assert "Advance decision to refuse treatment" in found


def test_a_deprivation_of_liberty_does_not_cover_the_hospital() -> None:
    (found,) = [a for a in alerts(dols="yes", dols_detail="Until 1 Jan 2027") if a.kind == "dols"]
    assert found.text == "Until 1 Jan 2027. Does not cover the hospital"


def test_the_reason_to_ring_first_is_never_told() -> None:
    (found,) = [a for a in alerts(ring_first="yes", ring_first_detail="secret") if a.kind == "ring_first"]
    assert (found.level, found.text) == ("danger", "")
    assert "Ring the home before sharing or discharge" not in titles(ring_first="no")


@pytest.mark.parametrize(
    ("answer", "medicine", "level"),
    [
        ("insulin", "", "danger"),
        ("tablets", "", "caution"),
        ("diet", "", "caution"),
        ("no", "", None),
        (None, "Lantus", "danger"),
        ("diet", "Lantus", "danger"),
    ],
)
def test_insulin_on_the_list_counts_whatever_the_answer(answer: str, medicine: str, level: str) -> None:
    lines = [Line(medicine, kinds=frozenset({HighRisk.INSULIN}))] if medicine else []
    found = {a.kind: a.level for a in alerts(*lines, diabetes=answer)}
    assert found.get("diabetes") == level


def test_time_critical_medicines_name_their_times() -> None:
    (found,) = [
        a
        for a in alerts(
            Line("Co-careldopa", strength="25/100", times=("07:00", "11:00"), time_critical=True),
            Line("Apixaban", time_critical=True),
            Line("Senna"),
        )
        if a.kind == "time_critical"
    ]
    assert (
        found.text == "Co-careldopa 25/100: due 07:00, 11:00 by the home’s MAR; Apixaban: times not recorded"
    )


def test_each_infection_with_its_date() -> None:
    rows = [
        {"kind": "mrsa", "date": "2026-11-03", "note": "nose"},
        {"kind": None, "date": None, "note": "asked"},
    ]
    texts = [a.text for a in alerts(infections=rows) if a.kind == "infection"]
    assert texts == ["MRSA (Tue 3 Nov 2026): nose", "Infection (date not recorded): asked"]


def test_danger_first_and_allergies_before_all() -> None:
    levels = [a.level for a in alerts(falls="yes", choking="yes", allergy_status="none_known", dols="yes")]
    assert levels == ["calm", "danger", "missing", "caution", "caution"]


def test_the_cpr_decision_is_said_in_full() -> None:
    said = standing_alerts.resuscitation(
        {
            "cpr_decision": "not_recommended",
            "cpr_form": "respect",
            "cpr_date": "2026-04-03",
            "cpr_review_date": "2027-04-03",
            "cpr_clinician": "Dr Shah",
            "cpr_original": "Red folder",
        }
    )
    assert said.words == "CPR not recommended"
    assert said.details == "ReSPECT form, Fri 3 Apr 2026, signed by Dr Shah, review Sat 3 Apr 2027"
    assert said.original == "Red folder"


@pytest.mark.parametrize(
    ("answers", "words", "original"),
    [
        ({}, "CPR decision not recorded", ""),
        ({"cpr_decision": "none_known"}, "No CPR decision known", ""),
        ({"cpr_decision": "attempt"}, "Attempt CPR", ""),
        (
            {"cpr_decision": "not_recommended"},
            "CPR not recommended",
            "Not recorded where the signed original is",
        ),
    ],
)
def test_what_is_missing_of_a_cpr_decision_is_said(
    answers: dict[str, str], words: str, original: str
) -> None:
    said = standing_alerts.resuscitation(answers)
    assert (said.words, said.original) == (words, original)


@pytest.mark.parametrize(
    ("answers", "level", "title"),
    [
        ({}, "missing", "Infection risk not recorded"),
        ({"infection": "not_known"}, "missing", "Infection risk not known"),
        ({"infection": "yes"}, "danger", "Infection risk"),
        ({"infection": "no"}, None, None),
        # A list speaks louder than an answer that contradicts it.
        ({"infection": "no", "infections": [{"kind": "cdiff"}]}, "danger", "Infection risk"),
    ],
)
def test_a_blank_about_infection_is_said_and_no_is_an_answer(
    answers: dict[str, object], level: str | None, title: str | None
) -> None:
    found = [(a.level, a.title) for a in alerts(**answers) if a.kind == "infection"]
    assert found == ([(level, title)] if title else [])


@pytest.mark.parametrize("answers", [{}, {"infection": "no"}, {"infection": "yes"}])
def test_an_infection_that_only_the_crew_was_told_of_sends_to_the_home(answers: dict[str, object]) -> None:
    found = pack_alerts.alerts_for(answers, (), False, {}, infection_told=True)
    (said,) = [a for a in found if a.kind == "infection"]
    assert (said.level, said.title) == ("danger", "Infection: the crew was told of one")
    assert said.text == "Not recorded which: ring the home"


def test_an_infection_that_is_recorded_is_said_as_it_is_recorded() -> None:
    rows = {"infections": [{"kind": "mrsa", "date": "2026-11-03"}]}
    days = pack_alerts.dates_in_words(rows)
    found = pack_alerts.alerts_for(rows, (), False, days, infection_told=True)
    assert [a.text for a in found if a.kind == "infection"] == ["MRSA (Tue 3 Nov 2026)"]


def test_treatment_limits_stand_with_the_cpr_decision() -> None:
    for answers in ({}, {"cpr_decision": "attempt"}):
        said = pack_alerts.resuscitation(answers, {}, "Not for intensive care")
        assert said.limits == "Not for intensive care"
        assert said.only == "This is about CPR only: other treatment continues"


_CHOICES = st.fixed_dictionaries(
    {},
    optional={
        q.key: st.sampled_from([value for value, _ in q.choices] + [None])
        for q in ALERTS.fields
        if q.kind is Kind.CHOICE
    },
)


@given(answers=_CHOICES)
def test_allergies_always_come_first_and_levels_never_rise(answers: dict[str, str | None]) -> None:
    found = standing_alerts.of(answers, ())
    assert found[0].kind == "allergies"
    rank = {"danger": 0, "missing": 1, "caution": 2, "calm": 3}
    order = [rank[alert.level] for alert in found[1:]]
    assert order == sorted(order)
    assert all(alert.title for alert in found)
