"""Page 1 of a pack: what an emergency nurse needs in thirty seconds, and never more than one page."""

from __future__ import annotations

from collections.abc import Sequence

from redbag.documents.front_page import LIMITS, Front, bullet
from redbag.documents.pack_look import (
    BODY,
    FACT,
    LABEL,
    SMALL,
    STRONG,
    born_words,
    masthead,
    nhs_words,
    panel,
    panel_height,
    panel_of_height,
)
from redbag.documents.pack_now import draw_now
from redbag.documents.paper import LEFT, Area, Box
from redbag.documents.pictures import Picture, fitted_size
from redbag.documents.text_flow import Line, Style, wrap
from redbag.domain.london_time import format_day, format_moment, london_day
from redbag.domain.pack import Alert, TransferPack
from redbag.domain.pack_changes import in_short
from redbag.domain.pack_gaps import CPR_PAPER, NOT_CONFIRMED

_GAP = 7.0
_PORTRAIT_WIDTH, _PORTRAIT_HEIGHT = 56.0, 66.0
"""Points that a face takes at most: 20 by 23 mm."""
_HOME_WIDTH = 178.0
_LONG_ALERT = 3
"""Lines above which an alert takes the whole width."""
_Panel = tuple[str, list[Line], str]
_LOUD = ("danger", "missing")
_KIN = Style(8.5, 10.5, bold=True)
_FIRST_ALERT = Style(12, 15, bold=True)
_NO_ALERTS = Alert("none", "missing", "Alerts not recorded", "Nobody has filled in the alerts: ask the home")


def lay_out_front(
    pack: TransferPack,
    newest_at: str = "",
    photo: bytes | None = None,
    since: Sequence[TransferPack] = (),
    access_code: str = "",
) -> Front:
    """Page 1, with the first limits that let it hold everything. What is given beside the pack: see Front."""
    for limits in LIMITS:
        front = Front(pack, limits, newest_at, photo, tuple(since), access_code)
        # A point or two are left between the last line and the rule at the foot.
        if _draw(front) >= front.floor - 2:
            break
    front.finish()
    return front


def _draw(front: Front) -> float:
    pack = front.pack
    bag = f"Bag {pack.bag_number}" if pack.bag_number else "No bag number"
    y = masthead(
        front.page, "RED BAG  ·  Hospital transfer pack", f"{bag}  ·  Version {pack.version}", front.full
    )
    y = _identity(front, y - 5) - 6
    if pack.changes or front.since:
        y = _changes(front, y) - _GAP
    y = _alerts(front, y)
    y = _resuscitation(front, y) - 9
    return draw_now(front, y)


def _half(front: Front) -> float:
    return (front.full - _GAP) / 2


def _who_width(front: Front) -> float:
    return front.full - _HOME_WIDTH - 14


def _identity(front: Front, y: float) -> float:
    page, person, limits = front.page, front.pack.person, front.limits
    width = _who_width(front)
    name = person.name or "Name not recorded"
    large = Style(25, 29, bold=True)
    left = page.put(front.say(name, width, large, 2, about="Name", smallest=15), LEFT, y)
    if person.preferred_name:
        called = "Likes to be called:"
        most = limits.other
        lines = front.say(person.preferred_name, width, FACT, most, lead=called, lead_style=BODY)
        left = page.put(lines, LEFT, left)
    left -= 2
    portrait = _portrait(front, LEFT + width, left)
    if portrait < left:
        width -= _PORTRAIT_WIDTH + _GAP
    half = width / 2
    made_on = format_day(london_day(front.pack.made_at)).split(" ", 1)[1]
    label = "Born" if person.age is None else f"Born; age on {made_on}"
    born = _fact(front, Area(LEFT, left, half + 22), label, born_words(person))
    number = _fact(front, Area(LEFT + half + 30, left, half - 30), "NHS number", nhs_words(person.nhs_number))
    bottom = _lesser_facts(front, min(born, number) - 1, width)
    return min(bottom, portrait, _home(front, y - 2))


def _portrait(front: Front, right: float, y: float) -> float:
    """The face beside the facts about the person, below the name; it gives way before a word is cut."""
    if front.photo is None or front.limits.cuts:
        return y
    width, height = fitted_size(front.photo, _PORTRAIT_WIDTH, _PORTRAIT_HEIGHT)
    x, bottom = right - width, y - height
    front.page.marks.append(Picture(x, bottom, width, height, front.photo))
    front.page.marks.append(Box(x, bottom, width, height, None, 0.6))
    return bottom - 3


