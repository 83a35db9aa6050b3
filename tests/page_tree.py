"""A page as the tree of its elements, read strictly.

A browser mends what it is sent: it closes what was left open and moves what stands in the wrong place. Here
that is a fault of the page. Every element is closed by its own end tag, in order; a paragraph holds words,
and no link, button, label or form holds another of its kind.
"""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

_EMPTY = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_DRAWINGS = frozenset({"svg", "math"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NOT_IN_ITSELF = frozenset(("a", "button", "form", "label", "option", "select", "textarea", *_HEADINGS))
_BLOCKS = (
    *("address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figure", "footer"),
    *("form", "header", "hr", "main", "menu", "nav", "ol", "p", "pre", "section", "table", "ul"),
)
_BREAKS_A_PARAGRAPH = frozenset((*_BLOCKS, *_HEADINGS))
_STANDS_IN = {
    "li": {"ol", "ul", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "tr": {"table", "thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
    "thead": {"table"},
    "tbody": {"table"},
    "tfoot": {"table"},
    "caption": {"table"},
    "option": {"select", "datalist", "optgroup"},
    "legend": {"fieldset"},
    "summary": {"details"},
}


class BrokenPageError(AssertionError):
    """The page is not a whole tree. The message says what and on which line."""


def read(html: str) -> Element:
    """The `html` element of a page. Raises BrokenPageError."""
    reader = _Reader()
    reader.feed(html.replace("\r\n", "\n"))
    reader.close()
    return reader.whole()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._tree = TreeBuilder()
        self._open: list[str] = []

    def whole(self) -> Element:
        self._sure(not self._open, f"<{self._open[-1] if self._open else ''}> is not closed")
        return self._tree.close()

    def _sure(self, right: bool, fault: str) -> None:
        if not right:
            raise BrokenPageError(f"line {self.getpos()[0]}: {fault}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(tag, attrs)
        if tag in _EMPTY:
            self._tree.end(tag)
        else:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        drawn = not _DRAWINGS.isdisjoint(self._open)
        self._sure(tag in _EMPTY or drawn, f"<{tag}/> is not closed by its slash")
        self._start(tag, attrs)
        self._tree.end(tag)

    def _start(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self._sure(len(named) == len(attrs), f"<{tag}> has an attribute twice")
        self._sure(not (tag in _NOT_IN_ITSELF and tag in self._open), f"<{tag}> in <{tag}>")
        self._sure(not (tag in _BREAKS_A_PARAGRAPH and "p" in self._open), f"<{tag}> in <p>")
        allowed = _STANDS_IN.get(tag)
        self._sure(
            not allowed or self._open[-1] in allowed, f"<{tag}> in <{(self._open or ['nothing'])[-1]}>"
        )
        self._tree.start(tag, named)

    def handle_endtag(self, tag: str) -> None:
        last = self._open.pop() if self._open else "nothing"
        self._sure(last == tag, f"</{tag}> where <{last}> is open")
        self._tree.end(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            self._tree.data(data)
