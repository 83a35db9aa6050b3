"""What a home's or a hospital's manager settles for the place: its clocks, and where it is told by e-mail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from redbag.database import db
from redbag.domain import clocks
from redbag.domain.attention import MAIL_KINDS
from redbag.domain.errors import Invalid, NotFound, NotPermitted, Stale
from redbag.domain.permissions import Actor, OrganisationKind, Permission, Role, Subject, can
from redbag.models import MailSetting, Organisation, SiteChange
from redbag.queries import site_settings as queries
from redbag.services import audit

# One address of a shared mailbox. What mail servers take is wider; what people type is not.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,}")
LONGEST_ADDRESS = 254


def _site(actor: Actor, ref: str) -> Organisation:
    row = db.session.scalar(select(Organisation).filter_by(ref=ref).with_for_update())
    own = actor.role is Role.ADMINISTRATOR or (row is not None and row.id == actor.organisation_id)
    if row is None or not own or not clocks.of_site(OrganisationKind(row.kind)):
        raise NotFound("There is no such home or hospital.")
    if not can(actor, Permission.SITE_SETTINGS, Subject(home_id=row.id, hospital_id=row.id)):
        raise NotPermitted("This is settled by the manager.")
    return row


def save_clocks(
    actor: Actor, ref: str, values: Mapping[str, Any], *, version: int, now: datetime
) -> Organisation:
    """Keeps a site's clocks (whole hours or days by key, domain/clocks.py).

    Raises Invalid for clocks that make no sense together, Stale with those that stand now when somebody
    else saved meanwhile.
    """
    site = _site(actor, ref)
    keys = [clock.key for clock in clocks.of_site(OrganisationKind(site.kind))]
    before = clocks.limits(site.thresholds)
    wanted = {key: values[key] for key in keys}
    if found := clocks.faults(wanted):
        raise Invalid(found)
    if site.version != version:
        raise Stale("Somebody else changed these numbers after you opened the page.", before)
    changed = {key: [before[key], value] for key, value in wanted.items() if before[key] != value}
    if changed:
        site.thresholds = {**site.thresholds, **wanted}
        _keep(actor, site, "clocks", changed, now)
    return site


def save_mail(
    actor: Actor, ref: str, address: str, kinds: Sequence[str], *, version: int, now: datetime
) -> MailSetting:
    """Where the site is told by e-mail, and of which kinds; "" for nowhere.

    Raises Invalid for what is no address, or one without anything to tell; Stale as above.
    """
    site = _site(actor, ref)
    address = address.strip()
    known = [key for key, _ in MAIL_KINDS if key in kinds]
    if address and (len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address)):
        raise Invalid({"address": "Write one e-mail address, for example office@example.org."})
    if address and not known:
        raise Invalid({"kinds": "Choose at least one, or leave the address empty to switch e-mail off."})
    row = queries.mail_of(site.id)
    if (row.version if row else 0) != version:
        theirs = {"address": row.address, "kinds": row.kinds} if row else {"address": "", "kinds": []}
        raise Stale("Somebody else changed this after you opened the page.", theirs)
    if row is None:
        row = MailSetting(organisation_id=site.id, address="", kinds=[], since=now)
        db.session.add(row)
    new: dict[str, Any] = {"address": address, "kinds": known}
    changed = {key: [getattr(row, key), value] for key, value in new.items() if getattr(row, key) != value}
    if changed:
        # What has been waiting since before the switch was turned is not told afterwards.
        row.since = now
        row.address, row.kinds = address, known
        _keep(actor, site, "mail", changed, now)
    return row


def _keep(actor: Actor, site: Organisation, what: str, changed: dict[str, list[Any]], now: datetime) -> None:
    db.session.add(
        SiteChange(
            organisation_id=site.id,
            what=what,
            changes=changed,
            account_id=actor.account_id,
            actor_name=actor.name,
            changed_at=now,
        )
    )
    db.session.flush()
    details = {"fields": sorted(f"{what}_{key}" for key in changed)}
    audit.append(actor, audit.Note("organisation.changed", ("organisation", site.ref), details=details), now)
