"""How page 1 stays one page: what is too long is cut there, says where it goes on, and is kept whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from redbag.documents.pack_look import MAST_TOP, STRONG, TITLE
from redbag.documents.paper import BOTTOM, FULL, LEFT, Page, Words
from redbag.documents.text_flow import ELLIPSIS, Line, Style, fitted, one_line, run_in, wrap
from redbag.domain.pack import TransferPack

_Item = TypeVar("_Item")
_MARKER = Style(9, 11, bold=True)
_TITLE_LINES = 2
_SHORT = 60
"""Characters of a long title that head its continuation."""


_ALL = 80
"""More lines or items than the smallest print could put on a page."""


@dataclass(frozen=True)
class Limits:
    """How much page 1 takes: its print size as a part of the full one, lines of a text, items of a list."""

    scale: float
    alert: int
    why: int
    other: int
    alerts: int
    items: int

    @property
    def tightest(self) -> bool:
        """Nothing shorter is left to try."""
        return self.items == 1

    @property
    def cuts(self) -> bool:
        """Whether words are cut: what is not words has given way before."""
        return self.items < _ALL


_NARROW = 0.18
"""Ems of the narrowest letters that a text can be full of."""
# Tried in turn until page 1 holds everything; nearly every pack fits at the first. Print is made smaller
# before a word is cut, and everything else is cut before a danger is left for another page.
LIMITS = (
    Limits(1, _ALL, _ALL, _ALL, _ALL, _ALL),
    Limits(0.95, _ALL, _ALL, _ALL, _ALL, _ALL),
    Limits(0.9, _ALL, _ALL, _ALL, _ALL, _ALL),
    Limits(0.85, _ALL, _ALL, _ALL, _ALL, _ALL),
    Limits(0.92, alert=8, why=7, other=5, alerts=_ALL, items=24),
    Limits(0.85, alert=5, why=5, other=3, alerts=_ALL, items=16),
    Limits(0.85, alert=3, why=3, other=2, alerts=40, items=10),
    Limits(0.8, alert=2, why=2, other=1, alerts=24, items=7),
    Limits(0.8, alert=1, why=1, other=1, alerts=16, items=4),
    Limits(0.8, alert=1, why=1, other=1, alerts=10, items=2),
    Limits(0.8, alert=1, why=1, other=1, alerts=4, items=1),
)


@dataclass(frozen=True)
class Continued:
    """A text or list that page 1 cut short. `lead`: the start of the line there that says so."""

    about: str
    texts: tuple[str, ...]
    lead: str


@dataclass
class Front:
    """Page 1 as it is laid out, and what it could not hold.

    It is laid out at full size on paper larger by `1 / limits.scale`, then made smaller as a whole.
    `newest_at`: the address that says whether this paper is still the newest; "" where there is none.
    `photo`: the JPEG of the person's face. `since`: the versions that changed something after the bag left,
    newest first. `access_code`: what somebody without an account types after scanning, grouped.
    """

    pack: TransferPack
    limits: Limits
    newest_at: str = ""
    photo: bytes | None = None
    since: tuple[TransferPack, ...] = ()
    access_code: str = ""
    page: Page = field(default_factory=Page)
    continued: list[Continued] = field(default_factory=list)

    @property
    def full(self) -> float:
        """The width of the page between its margins."""
        return FULL / self.limits.scale

    @property
    def right(self) -> float:
        """The right margin."""
        return LEFT + self.full

    @property
    def floor(self) -> float:
        """How far down the page goes."""
        return MAST_TOP - (MAST_TOP - BOTTOM) / self.limits.scale

    def finish(self) -> None:
        """Bring the page to the size of the paper."""
        if self.limits.scale != 1:
            self.page.shrink(self.limits.scale, MAST_TOP)

    def say(
        self,
        text: str,
        width: float,
        style: Style,
        most: int,
        *,
        about: str = "",
        lead: str = "",
        lead_style: Style | None = None,
        smallest: float = 0,
    ) -> list[Line]:
        """A text in at most `most` lines, and where it goes on if that is not all of it.

        `lead` runs in before it; `about` heads the whole text where it goes on (the lead if empty).
        With `smallest` the text is first made smaller, down to that size.
        """
        # More cannot stand in these lines, so do not measure it: page 1 may be laid out many times.
        room = int((most + 1) * width / (smallest or style.size) / _NARROW)
        shown = text[:room]
        if lead:
            lines = run_in(lead[:room], shown, width, lead_style or style, style)
            most += sum(1 for line in lines if not line.advance)
        elif smallest:
            lines = fitted(shown, width, style, smallest=smallest, lines=most)
        else:
            lines = wrap(shown, width, style)
        if len(lines) <= most and max(len(lead), len(text)) <= room:
            return lines
        return [*lines[:most], self._marker(about or lead.rstrip(":"), (text,), "… continues on", width)]

    def title(self, text: str, width: float) -> str:
        """A panel's title, shortened if it is not a title at all; the whole of it stands later."""
        if len(text) <= _SHORT or len(wrap(text[: _SHORT * 5], width, TITLE)) <= _TITLE_LINES:
            return text
        self.continued.append(Continued(text[:_SHORT] + ELLIPSIS, (text,), ""))
        return one_line(text[: _SHORT * 5], width, TITLE, TITLE.size).text

    def keep_items(
        self,
        about: str,
        items: Sequence[_Item],
        words: Callable[[_Item], str],
        width: float,
        most: int | None = None,
    ) -> tuple[Sequence[_Item], list[Line]]:
        """The first items of a list, and the line that says how many more stand on another page."""
        most = self.limits.items if most is None else most
        if len(items) <= most:
            return items, []
        texts = tuple(words(item) for item in items)
        return items[:most], [self._marker(about, texts, f"and {len(items) - most} more:", width)]

    def elsewhere(self, about: str, texts: tuple[str, ...], lead: str, width: float) -> Line:
        """The line that says on which page the whole of a list stands that page 1 only sums up."""
        return self._marker(about, texts, lead, width)

    def _marker(self, about: str, texts: tuple[str, ...], lead: str, width: float) -> Line:
        # The number of the page is known when all is laid out; the room for it is taken now.
        self.continued.append(Continued(about, texts, lead))
        return one_line(f"{lead} page 999", width, _MARKER, 6)._replace(tag=len(self.continued))

    def say_where(self, pages: Sequence[int]) -> None:
        """Write into each marker the page on which its text stands, in the order of `continued`."""
        for index, (x, y, line) in enumerate(self.page.words):
            if line.tag:
                text = f"{self.continued[line.tag - 1].lead} page {pages[line.tag - 1]}"
                self.page.words[index] = Words(x, y, line._replace(text=text))


def bullet(lines: list[Line]) -> list[Line]:
    """Lines moved right, with a bullet beside the first."""
    if not lines:
        return []
    dot = one_line("•", 10, STRONG.at(lines[0].style.size), 6)._replace(advance=0)
    return [dot, *(line._replace(indent=line.indent + 9) for line in lines)]
