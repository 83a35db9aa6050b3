"""The page that a label opens: for a stranger, for hospital staff, for the bag's own home."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import event
from werkzeug.test import TestResponse

from redbag.database import begin_write, db
from redbag.documents.pack_pdf import pack_pdf
from redbag.domain.london_time import age_on, london_day
from redbag.domain.next_due import with_phone
from redbag.domain.record import CPR_ONLY
from redbag.models import Label, Medicine, PackVersion, RecordSection, SignInAttempt, TransferEvent
from redbag.queries import packs as reads
from redbag.services import labels, packs
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.pathway import Pathway
from tests.integration.walk import Walk
from tests.visitor import Visitor, filled

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = on_sqlite
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Left the home with the bag, and has not arrived."""
    return Walk(app, cast).to("packed", "left")


def rows(way: Walk, model: type) -> int:
    return way.look(lambda: db.session.query(model).count())


def test_a_stranger_reads_whose_bag_it_is_and_nothing_of_a_person(way: Walk, stranger: Visitor) -> None:
    page = stranger.open(f"/b/{way.token}")
    assert "This red bag belongs to Rowan House, bag 012." in page.text
    assert "020 7946 0199" in page.text
    whole = page.response.text
    for secret in ("Agnes", "Obi", "1938", "999 000", "Handed", "Warfarin", way.ref):
        assert secret not in whole
    assert page.response.headers["Cache-Control"] == "no-store"


def test_a_label_without_a_journey_asks_a_stranger_for_no_code(way: Walk, stranger: Visitor) -> None:
    with_journey = stranger.open(f"/b/{way.token}").text
    asked, sign_in = with_journey.index("See what travels"), with_journey.rindex("Sign in")
    address = f"/b/{way.token}"
    way.write(lambda: setattr(db.session.query(Label).one(), "transfer_id", None))
    assert stranger.open(address).text == with_journey[:asked] + with_journey[sign_in:]


def test_an_opened_label_uses_nothing_up(way: Walk, stranger: Visitor) -> None:
    address = f"/b/{way.token}"
    before = rows(way, TransferEvent)
    for _ in range(3):
        assert stranger.open(address).status == 200
    assert rows(way, TransferEvent) == before
    assert [details for _, details in way.audited("label.scanned")] == [{"seen": "home"}] * 3


@pytest.mark.parametrize("written", ["upper", "lower", "hyphens", "look-alikes"])
def test_the_token_is_matched_however_it_is_written(way: Walk, stranger: Visitor, written: str) -> None:
    text = way.token
    shown = {
        "upper": f"/B/{text}",
        "lower": f"/b/{text.lower()}",
        "hyphens": f"/b/{text[:4]}-{text[4:]}",
        "look-alikes": f"/b/{text.replace('0', 'O').replace('1', 'I')}",
    }[written]
    assert "Rowan House" in stranger.open(shown).text


@pytest.mark.parametrize("typed", ["0" * 26, "not-a-label", "UUUU", "💡"])
def test_an_unknown_token_says_what_to_do(stranger: Visitor, typed: str) -> None:
    page = stranger.open(f"/b/{typed}")
    assert page.status == 404
    assert "Scan the square code again" in page.text


def test_sign_in_leads_back_to_the_label(way: Walk, stranger: Visitor) -> None:
    page = stranger.open(f"/b/{way.token}")
    assert page.links()["Sign in"] == f"/sign-in?next=/b/{way.token}"


def test_hospital_staff_read_the_pack_and_it_is_audited(way: Walk, visit: Visit) -> None:
    page = visit("nurse").open(f"/b/{way.token}")
    assert page.heading == "Agnes Obi"
    for words in (
        "3 November 1938",
        "No known allergies",
        f"Attempt CPR. {CPR_ONLY}.",
        "Warfarin",
        "Glasses",
        "Version 1",
        "020 7946 0199",
        "This is the person: arrived",
    ):
        assert words in page.text
    assert way.audited("label.scanned") == [(way.ref, {"seen": "pack", "version": 1})]


