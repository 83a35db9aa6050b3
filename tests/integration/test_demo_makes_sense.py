"""The demo never contradicts itself: a visitor who finds one impossible thing trusts no other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.domain.london_time import london_day
from redbag.domain.pack import TransferPack, from_json
from redbag.models import (
    Bag,
    BagEvent,
    Medicine,
    MedicineLine,
    PackVersion,
    RecordSection,
    Resident,
    Stay,
    Transfer,
    TransferItem,
)
from redbag.services.demo.abilities import OWN_STEPS

NOW = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
LEVELS = ("independent", "slight", "moderate", "moderately_severe", "severe")
# Words that belong to no less and no more help than these levels, by question.
BELONGS = (
    ("mobility", r"alone", 0, 1),
    ("mobility", r"one person", 2, 3),
    ("mobility", r"in bed", 4, 4),
    ("transfers", r"^alone", 0, 1),
    ("transfers", r"hoist", 4, 4),
    ("continence", r"^alone", 0, 0),
    ("continence", r"day and night", 3, 4),
    ("eating", r"^eats alone", 0, 1),
    ("eating", r"^fed", 3, 4),
    ("cognition", r"forgets|not the day|not know", 1, 4),
)
PENICILLINS = ("amoxicillin", "flucloxacillin", "penicillin")
OPIOIDS = ("morph", "butec", "longtec", "codeine", "oxycod")


@pytest.fixture(scope="module", autouse=True)
def looking(borough: Flask) -> Iterator[None]:
    """Every test here looks at the borough's database."""
    with borough.app_context():
        yield


@pytest.fixture(scope="module")
def people(looking: None) -> list[tuple[Resident, dict[str, Any], list[Medicine]]]:
    """Everybody with their answers by section, and the medicines that they take now."""
    answers: dict[int, dict[str, Any]] = {}
    for section in db.session.scalars(select(RecordSection)):
        answers.setdefault(section.resident_id, {})[section.key] = section.answers
    medicines: dict[int, list[Medicine]] = {}
    for medicine in db.session.scalars(select(Medicine).filter_by(stopped_on=None)):
        medicines.setdefault(medicine.resident_id, []).append(medicine)
    everybody = db.session.scalars(select(Resident))
    return [(one, answers.get(one.id, {}), medicines.get(one.id, [])) for one in everybody]


def against(allergy: str, medicine: str, form: str) -> bool:
    """Whether nobody would give this medicine to somebody with this allergy."""
    name, allergy = medicine.casefold(), allergy.casefold()
    if allergy in name:
        return True
    if allergy == "penicillin":
        return any(word in name for word in PENICILLINS)
    if allergy == "codeine":
        return any(word in name for word in OPIOIDS)
    return allergy == "plasters" and "patch" in form


def test_levels_and_their_words_agree(people: Any) -> None:
    for _, answers, _ in people:
        needs = answers.get("needs", {})
        for key, words, least, most in BELONGS:
            detail = str(needs.get(f"{key}_detail", ""))
            if re.search(words, detail, re.IGNORECASE):
                assert least <= LEVELS.index(needs[key]) <= most, (key, needs[key], detail)


def test_words_are_of_the_right_gender(people: Any) -> None:
    for person, answers, _ in people:
        told = " ".join(str(value) for section in answers.values() for value in section.values())
        assert not re.search(r"\b(she|her|hers|herself|he|his|him|himself)\b", told), told
        if person.gender == "Male":
            assert "late husband" not in told
            assert "women only" not in told
        else:
            assert "late wife" not in told
            assert "shaved" not in told


def test_alerts_medicines_and_needs_agree(people: Any) -> None:
    for _, answers, medicines in people:
        alerts, needs = answers.get("alerts", {}), answers.get("needs", {})
        kinds = {kind for medicine in medicines for kind in medicine.high_risk.split(",")}
        if "insulin" in kinds:
            assert alerts["diabetes"] == "insulin"
        if "anticoagulant" in kinds:
            assert alerts["anticoagulant"] == "yes"
        if any(medicine.name == "Metformin" for medicine in medicines):
            assert alerts["diabetes"] == "tablets"
        if alerts.get("choking") == "yes" and needs:
            assert needs["iddsi_food"] not in ("7", "7ec")
            assert needs["iddsi_drink"] != "0"
        if alerts.get("wandering") == "yes" and needs:
            assert needs["mobility"] in OWN_STEPS
        if alerts.get("allergy_status") == "none_known":
            assert not alerts.get("allergies")
        if needs.get("pressure_areas"):
            assert needs["skin"] != "Intact"
        operations = answers.get("history", {}).get("operations", "")
        if re.search(r"replaced|pinned|[Pp]acemaker", operations):
            assert alerts["implant"] == "yes"
        limits = answers.get("wishes", {}).get("limits", "")
        if alerts.get("cpr_decision") == "attempt":
            assert "intensive" not in limits
        names = [medicine.name for medicine in medicines]
        assert not {"Apixaban", "Clopidogrel"} <= set(names)


def test_nobody_takes_what_they_are_allergic_to(people: Any) -> None:
    rows = {person.id: answers.get("alerts", {}).get("allergies") or [] for person, answers, _ in people}
    allergies = {key: [row["substance"] for row in found] for key, found in rows.items()}
    taken = [(m.resident_id, m.name, m.form) for m in db.session.scalars(select(Medicine))]
    lines = select(Transfer.resident_id, MedicineLine.name, MedicineLine.form).join(
        Transfer, Transfer.id == MedicineLine.transfer_id
    )
    taken += [tuple(row) for row in db.session.execute(lines)]
    conflicts = [
        (allergy, name)
        for person, name, form in taken
        for allergy in allergies.get(person, [])
        if against(allergy, name, form)
    ]
    assert conflicts == []


