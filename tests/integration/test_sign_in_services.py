"""Sign-in services as the operator sets them up, and what an organisation that insists on one means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from redbag.cli import commands
from redbag.config import Mode
from redbag.database import begin_write, db
from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Role
from redbag.models import Account, AuditEntry, LinkedIdentity, UserSession
from redbag.queries import single_sign_on as queries
from redbag.security import single_sign_on as mechanism
from redbag.services import accounts, sessions, sign_in_services
from redbag.services.accounts import RoleAt
from tests.cast import PASSPHRASE, Cast
from tests.lying_service import lying
from tests.sign_in_service import SECRET
from tests.visitor import Page, Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = datetime.now(UTC)


@pytest.fixture
def run(make_app: Callable[..., Flask]) -> Callable[..., str]:
    """A command of the operator; its output. Fails where the command does."""
    made = make_app(sign_in_secrets=(("county", SECRET),))

    def running(*words: str, code: int = 0, typed: str = "") -> str:
        result = CliRunner().invoke(commands, ["sso", *words], obj=lambda: made, input=typed)
        assert result.exit_code == code, result.output
        return result.output

    return running


@pytest.fixture
def county(run: Callable[..., str], cast: Cast) -> str:
    """A service that signs Rowan House's people in, so far beside their passphrases."""
    told = run(
        "add", "county", "--name", "County Login", "--issuer", "https://login.county.example",
        "--client-id", "redbag", "--domain", "@Example.org", "--organisation", "Rowan House",
    )  # fmt: skip
    assert "http://127.0.0.1/sign-in/with/county/back" in told
    return "county"


def write(app: Flask, act: Callable[[], Any]) -> Any:
    with app.app_context():
        begin_write()
        result = act()
        db.session.commit()
        return result


def sign_in(visitor: Visitor, part: str, passphrase: str = PASSPHRASE) -> Page:
    visitor.open("/sign-in?passphrase=yes&next=/account")
    return visitor.press({"email": f"{part}@example.org", "passphrase": passphrase})


def by_service(app: Flask, cast: Cast, part: str) -> FlaskClient:
    """A browser in which the service has let somebody in."""
    client = app.test_client()

    def start() -> str:
        account = db.session.get_one(Account, cast.actor(part).account_id)
        service = queries.service("county")
        known = db.session.scalar(select(LinkedIdentity).filter_by(account_id=account.id))
        if known is None:
            db.session.add(
                LinkedIdentity(service_id=service.id, subject=part, account_id=account.id, linked_at=NOW)
            )
        moment = datetime.now(UTC)
        return sessions.start(account, cast.actor(part).origin, app.config["LIMITS"], moment, service=service)

    token = write(app, start)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def test_where_it_is_insisted_on_the_passphrase_opens_nothing(
    app: Flask, stranger: Visitor, cast: Cast, county: str, run: Callable[..., str]
) -> None:
    assert sign_in(stranger, "carer").path == "/account"
    other = Visitor(cast.browser(app, "outsider"))
    run("sign-in-at", county, "Rowan House", "--insist")
    assert stranger.open("/account").path == "/sign-in"  # at once
    assert other.open("/account").path == "/account"  # another home
    page = sign_in(stranger, "carer")
    assert page.status == 422
    assert "people sign in with County Login: use its button" in page.text
    wrong = sign_in(stranger, "carer", "a wrong passphrase, this one")
    assert "The e-mail address or the passphrase is not right." in wrong.text
    assert "use its button" not in wrong.text
    run("sign-in-at", county, "Rowan House")
    assert sign_in(stranger, "carer").path == "/account"


def test_operator_lets_one_passphrase_in_for_a_night(
    app: Flask, stranger: Visitor, cast: Cast, county: str, run: Callable[..., str]
) -> None:
    run("sign-in-at", county, "Rowan House", "--insist")
    assert "UTC" in run("let-passphrase-in", "carer@example.org", "--hours", "8")
    assert sign_in(stranger, "carer").path == "/account"
    assert sign_in(Visitor(app.test_client()), "manager").status == 422  # one person, not the home
    run("let-passphrase-in", "carer@example.org", "--hours", "0")
    assert stranger.open("/account").path == "/sign-in"
    assert sign_in(stranger, "carer").status == 422
    write(app, lambda: sign_in_services.let_passphrase_in("carer@example.org", 8, NOW - timedelta(hours=9)))
    assert sign_in(stranger, "carer").status == 422  # the night is over
    with app.app_context():
        kind = "account.passphrase_let_in"
        told = db.session.scalars(select(AuditEntry.details).filter_by(kind=kind).order_by(AuditEntry.id))
        assert list(told) == [{"hours": 8}, {"hours": 0}, {"hours": 8}]


