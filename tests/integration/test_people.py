"""People of one's own home or hospital, invited and let go by its manager."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.domain.errors import Invalid, NotFound, NotPermitted
from redbag.domain.permissions import Role
from redbag.models import Account, AuditEntry, Membership
from redbag.queries import accounts as queries
from redbag.services import accounts
from redbag.services.accounts import RoleAt
from tests.cast import Cast
from tests.integration.test_accounts import NEW, link_on
from tests.visitor import Page, Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def invite(manager: Visitor, **typed: str) -> Page:
    manager.open("/people")
    manager.open(manager.page.links()["Invite somebody"])
    return manager.press({"name": "May Hill", "email": "May.Hill@example.org", "role": "carer"} | typed)


def test_a_manager_invites_a_carer_who_then_works_there(app: Flask, visit: Visit) -> None:
    manager = visit("manager")
    page = invite(manager)
    link = link_on(page)
    assert "/join/" not in manager.open(page.path).response.text
    newcomer = Visitor(app.test_client())
    newcomer.open(link)
    newcomer.press({"passphrase": NEW})
    newcomer.open("/sign-in?next=/account")
    page = newcomer.press({"email": "may.hill@example.org", "passphrase": NEW})
    assert "Carer, Rowan House" in page.text
    with app.app_context():
        kinds = db.session.scalars(select(AuditEntry.kind).order_by(AuditEntry.id)).all()
        assert [k for k in kinds if k.startswith("account.")][:3] == [
            "account.created",
            "account.invited",
            "account.joined",
        ]


def test_only_roles_of_the_own_place_are_offered(visit: Visit) -> None:
    page = invite(visit("manager"), role="administrator")
    assert page.status == 422
    assert "Carer" in page.text
    assert "Home manager" in page.text
    assert "Ward staff" not in page.text
    page = invite(visit("hospital_manager"), role="ward_staff")
    assert page.heading == "May Hill"
    assert "Ward staff" in page.text


def test_the_list_holds_nobody_from_elsewhere(visit: Visit, cast: Cast) -> None:
    manager = visit("manager")
    page = manager.open("/people")
    assert "Joy Adeyemi" in page.text
    assert "Tom Price (you)" in page.text
    assert "Ann Lowe" not in page.text
    assert "Priya Nair" not in page.text
    assert manager.open(f"/people/{cast.actor('outsider').account_ref}").status == 404
    assert visit("carer").open("/people").status == 403
    assert "Priya Nair" in visit("hospital_manager").open("/people").text


def test_a_role_is_ended_and_given_again(visit: Visit, cast: Cast) -> None:
    manager, carer = visit("manager"), visit("carer")
    assert carer.open("/residents").heading == "Residents"
    manager.open(f"/people/{cast.actor('carer').account_ref}")
    ref = cast.people["carer"].membership_ref
    page = manager.press(action=f"/people/{cast.actor('carer').account_ref}/end-role", button=f"role={ref}")
    assert "the role has ended" in page.text
    assert "carer@example.org" not in page.text
    assert carer.open("/residents").heading != "Residents"
    page = invite(manager, email="carer@example.org")
    assert "This address has an account already" in page.text
    assert "Joy Adeyemi" in page.text
    assert carer.open("/residents").heading == "Residents"


def test_a_manager_does_not_end_the_role_by_which_they_act(app: Flask, visit: Visit, cast: Cast) -> None:
    manager = cast.actor("manager")
    assert "End this role" not in visit("manager").open(f"/people/{manager.account_ref}").text
    with app.app_context(), pytest.raises(NotPermitted, match="Another home manager"):
        accounts.end_role(manager, manager.account_ref, cast.people["manager"].membership_ref, NOW)


def test_nothing_is_done_for_another_place(app: Flask, cast: Cast) -> None:
    manager, outsider = cast.actor("manager"), cast.actor("outsider")
    with app.app_context():
        begin_write()
        other = RoleAt(cast.places["other_home"].ref, Role.CARER)
        with pytest.raises(NotPermitted):
            accounts.invite(manager, "x@example.org", "X", other, NOW)
        with pytest.raises(NotPermitted):
            accounts.add_role(manager, outsider.account_ref, other, NOW)
        with pytest.raises(NotFound):
            accounts.end_role(manager, outsider.account_ref, cast.people["outsider"].membership_ref, NOW)
        with pytest.raises(NotFound):
            accounts.new_link(manager, outsider.account_ref, NOW)
        for part in ("carer", "nurse", "oversight", "outsider"):
            with pytest.raises(NotPermitted):
                accounts.invite(
                    cast.actor(part), "x@example.org", "X", RoleAt(cast.places["home"].ref, Role.CARER), NOW
                )
        db.session.rollback()


def test_nobody_takes_over_an_account_that_works_elsewhere(app: Flask, cast: Cast) -> None:
    """A new link sets the passphrase: its maker could act for the other place."""
    manager, outsider = cast.actor("manager"), cast.actor("outsider")
    with app.app_context():
        begin_write()
        here = RoleAt(cast.places["home"].ref, Role.CARER)
        assert accounts.take_on(manager, "Outsider@example.org ", "Ann", here, NOW) is None
        found = queries.colleague(manager, outsider.account_ref, NOW)
        assert (found.name, found.works_elsewhere, len(found.roles)) == ("Ann Lowe", True, 1)
        with pytest.raises(Invalid, match="only the administrator"):
            accounts.new_link(manager, outsider.account_ref, NOW)
        assert accounts.new_link(manager, cast.actor("carer").account_ref, NOW).token
        db.session.rollback()


def test_somebody_who_never_joined_gets_a_link_again(app: Flask, cast: Cast) -> None:
    manager = cast.actor("manager")
    here = RoleAt(cast.places["home"].ref, Role.CARER)
    with app.app_context():
        begin_write()
        first = accounts.take_on(manager, "may@example.org", "May Hill", here, NOW)
        assert first is not None
        membership = db.session.scalar(
            select(Membership.ref).join(Account).where(Account.ref == first.account_ref)
        )
        accounts.end_role(manager, first.account_ref, membership or "", NOW)
        again = accounts.take_on(manager, "may@example.org", "May Hill", here, NOW)
        assert again is not None
        assert again.account_ref == first.account_ref
        accounts.disable(cast.actor("administrator"), first.account_ref, NOW)
        with pytest.raises(Invalid, match="disabled"):
            accounts.take_on(manager, "may@example.org", "May Hill", here, NOW)
        db.session.rollback()


@pytest.mark.parametrize("part", ["carer", "manager", "nurse", "hospital_manager", "oversight"])
def test_services_refuse_everybody_but_administrators_for_another_place(
    cast: Cast, app: Flask, part: str
) -> None:
    actor, ref, moment = cast.actor(part), cast.actor("outsider").account_ref, datetime.now(UTC)
    place = accounts.RoleAt(cast.places["other_home"].ref, actor.role)
    # To a manager, whoever works elsewhere does not exist.
    refused = (NotPermitted, NotFound) if "manager" in part else (NotPermitted,)
    with app.app_context():
        begin_write()
        for act in (
            lambda: accounts.invite(actor, "x@example.org", "X", place, moment),
            lambda: accounts.add_role(actor, ref, place, moment),
            lambda: accounts.end_role(actor, ref, cast.people["outsider"].membership_ref, moment),
            lambda: accounts.disable(actor, ref, moment),
            lambda: accounts.enable(actor, ref, moment),
            lambda: accounts.new_link(actor, ref, moment),
        ):
            with pytest.raises(refused):
                act()
