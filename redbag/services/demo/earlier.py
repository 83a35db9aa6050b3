"""Earlier stays of the first home, from the three years before it began with the red bag, loaded from a file
as a manager would: so that its charts have a before. Invented, as everything here."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta

from sqlalchemy import select

from redbag.database import db
from redbag.domain.stays_by_month import add_months, first_day
from redbag.models import Organisation
from redbag.services import history, history_files
from redbag.services.demo.dice import Dice
from redbag.services.history_files import Asked
from redbag.storage.long_tables import BY_COMMAND
from redbag.storage.scratch import scratch

YEARS = 3
_DAYS_BETWEEN = (2, 20)
_MEDIAN, _SPREAD = 12.5, 0.65
_FILE = "earlier-stays.csv"
_BEGINS_BEFORE = timedelta(days=90)
"""Stays from so long before the file's first day are invented too: some are still open on it."""


def add(seed: int, now: datetime) -> int:
    """Loads the file into a borough that was just made; how many stays were in it."""
    homes = select(Organisation).filter_by(kind="care_home").order_by(Organisation.id)
    home = db.session.scalars(homes.limit(1)).one()
    if home.joined_on is None:
        return 0
    text = _file(home.joined_on, Dice(seed)).encode()
    with scratch() as rows:
        asked = Asked(open_at_start=True, home_id=home.id)
        found = history_files.read(None, io.BytesIO(text), _FILE, asked, BY_COMMAND, rows, now)
        return history.load(found, rows.numbered(), now, lambda _row: None).new


def _file(joined_on: date, dice: Dice) -> str:
    """Every stay of the years before the home joined, by the day on which it ended."""
    text = io.StringIO(newline="")
    write = csv.writer(text)
    write.writerow(("Admission", "Discharge", "Reason", "Age", "With bag", "How it ended"))
    start = add_months(first_day(joined_on), -12 * YEARS)
    day = start - _BEGINS_BEFORE
    while (day := day + timedelta(days=dice.whole(*_DAYS_BETWEEN))) < joined_on:
        left = day + timedelta(days=round(dice.skewed(_MEDIAN, _SPREAD)))
        if start <= left < joined_on:
            reason = dice.pick(("Fall", "Breathless", "Infection", "Something else"))
            ended = "Died" if dice.happens(0.09) else "Left alive"
            days = (f"{one:%d/%m/%Y}" for one in (day, left))
            write.writerow((*days, reason, dice.whole(74, 97), "no", ended))
    return text.getvalue()
