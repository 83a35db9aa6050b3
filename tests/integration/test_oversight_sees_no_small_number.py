"""Every report as an oversight reader gets it, page and files: fixed tables, and no count from 1 to 7."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from redbag.database import begin_write, db
from redbag.domain import suppression
from redbag.domain.measures import MEASURES
from redbag.domain.permissions import can
from redbag.domain.report_tables import ReportPaper, Unit
from redbag.services import figures, stay_figures
from redbag.web.reports import exports
from tests.cast import Cast
from tests.integration.borough import add_earlier_stays, fill, spread_over_homes
from tests.unit.test_report_files import workbook
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
DICE = random.Random(20)  # noqa: S311 - which arguments are tried
# Choices between fixed tables: each is an address of its own here.
VARIANTS = {
    "/reports/comparison": ("", "?compare=joining", "?compare=joining&view=analyst", "?view=analyst"),
    "/reports/places": ("", "?by=home", "?by=home&find=house"),
    "/reports/places.csv": ("", "?by=home"),
    "/reports/places.xlsx": ("", "?by=home"),
    "/reports/places.pdf": ("", "?by=home"),
    "/reports/comparison.csv": ("?view=analyst", "?compare=joining&view=analyst"),
    "/reports/comparison.xlsx": ("?view=analyst",),
    "/reports/comparison.pdf": ("?compare=joining&view=analyst",),
}
UNUSED = (
    "This address narrows the figures down. Your figures are always of all care homes: "
    "nothing of it was used. "
)
COUNTED = r"(stays?|people|persons?|residents?|records?|journeys?|things|packs|summaries|deaths)"


@pytest.fixture
def borough(app: Flask, cast: Cast) -> None:
    with app.app_context():
        fill(cast)
        begin_write()
        spread_over_homes(cast, 9)
        add_earlier_stays(cast)
        figures.rebuild([stay_figures.SOURCE], lambda _: None)
        db.session.commit()


def addresses(app: Flask, cast: Cast) -> Iterator[str]:
    """Every address of a report that an oversight reader may open."""
    reader = cast.actor("oversight")
    for rule in app.url_map.iter_rules():
        permission = getattr(app.view_functions[rule.endpoint], "required_permission", None)
        if not rule.endpoint.startswith("reports.") or "GET" not in (rule.methods or ()):
            continue
        if permission is None or not can(reader, permission):
            continue
        if rule.endpoint == "reports.export":
            for page in exports.pages():
                yield from (f"/reports/{page}.{form}" for form in ("csv", "xlsx", "pdf"))
        elif rule.arguments == {"measure"}:
            yield from (str(rule).replace("<measure>", key) for key in list(MEASURES)[::4])
        else:
            assert not rule.arguments, f"{rule}: an argument that this test does not know"
            yield str(rule)


def narrowed(cast: Cast, address: str) -> str:
    """The address with a handful of whatever narrows figures down for those who may."""
    home, hospital = cast.places["home"], cast.places["hospital"]
    chosen = {
        "home": home.ref,
        "hospital": hospital.ref,
        "ward": hospital.wards["Willow"],
        "reason": DICE.choice(("fall", "infection", "other")),
        "age": DICE.choice(("under_65", "75_84")),
        "bag": DICE.choice(("with", "without")),
        "weekday": "mon",
        "from": "2026-01",
        "to": "2026-03",
        "month": "2026-03",
        "days": "7",
    }
    kept = DICE.sample(sorted(chosen), 5)
    return f"{address}{'&' if '?' in address else '?'}{'&'.join(f'{name}={chosen[name]}' for name in kept)}"


def words_of(client: FlaskClient, address: str) -> str:
    """All words of a page or a file, without what stands in links."""
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    if ".xlsx" in address:
        return repr(workbook(answer.data))
    if ".pdf" in address:
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    if ".csv" in address:
        return answer.text
    main = answer.text.split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", re.sub(r'"[^"]*(href|data)[^"]*"', "", main)).split())


def drawn(client: FlaskClient, address: str) -> list[str]:
    """Where the marks of a page's charts stand."""
    svg = re.findall(r"<svg.*?</svg>", client.get(address).text, re.DOTALL)
    return [re.sub(r"\s+", " ", one) for one in svg]


def test_nothing_in_an_address_narrows_the_figures_down_and_no_small_count_stands_anywhere(
    app: Flask, cast: Cast, visit: Visit, borough: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[ReportPaper] = []
    hide = suppression.suppressed

    def noted(paper: ReportPaper) -> ReportPaper:
        seen.append(hide(paper))
        return seen[-1]

    monkeypatch.setattr(suppression, "suppressed", noted)
    client = visit("oversight").client
    faults = []
    for plain in addresses(app, cast):
        for address in (plain + variant for variant in VARIANTS.get(plain, ("",))):
            seen.clear()
            words = words_of(client, address)
            if not seen and "history" not in address:
                faults.append(f"{address}: its figures did not go through the one door")
            faults += [f"{address}: {fault}" for paper in seen for fault in small_in(paper)]
            faults += [f"{address}: {found}" for found in small_in_words(words)]
            other = narrowed(cast, address)
            if words_of(client, other).replace(UNUSED, "") != words:
                faults.append(f"{other}: says something else than {address}")
            if "." not in plain and drawn(client, other) != drawn(client, address):
                faults.append(f"{other}: draws something else than {address}")
    assert not faults, "\n".join(faults)


def small_in(paper: ReportPaper) -> Iterator[str]:
    """Counts of a paper that are not 0 and not rounded to 5, of its tables and of its charts."""
    for table in paper.all_tables:
        for row in table.rows:
            for cell, column in zip(row.cells, table.columns, strict=True):
                if column.unit is Unit.WHOLE and isinstance(cell.value, int | float) and _shows(cell.value):
                    yield f"{table.title}, {row.cells[0].value}, {column.name}: {cell.value}"
                if cell.n is not None or cell.part is not None:
                    yield f"{table.title}, {row.cells[0].value}: the true n is still inside"
    if paper.key == "comparison" and paper.plots:
        yield "curves, whose steps are persons"
    for plot in paper.plots:
        for point in (point for line in plot.lines for point in line.points):
            if point.n is not None or (plot.counts and point.y is not None and _shows(point.y)):
                yield f"{plot.title}: {point}"


def _shows(value: float) -> bool:
    return value % 5 != 0


def small_in_words(words: str) -> Iterator[str]:
    """Numbers of people or things in sentences that are not rounded to 5."""
    for found in re.finditer(rf"(?<![\d.,–-])(\d[\d,]*) {COUNTED}\b", words):
        if int(found[1].replace(",", "")) % 5:
            yield words[max(0, found.start() - 40) : found.end() + 20]
