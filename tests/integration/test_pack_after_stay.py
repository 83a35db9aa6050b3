"""What a pack's page says of medicines and belongings when the time in hospital has overtaken the pack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.custody import Status, Step
from redbag.domain.london_time import to_london
from redbag.models import Medicine, TransferItem
from redbag.services import belongings
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.walk import Walk
from tests.visitor import Page, Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def top(page: Page) -> str:
    """The first thirty seconds, as one line of words."""
    section = page.tree.find(".//section[@aria-label='First thirty seconds']")
    return " ".join("".join(section.itertext()).split())  # type: ignore[union-attr]


def critical(way: Walk, marked: bool) -> None:
    def mark() -> None:
        medicine = the(Medicine, name="Warfarin")
        medicine.time_critical, medicine.times = marked, "07:00"

    way.write(mark)


def test_who_has_left_hospital_is_not_given_what_the_pack_says(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast)
    critical(way, True)
    way.to("packed", "left", "arrived", "admitted")
    critical(way, False)  # a list that is silent about such a one is asked about first
    way.to("medicines_listed")
    label, stay = f"/b/{way.token}", f"/ward/transfers/{way.ref}"
    nurse = visit("nurse")
    assert 'id="after"' not in nurse.open(label).response.text  # the chart of the ward is what counts
    way.to("going_home")
    for address in (label, stay):
        said = top(nurse.open(address))
        assert "Medicines changed in hospital: this pack is from before." in said
        assert "Morphine sulfate MR" in said
        assert "stopped, replaced by Oxycodone MR" in said
        assert "Not mentioned: Warfarin" in said
        assert ": ring Willow" in said
        assert said.index("Medicines changed") < said.index("CPR")
        assert "Time-critical medicines, before this stay" in said
        assert nurse.page.links()["The hospital’s list"] == f"/ward/transfers/{way.ref}/medicines"
        for stale in ("hospital’s chart now", "Give next", "No gap is known", "by the home’s MAR"):
            assert stale not in nurse.page.response.text
        assert "does not mention Warfarin" in nurse.page.text
    assert "This card is from before the stay" in nurse.open(f"{stay}/card").text
    assert "Give on time" not in nurse.page.text


def test_without_a_list_the_pack_still_says_that_it_is_from_before(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    way = Walk(app, cast).to("packed", "left", "arrived", "admitted", "going_home")
    said = top(visit("nurse").open(f"/b/{way.token}"))
    assert (
        "This pack is from before the stay in hospital. No medicines list from the hospital is here" in said
    )


def test_the_label_page_says_what_the_last_check_found(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast).to("packed")
    way.write(lambda: db.session.query(TransferItem).update({"valuable": True}))
    way.to("left", "arrived", "admitted")
    nurse = visit("nurse")
    assert "Missing at the last check" not in nurse.open(f"/b/{way.token}").text

    def checked() -> None:
        transfer = way.way.transfer
        found = {
            one.ref: Status.MISSING if "lasses" in one.description else Status.PRESENT
            for one in belongings.list_for(transfer)
        }
        told, now = "Handed to Tom Price", datetime.now(UTC)
        belongings.check(cast.actor("nurse"), transfer, Step.ADMISSION, found, valuables=told, now=now)

    way.write(checked)
    assert "Missing at the last check" in nurse.open(f"/b/{way.token}").text
    assert "Belongings: nobody named who was told" in nurse.page.text
    assert "Since then, at a check: Handed to Tom Price" in nurse.page.text


def test_no_time_critical_medicine_is_said(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast)
    way.write(lambda: db.session.query(Medicine).update({"time_critical": False}))
    way.to("packed", "left")
    assert "No time-critical medicine" in top(visit("nurse").open(f"/b/{way.token}"))


def test_after_admission_a_dose_that_is_still_to_come_is_said_calmly(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    way = Walk(app, cast)
    soon = to_london(datetime.now(UTC) + timedelta(hours=2)).strftime("%H:00")

    def critical() -> None:
        medicine = the(Medicine, name="Warfarin")
        medicine.time_critical, medicine.times, medicine.frequency = True, soon, "once a day"

    way.write(critical)
    way.to("packed", "left", "arrived", "admitted")
    nurse = visit("nurse")
    for address in (f"/b/{way.token}", f"/ward/transfers/{way.ref}"):
        said = top(nurse.open(address))
        assert f", {soon} by the home’s MAR; check the hospital’s chart" in said
        assert "Give next" not in said
    assert f", {soon})" in nurse.open(f"/ward/transfers/{way.ref}/card").text
