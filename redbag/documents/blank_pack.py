"""The blank pack, printed in advance for when the system is down: the same headings, to fill in by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence

from redbag.documents.pack_body import (
    MEDICINE_COLUMNS,
    draw_belongings,
    draw_handovers,
    start_section,
    start_table,
)
from redbag.documents.pack_look import BODY, EDGE, LABEL, NOTE, SMALL, STRONG, foot, masthead
from redbag.documents.paper import FULL, LEFT, RIGHT, WHITE, Box, Column, Page, Paper, Rule, draw, new_canvas
from redbag.documents.text_flow import Line, Style, height, one_line, wrap
from redbag.documents.typeface import printable
from redbag.domain.belongings import DEFAULT_BELONGINGS
from redbag.domain.pack import HomeCard, PackItem
from redbag.domain.record import (
    ABOUT_ME,
    ALERTS,
    CARE_ACTIVITIES,
    CPR_ONLY,
    HISTORY,
    NEED_LEVELS,
    NEEDS,
    PEOPLE,
    WISHES,
    Field,
    Kind,
)
from redbag.domain.todays_facts import OBSERVATIONS, PAPER_KINDS, PAPER_TRAVELS, REASONS, TODAY, WHY_NOW

_ANSWER_X = LEFT + 158
_ANSWER_WIDTH = RIGHT - _ANSWER_X
_LINE = 17.0
_BOX = 9.0
_ROWS = 2
_MEDICINE_ROWS = 12
_NEED_COLUMNS = (
    Column("Activity", LEFT + 4, 176),
    Column("Usual: ring one", LEFT + 186, 80),
    Column("Today: ring one", LEFT + 274, 80),
    Column("Notes", LEFT + 362, FULL - 364),
)
_WHO = (
    "Name",
    "Likes to be called",
    "Date of birth",
    "NHS number",
    "Room",
    "GP practice",
    "Language, interpreter",
)
_DOWN = "For when the system is down. Leave blank what you do not know: blank means not recorded, not “no”."


def blank_pack_pdf(home: HomeCard) -> bytes:
    """A pack with the home's name and phone on it and everything else empty. The same bytes each time."""
    out = io.BytesIO()
    canvas = new_canvas(out, None)
    canvas.setTitle("Red bag pack, blank")
    canvas.setAuthor(printable(home.name))
    paper = Paper(_frame)
    paper.new_page()
    _draw_all(paper, home)
    ring = f"{home.name}  ·  Ring {home.night_phone or home.phone}"
    for number, page in enumerate(paper.pages, start=1):
        foot(page, ring, _DOWN, number, len(paper.pages))
        draw(canvas, page)
    canvas.save()
    return out.getvalue()


def _frame(page: Page) -> float:
    """The band, with room to write whose page this is: loose sheets must find their way back."""
    bottom = masthead(page, "RED BAG  ·  Hospital transfer pack", "")
    page.marks.append(Box(RIGHT - 262, bottom + 1.5, 260, 16, WHITE))
    page.put(wrap("Name", 40, EDGE), RIGHT - 259, bottom + 17)
    return bottom - 8


def _draw_all(paper: Paper, home: HomeCard) -> None:
    _identity(paper, home)
    start_section(paper, "Alerts", "Blank means not recorded, not “no”")
    for question in ALERTS.fields:
        _question(paper, question)
        if question.key == "cpr_decision":
            paper.flow(wrap(CPR_ONLY, _ANSWER_WIDTH, STRONG), _ANSWER_X)
    _section(paper, "Why now", (Field("reason", "Reason", Kind.CHOICE, REASONS), *WHY_NOW.fields))
    _section(paper, "Observations", OBSERVATIONS.fields)
    _medicines(paper)
    _needs(paper)
    for section in (PEOPLE, HISTORY, WISHES, ABOUT_ME):
        _section(paper, section.title, section.fields)
    papers = [Field(key, label, Kind.CHOICE, PAPER_TRAVELS) for key, label in PAPER_KINDS]
    _section(paper, "Papers in the bag", papers)
    usual = [PackItem("", one.name, 1, one.valuable, "") for one in DEFAULT_BELONGINGS]
    draw_belongings(paper, usual, packed=False)
    draw_handovers(paper)
    paper.repeating(None)


