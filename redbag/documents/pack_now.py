"""The lower half of page 1: why now and what to give next on the left; observations and what is missing
on the right."""

from __future__ import annotations

from collections.abc import Sequence

from redbag.documents.front_page import Front, bullet
from redbag.documents.pack_look import (
    BODY,
    CHECK_CHART,
    FACT,
    NOTE,
    SMALL,
    STRONG,
    black_heading,
    heading,
    panel,
    split_known,
)
from redbag.documents.paper import LEFT, Area, Box, Code
from redbag.documents.text_flow import Line, Style, height, one_line, wrap
from redbag.domain.next_due import with_phone
from redbag.domain.pack import Entry, PackMedicine, TransferPack
from redbag.domain.pack_observations import taken_words
from redbag.domain.todays_facts import JOURNEY_TYPES, REASONS, SBAR

_RIGHT_WIDTH = 200.0
_GUTTER = 14.0
_WHY = Style(13, 17, bold=True)
_SCORE = Style(30, 34, bold=True)
_CODE = 62.0
"""Points across the code that asks for the newest version, 22 mm with its white edge."""
_LETTERS = "S situation, B background, A assessment, R request"
_SHORT = 28
"""Characters that fit beside a heading."""
_NOT_ANSWERED = "not answered: ring the home"


def draw_now(front: Front, y: float) -> float:
    """Draw the lower half from `y` down; return the bottom of the longer column."""
    left = _give_next(front, _why_now(front, y) - 8)
    right = _newest(front, _missing(front, _observations(front, y) - 8) - 6)
    return min(left, right)


def _left_width(front: Front) -> float:
    return front.full - _RIGHT_WIDTH - _GUTTER


def _right_x(front: Front) -> float:
    return front.right - _RIGHT_WIDTH


def _why_now(front: Front, y: float) -> float:
    pack, page, limits = front.pack, front.page, front.limits
    journey = dict(JOURNEY_TYPES).get(pack.journey_type, pack.journey_type)
    reason = dict(REASONS).get(pack.reason, pack.reason) or "reason not recorded"
    width = _left_width(front)
    short = len(reason) <= _SHORT
    y = heading(page, Area(LEFT, y, width), f"Why now: {reason}" if short else "Why now", style=_WHY)
    if not short:
        y = page.put(front.say(reason, width, STRONG, limits.why, about="Why now"), LEFT, y)
    going = " to ".join(part for part in (journey, pack.hospital) if part)
    y = page.put(front.say(going, width, STRONG, limits.other, about="Going to"), LEFT, y)
    known, unknown = split_known(pack.why_now)
    shown, more = front.keep_items("Why now", known, _entry_words, width)
    if shown:
        y = page.put(wrap(_LETTERS, width, NOTE), LEFT, y)
    told: set[str] = set()
    for entry in shown:
        part = SBAR.get(entry.key, "")
        lead = f"{part}  {entry.label}:" if part not in told else f"{entry.label}:"
        told.add(part)
        lines = front.say(entry.text, width, BODY, limits.why, lead=lead.strip(), lead_style=STRONG)
        y = page.put(lines, LEFT, y) - 1
    y = page.put(more, LEFT, y)
    return _unknown(front, "Why now", unknown, Area(LEFT, y, width))


def _unknown(front: Front, about: str, unknown: Sequence[tuple[str, str]], area: Area) -> float:
    """What was not recorded or not taken, named on as few lines as it takes."""
    y = area.y
    shown, more = front.keep_items(f"{about}, not recorded", unknown, ": ".join, area.width)
    for text, labels in shown:
        lines = front.say(labels, area.width, NOTE, front.limits.other + 2, lead=f"{text}:")
        y = front.page.put(lines, area.x, y)
    return front.page.put(more, area.x, y)


def _give_next(front: Front, y: float) -> float:
    """Each time-critical medicine and patch: when it is due, and its last dose."""
    pack, page = front.pack, front.page
    width = _left_width(front)
    patches = any(one.stands_first and not one.time_critical for one in pack.medicines)
    title = (
        "Give next: time-critical medicines and patches" if patches else "Give next: time-critical medicines"
    )
    doses = _doses(pack)
    y = (black_heading if doses else heading)(page, Area(LEFT, y, width), title)
    if not doses and pack.next_by_mar:
        y = page.put(wrap("None on the list", width, BODY), LEFT, y)
        return _round(front, y, width)
    if not doses:
        none = "None on the list" if pack.medicines else "No medicines are recorded: this does not mean none"
        return page.put(wrap(none, width, BODY if pack.medicines else STRONG), LEFT, y)
    y = page.put(wrap(CHECK_CHART, width, NOTE), LEFT, y)
    shown, more = front.keep_items("Give next", doses, " ".join, width)
    for what, when, last in shown:
        most = front.limits.other + 1
        lines = front.say(what, width - 9, STRONG, most, about="Give next")
        lines += front.say(last, width - 9, BODY, most, lead=when, lead_style=STRONG)
        y = page.put(bullet(lines), LEFT, y)
    return _round(front, page.put(more, LEFT, y), width)


