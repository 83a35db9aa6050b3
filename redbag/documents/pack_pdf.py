"""The transfer pack on A4, black and white: page 1 for the first thirty seconds, then everything.

Drawn straight on the canvas: a table-heavy pack from ReportLab's own flowing layout takes many times as
long, and cannot say on page 1 where a text that was cut goes on.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

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
from redbag.documents.papers import draw_sheets, sheets
from redbag.documents.typeface import printable
from redbag.domain.pack import TransferPack


def pack_pdf(
    pack: TransferPack,
    label: LabelCard | None = None,
    papers: Mapping[str, Sequence[bytes]] | None = None,
    newest_at: str = "",
) -> bytes:
    """The pack as a PDF; with `papers` (the pages of each as JPEGs, by reference) these behind it, and with
    `label` a last page with the label to cut out. `newest_at`: the address, in capitals, that says whether
    this version is still the newest; page 1 has it as a code.

    The same pack gives the same bytes. The document's properties name no person: print queues and
    viewers show them.
    """
    out = io.BytesIO()
    canvas = new_canvas(out, pack.made_at)
    canvas.setTitle("Red bag pack")
    canvas.setAuthor(printable(pack.home.name))
    canvas.setSubject(printable(f"Transfer {pack.transfer_ref}, version {pack.version}"))
    behind = sheets(pack, papers or {})
    pages = lay_out_pack(pack, behind=len(behind), newest_at=newest_at)
    for page in pages:
        draw(canvas, page)
    draw_sheets(canvas, pack, behind, before=len(pages))
    if label is not None:
        draw_label_page(canvas, label)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def lay_out_pack(pack: TransferPack, *, behind: int = 0, newest_at: str = "") -> list[Page]:
    """Every page of the pack, with its foot. `behind`: how many pages of papers follow."""
    edge = edge_words(pack)
    front = lay_out_front(pack, newest_at)
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
    draw_belongings(paper, pack.belongings)
    draw_handovers(paper)
    for index, page in enumerate(paper.pages, start=1):
        foot(page, edge.first, edge.second, index, len(paper.pages) + behind)
    return paper.pages
