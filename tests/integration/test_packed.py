"""Which answers are packed on the way (docs/adr/0031-packed-pages.md)."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest

from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOTH = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def test_a_page_comes_packed_to_whoever_can_read_it(visit: Callable[[str], Visitor]) -> None:
    client = visit("carer").client
    plain = client.get("/residents")
    small = client.get("/residents", headers=BOTH)
    older = client.get("/residents", headers={"Accept-Encoding": "gzip"})
    assert plain.content_encoding is None
    assert (small.content_encoding, older.content_encoding) == ("br", "gzip")
    for page in (brotli.decompress(small.data), gzip.decompress(older.data)):
        assert b"Residents</h1>" in page
    assert all("Accept-Encoding" in answer.vary for answer in (plain, small, older))
    assert small.headers["Cache-Control"] == "no-store"
    assert small.content_length == len(small.data) < len(plain.data) / 2


def test_nothing_is_packed_that_the_asking_put_words_into(visit: Callable[[str], Visitor]) -> None:
    """What another site has this browser ask for cannot have its length compared with what is secret."""
    visitor = visit("carer")
    client = visitor.client
    refused = client.post("/residents/new", headers=BOTH)
    answers = {
        "a query": client.get("/residents?find=a", headers=BOTH),
        "an empty query": client.get("/residents?find=", headers=BOTH),
        "a form": refused,
        "no such page": client.get("/residents/nobody-of-this-name", headers=BOTH),
        "not for this person": client.get("/admin", headers=BOTH),
        "an unknown label": client.get("/b/nobody-of-this-name", headers=BOTH),
    }
    assert {name: one.content_encoding for name, one in answers.items()} == dict.fromkeys(answers)
    assert answers["a query"].status_code == 200
    assert refused.status_code >= 400


def test_a_head_and_what_is_no_page_come_as_they_are(visit: Callable[[str], Visitor]) -> None:
    client = visit("carer").client
    assert client.head("/residents", headers=BOTH).content_encoding is None
    assert client.get("/healthz", headers=BOTH).content_encoding is None
