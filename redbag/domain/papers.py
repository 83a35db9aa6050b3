"""Photos and papers: what may be attached to whom, within which limits, and what is said of the rest.

A photo shows the person; an item photo shows one belonging; a paper is what lies in the folder (ReSPECT
form, MAR chart, care plan, LPA). Everything is kept as pictures of pages: what came in was opened, drawn
anew, and thrown away (docs/adr/0008).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from redbag.domain.record import Choices, Field, Kind
from redbag.domain.todays_facts import PAPER_KINDS

# Limits (quality: files). A tablet's photo is 3 to 8 MB, a 48-megapixel one up to 15.
MOST_BYTES = 15 * 1024 * 1024
MOST_AT_ONCE = 6
MOST_BYTES_AT_ONCE = 30 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_PAGES = 30
MOST_PAPERS = 30  # of one resident, the pages of none counted
MOST_SUMMARIES = 5  # of one journey
# What is kept of them, in bytes of JPEG: a small file can draw pages that are far larger than itself. A page
# that needs more is kept coarser; a chart photographed in poor light needs about 500 kB.
MOST_PAGE_BYTES = 600_000
MOST_SMALL_BYTES = 40_000
MOST_KEPT_BYTES = 8_000_000  # of one file
MOST_RESIDENT_BYTES = 150_000_000  # of one resident, with what was taken away: packs go on printing it
MOST_SUMMARY_BYTES = 60_000_000  # of one journey, with what was taken away
# Behind one printed pack: what a printer takes in one go, and a worker can hold while others print too.
MOST_PRINTED_PAGES = 60
MOST_PRINTED_BYTES = 16_000_000
# Pixels of the longer side. 2200 is A4 at 190 dots an inch: a MAR chart can be read.
PAGE_SIDE = 2200
PHOTO_SIDE = 1200
SMALL_SIDE = 176

PHOTO = "photo"
ITEM = "item"
SUMMARY = "summary"
FOUND = "found"  # a belonging as somebody found it: for the custody record, never in a pack
MOST_FOUND = 6  # of one belonging
# Charts of the day: yesterday's would mislead, so they belong to one journey and never to the record.
TODAYS_KINDS = frozenset({"mar"})
_NAMES = {
    **dict(PAPER_KINDS),
    PHOTO: "Photo",
    ITEM: "Photo of a belonging",
    SUMMARY: "Discharge summary",
    FOUND: "Photo of a belonging as it was found",
}


class Content(StrEnum):
    """What a file is, by its first bytes."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIF = "heif"
    PDF = "pdf"


_EXTENSIONS: dict[str, frozenset[Content]] = {
    # A phone renames pictures freely among these; they are drawn anew whichever they are.
    **dict.fromkeys(
        ("jpg", "jpeg", "jfif", "png", "webp", "heic", "heif"),
        frozenset({Content.JPEG, Content.PNG, Content.WEBP, Content.HEIF}),
    ),
    "pdf": frozenset({Content.PDF}),
}
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
WHICH = "Choose a photo (JPEG, PNG, WebP or HEIC) or a PDF."


