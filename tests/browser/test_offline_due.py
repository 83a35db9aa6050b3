"""What a tablet with no network says of doses by itself, against the server's own words: when the next one is
due, which was the last, and what a typed time meant."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page

from redbag.domain import doses, next_due, pack_give_next, typed_moment
from redbag.domain.medicine_line import Line, answered_alone
from redbag.domain.pack_source import SourceMedicine
from redbag.domain.record import Values
from redbag.web.offline.copied import by_the_mar
from tests.browser.conftest import Visit

NIGHT = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
CLOCKS_BACK = datetime(2026, 10, 25, 9, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 17, 45, tzinfo=UTC)
NIGHTS = (NIGHT, CLOCKS_BACK, SUMMER)
TYPED = (
    "",
    "22:00 last night",
    "last night",
    "18:00 yesterday",
    "0310",
    "3am",
    "about 07:00",
    "noon",
    "midnight",
    "yesterday",
    "today",
    "2 days ago, 08:00",
    "Sun 18:00",
    "Fri 20 Nov, 18:00",
    "20/11 08:00",
    "1 Nov",
    "30 Jun 2026, 22:00",
    "Thu 20 Nov, 10:00",
    "when she woke",
    "02:55",
    "by Ann at 22:00",
    "put on 20 Nov",
    "01:30 today",
    "this morning 07:00",
    "8.30 pm yesterday",
    "5:00 today and 6:00",
    "tomorrow 07:00",
    "22:00 on Saturday",
    "3 8am",
)
LINES = (
    Line(
        "Co-careldopa",
        frequency="4 times a day",
        times=("07:00", "11:00", "15:00", "19:00"),
        time_critical=True,
    ),
    Line("Insulin glargine", frequency="once a day", times=("22:00",), time_critical=True),
    Line("Methotrexate", frequency="once a week", times=("Mon 09:00",), time_critical=True),
    Line("Levetiracetam", frequency="twice a day", times=("morning", "night"), time_critical=True),
    Line("Fentanyl patch", form="patch", frequency="every 72 hours"),
    Line("Rivastigmine patch", form="patch", frequency="once a day", times=("08:00",)),
    Line("Buprenorphine patch", form="patch", frequency="every 7 days", times=("Wed 10:00",)),
    Line("Ramipril", frequency="once a day", times=("08:00",)),
    Line("Paracetamol", frequency="as needed", as_needed=True),
    Line("Lansoprazole", frequency="once a day"),
)


@pytest.fixture
def modules(visit_as: Callable[..., Visit]) -> Page:
    """A page that may load the tablet's modules."""
    return visit_as(None).go("/offline").page


def medicines() -> list[SourceMedicine]:
    """Every line, also one that began a few days ago, and a paused one."""
    plain = [SourceMedicine(f"m{number}", line) for number, line in enumerate(LINES)]
    begun = [
        SourceMedicine(f"b{number}", line, started_on=date(2026, 11, 22)) for number, line in enumerate(LINES)
    ]
    paused = SourceMedicine("p0", LINES[0], paused="until the blood test")
    return [*plain, *begun, paused, SourceMedicine("p1", LINES[7], paused="until Friday")]


def answers() -> list[Values]:
    """The doses as the server keeps them, but for the medicine's own answer."""
    found: list[Values] = [
        {},
        {"ordinary": "not_known"},
        {"ordinary": "some_missed", "ordinary_note": "not sure"},
    ]
    found += [{"ordinary": "all_given", "ordinary_upto": typed} for typed in TYPED]
    return [
        *found,
        {"ordinary": "some_missed", "ordinary_upto": "20:00 yesterday", "ordinary_missed": ["m7"]},
    ]


def told(medicine: SourceMedicine) -> dict[str, Any]:
    """The medicine as it stands in the copy."""
    alone = answered_alone(medicine.line)
    return {"ref": medicine.ref, "alone": alone} | by_the_mar(medicine)


@pytest.mark.parametrize("now", NIGHTS)
def test_a_typed_time_is_read_as_the_server_reads_it(modules: Page, now: datetime) -> None:
    said = modules.evaluate(
        """async ([texts, now]) => {
          const { read, dated, stillToCome, soon } = await import("/static/js/offline/times.js");
          const at = new Date(now);
          return texts.map((text) => {
            const found = read(text, at);
            return [found && [found.day, found.instant?.toISOString() ?? ""], dated(text, at),
                    stillToCome(text, at), soon(text, at)];
          });
        }""",
        [TYPED, now.isoformat()],
    )
    for text, (found, dated, ahead, soon) in zip(TYPED, said, strict=True):
        ours = typed_moment.read(text, now)
        days = ours and (ours.day - date(1970, 1, 1)).days
        instant = ours.instant.strftime("%Y-%m-%dT%H:%M:%S.000Z") if ours and ours.instant else ""
        assert found == (ours and [days, instant]), text
        assert dated == typed_moment.dated(text, now), text
        assert ahead == typed_moment.still_to_come(text, now), text
        clock = typed_moment.soon(text, now)
        assert soon == (f"{clock:%H:%M}" if clock else ""), text


