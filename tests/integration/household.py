"""Residents for tests of the home's own pages, typed as their forms send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from redbag.database import begin_write, db
from redbag.services import bags, medicine_list, records, residents
from tests.cast import Cast

QUIET_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCRIPT = "<script>alert('x')</script>"


def typed(given: str, family: str, **more: Any) -> dict[str, Any]:
    """The answers to the identity questions, as they are read from the form."""
    number = more.pop("nhs_number", None)
    return {
        "given_name": given,
        "family_name": family,
        "date_of_birth": "1938-11-03",
        "nhs_number": number,
        "nhs_not_known": None if number else ["yes"],
        **more,
    }


def add(cast: Cast, given: str, family: str, *, part: str = "carer", **more: Any) -> str:
    """A resident of that person's home, committed; returns the reference."""
    begin_write()
    row = residents.add(cast.actor(part), typed(given, family, **more), QUIET_MORNING)
    ref = row.ref
    db.session.commit()
    return ref


def record(cast: Cast, ref: str, key: str, answers: dict[str, Any], *, version: int = 0) -> None:
    """A section of the record, committed."""
    begin_write()
    records.save(cast.actor("carer"), ref, key, answers, version=version, now=QUIET_MORNING)
    db.session.commit()


def medicine(cast: Cast, ref: str, name: str, **more: Any) -> str:
    """A medicine on the list, committed; returns its reference."""
    begin_write()
    row = medicine_list.add(cast.actor("carer"), ref, {"name": name, **more}, QUIET_MORNING)
    made = row.ref
    db.session.commit()
    return made


def bag(cast: Cast, number: str) -> str:
    """A bag in stock, committed; returns its reference."""
    begin_write()
    row = bags.add(cast.actor("manager"), cast.places["home"].id, number, QUIET_MORNING)
    ref = row.ref
    db.session.commit()
    return ref
