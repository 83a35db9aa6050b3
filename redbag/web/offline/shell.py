"""What opens with no network: a page without a person, its files, and the worker that keeps them."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from flask import Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from redbag.config import ROOT
from redbag.web.guards import public
from redbag.web.offline import blueprint

_WORKER = "/static/js/offline/sw.js"
_PAGES = ("/offline", "/manifest.webmanifest")
# What the shell and its modules need beside the modules of static/js/offline, which are all kept.
_BESIDE = (
    "/static/css/answers.css",
    "/static/css/custody.css",
    "/static/css/journey.css",
    "/static/css/offline.css",
    "/static/css/redbag.css",
    "/static/icons/redbag-192.png",
    "/static/icons/redbag.svg",
    "/static/js/signature.js",
    "/static/vendor/assets/images/nhsuk-icon-arrow-down.svg",
    "/static/vendor/assets/images/nhsuk-icon-arrow-up-down.svg",
    "/static/vendor/assets/images/nhsuk-icon-arrow-up.svg",
    "/static/vendor/assets/images/nhsuk-icon-cross.svg",
    "/static/vendor/nhsuk-frontend.min.css",
)
_ICONS = (
    ("/static/icons/redbag-192.png", "192x192", "any"),
    ("/static/icons/redbag-512.png", "512x512", "any"),
    ("/static/icons/redbag-maskable-512.png", "512x512", "maskable"),
)
BLUE, PAPER = "#005eb8", "#f0f4f5"


@cache
def kept_files() -> tuple[str, ...]:
    """The addresses of every file that the shell needs, by name."""
    modules = (f"/static/js/offline/{file.name}" for file in (ROOT / "static/js/offline").glob("*.js"))
    return tuple(sorted({*modules, *_BESIDE} - {_WORKER}))


@cache
def _prints() -> bytes:
    """What the files hold, in short."""
    told = hashlib.sha256()
    for address in kept_files():
        told.update(address.encode() + b"\0" + hashlib.sha256((ROOT / address[1:]).read_bytes()).digest())
    return told.digest()


@blueprint.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker, with what it keeps and the version of that: other content, another version."""
    pages = render_template("offline/shell.html"), json.dumps(_manifest())
    told = hashlib.sha256(_prints() + "\0".join(pages).encode()).hexdigest()[:16]
    keeps = json.dumps([*_PAGES, *kept_files()])
    script = (ROOT / _WORKER[1:]).read_text(encoding="utf-8")
    answer = Response(
        f'const VERSION = "{told}"; const SHELL = {keeps};\n{script}', mimetype="text/javascript"
    )
    answer.headers["Service-Worker-Allowed"] = "/"
    return _asked_again(answer)


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What a tablet's home screen shows."""
    answer = jsonify(_manifest())
    answer.mimetype = "application/manifest+json"
    return _asked_again(answer)


@blueprint.get("/offline")
@public
def shell() -> ResponseReturnValue:
    """The page that the worker keeps: the same for everybody, and nobody is on it."""
    return _asked_again(Response(render_template("offline/shell.html")))


def _asked_again(answer: Response) -> Response:
    """May be kept, and is asked for again before it is used."""
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _manifest() -> dict[str, object]:
    return {
        "id": "/",
        "name": "Red Bag",
        "short_name": "Red Bag",
        "description": "What a hospital needs to know, in a red bag",
        "lang": "en-GB",
        "start_url": "/residents",
        "scope": "/",
        "display": "standalone",
        "theme_color": BLUE,
        "background_color": PAPER,
        "icons": [
            {"src": src, "sizes": sizes, "type": "image/png", "purpose": purpose}
            for src, sizes, purpose in _ICONS
        ],
    }
