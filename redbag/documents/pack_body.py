"""The pages after the first: medicines, needs, about me, people, and the rest, each in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from redbag.documents.front_page import Front, bullet
from redbag.documents.pack_look import (
    BODY,
    CHECK_CHART,
    EDGE,
    NOTE,
    SMALL,
    STRONG,
    heading,
    split_known,
)
from redbag.documents.paper import FULL, LEFT, Area, Column, Paper
from redbag.documents.text_flow import Line, Style, run_in, wrap
from redbag.domain.pack import Entry, PackItem, PackMedicine, PackSection, TransferPack
from redbag.domain.todays_facts import CARRIED

_BETWEEN = 10.0
_GAP = 14.0
_HALF = (FULL - _GAP) / 2
_HALF_LINES = 4
"""Lines of the longest fact that shares its row with another."""
_LONG = 400
_SMALL_BOLD = Style(8, 10, bold=True)
_BLANK_ITEMS = 3

MEDICINE_COLUMNS = (
    Column("Medicine", LEFT + 7, 152),
    Column("Dose and when", LEFT + 165, 136),
    Column("Last dose, next due", LEFT + 307, 110),
    Column("Sent, dates", LEFT + 423, FULL - 425),
)
BELONGING_COLUMNS = (
    Column("Item", LEFT + 4, 196),
    Column("Worn or carried", LEFT + 208, 84),
    Column("Packed", LEFT + 300, 52),
    Column("Admission", LEFT + 356, 54),
    Column("Discharge", LEFT + 414, 54),
    Column("Back home", LEFT + 472, 54),
)
HANDOVER_COLUMNS = (
    Column("Handover of the bag", LEFT + 4, 140),
    Column("Name and role", LEFT + 150, 150),
    Column("Date and time", LEFT + 306, 90),
    Column("Signature", LEFT + 402, 120),
)
HANDOVERS = (
    "Home to crew",
    "Crew to emergency department",
    "Emergency department to ward",
    "Ward to ward",
    "Ward to transport",
    "Transport to home",
)
ITEM_NOTE = "Tick what is there. Write M for missing, D for damaged. Write new things on the empty lines."
MONEY_NOTE = "Money and jewellery: the hospital keeps no responsibility unless they are handed in."


def draw_continued(paper: Paper, front: Front) -> None:
    """What page 1 cut short, whole; and page 1 told where each stands."""
    if not front.continued:
        return
    start_section(paper, "Continued from page 1")
    pages = []
    for cut in front.continued:
        paper.need(40)
        pages.append(paper.number)
        paper.flow(wrap(cut.about, FULL, STRONG))
        for text in cut.texts:
            lines = wrap(text, FULL - 9, BODY)
            paper.flow(bullet(lines) if len(cut.texts) > 1 else lines)
        paper.y -= 4
    paper.repeating(None)
    front.say_where(pages)


def start_section(paper: Paper, title: str, aside: str = "", room: float = 56) -> None:
    """A section's heading, repeated as "continued" on each page that the section goes on to."""
    paper.repeating(None)
    paper.y -= _BETWEEN
    paper.need(room)

    def head(words: str) -> None:
        paper.y = heading(paper.page, Area(LEFT, paper.y, FULL), words, aside)

    head(title)
    paper.repeating(lambda: head(f"{title} (continued)"))


def start_table(paper: Paper, columns: Sequence[Column]) -> None:
    """The table's own headings, now and on each page that it goes on to, below the section's."""
    section = paper.repeated
    paper.table_head(columns)

    def again() -> None:
        if section:
            section()
        paper.table_head(columns)

    paper.repeating(again)


def draw_medicines(paper: Paper, pack: TransferPack) -> None:
    """The list as sent, a heavy bar beside what is time-critical."""
    start_section(
        paper,
        f"Medicines ({len(pack.medicines)})" if pack.medicines else "Medicines",
        f"Not a MAR chart or a prescription. {CHECK_CHART}",
        90,
    )
    if not pack.medicines:
        paper.flow(wrap("No medicines are recorded: this does not mean that there are none.", FULL, STRONG))
    else:
        start_table(paper, MEDICINE_COLUMNS)
        for medicine in pack.medicines:
            paper.row(MEDICINE_COLUMNS, _medicine_cells(medicine), bar=medicine.give_next)
    paper.repeating(None)


def _medicine_cells(medicine: PackMedicine) -> list[list[Line]]:
    name, dose, last, sent = (column.width for column in MEDICINE_COLUMNS)
    first = wrap(medicine.title or "Name not recorded", name, STRONG)
    if medicine.allergy_conflict:
        first += wrap(f"ALLERGY: {medicine.allergy_conflict}", name, _SMALL_BOLD)
    others = [one for one in medicine.warnings if one.casefold() not in ("time-critical", "time critical")]
    said = ["TIME-CRITICAL", *others] if medicine.time_critical else list(medicine.warnings)
    first += wrap("  ·  ".join(said), name, _SMALL_BOLD)
    first += wrap(medicine.indication and f"For {medicine.indication}", name, SMALL)
    first += wrap(medicine.code and f"dm+d {medicine.code}", name, EDGE)
    second = wrap(medicine.directions or "Dose not recorded", dose, BODY)
    if medicine.as_needed:
        rules = medicine.as_needed_rules or "rules not recorded"
        second += run_in("As needed:", rules, dose, _SMALL_BOLD, SMALL)
    third = wrap(medicine.last_dose or "Not answered", last, BODY if medicine.answered else STRONG)
    if medicine.due:
        third += wrap(medicine.due[0].upper() + medicine.due[1:], last, STRONG)
    fourth: list[Line] = []
    for label, text in (("Sent", medicine.sent), ("From", medicine.started), ("Review", medicine.review)):
        fourth += run_in(f"{label}:", text, sent, _SMALL_BOLD, SMALL) if text else []
    return [first, second, third, fourth]


