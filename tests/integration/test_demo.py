"""The demo: an invented borough that is whole, repeatable, alive tonight, and never where people are real."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from redbag.config import Mode
from redbag.database import db
from redbag.domain import journey, nhs_number
from redbag.domain.errors import Invalid, NotPermitted
from redbag.domain.london_time import london_day
from redbag.domain.medicines import Answer, Outcome, validate_outcomes
from redbag.domain.pack import from_json
from redbag.domain.transfer_states import Action, State
from redbag.models import (
    Account,
    AuditEntry,
    Bag,
    ItemCheck,
    Label,
    Medicine,
    MedicineLine,
    MedicineOutcome,
    Organisation,
    PackVersion,
    Paper,
    RecordSection,
    Resident,
    Stay,
    Transfer,
    TransferEvent,
    TransferItem,
)
from redbag.queries import packs, papers, watched
from redbag.queries import transfers as transfer_queries
from redbag.queries.medicine_lines import travelling
from redbag.queries.returning_medicines import sent
from redbag.security import passphrases
from redbag.services import audit, events, labels
from redbag.services.demo import load as demo
from redbag.services.demo import names
from redbag.services.demo.residents import nhs_number as number_at
from redbag.services.demo.story import ENDINGS, Ending
from redbag.services.demo.tonight import TONIGHT

NOW = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
HOMES, TRANSFERS, SEED = 20, 420, 7

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def demo_app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(mode=Mode.DEMO)


def load(
    homes: int = HOMES, transfers: int = TRANSFERS, seed: int = SEED, now: datetime = NOW
) -> demo.Loaded:
    loaded = demo.load(homes, transfers, seed, now, lambda _done: None, mode=Mode.DEMO)
    db.session.commit()
    return loaded


def test_the_projected_columns_are_exactly_what_the_events_say(demo_app: Flask) -> None:
    with demo_app.app_context():
        loaded = load()
        assert loaded.transfers == TRANSFERS == db.session.scalar(select(func.count()).select_from(Transfer))
        assert loaded.stays == db.session.scalar(select(func.count()).select_from(Stay))
        stays = {stay.transfer_id: stay for stay in db.session.scalars(select(Stay))}
        for transfer in db.session.scalars(select(Transfer)):
            happened = events.of(transfer)
            standing = journey.replay(happened)
            journey.check_order(standing, NOW)
            assert transfer.opened_at == standing.opened_at
            for name, value in events.repeated(standing).items():
                assert getattr(transfer, name) == value, (transfer.ref, name)
            if standing.hospital_id:
                assert transfer.hospital_id == standing.hospital_id
            told, stay = events.stay_of(standing), stays.get(transfer.id)
            assert (told is None) == (stay is None)
            if told is not None and stay is not None:
                assert {name: getattr(stay, name) for name in told} == told
                assert (stay.home_id, stay.resident_id) == (transfer.home_id, transfer.resident_id)
                assert stay.hospital_id == transfer.hospital_id
            recorded = [event.recorded_at for event in happened]
            assert recorded == sorted(recorded)
            assert recorded[-1] <= NOW


def test_the_audit_chain_stands_and_ends_by_saying_that_this_is_a_demo(demo_app: Flask) -> None:
    with demo_app.app_context():
        load()
        entries = list(audit.verify({"a1": demo_app.config["REDBAG"].audit_key}))
        assert len(entries) > TRANSFERS
        assert all(whole for _, whole in entries)
        last = db.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        assert last is not None
        assert last.kind == "demo.loaded"
        assert last.details == {"homes": HOMES, "transfers": TRANSFERS, "seed": SEED}


@on_sqlite
def test_the_same_seed_and_moment_make_the_same_borough(
    make_app: Callable[..., Flask], tmp_path: Any, migrated_sqlite: Any
) -> None:
    made = []
    for number in range(3):
        path = tmp_path / f"demo{number}.sqlite3"
        shutil.copy(migrated_sqlite, path)
        # Rows as they stand: nothing is sealed alike twice.
        app = make_app(mode=Mode.DEMO, database_url=f"sqlite:///{path}", field_key=None)
        with app.app_context():
            load(6, 60, seed=11 + (number == 2))
            made.append(_everything())
            db.session.remove()
    assert made[0] == made[1]
    assert made[0] != made[2]


def _everything() -> list[tuple[Any, ...]]:
    tables = (
        "residents",
        "medicines",
        "transfers",
        "transfer_events",
        "stays",
        "item_checks",
        "pack_versions",
    )
    rows: list[tuple[Any, ...]] = []
    for table in tables:
        table_rows = db.session.execute(text(f"SELECT * FROM {table} ORDER BY id"))  # noqa: S608 - our tables
        rows += [tuple(row) for row in table_rows]
    return rows


@on_sqlite
def test_it_goes_only_where_every_page_says_that_people_are_invented(demo_app: Flask) -> None:
    with demo_app.app_context():
        for mode in (Mode.PRODUCTION, Mode.LOCAL):
            with pytest.raises(NotPermitted, match="REDBAG_MODE=demo"):
                demo.load(1, 1, 1, NOW, lambda _done: None, mode=mode)
        db.session.add(Organisation(kind="care_home", name="A real home"))
        db.session.commit()
        with pytest.raises(NotPermitted, match="empty database"):
            demo.load(1, 1, 1, NOW, lambda _done: None, mode=Mode.DEMO)
        assert db.session.scalar(select(func.count()).select_from(Organisation)) == 1


@on_sqlite
@pytest.mark.parametrize(("homes", "transfers"), [(0, 5), (1, -1), (1, 1_000_000)])
def test_numbers_that_no_borough_has_are_refused(demo_app: Flask, homes: int, transfers: int) -> None:
    with demo_app.app_context(), pytest.raises(Invalid):
        demo.load(homes, transfers, 1, NOW, lambda _done: None, mode=Mode.DEMO)


@on_sqlite
@pytest.mark.parametrize(("homes", "transfers"), [(1, 0), (1, 3), (1, 40), (3, 30)])
def test_small_boroughs_are_whole_too(demo_app: Flask, homes: int, transfers: int) -> None:
    with demo_app.app_context():
        done: list[int] = []
        demo.load(homes, transfers, 3, NOW, done.append, mode=Mode.DEMO)
        db.session.commit()
        assert sum(done) == db.session.scalar(select(func.count()).select_from(Transfer))
        assert sum(done) <= transfers
        assert db.session.scalar(select(func.count()).select_from(Organisation)) == homes + 4


def test_every_ending_every_state_and_every_alarm_is_there(borough: Flask) -> None:
    with borough.app_context():
        transfers = list(db.session.scalars(select(Transfer)))
        assert {t.state for t in transfers} == {state.value for state in State}
        assert {t.destination for t in transfers} >= {"home", "another_home", "own_home", "hospice", ""}
        actions = set(db.session.scalars(select(TransferEvent.action).distinct()))
        # What became of a lost thing, and that two bags were swapped, is left for the visitor to say.
        assert actions == set(Action) - {Action.SETTLE_LOST, Action.SWAP_BAGS}
        sources = set(db.session.scalars(select(TransferEvent.source).distinct()))
        assert sources == {"page", "scan", "phone"}
        assert {t.with_bag for t in transfers} == {True, False, None}
        still_open = [t for t in transfers if t.state not in ("closed", "cancelled")]
        missing = transfer_queries.missing_things([t.id for t in still_open])
        troubles = watched.look(still_open, missing, NOW).values()
        assert {trouble.kind for found in troubles for trouble in found} >= {
            "packing",
            "not_scanned",
            "unfinished",
            "no_bag",
            "missing",
            "home_contact",
            "estimated_date",
            "long_stay",
            "not_received",
            "settle",
            "close",
            "bag_not_back",
            "task",
        }
        checks = set(db.session.scalars(select(ItemCheck.status).distinct()))
        assert checks >= {"present", "missing", "damaged", "added", "used_up", "kept_by_family"}


def test_tonights_people_have_drawn_photos_and_one_of_them_came_unannounced(borough: Flask) -> None:
    with borough.app_context():
        photos = db.session.scalars(select(Paper).filter_by(kind="photo")).all()
        assert len({photo.resident_id for photo in photos}) == len(photos) == len(TONIGHT)
        unannounced = 0
        for transfer in db.session.scalars(select(Transfer).where(Transfer.state == "arrived")):
            frozen = packs.latest(transfer.id)
            assert frozen is not None
            assert frozen.files == packs.source(transfer).files != ()
            face = papers.face_of(frozen.files)
            assert face is not None
            assert face.startswith(b"\xff\xd8")
            unannounced += transfer.departed_at is None
        assert unannounced == 1


def test_maple_house_at_night(borough: Flask) -> None:
    with borough.app_context():
        maple = db.session.scalars(select(Organisation).filter_by(name="Maple House")).one()
        living = db.session.scalars(select(Resident).filter_by(home_id=maple.id, left_on=None)).all()
        assert len(living) == 25
        away = db.session.scalars(
            select(Transfer).where(
                Transfer.home_id == maple.id, Transfer.state.not_in(["closed", "cancelled"])
            )
        ).all()
        assert sorted(t.state for t in away) == ["admitted", "back_home", "handed_to_crew"]
        missing = {t.state: len(transfer_queries.missing_things([t.id]).get(t.id, [])) for t in away}
        assert missing["admitted"] >= 1
        assert missing["back_home"] >= 1
        outcomes = set(
            db.session.scalars(
                select(MedicineOutcome.outcome)
                .join(Transfer, Transfer.id == MedicineOutcome.transfer_id)
                .where(Transfer.home_id == maple.id, Transfer.state == "back_home")
            )
        )
        assert outcomes >= {"stopped", "changed", "not_mentioned", "started"}
        bags = Counter(db.session.scalars(select(Bag.state).filter_by(home_id=maple.id)))
        assert bags["in_stock"] >= 1
        numbers = db.session.scalars(select(Bag.number).filter_by(home_id=maple.id).order_by(Bag.id)).all()
        assert numbers[:3] == ["001", "002", "003"]


def test_people_are_invented_and_their_records_are_mostly_complete(borough: Flask) -> None:
    with borough.app_context():
        people = list(db.session.scalars(select(Resident)))
        assert sum(person.left_on is None for person in people) == 1300
        numbers = [person.nhs_number for person in people if person.nhs_number]
        assert len(numbers) == len(set(numbers)) > 0.9 * len(people)
        assert all(nhs_number.is_valid(number) and nhs_number.is_test_range(number) for number in numbers)
        assert all(
            person.left_on is None or person.moved_in_on is None or person.moved_in_on <= person.left_on
            for person in people
        )
        sections = Counter(db.session.scalars(select(RecordSection.resident_id)))
        # A full record: six sections, and the list of medicines looked through as a whole.
        assert 0.8 < sum(count == 7 for count in sections.values()) / len(people) < 0.95
        overdue = db.session.scalars(
            select(RecordSection.id).where(RecordSection.review_due_on < london_day(NOW))
        ).all()
        assert 0.03 < len(overdue) / sum(sections.values()) < 0.25
        risky = {kinds for kinds in db.session.scalars(select(Medicine.high_risk).distinct()) if kinds}
        assert risky >= {"insulin", "anticoagulant", "opioid", "parkinsons", "opioid,patch", "steroid"}
        phones = db.session.execute(select(Organisation.phone, Organisation.night_phone)).all()
        for phone in (number for pair in phones for number in pair if number):
            assert phone.startswith(("020 7946 0", "01632 960")), phone


def test_numbers_of_a_seed_are_distinct_and_valid() -> None:
    found = [number_at(place, 2026) for place in range(3000)]
    valid = [number for number in found if number]
    assert len(set(valid)) == len(valid) > 2600
    assert all(nhs_number.is_valid(number) for number in valid)
    assert number_at(1_000_000, 2026) is None


def test_homes_have_names_of_their_own() -> None:
    assert names.home_name(0) == "Maple House"
    assert len({names.home_name(number) for number in range(3000)}) == 3000


def test_packs_lists_and_labels_are_those_of_the_product(borough: Flask) -> None:
    with borough.app_context():
        for row in db.session.scalars(select(PackVersion).where(PackVersion.id % 20 == 0)):
            pack = from_json(row.content)
            assert pack.version == row.number
            assert pack.person.name
        every = set()
        for transfer_id in db.session.scalars(select(MedicineOutcome.transfer_id).distinct()):
            every |= _check_lists(transfer_id)
        assert every == set(Outcome)
        label = db.session.scalars(select(Label).filter_by(revoked_at=None)).first()
        assert label is not None
        found = labels.by_token(labels.token_of(label))
        assert found is not None
        assert found.id == label.id
        assert labels.by_code(labels.code_of(label)) is not None
        carried = set(db.session.scalars(select(TransferItem.carried).distinct()))
        assert carried == {"worn", "in_bag", "in_hand"}


def _check_lists(transfer_id: int) -> set[Outcome]:
    """The hospital's answers to one sent list, held against the rules that the pages hold them to."""
    sent_rows = sent(transfer_id)
    returned = db.session.scalars(
        select(MedicineLine)
        .filter_by(transfer_id=transfer_id, side="returned")
        .order_by(MedicineLine.position)
    ).all()
    place = {row.id: number for rows in (sent_rows, returned) for number, row in enumerate(rows)}
    rows = db.session.scalars(select(MedicineOutcome).filter_by(transfer_id=transfer_id)).all()
    answers = [
        Answer(
            Outcome(row.outcome),
            place[row.sent_line_id] if row.sent_line_id else None,
            place[row.returned_line_id] if row.returned_line_id else None,
            row.reason,
            row.restart,
            row.decides,
        )
        for row in rows
    ]
    problems = validate_outcomes(
        [travelling(r) for r in sent_rows], [travelling(r) for r in returned], answers
    )
    assert problems == []
    return {answer.outcome for answer in answers}


