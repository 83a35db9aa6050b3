"""The pack on paper: every fact is there, page 1 holds its thirty seconds, and no text breaks it."""

from __future__ import annotations

import dataclasses
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from redbag.documents import typeface
from redbag.documents.blank_pack import blank_pack_pdf
from redbag.documents.pack_pdf import lay_out_pack, pack_pdf
from redbag.documents.paper import HEIGHT, LEFT, RIGHT, WIDTH
from redbag.documents.typeface import printable
from redbag.domain.pack import Alert, Entry, PackSection, TransferPack
from redbag.domain.record import CPR_ONLY, SECTIONS
from tests.unit.example_packs import CARD, HOME, MADE_AT, emptiest, fullest, medicine, typical


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page; words broken over lines are joined by one space."""
    return [squeeze(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def squeeze(text: str) -> str:
    """Letters and digits only: line breaks fall differently on paper."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isalnum())


def texts_in(value: Any, skip: frozenset[str]) -> Iterator[str]:
    """Every text in a value, walked through its fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_in(item, skip)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if field.name not in skip:
                yield from texts_in(getattr(value, field.name), skip)


# Not words: keys of our own, and codes that are printed as the words they stand for.
CODES = frozenset(
    {"ref", "key", "kind", "level", "decision", "reason", "journey_type", "carried", "time_critical"}
)


def unchanged_lines(pack: TransferPack) -> list[str]:
    return list(texts_in(pack, CODES))


def test_every_field_of_the_fullest_pack_is_printed():
    pack = fullest()
    printed = "".join(pages_of(pack_pdf(pack)))
    for text in unchanged_lines(pack):
        # What “Give next” and the medicine's own line say in other words.
        if text == "; ".join(pack.time_critical) or text.endswith("; check the hospital chart"):
            continue
        assert squeeze(text) in printed or squeeze(text.upper()) in printed, text
    for words in (
        "Emergency",
        "Fall",
        "Worn",
        "In hand",
        "In the bag",
        "Sun 22 Nov 2026, 03:41",
        "999 000 0018",
    ):
        assert squeeze(words) in printed
    for title in ("Medicines", "Belongings", "Papers in the bag", "Who has been told", "Handovers"):
        assert squeeze(title) in printed


def test_page_1_holds_thirty_seconds_of_the_fullest_pack():
    pack = fullest()
    first = pages_of(pack_pdf(pack))[0]
    assert "continueson" not in first
    must = [
        pack.person.name,
        pack.person.date_of_birth,
        "999 000 0018",
        HOME.night_phone,
        CPR_ONLY,
        "Why now: Fall",
    ]
    must += [alert.title for alert in pack.alerts]
    must += [pack.resuscitation.words, pack.resuscitation.original, pack.resuscitation.details]
    must += [pack.observations.news2_words, pack.observations.usual_words, *pack.gaps, *pack.changes]
    must += [entry.text for entry in (*pack.why_now, *pack.observations.entries)]
    must += ["age on 22 Nov 2026", "S What happened", "B Background", "A What you think", "R What you ask"]
    given_next = [one for one in pack.medicines if one.give_next]
    assert [one.name for one in given_next if not one.time_critical] == ["Buprenorphine"]
    must += [words for one in given_next for words in (one.name, one.due, one.last_dose)]
    must += ["check the hospital chart", "time-critical medicines and patches"]
    for text in must:
        assert squeeze(text) in first, text
    order = ["Whitcombe", "Allergies and reactions", "Resuscitation:", "Why now", "Give next: time-critical"]
    places = [first.index(squeeze(word)) for word in order]
    assert places == sorted(places)


def test_each_page_says_whose_it_is_and_which():
    pack = fullest()
    pages = pages_of(pack_pdf(pack))
    assert 3 <= len(pages) <= 5
    for number, page in enumerate(pages, start=1):
        for text in (pack.person.name, "Bag 012", "Maple House", "Version 3", "Sun 22 Nov 2026, 03:41"):
            assert squeeze(text) in page
        assert squeeze(f"Page {number} of {len(pages)}") in page


def test_times_are_londons_in_summer():
    pack = replace(fullest(), made_at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert squeeze("Thu 2 Jul 2026, 00:30") in pages_of(pack_pdf(pack))[0]


def test_the_emptiest_pack_says_loudly_what_is_not_known():
    pages = pages_of(pack_pdf(emptiest()))
    assert len(pages) == 2
    for text in (
        "Allergies not recorded",
        "CPR decision not recorded",
        CPR_ONLY,
        "Phone not recorded",
        "NHS number Not known",
        "reason not recorded",
        "No medicines are recorded",
        "NEWS2 not taken",
        "What is missing",
        "Next of kin",
    ):
        assert squeeze(text) in pages[0], text


def test_a_pack_without_alerts_never_looks_safe():
    assert squeeze("Alerts not recorded") in pages_of(pack_pdf(replace(emptiest(), alerts=())))[0]


def test_no_known_allergies_stays_calm_and_first():
    calm = Alert("allergies", "calm", "No known allergies")
    first = pages_of(pack_pdf(replace(fullest(), alerts=(calm, *fullest().alerts[1:]))))[0]
    assert first.index("Noknownallergies") < first.index(squeeze("Advance decision"))


def test_an_incomplete_score_is_never_a_plain_number():
    seen = replace(
        fullest().observations, news2=5, news2_complete=False, news2_words="at least 5, incomplete"
    )
    page = lay_out_pack(replace(fullest(), observations=seen))[0]
    assert "5+" in [words.line.text for words in page.words]


def test_what_changed_is_said_from_the_second_version_on():
    assert squeeze("Version 3: what changed") in pages_of(pack_pdf(fullest()))[0]
    assert "whatchanged" not in pages_of(pack_pdf(replace(fullest(), version=1, changes=())))[0]


def test_the_same_pack_gives_the_same_bytes_and_its_properties_name_nobody():
    pdf = pack_pdf(fullest(), CARD)
    assert pdf == pack_pdf(fullest(), CARD)
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata is not None
    assert reader.metadata.title == "Red bag pack"
    assert reader.metadata.creation_date == MADE_AT
    assert "Whitcombe" not in str(reader.metadata)
    assert reader.root_object["/Lang"] == "en-GB"


def test_the_label_goes_along_on_a_page_of_its_own():
    pdf = pack_pdf(fullest(), CARD)
    assert len(pages_of(pdf)) == len(pages_of(pack_pdf(fullest()))) + 1
    document = pypdfium2.PdfDocument(pdf)
    image = document[len(document) - 1].render(scale=203 / 72).to_pil()
    document.close()
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [CARD.url.upper()]
    assert "Whitcombe" not in pages_of(pdf)[-1]


def test_sixty_medicines_repeat_their_headings_on_each_page():
    many = tuple(medicine(f"m{n}", f"Medicine {n}x", time_critical=n % 3 == 0) for n in range(60))
    pages = pages_of(pack_pdf(replace(fullest(), medicines=many)))
    printed = "".join(pages)
    for one in many:
        assert squeeze(one.name) in printed
    holding = [
        page for page in pages[1:] if "ForhighbloodpressureMedicine" in page or page.count("Medicine") > 8
    ]
    assert len(holding) >= 3
    for page in holding:
        assert squeeze("Dose and when") in page


LONG = ("One plain sentence with number %d. " * 300)[:9990]


def test_long_texts_are_cut_on_page_1_and_printed_whole_where_it_says():
    notes = tuple(
        Entry(f"Note {n}", f"start{n} {(LONG % ((n,) * LONG.count('%d')))} end{n}") for n in range(5)
    )
    pack = replace(fullest(), why_now=notes)
    pdf = pack_pdf(pack)
    pages = pages_of(pdf)
    first = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert squeeze("Page 1 of") in pages[0]
    cut = [line for line in first.splitlines() if "continues on page" in line]
    assert len(cut) >= 5
    for n in range(5):
        assert f"start{n}" in pages[0]
        assert f"end{n}" not in pages[0]
        assert f"end{n}" in "".join(pages[1:])
    for line in cut:
        number = int(line.rsplit(" ", 1)[1])
        assert "999" not in line
        assert "Note" in pages[number - 1] or "Continued" in pages[number - 1]
    # Alerts and the decision on resuscitation are the last to give way.
    for alert in pack.alerts:
        assert squeeze(alert.title) in pages[0]


def hostile(value: Any, text: str) -> Any:
    """The value with every text replaced."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(hostile(item, text) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = {"level", "kind", "decision", "key"}
        changed = {
            f.name: hostile(getattr(value, f.name), text)
            for f in dataclasses.fields(value)
            if f.name not in kept
        }
        return replace(value, **changed)
    return value