def _round(front: Front, y: float, width: float) -> float:
    """One calm line for the medicines that are not named one by one."""
    lines = front.say(front.pack.next_by_mar, width, BODY, front.limits.other + 1, about="Next by the MAR")
    return front.page.put(lines, LEFT, y)


def _doses(pack: TransferPack) -> list[tuple[str, str, str]]:
    """Each medicine that is given next: what, when, and its last dose; any line that names none of them."""
    critical, phone = pack.give_next, pack.home.night_phone
    doses = [(_what(one), f"{with_phone(one.when_next, phone)}.", _last(one)) for one in critical]
    others = (line for line in pack.time_critical if not any(line.startswith(one.name) for one in critical))
    return doses + [(line, "", "") for line in others]


def _what(medicine: PackMedicine) -> str:
    return ", ".join(part for part in (medicine.title, medicine.dose) if part)


def _last(medicine: PackMedicine) -> str:
    return f"Last dose: {medicine.last_dose if medicine.answered and medicine.last_dose else _NOT_ANSWERED}"


def _observations(front: Front, y: float) -> float:
    page, seen = front.page, front.pack.observations
    x, width = _right_x(front), _RIGHT_WIDTH
    taken = taken_words(seen)
    short = len(taken) <= _SHORT + 6
    y = heading(page, Area(x, y, width), "Observations", taken if short else "")
    y = _score(front, y)
    if not short:
        y = page.put(front.say(taken, width, BODY, front.limits.other, about="Observations taken"), x, y)
    known, unknown = split_known(seen.entries)
    shown, more = front.keep_items("Observations", known, _entry_words, width)
    for entry in shown:
        y = _measure(front, entry, y)
    return _unknown(front, "Observations", unknown, Area(x, page.put(more, x, y), width))


def _score(front: Front, y: float) -> float:
    """Today's NEWS2 beside, never minus, the person's usual."""
    page, seen, limits = front.page, front.pack.observations, front.limits
    x, width = _right_x(front), _RIGHT_WIDTH
    left = x + 6
    if seen.news2 is not None:
        number = one_line(str(seen.news2) if seen.news2_complete else f"{seen.news2}+", 52, _SCORE, 16)
        page.put([number], left, y - 1)
        left += number.width + 8
    room = x + width - left - 4
    today = seen.news2_words or "NEWS2 not taken"
    lines = front.say(today, room, Style(10, 12, bold=True), limits.other + 1, about="NEWS2")
    lines += front.say(seen.scale_words, room, SMALL, limits.other, about="SpO2 scale")
    usual = seen.usual_words or "Usual NEWS2 not recorded"
    lines += front.say(usual, room, SMALL, limits.other, about="Usual NEWS2")
    bottom = page.put(lines, left, y - 3)
    if seen.news2 is not None:
        bottom = min(bottom, y - 36)
    page.marks.append(Box(x, bottom - 3, width, y - bottom + 3, None, 1.2))
    return bottom - 6


def _measure(front: Front, entry: Entry, y: float) -> float:
    """A short value stands at the right edge, where a column of numbers is read; a long one flows."""
    page, x, width = front.page, _right_x(front), _RIGHT_WIDTH
    if len(entry.label) + len(entry.text) <= _SHORT * 2:
        label = wrap(entry.label, width, BODY)
        value = wrap(entry.text, width, STRONG)
        if len(label) == len(value) == 1 and label[0].width + value[0].width + 8 <= width:
            page.put(label, x, y)
            page.put_right(value[0], front.right, y)
            return y - BODY.leading
    most = front.limits.other
    lines = front.say(entry.text, width, STRONG, most, lead=f"{entry.label}:", lead_style=BODY)
    return page.put(lines, x, y)


def _entry_words(entry: Entry) -> str:
    return f"{entry.label}: {entry.text}"


def _missing(front: Front, y: float) -> float:
    area, gaps = Area(_right_x(front), y, _RIGHT_WIDTH), front.pack.gaps
    if not gaps:
        return panel(front.page, area, "Nothing is known to be missing", [], "plain")
    inner = area.width - 21
    shown, more = front.keep_items("What is missing", gaps, str, area.width - 12)
    body: list[Line] = []
    for gap in shown:
        body += bullet(front.say(gap, inner, BODY, front.limits.other, about="What is missing"))
    return panel(front.page, area, "What is missing", [*body, *more], "missing")


def _newest(front: Front, y: float) -> float:
    """A square that asks whether this paper is still the newest, and the code that opens the pack to somebody
    without an account who has scanned it; both give way before a word is cut."""
    if not front.newest_at or front.limits.tightest:
        return y
    x, room = _right_x(front), _RIGHT_WIDTH - _CODE - 8
    told = wrap("Is this the newest pack?", room, STRONG)
    told += wrap("Scan this square: the page says what has changed since.", room, SMALL)
    if front.access_code:
        told += wrap("Hospital staff without an account: scan it, then type", room, SMALL)
        told += wrap(front.access_code, room, FACT)
    bottom = y - max(_CODE, height(told)) - 8
    front.page.marks.append(Code(x + 2, bottom + 4, _CODE, front.newest_at))
    front.page.put(told, x + _CODE + 5, y - 3)
    if front.access_code:
        front.page.marks.append(Box(x, bottom, _RIGHT_WIDTH, y - bottom, None, 1.2))
    return bottom
