"""The pages on which a manager brings residents and medicines in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.models import AuditEntry, BroughtIn, Medicine, Resident
from redbag.storage import spreadsheets
from tests.cast import Cast
from tests.integration import household
from tests.integration.bringing_in import JOAN, MEDICINES, RESIDENTS, send
from tests.integration.household import SCRIPT
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def sent(visitor: Visitor, content: bytes | str, name: str = "export.csv") -> Visitor:
    """The visitor on the page that a file leads to."""
    answer = send(visitor.client, content, name)
    assert answer.status_code == 303, answer.text
    visitor.open(answer.location)
    return visitor


def test_from_the_list_to_everybody_in_it(app: Flask, visit: Visit) -> None:
    visitor = visit("manager")
    links = visitor.open("/residents").links()
    visitor.open(links["Bring residents and medicines in"])
    page = sent(visitor, RESIDENTS + JOAN + "Ann,Other,3/4/26,,,\n").page
    assert page.heading == "What would change"
    assert "2 new residents, 0 residents change, 0 as they are" in page.text
    assert "Read as 3 April 1926." in page.text
    assert "Room 12 Allergies Penicillin: rash" in page.text
    with app.app_context():
        assert db.session.scalars(select(Resident)).all() == []
    page = visitor.press()
    assert page.heading == "Brought in"
    assert "2 new residents, 0 residents changed" in page.text
    assert "Joan Smith" in visitor.open("/residents").text
    page = sent(visitor, RESIDENTS + JOAN).page
    assert "There is nothing to bring in" in page.text
    assert "Bring all of this in" not in page.text
    with app.app_context():
        kinds = db.session.scalars(select(AuditEntry.kind).where(AuditEntry.kind.startswith("import."))).all()
        assert kinds == [
            "import.kept",
            "import.read",
            "import.done",
            "import.read",
            "import.kept",
            "import.read",
        ]


def test_old_and_new_stand_beside_each_other(cast: Cast, app: Flask, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith", room="7")
        household.medicine(cast, ref, "Senna")
        household.medicine(cast, ref, "Apixaban", strength="5 mg", dose="1 tablet")
    visitor = visit("manager")
    page = sent(visitor, MEDICINES + "Joan,Smith,3/11/1938,Apixaban,5 mg,,2 tablets,,,\n").page
    assert "Dose Now: 1 tablet From the file: 2 tablets" in page.text
    assert "On the list and not in the file: Senna. They stay." in page.text
    page = visitor.press()
    assert "Joan Smith: Apixaban 5 mg" in page.text
    assert f"/residents/{ref}/medicines/" in page.links()["Joan Smith: Apixaban 5 mg"]


def test_a_question_must_be_answered(cast: Cast, app: Flask, visit: Visit) -> None:
    with app.app_context():
        household.add(cast, "Joan", "Smith", room="7")
    visitor = visit("manager")
    page = sent(visitor, RESIDENTS + "Joan,Smyth,3/11/1938,,,\n").page
    assert "Joan Smyth is not the same person as Joan Smith, born 3 November 1938, room 7." in page.text
    page = visitor.press()
    assert page.status == 422
    assert "Tick this if it is right" in page.text
    box = next(e for e in page.tree.iter("input") if e.get("name") == "sure")
    assert box.get("form") == "bring-in"
    form = page.form()
    assert form.get("id") == "bring-in"
    fields = [(e.get("name", ""), e.get("value", "")) for e in form.iter("input")]
    page = visitor.post(form.get("action", ""), [*fields, ("sure", box.get("value", ""))])
    assert page.heading == "Brought in"


def test_errors_stand_in_a_table_with_the_words_of_the_cell(app: Flask, visit: Visit) -> None:
    visitor = visit("manager")
    visitor.open("/residents/import")
    answer = send(visitor.client, RESIDENTS + "Joan,Smith,3/4/08,1234567890,,NKDA\n")
    page = visitor._look(answer)
    assert page.status == 422
    assert "Nothing was brought in: 3 cells must be put right first." in page.text
    rows = [
        [" ".join("".join(cell.itertext()).split()) for cell in row.iter("td")]
        for row in page.tree.iter("tr")
        if list(row.iter("td"))
    ]
    assert [row[:3] for row in rows] == [
        ["Row 2", "Column Date of birth", "What stands there 3/4/08"],
        ["Row 2", "Column NHS number", "What stands there 1234567890"],
        ["Row 2", "Column Allergies", "What stands there NKDA"],
    ]
    assert "Is this 1908 or 2008?" in rows[0][3]
    with app.app_context():
        assert db.session.scalars(select(BroughtIn)).all() == []


@pytest.mark.parametrize(
    ("size", "sentence"),
    [(30, spreadsheets.TOO_LARGE), (0, "The file is empty.")],
)
def test_a_file_of_the_wrong_size_is_answered_on_the_page(visit: Visit, size: int, sentence: str) -> None:
    visitor = visit("manager")
    answer = send(visitor.client, b"x" * (size * 1024 * 1024))
    page = visitor._look(answer)
    assert page.status == 422
    assert sentence in page.text


def test_no_file_at_all(visit: Visit) -> None:
    visitor = visit("manager")
    visitor.open("/residents/import")
    assert "Choose a file first." in visitor.press().text


def test_the_form_of_one_file_is_not_the_form_of_another(app: Flask, visit: Visit) -> None:
    """Back, another file, sent again: never the preview of the first one."""
    client = visit("manager").client
    page = client.get("/residents/import").text
    first = send(client, RESIDENTS + JOAN, page=page)
    assert send(client, RESIDENTS + JOAN, page=page).location == first.location
    other = send(client, RESIDENTS + JOAN.replace("Joan", "Ann"), page=page)
    assert other.status_code == 422
    assert "already sent with other answers" in other.text


def test_thrown_away(app: Flask, visit: Visit) -> None:
    visitor = visit("manager")
    page = sent(visitor, RESIDENTS + JOAN).page
    path = page.path
    page = visitor.press(action=f"{path}/throw-away")
    assert "Nothing was brought in. The file is forgotten." in page.text
    assert visitor.open(path).status == 404
    with app.app_context():
        assert db.session.scalars(select(BroughtIn)).one().content == {}


def test_a_script_in_every_cell_comes_out_as_text(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit("manager")
    cell = SCRIPT.replace(",", ";")
    header = "Forename,Surname,DOB,Room,GP,Conditions," + SCRIPT
    page = sent(visitor, f"{header}\n{cell},{cell},3/4/26,x,{cell},{cell},x\n", f"{SCRIPT}.csv").page
    assert SCRIPT not in page.response.text
    page = visitor.press()
    assert SCRIPT not in page.response.text
    answer = send(visitor.client, f"Surname,DOB\n{cell},{cell}\n")
    assert SCRIPT not in answer.text
    assert "&lt;script&gt;" in answer.text
    with app.app_context():
        assert db.session.scalars(select(Medicine)).all() == []


@pytest.mark.parametrize("name", ["red-bag.xlsx", "red-bag-residents.csv", "red-bag-medicines.csv"])
def test_templates_can_be_downloaded(visit: Visit, name: str) -> None:
    answer = visit("manager").client.get(f"/residents/import/templates/{name}")
    assert answer.status_code == 200
    assert name in answer.headers["Content-Disposition"]
    assert spreadsheets.read(answer.data)


def test_a_carer_does_not_see_the_way_there(visit: Visit) -> None:
    assert "Bring residents and medicines in" not in visit("carer").open("/residents").text
