"""The custody record on A4, black on white: for a claim, a complaint or a file.

Every page names the person and the record; the first carries the code by which anybody can have it
confirmed. Signatures are drawn from their points.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

from redbag.documents.pack_look import BODY, NOTE, SMALL, STRONG, foot, heading, masthead
from redbag.documents.paper import FULL, LEFT, Area, Box, Column, Page, Paper, Rule, draw, new_canvas
from redbag.documents.text_flow import Line, Style, height, wrap
from redbag.documents.typeface import printable
from redbag.domain.custody_record import NOBODY_BLAMED, CustodyRecord, Looked, Passing
from redbag.domain.london_time import format_moment
from redbag.domain.signature import HEIGHT, WIDTH, Strokes

SIGNED = {"drawn": "signed", "refused": "would not sign, or could not"}
_CODE = Style(15, 20, bold=True)
_SIGNATURE_WIDTH = 84.0
_SIGNATURE_HEIGHT = _SIGNATURE_WIDTH * HEIGHT / WIDTH
_HANDOVERS = (
    Column("Happened", LEFT + 3, 92),
    Column("From, to", LEFT + 101, 138),
    Column("Recorded by", LEFT + 245, 118),
    Column("Bag and label", LEFT + 369, 62),
    Column("Signature", LEFT + 437, 88),
)
_SIGN_X = LEFT + 437


@dataclass(frozen=True)
class Issue:
    """What stands on an issued record beside its content: its code, who made it when, and where the code is
    confirmed."""

    code: str
    made_by: str
    organisation: str
    made_at: datetime
    confirm_at: str


def custody_pdf(record: CustodyRecord, issue: Issue) -> bytes:
    """The whole record. The same bytes for the same record."""
    out = io.BytesIO()
    canvas = new_canvas(out, issue.made_at)
    canvas.setTitle("Custody record")
    canvas.setAuthor(printable(issue.organisation))
    who = f"{record.person}, born {record.born}"
    paper = Paper(lambda page: masthead(page, "RED BAG  ·  Custody record", who) - 8)
    paper.new_page()
    _first(paper, record, issue)
    _lost(paper, record)
    _handovers(paper, record)
    _checks(paper, record)
    _photos(paper, record)
    _shown(paper, record)
    made = f"Made {format_moment(issue.made_at)} by {issue.made_by}, {issue.organisation}"
    confirm = f"Code {issue.code}, confirmed at {issue.confirm_at}  ·  Journey {record.transfer}"
    for number, page in enumerate(paper.pages, start=1):
        foot(page, made, confirm, number, len(paper.pages))
        draw(canvas, page)
    canvas.save()
    return out.getvalue()


def _first(paper: Paper, record: CustodyRecord, issue: Issue) -> None:
    """Whose journey this is, where the bag was at the end of it, and the code."""
    number = f", NHS number {record.nhs_number}" if record.nhs_number else ""
    where = f"{record.home} to {record.hospital}" if record.hospital else record.home
    bag = f"Red bag {record.bag}" if record.bag else "No red bag"
    lines = [
        *wrap(f"{record.person}, born {record.born}{number}", FULL, Style(14, 18, bold=True)),
        *wrap(f"{where}. {bag}. {record.state}.", FULL, BODY),
        *wrap(
            f"The {'bag' if record.bag else 'person'} was with {record.holder} since "
            f"{format_moment(record.since)}, when this was made.",
            FULL,
            BODY,
        ),
    ]
    paper.flow(lines)
    body = [
        *wrap(f"Verification code  {issue.code}", FULL - 16, _CODE),
        *wrap(
            f"Type it at {issue.confirm_at} to learn who made this record, when, and whether anything has "
            "been recorded since. Nothing about the person is shown there.",
            FULL - 16,
            SMALL,
        ),
    ]
    tall = height(body) + 10
    paper.y -= 6
    paper.need(tall)
    paper.page.marks.append(Box(LEFT, paper.y - tall, FULL, tall, None, 1.4))
    paper.page.put(body, LEFT + 8, paper.y - 4)
    paper.y -= tall + 4


def _start(paper: Paper, title: str, aside: str = "") -> None:
    paper.need(64)
    paper.y = heading(paper.page, Area(LEFT, paper.y - 6, FULL), title, aside) - 2


def _lost(paper: Paper, record: CustodyRecord) -> None:
    _start(paper, "Missing belongings", NOBODY_BLAMED)
    if not record.lost:
        paper.flow(wrap("Nothing was missing when this was made.", FULL, BODY))
    for one in record.lost:
        paper.need(44)
        paper.flow(wrap(one.thing + ("" if one.seen else ": listed, never seen"), FULL, STRONG))
        paper.flow(wrap(one.claim, FULL, BODY))
        paper.y -= 5


def _handovers(paper: Paper, record: CustodyRecord) -> None:
    _start(paper, f"Handovers of the bag ({len(record.handovers)})")
    if not record.handovers:
        paper.flow(wrap("The bag has not left the home.", FULL, BODY))
        return
    paper.table_head(_HANDOVERS)
    paper.repeating(lambda: paper.table_head(_HANDOVERS))
    for one in record.handovers:
        _handover(paper, one)
    paper.repeating(None)


def _handover(paper: Paper, one: Passing) -> None:
    when, pair, by, bag, signed = _HANDOVERS
    cells = [
        [*wrap(format_moment(one.at), when.width, SMALL), *wrap(one.late, when.width, NOTE)],
        [
            *wrap(f"{one.from_holder} to {one.to_holder}", pair.width, Style(9, 11, bold=True)),
            *wrap(one.words + (". Person identified" if one.identity else ""), pair.width, NOTE),
        ],
        wrap(one.by, by.width, SMALL),
        wrap(", ".join(part for part in (one.bag, one.label) if part) or "none", bag.width, SMALL),
        [] if one.strokes else wrap(SIGNED.get(one.signature, "not asked for"), signed.width, NOTE),
    ]
    least = _SIGNATURE_HEIGHT if one.strokes else 0
    paper.row(_HANDOVERS, cells, least=least)
    if one.strokes:
        _draw_signature(paper.page, one.strokes, paper.y + 2)


def _draw_signature(page: Page, strokes: Strokes, bottom: float) -> None:
    """The strokes, their lower left corner in the last column of the row that was just drawn."""
    scale = _SIGNATURE_WIDTH / WIDTH
    for stroke in strokes:
        places = [(_SIGN_X + x * scale, bottom + (HEIGHT - y) * scale) for x, y in stroke]
        for start, end in zip(places, places[1:] or [(places[0][0] + 0.8, places[0][1])], strict=False):
            page.marks.append(Rule(*start, *end, 0.9))


def _checks(paper: Paper, record: CustodyRecord) -> None:
    _start(paper, "When somebody looked for the belongings")
    if not record.checks:
        paper.flow(wrap("Nothing was listed, and nobody looked.", FULL, BODY))
    for one in record.checks:
        paper.need(40)
        paper.flow(wrap(_looked(one), FULL, STRONG))
        paper.flow(wrap(one.by, FULL, NOTE))
        for status, things in one.by_status():
            paper.flow(_status(status, things), LEFT + 8)
        if one.valuables or one.witness:
            second = f"Second name: {one.witness}." if one.witness else "One name only."
            said = f"Money and valuables: {one.valuables or 'nothing written'}. {second}"
            paper.flow(wrap(said, FULL - 8, BODY), LEFT + 8)
        paper.y -= 5


def _photos(paper: Paper, record: CustodyRecord) -> None:
    if not record.photos:
        return
    _start(
        paper, "Photos of belongings", "They are kept with the record; the numbers tell that one is the same."
    )
    for one in record.photos:
        paper.flow(wrap(f"{one.thing}: {format_moment(one.at)}, by {one.by}", FULL, BODY))
        paper.flow(wrap(f"SHA-256 {one.sha256}", FULL, NOTE))


def _looked(one: Looked) -> str:
    late = f" ({one.late})" if one.late else ""
    why = f": {one.why}" if one.why else ""
    return f"{one.words}, {format_moment(one.at)}{late}{why}"


def _status(status: str, things: str) -> list[Line]:
    words = status.upper() if status == "Missing" else status
    return wrap(f"{words}: {things}", FULL - 8, BODY)


def _shown(paper: Paper, record: CustodyRecord) -> None:
    _start(paper, "Who was shown the pack")
    if not record.shown:
        paper.flow(wrap("Nobody.", FULL, BODY))
    for one in record.shown:
        often = f", {one.times} times" if one.times > 1 else ""
        said = f"Version {one.version}, {one.how} by {one.by}, first {format_moment(one.first_at)}{often}"
        paper.flow(wrap(said, FULL, BODY))
