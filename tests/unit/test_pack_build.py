"""A pack made from a source: what it says, what it says is missing, what a new version tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.pack import HomeCard, from_json, to_json
from redbag.domain.pack_build import build, item
from redbag.domain.pack_changes import differences, in_short
from redbag.domain.pack_observations import taken_words
from redbag.domain.pack_source import PackSource, SourceMedicine, SourcePerson, SourceSection

NIGHT = datetime(2026, 11, 3, 3, 10, tzinfo=UTC)
DAWN = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
HOME = HomeCard("Maple House", "01632 960100", "01632 960101", "1 Elm Road", "VN101")
PERSON = SourcePerson(
    name="Agnes Obi",
    preferred_name="Aggie",
    date_of_birth=date(1938, 11, 3),
    nhs_number="9990000018",
    gender="Female",
    room="12",
    gp_practice="Elm Surgery",
    first_language="English",
    interpreter="",
    usual_news2=1,
    usual_news2_on=date(2026, 9, 1),
)
COCARELDOPA = SourceMedicine(
    "m1",
    Line(
        "Co-careldopa",
        "tablets",
        "25 mg/100 mg",
        "1 tablet",
        "by mouth",
        "four times a day",
        ("07:00", "11:00", "15:00", "19:00"),
        time_critical=True,
        kinds=frozenset({HighRisk.PARKINSONS}),
    ),
)
RAMIPRIL = SourceMedicine(
    "m2", Line("Ramipril", "capsules", "5 mg", "1 capsule", "by mouth", "once a day", ("08:00",))
)


def source(**changes: object) -> PackSource:
    start = PackSource(
        transfer_ref="t1",
        journey_type="emergency",
        reason="fall",
        home=HOME,
        hospital="St Brannock’s Hospital",
        bag_number="012",
        person=PERSON,
        sections={
            "alerts": SourceSection(
                {
                    "allergy_status": "allergies",
                    "allergies": [{"substance": "Penicillin", "reaction": "could not breathe"}],
                    "cpr_decision": "not_recommended",
                    "cpr_form": "respect",
                    "cpr_date": "2026-01-02",
                    "cpr_original": "In the red bag",
                },
                datetime(2026, 10, 1, 9, 0, tzinfo=UTC),
                "Joy Adeyemi",
            )
        },
        medicines=(COCARELDOPA, RAMIPRIL),
        facts={"doses": {"ordinary": "all_given", "ordinary_upto": "22:00"}},
        items=(item("i1", "Glasses", 1, False, "worn"),),
    )
    return replace(start, **changes)  # type: ignore[arg-type]


def made(**changes: object):  # type: ignore[no-untyped-def]
    return build(source(**changes), version=1, made_at=NIGHT, made_by="Joy Adeyemi")


def test_the_age_is_that_of_the_london_day() -> None:
    assert made().person.age == 88
    assert (
        build(source(), version=1, made_at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC), made_by="J").person.age
        == 87
    )


def test_allergies_come_first_with_their_reaction() -> None:
    first = made().alerts[0]
    assert (first.kind, first.level, first.text) == ("allergies", "danger", "Penicillin (could not breathe)")


def test_a_time_critical_medicine_is_an_alert_that_sends_to_the_hospitals_chart() -> None:
    [alert] = [a for a in made().alerts if a.kind == "time_critical"]
    assert "07:00" in alert.text
    assert "check the hospital chart" in alert.text
    assert "last dose not answered" in alert.text


def test_all_given_as_planned_covers_ordinary_medicines_only() -> None:
    pack = made()
    assert [(m.name, m.answered) for m in pack.medicines] == [("Co-careldopa", False), ("Ramipril", True)]
    assert pack.medicines[1].last_dose == "Given as planned, last due Mon 2 Nov, 08:00"
    assert "Last dose not answered: Co-careldopa" in pack.gaps


def test_an_empty_record_is_a_pack_whose_gaps_are_named() -> None:
    pack = made(
        sections={}, medicines=(), facts={}, items=(), reason="", person=replace(PERSON, nhs_number="")
    )
    assert pack.alerts[0].title == "Allergies not recorded"
    assert pack.resuscitation.words == "CPR decision not recorded"
    assert pack.gaps[:4] == (
        "Allergies not recorded",
        "CPR decision not recorded",
        "Infection risk not recorded",
        "Why the person is going is not written",
    )
    assert "No observations taken" in pack.gaps
    assert "NHS number not known" in pack.gaps


def test_no_known_allergies_is_an_answer_and_not_known_is_another() -> None:
    def title(status: str) -> str:
        sections = {"alerts": SourceSection({"allergy_status": status})}
        return str(made(sections=sections).alerts[0].title)

    assert [title(s) for s in ("none_known", "not_known", "")] == [
        "No known allergies",
        "Allergies not known",
        "Allergies not recorded",
    ]


def test_observations_give_news2_beside_the_usual_score() -> None:
    facts = {
        "observations": {
            "respiratory_rate": 22,
            "spo2": 94,
            "on_oxygen": "no",
            "systolic_bp": 105,
            "pulse": 112,
            "consciousness": "C",
            "temperature": 38.4,
        }
    }
    seen = made(facts=facts).observations
    assert (seen.news2, seen.news2_complete) == (2 + 1 + 0 + 1 + 2 + 3 + 1, True)
    assert seen.usual_words == "Usual NEWS2 score 1 (Tue 1 Sep 2026)"


def test_a_partial_score_is_never_low() -> None:
    seen = made(facts={"observations": {"pulse": 80}}).observations
    assert not seen.news2_complete
    assert "incomplete" in seen.news2_words.lower()
    assert "low" not in seen.news2_words.lower()


def test_today_is_never_carried_forward_from_usual() -> None:
    sections = {"needs": SourceSection({"mobility": "slight", "mobility_detail": "frame"})}
    needs = made(sections=sections).section("needs")
    assert needs is not None
    walking = next(e for e in needs.entries if e.key == "mobility")
    assert walking.text == "Usually: Slight difficulty: frame"
    assert [(e.label, e.text) for e in needs.entries if "ssessed" in f"{e.label} {e.text}"] == [
        ("Today", "Not assessed for any of these")
    ]


def test_what_was_assessed_today_stands_beside_usual_and_the_rest_is_named_once() -> None:
    needs = made(
        sections={"needs": SourceSection({"mobility": "slight", "sleep": "slight"})},
        facts={"today": {"mobility": "severe", "eating": "severe"}},
    ).section("needs")
    assert needs is not None
    said = {e.key: (e.known, e.text) for e in needs.entries}
    assert said["mobility"] == (True, "Usually: Slight difficulty. Today: Severe difficulty")
    assert said["eating"] == (True, "Usually: not recorded. Today: Severe difficulty")
    assert said["sleep"] == (True, "Usually: Slight difficulty")
    assert said["washing"] == (False, "Not recorded")
    last = needs.entries[-1]
    assert last.label == "Not assessed today"
    assert "Sleep" in last.text
    assert "Eating" not in last.text


def alert_gaps(**answers: str) -> set[str]:
    section = made(sections={"alerts": SourceSection(dict(answers))}).section("alerts")
    assert section is not None
    return {e.key for e in section.entries if not e.known}


def test_an_answer_that_leaves_nothing_to_ask_is_no_gap() -> None:
    assert "allergies" not in alert_gaps(allergy_status="none_known")
    assert "allergies" in alert_gaps(allergy_status="allergies")
    assert not any(key.startswith("cpr_") for key in alert_gaps(cpr_decision="attempt"))
    assert "cpr_original" in alert_gaps(cpr_decision="not_recommended")
    assert {"allergy_status", "cpr_decision", "choking"} <= alert_gaps()
    assert "ring_first" not in alert_gaps()


def test_blood_pressure_is_one_fact() -> None:
    def measured(**answers: int) -> list[tuple[str, str]]:
        return [(e.label, e.text) for e in made(facts={"observations": answers}).observations.entries]

    assert measured(systolic_bp=98, diastolic_bp=61, pulse=80) == [
        ("Blood pressure", "98/61 mmHg"),
        ("Pulse", "80 a minute"),
    ]
    assert measured(respiratory_rate=22) == [("Breaths a minute", "22")]
    assert measured(systolic_bp=98) == [("Blood pressure, upper number", "98 mmHg")]


def test_why_now_is_told_as_situation_background_assessment_request() -> None:
    answers = dict.fromkeys(("request", "assessment", "background", "situation", "last_seen_well"), "x")
    told = made(facts={"why_now": answers | {"called": ["999"], "wishes_today": "home"}}).why_now
    assert [e.key for e in told] == [
        "situation",
        "last_seen_well",
        "called",
        "background",
        "assessment",
        "request",
        "wishes_today",
    ]


def test_when_the_next_dose_is_due_is_frozen_as_of_the_making_or_the_leaving() -> None:
    doses = {"m1": {"answer": "given", "when": "19:00 yesterday"}}
    facts = {"doses": doses, "saved_at": {"doses": NIGHT.isoformat()}}
    [parkinsons, ordinary] = made(facts=facts).medicines
    assert (parkinsons.due, parkinsons.give_next) == ("due Tue 3 Nov, 07:00", True)
    assert (ordinary.due, ordinary.give_next) == ("", False)
    assert parkinsons.when_next == "due Tue 3 Nov, 07:00"
    later = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
    gone = build(source(facts=facts, departed_at=NIGHT), version=2, made_at=later, made_by="Joy")
    assert gone.medicines[0].due == "due Tue 3 Nov, 07:00"
    waiting = build(source(facts=facts), version=2, made_at=later, made_by="Joy")
    assert waiting.medicines[0].due.startswith("was due Tue 3 Nov, 11:00: ask the home whether it was given")


def test_a_paused_medicine_is_never_said_to_be_due() -> None:
    paused = replace(COCARELDOPA, paused="After the swallow test")
    assert made(medicines=(paused,)).medicines[0].due == "paused: After the swallow test"


def test_a_patch_stands_first_and_says_what_is_not_known_of_it() -> None:
    line = Line("Butec", "patch", "10 micrograms/hour", frequency="every 7 days", times=("Monday 10:00",))
    facts = {"doses": {"p": {"answer": "given", "when": "Monday 10:00"}}}
    [medicine] = made(medicines=(SourceMedicine("p", line),), facts=facts).medicines
    assert medicine.give_next
    assert medicine.due == "change due Mon 9 Nov, 10:00"
    assert medicine.last_dose == "Given Mon 2 Nov, 10:00: where on the body not recorded"


def test_a_pack_frozen_before_next_doses_were_computed_is_still_read() -> None:
    content = to_json(made())
    for medicine in content["medicines"]:
        del medicine["due"], medicine["stands_first"]
    [first, _] = from_json(content).medicines
    assert first.give_next
    assert first.when_next == "MAR: four times a day, 07:00, 11:00, 15:00, 19:00"


def test_the_age_on_another_day() -> None:
    person = made().person
    assert [person.age_on(date(2026, 11, 2)), person.age_on(date(2027, 11, 3))] == [87, 89]
    assert person.age_on(date(1900, 1, 1)) is None
    assert replace(person, date_of_birth="about 1938").age_on(date(2026, 11, 2)) is None


def test_the_frozen_value_comes_back_the_same() -> None:
    pack = made()
    assert from_json(to_json(pack)) == pack


def test_a_field_that_an_older_version_did_not_have_takes_its_default() -> None:
    content = to_json(made())
    del content["told"]
    assert from_json(content).told == ()


def test_a_new_version_says_what_changed() -> None:
    before = made()
    facts = {
        "doses": {
            "ordinary": "all_given",
            "ordinary_upto": "22:00",
            "m1": {"answer": "given", "when": "23:00"},
        }
    }
    sections = {"alerts": SourceSection({"allergy_status": "none_known", "cpr_decision": "attempt"})}
    after = build(
        source(facts=facts, sections=sections, medicines=(COCARELDOPA,), items=()),
        version=2,
        made_at=DAWN,
        made_by="Joy",
    )
    told = differences(before, after)
    assert "Co-careldopa: last dose now “Given Mon 2 Nov, 23:00”" in told
    assert "Medicine removed: Ramipril capsules 5 mg" in told
    assert "Resuscitation: now “Attempt CPR” (was “CPR not recommended”)" in told
    assert any(line.startswith("Alert: No known allergies added") for line in told)
    assert "Belongings: Glasses, Worn removed" in told
    assert differences(before, replace(before, version=2, made_at=DAWN)) == ()


def test_a_dose_that_was_added_is_no_changed_alert_and_a_new_time_critical_medicine_is_named() -> None:
    before = made(medicines=())
    after = made(medicines=(COCARELDOPA,))
    later = made(medicines=(COCARELDOPA,), facts={"doses": {"m1": {"answer": "given", "when": "23:00"}}})
    named = "Time-critical medicine added: Co-careldopa"
    assert any(line.startswith(f"Alert: {named}") for line in differences(before, after))
    assert [line for line in differences(after, later) if line.startswith("Alert: ")] == []


def test_changes_in_short_name_the_dangers_and_count_the_rest() -> None:
    changes = [
        *(f"Medicine {n}: last dose now “Given”" for n in range(7)),
        *(f"Belongings: Thing {n}, Worn added" for n in range(5)),
        "Observations: Pulse: now “90” (was “80”)",
        "Resuscitation: now “Attempt CPR” (was “CPR not recommended”)",
        "Alert: Allergies and reactions: now “Penicillin (rash)” (was “Latex”)",
    ]
    assert in_short(changes) == [
        "Resuscitation: now “Attempt CPR”",
        "Alert: Allergies and reactions: now “Penicillin (rash)”",
        "Last doses added or changed (7)",
        "Belongings added (5)",
        "Observations: Pulse: now “90” (was “80”)",
    ]
    assert in_short(["Alert: Time-critical medicine: now “one; two” (was “one”)"]) == [
        "Alert: Time-critical medicines: dose times or last doses changed"
    ]


def test_a_safeguarding_concern_asks_to_ring_and_says_no_more() -> None:
    sections = {"alerts": SourceSection({"ring_first": "yes"})}
    [alert] = [a for a in made(sections=sections).alerts if a.kind == "ring_first"]
    assert (alert.title, alert.text) == ("Ring the home before sharing or discharge", "")


def test_a_time_that_was_typed_says_when_it_was_written() -> None:
    facts = {
        "doses": {"ordinary": "all_given", "ordinary_upto": "with her breakfast"},
        "observations": {"pulse": 80, "taken_at": "03:05"},
        "saved_at": {"doses": NIGHT.isoformat(), "observations": NIGHT.isoformat()},
    }
    pack = made(facts=facts)
    assert pack.medicines[1].last_dose == (
        "Given as planned up to with her breakfast (written Tue 3 Nov 2026, 03:10); MAR: once a day, 08:00"
    )
    assert pack.observations.taken == "Tue 3 Nov, 03:05"
    unsaid = made(facts={"observations": {"pulse": 80}, "saved_at": {"observations": NIGHT.isoformat()}})
    words = "Time taken not recorded, written Tue 3 Nov 2026, 03:10"
    assert taken_words(unsaid.observations) == words


def test_the_signed_form_that_is_not_listed_is_a_gap() -> None:
    assert any("ReSPECT or DNACPR form" in gap for gap in made().gaps)
    facts = {"papers": {"cpr": "original"}, "today": {"last_ate": "noon"}}
    gaps = made(facts=facts).gaps
    assert not any("DNACPR" in gap or "How they are today" in gap for gap in gaps)
