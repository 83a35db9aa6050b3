"""Pages for when there is time: how they are today, and who has been told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.domain.london_time import to_london
from redbag.queries import transfers as reads
from redbag.services import packs
from tests.cast import Cast
from tests.integration import household
from tests.integration.pathway import Pathway
from tests.integration.sending import begun, the_transfer
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    """A resident whose usual needs and whose daughter are recorded."""
    with app.app_context():
        found = Pathway(cast, datetime.now(UTC) - timedelta(hours=1))
        household.record(
            cast, found.resident_ref, "needs", {"mobility": "slight", "mobility_detail": "frame"}
        )
        daughter = {"name": "Grace Obi", "relation": "daughter", "phone": "01632 960 123"}
        household.record(cast, found.resident_ref, "people", {"contacts": [daughter]})
        return found


def test_each_activity_stands_beside_its_usual_level(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/today")
    assert "Walking and moving about Usually: Slight difficulty: frame" in page.text
    assert "Sleep Usual level not recorded" in page.text
    carer.press(
        {"mobility": "worse", "mobility_detail": "cannot stand", "sleep": "as_usual", "eating": "severe"}
    )
    assert carer.page.heading.startswith("Pack ready")
    page = carer.open(f"{path}/today")
    ticked = {e.get("id") for e in page.tree.iter("input") if e.get("checked") is not None}
    assert {"mobility-worse", "sleep", "eating-level-5", "vision-none"} <= ticked
    with app.app_context():
        transfer = reads.get(way.cast.actor("carer"), the_transfer().ref)
        pack = packs.draft(transfer, "Ada Carer", datetime.now(UTC))
        needs = {e.label: e.text for section in pack.sections for e in section.entries}
    said = "Usually: Slight difficulty: frame. Today: Worse than usual: cannot stand"
    assert needs["Walking and moving about"] == said
    assert needs["Sleep"] == "Usually: not recorded. Today: As usual"
    assert needs["Eating and drinking"] == "Usually: not recorded. Today: Severe difficulty"


def test_optional_pages_are_named_on_every_step(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    for page in ("observations", "doses", "belongings", "ready"):
        links = carer.open(f"{path}/{page}").links()
        for words, key in (
            ("How they are today", "today"),
            ("Papers in the bag", "papers"),
            ("Who has been told", "told"),
        ):
            assert links[words] == f"{path}/{key}"


def test_who_was_told_needs_a_name_and_the_family_is_one_tap_away(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/told")
    assert page.links()["01632 960 123"] == "tel:01632960123"
    assert "Grace Obi, daughter" in page.text
    page = carer.press({"rows-0-when": "03:20, will come"})
    assert page.status == 422
    assert "Write who was told." in page.text
    assert page.form().find(".//input[@id='rows-0-when']").get("value") == "03:20, will come"  # type: ignore[union-attr]
    carer.press({"rows-0-who": "Grace Obi"})
    with app.app_context():
        assert the_transfer().facts["told"]["rows"] == [{"who": "Grace Obi", "when": "03:20, will come"}]


def test_a_time_is_left_empty_only_for_what_happens_now(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    assert "Leave the time empty if it is happening now." in carer.open(f"{path}/handover").text


def test_when_they_were_measured_gets_its_day_and_never_lies_ahead(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    for text, told in (("31/2", "There is no day 31/2."), ("tomorrow", "That is still to come")):
        carer.open(f"{path}/observations")
        page = carer.press({"pulse": "88", "taken_at": text})
        assert page.status == 422
        assert told in page.text
    clock = f"{to_london(datetime.now(UTC) + timedelta(hours=8)):%H:%M}"
    assert carer.press({"pulse": "88", "taken_at": clock}).status == 200
    with app.app_context():
        kept = the_transfer().facts["observations"]["taken_at"]
    assert kept.endswith(f", {clock}")
    assert kept[:3] in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
