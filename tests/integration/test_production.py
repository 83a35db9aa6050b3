"""What production refuses to start with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from redbag.app import create_app
from redbag.config import ConfigurationError, Mode, Settings, load_settings
from redbag.database import begin_write, db
from redbag.models import Account
from redbag.services.demo import load as demo
from tests.cast import LONG_AGO, Cast
from tests.integration.conftest import BOROUGH_AT

WHOLE = {
    "REDBAG_MODE": "production",
    "DATABASE_URL": "postgresql://db/redbag",
    "REDBAG_BASE_URL": "https://redbag.example",
    "REDBAG_BEHIND_PROXY": "1",
    "REDBAG_SECRET_KEY": bytes(range(32)).hex(),
    "REDBAG_LABEL_KEY": bytes(range(1, 33)).hex(),
    "REDBAG_AUDIT_KEY": bytes(range(2, 34)).hex(),
}
KEYS = ("REDBAG_SECRET_KEY", "REDBAG_LABEL_KEY", "REDBAG_AUDIT_KEY")


def test_whole_environment_starts(tmp_path: Path) -> None:
    settings = load_settings({**WHOLE, "REDBAG_INSTANCE": str(tmp_path)})
    assert settings.mode is Mode.PRODUCTION
    assert settings.secure_cookies
    assert not list(tmp_path.iterdir()), "no secret is made up beside those that were given"


def test_settings_that_are_printed_show_no_key_and_no_password(tmp_path: Path) -> None:
    given = {
        **WHOLE,
        "DATABASE_URL": "postgresql://redbag:hunter22@db/redbag",
        "REDBAG_INSTANCE": str(tmp_path),
    }
    printed = repr(load_settings(given))
    assert "https://redbag.example" in printed
    assert "hunter22" not in printed
    for name in KEYS:
        assert repr(bytes.fromhex(WHOLE[name]))[2:-1] not in printed, name


@pytest.mark.parametrize("name", sorted(set(WHOLE) - {"REDBAG_MODE", "REDBAG_BEHIND_PROXY"}))
def test_nothing_is_made_up_for_what_is_missing(name: str) -> None:
    for given in ("", None):
        environ = {key: value for key, value in WHOLE.items() if key != name}
        if given is not None:
            environ[name] = given
        with pytest.raises(ConfigurationError, match=f"Production needs {name}"):
            load_settings(environ)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize(
    "key", ["change-me", "00" * 32, "ab" * 32, "deadbeef" * 8, "0123456789abcdef", "x" * 64, bytes(31).hex()]
)
def test_a_key_that_is_no_random_key_is_refused(name: str, key: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} must be at least 32 random bytes"):
        load_settings({**WHOLE, name: key})


def test_one_key_for_two_purposes_is_refused() -> None:
    for name, other in ((KEYS[0], KEYS[1]), (KEYS[1], KEYS[2]), (KEYS[0], KEYS[2])):
        with pytest.raises(ConfigurationError, match="differ from one another"):
            load_settings({**WHOLE, name: WHOLE[other]})


@pytest.mark.parametrize("given", ["", "0", "yes"])
def test_no_proxy_that_ends_tls_is_no_production(given: str) -> None:
    with pytest.raises(ConfigurationError, match="REDBAG_BEHIND_PROXY=1"):
        load_settings({**WHOLE, "REDBAG_BEHIND_PROXY": given})


def test_address_without_https_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="https"):
        load_settings({**WHOLE, "REDBAG_BASE_URL": "http://redbag.example"})


def for_real(settings: Settings) -> Settings:
    return replace(settings, mode=Mode.PRODUCTION, base_url="https://redbag.example", behind_proxy=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_loaded_demonstration_is_not_served_in_production(
    settings: Settings, make_app: Callable[..., Flask]
) -> None:
    with make_app(mode=Mode.DEMO).app_context():
        demo.load(2, 6, 7, BOROUGH_AT, lambda _done: None, mode=Mode.DEMO)
        db.session.commit()
    with pytest.raises(ConfigurationError, match="the people of the demonstration"):
        create_app(for_real(settings))


def test_one_person_of_the_demonstration_is_enough(settings: Settings, app: Flask, cast: Cast) -> None:
    create_app(for_real(settings))
    with app.app_context():
        begin_write()
        db.session.add(Account(email="admin@redbag.example", name="Ada Quinn", created_at=LONG_AGO))
        db.session.commit()
    with pytest.raises(ConfigurationError, match="set DATABASE_URL"):
        create_app(for_real(settings))
    create_app(replace(settings, mode=Mode.DEMO))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_comes_later_is_asked_by_the_first_request(
    settings: Settings, app: Flask, cast: Cast, tmp_path: Path
) -> None:
    there = Path(settings.database_url.removeprefix("sqlite:///"))
    later = tmp_path / "later.sqlite3"
    served = create_app(replace(for_real(settings), database_url=f"sqlite:///{later}"))
    assert not later.exists()
    with app.app_context():
        begin_write()
        db.session.add(Account(email="carer@maple.example", name="Joy Adeyemi", created_at=LONG_AGO))
        db.session.commit()
        db.engine.dispose()
    later.write_bytes(there.read_bytes())
    answer = served.test_client().get("/sign-in", base_url="https://redbag.example")
    assert answer.status_code == 500