@pytest.mark.parametrize("written_ago", [timedelta(minutes=1), timedelta(hours=9)])
@pytest.mark.parametrize("now", NIGHTS)
def test_the_next_dose_is_due_when_the_server_says(
    modules: Page, now: datetime, written_ago: timedelta
) -> None:
    written = now - written_ago
    rows, ours = [], []
    for medicine in medicines():
        for given in ("", "not_given", "not_known", *(f"given {typed}" for typed in TYPED)):
            answer, _, when = given.partition(" ")
            kept = {"saved_at": written.isoformat(), medicine.ref: {"answer": answer, "when": when}}
            rows.append(
                [told(medicine), {"answer": answer, "when": when, "at": written.isoformat()}, now.isoformat()]
            )
            words = doses.due_words(
                medicine.line, medicine.ref, kept, now, medicine.started_on, medicine.paused
            )
            ours.append(words if next_due.stands_first(medicine.line) else None)
    said = modules.evaluate(
        """async (rows) => {
          const { dueWords } = await import("/static/js/offline/due.js");
          return rows.map(([one, last, asOf]) =>
            dueWords(one, { ...last, at: new Date(last.at) }, new Date(asOf)));
        }""",
        rows,
    )
    wrong = [
        (row, mine, there)
        for row, mine, there in zip(rows, ours, said, strict=True)
        if mine not in (None, there)
    ]
    assert wrong == []
    assert sum("was due" in words for words in said) > 10 < sum(words.startswith("due") for words in said)


@pytest.mark.parametrize("now", NIGHTS)
def test_the_last_dose_is_said_in_the_servers_words(modules: Page, now: datetime) -> None:
    rows, ours = [], []
    for medicine in medicines():
        own: list[Values] = [{}]
        if answered_alone(medicine.line):
            own = [{"answer": "not_given"}, {"answer": "not_known"}, {"answer": "given", "note": "left arm"}]
            own += [{"answer": "given", "when": typed} for typed in TYPED]
        for kept in answers() if own == [{}] else [{}]:
            for one in own:
                doses_kept = {**kept, "saved_at": now.isoformat(), **({medicine.ref: one} if one else {})}
                fields = [[name, value] for name, value in kept.items() if isinstance(value, str)]
                fields += [["ordinary_missed", ref] for ref in kept.get("ordinary_missed") or ()]
                fields += [[f"{medicine.ref}-{part}", text] for part, text in one.items()]
                rows.append([told(medicine), fields])
                words, answered = doses.last_dose_words(
                    medicine.line, medicine.ref, doses_kept, now, medicine.started_on, medicine.paused
                )
                ours.append(words if answered else "")
    said = modules.evaluate(
        """async ([rows, given, now]) => {
          const [{ lastDose }, { Answers }] = await Promise.all(
            [import("/static/js/offline/due.js"), import("/static/js/offline/answers.js")]);
          return rows.map(([one, fields]) => lastDose(one, new Answers(fields, new Date(now)), { given }));
        }""",
        [rows, doses.GIVEN, now.isoformat()],
    )
    wrong = [(row, mine, there) for row, mine, there in zip(rows, ours, said, strict=True) if mine != there]
    assert wrong == []


@pytest.mark.parametrize("now", NIGHTS)
def test_what_is_given_next_stands_in_the_servers_order(modules: Page, now: datetime) -> None:
    deal = random.Random(5)  # noqa: S311 - dealt, not secret
    words = [doses.due_words(one.line, one.ref, {}, now, one.started_on, one.paused) for one in medicines()]
    words += [f"due {next_due.short_moment(now + timedelta(hours=hours))}" for hours in (1, 5, 30, 200, 900)]
    rows = [
        [{"next": text} for text in deal.sample(words, count)] for count in (0, 1, 2, 5, 9) for _ in range(30)
    ]
    said = modules.evaluate(
        """async ([rows, now]) => {
          const { inOrder } = await import("/static/js/offline/due.js");
          return rows.map((row) => inOrder(row, new Date(now)).map(({ next }) => next));
        }""",
        [rows, now.isoformat()],
    )
    for row, there in zip(rows, said, strict=True):
        named: list[Any] = [SimpleNamespace(give_next=True, due=one["next"]) for one in row]
        assert there == [one.due for one in pack_give_next.in_order(named, now)]
