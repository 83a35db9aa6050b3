"""The custody record as a table for spreadsheets: one handover, one finding or one reader a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from redbag.documents.custody_pdf import SIGNED, Issue
from redbag.documents.report_files import safe as cell
from redbag.domain.custody_record import CustodyRecord
from redbag.domain.london_time import to_london

HEADINGS = (
    "row",
    "happened",
    "written down",
    "what",
    "from",
    "to",
    "by",
    "bag",
    "label",
    "signature",
    "thing",
    "found",
    "note",
)
_WIDTH = len(HEADINGS)


def as_csv(record: CustodyRecord, issue: Issue) -> str:
    """Every row of the record, then an empty line, the lost things and how the record is confirmed."""
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(HEADINGS)
    write.writerows([cell(one) for one in row] for row in _rows(record))
    write.writerow([])
    write.writerows([cell(note)] for note in _notes(record, issue))
    return text.getvalue()


def _rows(record: CustodyRecord) -> Iterator[list[str]]:
    for one in record.handovers:
        signed = SIGNED.get(one.signature, "")
        cells = [one.words, one.from_holder, one.to_holder, one.by, one.bag, one.label, signed]
        yield _row("handover", one.at, one.recorded_at, cells)
    for look in record.checks:
        beside = "; ".join(
            part
            for part in (
                look.why,
                f"valuables: {look.valuables}" if look.valuables else "",
                f"second name: {look.witness}" if look.witness else "",
            )
            if part
        )
        if not look.findings:
            yield _row("check", look.at, look.recorded_at, [look.words, "", "", look.by])
        for found in look.findings:
            note = "; ".join(part for part in (found.note, beside) if part)
            cells = [look.words, "", look.place, look.by, record.bag, "", "", found.thing, found.status, note]
            yield _row("check", look.at, look.recorded_at, cells)
    for photo in record.photos:
        cells = ["photo", "", "", photo.by, "", "", "", photo.thing, "", f"SHA-256 {photo.sha256}"]
        yield _row("photo", photo.at, photo.at, cells)
    for shown in record.shown:
        cells = [f"pack version {shown.version} {shown.how}, {shown.times} times", "", "", shown.by]
        yield _row("shown", shown.first_at, shown.first_at, cells)


def _row(kind: str, at: datetime, recorded_at: datetime, cells: list[str]) -> list[str]:
    """Times are London's, with their offset."""
    row = [kind, _time(at), _time(recorded_at), *cells]
    return row + [""] * (_WIDTH - len(row))


def _time(at: datetime) -> str:
    return to_london(at).isoformat(timespec="minutes")


def _notes(record: CustodyRecord, issue: Issue) -> Iterator[str]:
    yield f"Custody record of {record.person}, born {record.born}, {record.home}. Journey {record.transfer}."
    for lost in record.lost:
        yield lost.claim
    yield f"Made by {issue.made_by}, {issue.organisation}, {_time(issue.made_at)}."
    yield f"Verification code {issue.code}: confirmed at {issue.confirm_at}"
