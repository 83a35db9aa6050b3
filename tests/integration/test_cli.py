"""The operator's command, as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import delete, select, text, update

from redbag.cli import commands
from redbag.config import ROOT
from redbag.database import begin_write, db
from redbag.domain.stay_counts import CLOSED
from redbag.models import (
    Account,
    AuditEntry,
    FigureCount,
    FigureDelta,
    Invitation,
    Membership,
    Organisation,
    Stay,
)
from redbag.queries import figures
from tests.cast import PASSPHRASE, Cast
from tests.integration.pathway import Pathway

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TOKEN = "8KQ2M6XWA9TDY4RN7CHE5GJ3PZ"
ADDRESS = "https://redbag.example.org"


def every_command(group: click.Group, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [words]
    for name, command in group.commands.items():
        inner = (*words, name)
        found += every_command(command, inner) if isinstance(command, click.Group) else [inner]
    return found


def refuse_app() -> Flask:
    raise AssertionError("This command must not need the application.")


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Types a command on the test's own installation."""
    return lambda *words, typed=None: CliRunner().invoke(commands, words, obj=lambda: app, input=typed)


def alone(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with nothing in its environment but what is given."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "redbag", *words],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", every_command(commands), ids=" ".join)
def test_help_of_every_command_explains_and_needs_nothing(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(commands, [*words, "--help"], obj=refuse_app)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 6
    if words and not isinstance(_at(words), click.Group):
        assert f"python -m redbag {' '.join(words)}" in result.output, "it shows an example"


def _at(words: tuple[str, ...]) -> click.Command:
    command: click.Command = commands
    for word in words:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    return command


def test_help_and_preview_load_neither_the_web_nor_the_database(tmp_path: Path) -> None:
    script = (
        "import sys; from redbag.cli import commands\n"
        "for words in (['--help'], ['label', 'preview', '--bag', '012', '--token', sys.argv[1],"
        " '--base-url', sys.argv[2], '--out', sys.argv[3]]):\n"
        "    commands(words, standalone_mode=False)\n"
        "assert not {'flask', 'sqlalchemy', 'alembic'} & set(sys.modules), 'loaded too much'\n"
    )
    out = tmp_path / "label.pdf"
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script, TOKEN, ADDRESS, str(out)],
        cwd=ROOT,
        env={},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert out.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("label_format", ["62mm", "54x101", "a4"])
def test_label_preview_draws_what_was_asked(tmp_path: Path, label_format: str) -> None:
    out = tmp_path / "label.pdf"
    words = ["label", "preview", "--bag", "012", "--token", TOKEN.lower(), "--base-url", ADDRESS + "/"]
    result = CliRunner().invoke(
        commands, [*words, "--format", label_format, "--out", str(out)], obj=refuse_app
    )
    assert result.exit_code == 0, result.output
    told = PdfReader(out).pages[0].extract_text()
    assert "012" in told
    assert "Example care home" in told


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"--token": "U"}, "no letter U"),
        ({"--token": " "}, "Give the token"),
        ({"--base-url": "https://redbag.example.org/päth"}, "capital letters"),
        ({"--out": "/nowhere/label.pdf"}, "No such file"),
        ({"--format": "a5"}, "Invalid value"),
    ],
)
def test_wrong_preview_is_one_plain_line_and_exit_code_2(
    tmp_path: Path, changed: dict[str, str], sentence: str
) -> None:
    given = {
        "--bag": "1",
        "--token": TOKEN,
        "--base-url": ADDRESS,
        "--out": str(tmp_path / "x.pdf"),
    } | changed
    result = CliRunner().invoke(
        commands, ["label", "preview", *(w for pair in given.items() for w in pair)], obj=None
    )
    assert result.exit_code == 2
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_first_start_makes_the_database_and_the_second_leaves_it(tmp_path: Path) -> None:
    settings = {"REDBAG_INSTANCE": str(tmp_path / "instance")}
    first, second = alone("db", "upgrade", **settings), alone("db", "upgrade", **settings)
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "is now at revision" in first.stdout
    assert "is up to date" in second.stdout
    check = alone("db", "check", **settings)
    assert check.returncode == 0, check.stderr
    made = alone("accounts", "create", "--email", "ada@example.org", "--name", "Ada Quinn", **settings)
    assert made.returncode == 0, made.stderr
    assert "/join/" in made.stdout


def test_database_command_works_on_postgresql(postgresql: object, tmp_path: Path) -> None:
    url = postgresql.create("from_the_command")  # type: ignore[attr-defined]
    settings = {"REDBAG_INSTANCE": str(tmp_path), "DATABASE_URL": url.replace("+psycopg", "")}
    for words in (("db", "upgrade"), ("db", "check")):
        done = alone(*words, **settings)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "settings", "sentence"),
    [
        (("db", "upgrade"), {"REDBAG_MODE": "produktion"}, "REDBAG_MODE must be"),
        (("db", "upgrade"), {"REDBAG_MODE": "production"}, "Production needs"),
        (("db", "upgrade"), {"DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"}, "does not answer"),
        (("audit", "verify"), {}, "db upgrade"),
        (("db", "check"), {}, "db upgrade"),
    ],
)
def test_operators_mistake_is_one_plain_line(
    tmp_path: Path, words: tuple[str, ...], settings: dict[str, str], sentence: str
) -> None:
    done = alone(*words, REDBAG_INSTANCE=str(tmp_path), **settings)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "secret" not in done.stderr