@pytest.mark.parametrize("part", ["outsider", "administrator", "oversight"])
def test_others_who_are_signed_in_are_strangers_to_the_bag(way: Walk, visit: Visit, part: str) -> None:
    page = visit(part).open(f"/b/{way.token}")
    assert "This red bag belongs to Rowan House" in page.text
    assert "Agnes" not in page.response.text


def test_the_homes_own_staff_are_led_to_the_next_step(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast).to("packed")
    address, journey, carer = f"/b/{way.token}", f"/transfers/{way.ref}", visit("carer")
    for step, page in (
        ("", "/ready"),
        ("left", ""),
        ("arrived", ""),
        ("admitted", ""),
        ("going_home", "/receive"),
    ):
        way.to(*([step] if step else []))
        assert carer.open(address).path == journey + page
        if page == "/receive":  # whoever has just scanned the bag is not asked whether it is here
            assert dict(filled(carer.page.form(), {}))["bag_came"] == "yes"
        if page == "":
            first = next(iter(carer.page.tree.find(".//*[@class='rb-acts']")))  # type: ignore[arg-type]
            assert "".join(first.itertext()) == "Back home"
    assert visit("outsider").open(address).heading == "This red bag belongs to Rowan House, bag 012."
    assert [details for _, details in way.audited("label.scanned")] == [{"seen": "home"}] * 6
    way.to("received")
    assert carer.open(address).path.startswith(journey)
    way.write(lambda: setattr(db.session.query(Label).one(), "revoked_at", datetime.now(UTC)))
    page = carer.open(address)
    assert page.heading == "This label no longer works: bag 012"
    assert page.links()["Open this journey"] == journey
    way.write(lambda: setattr(way.way.transfer, "state", "closed"))
    assert carer.open(address).links()["Open bag 012"].startswith("/bags/")


def test_a_replaced_label_says_ring_the_home(way: Walk, visit: Visit, stranger: Visitor) -> None:
    address = f"/b/{way.token}"
    carer = way.cast.actor("carer")
    way.write(lambda: labels.issue(carer, way.way.transfer, datetime.now(UTC)))
    for visitor in (stranger, visit("nurse")):
        page = visitor.open(address)
        assert "This label has been replaced: ring the home." in page.text
        assert "Agnes" not in page.response.text


def test_a_bag_that_is_back_is_no_way_to_the_record(way: Walk, visit: Visit) -> None:
    address = f"/b/{way.token}"
    way.to("arrived", "admitted", "going_home", "received")
    assert "Agnes" not in visit("other_nurse").open(address).response.text


def test_a_bag_that_the_home_still_packs_says_so(app: Flask, cast: Cast, visit: Visit) -> None:
    page = visit("nurse").open(f"/b/{Walk(app, cast).to('packed').token}")
    assert "Rowan House has not made the pack yet" in page.text
    assert "This is the person" not in page.text
    assert "They are here: arrived" in page.text
    assert "Ring the home 020 7946 0199" in page.links()


def test_a_change_after_departure_is_named(way: Walk, visit: Visit) -> None:
    def change() -> None:
        row = db.session.query(RecordSection).filter_by(key="alerts").one()
        row.answers = {**row.answers, "choking": "yes", "choking_detail": "sit upright"}
        db.session.flush()
        packs.record_changed(way.cast.actor("carer"), way.way.transfer.resident, datetime.now(UTC))

    way.write(change)
    page = visit("nurse").open(f"/b/{way.token}")
    assert "Version 2, changed" in page.text
    assert "newer than the paper in the bag: Choking or swallowing risk added" in page.text
    older = visit("nurse").open(f"/b/{way.token}/1")
    assert "Your paper is version 1. Version 2, " in older.text
    assert "is the newest: Choking or swallowing risk added" in older.text
    newest = visit("nurse").open(f"/b/{way.token}/2")
    assert "Your paper is version 2: nothing has changed since." in newest.text
    assert "Your paper" not in visit("nurse").open(f"/b/{way.token}/9").text
    assert "Alert: Choking or swallowing risk added: sit upright" in page.text


def test_the_frozen_first_version_is_no_change(way: Walk, visit: Visit) -> None:
    assert "changed" not in visit("nurse").open(f"/b/{way.token}").text.lower().replace("unchanged", "")


