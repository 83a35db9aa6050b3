"""A hospital's readmissions: whoever came back to another hospital was found among all stays there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import true

from redbag.database import begin_write, db
from redbag.domain import readmissions
from redbag.domain.readmission_counts import spell
from redbag.queries import stay_facts, stays
from tests.cast import Cast
from tests.integration.test_kept_people import AS_OF, YEAR, a_resident, a_stay

NOW = datetime(2026, 6, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(6))
def test_readmissions_of_a_hospital_are_those_of_every_stay_one_by_one(
    app: Flask, cast: Cast, seed: int
) -> None:
    dice = Random(seed)  # noqa: S311 - the same again
    places = [*(cast.places[one].id for one in ("hospital", "hospital", "other_hospital")), None]
    with app.app_context():
        begin_write()
        homes = [cast.places[one].id for one in ("home", "other_home")]
        people = [a_resident(dice.choice(homes), None) for _ in range(25)]
        db.session.add_all(people)
        db.session.flush()
        for _ in range(160):
            stay = a_stay(dice, dice.choice(homes), [one.id for one in people])
            stay.hospital_id = dice.choice(places)
            if dice.random() < 0.4:  # about the first day of the year
                stay.admitted_on = YEAR.start + timedelta(days=dice.randrange(-25, 25))
                lasted = timedelta(days=dice.randrange(30))
                stay.discharged_on = dice.choice([stay.admitted_on + lasted, YEAR.start, None])
            db.session.add(stay)
        db.session.commit()
        found = stays.report(cast.actor("hospital_manager"), NOW).more.readmissions
        ours = cast.places["hospital"].id
        every = stay_facts.where(db.session.connection(), true())
        counted = (spell(one, counts=one.hospital_id == ours) for one in every)
        expected = readmissions.count(counted, YEAR.start, YEAR.end, AS_OF)
        assert found == expected
        assert expected.readmitted > 0
