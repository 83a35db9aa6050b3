"""The whole matrix: every address, every role, one's own organisation and another's.

What is expected is computed from the policy (redbag/domain/permissions.py) and from who owns the record
that stands in the address, never from the views. An address with an argument that is not known here
fails: add an example of it, and whose it is.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from redbag.database import begin_write, db
from redbag.domain.import_cells import Cell, Line, Sheet
from redbag.domain.permissions import Actor, can
from redbag.domain.transfer_states import Action
from redbag.models import (
    Device,
    EmergencyLook,
    Medicine,
    Paper,
    Seen,
    Task,
    Transfer,
    TransferEvent,
    TransferItem,
)
from redbag.services import (
    accounts,
    bag_reports,
    blank_labels,
    custody_records,
    devices,
    found_photos,
    history,
    imports,
    labels,
    papers,
)
from redbag.services.history_files import Asked, read
from redbag.storage.drawn import Drawn
from redbag.storage.long_tables import ON_A_PAGE
from redbag.storage.scratch import scratch
from tests import papers as pictures
from tests import permissions_table
from tests.cast import Cast
from tests.integration.guest import let_in
from tests.integration.pathway import Pathway
from tests.integration.tablet import copied

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PARTS = (
    "carer",
    "manager",
    "outsider",
    "nurse",
    "hospital_manager",
    "other_nurse",
    "administrator",
    "oversight",
    "guest",
)
HOME = frozenset({"carer", "manager"})
HOSPITAL = frozenset({"nurse", "hospital_manager"})
ANY_HOSPITAL = HOSPITAL | {"other_nurse"}
ANYBODY = frozenset(PARTS)
ON_A_DEVICE = {"account.who_are_you", "account.ask_pin"}
"""Public pages of an enrolled device: any other browser is sent to sign in."""
OF_A_SERVICE = {"account.sign_in_with", "account.back_from_service"}
"""Public pages of a sign-in service: not found where there is none, as here (test_single_sign_on)."""
WRITING = {"POST", "PUT", "PATCH", "DELETE"}
# Shown, or sent on to where it is shown, or "not at this step of the journey".
LET_IN = {200, 302, 303, 409}


@dataclass(frozen=True)
class Example:
    """What stands in an address, and whose it is."""

    value: str
    owners: frozenset[str]


@pytest.fixture
def examples(app: Flask, cast: Cast) -> Iterator[dict[str, Example]]:
    """One of each, by argument or by endpoint and argument. One journey is admitted, one on its way."""
    with app.app_context():
        start = datetime.now(UTC) - timedelta(hours=30)
        stay = Pathway(cast, start)
        begin_write()
        page = [Drawn((pictures.jpeg(),), b"small")]
        papers.add(cast.actor("carer"), stay.resident_ref, "lpa", "", page, start)
        db.session.commit()
        stay.packed().after(hours=1).left().after(hours=1).arrived().after(hours=1).admitted()
        begin_write()
        papers.add_summary(cast.actor("nurse"), stay.ref, page, start + timedelta(hours=4))
        packed = db.session.scalars(select(TransferItem.ref)).first() or ""
        shot = found_photos.add(
            cast.actor("nurse"), stay.ref, packed, page[0], start + timedelta(hours=4)
        ).ref
        db.session.commit()
        events = db.session.scalars(select(TransferEvent).filter_by(transfer_id=stay.transfer.id)).all()
        medicine = db.session.scalars(select(Medicine.ref)).first()
        thing = db.session.scalars(select(TransferItem.ref)).first() or ""
        begin_write()
        token = labels.token_of(labels.current(stay.transfer))  # type: ignore[arg-type]
        task = Task(
            organisation_id=cast.places["home"].id,
            transfer_id=stay.transfer.id,
            kind="ring_ward",
            created_at=start,
        )
        link = accounts.new_link(None, cast.actor("carer").account_ref, start + timedelta(hours=1)).token
        said = bag_reports.of_stay(cast.actor("nurse"), stay.ref, "here", note="", now=start)
        home = cast.places["home"].id
        carer = cast.actor("carer").account_id
        seen = Seen(organisation_id=home, key="long_stay_home:x:1", account_id=carer, seen_at=start)
        db.session.add_all([task, seen])
        db.session.commit()
        both = HOME | HOSPITAL
        begin_write()
        rows = [Line(1, (Cell("Surname"), Cell("DOB"))), Line(2, (Cell("Brandt"), Cell("3/11/1938")))]
        kept = imports.keep(cast.actor("manager"), "x.csv", [Sheet("", tuple(rows))], datetime.now(UTC)).ref
        db.session.commit()
        stay_papers = {row.kind: row.ref for row in db.session.scalars(select(Paper))}
        begin_write()
        devices.enrol(cast.actor("manager"), "", "Night tablet", "", start)
        db.session.commit()
        device = db.session.scalars(select(Device.ref)).one()
        begin_write()
        waiting = blank_labels.make(cast.actor("carer"), 1, "", start)[0].ref
        record = custody_records.issue(cast.actor("carer"), stay.ref, datetime.now(UTC)).ref
        db.session.commit()
        ward = Example(cast.places["hospital"].wards["Willow"], ANYBODY)
        person = Example(cast.actor("outsider").account_ref, ANYBODY)
        found = {
            "resident_ref": Example(stay.resident_ref, HOME),
            "medicine_ref": Example(medicine or "", HOME),
            "bag_ref": Example(stay.bag_ref, HOME),
            "key": Example("alerts", ANYBODY),
            "what": Example("home", ANYBODY),
            "label_format": Example("62mm", ANYBODY),
            "label_ref": Example(waiting, HOME),
            "first": Example("1", HOME),
            "last": Example("1", HOME),
            "task_ref": Example(task.ref, both),
            "item_ref": Example(thing, HOME),
            "token": Example(token, ANY_HOSPITAL | {"guest"}),
            "guest_ref": Example(let_in(app, cast, token)[1].account_ref, HOME),
            "home paper_ref": Example(stay_papers["lpa"], HOME),
            "ward paper_ref": Example(stay_papers["lpa"], ANYBODY),
            "summary paper_ref": Example(stay_papers["summary"], HOSPITAL),
            "number": Example("1", ANYBODY),
            "import_ref": Example(kept, HOME),
            "paper": Example("1", ANYBODY),
            "file_name": Example("red-bag.xlsx", ANYBODY),
            "page": Example("length-of-stay", ANYBODY),
            "form": Example("csv", ANYBODY),
            "measure": Example("home_contact", ANYBODY),
            "which": Example("missed", ANYBODY),
            "history_ref": Example(earlier_stays(cast), frozenset({"manager", "administrator"})),
            "template_name": Example("earlier-stays.csv", ANYBODY),
            "act": Example("lose", ANYBODY),
            "report_ref": Example(said.ref, HOME),
            "message_ref": Example(said.ref, HOSPITAL),
            "bag_token": Example(token, ANYBODY),
            "seen_ref": Example(seen.ref, HOME),
            "site_ref": Example(cast.places["hospital"].ref, ANYBODY),
            "join token": Example(link, ANYBODY),
            "home ref": Example(stay.ref, both),
            "ward ref": Example(stay.ref, both),
            "home event_ref": Example(_last(events, Action.HAND_TO_CREW), both),
            "ward event_ref": Example(_last(events, Action.ADMIT), both),
            "device_ref": Example(device, HOME | {"administrator"}),
            "tablet_ref": Example(copied(cast), HOME | {"administrator"}),
            "person_ref": Example(cast.actor("carer").account_ref, ANYBODY),
            "custody ref": Example(stay.ref, both),
            "record_ref": Example(record, both),
            "thing_ref": Example(thing, both),
            "shot_ref": Example(shot, both),
            "account ref": Example(cast.actor("carer").account_ref, HOME),
            "admin ref": Example(cast.places["home"].ref, ANYBODY),
            "admin ward ref": ward,
            "admin person ref": person,
            "admin resident_ref": Example(stay.resident_ref, ANYBODY),
            "organisation_ref": Example(cast.places["hospital"].ref, ANYBODY),
            "service_key": Example("nowhere", ANYBODY),
            "passkey_ref": Example("0" * 16, ANYBODY),  # one's own alone: test_second_factor
            "look_ref": Example(_look(cast, stay.ref, start), frozenset({"nurse"})),
            "emergency_ref": Example(_look(cast, stay.ref, start), HOME),
        }
    yield found


def _look(cast: Cast, ref: str, at: datetime) -> str:
    """A look at the pack without the bag, by the nurse."""
    nurse = cast.actor("nurse")
    begin_write()
    look = EmergencyLook(
        transfer_id=db.session.scalars(select(Transfer.id).filter_by(ref=ref)).one(),
        account_id=nurse.account_id,
        organisation_id=nurse.organisation_id,
        actor_name=nurse.name,
        actor_role=nurse.role_words,
        place=nurse.place_words,
        reason="Arrived without the bag",
        opened_at=at,
        expires_at=at + timedelta(days=2),
    )
    db.session.add(look)
    db.session.commit()
    return look.ref


def earlier_stays(cast: Cast) -> str:
    """A file of earlier stays that the manager has looked at."""
    begin_write()
    with scratch() as rows:
        content, now = io.BytesIO(b"Admission,Discharge\n3/2/2023,14/2/2023\n"), datetime.now(UTC)
        file = read(cast.actor("manager"), content, "x.csv", Asked(), ON_A_PAGE, rows, now)
        ref = history.keep(cast.actor("manager"), file, rows.numbered(), now).ref
    db.session.commit()
    return ref


def enter(app: Flask, cast: Cast, part: str, examples: dict[str, Example]) -> tuple[FlaskClient, Actor]:
    """A browser of this part, and its actor: a guest has come in by the code of the journey's label."""
    if part == "guest":
        return let_in(app, cast, examples["token"].value)
    return cast.browser(app, part), cast.actor(part)