def _identity(paper: Paper, home: HomeCard) -> None:
    page = paper.page
    top = paper.y
    x, width = RIGHT - 190, 176
    lines = [
        *wrap("Ring the home, day or night", width, STRONG),
        one_line(home.night_phone or home.phone or " ", width, Style(17, 21, bold=True), 8),
        *wrap(home.name, width, Style(11, 14, bold=True)),
        *wrap(home.address, width, SMALL)[:4],
    ]
    bottom = page.put(lines, x + 7, top - 3) - 4
    page.marks.append(Box(x, bottom, 190, top - bottom, None, 1.2))
    for label in _WHO:
        paper.y -= _LINE + 2
        page.put(wrap(label, 110, LABEL), LEFT, paper.y + 11)
        page.marks.append(Rule(LEFT + 96, paper.y, x - 14, paper.y, 0.6))
    for index, label in enumerate(("Bag number", "Sent to", "Date and time")):
        y = min(bottom, top - 70) - (index + 1) * (_LINE + 2) + 4
        page.put(wrap(label, 60, LABEL), x, y + 11)
        page.marks.append(Rule(x + 58, y, RIGHT, y, 0.6))


def _section(paper: Paper, title: str, questions: Sequence[Field]) -> None:
    start_section(paper, title, room=90)
    for question in questions:
        _question(paper, question)
    paper.repeating(None)


def _question(paper: Paper, question: Field) -> None:
    unit = f" ({question.unit})" if question.unit else ""
    label = wrap(question.label + unit, _ANSWER_X - LEFT - 8, STRONG)
    boxes = _box_rows(question)
    lines = _lines_for(question)
    tall = max(height(label) + 3, len(boxes) * 14 + 3, 0) if boxes else max(height(label) + 3, _LINE)
    paper.need(tall + (lines - (not boxes)) * _LINE)
    page, top = paper.page, paper.y
    page.put(label, LEFT, top - 2)
    for row, choices in enumerate(boxes):
        x = _ANSWER_X
        for line in choices:
            page.tick_box(x, top - 3 - row * 14, _BOX, ticked=False)
            page.put([line], x + _BOX + 3, top - 2 - row * 14)
            x += _BOX + line.width + 15
    paper.y -= tall
    if lines:
        _write_lines(paper, question, lines, beside=not boxes)


def _write_lines(paper: Paper, question: Field, lines: int, *, beside: bool) -> None:
    """Rules to write on; the first beside the question itself where it has no boxes."""
    if not beside:
        paper.y -= _LINE - 3
    for line in range(lines):
        if line:
            paper.y -= _LINE
        paper.page.marks.append(Rule(_ANSWER_X, paper.y, RIGHT, paper.y, 0.5))
        hint = ", ".join(column.label.lower() for column in question.columns) or question.detail
        if hint and not line:
            paper.page.put([one_line(f"{hint}:", 200, EDGE, 5)], _ANSWER_X, paper.y + 10)


def _lines_for(question: Field) -> int:
    if question.kind is Kind.ROWS:
        return _ROWS
    if question.kind is Kind.LONG_TEXT:
        return 2
    if question.choices:
        return 1 if question.detail else 0
    return 1


def _box_rows(question: Field) -> list[list[Line]]:
    """The choices in as many rows as they need."""
    rows: list[list[Line]] = []
    used = _ANSWER_WIDTH
    for _value, words in question.choices:
        line = one_line(words, _ANSWER_WIDTH - 20, BODY, 7)
        wide = _BOX + line.width + 15
        if used + wide > _ANSWER_WIDTH + 12:
            rows.append([])
            used = 0
        rows[-1].append(line)
        used += wide
    return rows


def _medicines(paper: Paper) -> None:
    start_section(
        paper, "Medicines", "Star what is time-critical. Or fasten a copy of the MAR chart here", 110
    )
    start_table(paper, MEDICINE_COLUMNS)
    for _ in range(_MEDICINE_ROWS):
        paper.row(MEDICINE_COLUMNS, [[]] * len(MEDICINE_COLUMNS), least=25)
    paper.repeating(None)


def _needs(paper: Paper) -> None:
    start_section(paper, "Usual needs, and today’s", room=120)
    scale = ", ".join(
        f"{number} {words.lower()}" for number, (_key, words) in enumerate(NEED_LEVELS, start=1)
    )
    paper.flow(wrap(f"Scale: {scale}. Leave today’s blank if nobody has looked.", FULL, NOTE))
    start_table(paper, _NEED_COLUMNS)
    numbers = wrap("1 · 2 · 3 · 4 · 5", 90, Style(11, 13))
    for activity in CARE_ACTIVITIES:
        name = wrap(activity.label, _NEED_COLUMNS[0].width, BODY)
        paper.row(_NEED_COLUMNS, [name, numbers, numbers, []], least=13)
    paper.repeating(None)
    asked = {activity.key for activity in CARE_ACTIVITIES}
    for question in (*NEEDS.fields, *TODAY.fields):
        if question.key not in asked:
            _question(paper, question)
