"""Keys of secrets, labels and the audit log, replaced while everything made under the old ones goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, text

from redbag.app import create_app
from redbag.cli import commands
from redbag.config import ConfigurationError, Settings
from redbag.database import begin_write, db
from redbag.domain.errors import Unsealable
from redbag.models import AuditEntry, AuthenticatorApp, CustodyRecord, Label, Pin
from redbag.security import key_ring, totp
from redbag.services import access_codes, audit, blank_labels, custody_records, key_rotation, labels
from redbag.services.audit import Note
from tests.cast import Cast
from tests.integration.factors import learn_app, show, type_passphrase
from tests.integration.test_devices import give_pin, unlock
from tests.integration.walk import Walk
from tests.visitor import Visitor

NEW = {
    "secret_key": b"a newer secret key of tests 4444",
    "label_key": b"a newer label key of tests 55555",
    "audit_key": b"a newer audit key of tests 66666",
}
NOON = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)
MakeApp = Callable[..., Flask]


def turned(settings: Settings, **more: object) -> Settings:
    """The settings after a change of all three keys."""
    old = {f"{name}s_old": (getattr(settings, name),) for name in NEW}
    return replace(settings, **{**NEW, **old, **more})  # type: ignore[arg-type]


@pytest.fixture
def after(make_app: MakeApp, settings: Settings) -> Callable[[], Flask]:
    """The same installation, started anew with new keys."""
    changed = turned(settings)
    return lambda: make_app(
        **NEW,
        secret_keys_old=changed.secret_keys_old,
        label_keys_old=changed.label_keys_old,
        audit_keys_old=changed.audit_keys_old,
    )


def note(app: Flask, ref: str) -> None:
    with app.app_context():
        begin_write()
        audit.append(None, Note("organisation.changed", ("organisation", ref)), NOON)
        db.session.commit()


def log(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(select(AuditEntry.kind, AuditEntry.key_id).order_by(AuditEntry.id))
        return [(kind, key_id) for kind, key_id in rows]


def first_bad(app: Flask, settings: Settings) -> int | None:
    with app.app_context():
        walked = audit.verify(key_ring.audit_keys(settings).by_id)
        return next((number for number, (_, whole) in enumerate(walked) if not whole), None)


def rotate(app: Flask) -> Result:
    return CliRunner().invoke(commands, ["keys", "rotate"], obj=lambda: app)


def test_the_log_goes_on_under_a_new_key_after_an_entry_that_names_it(
    app: Flask, settings: Settings, after: Callable[[], Flask]
) -> None:
    note(app, "o1")
    note(app, "o2")
    newer = after()
    note(newer, "o3")
    note(newer, "o4")
    name = key_ring.audit_keys(turned(settings)).newest_id
    assert log(newer) == [
        ("organisation.changed", "a1"),
        ("organisation.changed", "a1"),
        ("audit.key_began", "a1"),
        ("organisation.changed", name),
        ("organisation.changed", name),
    ]
    assert first_bad(newer, turned(settings)) is None
    assert first_bad(newer, settings) == 3, "without the new key its entries are not believed"
    only = turned(settings, audit_keys_old=(b"another old key of the tests 777",))
    assert first_bad(newer, only) == 0, "without the old one those before are not"


def test_the_old_key_alone_changes_nothing_of_what_was_and_adds_nothing(
    app: Flask, settings: Settings, after: Callable[[], Flask]
) -> None:
    """Whoever has stolen it, and can write to the database: the entry after the hand-over holds it fast."""
    note(app, "o1")
    newer = after()
    note(newer, "o2")

    def forge(order: str, **columns: str) -> None:
        with newer.app_context():
            begin_write()
            row = db.session.execute(text(f"SELECT * FROM audit_entries ORDER BY id {order} LIMIT 1"))  # noqa: S608
            entry = db.session.get_one(AuditEntry, row.one().id)
            kept = {name: getattr(entry, name) for name in ("at", "previous", *audit._COVERED)} | columns
            mac = audit._mac(settings.audit_key, kept)
            db.session.execute(
                text(
                    "UPDATE audit_entries SET reason = :reason, key_id = :key_id, mac = :mac WHERE id = :id"
                ),
                {"reason": kept["reason"], "key_id": kept["key_id"], "mac": mac, "id": entry.id},
            )
            db.session.commit()

    forge("ASC", reason="rewritten")
    assert first_bad(newer, turned(settings)) == 1
    with newer.app_context():
        begin_write()
        db.session.execute(text("DELETE FROM audit_entries"))
        db.session.commit()
    note(newer, "o3")
    note(newer, "o4")
    forge("DESC", key_id="a1")
    assert first_bad(newer, turned(settings)) == 1, "no entry says that the old key goes on"


def test_an_entry_under_a_key_that_nobody_has_does_not_stand(app: Flask, settings: Settings) -> None:
    """It was checked with an empty key: whoever could write to the database could have made the log anew."""
    note(app, "o1")
    with app.app_context():
        begin_write()
        entry = db.session.scalars(select(AuditEntry)).one()
        kept = {name: getattr(entry, name) for name in ("at", "previous", *audit._COVERED)}
        mac = audit._mac(b"", {**kept, "key_id": "zz", "reason": "forged"})
        db.session.execute(
            text("UPDATE audit_entries SET key_id = 'zz', reason = 'forged', mac = :mac"), {"mac": mac}
        )
        db.session.commit()
    assert first_bad(app, settings) == 0


def test_a_program_without_the_newest_key_lengthens_no_log_and_does_not_start(
    app: Flask, settings: Settings, after: Callable[[], Flask], make_app: MakeApp
) -> None:
    note(app, "o1")
    note(after(), "o2")
    stale = make_app()  # a server that goes on with the settings from before
    with pytest.raises(ConfigurationError, match="REDBAG_AUDIT_KEY_OLD"):
        note(stale, "o3")
    with pytest.raises(ConfigurationError, match="was made under the key"):
        create_app(settings)
    create_app(turned(settings))
    assert [kind for kind, _ in log(after())].count("organisation.changed") == 2


def test_the_old_key_with_a_cut_tail_is_found_by_an_anchored_head(
    app: Flask, settings: Settings, after: Callable[[], Flask], make_app: MakeApp
) -> None:
    """Whoever has it, and takes away everything since, can write another end: whole in itself, as any cut."""
    note(app, "o1")
    newer = after()
    note(newer, "o2")
    with newer.app_context():
        kept = audit.head()
        begin_write()
        db.session.execute(text("DELETE FROM audit_entries WHERE id > (SELECT MIN(id) FROM audit_entries)"))
        db.session.commit()
    note(make_app(), "forged")
    newer = after()
    note(newer, "o3")
    assert first_bad(newer, turned(settings)) is None
    with newer.app_context():
        assert not audit.holds(*kept)


def test_servers_need_the_old_key_only_until_the_new_one_has_begun(
    app: Flask, settings: Settings, after: Callable[[], Flask], make_app: MakeApp
) -> None:
    """So it can be kept where the log is checked, and nowhere else."""
    note(app, "o1")
    note(after(), "o2")
    without = make_app(**NEW)
    note(without, "o3")
    assert {key for _, key in log(without)} == {"a1", key_ring.audit_keys(turned(settings)).newest_id}
    assert first_bad(without, turned(settings)) is None


def test_the_log_goes_on_where_a_later_key_was_lost_and_the_loss_is_found(
    app: Flask, settings: Settings, after: Callable[[], Flask], make_app: MakeApp
) -> None:
    """Whoever is in hospital must not wait for a key: as docs/guide/operators.md says."""
    note(app, "o1")
    note(after(), "o2")
    lost = key_ring.audit_keys(turned(settings)).newest_id
    changes = {"audit_key": b"a third audit key of tests 88888", "audit_key_id": lost}
    note(make_app(**changes), "o3")
    assert log(app)[-1] == ("organisation.changed", lost)
    known = replace(settings, audit_keys_old=(settings.audit_key,), **changes)  # type: ignore[arg-type]
    assert first_bad(app, known) == 0


def test_printed_labels_codes_and_custody_records_go_on(
    app: Flask, cast: Cast, settings: Settings, after: Callable[[], Flask]
) -> None:
    walk = Walk(app, cast, hours=30).to("packed", "left")
    token = walk.token
    carer = cast.actor("manager")

    def issued() -> str:
        row = custody_records.issue(carer, walk.way.ref, walk.way.now)
        return custody_records.code_of(row)

    printed = walk.look(lambda: labels.code_of(db.session.scalars(select(Label)).one()))
    confirmed = walk.write(issued)
    newer = after()
    nurse = Visitor(cast.browser(newer, "nurse"))
    assert "Agnes Obi" in nurse.open(f"/b/{token}").text
    with newer.app_context():
        label = db.session.scalars(select(Label)).one()
        assert (label.key_id, labels.token_of(label), labels.code_of(label)) == ("l1", token, printed)
        assert labels.by_code(printed) is not None
        assert custody_records.code_of(db.session.scalars(select(CustodyRecord)).one()) == confirmed
        left = key_rotation.left(turned(settings))
        assert (left.labels, left.custody_records) == (1, 1)
        made = labels.secrets_for("nonce")
        assert made["key_id"] == key_ring.label_keys(turned(settings)).newest_id


def test_a_label_whose_key_was_taken_out_too_soon_is_refused_and_never_printed_dead(
    app: Flask, cast: Cast, settings: Settings, make_app: MakeApp
) -> None:
    """The key that is left answers to the first one’s name: it printed dead labels, and took the right code
    inside the bag for a wrong one."""
    walk = Walk(app, cast).to("packed", "left")
    token, code = walk.token, walk.code
    carer, ref = cast.actor("carer"), walk.way.ref
    walk.write(lambda: blank_labels.make(carer, 2, "", walk.way.now))
    bound = select(Label).filter_by(serial=None)
    inside = walk.look(lambda: access_codes.current(db.session.scalars(bound).one()))
    confirmed = walk.write(lambda: custody_records.code_of(custody_records.issue(carer, ref, walk.way.now)))
    too_soon = make_app(label_key=NEW["label_key"])
    with too_soon.app_context():
        label = db.session.scalars(select(Label).filter_by(serial=None)).one()
        for derived in (labels.token_of, labels.code_of, lambda one: labels.access_code_of(one, "")):
            with pytest.raises(Unsealable, match="label key that is not among the keys"):
                derived(label)
        with pytest.raises(Unsealable, match="made under a label key"):
            custody_records.code_of(db.session.scalars(select(CustodyRecord)).one())
    page = Visitor(cast.browser(too_soon, "carer")).open(f"/transfers/{ref}/custody")
    assert "Its code does not fit" in page.text
    scanned = too_soon.test_client().get(f"/b/{token}")
    assert "Rowan House" in scanned.text, "whose bag it is stands there all the same"
    carer = cast.browser(too_soon, "carer")
    assert carer.get(f"/transfers/{ref}/pack.pdf").status_code == 200, "the pack is never kept back"
    assert carer.get(f"/transfers/{ref}/label-a4.pdf").status_code == 404
    drawer = carer.get("/labels/1-2-a4.pdf")
    assert (drawer.status_code, "These labels no longer work" in drawer.text) == (404, True)
    assert carer.get(f"/transfers/{ref}/ward-code?read=1").status_code == 200
    guest = Visitor(too_soon.test_client())
    guest.open(f"/b/{token}/code")
    assert "can no longer be checked here" in guest.press({"code": inside}).text
    nurse = Visitor(cast.browser(too_soon, "nurse"))
    nurse.open("/scan")
    assert "Agnes Obi" in nurse.press({"code": f"http://127.0.0.1/B/{token}"}, action="/scan").text
    # Brought back behind two newer ones, it opens what it made, whatever it is called now.
    older = (NEW["label_key"], settings.label_key)
    back = make_app(label_key=b"the third label key of tests 888", label_keys_old=older)
    with back.app_context():
        label = db.session.scalars(select(Label).filter_by(serial=None)).one()
        assert (labels.token_of(label), labels.code_of(label)) == (token, code)
        assert custody_records.code_of(db.session.scalars(select(CustodyRecord)).one()) == confirmed


def test_apps_are_sealed_anew_pins_when_they_are_typed_and_recovery_codes_open_once_more(
    app: Flask, cast: Cast, settings: Settings, make_app: MakeApp, after: Callable[[], Flask]
) -> None:
    app = make_app(second_factor=True)
    first = Visitor(app.test_client())
    type_passphrase(first, cast, "carer")
    phone, codes = learn_app(first)
    give_pin(app, cast, "carer")
    newer = after()
    newer.config["LIMITS"] = replace(newer.config["LIMITS"], second_factor=True)
    told = rotate(newer)
    assert told.exit_code == 0, told.output
    assert "1 authenticator apps sealed anew" in told.output
    assert "0 apps, 1 PINs, recovery codes of 1 people" in told.output
    assert rotate(newer).output.startswith("0 authenticator apps")
    again = Visitor(newer.test_client())
    type_passphrase(again, cast, "carer")
    assert show(again, phone.code()).path == "/account", "the app that was set up before"
    lost = Visitor(newer.test_client())
    type_passphrase(lost, cast, "carer")
    assert lost.press({"recovery_code": codes[0]}, action="/account/show/recovery-code").path == "/account"
    tablet = Visitor(cast.browser(newer, "manager"))
    tablet.open("/devices")
    tablet.open(tablet.page.links()["Enrol the device in my hand"])
    tablet.press({"name": "Night tablet"})
    for _ in range(2):
        assert unlock(tablet, cast, "carer").path == "/residents"
        with newer.app_context():
            kept = db.session.scalars(select(Pin)).one().pin_hash
            assert kept.startswith(key_ring.secret_keys(turned(settings)).newest_id)
    with newer.app_context():
        assert key_rotation.left(turned(settings)).pins == 0
    assert unlock(tablet, cast, "carer", pin="111111").status in (422, 429)


def test_an_app_that_is_set_up_during_the_change_is_the_one_that_counts(
    app: Flask, cast: Cast, settings: Settings, after: Callable[[], Flask]
) -> None:
    """The one before was sealed anew over it: its owner's codes were wrong from then on."""
    carer, newer = cast.actor("carer"), after()
    with app.app_context():
        begin_write()
        sealed = totp.seal("BEFORE", carer.account_ref, settings.secret_key)
        db.session.add(
            AuthenticatorApp(account_id=carer.account_id, sealed=sealed, last_step=0, wrong=0, set_at=NOON)
        )
        db.session.commit()
    rotating = threading.Thread(target=rotate, args=(newer,))
    with newer.app_context():
        begin_write()
        kept = db.session.get_one(AuthenticatorApp, carer.account_id)
        kept.sealed = totp.seal("SINCE", carer.account_ref, NEW["secret_key"])
        db.session.flush()
        rotating.start()
        time.sleep(0.5)
        db.session.commit()
    rotating.join()
    with newer.app_context():
        kept = db.session.get_one(AuthenticatorApp, carer.account_id)
        assert totp.unseal(kept.sealed, carer.account_ref, NEW["secret_key"]) == "SINCE"


def test_whoever_is_signed_in_stays_so_and_loses_no_word_of_an_open_form(
    app: Flask, cast: Cast, after: Callable[[], Flask]
) -> None:
    walk = Walk(app, cast)
    carer = Visitor(cast.browser(app, "carer"))
    path = f"/residents/{walk.way.resident_ref}/record/wishes"
    carer.open(path)
    cookie = carer.client.get_cookie("redbag")
    assert cookie is not None
    newer = after().test_client()
    newer.set_cookie("redbag", cookie.value)
    here = Visitor(newer)
    here.page = carer.page
    newer.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    page = here.press({"place_of_care": "At her daughter’s house"}, action=path)
    assert page.status == 400
    assert "At her daughter’s house" in page.text
    assert here.open(path).status == 200, "signed in as before"


def test_nothing_is_rotated_before_a_new_key_is_set(app: Flask) -> None:
    told = rotate(app)
    assert told.exit_code == 2
    assert "Set a new key first" in told.output
