"""The rules that a tablet with no network holds by itself, against the server's own."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from playwright.sync_api import Page

from redbag.domain import answers, bag_code, doses, news2, next_due, typed_moment
from redbag.domain.answers import parse_time
from redbag.domain.errors import Invalid
from redbag.domain.london_time import format_moment, from_london
from redbag.domain.medicine_line import Line
from redbag.domain.record import Field, Kind
from redbag.domain.todays_facts import OBSERVATIONS, why_not_yet
from tests.browser.conftest import Visit
from tests.unit.typed_soon import DAYS, STILL_SAID, TAKEN

DEAL = random.Random(4)  # noqa: S311 - dealt, not secret
NOW = datetime(2026, 11, 22, 6, 21, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 5, 10, tzinfo=UTC)
TYPED = (
    "22:00 last night",
    "26:00",
    "18.75",
    "31/2",
    "30 Feb",
    "29 Feb",
    "23:50",
    "05:10",
    "18:00 today",
    "06:20 today",
    "tonight 22:00",
    "tomorrow",
    "3/12",
    "25 Nov",
    "Thu 19 Nov, 10:00",
    "22 Nov 2026, 07:00",
    "22/11 05:00",
    "22/11/26 23:00",
    "1 Jan 2027",
    "found at 02:50",
    "14 tablets",
    "",
)


@pytest.fixture
def modules(visit_as: Callable[..., Visit]) -> Page:
    """A page that may load the tablet's modules."""
    return visit_as(None).go("/offline").page


def ask(page: Page, module: str, function: str, rows: list[Any]) -> list[Any]:
    """What a function of a module answers to each row of arguments."""
    found: list[Any] = page.evaluate(
        f"""async (rows) => {{
          const module = await import("/static/js/offline/{module}.js");
          return rows.map((row) => module.{function}(...row));
        }}""",
        rows,
    )
    return found


def measured() -> dict[str, Any]:
    """Observations as a form may hold them, some of them not taken."""

    def maybe(value: Any) -> Any:
        return None if DEAL.random() < 0.15 else value

    return {
        "respiratory_rate": maybe(DEAL.randint(4, 40)),
        "spo2": maybe(DEAL.randint(78, 100)),
        "on_oxygen": maybe(DEAL.random() < 0.4),
        "systolic_bp": maybe(DEAL.randint(70, 240)),
        "pulse": maybe(DEAL.randint(30, 150)),
        "consciousness": maybe(DEAL.choice("AAACVPU")),
        "temperature": maybe(round(DEAL.uniform(34, 40.5), DEAL.choice((0, 1, 2)))),
        "scale": DEAL.choice((1, 2)),
    }


def test_the_score_is_the_servers(modules: Page) -> None:
    sets = [measured() for _ in range(1500)]
    sets += [{**measured(), "temperature": edge} for edge in (35.05, 36.05, 38.05, 39.05, 39.049, 35.0)]
    scored = ask(modules, "news2", "score", [[one] for one in sets])
    for one, answer in zip(sets, scored, strict=True):
        ours = news2.score(**one)
        assert (answer["total"], answer["sentence"]) == (ours.total, ours.sentence), one


def test_what_is_no_number_is_refused_in_the_servers_words(modules: Page) -> None:
    slips = ["72", "72.0", "72.5", "37,4", "7_2", "7e1", "nan", "٧٢", "9" * 400, "-1", "1,2,3", ".5", "0"]
    asked = [one for one in OBSERVATIONS.fields if one.kind is Kind.NUMBER]
    rows = [(question, typed) for question in asked for typed in slips]
    answered = modules.evaluate(
        """async (rows) => {
          const { Answers, wrongIn } = await import("/static/js/offline/answers.js");
          return rows.map(([question, typed]) =>
            wrongIn([question], new Answers([[question.key, typed]]))[question.key] ?? "");
        }""",
        [(asdict(question), typed) for question, typed in rows],
    )
    assert answered == [refused(question, typed) for question, typed in rows]


def refused(question: Field, typed: str) -> str:
    try:
        answers.read((question,), lambda _name: [typed])
    except Invalid as problem:
        return problem.errors[question.key]
    return ""


def test_a_wrong_label_is_found_where_it_is_typed(modules: Page) -> None:
    codes = [bag_code.readable(DEAL.randbytes(bag_code.BODY_BYTES)) for _ in range(200)]
    rows = []
    for code in codes:
        place = DEAL.randrange(len(code))
        other = DEAL.choice([one for one in bag_code.ALPHABET if one != code[place]])
        swapped = code[:3] + code[4] + code[3] + code[5:]
        rows += [
            code,
            bag_code.grouped(code).lower(),
            code[:place] + other + code[place + 1 :],
            swapped,
            code[:-1],
        ]
    rows += ["", "U", "7K2M!9QX46", "https://bags.example/B/" + "A" * 26, "https://bags.example/x"]
    for typed, wrong in zip(
        rows, ask(modules, "answers", "wrongLabel", [[one] for one in rows]), strict=True
    ):
        try:
            known = "/" in typed or bool(bag_code.parse_readable(typed))
            bag_code.normalise(typed)
        except ValueError:
            known = False
        assert (wrong == "") is known, (typed, wrong)