@on_sqlite
def test_first_administrator_gets_a_link_in_an_organisation_of_the_operators(
    run: Callable[..., Result], app: Flask
) -> None:
    result = run("accounts", "create", "--email", "Ada@Example.org", "--name", "Ada Quinn")
    assert result.exit_code == 0, result.output
    assert "http://127.0.0.1/join/" in result.output
    with app.app_context():
        (account,) = db.session.scalars(select(Account))
        (member,) = db.session.scalars(select(Membership))
        assert (account.email, account.passphrase_hash) == ("ada@example.org", None)
        assert (member.role, member.organisation.kind) == ("administrator", "operator")
    assert run("accounts", "create", "--email", "b@example.org", "--name", "B").exit_code == 0
    with app.app_context():
        assert len(db.session.scalars(select(Organisation)).all()) == 1


@on_sqlite
def test_account_with_a_role_at_a_named_organisation(
    run: Callable[..., Result], app: Flask, cast: Cast
) -> None:
    for number, place in enumerate(("rowan house", "VN101")):
        words = [
            "--email",
            f"n{number}@example.org",
            "--name",
            "New",
            "--role",
            "carer",
            "--organisation",
            place,
        ]
        assert run("accounts", "create", *words).exit_code == 0
    with app.app_context():
        held = select(Membership).filter_by(organisation_id=cast.places["home"].id, role="carer")
        assert len(db.session.scalars(held).all()) == 3


@on_sqlite
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--role", "carer"], "--organisation"),
        (["--role", "carer", "--organisation", "Nowhere"], "no organisation “Nowhere”"),
        (
            ["--role", "ward_staff", "--organisation", "Rowan House"],
            "Choose a role that people have at Rowan House",
        ),
    ],
)
def test_account_that_cannot_be_made_leaves_nothing_behind(
    run: Callable[..., Result], app: Flask, cast: Cast, words: list[str], sentence: str
) -> None:
    result = run("accounts", "create", "--email", "n@example.org", "--name", "New", *words)
    assert result.exit_code == 2
    assert sentence in result.output
    with app.app_context():
        assert db.session.scalar(select(Account).filter_by(email="n@example.org")) is None
        assert db.session.scalars(select(Invitation)).all() == []


