"""Pages as lists of marks: laid out first, drawn once at the end, when the number of pages is known.

Everything stands on A4 in points from the lower left corner. Boxes and rules are drawn before text, so
that text always stands on top.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from redbag.documents.pictures import Picture, draw_picture
from redbag.documents.qr import ON_CLEAN_PAPER, draw_code, qr_matrix
from redbag.documents.text_flow import Line, Style, height, wrap

# Streams as bytes rather than as text of 7 bits, which no reader of today needs: a fifth smaller.
rl_config.useA85 = 0

WIDTH, HEIGHT = A4
LEFT = 34.0
RIGHT = WIDTH - LEFT
FULL = RIGHT - LEFT
TOP = HEIGHT - 30
BOTTOM = 46.0

BLACK, GREY, PALE, WHITE = 0.0, 0.45, 0.9, 1.0


class Area(NamedTuple):
    """Where to draw: left edge, top, and how wide it may be."""

    x: float
    y: float
    width: float


class Box(NamedTuple):
    """A rectangle; `fill` is a grey from 0 (black) to 1 or None, `line` the frame's width or 0."""

    x: float
    y: float
    width: float
    height: float
    fill: float | None = None
    line: float = 0


class Rule(NamedTuple):
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    line: float = 0.4


class Shape(NamedTuple):
    """A filled outline."""

    points: tuple[tuple[float, float], ...]
    fill: float


class Words(NamedTuple):
    """One line of text, its baseline starting at (x, y)."""

    x: float
    y: float
    line: Line


class Code(NamedTuple):
    """A QR code with its quiet zone, its lower left corner at (x, y)."""

    x: float
    y: float
    size: float
    url: str


Mark = Box | Rule | Shape | Code | Picture