def test_the_pack_page_asks_the_database_little_however_long_the_pack(way: Walk, visit: Visit) -> None:
    address, nurse = f"/b/{way.token}", visit("nurse")
    nurse.open(address)
    asked: list[str] = []
    engine = way.look(lambda: db.engine)
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    nurse.client.get(address)
    reads = [text for text in asked if text.startswith("SELECT") and "audit_entries" not in text]
    assert len(reads) == 2, reads  # the session; and the label with its journey, doubts about it and pack


def test_what_was_typed_stays_text(way: Walk, visit: Visit) -> None:
    def change() -> None:
        transfer = way.way.transfer
        transfer.facts = {"why_now": {"situation": "<script>alert(1)</script> <b>&"}}
        db.session.flush()
        packs.changed_after_departure(way.cast.actor("carer"), transfer, datetime.now(UTC))

    way.write(change)
    whole = visit("nurse").open(f"/b/{way.token}").response.text
    assert "<script>alert" not in whole
    assert "&lt;script&gt;alert(1)" in whole


def find(visitor: Visitor, typed: str) -> None:
    visitor.open("/scan")
    visitor.press({"code": typed}, action="/scan")


def test_a_typed_code_leads_to_the_label(way: Walk, stranger: Visitor, visit: Visit) -> None:
    code = way.code
    for typed in (code, f" {code[:4]}-{code[4:8]}-{code[8:]} ".lower(), f"HTTP://127.0.0.1/B/{way.token}"):
        find(stranger, typed)
        assert "This red bag belongs to Rowan House" in stranger.page.text
    nurse = visit("nurse")
    find(nurse, code)
    assert nurse.page.heading == "Agnes Obi"
    find(nurse, f"HTTP://127.0.0.1/B/{way.token}/1")
    assert "Your paper is version 1" in nurse.page.text


def test_the_address_of_another_site_is_named_and_never_opened(way: Walk, stranger: Visitor) -> None:
    for typed in (f"HTTPS://BAGS.EXAMPLE/B/{way.token}", "https://bags.example/offer"):
        find(stranger, typed)
        assert stranger.page.status == 422
        assert (
            "This is not a red bag label: it leads to bags.example. Nothing was opened." in stranger.page.text
        )
    assert rows(way, SignInAttempt) == 0


def test_the_scanners_script_learns_whose_bag_and_the_next_step_and_no_person(
    way: Walk, visit: Visit
) -> None:
    nurse = visit("nurse")
    token = nurse.open("/scan").form("/scan").find("input[@name='csrf_token']").get("value")  # type: ignore[union-attr]

    def ask(code: str) -> TestResponse:
        sent = {"csrf_token": token, "code": code}
        return nurse.client.post("/scan", data=sent, headers={"Accept": "application/json"})

    said = ask(f"HTTP://127.0.0.1/B/{way.token}")
    assert said.json["title"] == "Rowan House, bag 012"  # type: ignore[index]
    assert said.json["step"] == "Arrived, or admit"  # type: ignore[index]
    assert "Agnes" not in said.text
    assert nurse.open(said.json["href"]).heading == "Agnes Obi"  # type: ignore[index]
    assert [seen["seen"] for _, seen in way.audited("label.scanned") if seen] == ["step", "pack"]
    wrong = ask("7K2M")
    assert (wrong.status_code, wrong.json) == (
        422,
        {"problem": "A red bag code has 9 characters; this has 4."},
    )


def test_a_slip_of_the_finger_is_told_beside_the_field_and_not_counted(way: Walk, stranger: Visitor) -> None:
    code = way.code
    wrong = ("1" if code[0] != "1" else "2") + code[1:]
    find(stranger, wrong)
    assert stranger.page.status == 422
    assert "One character of the code is wrong" in stranger.page.text
    assert f'value="{wrong}"' in stranger.page.response.text
    assert rows(way, SignInAttempt) == 0


def test_guessing_codes_is_slowed_down(way: Walk, stranger: Visitor) -> None:
    for _ in range(10):
        find(stranger, "0000-0000-T")
        assert "No label has this code" in stranger.page.text
    find(stranger, way.code)
    assert stranger.page.status == 422
    assert "Too many tries" in stranger.page.text