def _lesser_facts(front: Front, y: float, width: float) -> float:
    person = front.pack.person
    facts = [
        (label, text)
        for label, text in (
            ("Gender", person.gender),
            ("Room", person.room),
            ("First language", person.first_language),
            ("Interpreter", person.interpreter),
            ("GP practice", person.gp_practice),
        )
        if text
    ]
    bold = Style(9, 11, bold=True)
    if front.limits.tightest:
        together = "; ".join(f"{label}: {text}" for label, text in facts)
        return front.page.put(front.say(together, width, bold, 2, about="Person"), LEFT, y)
    # Gender and room are short by nature, and side by side when they are.
    pairs = [[wrap(label + ":", width, SMALL)[0], *wrap(text[:80], width, bold)] for label, text in facts[:2]]
    if len(pairs) == 2 and all(len(pair) == 2 and pair[1].width < 90 for pair in pairs):
        x = LEFT
        for label, value in pairs:
            front.page.put([label], x, y)
            front.page.put([value], x + label.width + 3, y + 0.5)
            x += label.width + value.width + 21
        y -= 11
        facts = facts[2:]
    for name, text in facts:
        lines = front.say(text, width, bold, front.limits.other, lead=f"{name}:", lead_style=SMALL)
        y = front.page.put(lines, LEFT, y)
    return y


def _fact(front: Front, area: Area, label: str, text: str) -> float:
    y = front.page.put(wrap(label, area.width, LABEL), area.x, area.y)
    lines = front.say(text, area.width, FACT, 1, about=label, smallest=8)
    return front.page.put(lines, area.x, y)


def _home(front: Front, y: float) -> float:
    """The sending home, and above all the number that is answered at night."""
    page, home, limits = front.page, front.pack.home, front.limits
    x, width = front.right - _HOME_WIDTH + 7, _HOME_WIDTH - 14
    ring = "Ring the home, day or night" if home.night_phone else "Ring the home"
    number = home.night_phone or home.phone or "Phone not recorded"
    lines = wrap(ring, width, STRONG)
    lines += front.say(number, width, Style(17, 21, bold=True), 1, about="Night phone", smallest=9)
    daytime = f"Daytime phone: {home.phone}" if home.night_phone and home.phone else ""
    code = f"ODS code: {home.ods_code}" if home.ods_code else ""
    comes = f"Comes along: {front.pack.companion}" if front.pack.companion else ""
    for about, text, style, most in (
        ("Home", home.name, Style(10, 12, bold=True), limits.other + 1),
        ("Night phone", "" if home.night_phone else "Night phone not recorded", SMALL, 2),
        ("Daytime phone", daytime, SMALL, limits.other),
        ("Address", home.address, SMALL, limits.other + 1),
        ("ODS code", code, SMALL, limits.other),
        ("Next of kin", front.pack.next_of_kin, _KIN, limits.other + 2),
        ("Comes along", comes, SMALL, limits.other + 1),
    ):
        lines += front.say(text, width, style, most, about=about)
    bottom = page.put(lines, x, y - 3) - 4
    page.marks.append(Box(front.right - _HOME_WIDTH, bottom, _HOME_WIDTH, y - bottom, None, 1.2))
    return bottom


def _changes(front: Front, y: float) -> float:
    """What a reader of the paper that left with the bag has not seen, version by version; on paper that was
    made before it left, what the print before did not say."""
    width = front.full - 21
    versions = [version for version in front.since if version.changes] or [front.pack]
    told = [(version, short) for version in versions for short in in_short(version.changes)]
    every = [(version, change) for version in versions for change in version.changes]
    shown = told[: front.limits.items]
    body: list[Line] = []
    named = 0
    for version, change in shown:
        lead = f"Version {version.version}, {format_moment(version.made_at)}:"
        lead = lead if front.since and version.version != named else ""
        named = version.version
        most = front.limits.other
        body += bullet(
            front.say(change, width, BODY, most, about="What changed", lead=lead, lead_style=STRONG)
        )
    whole = {change for _, change in every} == {short for _, short in told}
    if len(shown) < len(told) or not whole:
        rest = f"and {len(told) - len(shown)} more, all in full:" if len(shown) < len(told) else "In full:"
        texts = tuple(_change_words(one) for one in every)
        body.append(front.elsewhere("What changed", texts, rest, width))
    title = f"Version {front.pack.version}: what changed"
    title += " since the bag left" if front.since else ""
    return panel(front.page, Area(LEFT, y, front.full), title, body, "plain")


def _change_words(told: tuple[TransferPack, str]) -> str:
    return f"Version {told[0].version}: {told[1]}"