class Page:
    """The marks of one page."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.words: list[Words] = []

    def put(self, lines: Sequence[Line], x: float, y: float) -> float:
        """Print lines downwards from `y`, the top of the first; return the bottom of the last."""
        for line in lines:
            style = line.style
            if line.text:
                # Capitals stand in the middle of the line's height.
                base = y - style.leading / 2 - 0.36 * style.size
                self.words.append(Words(x + line.indent, base, line))
            y -= line.advance
        return y

    def shrink(self, scale: float, top: float) -> None:
        """Make everything on the page smaller, keeping its upper left corner at (LEFT, `top`)."""

        def x(old: float) -> float:
            return LEFT + (old - LEFT) * scale

        def y(old: float) -> float:
            return top - (top - old) * scale

        self.words = [Words(x(word.x), y(word.y), _smaller(word.line, scale)) for word in self.words]
        for index, mark in enumerate(self.marks):
            if isinstance(mark, Box):
                box = Box(x(mark.x), y(mark.y), mark.width * scale, mark.height * scale, mark.fill, mark.line)
                self.marks[index] = box
            elif isinstance(mark, Rule):
                self.marks[index] = Rule(x(mark.x1), y(mark.y1), x(mark.x2), y(mark.y2), mark.line)
            elif isinstance(mark, Code):
                self.marks[index] = Code(x(mark.x), y(mark.y), mark.size * scale, mark.url)
            elif isinstance(mark, Picture):
                wide, tall = mark.width * scale, mark.height * scale
                self.marks[index] = Picture(x(mark.x), y(mark.y), wide, tall, mark.jpeg)
            else:
                points = tuple((x(point[0]), y(point[1])) for point in mark.points)
                self.marks[index] = Shape(points, mark.fill)

    def put_right(self, line: Line, right: float, y: float) -> None:
        """Print one line so that it ends at `right`."""
        self.put([line], right - line.width, y)

    def tick_box(self, x: float, y: float, size: float, *, ticked: bool) -> None:
        """A box to tick, its top left corner at (x, y)."""
        self.marks.append(Box(x, y - size, size, size, None, 0.8))
        if ticked:
            knee = (x + size * 0.42, y - size * 0.78)
            self.marks.append(Rule(x + size * 0.2, y - size * 0.5, *knee, 1.5))
            self.marks.append(Rule(*knee, x + size * 0.85, y - size * 0.18, 1.5))


def _smaller(line: Line, scale: float) -> Line:
    return line._replace(style=line.style.at(line.style.size * scale), width=line.width * scale)


class Column(NamedTuple):
    """A table column: its heading, where it starts and how wide its text may be."""

    heading: str
    x: float
    width: float


_TABLE_HEAD = Style(8, 10, bold=True)


class Paper:
    """Pages that fill from top to bottom. `frame` draws what stands on each new page and says where
    the text may start; `first` is a page that is full already."""

    def __init__(self, frame: Callable[[Page], float], first: Page | None = None) -> None:
        self._frame = frame
        self.pages: list[Page] = [first] if first else []
        self.y = 0.0
        self._repeat: Callable[[], None] | None = None

    @property
    def page(self) -> Page:
        """The page being filled."""
        return self.pages[-1]

    @property
    def number(self) -> int:
        """The number of the page being filled, from 1."""
        return len(self.pages)

    def new_page(self) -> None:
        """Start a page, and repeat the headings of the table that goes on."""
        self.pages.append(Page())
        self.y = self._frame(self.page)
        if self._repeat:
            self._repeat()

    def need(self, points: float) -> None:
        """Start a page unless this much room is left."""
        if not self.pages or self.y - points < BOTTOM:
            self.new_page()

    def flow(self, lines: Sequence[Line], x: float = LEFT) -> None:
        """Print lines, over as many pages as they take."""
        for line in lines:
            self.need(max(line.advance, line.style.leading))
            self.y = self.page.put([line], x, self.y)

    def table_head(self, columns: Sequence[Column]) -> None:
        """The headings of a table, on a pale band."""
        cells = [wrap(column.heading, column.width, _TABLE_HEAD) for column in columns]
        tall = max(height(cell) for cell in cells) + 5
        self.page.marks.append(Box(LEFT, self.y - tall, FULL, tall, PALE))
        for column, cell in zip(columns, cells, strict=True):
            self.page.put(cell, column.x, self.y - 2.5)
        self.y -= tall

    @property
    def repeated(self) -> Callable[[], None] | None:
        """What is drawn at the top of each page that is started."""
        return self._repeat

    def repeating(self, draw: Callable[[], None] | None) -> None:
        """From now on draw this at the top of each page that is started; None ends it."""
        self._repeat = draw

    def row(
        self,
        columns: Sequence[Column],
        cells: Sequence[list[Line]],
        *,
        boxes: Sequence[tuple[float, bool]] = (),
        pad: float = 2.5,
        least: float = 0,
        bar: bool = False,
    ) -> None:
        """One row with a thin rule below. A row taller than what is left goes to the next page; one
        taller than a page is split between lines. `boxes`: x and tick of each box in the row; `bar`: a
        heavy bar at its left edge."""
        tall = max([least, *(height(cell) for cell in cells)])
        if tall + 2 * pad > self.y - BOTTOM and (tall < 240 or self.y - BOTTOM < 60):
            self.new_page()
        remaining = [list(cell) for cell in cells]
        first = True
        while True:
            room = self.y - BOTTOM - 2 * pad
            here = [_take(cell, room) for cell in remaining]
            tall = max([least if first else 0, *(height(cell) for cell in here)])
            for column, cell in zip(columns, here, strict=True):
                self.page.put(cell, column.x, self.y - pad)
            if first:
                for x, ticked in boxes:
                    self.page.tick_box(x, self.y - pad - 0.5, 10, ticked=ticked)
            self.y -= tall + 2 * pad
            if bar:
                self.page.marks.append(Box(LEFT, self.y, 3, tall + 2 * pad, BLACK))
            self.page.marks.append(Rule(LEFT, self.y, RIGHT, self.y))
            if not any(remaining):
                return
            first = False
            self.new_page()


def _take(cell: list[Line], room: float) -> list[Line]:
    """Remove from the cell the lines that fit in the room, and return them."""
    used = 0.0
    for count, line in enumerate(cell):
        used += line.advance
        if used > room + 0.01:
            # A run-in lead goes with the text beside it.
            while count and not cell[count - 1].advance:
                count -= 1  # noqa: PLW2901 - the cut moves back, the walk ends here
            taken, cell[:] = cell[:count], cell[count:]
            return taken
    taken, cell[:] = cell[:], []
    return taken


def new_canvas(out: io.BytesIO, made_at: datetime | None, page_size: tuple[float, float] = A4) -> Canvas:
    """A canvas that gives the same bytes for the same marks: dates are the value's own, not today's."""
    canvas = Canvas(out, pagesize=page_size, invariant=1, pageCompression=1, lang="en-GB")
    if made_at is not None:
        stamp = f"D:{made_at:%Y%m%d%H%M%S}Z"
        canvas.setDateFormatter(lambda *_: stamp)
    canvas.setCreator("Red Bag")
    return canvas


def draw(canvas: Canvas, page: Page) -> None:
    """Draw one page's marks and end the page."""
    for mark in page.marks:
        if isinstance(mark, Box):
            if mark.fill is not None:
                canvas.setFillGray(mark.fill)
            if mark.line:
                canvas.setLineWidth(mark.line)
            stroke, fill = int(mark.line > 0), int(mark.fill is not None)
            canvas.rect(mark.x, mark.y, mark.width, mark.height, stroke=stroke, fill=fill)
        elif isinstance(mark, Rule):
            canvas.setLineWidth(mark.line)
            canvas.line(mark.x1, mark.y1, mark.x2, mark.y2)
        elif isinstance(mark, Picture):
            draw_picture(canvas, mark)
        elif isinstance(mark, Code):
            draw_code(canvas, qr_matrix(mark.url, ON_CLEAN_PAPER), mark.x, mark.y, mark.size)
        else:
            outline = canvas.beginPath()
            outline.moveTo(*mark.points[0])
            for point in mark.points[1:]:
                outline.lineTo(*point)
            outline.close()
            canvas.setFillGray(mark.fill)
            canvas.drawPath(outline, stroke=0, fill=1)
    _draw_words(canvas, page.words)
    canvas.showPage()


def _draw_words(canvas: Canvas, words: Sequence[Words]) -> None:
    # One text object for the page, and a font named only where it changes: half the bytes and time.
    text = canvas.beginText()
    text.setFillGray(BLACK)
    font: tuple[str, float] = ("", 0)
    white = False
    for x, y, line in words:
        style = line.style
        if style.white != white:
            white = style.white
            text.setFillGray(WHITE if white else BLACK)
        if (line.face.name, style.size) != font:
            font = (line.face.name, style.size)
            text.setFont(line.face.name, style.size)
        start = x
        for run, width in line.face.runs(line.text):
            text.setTextOrigin(start, y)
            text.textOut(run)
            start += width * style.size
    canvas.drawText(text)