class Refused(ValueError):  # noqa: N818 - as the pages speak of it
    """A file that cannot be kept. `reason`: a key of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason


REASONS: dict[str, str] = {
    "empty": "The file is empty. Take the photo again.",
    "too_large": f"The file is larger than {MOST_BYTES // 2**20} MB. Take the photo with the tablet’s own "
    "camera, or send a smaller copy.",
    "too_large_together": f"That is too large to send. One photo or PDF may have {MOST_BYTES // 2**20} MB, "
    f"all together {MOST_BYTES_AT_ONCE // 2**20} MB. Take the photo with the tablet’s own camera, or send "
    "fewer at a time.",
    "too_many": f"Send at most {MOST_AT_ONCE} files at a time.",
    "kind": f"This is no photo and no PDF. {WHICH}",
    "name": f"The name of the file does not say photo or PDF. {WHICH}",
    "mismatch": f"The name of the file says one thing and what is in it another. {WHICH}",
    "not_picture": "This is a PDF. A photo is wanted here.",
    "too_many_pixels": f"The picture has more than {MOST_PIXELS // 10**6} million pixels. Take it with the "
    "tablet’s own camera.",
    "too_many_pages": f"The PDF has more than {MOST_PAGES} pages. Send only those that the hospital needs.",
    "locked": "The PDF is locked with a passphrase. Save a copy without one, or take photos of the pages.",
    "files_inside": "The PDF carries other files inside it. Save the paper alone as a PDF, or take photos "
    "of the pages.",
    "live_form": "The PDF is a form that only special programs can show. Print it to a new PDF, or take "
    "photos of the pages.",
    "damaged": "The file cannot be read: it is damaged. Take the photo again, or save the PDF anew.",
    "busy": "Other files are being read just now. Nothing is lost but the file: choose it again and send it "
    "in a minute.",
    "busy_own": "Files that you sent are still being read. Wait a minute, look whether they are there, and "
    "send only what is missing.",
    "too_slow": "The file takes too long to read. Take photos of the pages instead.",
}


def content_of(name: str, head: bytes) -> Content:
    """What a file is, by its first bytes, where its name does not contradict. Raises Refused."""
    if not head:
        raise Refused("empty")
    found = _by_content(head)
    if found is None:
        raise Refused("kind")
    allowed = _EXTENSIONS.get(PurePath(name).suffix.removeprefix(".").lower())
    if allowed is None:
        raise Refused("name")
    if found not in allowed:
        raise Refused("mismatch")
    return found


def _by_content(head: bytes) -> Content | None:
    if head.startswith(b"\xff\xd8\xff"):
        return Content.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Content.PNG
    if head.startswith(b"%PDF-"):
        return Content.PDF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Content.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return Content.HEIF
    return None


@dataclass(frozen=True)
class PackFile:
    """One photo or paper as a pack froze it: which one, and by `sha256` what its pages looked like.

    `added`: the day it was taken in, in words, since an old paper misleads. `item_ref`: whose photo it is
    among the belongings.
    """

    ref: str
    kind: str
    title: str
    sha256: str
    pages: int = 1
    added: str = ""
    item_ref: str = ""


def digest(pages: Iterable[str]) -> str:
    """One SHA-256 for a paper, from those of its pages in order."""
    return hashlib.sha256("".join(pages).encode()).hexdigest()


def title(kind: str, other: str = "") -> str:
    """What a paper is called: its kind's name, or what was typed for another paper."""
    return other or _NAMES.get(kind, kind)


def questions(*, travelling: bool) -> tuple[Field, ...]:
    """What is asked of a paper. The charts of the day are offered only while a journey is open."""
    kinds: Choices = tuple(c for c in PAPER_KINDS if travelling or c[0] not in TODAYS_KINDS)
    return (
        Field("kind", "Which paper is it?", Kind.CHOICE, kinds, required="Say which paper it is."),
        Field("title", "What it is called", hint="Only for another paper", longest=120),
    )


def person_photo(files: Sequence[PackFile]) -> PackFile | None:
    """The photo of the person among these."""
    return next((file for file in files if file.kind == PHOTO), None)


@dataclass(frozen=True)
class Print:
    """Which papers are printed behind a pack, and which are too long for it and are printed singly."""

    within: tuple[PackFile, ...] = ()
    left_out: tuple[PackFile, ...] = ()


def to_print(files: Sequence[PackFile], sizes: Mapping[str, int]) -> Print:
    """The papers among these in their order, as far as one print holds them. `sizes`: bytes of all pages of
    each, by reference. A shorter one behind one that is left out is printed still."""
    within: list[PackFile] = []
    left_out: list[PackFile] = []
    pages = size = 0
    for file in behind_pack(files):
        more_pages, more_size = pages + file.pages, size + sizes.get(file.ref, 0)
        if more_pages > MOST_PRINTED_PAGES or more_size > MOST_PRINTED_BYTES:
            left_out.append(file)
            continue
        within.append(file)
        pages, size = more_pages, more_size
    return Print(tuple(within), tuple(left_out))


def behind_pack(files: Sequence[PackFile]) -> tuple[PackFile, ...]:
    """What is printed behind a pack when somebody asks for it: all but the photo of the person, which stands
    on its first page."""
    return tuple(file for file in files if file.kind != PHOTO)