def _last(events: Sequence[TransferEvent], action: Action) -> str:
    return [event.ref for event in events if event.action == action.value][-1]


def example_for(rule: Rule, argument: str, examples: dict[str, Example]) -> Example:
    area = rule.endpoint.partition(".")[0]
    if argument == "token" and area == "account":
        return examples["join token"]
    if argument == "paper_ref":
        return examples["summary paper_ref" if "/summary/" in str(rule) else f"{area} paper_ref"]
    if argument != "ref":  # each end corrects what it recorded itself
        return examples.get(f"{area} {argument}") or examples[argument]
    if area == "admin" and "/wards/<ref>" in str(rule):
        return examples["admin ward ref"]
    if str(rule) == "/admin/organisations/<ref>/wards":
        return examples["organisation_ref"]  # a hospital
    if area == "admin" and "/people/<ref>" in str(rule):
        return examples["admin person ref"]
    return examples[f"{area} ref"]


def asked(
    app: Flask, examples: dict[str, Example], *, writing: bool
) -> list[tuple[Rule, str, frozenset[str]]]:
    """Every address filled in, with the parts whose own everything in it is."""
    found = []
    for rule in app.url_map.iter_rules():
        if bool((rule.methods or set()) & WRITING) is not writing:
            continue
        path, owners = str(rule), ANYBODY
        for argument in rule.arguments:
            example = example_for(rule, argument, examples)
            path = path.replace(f"<{argument}>", example.value).replace(f"<int:{argument}>", example.value)
            owners &= example.owners
        assert "<" not in path, f"{rule}: a converter that this test does not know"
        found.append((rule, path, owners))
    return found


