"""What the ward writes stands on the home's page of the journey at once, before anybody is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.models import MedicineOutcome
from redbag.services import stays
from redbag.services.stays import Leaving
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Admitted to Willow."""
    return Walk(app, cast).to("packed", "left", "arrived", "admitted")


def leave(way: Walk, **leaving: object) -> None:
    """They go home; `leaving`: what the ward says with it."""
    nurse = way.cast.actor("nurse")
    said = Leaving(method="1", summary="in_bag", home_word="yes", **leaving)  # type: ignore[arg-type]
    way.write(lambda: stays.go_home(nurse, way.way.transfer, way.way.known, said))


def test_a_listed_medicine_is_read_at_home_before_they_leave(way: Walk, visit: Visit) -> None:
    carer = visit("carer")
    assert "From the ward" not in carer.open(f"/transfers/{way.ref}").text
    way.to("medicines_listed")
    text = carer.open(f"/transfers/{way.ref}").text
    for words in (
        "Morphine sulfate MR 10 mg tablets stopped, replaced by Oxycodone MR 5 mg tablets",
        "Reason: Drowsy on morphine",
        "Started: Senna 7.5 mg",
        "Reason: Constipation",
        "Not mentioned by the ward: Warfarin 3 mg tablets",
        "Unchanged: Ramipril 5 mg tablets",
        "They have not left: the list can still change.",
    ):
        assert words in text, words


def test_new_dangers_stand_above_everything_else(way: Walk, visit: Visit) -> None:
    way.to("medicines_listed")
    leave(
        way,
        medicines="listed",
        handover={
            "new_allergy": "yes",
            "new_allergy_detail": "Codeine: rash",
            "new_cpr": "yes",
            "new_cpr_detail": "Not for CPR, 20 November",
            "infection": "MRSA, nose, treated",
            "last_doses": "Oxycodone 08:00, next 20:00",
        },
    )
    page = visit("carer").open(f"/transfers/{way.ref}")
    below = page.text.index("Back home")
    for words in (
        "New allergy or reaction: Codeine: rash",
        "New resuscitation decision: Not for CPR, 20 November",
        "Infection: MRSA, nose, treated",
    ):
        assert page.text.index(words) < below, words
    assert "Oxycodone 08:00, next 20:00" in page.text
    assert "To read, not yet accepted" in page.text
    # Read only: nothing of it is answered here.
    section = next(e for e in page.tree.iter("section") if e.get("aria-labelledby") == "from-hospital")
    assert not [e for e in section.iter() if e.tag in ("form", "input", "button")]
    assert visit("outsider").open(f"/transfers/{way.ref}").status == 404


def test_a_list_that_follows_is_not_promised_as_read(way: Walk, visit: Visit) -> None:
    leave(way, medicines="to_follow")
    text = visit("carer").open(f"/transfers/{way.ref}").text
    assert "The ward has not listed the medicines yet" in text
    assert "No medicine was changed" not in text


def test_once_accepted_the_page_says_so(way: Walk, visit: Visit) -> None:
    way.to("medicines_listed")
    leave(way, medicines="listed")

    def accept() -> None:
        for row in db.session.query(MedicineOutcome).filter_by(superseded_at=None):
            row.accepted_at = way.way.now

    way.write(accept)
    assert "The home has accepted this list." in visit("carer").open(f"/transfers/{way.ref}").text
