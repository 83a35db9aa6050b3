"""The files of a dm+d release, read concept by concept: f_vtm2_*.xml, f_vmp2_*.xml and f_amp2_*.xml, alone
or in the release's ZIP file. The rest of a release is not needed here and not opened.

The parser refuses document types and entities (defusedxml), and keeps nothing of what it has read.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from redbag.domain.dictionary import Concept, Level
from redbag.domain.errors import Invalid

_FILE = re.compile(r"(?:.*/)?f_(vtm|vmp|amp)2_[^/]*\.xml", re.IGNORECASE)
# The tag of a concept, and within it its code, its name as people read it, and what it belongs to.
_TAGS: dict[str, tuple[Level, str, tuple[str, ...], str]] = {
    "VTM": (Level.VTM, "VTMID", ("NM",), ""),
    "VMP": (Level.VMP, "VPID", ("NM",), "VTMID"),
    "AMP": (Level.AMP, "APID", ("DESC", "NM"), "VPID"),
}
# Files are named f_vmp2_3DDMMYY.xml: the 3 is the version of their format.
_DAY = re.compile(r"f_(?:vtm|vmp|amp)2_3(\d\d)(\d\d)(\d\d)\.xml", re.IGNORECASE)
_CODE = re.compile(r"\d{6,18}")
_LONGEST_NAME = 700


def concepts(paths: Sequence[Path]) -> Iterator[Concept]:
    """Every concept of these files, in their order. Raises Invalid under "file" with what is wrong."""
    found = 0
    for path in paths:
        for name, opened in _parts(path):
            found += 1
            with opened as stream:
                yield from _read(f"{path.name}: {name}" if name else path.name, stream)
    if not found:
        raise Invalid(
            {"file": "No f_vtm2_….xml, f_vmp2_….xml or f_amp2_….xml was found: is this a dm+d release?"}
        )


def released_on(paths: Sequence[Path]) -> date | None:
    """The day that these files are named after, the earliest where they differ; None where none names one.

    Raises Invalid under "file" as concepts() does.
    """
    days = [_day_of(name) for path in paths for name in _names(path)]
    return min((day for day in days if day), default=None)


def _names(path: Path) -> list[str]:
    if not zipfile.is_zipfile(path):
        return [path.name]
    try:
        with zipfile.ZipFile(path) as packed:
            return packed.namelist()
    except zipfile.BadZipFile as problem:
        raise Invalid({"file": f"{path.name} is damaged: {problem}."}) from None


def _day_of(name: str) -> date | None:
    found = _DAY.search(name)
    if not found:
        return None
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(2000 + year, month, day)
    except ValueError:
        return None


def _parts(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The files to read, opened: those within a ZIP file, or the file itself."""
    if not zipfile.is_zipfile(path):
        if _FILE.fullmatch(path.name):
            yield "", path.open("rb")
        return
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if _FILE.fullmatch(name):
                yield name, packed.open(name)


def _read(where: str, stream: IO[bytes]) -> Iterator[Concept]:
    try:
        for element in _elements(stream):
            yield _concept(where, element)
    except ParseError as problem:
        raise Invalid({"file": f"{where} is not whole: {problem}."}) from None
    except DefusedXmlException:
        raise Invalid({"file": f"{where} declares entities, which no dm+d release does. Not read."}) from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as problem:
        raise Invalid({"file": f"{where} is damaged: {problem}."}) from None


def _elements(stream: IO[bytes]) -> Iterator[Element]:
    """The concepts as they are read. What lies behind is forgotten, so that memory does not grow."""
    parents: list[Element] = []
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            parents.append(element)
            continue
        parents.pop()
        if element.tag in _TAGS:
            yield element
        if parents and not any(parent.tag in _TAGS for parent in parents):
            parents[-1].clear()


def _concept(where: str, element: Element) -> Concept:
    level, code_tag, name_tags, parent_tag = _TAGS[element.tag]
    code = (element.findtext(code_tag) or "").strip()
    names = (" ".join((element.findtext(tag) or "").split()) for tag in name_tags)
    name = next((name for name in names if name), "")
    if not _CODE.fullmatch(code) or not name:
        raise Invalid({"file": f"{where}: a {element.tag} has no code or no name ({code or 'no code'})."})
    parent = (element.findtext(parent_tag) or "").strip() if parent_tag else ""
    invalid = (element.findtext("INVALID") or "").strip() == "1"
    return Concept(code, level, name[:_LONGEST_NAME], parent[:18], invalid)