def wrong(view: Any, status: int, part: str, actor: Actor, owners: frozenset[str]) -> str:
    """What is wrong with this answer to a GET; "" when it is as the policy says."""
    permission = getattr(view, "required_permission", None)
    if permission is None:
        expected = {200, 302, 303}
    elif not can(actor, permission):
        expected = {403}
    elif part in owners:
        expected = LET_IN
    else:
        expected = {404}
    return "" if status in expected else f"{status}, expected one of {sorted(expected)}"


@pytest.mark.parametrize("part", PARTS)
def test_every_page_answers_every_role_as_the_policy_says(
    app: Flask, cast: Cast, examples: dict[str, Example], part: str
) -> None:
    client, actor = enter(app, cast, part, examples)
    faults = []
    for rule, path, owners in asked(app, examples, writing=False):
        status = client.get(path).status_code
        permissions_table.seen(app, rule, part, status)
        fault = wrong(app.view_functions[rule.endpoint], status, part, actor, owners)
        if rule.endpoint in OF_A_SERVICE:
            fault = "" if status == 404 else f"{status} without a service"
        if fault:
            faults.append(f"{part} GET {rule}: {fault}")
    assert not faults, "\n".join(faults)


def test_stranger_is_sent_to_sign_in_from_every_page_but_the_public_ones(
    app: Flask, cast: Cast, examples: dict[str, Example]
) -> None:
    client = app.test_client()
    faults = []
    for rule, path, _ in asked(app, examples, writing=False):
        answer = client.get(path)
        if rule.endpoint in OF_A_SERVICE:
            if answer.status_code != 404:
                faults.append(f"stranger GET {rule}: {answer.status_code} without a service")
        elif rule.endpoint in ON_A_DEVICE:
            if answer.status_code != 302:
                faults.append(f"stranger GET {rule}: {answer.status_code} without a device")
        elif getattr(app.view_functions[rule.endpoint], "public", False):
            if answer.status_code != 200:
                faults.append(f"stranger GET {rule}: {answer.status_code}")
        elif answer.status_code != 302 or not (answer.location or "").startswith("/sign-in?next=/"):
            faults.append(f"stranger GET {rule}: {answer.status_code} to {answer.location}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("part", PARTS)
def test_no_form_acts_for_a_role_without_it_or_on_another_organisations_record(
    app: Flask, cast: Cast, examples: dict[str, Example], part: str
) -> None:
    """Sent with a good token: it is the policy that refuses, not the missing token."""
    app.config["WTF_CSRF_ENABLED"] = False
    client, actor = enter(app, cast, part, examples)
    faults = []
    for rule, path, owners in asked(app, examples, writing=True):
        permission = getattr(app.view_functions[rule.endpoint], "required_permission", None)
        if permission is None:
            permissions_table.seen(app, rule, part, None)
            continue
        holds = can(actor, permission)
        if holds and part in owners:
            permissions_table.seen(app, rule, part, None)
            continue
        status = client.post(path, data={"version": "1"}).status_code
        permissions_table.seen(app, rule, part, status)
        if status != (404 if holds else 403):
            faults.append(f"{part} POST {rule}: {status}, expected {404 if holds else 403}")
    assert not faults, "\n".join(faults)


def test_stranger_may_send_no_form_but_the_public_ones(
    app: Flask, cast: Cast, examples: dict[str, Example]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client: FlaskClient = app.test_client()
    faults = []
    for rule, path, _ in asked(app, examples, writing=True):
        if getattr(app.view_functions[rule.endpoint], "public", False):
            continue
        status = client.post(path).status_code
        if status != 401:
            faults.append(f"stranger POST {rule}: {status}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("part", PARTS)
def test_record_that_is_nobodys_is_not_found(
    app: Flask, cast: Cast, examples: dict[str, Example], part: str
) -> None:
    """The answer is the one that another organisation's record gets: it tells nobody what exists."""
    client, actor = enter(app, cast, part, examples)
    other = {key: Example("0" * 16, example.owners) for key, example in examples.items()}
    faults = []
    for rule, path, _ in asked(app, other, writing=False):
        permission = getattr(app.view_functions[rule.endpoint], "required_permission", None)
        if not rule.arguments or permission is None or not can(actor, permission):
            continue
        status = client.get(path).status_code
        if status != 404:
            faults.append(f"{part} GET {rule}: {status}")
    assert not faults, "\n".join(faults)


def test_the_table_in_the_documents_says_what_was_answered(
    app: Flask, cast: Cast, examples: dict[str, Example]
) -> None:
    """Walks for the parts that did not in this process. Written anew with REDBAG_WRITE_DOCS=1."""
    for part in permissions_table.still_to_walk(app, PARTS):
        test_every_page_answers_every_role_as_the_policy_says(app, cast, examples, part)
        test_no_form_acts_for_a_role_without_it_or_on_another_organisations_record(app, cast, examples, part)
    permissions_table.check(app, PARTS)