@on_sqlite
def test_service_opens_its_own_places_and_the_passphrase_the_others(
    app: Flask, stranger: Visitor, cast: Cast, county: str, run: Callable[..., str]
) -> None:
    """Joy works in two homes. The county vouches for one: whatever it says, it opens nothing of the other."""
    other = RoleAt(cast.places["other_home"].ref, Role.CARER)
    write(app, lambda: accounts.add_role(None, cast.actor("carer").account_ref, other, NOW))
    run("sign-in-at", county, "Rowan House", "--insist")
    here = Visitor(by_service(app, cast, "carer"))
    words = here.open("/account").text
    assert "Rowan House" in words
    assert "Larch Lodge" not in words
    with app.app_context():
        rows = db.session.scalars(select(Account).filter_by(email="carer@example.org")).one().memberships
        refs = {m.organisation.name: m.ref for m in rows}
    tokens = [
        (e.get("name", ""), e.get("value", "")) for e in here.open("/account/passphrase").tree.iter("input")
    ]
    tokens = [pair for pair in tokens if pair[0] == "csrf_token"]
    assert here.post("/account/place", [*tokens, ("place", refs["Larch Lodge"])]).status == 404
    page = sign_in(stranger, "carer")
    assert "Larch Lodge" in page.text
    assert "Rowan House" not in page.text
    tokens = [
        ("csrf_token", e.get("value", "")) for e in page.tree.iter("input") if e.get("name") == "csrf_token"
    ]
    assert stranger.post("/account/place", [*tokens[:1], ("place", refs["Rowan House"])]).status == 404


@on_sqlite
def test_who_works_elsewhere_too_is_out_where_it_is_insisted_on(
    app: Flask, cast: Cast, county: str, run: Callable[..., str]
) -> None:
    """Joy's passphrase goes on opening the other home, and kept the session at this one open as well."""
    other = RoleAt(cast.places["other_home"].ref, Role.CARER)
    write(app, lambda: accounts.add_role(None, cast.actor("carer").account_ref, other, NOW))
    with app.app_context():
        rows = db.session.scalars(select(Account).filter_by(email="carer@example.org")).one().memberships
        refs = {m.organisation.name: m.ref for m in rows}

    def at(home: str) -> FlaskClient:
        visitor = Visitor(app.test_client())
        sign_in(visitor, "carer")
        visitor.press(button=f"place={refs[home]}", action="/account/place")
        assert visitor.client.get("/residents").status_code == 200
        return visitor.client

    here, elsewhere = at("Rowan House"), at("Larch Lodge")
    run("sign-in-at", county, "Rowan House", "--insist")
    assert here.get("/residents").status_code == 302
    assert elsewhere.get("/residents").status_code == 200
    run("let-passphrase-in", "carer@example.org", "--hours", "8")
    here = at("Rowan House")
    run("let-passphrase-in", "carer@example.org", "--hours", "0")
    assert here.get("/residents").status_code == 302
    assert elsewhere.get("/residents").status_code == 200


@on_sqlite
def test_leaving_and_ending_sign_out_whoever_came_by_it(
    app: Flask, cast: Cast, county: str, run: Callable[..., str]
) -> None:
    first = by_service(app, cast, "carer")
    passphrase = cast.browser(app, "carer")
    assert first.get("/account").status_code == 200
    run("leave", county, "Rowan House")
    assert first.get("/account").status_code == 302
    assert passphrase.get("/account").status_code == 200
    run("sign-in-at", county, "Rowan House")
    again = by_service(app, cast, "carer")
    run("end", county, typed="y\n")
    assert again.get("/account").status_code == 302
    assert app.test_client().get("/sign-in/with/county").status_code == 404
    assert b"County Login" not in app.test_client().get("/sign-in").data
    assert run("list") == ""


