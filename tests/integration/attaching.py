"""Sends the form that stands on a page together with files, as a tablet does."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from redbag.database import db
from redbag.models import Paper
from tests import papers
from tests.integration.walk import Walk
from tests.visitor import Fields, Page, Visitor, filled

Files = tuple[str, bytes]
FACE: Files = ("face.jpg", papers.jpeg_with_place())
OTHER_FACE = ("face2.jpg", papers.jpeg(120, 160, colour=(10, 120, 10)))
CHART = ("chart.pdf", papers.pdf(2))


def send(
    visitor: Visitor, *files: Files, typed: dict[str, str] | None = None, action: str | None = None
) -> Page:
    """The form with what was typed and these files: a name and the bytes of each."""
    form = visitor.page.form(action)
    fields = [(name, value) for name, value in filled(form, typed or {}) if name != "file"]
    path = form.get("action") or visitor.page.response.request.full_path
    return visitor._look(post(visitor.client, path, fields, *files, follow_redirects=True))


def post(
    client: FlaskClient, path: str, fields: Fields, *files: Files, follow_redirects: bool = False
) -> TestResponse:
    """One request with these fields and files. Its body is held in memory, whatever its size."""
    data: MultiDict[str, Any] = MultiDict(fields)
    for name, content in files:
        data.add("file", FileStorage(io.BytesIO(content), name))
    boundary, body = encode_multipart(data)
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(path, data=body, content_type=kind, follow_redirects=follow_redirects)


def resident_path(walk: Walk) -> str:
    return f"/residents/{walk.way.resident_ref}"


def add_paper(carer: Visitor, walk: Walk, kind: str, *files: tuple[str, bytes], **typed: str) -> Any:
    carer.open(f"{resident_path(walk)}/papers")
    return send(carer, *files, typed={"kind": kind, **typed}, action=f"{resident_path(walk)}/papers")


def add_photo(carer: Visitor, walk: Walk, face: tuple[str, bytes] = FACE) -> Any:
    carer.open(f"{resident_path(walk)}/photo")
    return send(carer, face)


def stored(walk: Walk) -> dict[str, str]:
    """The references of what stands, by kind."""
    return walk.look(
        lambda: {row.kind: row.ref for row in db.session.query(Paper).filter_by(removed_at=None)}
    )
