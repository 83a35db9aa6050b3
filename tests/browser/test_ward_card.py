"""The ward card in a browser: one A4 side however much a home wrote, and one tap to each reader's part."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pypdf import PdfReader

from redbag.database import db
from redbag.domain.london_time import format_day, london_day
from redbag.domain.pack import Entry, TransferPack, to_json
from redbag.models import PackVersion
from tests.browser.conftest import PHONE, Site, Visit
from tests.integration.walk import Walk
from tests.unit.example_packs import fullest

_LONG = " and then she told us about it at length, as she does when somebody listens to her" * 4


def talkative() -> TransferPack:
    """The fullest pack, with every answer far longer than a card can hold."""
    pack = fullest()
    needs = tuple(Entry(f"Something that is asked, number {n}", f"Answer {n}{_LONG}") for n in range(28))
    sections = tuple(
        replace(
            s,
            entries=needs if s.key == "needs" else tuple(replace(e, text=e.text + _LONG) for e in s.entries),
        )
        for s in pack.sections
        if s.key != "today"
    )
    alerts = tuple(replace(a, text=a.text + _LONG) for a in pack.alerts)
    return replace(pack, sections=sections, alerts=alerts)


def tonight(now: datetime) -> TransferPack:
    """The fullest pack, made now: what is due long ago is not said on a page."""
    pack = fullest()
    first, today = london_day(pack.made_at), london_day(now)
    moved = {short(first + timedelta(days=n)): short(today + timedelta(days=n)) for n in (-1, 0, 4)}

    def move(due: str) -> str:
        return re.sub("|".join(moved), lambda found: moved[found[0]], due)

    return replace(pack, made_at=now, medicines=tuple(replace(m, due=move(m.due)) for m in pack.medicines))


def short(day: date) -> str:
    return format_day(day).rsplit(" ", 1)[0]


def freeze(way: Walk, number: int, pack: TransferPack) -> None:
    """Makes this the newest frozen version."""

    def add() -> None:
        first = db.session.query(PackVersion).filter_by(number=1).one()
        kept = {c.key: getattr(first, c.key) for c in PackVersion.__table__.columns if c.key != "id"}
        content = to_json(replace(pack, transfer_ref=first.content["transfer_ref"]))
        db.session.add(PackVersion(**{**kept, "number": number, "content": content}))

    way.write(add)


def test_the_fullest_pack_shows_every_danger_at_once_and_its_card_is_one_side(
    site: Site, visit_as: Callable[..., Visit]
) -> None:
    way = Walk(site.app, site.cast).to("packed", "left")
    freeze(way, 2, tonight(datetime.now(UTC)))
    nurse = visit_as("nurse", PHONE)
    nurse.go(f"/b/{way.token}").judge()
    bar = nurse.page.locator(".rb-bar").bounding_box()
    must = nurse.page.locator(
        ".rb-stays, .rb-who, #why, #resuscitation, .rb-brief__danger, .rb-brief__missing, #critical"
    )
    assert must.count() > 12
    for part in must.all():
        box = part.bounding_box()
        assert bar
        assert box
        assert box["y"] >= 0, part.inner_text()
        assert box["y"] + box["height"] <= bar["y"], part.inner_text()
    freeze(way, 3, talkative())
    nurse.go(f"/b/{way.token}")
    nurse.tap("link", "Ward card").judge()
    assert nurse.taps == 1
    printed = PdfReader(io.BytesIO(nurse.page.pdf(format="A4", prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    text = printed.pages[0].extract_text()
    assert "Not a MAR chart or a prescription" in text
    assert "number 27" in text
    assert nurse.faults == []


def test_each_reader_finds_their_part_with_one_tap(site: Site, visit_as: Callable[..., Visit]) -> None:
    way = Walk(site.app, site.cast).to("packed", "left")
    nurse = visit_as("nurse", PHONE)
    for words, part in (("Medicines", "#medicines"), ("Needs", "#needs"), ("About me", "#about_me")):
        nurse.go(f"/b/{way.token}")
        link = nurse.page.locator(".rb-bar__parts").get_by_role("link", name=words)
        assert link.is_visible()
        link.click()
        assert nurse.page.locator(part).bounding_box()["y"] < PHONE["height"] / 2  # type: ignore[index]
