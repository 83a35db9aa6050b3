"""The discharge list pasted by the ward and by the home: laid beside the lines, never answered for anyone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.medicines import Outcome
from redbag.models import Medicine, MedicineLine, MedicineOutcome
from redbag.queries import returning_medicines as lists
from tests.cast import Cast
from tests.integration.found import all_that_say
from tests.integration.pathway import Pathway
from tests.visitor import Page, Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]

LIST = (
    "Medication on discharge:\r\n"
    "• Ramipril 5 mg tablets\tone\tonce a day\r\n"
    "2. Warfarin 1 mg tablets 1 tablet once a day 18:00\r\n"
    "Oxycodone MR 5 mg tablets one twice a day\r\n"
    "Senna 7.5 mg tablets two at night for constipation\r\n"
)


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    """Admitted to Willow with ramipril, warfarin and morphine."""
    with app.app_context():
        made = Pathway(cast, datetime.now(UTC) - timedelta(days=3))
        return made.packed().left().after(minutes=30).admitted().after(days=2)


@pytest.fixture(params=["ward", "home"])
def someone(request: pytest.FixtureRequest, app: Flask, visit: Visit, way: Pathway) -> Visitor:
    """The nurse at the ward's page, or the carer at the home's where the hospital recorded nothing."""
    if request.param == "ward":
        nurse = visit("nurse")
        nurse.open(f"/ward/transfers/{way.ref}/medicines")
        return nurse
    with app.app_context():
        way.going_home()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    carer.press({"bag_came": "yes"})
    assert carer.page.heading == "Medicines they came home with"
    return carer


def sent(app: Flask, way: Pathway) -> dict[str, str]:
    """The start of each sent line's field names, by the first word of the medicine."""
    with app.app_context():
        return {row.name.split()[0]: f"line-{row.ref}" for row in lists.sent(way.transfer.id)}


def standing(page: Page) -> dict[str, str]:
    """What stands in the fields of the page."""
    fields = {
        e.get("name", ""): e.get("value", "")
        for e in page.form().iter("input")
        if e.get("type") in (None, "text", "hidden") and e.get("value")
    }
    picked = [e for e in page.form().iter("input") if e.get("checked") is not None]
    return fields | {e.get("name", ""): e.get("value", "") for e in picked}


def pasted(someone: Visitor, text: str = LIST, more: dict[str, Any] | None = None) -> Page:
    return someone.press({"pasted": text, **(more or {})}, button="match=lines")


def nothing_kept(app: Flask) -> bool:
    with app.app_context():
        return db.session.query(MedicineOutcome).count() == 0