@on_sqlite
def test_passphrase_typed_at_the_prompt_is_never_shown(run: Callable[..., Result], app: Flask) -> None:
    words = ("accounts", "create", "--email", "ada@example.org", "--name", "Ada Quinn", "--ask-passphrase")
    weak = run(*words, typed="short\nshort\n")
    assert weak.exit_code == 2
    assert "at least 15" in weak.output
    result = run(*words, typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert result.exit_code == 0, result.output
    assert PASSPHRASE not in result.output
    assert "/join/" not in result.output
    with app.app_context():
        (account,) = db.session.scalars(select(Account))
        assert account.passphrase_hash is not None


@on_sqlite
def test_pack_is_written_and_that_is_audited(
    run: Callable[..., Result], app: Flask, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        journey = Pathway(cast, datetime.now(UTC) - timedelta(hours=3)).packed().left()
        ref = journey.ref
    out = tmp_path / "pack.pdf"
    result = run("pack", "pdf", ref, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "Agnes" in PdfReader(out).pages[0].extract_text()
    with app.app_context():
        (entry,) = db.session.scalars(select(AuditEntry).filter_by(kind="pack.printed"))
        assert (entry.subject_ref, entry.account_id, entry.details) == (ref, None, {"version": 1})
    assert run("pack", "pdf", "nosuchtransfer00", "--out", str(out)).exit_code == 2


def test_audit_verify_names_the_first_bad_entry(
    run: Callable[..., Result], app: Flask, cast: Cast, tmp_path: Path
) -> None:
    anchors = tmp_path / "heads"
    assert run("audit", "anchor", str(anchors)).exit_code == 2, "there is nothing to anchor yet"
    for number in range(3):
        if number:
            assert run("audit", "anchor", str(anchors)).exit_code == 0
        run("accounts", "create", "--email", f"n{number}@example.org", "--name", "New")
    whole = run("audit", "verify")
    assert whole.exit_code == 0, whole.output
    assert "whole: 6 entries" in whole.output
    head = whole.output.split("Head: ")[1].strip()
    assert run("audit", "verify", "--head", head, "--anchors", str(anchors)).exit_code == 0
    assert run("audit", "anchor", str(anchors)).exit_code == 0
    with app.app_context():
        ids = db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all()
        begin_write()
        db.session.execute(text(f"DELETE FROM audit_entries WHERE id = {ids[-1]}"))  # noqa: S608
        db.session.commit()
    assert run("audit", "verify").exit_code == 0
    cut = run("audit", "verify", "--head", head)
    assert (cut.exit_code, "cut off" in cut.output) == (1, True)
    late = run("audit", "verify", "--anchors", str(anchors))
    assert (late.exit_code, f"Entry {ids[-1]} is not there" in late.output) == (1, True)
    with app.app_context():
        begin_write()
        db.session.execute(text(f"UPDATE audit_entries SET reason = 'x' WHERE id = {ids[2]}"))  # noqa: S608
        db.session.commit()
    bad = run("audit", "verify")
    assert (bad.exit_code, f"Entry {ids[2]} does not fit" in bad.output) == (1, True)
    assert run("audit", "verify", "--head", "nonsense").exit_code == 2


@pytest.fixture
def stays(app: Flask, cast: Cast) -> None:
    """Three stays of 2, 4 and 9 days that ended in March 2026, one before the home joined, one open."""
    with app.app_context():
        begin_write()
        for admitted, discharged in (
            (date(2026, 3, 1), date(2026, 3, 3)),
            (date(2026, 3, 2), date(2026, 3, 6)),
            (date(2026, 3, 20), date(2026, 3, 29)),
            (date(2023, 12, 30), date(2026, 3, 30)),
            (date(2026, 3, 30), None),
        ):
            stay = Stay(
                home_id=cast.places["home"].id,
                hospital_id=cast.places["hospital"].id,
                admitted_on=admitted,
                discharged_on=discharged,
                ended_as="home" if discharged else "",
            )
            db.session.add(stay)
        db.session.commit()


def test_length_of_stay_is_told_as_json_and_as_csv(
    run: Callable[..., Result], app: Flask, stays: None
) -> None:
    words = ("reports", "length-of-stay", "--from", "2026-03-01", "--to", "2026-03-31")
    told = json.loads(run(*words).output)
    figures = {"n": 3, "mean": 5.0, "median": 4.0, "p90": 8.0}
    assert told["rows"] == [{"month": "2026-03", **figures}]
    assert "midnights crossed" in told["rule"]
    by_home = run(*words, "--by", "home", "--format", "csv")
    assert by_home.output.splitlines() == ["home,n,mean,median,p90", "Rowan House,3,5.0,4.0,8.0"]
    by_hospital = json.loads(run(*words, "--by", "hospital").output)
    assert by_hospital["rows"] == [{"hospital": "St Brannock’s Hospital", **figures}]
    with app.app_context():
        wanted = select(AuditEntry.details).filter_by(kind="report.exported").order_by(AuditEntry.id)
        exported = db.session.scalars(wanted).all()
        assert exported == [{"report": f"length of stay by {by}"} for by in ("month", "home", "hospital")]
    assert run("reports", "length-of-stay", "--from", "2026-03-02", "--to", "2026-03-01").exit_code == 2


def test_reports_are_counted_anew_and_an_older_database_is_counted_on_upgrade(
    run: Callable[..., Result], app: Flask, stays: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Counted 5 stays," in run("reports", "rebuild").output
    monkeypatch.setenv("DATABASE_URL", app.config["REDBAG"].database_url)
    monkeypatch.setenv("REDBAG_MODE", "local")
    assert "Counted" not in run("db", "upgrade").output
    with app.app_context():
        begin_write()
        for table in (FigureCount, FigureDelta):
            db.session.execute(delete(table))
        db.session.commit()
    assert "Counted 5 stays," in run("db", "upgrade").output
    with app.app_context():
        begin_write()
        older = update(FigureCount).filter_by(series="kept", facet_value="stays")
        db.session.execute(older.values(value=FigureCount.value - 1))
        db.session.commit()
    assert "Counted 5 stays into" in run("db", "upgrade").output, "the others are there, and left alone"
    assert "Counted" not in run("db", "upgrade").output
    assert "residents into" in run("reports", "rebuild", "--only", "residents", "--only", "stays").output
    with app.app_context():
        assert figures.read(CLOSED, "ended_as")["home"] == {date(2026, 3, 1): {2: 1, 4: 1, 9: 1}}


@on_sqlite
def test_demo_stays_out_of_an_installation_with_real_people(run: Callable[..., Result], app: Flask) -> None:
    for words in (("demo", "load"), ("demo", "accounts")):
        result = run(*words)
        assert result.exit_code == 2
        assert "REDBAG_MODE=demo" in result.output
    with app.app_context():
        assert db.session.scalars(select(Account)).all() == []


def test_a_blank_pack_needs_no_database(run: Callable[..., Result], tmp_path: Path) -> None:
    out = tmp_path / "blank.pdf"
    named = run("pack", "blank", "--home", "Rowan House", "--phone", "020 7946 0199", "--out", str(out))
    assert named.exit_code == 0, named.output
    assert "Rowan House" in PdfReader(out).pages[0].extract_text()
    assert run("pack", "blank", "--out", str(out)).exit_code == 0
    assert "Rowan House" not in PdfReader(out).pages[0].extract_text()