def test_stays_are_as_long_as_stays_of_care_home_residents_are(borough: Flask) -> None:
    with borough.app_context():
        ended = db.session.execute(
            select(Stay.admitted_on, Stay.discharged_on, Stay.ended_as).where(Stay.discharged_on.is_not(None))
        ).all()
        days = sorted((row.discharged_on - row.admitted_on).days for row in ended)
        assert 6 <= days[len(days) // 2] <= 10
        assert 10 <= sum(days) / len(days) <= 14
        assert days[0] == 0
        total = db.session.scalar(select(func.count()).select_from(Transfer)) or 0
        died = db.session.scalar(select(func.count()).where(Transfer.died_at.is_not(None))) or 0
        assert 0.07 < died / total < 0.11
        never = db.session.scalar(
            select(func.count()).where(Transfer.arrived_at.is_not(None), Transfer.admitted_at.is_(None))
        )
        assert 0.25 < (never or 0) / total < 0.35
        taken = db.session.scalar(select(func.count()).where(TransferEvent.action == Action.STAY_HOME.value))
        assert 0.03 < (taken or 0) / total < 0.08
        assert not any(row.discharged_on < row.admitted_on for row in ended)
        opened = list(db.session.scalars(select(Transfer.opened_at)))
        assert min(opened).date() >= date(2024, 8, 1)
        assert sum(NOW - at < timedelta(days=7) for at in opened) > 15


def test_those_on_the_printed_list_can_sign_in(borough: Flask) -> None:
    with borough.app_context():
        for email, name, _role, place in demo.people():
            account = db.session.scalars(select(Account).filter_by(email=email)).one()
            assert account.name == name
            assert place.startswith(account.memberships[0].organisation.name)
            assert passphrases.verify(demo.DEMO_PASSPHRASE, account.passphrase_hash)
        assert passphrases.problem_with(demo.DEMO_PASSPHRASE) is None


def test_nobody_is_in_two_journeys_at_once(borough: Flask) -> None:
    with borough.app_context():
        until: dict[int, datetime] = {}
        for transfer in db.session.scalars(select(Transfer).order_by(Transfer.opened_at)):
            assert transfer.opened_at >= until.get(transfer.resident_id, transfer.opened_at)
            until[transfer.resident_id] = transfer.closed_at or NOW
            resident = db.session.get_one(Resident, transfer.resident_id)
            assert resident.left_on is None or london_day(transfer.opened_at) <= resident.left_on


def test_endings_and_names_are_all_used() -> None:
    assert set(ENDINGS.things) == set(Ending)
    assert abs(ENDINGS.cumulative[-1] - 100) < 1