def test_each_line_is_laid_beside_its_medicine_and_none_is_answered(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    typed = {f"{line['Ramipril']}-outcome": "stopped", f"{line['Ramipril']}-reason": "Cough"}
    page = pasted(someone, more=typed)
    assert "Medicines read: 4. 2 beside a medicine below, 1 new, 1 to be placed by you." in page.text
    assert "Lines that I could not read as a medicine: Medication on discharge:" in page.text
    assert (
        "On the pasted list: Warfarin 1 mg tablets 1 tablet once a day 18:00; differs: strength 3 mg → 1 mg"
        in (page.text)
    )
    assert "Perhaps on the pasted list: Oxycodone MR 5 mg tablets one twice a day." in page.text
    assert "Which medicine is this? Oxycodone MR 5 mg tablets one twice a day" in page.text
    assert "Was one replaced by the other?" in page.text
    fields = standing(page)
    assert {name: value for name, value in fields.items() if name.endswith("-outcome")} == {
        f"{line['Ramipril']}-outcome": "stopped"
    }
    assert fields[f"{line['Ramipril']}-reason"] == "Cough"
    assert fields[f"{line['Warfarin']}-new-strength"] == "1 mg"
    assert f"{line['Warfarin']}-new-name" not in fields
    assert [fields[f"started-0-{part}"] for part in ("name", "strength", "form", "dose", "frequency")] == [
        "Senna",
        "7.5 mg",
        "tablets",
        "two",
        "at night, for constipation",
    ]
    assert "started-0-reason" not in fields
    assert page.form().find(".//textarea[@name='pasted']").text.strip() == LIST.replace("\r", "").strip()  # type: ignore[union-attr]
    assert nothing_kept(app)


def test_what_is_asked_is_put_in_place_and_the_whole_list_can_be_saved(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    pasted(someone)
    page = someone.press({"source": "summary"})
    assert page.status == 422
    assert "Say which medicine this is: Oxycodone MR 5 mg tablets one twice a day" in page.text
    place = line["Morphine"].removeprefix("line-")
    page = someone.press({"asked-2": place}, button="match=lines")
    fields = standing(page)
    assert fields[f"{line['Morphine']}-new-name"] == "Oxycodone"
    assert "differs: medicine Morphine sulfate MR → Oxycodone; strength 10 mg → 5 mg" in page.text
    page = someone.press(
        {
            f"{line['Ramipril']}-outcome": "unchanged",
            f"{line['Warfarin']}-outcome": "changed",
            f"{line['Warfarin']}-reason": "INR too high",
            f"{line['Warfarin']}-new-dose": "1 tablet",
            f"{line['Morphine']}-outcome": "replaced_by",
            f"{line['Morphine']}-reason": "Drowsy",
            "started-0-reason": "Constipation",
        }
    )
    assert page.status == 200, page.text[:800]
    with app.app_context():
        found = {one.outcome.value: one for one in lists.outcomes(way.transfer.id)}
        oxycodone = found["replaced_by"].returned
        assert oxycodone is not None
        assert (oxycodone.name, oxycodone.form, oxycodone.strength) == ("Oxycodone", "MR tablets", "5 mg")
        started = found["started"].returned
        assert started is not None
        assert (started.name, started.frequency) == ("Senna", "at night, for constipation")
        changed = found["changed"].returned
        assert changed is not None
        assert (changed.strength, changed.dose, changed.frequency) == ("1 mg", "1 tablet", "once a day")


def test_one_save_puts_an_answer_in_place_and_keeps_the_list(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    page = pasted(someone)
    folded = [e.get("name") for e in page.tree.findall(".//details//input") if "-name" in e.get("name", "")]
    assert folded == ["started-1-name", "started-2-name"]
    answers = {f"{start}-outcome": "not_mentioned" for start in line.values()}
    reasons = {f"{start}-reason": "Bleeding" for start in line.values()}
    place = {"asked-2": line["Morphine"].removeprefix("line-"), "source": "summary"}
    rest = {"started-0-reason": "Constipation", f"{line['Morphine']}-outcome": "replaced_by"}
    page = someone.press({**answers, **reasons, **place, **rest})
    assert page.status == 422
    assert "Your answers were put in place. Look at the lines below, then save again." in page.text
    assert standing(page)[f"{line['Morphine']}-new-name"] == "Oxycodone"
    pasted(someone)
    page = someone.press({"asked-2": place["asked-2"], f"{line['Morphine']}-outcome": "stopped"})
    assert page.status == 200
    with app.app_context():
        assert [one.outcome.value for one in lists.outcomes(way.transfer.id)].count("stopped") == 1


def test_matching_again_keeps_what_a_person_wrote_and_doubles_nothing(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    pasted(someone)
    own = {f"{line['Warfarin']}-new-dose": "half a tablet", "started-1-name": "Lactulose"}
    once = standing(someone.press(own, button="match=lines"))
    assert [once.get(f"started-{n}-name") for n in range(3)] == ["Senna", "Lactulose", None]
    page = pasted(someone, LIST.replace("Warfarin 1 mg", "Warfarin 2 mg").replace("Senna", "Docusate"))
    fields = standing(page)
    assert fields[f"{line['Warfarin']}-new-strength"] == "2 mg"
    assert fields[f"{line['Warfarin']}-new-dose"] == "half a tablet"
    assert {fields.get(f"started-{n}-name") for n in range(3)} == {"Docusate", "Lactulose", None}
    gone = standing(pasted(someone, "Ramipril 5 mg tablets"))
    assert f"{line['Warfarin']}-new-strength" not in gone
    assert {gone.get(f"started-{n}-name") for n in range(3)} == {"Lactulose", None}
    assert "Not on the pasted list" in someone.page.text


def test_a_list_that_was_not_matched_is_not_passed_over(app: Flask, way: Pathway, someone: Visitor) -> None:
    line = sent(app, way)
    answers = {f"{start}-outcome": "unchanged" for start in line.values()}
    page = someone.press({**answers, "source": "summary", "pasted": LIST})
    assert page.status == 422
    assert "This list is not matched yet" in page.text
    assert nothing_kept(app)
    assert someone.press({"pasted": ""}).status == 200


def test_unchanged_and_not_mentioned_are_held_against_the_pasted_line(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    pasted(someone, "Warfarin 1 mg tablets\nRamipril 5 mg tablets")
    answers = {f"{start}-outcome": "unchanged" for start in line.values()}
    page = someone.press({**answers, f"{line['Ramipril']}-outcome": "not_mentioned", "source": "summary"})
    assert page.status == 422
    assert "unchanged, yet the pasted list differs (Strength: 3 mg → 1 mg). Write how you know." in page.text
    assert "the pasted list has “Ramipril 5 mg tablets”" in page.text
    reasons = {f"{line[name]}-reason": "Rang the ward pharmacist" for name in ("Warfarin", "Ramipril")}
    assert someone.press(reasons).status == 200


def test_a_new_strength_with_the_old_number_of_tablets_is_asked_about(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    answers = {f"{start}-outcome": "unchanged" for start in line.values()}
    changed = {
        f"{line['Warfarin']}-outcome": "changed",
        f"{line['Warfarin']}-reason": "INR",
        f"{line['Warfarin']}-new-strength": "1 mg",
    }
    page = someone.press({**answers, **changed, "source": "summary"})
    assert "the strength or form is new. Write the dose too, even if it is still 1 tablet." in page.text
    often = {f"{line['Warfarin']}-new-dose": "3 tablets", f"{line['Warfarin']}-new-frequency": "twice a day"}
    page = someone.press(often)
    assert "how often is new. Write the times too, even if they are still 08:00." in page.text
    assert someone.press({f"{line['Warfarin']}-new-times": "08:00, 18:00"}).status == 200


def test_an_error_of_a_new_row_stands_at_its_own_row_though_others_are_empty(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    answers = {f"{start}-outcome": "unchanged" for start in line.values()}
    page = someone.press(
        {**answers, "source": "summary", "started-1-name": "S" * 301, "started-1-reason": "x"}
    )
    assert page.status == 422
    assert [e.get("href") for e in page.tree.iter("a") if "at most 300" in "".join(e.itertext())] == [
        "#started-1-name"
    ]


def test_a_stopped_line_that_matches_nothing_can_be_left_out(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    page = pasted(someone, "Stopped medicines:\nDiclofenac 50 mg tablets\nWarfarin 3 mg tablets")
    assert "Diclofenac 50 mg tablets (under “Stopped medicines”). It says that it is not given." in page.text
    assert "On the pasted list: Warfarin 3 mg tablets (under “Stopped medicines”)" in page.text
    answers = {f"{start}-outcome": "unchanged" for start in line.values()}
    page = someone.press({**answers, "source": "summary"})
    assert "write the reason" in page.text
    assert "Warfarin 3 mg tablets: unchanged, yet the pasted list differs (it says “Stopped”)" in page.text
    known = {f"{line['Warfarin']}-reason": "Rang the ward: it goes on"}
    assert someone.press({"started-0-out": "yes", **known}).status == 200
    with app.app_context():
        assert {one.outcome.value for one in lists.outcomes(way.transfer.id)} == {"unchanged"}


def test_a_stopped_line_is_never_the_same_and_the_one_in_its_place_has_its_own_name(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    page = pasted(
        someone,
        "Warfarin STOPPED (bleed)\nRamipril\n"
        "Metformin 500mg tablets replaced by Gliclazide 40 mg tablets od\n"
        "Senna switched to another agent",
    )
    assert "Warfarin STOPPED (bleed). The list says “STOPPED”; no dose on the list" in page.text
    assert "On the pasted list: Ramipril; no dose on the list" in page.text
    assert "what it says is the same" not in page.text
    fields = standing(page)
    assert [fields.get(f"started-0-{part}") for part in ("name", "form")] == ["Gliclazide", "tablets"]
    assert "started-1-name" not in fields
    answers = {f"{start}-outcome": "unchanged" for start in line.values()}
    page = someone.press({**answers, "source": "summary"})
    assert page.status == 422
    assert "unchanged, yet the pasted list differs (it says “STOPPED”)" in page.text
    assert "New medicine 2: write the medicine’s name." in page.text
    page = pasted(someone, "Warfarin 3 mg tablets stopped, replaced by Apixaban 5 mg tablets one bd")
    assert "in its place: Apixaban 5 mg tablets one bd" in page.text
    new = [standing(page)[f"{line['Warfarin']}-new-{part}"] for part in ("name", "strength", "frequency")]
    assert new == ["Apixaban", "5 mg", "bd"]


def test_sixty_medicines_are_matched_and_more_are_refused_with_nothing_lost(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    names = [f"Medicine{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(61)]
    page = pasted(someone, "\n".join(f"{name} 5 mg tablets" for name in names))
    assert "Match at most 60 medicines at a time (now 61). Nothing was matched." in page.text
    assert names[60] in page.response.text
    fields = standing(pasted(someone, "\n".join(f"{name} 5 mg tablets" for name in names[:60])))
    assert [fields[f"started-{n}-name"] for n in range(60)] == names[:60]
    line = sent(app, way)
    answers = {f"{start}-outcome": "not_mentioned" for start in line.values()}
    reasons = {f"started-{n}-reason": "On the summary" for n in range(60)}
    doses = {f"started-{n}-dose": "See the summary" for n in range(60)}
    assert someone.press({**answers, **reasons, **doses, "source": "summary"}).status == 200
    with app.app_context():
        assert db.session.query(MedicineLine).filter_by(side="returned").count() == 60


def test_a_ten_thousand_character_note_is_kept_or_refused_but_never_cut(app: Flask, someone: Visitor) -> None:
    page = pasted(someone, "x" * 10_001)
    assert "Use at most 10,000 characters (now 10,001). Nothing was matched." in page.text
    assert "x" * 10_001 in page.response.text
    page = pasted(someone, ("see the yellow book " * 500)[:10_000].strip())
    assert page.status == 422
    assert "Medicines read: 1." in page.text
    assert page.response.text.count("see the yellow book") >= 1000
    assert "Paste or type the list first" in pasted(someone, " \r\n ").text
    assert nothing_kept(app)


def test_markup_in_a_pasted_line_is_only_text(someone: Visitor) -> None:
    page = pasted(someone, 'Senna <script>alert(1)</script> "5 mg"\nWarfarin <b>1 mg</b>\n<i>:')
    assert "<script>alert" not in page.response.text
    assert "&lt;b&gt;" in page.response.text


BOTH = "Oxycodone 5 mg MR tablets and Tramadol 50 mg capsules will both be given (Opioid)."


def test_two_opioids_are_named_to_the_ward_the_home_and_on_paper_and_refused_by_none(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    line = sent(app, way)
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/medicines")
    page = nurse.press(
        {
            "source": "summary",
            **{f"{start}-outcome": "unchanged" for start in line.values()},
            f"{line['Morphine']}-outcome": "replaced_by",
            f"{line['Morphine']}-reason": "Drowsy",
            f"{line['Morphine']}-new-name": "Oxycodone 5 mg MR tablets",
            f"{line['Morphine']}-new-dose": "1 tablet",
            f"{line['Morphine']}-new-frequency": "twice a day",
            "started-0-name": "Tramadol 50 mg capsules",
            "started-0-dose": "1 capsule",
            "started-0-frequency": "when needed",
            "started-0-reason": "Pain",
        }
    )
    assert page.status == 422
    assert "Saved only when you confirm" in page.text
    assert nothing_kept(app)
    meant = [box.get("value", "") for box in page.tree.iter("input") if box.get("name") == "confirmed"]
    assert [BOTH in message for message in meant] == [True]
    page = nurse.press({"confirmed": meant[0]})
    assert page.status == 200
    assert BOTH in " ".join("".join(page.tree.itertext()).split())
    assert BOTH in nurse.open(f"/ward/transfers/{way.ref}/medicines").text
    with app.app_context():
        way.going_home()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    page = carer.press({"bag_came": "yes"})
    assert BOTH in page.text
    assert BOTH in carer.open(f"/transfers/{way.ref}/return/difference").text
    with app.app_context():
        ticks = {
            f"line-{one.row.ref}": "read"
            for one in lists.outcomes(way.transfer.id)
            if one.outcome is not Outcome.UNCHANGED
        }
    carer.open(f"/transfers/{way.ref}/return/medicines")
    page = carer.press({**ticks, "witness": "Tom Price", "against": "summary"})
    assert page.heading == "Belongings: is everything here?"
    with app.app_context():
        assert all_that_say(Medicine, stopped_on=None, name="Morphine sulfate MR") == []


def test_an_opioid_changed_into_another_is_sent_to_replaced_by(
    app: Flask, way: Pathway, someone: Visitor
) -> None:
    line = sent(app, way)
    page = someone.press(
        {
            "source": "summary",
            **{f"{start}-outcome": "unchanged" for start in line.values()},
            f"{line['Morphine']}-outcome": "changed",
            f"{line['Morphine']}-reason": "Pain",
            f"{line['Morphine']}-new-name": "Oxycodone MR",
        }
    )
    assert page.status == 422
    assert "Answer “Replaced by another”: then the first one stops." in page.text
