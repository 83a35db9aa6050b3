"""What every answer tells the browser, and what the cookie is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.cast import PASSPHRASE, Cast, assemble
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADDRESSES = ("/", "/sign-in", "/account", "/admin", "/nowhere", "/healthz")


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_hardened(visit: Callable[[str], Visitor], address: str) -> None:
    headers = visit("carer").client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Request-Id"]


def test_the_scanner_alone_may_use_the_camera_and_its_reader(visit: Callable[[str], Visitor]) -> None:
    client = visit("nurse").client
    answer = client.get("/scan")
    policy = answer.headers["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" in policy
    assert "worker-src 'self'" in policy
    assert "'unsafe" not in policy
    assert answer.headers["Permissions-Policy"].startswith("camera=(self), ")
    with client.get("/static/js/scan_worker.js") as reader:
        policy = reader.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'")
    with client.get("/static/js/scanner.js") as script:
        assert "Content-Security-Policy" not in script.headers


def test_refusals_and_errors_are_hardened_too(visit: Callable[[str], Visitor]) -> None:
    client = visit("carer").client
    answers = [client.get("/admin"), client.get("/nowhere"), client.post("/account/passphrase")]
    assert [a.status_code for a in answers] == [403, 404, 400]
    assert all("frame-ancestors 'none'" in a.headers["Content-Security-Policy"] for a in answers)


def test_inline_script_carries_the_nonce_of_its_own_answer(stranger: Visitor) -> None:
    seen = set()
    for _ in range(2):
        answer = stranger.client.get("/sign-in")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert nonce is not None
        inline = re.findall(r"<script([^>]*)>[^<]", answer.text)
        assert inline
        assert all(f'nonce="{nonce[1]}"' in attributes for attributes in inline)
        seen.add(nonce[1])
    assert len(seen) == 2
    assert all(len(nonce) >= 16 for nonce in seen)


def test_nothing_of_a_page_comes_from_another_host(stranger: Visitor) -> None:
    page = stranger.client.get("/sign-in").text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def _cookie(app: Flask) -> str:
    with app.app_context():
        assemble()
    client = app.test_client()
    page = client.get("/sign-in", base_url=app.config["REDBAG"].base_url)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    answer = client.post(
        "/sign-in",
        base_url=app.config["REDBAG"].base_url,
        data={"csrf_token": token[1], "email": "carer@example.org", "passphrase": PASSPHRASE},
    )
    assert answer.status_code == 303
    kept, known = sorted(answer.headers.getlist("Set-Cookie"), key=lambda one: "known=" in one)
    assert "redbag-known=" in known
    flags = ("HttpOnly", "Path=/", "SameSite=Lax", *(("Secure", "__Host-") if "__Host-" in kept else ()))
    assert all(flag in known for flag in flags), "the other cookie, by which a browser is known again"
    return kept


def test_cookie_over_https_is_host_bound_secure_and_closed_to_scripts(make_app: Callable[..., Flask]) -> None:
    app = make_app(base_url="https://redbag.example.org")
    cookie = _cookie(app)
    assert cookie.startswith("__Host-redbag=")
    for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert flag in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie, "the cookie goes with the browser's session"
    answer = app.test_client().get("/sign-in", base_url="https://redbag.example.org")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_cookie_on_this_machine_is_closed_to_scripts(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    cookie = _cookie(app)
    assert cookie.startswith("redbag=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers


def test_cookie_that_was_tampered_with_opens_nothing(app: Flask, cast: Cast) -> None:
    client = cast.browser(app, "carer")
    good = client.get_cookie("redbag")
    assert good is not None
    forged = app.test_client()
    body, *rest = good.value.split(".")
    forged.set_cookie("redbag", ".".join([body[:-2] + ("AA" if body[-2:] != "AA" else "BB"), *rest]))
    assert forged.get("/account").status_code == 302
    assert client.get("/account").status_code == 200