def at_a_time(modules: Page, asked: str, texts: list[str], now: datetime) -> list[Any]:
    """What a function of times.js says of each text, typed at this moment."""
    found: list[Any] = modules.evaluate(
        """async ([asked, texts, now]) => {
          const times = await import("/static/js/offline/times.js");
          return texts.map((text) => times[asked](text, new Date(now)));
        }""",
        [asked, list(texts), now.isoformat()],
    )
    return found


@pytest.mark.parametrize("now", [NOW, SUMMER])
def test_no_time_is_refused_that_the_server_takes(modules: Page, now: datetime) -> None:
    said = ask(modules, "times", "impossible", [[text] for text in TYPED])
    assert said == [typed_moment.impossible(text) for text in TYPED]
    refused = at_a_time(modules, "stillToCome", TYPED, now)
    for text, ahead in zip(TYPED, refused, strict=True):
        assert not ahead or typed_moment.still_to_come(text, now), text
    named = dict(zip(TYPED, refused, strict=True))
    assert named["18:00 today"] is named["tomorrow"] is True
    assert named["23:50"] is False  # yesterday's


@pytest.mark.parametrize("day", DAYS)
def test_a_bare_time_that_comes_soon_is_asked_about_in_the_servers_words(modules: Page, day: date) -> None:
    rows = [
        (typed, from_london(day, time.fromisoformat(clock))) for clock, typed, *_ in (*STILL_SAID, *TAKEN)
    ]
    said = modules.evaluate(
        """async (rows) => {
          const { wrongTime } = await import("/static/js/offline/answers.js");
          const { dated } = await import("/static/js/offline/times.js");
          return rows.map(([text, now]) => [wrongTime(text, new Date(now)), dated(text, new Date(now))]);
        }""",
        [(typed, now.isoformat()) for typed, now in rows],
    )
    for (typed, now), (wrong, day_given) in zip(rows, said, strict=True):
        assert wrong == why_not_yet(typed, now), (typed, now)
        assert day_given in (typed, typed_moment.dated(typed, now)), (typed, now)


@pytest.mark.parametrize("now", [NOW, SUMMER])
def test_a_time_gets_the_day_that_the_server_gives_it(modules: Page, now: datetime) -> None:
    texts = [
        *TYPED,
        "18:00",
        "06:00",
        "22:00 yesterday",
        "18:00 yesterday",
        "7am",
        "8 pm last night",
        "Tue 18:00",
        "950",
    ]
    said = at_a_time(modules, "dated", texts, now)
    for text, day in zip(texts, said, strict=True):
        assert day in (text, typed_moment.dated(text, now)), text
    named = dict(zip(texts, said, strict=True))
    for text in ("18:00", "23:50", "06:00", "22:00 last night", "18:00 yesterday"):
        assert named[text] == typed_moment.dated(text, now) != text


def test_clock_times_are_read_as_the_server_reads_them(modules: Page) -> None:
    texts = (
        "14:20",
        "1420",
        "14.20",
        "9:05",
        "2.20pm",
        "2 pm",
        "12 am",
        "9",
        "25:00",
        "9h05",
        "noon",
        "24:00",
    )
    for text, found in zip(texts, ask(modules, "times", "readClock", [[one] for one in texts]), strict=True):
        try:
            ours = parse_time(text)
        except ValueError:
            assert found is None, text
        else:
            assert (found["hour"], found["minute"]) == (ours.hour, ours.minute), text


@pytest.mark.parametrize("upto", [NOW, SUMMER, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)])
def test_the_last_time_of_the_mar_is_the_servers(modules: Page, upto: datetime) -> None:
    for frequency, times in (("twice a day", ("08:00", "22:00")), ("once a week", ("Mon 09:00",))):
        line = Line("Ramipril", frequency=frequency, times=times)
        slots = [(f"{one.clock:%H:%M}", one.weekday) for one in next_due.fixed_times(line)]
        last = next_due.last_by(line, upto)
        found = modules.evaluate(
            """async ([slots, upto]) => {
              const { lastSlot, moment } = await import("/static/js/offline/times.js");
              const last = lastSlot(slots, new Date(upto));
              return last && moment(last);
            }""",
            [slots, upto.isoformat()],
        )
        assert found == (format_moment(last) if last else None)


def test_who_counted_is_one_or_two_as_the_server_reads_it(modules: Page) -> None:
    typed = [
        "",
        " ",
        "Joy",
        "Joy,",
        "Joy, Tom",
        "Joy and Tom",
        "Sandy Withers",
        "J/T",
        "Joy with Tom",
        "A & B",
        "Joy\nTom",
    ]
    said = ask(modules, "pack", "countedByOne", [[text] for text in typed])
    assert said == [doses.counted_by_one({"counted": text}) for text in typed]
    assert {True, False} == set(said)