def test_only_hospital_staff_admit(way: Walk, visit: Visit) -> None:
    carer = visit("carer")
    assert carer.client.get(f"/b/{way.token}/admit").status_code == 403


def test_the_age_is_that_of_today_not_of_the_day_the_pack_was_made(way: Walk, visit: Visit) -> None:
    def remake() -> None:
        first = db.session.query(PackVersion).one()
        kept = {c.key: getattr(first, c.key) for c in PackVersion.__table__.columns if c.key != "id"}
        content = {**first.content, "person": {**first.content["person"], "age": 12}}
        db.session.add(PackVersion(**{**kept, "number": 2, "content": content}))

    age = way.look(lambda: age_on(way.way.transfer.resident.date_of_birth, london_day(datetime.now(UTC))))
    way.write(remake)
    assert f"({age})" in visit("nurse").open(f"/b/{way.token}").text


@pytest.mark.parametrize(("days", "said"), [(0, "due "), (36, "MAR: once a day, 07:00")])
def test_a_due_time_gives_way_to_the_mar_when_it_has_long_passed_and_then_to_the_hospital_s_chart(
    app: Flask, cast: Cast, visit: Visit, days: int, said: str
) -> None:
    with app.app_context():
        way = Pathway(cast, datetime.now(UTC) - timedelta(days=days, hours=1))
        begin_write()
        medicine = the(Medicine, name="Warfarin")
        medicine.time_critical, medicine.times = True, "07:00"
        db.session.commit()
        way.packed().left().arrived()
        [frozen] = [m for m in reads.latest(way.transfer.id).medicines if m.name == "Warfarin"]  # type: ignore[union-attr]
        assert "due " in frozen.due  # the pack itself, and its paper, stay as they were made
        label = labels.current(way.transfer)
        assert label is not None
        addresses = (f"/b/{labels.token_of(label)}", f"/ward/transfers/{way.ref}")
    nurse = visit("nurse")
    for address in addresses:
        whole = nurse.open(address).response.text
        first = _critical(whole)
        assert "rb-brief__danger" in first
        assert said in first
        due = with_phone(frozen.due, "020 7946 0199")
        assert (due in first) is (days == 0)
        assert (due in whole) is (days == 0)
    with app.app_context():
        way.admitted()
    for address in addresses:
        whole = nurse.open(address).response.text
        first = _critical(whole)
        assert "rb-brief__danger" not in first
        # Until its time has come, the home's MAR still says when; then the chart alone.
        ahead = days == 0
        where = (
            "by the home’s MAR; check the hospital’s chart"
            if ahead
            else "on the hospital’s chart now, check it"
        )
        for words in ("Time-critical medicines", where, "Warfarin"):
            assert words in first
        for stale in ("Give next", "ext by the home", *([] if ahead else [frozen.due])):
            assert stale not in whole
        # In the alerts, above the list of all medicines, and here once the time has passed.
        assert whole.count("ospital’s chart now") == (2 if ahead else 3)


def test_a_dose_that_nobody_wrote_down_is_asked_about_and_never_read_as_missed(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        way = Pathway(cast, datetime.now(UTC) - timedelta(hours=1))
        begin_write()
        medicine = the(Medicine, name="Warfarin")
        medicine.time_critical, medicine.times = True, "07:00"
        db.session.commit()
        way.packed().left()
        label = labels.current(way.transfer)
        assert label is not None
        address = f"/b/{labels.token_of(label)}"
        kept = reads.latest(way.transfer.id)
        assert kept is not None
        paper = PdfReader(io.BytesIO(pack_pdf(kept))).pages[0].extract_text()
    ask = "ask the home, 020 7946 0199, whether it was given; next due"
    nurse = visit("nurse").open(address)
    assert ask in _critical(nurse.response.text)
    in_full = nurse.response.text.partition("Alerts in full</h2>")[2].partition("</section>")[0]
    assert "Warfarin" in in_full
    assert ask in in_full
    assert ask in " ".join(paper.split())
    assert "not recorded as" not in nurse.response.text + paper


def _critical(page: str) -> str:
    """What the first screen says of the medicines that are named one by one."""
    [line] = [part for part in page.split("<li ") if 'id="critical"' in part[:80]]
    return line.partition("</li>")[0]
