"""Sends the form that stands on a page together with files, as a tablet does."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from tests.visitor import Fields, Page, Visitor, filled

Files = tuple[str, bytes]


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