@on_sqlite
def test_linking_by_hand_and_unlinking(app: Flask, county: str, cast: Cast, run: Callable[..., str]) -> None:
    run("link", county, "carer@example.org", "sub-1")
    with app.app_context():
        assert db.session.scalars(select(LinkedIdentity.subject)).all() == ["sub-1"]
    run("link", county, "carer@example.org", "sub-2", code=2)
    run("link", county, "manager@example.org", "sub-1", code=2)
    run("link", county, "nobody@example.org", "sub-3", code=2)
    here = by_service(app, cast, "carer")
    run("unlink", county, "carer@example.org")
    assert here.get("/account").status_code == 302
    run("unlink", county, "carer@example.org", code=2)
    with app.app_context():
        entries = select(AuditEntry.kind, AuditEntry.details).where(AuditEntry.kind.like("account.%linked"))
        assert [tuple(row) for row in db.session.execute(entries.order_by(AuditEntry.id))] == [
            ("account.linked", {"service": county}),
            ("account.unlinked", {"service": county}),
        ]


@on_sqlite
def test_list_says_whom_it_signs_in_and_what_is_missing(
    app: Flask, county: str, cast: Cast, run: Callable[..., str], make_app: Callable[..., Flask]
) -> None:
    told = run("sign-in-at", county, "St Brannock’s Hospital", "--insist")
    assert "does not vouch for" not in told
    told = run("list")
    assert "county: County Login, https://login.county.example, for example.org" in told
    assert "St Brannock’s Hospital: by nothing else" in told
    assert "missing" not in told
    assert SECRET not in told
    bare = make_app()
    result = CliRunner().invoke(commands, ["sso", "list"], obj=lambda: bare)
    assert "its secret is missing: REDBAG_SSO_SECRET_COUNTY" in result.output
    result = CliRunner().invoke(commands, ["sso", "check", "county"], obj=lambda: bare)
    assert result.exit_code == 2


@on_sqlite
def test_people_with_another_address_are_counted_before_they_are_locked_out(
    app: Flask, cast: Cast, run: Callable[..., str]
) -> None:
    run(
        "add", "county", "--name", "County", "--issuer", "https://login.county.example",
        "--client-id", "redbag", "--domain", "county.example",
    )  # fmt: skip
    assert "2 of its people have an e-mail address" in run("sign-in-at", "county", "VN101", "--insist")


@pytest.fixture
def asked(app: Flask) -> Iterator[Callable[..., str]]:
    """What is wrong with a service that is set up so."""
    with app.app_context():
        begin_write()

        def asking(*, plain_http: bool = True, **changes: Any) -> str:
            given = {
                "key": "county", "name": "County", "issuer": "https://login.county.example",
                "client_id": "redbag", "domains": ("county.example",), "places": (), "classes": (),
            }  # fmt: skip
            try:
                sign_in_services.add(**{**given, **changes}, now=NOW, plain_http=plain_http)
            except (Invalid, NotFound) as problem:
                db.session.rollback()
                return " ".join(getattr(problem, "errors", {"place": "not found"}))
            return ""

        yield asking


@on_sqlite
def test_service_that_cannot_be_asked_safely_is_not_set_up(asked: Callable[..., str]) -> None:
    assert asked(key="County Login") == "key"
    assert asked(issuer="http://login.county.example") == "issuer"
    assert asked(issuer="https://login.county.example/?tenant=1") == "issuer"
    assert asked(issuer="http://127.0.0.1:9", plain_http=False) == "issuer"
    assert asked(domains=()) == "domains"
    assert asked(domains=("nhs",)) == "domains"
    assert asked(client_id=" ") == "client_id"
    assert asked(name="") == "name"
    assert asked(places=("Nowhere",)) == "place"
    assert asked() == ""
    assert asked() == "key issuer"


