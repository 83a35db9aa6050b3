"""A manager brings a file in, and a carer is offered names while typing: in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from redbag.database import begin_write, db
from redbag.domain.dictionary import Concept, Level
from redbag.services import dictionary
from tests.browser.conftest import Site, Visit
from tests.integration import household
from tests.integration.bringing_in import NOW

PEOPLE = (
    "Forename,Surname,DOB,NHS No,Room,Allergies,Colour\n"
    "Joan,Smith,3/11/38,999 000 0018,12,Penicillin: rash,red\n"
    "Ann,Smyth,3/11/1938,,14,,\n"
    "Una,Able,3/4/26,,15,No known allergies,\n"
)
WRONG = "Forename,Surname,DOB,NHS No,Allergies\nJoan,Smith,3/4/08,1234567890,none\n"
SCREENS = [{"width": 320, "height": 640}, {"width": 768, "height": 1024}, {"width": 1280, "height": 900}]


def choose(visit: Visit, content: str, name: str = "residents.csv") -> Visit:
    """Chooses this file on the page and shows what would change."""
    file = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    visit.page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]
    return visit.tap("button", "Show what would change")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda s: str(s["width"]))
def test_a_file_on_every_screen(site: Site, visit_as: Callable[..., Visit], screen: dict[str, int]) -> None:
    with site.app.app_context():
        household.add(site.cast, "Joan", "Smith", room="7")
        household.add(site.cast, "Anne", "Smyth", room="8")
    manager = visit_as("manager", screen).go("/residents")
    manager.tap("link", "Bring residents and medicines in").judge()
    choose(manager, WRONG).judge()
    assert "Is this 1908 or 2008?" in manager.text
    choose(manager, PEOPLE).judge()
    assert "Left out, because Red Bag has no place for it: Colour" in manager.text
    manager.tap("button", "Bring all of this in").judge()
    assert "Tick this if it is right" in manager.text
    for box in manager.page.get_by_role("checkbox").all():
        box.check()
    manager.tap("button", "Bring all of this in").judge()
    assert manager.heading == "Brought in"
    assert manager.faults == []


def test_a_name_that_is_taken_over_brings_its_code(site: Site, visit_as: Callable[..., Visit]) -> None:
    with site.app.app_context():
        joan = household.add(site.cast, "Joan", "Smith")
        household.medicine(site.cast, joan, "Paracetamol soluble")
        found = dictionary.difference([Concept("322236009", Level.VMP, "Paracetamol 500mg tablets")])
        begin_write()
        for step in dictionary.steps(found, "test", 1, NOW):
            step()
        db.session.commit()
    carer = visit_as("carer").go(f"/residents/{joan}/medicines/new").judge()
    name = carer.page.get_by_label("Medicine", exact=True)
    name.press_sequentially("para")
    options = carer.page.locator("#known-name option")
    expect(options).to_have_count(2)
    assert [o.get_attribute("value") for o in options.all()] == [
        "Paracetamol soluble",
        "Paracetamol 500mg tablets",
    ]
    name.fill("Paracetamol 500mg tablets")
    expect(carer.page.locator("#name-coded")).to_have_text("dm+d generic product, code 322236009")
    expect(carer.page.locator("#code")).to_have_value("322236009")
    carer.judge()
    name.fill("Paracetamol 500mg tablets, crushed")
    expect(carer.page.locator("#code")).to_have_value("")
    name.fill("Paracetamol 500mg tablets")
    expect(carer.page.locator("#code")).to_have_value("322236009")
    carer.tap("button", "Save", exact=True).judge()
    carer.page.get_by_label("Paracetamol is on the list already").check()
    carer.tap("button", "Save", exact=True)
    assert "Paracetamol 500mg tablets" in carer.text
    assert carer.faults == []
