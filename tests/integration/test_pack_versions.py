"""A new version of a pack says that somebody changed something, never that time has passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask

from redbag.database import begin_write, db
from redbag.models import Medicine
from redbag.queries import packs as reads
from redbag.queries import transfers
from redbag.services import packs
from redbag.services import transfers as services
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.pathway import Pathway

START = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)


def test_a_dose_that_has_come_due_meanwhile_makes_no_new_version(app: Flask, cast: Cast) -> None:
    with app.app_context():
        way = Pathway(cast, START)
        carer = cast.actor("carer")
        begin_write()
        medicine = the(Medicine, name="Warfarin")
        medicine.time_critical, medicine.frequency, medicine.times = True, "once a day", "07:00"
        db.session.commit()
        transfer = way.packed().transfer
        begin_write()
        first = packs.freeze(carer, transfer, START)
        db.session.commit()
        [warfarin] = [m for m in first.medicines if m.name == "Warfarin"]
        assert warfarin.due == (
            "was due Sat 21 Nov, 07:00: ask the home whether it was given; next due Sun 22 Nov, 07:00"
        )
        begin_write()
        later = packs.freeze(carer, transfers.get(carer, transfer.ref), START + timedelta(hours=9))
        assert later == first
        db.session.rollback()
        begin_write()
        said = {medicine.ref: {"answer": "given", "when": "07:00 today"}}
        services.save_facts(carer, transfer.ref, "doses", said, None, START + timedelta(hours=8.83))
        second = packs.freeze(carer, transfers.get(carer, transfer.ref), START + timedelta(hours=9))
        db.session.commit()
        assert second.version == 2
        assert [m.due for m in second.medicines if m.name == "Warfarin"] == ["due Mon 23 Nov, 07:00"]
        assert [line for line in second.changes if not line.startswith("Alert: Time-critical")] == [
            "Warfarin: last dose now “Given Sun 22 Nov, 07:00”"
        ]
        assert reads.latest(transfer.id) == second
