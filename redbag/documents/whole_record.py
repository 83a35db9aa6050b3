"""A person's whole record as one zip: a page to read, the same as data, every picture and pack as a file."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from html import escape
from typing import IO, Any

from redbag.documents.pack_pdf import pack_pdf
from redbag.domain.london_time import format_moment
from redbag.domain.pack import from_json
from redbag.domain.whole_record import Chapter, Entry, WholeRecord

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color:#212b32}"
    "h2{border-top:2px solid #212b32;padding-top:.5em;margin-top:2em}h3{margin-bottom:.2em}"
    "dl{margin:0 0 1em;display:grid;grid-template-columns:minmax(8em,14em) 1fr;gap:.1em 1em}"
    "dt{font-weight:bold}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}"
    "img{max-width:100%;border:1px solid #768692}@media print{body{margin:0}}"
)


def write_zip(
    record: WholeRecord, out: IO[bytes], picture: Callable[[int], bytes], told: Callable[[str], object]
) -> int:
    """Writes everything; how many files. `picture` gives the bytes of a kept image; `told` is called with the
    name of each file."""
    drawings: dict[str, Callable[[], bytes]] = {
        "read-me-first.html": lambda: page(record).encode(),
        "record.json": lambda: data(record),
    }
    for name, content in record.packs.items():
        drawings[name] = lambda kept=content: pack_pdf(from_json(kept))  # type: ignore[misc]
    for one in record.pictures:
        drawings[one.name] = lambda number=one.file_id: picture(number)  # type: ignore[misc]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, draw in drawings.items():
            told(name)
            packed.writestr(name, draw())
    return len(drawings)


def zipped(record: WholeRecord, picture: Callable[[int], bytes]) -> tuple[bytes, int]:
    """The same in memory, for a page; and how many files it holds."""
    out = io.BytesIO()
    files = write_zip(record, out, picture, lambda _name: None)
    return out.getvalue(), files


def page(record: WholeRecord) -> str:
    """Everything as one page that any browser opens and prints, without a network. All text is escaped."""
    contents = "".join(
        f'<li><a href="#chapter-{number}">{escape(one.title)}</a> ({len(one.entries)})</li>'
        for number, one in enumerate(record.chapters, 1)
    )
    chapters = "".join(_chapter(number, one) for number, one in enumerate(record.chapters, 1))
    left_out = "".join(f"<li>{escape(title)}: {escape(why)}.</li>" for title, why in record.left_out)
    title = escape(f"Everything that is recorded about {record.person}")
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>{title}</h1>"
        f"<p>Kept by {escape(record.home)} in Red Bag. Made {format_moment(record.made_at)}.</p>"
        "<p>This page holds everything in words. The same stands, unshortened and as a program reads it, in "
        "<a href=record.json>record.json</a>; photos, papers and packs are files in the folders here.</p>"
        f"<h2>What is here</h2><ol>{contents}</ol>{chapters}"
        f"<h2>What is not here</h2><ul>{left_out}</ul></body></html>"
    )


def _chapter(number: int, chapter: Chapter) -> str:
    what = f"<p>{escape(chapter.what)}</p>" if chapter.what else ""
    body = "".join(map(_entry, chapter.entries))
    return f'<h2 id="chapter-{number}">{number}. {escape(chapter.title)}</h2>{what}{body}'


def _entry(entry: Entry) -> str:
    lines = "".join(f"<dt>{escape(said)}</dt><dd>{_text(text)}</dd>" for said, text in entry.lines)
    file = f'<p><a href="{escape(entry.file)}">{escape(entry.file)}</a></p>' if entry.file else ""
    return f"<h3>{escape(entry.title)}</h3>{file}<dl>{lines}</dl>"


def _text(text: str) -> str:
    """A file of the export is a link, and a picture is shown."""
    if text.startswith("photos-and-papers/") and text.endswith(".jpg"):
        return f'<a href="{escape(text)}"><img src="{escape(text)}" alt=""></a>'
    return escape(text)


def data(record: WholeRecord) -> bytes:
    """Every row as it is kept, by table."""
    content = {
        "made_at": record.made_at.isoformat(),
        "person": record.person,
        "home": record.home,
        "tables": record.data,
        "left_out": dict(record.left_out),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"A record does not know how to write {type(value).__name__}.")