def test_those_who_speak_for_somebody_are_on_the_record(people: Any) -> None:
    for _, answers, _ in people:
        if "people" not in answers:
            continue
        contacts = {contact["name"] for contact in answers["people"]["contacts"]}
        helper = answers.get("about_me", {}).get("helped_by", "")
        assert not helper or any(helper.startswith(name) for name in contacts)
        for attorney in answers["people"].get("attorneys", []):
            assert attorney["name"] in contacts
        if answers["people"].get("consent") == "attorney":
            assert answers["people"]["attorneys"][0]["kind"] in ("health", "both")


def test_nobody_shares_a_room_or_a_bed(people: Any) -> None:
    rooms = Counter((one.home_id, one.room) for one, _, _ in people if one.left_on is None)
    assert [room for room, count in rooms.items() if count > 1] == []
    lying = db.session.scalars(select(Transfer).where(Transfer.state == "admitted"))
    beds = Counter((transfer.ward_id, transfer.bed) for transfer in lying if transfer.bed)
    assert len(beds) > 5
    assert [bed for bed, count in beds.items() if count > 1] == []


def test_days_of_a_stay_follow_each_other(borough: Flask) -> None:
    for stay in db.session.scalars(select(Stay)):
        end = stay.discharged_on or london_day(NOW)
        assert stay.admitted_on <= (stay.discharge_ready_on or end) <= end, stay.id
    for transfer in db.session.scalars(select(Transfer)):
        times = [transfer.opened_at, transfer.departed_at, transfer.arrived_at, transfer.admitted_at]
        times += [transfer.received_at, transfer.closed_at]
        known = [at for at in times if at is not None]
        assert known == sorted(known), transfer.ref


def test_nothing_is_dated_before_it_could_be_or_after_now(people: Any) -> None:
    today = london_day(NOW)
    for person, answers, medicines in people:
        assert person.date_of_birth < (person.moved_in_on or today)
        if person.usual_news2_on:
            assert (person.moved_in_on or person.usual_news2_on) <= person.usual_news2_on <= today
        for section in answers.values():
            for key, value in section.items():
                if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                    assert key == "cpr_review_date" or date.fromisoformat(value) <= today, key
        assert all((m.started_on or today) <= today for m in medicines)
    for reviewed, since in db.session.execute(
        select(RecordSection.reviewed_at, Resident.created_at).join(
            Resident, Resident.id == RecordSection.resident_id
        )
    ):
        assert since <= reviewed <= NOW


def test_a_pack_says_nothing_that_was_not_known_when_it_was_made(borough: Flask) -> None:
    for row in db.session.scalars(select(PackVersion)):
        pack = from_json(row.content)
        for section in pack.sections:
            written = re.search(r"Reviewed \w{3} (\d+ \w{3} \d{4})", section.reviewed)
            if written:
                day = datetime.strptime(f"{written[1]} +0000", "%d %b %Y %z").date()
                assert day <= london_day(pack.made_at), (pack.transfer_ref, section.key)
        _check_day(pack)


def _check_day(pack: TransferPack) -> None:
    """Why, what was measured and what went along fit the person and each other."""
    measured = {entry.key: entry.text for entry in pack.observations.entries}
    told = " ".join(entry.text for entry in pack.why_now)
    if re.search(r"\bfever|shivering", told) and "temperature" in measured:
        assert float(measured["temperature"].split()[0]) >= 38, told
    if "Hard to wake" in told and "consciousness" in measured:
        assert not measured["consciousness"].startswith("Alert")
    if "blood thinner" in told:
        assert any(alert.kind == "anticoagulant" for alert in pack.alerts)
    needs = pack.section("needs")
    said = {entry.key: entry.text for entry in needs.entries} if needs else {}
    if "Catheter blocked" in told and "catheter" in said:
        assert said["catheter"] == "Urethral"
    things = {item.description for item in pack.belongings}
    if any(thing.startswith("Hearing aid") for thing in things):
        assert "Hearing aids" in said.get("hearing", "")
    original = any(entry.key == "cpr" and entry.text == "Original" for entry in pack.papers)
    assert original == (pack.resuscitation.decision == "not_recommended" and bool(pack.papers))


def test_belongings_are_listed_once(borough: Flask) -> None:
    listed = Counter(
        (item.transfer_id, item.description) for item in db.session.scalars(select(TransferItem))
    )
    assert [thing for thing, count in listed.items() if count > 1] == []


def test_what_is_due_next_is_known_for_nearly_every_time_critical_medicine(borough: Flask) -> None:
    newest = [from_json(row.content) for row in db.session.scalars(select(PackVersion))]
    lines = [m for pack in newest for m in pack.medicines if m.give_next]
    due = [m for m in lines if m.due.startswith(("due", "change due"))]
    missed = [m for m in lines if "was due" in m.due]
    assert lines
    assert len(due) > 0.6 * len(lines)
    assert missed


def test_a_bag_stands_as_its_own_history_says(borough: Flask) -> None:
    newest: dict[int, BagEvent] = {}
    for event in db.session.scalars(select(BagEvent).order_by(BagEvent.occurred_at, BagEvent.id)):
        newest[event.bag_id] = event
    told = [bag for bag in db.session.scalars(select(Bag)) if bag.id in newest]
    assert {bag.state for bag in told} >= {"in_stock", "out", "to_clean"}
    for bag in told:
        assert (bag.state, bag.state_since) == (newest[bag.id].state, newest[bag.id].occurred_at), bag.number
