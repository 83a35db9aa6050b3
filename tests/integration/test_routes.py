"""Every address has a guard that says who may call it, and says whether it writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from redbag.domain.permissions import Permission
from redbag.web.guards import audits, commits, public, requires, signed_in_only
from tests.cast import Cast

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WRITING = {"POST", "PUT", "PATCH", "DELETE"}
# Every page that a stranger may open, and why.
PUBLIC = {
    "front.index": "says what this is; sends those who have signed in to their work",
    "observing.healthz": "machines ask whether the process and its database work",
    "observing.readyz": "machines ask whether people can be sent here",
    "observing.metrics": "for this machine, or whoever brings the token; 404 for everybody else",
    "account.sign_in": "nobody is signed in yet",
    "account.check_sign_in": "nobody is signed in yet",
    "account.sign_out": "a session that has run out must still be left behind",
    "account.who_are_you": "an enrolled device asks whoever holds it for their name",
    "account.ask_pin": "an enrolled device asks for the PIN; any other browser gets nothing here",
    "account.unlock": "an enrolled device and a PIN are what lets somebody in",
    "account.join": "the invited person has no passphrase yet; the token in the address is the key",
    "account.save_join": "the invited person has no passphrase yet; the token in the address is the key",
    "account.sign_in_with": "sends a browser to the organisation's own sign-in service",
    "account.back_from_service": "nobody is signed in yet; the state that the service sends back is the key",
    "custody.confirm": "an insurer has a custody record confirmed by its code, and is told of no person",
    "custody.check_code": "an insurer has a custody record confirmed by its code, and is told of no person",
    "home.printer_test_read": "whoever tries a label printer scans its test print by any telephone",
    "offline.worker": "a browser asks for the program that it keeps before anybody signs in; nobody is in it",
    "offline.files": "the files that stand in with no network, in one answer: the same for everybody",
    "offline.manifest": "what a home screen shows",
    "offline.shell": "the page that stands in with no network: the same for everybody, and nobody is on it",
    "offline.who": "a tablet asks whom it serves: a stranger is told the time, and whose copy is to go",
    "ward.find": "whoever holds a bag may scan its label, or type its code",
    "ward.find_label": "whoever holds a bag may scan its label, or type its code",
    "ward.code": "whoever has no account types the code that lies inside the bag",
    "ward.check_code": "whoever has no account types the code that lies inside the bag",
    "ward.who": "asks who they are of those who have shown the code, of others the code",
    "ward.say_who": "takes who they are of those who have shown the code, and of nobody else",
    "ward.scan": "a stranger who scans a label reads whose bag it is and whom to ring, and no more",
}


# A GET that writes, and why it must be one.
COMMITS_ON_A_GET = {
    "account.back_from_service": "a sign-in service sends the browser back by its address (ADR 26)",
}


# Every page of a session that has still to show a second factor, and why.
HALF_SIGNED_IN = {
    "account.second_factor": "asks for the second factor, or leads to set one up",
    "account.show_code": "takes a code of the app",
    "account.show_recovery_code": "takes a recovery code",
    "account.passkey_options": "says what a passkey has to sign",
    "account.show_passkey": "takes what a passkey has signed",
    "account.ask_app": "the first app is set up before anything else; the service refuses a second",
    "account.save_app": "the first app is set up before anything else; the service refuses a second",
    "account.ask_new_passkey": "the first passkey, likewise",
    "account.new_passkey_options": "the first passkey, likewise",
    "account.save_passkey": "the first passkey, likewise",
}
GUARDS = ("required_permission", "public", "signed_in_only", "half_signed_in")


def faults(app: Flask, known_public: dict[str, str]) -> list[str]:
    """What is wrong with the guards of this application's addresses."""
    found = []
    for rule in app.url_map.iter_rules():
        view, name = app.view_functions[rule.endpoint], f"{rule} ({rule.endpoint})"
        guards = [g for g in GUARDS if getattr(view, g, None)]
        if len(guards) != 1:
            found.append(f"{name} has {len(guards)} guards: {guards}")
        if guards == ["public"] and rule.endpoint not in known_public:
            found.append(f"{name} is public and not on the list with its reason")
        if guards == ["half_signed_in"] and rule.endpoint not in HALF_SIGNED_IN:
            found.append(f"{name} is for half-open sessions and not on the list with its reason")
        writes = bool((rule.methods or set()) & WRITING)
        if writes and (rule.methods or set()) & {"GET"}:
            found.append(f"{name} shows and writes: make it two views")
        if writes is not bool(getattr(view, "commits", False)) and rule.endpoint not in COMMITS_ON_A_GET:
            found.append(f"{name} {'does not commit' if writes else 'commits on a GET'}")
        if writes and getattr(view, "audits", False):
            found.append(f"{name} audits as a page that only shows")
    return found


