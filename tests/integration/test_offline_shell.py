"""What opens with no network: what the worker keeps, what a home screen shows, and that nobody is in it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from redbag.web.offline import shell
from redbag.web.offline.lean import lean
from tests.cast import Cast
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ROOT = Path(__file__).resolve().parents[2]
IMPORTED = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+\.m?js)["']""")
LINKED = re.compile(r"""<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)\"""")
DRAWN = re.compile(r"""url\(["']?([^"')]+)["']?\)""")


def worker(client: FlaskClient) -> tuple[str, list[str], str]:
    """The worker's version, what it keeps, and the whole script."""
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    head, rest = answer.text.split("\n", 1)
    told = re.fullmatch(
        r'const VERSION = "([0-9a-f]{16})"; const SHELL = (\[.*\]); const PRINTS = (\{.*\});', head
    )
    assert told is not None, head
    assert rest == lean((ROOT / "static/js/offline/sw.js").read_text(encoding="utf-8"))
    return told[1], json.loads(told[2]), answer.text


def needed(address: str, content: str) -> set[str]:
    """The addresses that a page, a module or a stylesheet of ours brings with it."""
    found = set(IMPORTED.findall(content)) if address.endswith(".js") else set()
    if address.endswith(".css"):
        found |= {one for one in DRAWN.findall(content) if not one.startswith(("data:", "#"))}
    if "." not in address.rsplit("/", 1)[-1]:
        found |= set(LINKED.findall(content))
    return {urljoin(address, one) for one in found}


def test_the_worker_keeps_whatever_the_shell_and_its_modules_need(app: Flask) -> None:
    client = app.test_client()
    _, kept, _ = worker(client)
    assert len(set(kept)) == len(kept)
    seen, waiting = set(), ["/offline"]
    while waiting:
        address = waiting.pop()
        seen.add(address)
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            if address.endswith((".js", ".css", "/offline")):
                waiting += needed(address, answer.get_data(as_text=True)) - seen
    assert seen <= set(kept), f"add to redbag/web/offline/shell.py: {sorted(seen - set(kept))}"
    missing = []
    for address in kept:
        with client.get(address) as answer:
            if answer.status_code != 200:
                missing.append(address)
    assert not missing, "one file that is not there, and the worker keeps nothing at all"


def test_its_files_come_in_one_answer_that_is_theirs(app: Flask) -> None:
    client = app.test_client()
    version, kept, _ = worker(client)
    answer = client.get(f"/offline/files?version={version}", headers={"Accept-Encoding": "br, gzip"})
    assert answer.headers["Content-Encoding"] == "br"
    bundled = json.loads(brotli.decompress(answer.data))
    assert set(bundled) < set(kept)
    for address, (kind, text) in bundled.items():
        with client.get(address) as file:
            whole = file.get_data(as_text=True)
        assert (file.mimetype, whole if address.endswith(".svg") else lean(whole)) == (kind, text), address
    assert client.get("/offline/files?version=another").json == {}


def test_what_a_page_of_a_home_brings_along_is_not_sent_twice(app: Flask) -> None:
    client = app.test_client()
    seen, waiting = set(), ["/static/js/offline/here.js", "/static/js/offline/pin.js"]
    while waiting:
        address = waiting.pop()
        seen.add(address)
        with client.get(address) as answer:
            waiting += needed(address, answer.get_data(as_text=True)) - seen
    style = "/static/css/redbag.css"
    assert f'<link rel="stylesheet" href="{style}">' in client.get("/sign-in").text
    assert set(shell._HAD) == seen | {style}


def test_the_worker_knows_what_the_others_hold(app: Flask) -> None:
    client = app.test_client()
    version, kept, script = worker(client)
    bundled = client.get(f"/offline/files?version={version}").json
    prints = json.loads(script.split("const PRINTS = ", 1)[1].split(";\n", 1)[0])
    assert set(prints) == {one for one in kept if one.startswith("/static/")} - set(bundled)
    for address, told in prints.items():
        with client.get(address) as file:
            assert hashlib.sha256(file.get_data()).hexdigest() == told, address


@pytest.mark.parametrize("address", ["/sw.js", "/offline", "/manifest.webmanifest"])
def test_what_is_the_same_is_not_sent_again(app: Flask, address: str) -> None:
    client = app.test_client()
    first = client.get(address, headers={"Accept-Encoding": "br"})
    again = client.get(address, headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_other_content_is_another_version(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    version, _, _ = worker(client)
    assert worker(client)[0] == version
    shell._prints.cache_clear()
    before = shell.kept_files()
    monkeypatch.setattr(shell, "kept_files", lambda: before[1:])
    assert worker(client)[0] != version
    monkeypatch.undo()
    shell._prints.cache_clear()
    assert worker(client)[0] == version


def test_the_worker_is_asked_for_again_and_serves_the_whole_site(app: Flask) -> None:
    headers = app.test_client().get("/sw.js").headers
    assert headers["Content-Type"].startswith("text/javascript")
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Service-Worker-Allowed"] == "/"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "manifest-src 'self'" in policy


def test_nobody_is_in_the_shell_and_it_is_the_same_for_everybody(app: Flask, cast: Cast) -> None:
    stranger = app.test_client().get("/offline")
    for part in ("carer", "nurse", "administrator"):
        page = cast.browser(app, part).get("/offline")
        assert page.data == stranger.data
        assert "Set-Cookie" not in page.headers
    assert "Opening Red Bag without the network…" in stranger.text
    assert "<main" in stranger.text
    assert 'id="maincontent"' in stranger.text
    assert "<noscript>" in stranger.text
    assert "csrf" not in stranger.text
    assert not re.findall(r"<script(?![^>]*\bsrc=)", stranger.text), "no script but of a file"
    assert "nonce" not in stranger.text


def test_what_a_home_screen_shows(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    told = json.loads(answer.data)
    assert (told["name"], told["start_url"], told["scope"], told["display"]) == (
        "Red Bag",
        "/residents",
        "/",
        "standalone",
    )
    assert told["theme_color"] == "#005eb8"
    sizes = {(icon["sizes"], icon["purpose"]) for icon in told["icons"]}
    assert sizes == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    drawn = icons().files()
    for icon in told["icons"]:
        with client.get(icon["src"]) as file:
            assert file.mimetype == "image/png"
            assert file.data == drawn[icon["src"].rsplit("/", 1)[1]], "run scripts/icons.py"


def icons() -> Any:
    """The script that draws them."""
    spec = importlib.util.spec_from_file_location("icons", ROOT / "scripts" / "icons.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_names_the_manifest_and_may_start_the_worker(visit: Callable[[str], Visitor]) -> None:
    page = visit("carer").open("/residents")
    links = {(one.get("rel"), one.get("href")) for one in page.tree.iter("link")}
    assert ("manifest", "/manifest.webmanifest") in links
    assert "worker-src 'self'" in page.response.headers["Content-Security-Policy"]
