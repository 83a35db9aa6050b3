"""Two homes with two years of stays, for what is drawn and hidden on the pages of figures."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from redbag.database import begin_write, db
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.stays_by_month import add_months, last_complete_month
from redbag.models import Organisation, Stay
from redbag.services import figures, stay_figures
from tests.cast import Cast
from tests.integration.pathway import Pathway


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
