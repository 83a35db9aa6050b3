"""The transfer pack on A4, black and white: page 1 for the first thirty seconds, then everything.

Drawn straight on the canvas: a table-heavy pack from ReportLab's own flowing layout takes many times as
long, and cannot say on page 1 where a text that was cut goes on.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

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
from redbag.documents.pack_look import edge_words, foot, masthead
from redbag.documents.paper import Page, Paper, draw, new_canvas
from redbag.documents.papers import Behind, draw_sheets
from redbag.documents.typeface import printable
from redbag.domain.pack import Entry, TransferPack


def pack_pdf(
    pack: TransferPack,
    label: LabelCard | None = None,
    behind: Behind | None = None,
    newest_at: str = "",
    *,
    photo: bytes | None = None,
    since: Sequence[TransferPack] = (),
    access_code: str = "",
) -> bytes:
    """The pack as a PDF; with `behind` its papers after it, and those named that are too long for that; with
    `label` a last page with the label to cut out. `newest_at`: the address, in capitals, that says whether
    this version is still the newest; page 1 has it as a code. `photo`: the JPEG of the person's face, for
    page 1. `since`: the versions that changed something after the bag left, newest first. `access_code`: with
    it somebody at the hospital without an account opens what the label opens.

    The same pack gives the same bytes. The document's properties name no person: print queues and
    viewers show them.
    """
    out = io.BytesIO()
    canvas = _titled(out, pack, "Red bag pack")
    pages = lay_out_pack(
        pack, behind=behind, newest_at=newest_at, photo=photo, since=since, access_code=access_code
    )
    for page in pages:
        draw(canvas, page)
    if behind is not None:
        draw_sheets(canvas, pack, behind, before=len(pages))
    if label is not None:
        draw_label_page(canvas, label)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def papers_pdf(pack: TransferPack, behind: Behind) -> bytes:
    """Papers of a pack by themselves, each page under the name of the person."""
    out = io.BytesIO()
    canvas = _titled(out, pack, "Red bag papers")
    draw_sheets(canvas, pack, behind)
    canvas.save()
    return out.getvalue()


def _titled(out: io.BytesIO, pack: TransferPack, title: str) -> Canvas:
    canvas = new_canvas(out, pack.made_at)
    canvas.setTitle(title)
    canvas.setAuthor(printable(pack.home.name))
    canvas.setSubject(printable(f"Transfer {pack.transfer_ref}, version {pack.version}"))
    return canvas


def lay_out_pack(
    pack: TransferPack,
    *,
    behind: Behind | None = None,
    newest_at: str = "",
    photo: bytes | None = None,
    since: Sequence[TransferPack] = (),
    access_code: str = "",
) -> list[Page]:
    """Every page of the pack, with its foot. `behind`: the papers that follow; the rest as in pack_pdf()."""
    edge = edge_words(pack)
    front = lay_out_front(pack, newest_at, photo, since, access_code)
    paper = Paper(lambda page: masthead(page, edge.name, edge.who) - 8, front.page)
    draw_continued(paper, front)
    draw_medicines(paper, pack)
    for section in pack.sections:
        if section.key == "alerts":
            draw_alert_answers(paper, pack, section)
            continue
        draw_entries(paper, section.title, section.entries, section.reviewed)
    draw_entries(paper, "Who has been told", pack.told)
    draw_entries(paper, "Papers in the bag", pack.papers, "Originals come home with the person")
    if behind is not None and behind.papers.left_out:
        left_out = [
            Entry(file.title, f"{file.pages} pages, taken in {file.added}: printed by itself")
            for file in behind.papers.left_out
        ]
        draw_entries(paper, "Papers that are not behind this pack", left_out, "Too long for one print")
    draw_belongings(paper, pack.belongings)
    draw_handovers(paper)
    if access_code and front.limits.tightest:  # there was no room for it beside the square on page 1
        how = Entry("Scan the label on the bag, then type this code", access_code)
        draw_entries(paper, "Somebody at the hospital without an account", [how])
    for index, page in enumerate(paper.pages, start=1):
        foot(page, edge.first, edge.second, index, len(paper.pages) + (behind.pages if behind else 0))
    return paper.pages