@on_sqlite
def test_every_address_is_guarded_and_says_whether_it_writes(app: Flask) -> None:
    assert faults(app, PUBLIC) == []


@on_sqlite
def test_list_of_public_addresses_names_no_other(app: Flask) -> None:
    there = {e for e, view in app.view_functions.items() if getattr(view, "public", False)}
    assert set(PUBLIC) == there


@on_sqlite
def test_list_of_half_open_addresses_names_no_other(app: Flask) -> None:
    there = {e for e, view in app.view_functions.items() if getattr(view, "half_signed_in", False)}
    assert set(HALF_SIGNED_IN) == there


def _view() -> str:
    return "x"


@pytest.mark.parametrize(
    ("view", "method", "fault"),
    [
        (_view, "GET", "has 0 guards"),
        (public(lambda: "x"), "GET", "not on the list"),
        (requires(Permission.ADMIN_READ)(signed_in_only(_view)), "GET", "has 2 guards"),
        (signed_in_only(_view), "POST", "does not commit"),
        (signed_in_only(_view), "DELETE", "does not commit"),
        (signed_in_only(commits(_view)), "GET", "commits on a GET"),
        (signed_in_only(commits(audits(_view))), "POST", "audits as a page"),
    ],
)
def test_the_walk_finds_what_it_looks_for(view: Callable[..., Any], method: str, fault: str) -> None:
    app = Flask("faulty", static_folder=None)
    app.add_url_rule("/faulty", "faulty", view, methods=[method])
    found = faults(app, {})
    assert any(fault in one for one in found), found


def test_the_walk_lets_whole_addresses_through() -> None:
    app = Flask("whole", static_folder=None)
    app.add_url_rule("/page", "page", requires(Permission.ADMIN_READ)(audits(_view)))
    app.add_url_rule("/save", "save", requires(Permission.ADMIN_EDIT)(commits(_view)), methods=["POST"])
    app.add_url_rule("/open", "open", public(lambda: "x"))
    assert faults(app, {"open": "said"}) == []


@on_sqlite
def test_form_without_its_token_is_refused_everywhere(app: Flask, cast: Cast) -> None:
    """Cross-site requests: whatever the address and whoever is signed in, nothing is done."""
    for part in ("carer", "administrator", "nurse"):
        client = cast.browser(app, part)
        for rule in app.url_map.iter_rules():
            if not (rule.methods or set()) & WRITING:
                continue
            path = str(rule)
            for argument in rule.arguments:
                path = path.replace(f"<{argument}>", "x")
            answer = client.post(path, data={"name": "x"})
            assert answer.status_code == 400, f"{part} {path}: {answer.status_code}"
            assert b"open for too long" in answer.data


@on_sqlite
def test_form_with_the_token_of_another_session_is_refused(app: Flask, cast: Cast) -> None:
    mine, theirs = cast.browser(app, "carer"), cast.browser(app, "manager")
    page = theirs.get("/account/passphrase").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert mine.post("/account/sign-out-elsewhere", data={"csrf_token": token}).status_code == 400
    assert theirs.post("/account/sign-out-elsewhere", data={"csrf_token": token}).status_code == 303
