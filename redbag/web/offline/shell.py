"""What opens with no network: a page without a person, its files, and the worker that keeps them."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from redbag.config import ROOT
from redbag.web.guards import public
from redbag.web.offline import blueprint
from redbag.web.offline.lean import lean
from redbag.web.packed import packed

_WORKER = "/static/js/offline/sw.js"
_PAGES = ("/offline", "/manifest.webmanifest")
_BUNDLE = "/offline/files"
_MODULES = "/static/js/offline/"
# What every page of a home brings with it already (its style, here.js and what that needs): asked for by
# name, none of it comes a second time.
_HERE = ("copy", "drafts", "here", "outbox", "pin", "register", "server", "store", "vault")
_HAD = ("/static/css/redbag.css", *(f"{_MODULES}{name}.js" for name in _HERE))
_ONLINE = (f"{_MODULES}here.js", f"{_MODULES}register.js")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_LEAN = (".css", ".js")
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
    modules = (f"{_MODULES}{file.name}" for file in (ROOT / "static/js/offline").glob("*.js"))
    return tuple(sorted({*modules, *_BESIDE} - {_WORKER}))


@cache
def _prints() -> bytes:
    """What the files hold, in short."""
    told = hashlib.sha256()
    for address in kept_files():
        told.update(address.encode() + b"\0" + _print(address).digest())
    return told.digest()


def _print(address: str) -> hashlib._Hash:
    return hashlib.sha256((ROOT / address[1:]).read_bytes())


@cache
def _prints_of_others() -> dict[str, str]:
    """What the files hold that do not come in the one answer, in short: a page may have brought them, and the
    worker need not ask again for what is the same."""
    return {one: _print(one).hexdigest() for one in kept_files() if one not in _bundled()}


def _version() -> str:
    pages = _page(), json.dumps(_manifest())
    return hashlib.sha256(_prints() + "\0".join(pages).encode()).hexdigest()[:16]


@blueprint.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker, with what it keeps and the version of that: other content, another version."""
    keeps, told = json.dumps([*_PAGES, *kept_files()]), json.dumps(_prints_of_others())
    script = lean((ROOT / _WORKER[1:]).read_text(encoding="utf-8"))
    head = f'const VERSION = "{_version()}"; const SHELL = {keeps}; const PRINTS = {told};\n'
    answer = Response(head + script, mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/"
    return _asked_again(answer)


@cache
def _bundled() -> tuple[str, ...]:
    found = (one for one in kept_files() if not one.startswith("/static/vendor/nhsuk") and one not in _HAD)
    return tuple(one for one in found if Path(one).suffix in _TYPES)


@cache
def _bundle() -> str:
    return json.dumps({one: _with_its_type(ROOT / one[1:]) for one in _bundled()})


def _with_its_type(file: Path) -> tuple[str, str]:
    text = file.read_text(encoding="utf-8")
    return _TYPES[file.suffix], lean(text) if file.suffix in _LEAN else text


@blueprint.get(_BUNDLE)
@public
def files() -> ResponseReturnValue:
    """The shell's files that no page brings along, in one answer: {address: [type, text]}. Three dozen
    answers are twice as heavy on a slow line, and each waits for another.

    `version`: that of the worker which asks; nothing where this program is another one.
    """
    same = request.args.get("version") == _version()
    return _asked_again(Response(_bundle() if same else "{}", mimetype="application/json"))


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
    return _asked_again(Response(_page()))


def _page() -> str:
    modules = [one for one in kept_files() if one.startswith(_MODULES) and one not in _ONLINE]
    return render_template("offline/shell.html", modules=modules)


def _asked_again(answer: Response) -> Response:
    """May be kept, and is asked for again before it is used: then nothing comes where it is the same."""
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer if answer.status_code == 304 else packed(answer, for_everybody=True)


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