@on_sqlite
def test_check_asks_the_service_itself(
    app: Flask, cast: Cast, run: Callable[..., str], make_app: Callable[..., Flask]
) -> None:
    mechanism.forget_services()
    with lying() as lies:
        words = "--name", "County", "--client-id", "redbag", "--domain", "county.example"
        run("add", "county", "--issuer", lies.issuer, *words)
        assert "answers as it should" in run("check", "county")
        mechanism.forget_services()
        lies.description["issuer"] = "https://another.example"
        assert "names another issuer" in run("check", "county", code=2)
    mechanism.forget_services()
    assert "County" in run("check", "county", code=2)  # away


@on_sqlite
def test_production_never_asks_by_plain_http(app: Flask, cast: Cast, make_app: Callable[..., Flask]) -> None:
    mechanism.forget_services()
    with lying() as lies:
        write(app, lambda: sign_in_services.add(
            "county", "County", lies.issuer, "redbag", ("x.example",), (), (), NOW, plain_http=True
        ))  # fmt: skip
        made = make_app(sign_in_secrets=(("county", SECRET),))
        made.config["REDBAG"] = replace(made.config["REDBAG"], mode=Mode.PRODUCTION)
        assert made.config["REDBAG"].mode is Mode.PRODUCTION
        with made.app_context():
            result = CliRunner().invoke(commands, ["sso", "check", "county"], obj=lambda: made)
        assert result.exit_code == 2
        assert "not an https address" in result.output
        assert lies.asked == []


@on_sqlite
def test_people_list_says_joined_of_who_came_by_a_service(
    app: Flask, cast: Cast, county: str, visit: Callable[[str], Visitor]
) -> None:
    at = RoleAt(cast.places["home"].ref, Role.CARER)
    ref = write(app, lambda: accounts.invite(None, "may@example.org", "May Hill", at, NOW).account_ref)
    manager = visit("manager")
    assert "Invited" in manager.open(f"/people/{ref}").text

    def link() -> None:
        sign_in_services.link(county, "may@example.org", "may", NOW)

    write(app, link)
    assert "Can sign in" in manager.open(f"/people/{ref}").text


@on_sqlite
def test_session_of_a_service_names_it(app: Flask, cast: Cast, county: str) -> None:
    here = Visitor(by_service(app, cast, "carer"))
    assert "Signed in by County Login" in here.open("/account/sessions").text
    with app.app_context():
        assert db.session.scalars(select(UserSession.service_id)).all() == [1]


@on_sqlite
def test_link_leads_to_the_service_where_no_passphrase_would_open_anything(
    app: Flask, stranger: Visitor, cast: Cast, county: str, run: Callable[..., str]
) -> None:
    at = RoleAt(cast.places["home"].ref, Role.CARER)
    link = f"/join/{write(app, lambda: accounts.invite(None, 'may@example.org', 'May Hill', at, NOW).token)}"
    assert stranger.open(link).heading == "Set your passphrase"
    run("sign-in-at", county, "Rowan House", "--insist")
    page = stranger.open(link)
    assert page.links()["Sign in with County Login"] == "/sign-in/with/county"
    assert "May Hill" in page.text
    assert not [e for e in page.tree.iter("input") if e.get("type") == "password"]
    run("let-passphrase-in", "may@example.org")
    assert stranger.open(link).heading == "Set your passphrase"


@on_sqlite
def test_a_link_sets_no_passphrase_where_the_service_is_insisted_on(
    app: Flask, stranger: Visitor, cast: Cast, county: str, run: Callable[..., str]
) -> None:
    """Also not from a page that was open before, or from a form of one's own."""
    at = RoleAt(cast.places["home"].ref, Role.CARER)
    link = f"/join/{write(app, lambda: accounts.invite(None, 'may@example.org', 'May Hill', at, NOW).token)}"
    stranger.open(link)
    run("sign-in-at", county, "Rowan House", "--insist")
    page = stranger.press({"passphrase": PASSPHRASE})
    assert page.status == 422
    assert page.links()["Sign in with County Login"] == "/sign-in/with/county"

    def kept() -> str | None:
        return db.session.scalars(select(Account).filter_by(email="may@example.org")).one().passphrase_hash

    with app.app_context():
        assert kept() is None
    assert stranger.open(link).status == 200, "the link is not used up: the service may still link the person"
