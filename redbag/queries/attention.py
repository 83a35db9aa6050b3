"""What needs attention at one place: every line of its journeys, its bags and what others say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain import clocks
from redbag.domain.attention import Trouble, gravest_first, key_of
from redbag.domain.bag_states import BagState
from redbag.domain.permissions import Actor, OrganisationKind
from redbag.domain.transfer_states import AFTER_ARRIVAL, OPEN_STATES, State
from redbag.models import Bag, BagReport, Organisation, Seen, Transfer
from redbag.queries import transfers, watched

REPORT_WORDS = {"here": "is at", "sent_back": "was sent back by", "not_here": "is not at"}
SEEN_SHOWN_DAYS = 14


@dataclass(frozen=True)
class Place:
    """A home, or a hospital or one ward of it: the list is theirs. `ward_id`: those of this ward, and those
    whom no ward has yet."""

    organisation_id: int
    kind: OrganisationKind
    ward_id: int | None = None


@dataclass(frozen=True)
class Line:
    """One thing that somebody must see, and what it is about. `subject`: names it without naming a person:
    a journey's or a bag's reference. `transfer`: only where its person may be shown."""

    trouble: Trouble
    subject: str
    transfer: Transfer | None = None
    bag: Bag | None = None

    @property
    def key(self) -> str:
        """Names this line since this moment (domain/attention.py)."""
        return key_of(self.trouble, self.subject)


Source = Callable[[Place, datetime], Iterable[Line]]


def place_of(actor: Actor) -> Place:
    """Whose list this person works from."""
    return Place(actor.organisation_id, actor.organisation_kind, actor.ward_id)


def standing(place: Place, now: datetime) -> list[Line]:
    """Everything that needs somebody there now, the gravest first, of equally grave ones the newest.

    The number of reads does not grow with the number of lines.
    """
    found = [line for source in SOURCES.get(place.kind, ()) for line in source(place, now)]
    seen = watched.seen_keys(place.organisation_id)
    return sorted(
        (line for line in found if line.key not in seen), key=lambda one: gravest_first(one.trouble)
    )


def seen_lately(organisation_id: int, now: datetime) -> list[Seen]:
    """What people said to have dealt with in the last days, newest first, and have not taken back."""
    rows = db.session.scalars(
        select(Seen)
        .where(Seen.organisation_id == organisation_id, Seen.taken_back_at.is_(None))
        .where(Seen.seen_at >= now - timedelta(days=SEEN_SHOWN_DAYS))
        .order_by(Seen.id.desc())
    )
    return list(rows)


def _journeys(place: Place, now: datetime) -> Iterable[Line]:
    """What the clocks say of each open journey."""
    home = place.kind is OrganisationKind.CARE_HOME
    states = OPEN_STATES if home else AFTER_ARRIVAL
    wanted = transfers.whole().where(Transfer.state.in_([state.value for state in states]))
    if home:
        wanted = wanted.where(Transfer.home_id == place.organisation_id)
    else:
        wanted = wanted.where(Transfer.hospital_id == place.organisation_id)
    if place.ward_id is not None:
        wanted = wanted.where(or_(Transfer.ward_id == place.ward_id, Transfer.ward_id.is_(None)))
    rows = list(db.session.scalars(wanted))
    side = "home" if home else "hospital"
    found = watched.look(rows, transfers.missing_things([row.id for row in rows]), now)
    return [
        Line(trouble, transfer.ref, transfer, transfer.bag)
        for transfer in rows
        for trouble in found[transfer.id]
        if trouble.who == side
    ]


def _own_bags(place: Place, now: datetime) -> Iterable[Line]:
    """Bags that no journey brings home, and those put aside and forgotten."""
    limits = clocks.limits(_thresholds(place.organisation_id))
    away = timedelta(days=limits["bag_not_back_days"])
    aside = timedelta(days=limits["bag_waiting_days"])
    states = (BagState.OUT.value, BagState.TO_CLEAN.value, BagState.QUARANTINED.value)
    bags = list(
        db.session.scalars(select(Bag).where(Bag.home_id == place.organisation_id, Bag.state.in_(states)))
    )
    carried, ended = _journeys_of(bags)
    for bag in bags:
        if bag.state != BagState.OUT and now >= bag.state_since + aside:
            words = (
                f"Bag {bag.number} is quarantined: clean it or destroy it"
                if bag.state == BagState.QUARANTINED
                else f"Bag {bag.number} is still to be cleaned"
            )
            yield Line(Trouble("bag_put_aside", words, "home", bag.state_since + aside), bag.ref, bag=bag)
        since = max(bag.state_since, ended.get(bag.id) or bag.state_since)
        if bag.state == BagState.OUT and bag.id not in carried and now >= since + away:
            days = limits["bag_not_back_days"]
            words = f"Bag {bag.number} is not back {days} days after its journey: ask for it"
            yield Line(Trouble("bag_not_back", words, "home", since + away), bag.ref, bag=bag)


def _thresholds(organisation_id: int) -> dict[str, object] | None:
    return db.session.scalar(select(Organisation.thresholds).where(Organisation.id == organisation_id))


def _journeys_of(bags: Sequence[Bag]) -> tuple[set[int], dict[int, datetime]]:
    """The bags that an open journey carries, and when the last journey of each was closed."""
    ids = [bag.id for bag in bags]
    rows = db.session.execute(
        select(Transfer.bag_id, func.max(Transfer.closed_at))
        .where(Transfer.bag_id.in_(ids))
        .group_by(Transfer.bag_id, Transfer.closed_at.is_(None))
    ).all()
    carried = {row[0] for row in rows if row[0] is not None and row[1] is None}
    return carried, {row[0]: row[1] for row in rows if row[0] is not None and row[1]}


def _said_by_others(place: Place, _now: datetime) -> Iterable[Line]:
    """What a ward or another home says of a bag of ours, until we have settled it."""
    reports = db.session.scalars(
        select(BagReport)
        .where(BagReport.home_id == place.organisation_id, BagReport.settled_at.is_(None))
        .options(joinedload(BagReport.bag))
    )
    for report in reports:
        ring = f": ring {report.phone}" if report.phone else ""
        note = f" “{report.note}”" if report.note else ""
        words = f"Bag {report.bag.number} {REPORT_WORDS[report.kind]} {report.place}{ring}.{note}"
        yield Line(Trouble("bag_held", words, "home", report.said_at), report.bag.ref, bag=report.bag)


def _coming(place: Place, now: datetime) -> Iterable[Line]:
    """Bags that left for this hospital long ago and were not scanned: no person is named before that."""
    hours = clocks.limits(_thresholds(place.organisation_id))["coming_hours"]
    rows = db.session.scalars(
        select(Transfer)
        .where(Transfer.hospital_id == place.organisation_id, Transfer.state == State.HANDED_TO_CREW.value)
        .where(Transfer.departed_at <= now - timedelta(hours=hours))
        .options(joinedload(Transfer.home), joinedload(Transfer.bag))
    )
    for transfer in rows:
        if transfer.departed_at is None:
            continue
        bag = f"Bag {transfer.bag.number}" if transfer.bag else "A person"
        ring = transfer.home.night_phone or transfer.home.phone
        words = f"{bag} of {transfer.home.name} left {hours} hours ago or more, not scanned here: ring {ring}"
        due = transfer.departed_at + timedelta(hours=hours)
        yield Line(Trouble("coming", words, "hospital", due), transfer.ref, bag=transfer.bag)


SOURCES: dict[OrganisationKind, tuple[Source, ...]] = {
    OrganisationKind.CARE_HOME: (_journeys, _own_bags, _said_by_others),
    OrganisationKind.HOSPITAL: (_journeys, _coming),
}
"""Where the lines of a place come from; another source is added to the tuple. A source never reads what
grows with the years: its lines are counted for the navigation."""
