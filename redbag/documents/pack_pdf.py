"""The transfer pack on A4, black and white: page 1 for the first thirty seconds, then everything.

Drawn straight on the canvas: a table-heavy pack from ReportLab's own flowing layout takes many times as
long, and cannot say on page 1 where a text that was cut goes on.
"""

from __future__ import annotations

import io

from redbag.documents.label import LabelCard, draw_label_page
from redbag.documents.pack_body import (
    draw_alert_answers,
    draw_belongings,
    draw_continued,
    draw_entries,
    draw_handovers,
    draw_medicines,
)
from redbag.documents.pack_front import lay_out_front
from redbag.documents.pack_look import born_words, foot, masthead, nhs_words, version_words
from redbag.documents.paper import Page, Paper, draw, new_canvas
from redbag.documents.typeface import printable
from redbag.domain.pack import TransferPack


def pack_pdf(pack: TransferPack, label: LabelCard | None = None) -> bytes:
    """The pack as a PDF, and with `label` a last page with the label to cut out.

    The same pack gives the same bytes. The document's properties name no person: print queues and
    viewers show them.
    """
    out = io.BytesIO()
    canvas = new_canvas(out, pack.made_at)
    canvas.setTitle("Red bag pack")
    canvas.setAuthor(printable(pack.home.name))
    canvas.setSubject(printable(f"Transfer {pack.transfer_ref}, version {pack.version}"))
    for page in lay_out_pack(pack):
        draw(canvas, page)
    if label is not None:
        draw_label_page(canvas, label)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def lay_out_pack(pack: TransferPack) -> list[Page]:
    """Every page of the pack, with its foot."""
    person = pack.person
    name = person.name or "Name not recorded"
    born = born_words(person) if person.date_of_birth else "date not recorded"
    number = nhs_words(person.nhs_number) if person.nhs_number else "number not known"
    who = f"Born {born}  ·  NHS {number}"
    front = lay_out_front(pack)
    paper = Paper(lambda page: masthead(page, name, who) - 8, front.page)
    draw_continued(paper, front)
    draw_medicines(paper, pack)
    for section in pack.sections:
        if section.key == "alerts":
            draw_alert_answers(paper, pack, section)
            continue
        draw_entries(paper, section.title, section.entries, section.reviewed)
    draw_entries(paper, "Who has been told", pack.told)
    draw_entries(paper, "Papers in the bag", pack.papers, "Originals come home with the person")
    draw_belongings(paper, pack.belongings)
    draw_handovers(paper)
    bag = f"Bag {pack.bag_number}" if pack.bag_number else "No bag number"
    first = "  ·  ".join((name, bag, pack.home.name))
    second = f"{version_words(pack)}  ·  Transfer {pack.transfer_ref}"
    for index, page in enumerate(paper.pages, start=1):
        foot(page, first, second, index, len(paper.pages))
    return paper.pages
