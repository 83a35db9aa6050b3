"""Eight years after the last entry a record is due for review; nothing goes by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import Result
from flask import Flask

from redbag.database import db
from redbag.domain.errors import Invalid
from redbag.models import Resident
from redbag.queries import retention
from redbag.services import records, residents, restriction
from tests.cast import Cast
from tests.integration import household
from tests.integration.pathway import write

Type = Callable[..., Result]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MADE = date(2026, 3, 2)  # household.QUIET_MORNING
DUE = date(2034, 3, 2)


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def left(cast: Cast, given: str, at: datetime = household.QUIET_MORNING, part: str = "carer") -> str:
    """Somebody who lived in the home and left it on the same day."""
    typed = household.typed(given, "Moore", date_of_birth="1930-05-01")
    ref = write(lambda: residents.add(cast.actor(part), typed, at).ref)
    leaving = {"left_on": at.date().isoformat(), "left_why": "moved"}
    write(lambda: residents.leave(cast.actor(part), ref, leaving, at))
    return ref


def due(cast: Cast, on: date) -> list[tuple[str, date, str]]:
    db.session.rollback()
    return [(one.ref, one.last_entry, one.why_not) for one in retention.due(cast.places["home"].id, on)]


def test_due_eight_years_after_the_last_entry_and_any_entry_counts(cast: Cast) -> None:
    ref = left(cast, "Ada")
    day_before = DUE - timedelta(days=1)
    assert due(cast, day_before) == []
    assert due(cast, DUE) == [(ref, MADE, "")]
    later = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)
    write(lambda: records.save(cast.actor("carer"), ref, "wishes", {"limits": "None"}, version=0, now=later))
    assert due(cast, DUE) == []
    assert due(cast, date(2035, 6, 1)) == [(ref, date(2027, 6, 1), "")]


def test_a_journey_is_an_entry_up_to_its_end(way: object, cast: Cast) -> None:
    way.packed().after(days=2).left()  # type: ignore[attr-defined]
    day = way.now.date()  # type: ignore[attr-defined]
    last = retention.last_entries(cast.places["home"].id)
    assert list(last.values()) == [day]
    found = due(cast, date(day.year + 9, 1, 1))
    assert [why for _, _, why in found] == ["a journey is open"]


def test_who_lives_there_or_is_restricted_is_listed_and_left_alone(cast: Cast) -> None:
    here = household.add(cast, "Bea", "Long", date_of_birth="1931-05-01")
    aside = left(cast, "Cora")
    write(lambda: restriction.restrict(aside, "A claim", datetime(2026, 3, 2, 13, 0, tzinfo=UTC)))
    assert sorted(due(cast, DUE)) == sorted(
        [(here, MADE, "still on the list of residents"), (aside, MADE, "restricted")]
    )


def test_the_review_lists_references_by_home_and_no_name(cast: Cast, type_: Type) -> None:
    ref = left(cast, "Ada")
    other = left(cast, "Zoe", part="outsider")
    shown = type_("retention", "review", "--as-of", "2034-03-02", "--format", "json")
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)
    assert {home["name"]: [one["resident"] for one in home["records"]] for home in told["homes"]} == {
        "Larch Lodge": [other],
        "Rowan House": [ref],
    }
    assert told["homes"][1]["records"][0]["last_entry"] == "2026-03-02"
    assert "Moore" not in shown.output
    one = type_("retention", "review", "--as-of", "2034-03-02", "--home", "vn101")
    assert ref in one.output
    assert other not in one.output
    assert "1 record is due on 2034-03-02" in one.output
    assert type_("retention", "review", "--home", "NOPE1").exit_code == 2


def test_apply_shows_first_and_erases_only_who_is_due(cast: Cast, type_: Type) -> None:
    long_ago = household.QUIET_MORNING.replace(year=2015)
    ref, kept, recent = left(cast, "Ada", long_ago), left(cast, "Bea", long_ago), left(cast, "Cora")
    until = date.today() + timedelta(days=400)  # noqa: DTZ011 - the command's own day
    assert type_("retention", "keep", kept, "--until", until, "--reason", "A claim is open").exit_code == 0
    shown = type_("retention", "apply", "--home", "VN101")
    assert shown.exit_code == 0, shown.output
    assert "Would erase 1 person" in shown.output
    assert "Nothing was changed" in shown.output
    db.session.rollback()
    assert db.session.query(Resident).filter_by(erased_at=None).count() == 3
    db.session.remove()
    refused = type_("retention", "apply", "--as-of", "2099-01-01", "--erase-for-good")
    assert refused.exit_code == 2
    done = type_("retention", "apply", "--home", "VN101", "--erase-for-good")
    assert done.exit_code == 0, done.output
    assert "Erased: 1 person." in done.output
    db.session.remove()
    left_names = {row.ref: row.given_name for row in db.session.query(Resident)}
    assert left_names == {ref: "", kept: "Bea", recent: "Cora"}
    assert type_("audit", "verify").exit_code == 0
    assert "Erased: 0 people." in type_("retention", "apply", "--erase-for-good").output


@on_sqlite
def test_keeping_longer_needs_a_reason_and_a_day_to_come(cast: Cast) -> None:
    ref, now = left(cast, "Ada"), datetime(2034, 4, 1, tzinfo=UTC)
    for until, reason in (
        (date(2034, 4, 1), "A claim"),
        (date(2036, 1, 1), " "),
        (date(2036, 1, 1), "x" * 301),
    ):
        with pytest.raises(Invalid):
            write(lambda u=until, r=reason: restriction.keep_longer(ref, u, r, now))
    write(lambda: restriction.keep_longer(ref, date(2036, 1, 1), "A claim", now))
    assert due(cast, date(2035, 12, 31)) == []
    assert due(cast, date(2036, 1, 1)) == [(ref, MADE, "")]