def _alerts(front: Front, y: float) -> float:
    """Heavy panels for what harms or is not known, two abreast where short; the rest calm and small."""
    first, *others = front.pack.alerts or (_NO_ALERTS,)
    y = _wide_alert(front, first, y, _FIRST_ALERT) - 5
    loud = [alert for alert in others if alert.level in _LOUD]
    shown, more = front.keep_items("Alerts", loud, _alert_words, front.full, front.limits.alerts)
    y = _panels(front, shown, y)
    if more:
        y = front.page.put(more, LEFT, y) - 4
    calm = [alert for alert in others if alert.level not in _LOUD]
    return _calm_alerts(front, calm, y) if calm else y


def _panels(front: Front, alerts: Sequence[Alert], y: float) -> float:
    waiting: _Panel | None = None
    for alert in alerts:
        before = len(front.continued)
        title = front.title(alert.title, _half(front) - 32)
        body = _alert_body(front, alert, _half(front) - 12)
        if len(body) > _LONG_ALERT:
            # Laid out again over the whole width: whatever the half width had to cut does not count.
            del front.continued[before:]
            y = _wide_alert(front, alert, y, BODY) - 5
        elif waiting is None:
            waiting = (title, body, alert.level)
        else:
            y = _pair(front, [waiting, (title, body, alert.level)], y) - 5
            waiting = None
    return _pair(front, [waiting], y) - 5 if waiting else y


def _pair(front: Front, pair: Sequence[_Panel], y: float) -> float:
    tall = max(panel_height(_half(front), title, body) for title, body, _kind in pair)
    for index, (title, body, kind) in enumerate(pair):
        area = Area(LEFT + index * (_half(front) + _GAP), y, _half(front))
        panel_of_height(front.page, area, tall, title=title, body=body, kind=kind)
    return y - tall


def _wide_alert(front: Front, alert: Alert, y: float, style: Style) -> float:
    body = _alert_body(front, alert, front.full - 12, style)
    title = front.title(alert.title, front.full - 32)
    return panel(front.page, Area(LEFT, y, front.full), title, body, alert.level)


def _alert_body(front: Front, alert: Alert, width: float, style: Style = BODY) -> list[Line]:
    text = alert.text
    if alert.kind == "time_critical" and text == "; ".join(front.pack.time_critical):
        text = "When each is due: “Give next” below"
    return front.say(text, width, style, front.limits.alert, about=alert.title)


def _alert_words(alert: Alert) -> str:
    return f"{alert.title}: {alert.text}" if alert.text else alert.title


def _calm_alerts(front: Front, alerts: Sequence[Alert], y: float) -> float:
    width = _half(front) - 8 if len(alerts) > 1 else front.full - 12
    shown, more = front.keep_items("Take care", alerts, _alert_words, front.full - 12, front.limits.alerts)
    ends = [y - 3, y - 3]
    for alert in shown:
        lead = f"{alert.title}:" if alert.text else alert.title
        lines = front.say(alert.text, width, BODY, front.limits.alert, lead=lead, lead_style=STRONG)
        # Each goes where there is most room above: no line stays empty beside a longer one.
        side = 1 if len(alerts) > 1 and ends[1] > ends[0] else 0
        ends[side] = front.page.put(lines, LEFT + 6 + side * (_half(front) + _GAP - 2), ends[side])
    bottom = front.page.put(more, LEFT + 6, min(ends)) - 3
    front.page.marks.append(Box(LEFT, bottom, front.full, y - bottom, None, 0.5))
    return bottom - 5


def _resuscitation(front: Front, y: float) -> float:
    """The decision, where its original is, and always that other treatment continues."""
    cpr = front.pack.resuscitation
    width, most = front.full - 12, front.limits.other
    kind = {"not_recommended": "danger", "": "missing"}.get(cpr.decision, "plain")
    body = front.say(cpr.details, width, BODY, most, about="Resuscitation")
    if cpr.original:
        where = cpr.original
        if CPR_PAPER in front.pack.gaps:
            where = f"{where.rstrip('. ')}. {NOT_CONFIRMED}"
        body += front.say(where, width, STRONG, most, lead="Signed original:", lead_style=BODY)
    body += wrap(cpr.only, width, Style(11, 14, bold=True))
    if cpr.limits:
        body += front.say(cpr.limits, width, STRONG, most, lead="Treatment limits:", lead_style=BODY)
    title = front.title(f"Resuscitation: {cpr.words or 'CPR decision not recorded'}", width - 20)
    return panel(front.page, Area(LEFT, y, front.full), title, body, kind)
