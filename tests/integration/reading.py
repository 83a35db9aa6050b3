"""What a person reads in an answer, whatever it is: a page, a table, a workbook, paper."""

from __future__ import annotations

import io
import zipfile

from pypdf import PdfReader
from werkzeug.test import TestResponse

PICTURE = "a photo or a paper"


def words(answer: TestResponse) -> str:
    """The words; PICTURE for an image, which has none."""
    kind = answer.mimetype
    if kind == "application/pdf":
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    if kind == "application/zip" or "openxml" in kind:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as files:
            return " ".join(files.read(name).decode("utf-8", "replace") for name in files.namelist())
    if kind.startswith("text/") or "json" in kind or "javascript" in kind:
        return answer.get_data(as_text=True)
    return PICTURE if kind.startswith("image/") else ""