def draw_alert_answers(paper: Paper, pack: TransferPack, section: PackSection) -> None:
    """The alert questions that page 1 has no alert for: what was answered "no", and what was not."""
    said = {alert.kind for alert in pack.alerts}
    said |= {"allergies", "allergy_status"} if pack.alerts else set()
    said |= {"infections"} if "infection" in said else set()
    left = [e for e in section.entries if not e.known or not (e.key in said or e.key.startswith("cpr_"))]
    other = [e for e in left if not e.known or e.text not in _SHORT_ANSWERS]
    grouped = [
        Entry(answer, ", ".join(e.label for e in left if e.known and e.text == answer))
        for answer in _SHORT_ANSWERS
    ]
    title = "Alerts: the other questions"
    draw_entries(paper, title, [*(e for e in grouped if e.text), *other], section.reviewed)


_SHORT_ANSWERS = ("No", "Not known")


def draw_entries(paper: Paper, title: str, entries: Sequence[Entry], aside: str = "") -> None:
    """A section of facts: short ones two abreast, long ones over the whole width, then what is not known."""
    start_section(paper, title, aside)
    known, unknown = split_known(entries)
    if not entries:
        paper.flow(wrap("Nothing recorded", FULL, NOTE))
    position = 0
    while position < len(known):
        two = known[position : position + 2]
        # What is plainly too long for half a row is not measured for it.
        pair = [_fact(entry, _HALF - 4) for entry in two if len(entry.text) < _LONG]
        if len(pair) == 2 and all(len(lines) <= _HALF_LINES for lines in pair):
            paper.row(_PAIR, pair, pad=2)
            position += 2
        else:
            paper.row(_WIDE, [_fact(known[position], FULL - 4)], pad=2)
            position += 1
    for text, labels in unknown:
        paper.flow(
            run_in(f"{text}:", labels, FULL - 4, replace(NOTE, bold=True, italic=False), NOTE), LEFT + 2
        )
    paper.repeating(None)


_PAIR = (Column("", LEFT + 2, _HALF - 4), Column("", LEFT + _HALF + _GAP, _HALF - 4))
_WIDE = (Column("", LEFT + 2, FULL - 4),)


def _fact(entry: Entry, width: float) -> list[Line]:
    return run_in(f"{entry.label}:", entry.text or "Not recorded", width, STRONG, BODY)


def draw_belongings(paper: Paper, items: Sequence[PackItem], *, packed: bool = True) -> None:
    """Each thing with a box for each time it is checked; of these only packing is ever ticked, and only
    in a pack: `packed` is False for a list to tick by hand."""
    start_section(paper, f"Belongings ({len(items)})" if items and packed else "Belongings", ITEM_NOTE, 110)
    start_table(paper, BELONGING_COLUMNS)
    for item in items:
        paper.row(BELONGING_COLUMNS, _item_cells(item), boxes=_boxes(packed=packed), least=13)
    for _ in range(_BLANK_ITEMS):
        paper.row(BELONGING_COLUMNS, [[]] * len(BELONGING_COLUMNS), boxes=_boxes(packed=False), least=15)
    paper.repeating(None)
    paper.flow(wrap(MONEY_NOTE, FULL, NOTE))


def _item_cells(item: PackItem) -> list[list[Line]]:
    words = item.description if item.quantity == 1 else f"{item.quantity} × {item.description}"
    name = wrap(words, BELONGING_COLUMNS[0].width, BODY)
    if item.valuable:
        name += wrap("Valuable", BELONGING_COLUMNS[0].width, _SMALL_BOLD)
    carried = dict[str, str](CARRIED).get(item.carried, item.carried)
    return [name, wrap(carried, BELONGING_COLUMNS[1].width, BODY), [], [], [], []]


def _boxes(*, packed: bool) -> list[tuple[float, bool]]:
    return [(column.x + 16, packed and column.heading == "Packed") for column in BELONGING_COLUMNS[2:]]


def draw_handovers(paper: Paper) -> None:
    """Lines to sign at each change of hands."""
    start_section(paper, "Handovers", "The bag stays closed, and with the person", 40 + 24 * len(HANDOVERS))
    start_table(paper, HANDOVER_COLUMNS)
    for words in HANDOVERS:
        cells = [wrap(words, HANDOVER_COLUMNS[0].width, BODY), [], [], []]
        paper.row(HANDOVER_COLUMNS, cells, least=20)
    paper.repeating(None)
