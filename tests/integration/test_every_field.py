"""Every field of the pack is on the page, on the paper and, where the card names it, on the ward card.

Each text of the fullest pack is replaced by a mark of its own that would be markup if it were not escaped;
then the three forms are made from that one frozen value, and each mark is looked for in each.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from redbag.database import db
from redbag.documents.pack_pdf import pack_pdf
from redbag.domain.pack import TransferPack, to_json
from redbag.models import PackVersion
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.unit.example_packs import fullest
from tests.visitor import Visitor

# Words that choose how a thing is shown, or that the page computes from: not shown as they stand.
STEERING = {
    "transfer_ref",
    "key",
    "kind",
    "level",
    "decision",
    "ref",
    "sha256",
    "media",
    "date_of_birth",
    "ods_code",
    "carried",
}
# Said by other fields: `due` and the MAR's own times take its place.
SAID_ELSEWHERE = {"next_due", "time_critical"}
# What the ward card is for; the rest stays in the pack.
ON_THE_CARD = (
    r"person\.(name|preferred_name|nhs_number|first_language)$",
    r"home\.(name|night_phone)$",
    r"resuscitation\.(words|original)$",
    r"alerts\[\d+\]\.(title|text)$",
    r"medicines\[[0-3]\]\.(name|times)$",
    r"sections\[(needs|about_me)\]\.entries\[\d+\]\.(label|text)$",
    r"(bag_number|made_by)$",
)


def marks(pack: TransferPack) -> tuple[TransferPack, dict[str, str]]:
    """The pack with a mark in place of each text, and each mark by the path of its field."""
    found: dict[str, str] = {}

    def mark(value: Any, path: str) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            changed = {}
            for field in fields(value):
                if field.name in STEERING | SAID_ELSEWHERE:
                    continue
                changed[field.name] = mark(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
            return replace(value, **changed)
        if isinstance(value, tuple):
            return tuple(mark(one, f"{path}[{getattr(one, 'key', '') or n}]") for n, one in enumerate(value))
        if isinstance(value, str) and value:
            found[path] = f"M{len(found):03d}<b>&"
            return found[path]
        return value

    return mark(pack, ""), found


@pytest.fixture
def marked() -> tuple[TransferPack, Mapping[str, str]]:
    pack = fullest()
    # The page has a part of its own for today; a pack that the product makes has no section of that name.
    return marks(replace(pack, sections=tuple(s for s in pack.sections if s.key != "today")))


@pytest.fixture
def way(app: Flask, cast: Cast, marked: tuple[TransferPack, Mapping[str, str]]) -> Walk:
    """A journey whose newest frozen version is the marked pack."""
    journey = Walk(app, cast).to("packed", "left")

    def freeze() -> None:
        first = db.session.query(PackVersion).one()
        kept = {
            c.key: getattr(first, c.key) for c in PackVersion.__table__.columns if c.key not in ("id", "ref")
        }
        told = replace(marked[0], made_at=datetime.now(UTC), transfer_ref=first.content["transfer_ref"])
        db.session.add(PackVersion(**{**kept, "number": 2, "content": to_json(told)}))

    journey.write(freeze)
    return journey


def absent(text: str, marks: Iterator[tuple[str, str]]) -> list[str]:
    text = text.lower()  # some words stand in the middle of a sentence
    return [path for path, mark in marks if mark.lower() not in text]


def timed(pack: TransferPack) -> set[str]:
    """The alerts that are said line by line in another place, with when each medicine is due."""
    found = {f"alerts[{n}]" for n, alert in enumerate(pack.alerts) if alert.kind == "time_critical"}
    assert found
    return found


def escaped(mark: str) -> str:
    return mark.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_the_page_shows_every_field_escaped(
    way: Walk, visit: Callable[..., Visitor], marked: tuple[TransferPack, Mapping[str, str]]
) -> None:
    text = visit("nurse").open(f"/b/{way.token}").response.text
    shown = (
        (path, escaped(mark))
        for path, mark in marked[1].items()
        if path.rpartition(".")[0] not in timed(marked[0])
    )
    assert absent(text, shown) == []
    assert not re.search(r"M\d{3}<b>", text)


def test_the_paper_shows_every_field_as_it_was_written(
    marked: tuple[TransferPack, Mapping[str, str]],
) -> None:
    pdf = PdfReader(io.BytesIO(pack_pdf(marked[0])))
    text = "".join(page.extract_text() for page in pdf.pages)
    assert absent(re.sub(r"\s", "", text), iter(marked[1].items())) == []


def test_the_ward_card_shows_what_it_is_for_escaped(
    way: Walk, visit: Callable[..., Visitor], marked: tuple[TransferPack, Mapping[str, str]]
) -> None:
    text = visit("nurse").open(f"/b/{way.token}/card").response.text
    blank = {
        f"sections[{s.key}].entries[{n}]"
        for s in marked[0].sections
        for n, e in enumerate(s.entries)
        if not e.known
    }
    named = {
        path: escaped(mark)
        for path, mark in marked[1].items()
        if any(re.match(pattern, path) for pattern in ON_THE_CARD)
        and path.rpartition(".")[0] not in blank | timed(marked[0])
    }
    assert len(named) > 40
    assert absent(text, iter(named.items())) == []
    assert not re.search(r"M\d{3}<b>", text)
