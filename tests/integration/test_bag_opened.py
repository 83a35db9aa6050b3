"""The bag opened between two handovers, also written down late; and a bag that stayed behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.domain.errors import Invalid
from redbag.queries import custody, custody_record
from redbag.queries import transfers as reads
from redbag.services import bags, belongings, stays
from redbag.services.stays import Known, Leaving
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.visitor import Visitor, moment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WILLOW = "St Brannock’s Hospital, Willow"


def test_a_late_word_that_it_was_seen_narrows_the_loss_and_finds_nothing_again(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor]
) -> None:
    walk = Walk(app, cast).to("packed", "left", "admitted")
    items = walk.look(lambda: {i.description[:8]: i.ref for i in belongings.list_for(walk.way.transfer)})
    dentures = f"item-{items['Dentures']}"
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{walk.ref}/check-in")
    assert nurse.press({dentures: "missing"}).status == 200
    admitted = walk.fact("admitted_at")
    path = f"/ward/transfers/{walk.ref}/opened"
    nurse.open(path)
    page = nurse.press({dentures: "present", **moment("occurred_at", admitted - timedelta(hours=1))})
    assert page.status == 422
    assert "looked through after that" in page.text
    seen_at = (admitted + timedelta(minutes=20)).replace(second=0, microsecond=0)
    nurse.open(path)
    page = nurse.press({dentures: "present", "why": "To clean them", **moment("occurred_at", seen_at)})
    assert "The bag was opened: To clean them" in page.text
    assert "Written down" in page.text

    def now() -> tuple[object, ...]:
        [lost] = custody.picture(walk.way.transfer).lost
        missing = reads.missing_things([walk.way.transfer.id])
        return lost.last_seen.at, lost.last_seen.step, lost.held_by, list(missing.values())

    # It was there later than the packing, and is missing still: the newest look counts, not the newest word.
    assert walk.look(now) == (seen_at, Step.OPENED, (WILLOW,), [["Dentures, upper"]])
    carer = visit("carer")
    assert "Lost between when the bag was opened" in carer.open(f"/transfers/{walk.ref}").text
    assert "the bag was opened; To clean them" in carer.page.text


def test_two_names_for_valuables_and_a_bag_that_stays_behind(app: Flask, cast: Cast) -> None:
    walk = Walk(app, cast).to("packed", "left", "admitted")
    way, nurse, carer = walk.way, cast.actor("nurse"), cast.actor("carer")
    later = way.now + timedelta(hours=1)

    def look() -> None:
        found = dict.fromkeys((i.ref for i in belongings.list_for(way.transfer)), Status.PRESENT)
        told = {"valuables": "In the ward safe", "witness": "Sister Okoro"}
        belongings.check(nurse, way.transfer, Step.OPENED, found, **told, now=later)

    walk.write(look)
    told = walk.look(lambda: custody_record.of(way.transfer).checks[-1])
    assert (told.words, told.witness, told.valuables) == (
        "The bag was opened",
        "Sister Okoro",
        "In the ward safe",
    )
    leaving = Leaving(method="1", home_word="yes", bag="kept")
    walk.write(lambda: stays.go_home(nurse, way.transfer, Known(later, later), leaving))
    assert walk.look(lambda: custody.picture(way.transfer).holder) == WILLOW
    walk.write(lambda: bags.bag_is(carer, walk.ref, "here", note="", now=later + timedelta(hours=1)))
    back = walk.look(lambda: custody_record.of(way.transfer))
    assert back.holder == "Rowan House"
    assert back.handovers[-1].words == "The bag came back by itself"


def test_nobody_looks_in_the_future(app: Flask, cast: Cast) -> None:
    walk = Walk(app, cast).to("packed", "left", "admitted")
    with app.app_context():
        begin_write()
        found = dict.fromkeys((i.ref for i in belongings.list_for(walk.way.transfer)), Status.PRESENT)
        soon = walk.way.now + timedelta(hours=1)
        with pytest.raises(Invalid, match="future"):
            belongings.check(
                cast.actor("nurse"),
                walk.way.transfer,
                Step.OPENED,
                found,
                occurred_at=soon,
                now=walk.way.now,
            )
        db.session.rollback()