HOSTILE = {
    "long word": "W" * 400,
    "markup": "<b>bold</b> & <para> &lt; </para> <img src='x'/>",
    "emoji": "Ring 😀👍🏽🇬🇧 now",
    "arabic": "مريم الحسيني (Maryam) 12/3",
    "hebrew": "שרה כהן",
    "control": "a\x00b\x07c\x1b[31m\u202ed\u2066e",
    "surrogate": "a\ud800b",
    "empty lines": "\n" * 200 + "x\r\n\r\n\ty",
    "chinese": "王小明",
    "devanagari": "हिन्दी किताब",
    "marks": "Z̴̛̥a̸̧l̶̨g̷o",
    "pdf": "(((\\) endstream endobj %%EOF",
    "spaces": "   ",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_breaks_the_layout(name):
    """Every text in the pack replaced: all stays inside the margins of pages that can be read."""
    pack = hostile(fullest(), HOSTILE[name])
    for page in lay_out_pack(pack):
        assert page.words
        for x, y, line in page.words:
            assert x >= LEFT - 0.1
            assert x + line.width <= RIGHT + 0.6, line.text
            assert 8 <= y <= HEIGHT - 20
    pages = pages_of(pack_pdf(pack))
    assert f"Page1of{len(pages)}" in pages[0]


def test_markup_is_printed_as_it_was_typed():
    typed = "<b>Penicillin</b> & <i>5 < 6"
    pack = replace(fullest(), alerts=(Alert("allergies", "danger", "Allergies", typed),))
    first = PdfReader(io.BytesIO(pack_pdf(pack))).pages[0].extract_text()
    assert typed in first


def test_ten_pages_of_alerts_still_leave_one_first_page():
    many = tuple(Alert("infection", "danger", f"Infection {n}", LONG[:500]) for n in range(120))
    pages = pages_of(pack_pdf(replace(fullest(), alerts=many)))
    assert squeeze("more: page 2") in pages[0]
    printed = "".join(pages)
    for n in range(120):
        assert f"Infection{n}" in printed
    for text in (CPR_ONLY, "Why now", "Give next", "What is missing"):
        assert squeeze(text) in pages[0]


def test_a_page_explains_the_mark_it_holds():
    pack = replace(fullest(), person=replace(fullest().person, name="王小明"))
    assert squeeze("stands for a character that this printout cannot show") in pages_of(pack_pdf(pack))[0]
    assert squeeze("stands for a character") not in pages_of(pack_pdf(fullest()))[0]


def test_prints_without_the_typeface_package(monkeypatch):
    """The pack must come out of the printer even where only Helvetica is there."""
    monkeypatch.setattr(typeface, "_wide", lambda **_: None)
    for cached in (typeface._can_print, typeface._shown):
        cached.cache_clear()
    try:
        assert printable("Żółć 王") == "[U+017B]ó[U+0142][U+0107] [U+738B]"
        assert pack_pdf(hostile(emptiest(), "Żółć 王 مريم"))
    finally:
        for cached in (typeface._can_print, typeface._shown):
            cached.cache_clear()


def test_sections_that_say_nothing_say_so():
    pack = replace(emptiest(), sections=(PackSection("needs", "Usual needs", (), "Never reviewed"),))
    assert squeeze("Usual needs Never reviewed Nothing recorded") in pages_of(pack_pdf(pack))[1]


def test_measuring_pack_is_of_the_usual_size():
    assert len(typical().medicines) == 12
    assert len(typical().belongings) == 15
    assert len(lay_out_pack(typical())) <= 4


def test_the_blank_pack_asks_everything_and_has_the_home_on_each_page():
    pdf = blank_pack_pdf(HOME)
    pages = pages_of(pdf)
    printed = "".join(pages)
    for section in SECTIONS:
        for question in section.fields:
            assert squeeze(question.label) in printed, question.label
    for page in pages:
        assert squeeze(HOME.night_phone) in page
    assert squeeze("Choking or swallowing risk") in pages[0]
    assert squeeze(CPR_ONLY) in pages[0]
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((WIDTH, HEIGHT), abs=0.01)
    assert pdf == blank_pack_pdf(HOME)


def test_alerts_are_told_once_and_only_the_other_answers_follow():
    entries = (
        Entry("Allergies and reactions", "No known allergies", key="allergy_status"),
        Entry("Resuscitation (CPR)", "CPR not recommended", key="cpr_decision"),
        Entry("Anticoagulant (blood thinner)", "Yes: Apixaban", key="anticoagulant"),
        Entry("Refuses blood products", "No"),
        Entry("Wears a medical bracelet", "On the left arm"),
        Entry("Oxygen at home", "Not recorded", known=False, key="oxygen_flow"),
    )
    pack = replace(fullest(), sections=(PackSection("alerts", "Alerts", entries, "reviewed today"),))
    body = "".join(pages_of(pack_pdf(pack))[1:])
    assert squeeze("Alerts: the other questions") in body
    assert squeeze("No: Refuses blood products") in body
    assert squeeze("On the left arm") in body
    assert squeeze("Not recorded: Oxygen at home") in body
    assert "Apixaban" not in body.split("Alertstheotherquestions")[1]
    for told in ("Noknownallergies", "CPRnotrecommended"):
        assert told not in body
