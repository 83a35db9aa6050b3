"""A bag changed after printing: asked by name, never taken silently; the dead print is told of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.models import Bag, Medicine
from tests.cast import Cast
from tests.integration import household
from tests.integration.found import the
from tests.integration.household import QUIET_MORNING
from tests.integration.pathway import Pathway
from tests.integration.sending import begun, printed, the_transfer
from tests.visitor import Visitor, filled

Visit = Callable[[str], Visitor]
DEAD = "The print that is in the bag no longer works"


@pytest.fixture
def more_bags(app: Flask, cast: Cast, way: Pathway) -> None:
    with app.app_context():
        begin_write()
        home = cast.places["home"].id
        db.session.add_all([Bag(home_id=home, number=n, state_since=QUIET_MORNING) for n in ("020", "030")])
        db.session.commit()


def bag_of(app: Flask) -> str:
    with app.app_context():
        return the_transfer().bag.number


def green(carer: Visitor) -> list[str]:
    """The buttons of the page's form that are not secondary, in words."""
    return [
        " ".join("".join(b.itertext()).split())
        for b in carer.page.form().iter("button")
        if "nhsuk-button" in b.get("class", "") and "secondary" not in b.get("class", "")
    ]


def test_another_bag_after_the_print_is_asked_by_name(
    app: Flask, visit: Visit, way: Pathway, more_bags: None
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    assert green(carer_at(carer, f"{path}/ready")) == ["Print pack and label"]
    carer.client.get(printed(carer, path, bag="012"))
    page = carer.open(f"{path}/ready")
    assert "Printed " in page.text
    assert "Red bag: 012 change" in page.text
    assert green(carer) == ["Hand to crew"]
    assert page.form().get("autocomplete") == "off"
    assert "bag_choice" not in {name for name, _ in filled(page.form(), {})}

    # What a browser that goes back may send: the name of the first page, and the row that moved up.
    stale = [*filled(page.form(), {}), ("bag_choice", "020")]
    for where in ("ready", "print"):
        asked = carer.post(f"{path}/{where}", stale)
        assert asked.status == 422
        assert "You printed the label of bag 012. Change to bag 020?" in asked.text
        assert "tear up the printed label and pack, and print them again" in asked.text
        assert bag_of(app) == "012"
    assert carer.press(button="keep_bag=yes").heading == "Hand to crew: is this the person?"
    assert (bag_of(app), DEAD in carer.page.text) == ("012", False)
    carer.open(f"{path}/belongings")
    assert "Change to bag 030?" in carer.press({"bag": "30"}).text

    carer.post(f"{path}/ready", stale)
    page = carer.press(button="change_bag=020")
    assert bag_of(app) == "020"
    assert f"{DEAD}: print pack and label again" in page.text
    assert green(carer) == ["Print pack and label"]
    assert DEAD in carer.open(f"{path}/handover").text
    # Back to the first bag: its label is a new one too.
    carer.open(f"{path}/ready")
    assert "Bag 020 is taken for this journey. Change to bag 012?" in carer.press({"bag": "12"}).text
    assert DEAD in carer.press(button="change_bag=012").text
    carer.client.get(f"{path}/label-62mm.pdf")
    assert f"{DEAD}: print pack again" in carer.open(f"{path}/ready").text
    carer.client.get(f"{path}/pack.pdf")
    assert DEAD not in carer.open(f"{path}/ready").text
    assert DEAD not in carer.open(f"{path}/handover").text


def carer_at(carer: Visitor, path: str) -> Visitor:
    carer.open(path)
    return carer


def test_the_bag_that_nobody_chose_is_asked_at_the_door(
    app: Flask, visit: Visit, way: Pathway, more_bags: None
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/ready")
    page = carer.press()
    assert "No bag chosen. Which bag goes along?" in page.text
    assert "handed to crew, no bag goes along" in page.text
    page = carer.press(button="take_bag=020")
    assert (page.heading, bag_of(app)) == ("Hand to crew: is this the person?", "020")
    assert "Which bag goes along?" not in page.text


def test_no_bag_once_said_is_not_asked_again(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/ready")
    page = carer.press({"bag_choice": "none"})
    assert "Which bag goes along?" not in page.text
    assert "Red bagNo bag goes along" in page.text


def test_ready_names_each_time_critical_medicine(app: Flask, cast: Cast, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        household.medicine(
            cast,
            way.resident_ref,
            "Co-careldopa",
            strength="125 mg",
            frequency="three times a day",
            times="07:00, 12:00, 17:00",
        )
        begin_write()
        the(Medicine, name="Co-careldopa").time_critical = True
        db.session.commit()
    carer = visit("carer")
    page = carer.open(f"{begun(carer, way)}/ready")
    said = page.text.partition("Time-critical medicinesCo-careldopa: ")[2]
    assert "next due" in said.partition("Resuscitation")[0]
