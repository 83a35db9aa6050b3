"""Answers made smaller on the way, where their length tells nobody anything (docs/adr/0031)."""

from __future__ import annotations

import gzip
from functools import lru_cache

import brotli
from flask import Flask, Response, request

_BROTLI, _GZIP = 5, 5
"""How hard the packing tries: a page of 40 kB takes a millisecond, and brotli's answer is the smaller one."""
_SMALLEST = 800  # bytes: below this nothing is won
_once = lru_cache(maxsize=8)(brotli.compress)


def register(app: Flask) -> None:
    """Packs pages. Called before whatever else changes an answer: what is registered first is done last."""

    @app.after_request
    def pack(answer: Response) -> Response:
        return packed(answer) if _may_be(answer) else answer


def _may_be(answer: Response) -> bool:
    """Only a page that was found under its address alone. What somebody else could have put into the request
    (a query, a form) may stand in its answer beside what is secret, and the length of the two packed together
    would tell how alike they are. Another site can send neither cookies with a form nor a path that is found
    and holds words of its own."""
    return (
        request.method == "GET"
        and not request.query_string
        and answer.status_code == 200
        and answer.mimetype == "text/html"
        and answer.content_encoding is None
        and not answer.is_streamed
        and len(answer.get_data()) >= _SMALLEST
    )


def packed(answer: Response, *, for_everybody: bool = False) -> Response:
    """The same answer, packed. Only for one in which nothing of the request stands: its length then tells
    nobody anything of what is beside it. `for_everybody`: packed once and as small as it gets, and kept."""
    answer.vary.add("Accept-Encoding")
    match request.accept_encodings.best_match(["br", "gzip"]):
        case "br":
            content = answer.get_data()
            small = _once(content) if for_everybody else brotli.compress(content, quality=_BROTLI)
            answer.set_data(small)
            answer.content_encoding = "br"
        case "gzip":
            answer.set_data(gzip.compress(answer.get_data(), _GZIP, mtime=0))
            answer.content_encoding = "gzip"
    return answer
