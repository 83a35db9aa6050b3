"""Two homes with two years of stays, for what is drawn and hidden on the pages of figures."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from redbag.database import begin_write, db
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.stays_by_month import add_months, last_complete_month
from redbag.models import HistoryHome, Organisation, Stay, StayHistory
from redbag.services import figures, stay_figures
from tests.cast import Cast
from tests.integration.pathway import Pathway


def spread_over_homes(cast: Cast, homes: int) -> None:
    """Gives the stays of both homes to so many, one after the other: from 8 on a borough compares them."""
    joined = db.session.get_one(Organisation, cast.places["home"].id).joined_on
    places = [cast.places["home"].id, cast.places["other_home"].id]
    for number in range(homes - 2):
        place = Organisation(kind="care_home", name=f"House {number}", joined_on=joined, with_nursing=True)
        db.session.add(place)
        db.session.flush()
        places.append(place.id)
    turn = {True: 0, False: 0, None: 0}  # each group in all of them
    for stay in db.session.query(Stay).order_by(Stay.id).filter(Stay.transfer_id.is_(None)):
        stay.home_id = places[turn[stay.with_bag] % homes]
        turn[stay.with_bag] += 1


def add_earlier_stays(cast: Cast) -> None:
    """Forty stays of one home from before it joined; three of them ended in death, on days of their own."""
    home = db.session.get_one(Organisation, cast.places["home"].id)
    joined = home.joined_on
    assert joined is not None
    file = StayHistory(
        made_by="Test", file_name="old.csv", file_sha256="0" * 64, told_until=joined, told={},
        read_at=datetime.now(UTC), expires_at=datetime.now(UTC) + timedelta(days=1),
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    first = joined - timedelta(days=500)
    db.session.add(
        HistoryHome(
            history_id=file.id,
            home_id=home.id,
            stays=40,
            first_day=first,
            last_day=joined,
            open_at_start=True,
        )
    )
    for number in range(40):
        came = joined - timedelta(days=100 + 9 * number)
        db.session.add(
            Stay(
                home_id=home.id,
                hospital_id=cast.places["hospital"].id,
                admitted_on=came,
                discharged_on=came + timedelta(days=3 + number % 23),
                ended_as="died" if number in (4, 17, 38) else "home",
                person_key=f"p{number}",
                history_id=file.id,
                history_key=f"{number}",
            )
        )


def fill(cast: Cast) -> None:
    """Two years of 180 stays whose groups are from 1 to 40 strong, some open, and a journey that is out."""
    dice = random.Random(7)  # noqa: S311 - which stays there are
    as_of = last_complete_day(datetime.now(UTC))
    last = last_complete_month(as_of)
    reasons = ["fall"] * 60 + ["breathless"] * 25 + ["infection"] * 12 + ["confused"] * 2 + ["other"]
    begin_write()
    homes = [cast.places[name].id for name in ("home", "other_home")]
    for home in homes:
        db.session.get_one(Organisation, home).joined_on = add_months(last, -40)
    for number in range(180):
        ended = add_months(last, -(number % 24)) + timedelta(days=dice.randrange(27))
        length = dice.choice((0, 1, 2, 5, 8, 13, 30))
        is_open = number < 11
        admitted = as_of - timedelta(days=length) if is_open else ended - timedelta(days=length)
        db.session.add(
            Stay(
                home_id=homes[number % 9 == 0],
                hospital_id=cast.places["hospital"].id,
                reason=dice.choice(reasons),
                age=dice.choice((60, 70, 80, 80, 80, 90, None)),
                with_bag=dice.choice((True, True, False, None)),
                admitted_on=admitted,
                discharged_on=None if is_open else ended,
                discharge_ready_on=as_of if number < 3 else None if is_open else ended,
                ended_as="" if is_open else "died" if number % 29 == 0 else "home",
                admission_source=dice.choice(("scan", "scan", "scan", "page", "phone")),
                summary=dice.choice(("in_bag", "in_bag", "not_given", "")),
            )
        )
    db.session.commit()
    Pathway(cast, datetime.now(UTC) - timedelta(days=40)).packed().left().after(hours=2).admitted()
    begin_write()
    figures.rebuild([stay_figures.SOURCE], lambda _: None)
    db.session.commit()
