"""Papers behind a pack: each page of each as a picture, under the name of the person it belongs to.

What is printed apart from its folder is read apart from it: every page says whose it is, what it is, and
which page of the whole it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from redbag.documents.pack_look import SMALL, STRONG, Edges, edge_words, foot, heading, masthead
from redbag.documents.paper import BOTTOM, FULL, LEFT, RIGHT, Area, Page, draw
from redbag.documents.pictures import Picture, draw_page_picture, fitted_size
from redbag.documents.text_flow import one_line
from redbag.domain.pack import TransferPack
from redbag.domain.papers import ITEM, PackFile, Print

_ACROSS, _DOWN = 2, 3
"""Photos of belongings on one page."""
_GAP = 14.0
_CAPTION = 26.0


@dataclass(frozen=True)
class Behind:
    """What is printed behind a pack. `read`: the JPEG of each page of a file, read when it is drawn: the
    canvas holds them all, and nobody else need."""

    papers: Print
    read: Callable[[PackFile], Iterable[bytes]]

    @property
    def pages(self) -> int:
        """How many pages that makes."""
        return sum(file.pages for file in self.sheets) + len(_shared(self.photos))

    @property
    def sheets(self) -> tuple[PackFile, ...]:
        """The papers, which have a page for each of theirs."""
        return tuple(file for file in self.papers.within if file.kind != ITEM)

    @property
    def photos(self) -> tuple[PackFile, ...]:
        """The photos of belongings, several of which share a page."""
        return tuple(file for file in self.papers.within if file.kind == ITEM)


def _shared(photos: Sequence[PackFile]) -> list[tuple[PackFile, ...]]:
    each = _ACROSS * _DOWN
    return [tuple(photos[start : start + each]) for start in range(0, len(photos), each)]


def draw_sheets(canvas: Canvas, pack: TransferPack, behind: Behind, *, before: int = 0) -> None:
    """Draw each page of the papers on a page of its own. `before`: the pages of the pack itself, from which
    the count goes on."""
    index, total = before, before + behind.pages
    edge = edge_words(pack)
    for file in behind.sheets:
        for number, jpeg in enumerate(behind.read(file), start=1):
            index += 1
            of = f"page {number} of {file.pages}, taken in {file.added}"
            page, top = _headed(edge, file.title, of, (index, total))
            # The picture first: the name at the top always stands over it.
            draw_page_picture(canvas, jpeg, LEFT, RIGHT, (BOTTOM, top - 2))
            draw(canvas, page)
    for few in _shared(behind.photos):
        index += 1
        page, top = _headed(edge, "Photos of belongings", "what went with them", (index, total))
        _put_photos(page, [(file, b"".join(behind.read(file))) for file in few], top - 4)
        draw(canvas, page)


def _headed(edge: Edges, title: str, aside: str, count: tuple[int, int]) -> tuple[Page, float]:
    """A page under the name of the person, and where its picture may begin. `count`: which page, of how
    many."""
    page = Page()
    top = masthead(page, edge.name, edge.who) - 4
    top = heading(page, Area(LEFT, top, FULL), title, aside)
    foot(page, edge.first, edge.second, *count)
    return page, top


def _put_photos(page: Page, photos: Sequence[tuple[PackFile, bytes]], top: float) -> None:
    """Each photo in its place of the page, with what it shows and since when below it."""
    wide, tall = (FULL - _GAP * (_ACROSS - 1)) / _ACROSS, (top - BOTTOM) / _DOWN
    for place, (file, jpeg) in enumerate(photos):
        x = LEFT + (place % _ACROSS) * (wide + _GAP)
        y = top - (place // _ACROSS) * tall
        across, up = fitted_size(jpeg, wide, tall - _CAPTION - _GAP)
        page.marks.append(Picture(x, y - up, across, up, jpeg))
        caption = [one_line(file.title, wide, STRONG, 6), one_line(f"taken in {file.added}", wide, SMALL, 6)]
        page.put(caption, x, y - up - 2)
