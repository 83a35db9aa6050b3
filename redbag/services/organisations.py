"""Homes, hospitals and those who oversee them: made and changed by the administrator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update

from redbag.database import db
from redbag.domain import bag_states
from redbag.domain.errors import Invalid, NotFound, NotPermitted, Stale
from redbag.domain.permissions import Actor, OrganisationKind, Permission, can
from redbag.domain.transfer_states import OPEN_STATES
from redbag.models import Membership, Organisation, Transfer, UserSession, Ward
from redbag.queries import bags as bag_queries
from redbag.queries import organisations as queries
from redbag.services import audit, bags

MADE_ON_PAGES = (OrganisationKind.CARE_HOME, OrganisationKind.HOSPITAL, OrganisationKind.OVERSIGHT)
WARD_KINDS = ("emergency_department", "assessment_unit", "ward", "virtual_ward")
MOST_BAGS_AT_ONCE = 50
_ODS = re.compile(r"[0-9A-Z]{1,9}")
_PHONE = re.compile(r"(?=(?:.*\d){3})[0-9A-Za-z+() .,/\-]{3,40}")
_FIELDS = ("name", "ods_code", "phone", "night_phone", "address", "with_nursing", "joined_on")


def create(actor: Actor, kind: OrganisationKind, values: Mapping[str, Any], now: datetime) -> str:
    """A new organisation; returns its reference. `values` as `change` takes them."""
    _may_administer(actor)
    if kind not in MADE_ON_PAGES:
        raise Invalid({"kind": "Choose a care home, a hospital or an oversight body."})
    row = Organisation(kind=kind.value, **_checked(None, kind, values))
    db.session.add(row)
    db.session.flush()
    note = audit.Note("organisation.created", ("organisation", row.ref), details={"kind": row.kind})
    audit.append(actor, note, now)
    return row.ref


def operator(name: str, now: datetime) -> str:
    """The reference of the operator's own organisation, made when there is none. For the command line."""
    found = db.session.scalar(select(Organisation).filter_by(kind=OrganisationKind.OPERATOR.value))
    if found is None:
        found = Organisation(kind=OrganisationKind.OPERATOR.value, name=name)
        db.session.add(found)
        db.session.flush()
        note = audit.Note("organisation.created", ("organisation", found.ref), details={"kind": found.kind})
        audit.append(None, note, now)
    return found.ref


def named(text: str) -> str:
    """The reference of the organisation with this name or ODS code. For the command line.

    Raises NotFound, and Invalid where several have the name.
    """
    found = db.session.scalars(
        select(Organisation.ref).where(
            (func.lower(Organisation.name) == text.strip().lower())
            | (Organisation.ods_code == text.strip().upper()),
            Organisation.closed_at.is_(None),
        )
    ).all()
    if not found:
        raise NotFound(
            f"There is no organisation “{text}”. An administrator makes organisations on the pages."
        )
    if len(found) > 1:
        raise Invalid({"organisation": f"Several organisations are called “{text}”: give the ODS code."})
    return found[0]


def change(actor: Actor, ref: str, version: int, values: Mapping[str, Any], now: datetime) -> None:
    """Changes what is known of an organisation.

    `values`: name, ods_code (1 to 9 letters and digits), phone, night_phone, address, with_nursing
    ("yes" or "no"), joined_on (ISO day). Raises Invalid, and Stale when somebody else saved first.
    """
    _may_administer(actor)
    row = queries.get(actor, ref)
    checked = _checked(row, OrganisationKind(row.kind), values)
    if row.version != version:
        raise Stale("Somebody else changed this organisation after you opened it.", as_typed(row))
    changed = sorted(name for name, value in checked.items() if getattr(row, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(row, name, checked[name])
    db.session.flush()
    note = audit.Note("organisation.changed", ("organisation", row.ref), details={"fields": changed})
    audit.append(actor, note, now)


def as_typed(row: Organisation) -> dict[str, Any]:
    """What stands now, in the words of the form."""
    nursing = {True: "yes", False: "no", None: None}[row.with_nursing]
    joined = row.joined_on.isoformat() if row.joined_on else None
    return {name: getattr(row, name) for name in _FIELDS} | {"with_nursing": nursing, "joined_on": joined}


def _checked(row: Organisation | None, kind: OrganisationKind, values: Mapping[str, Any]) -> dict[str, Any]:
    home = kind is OrganisationKind.CARE_HOME
    ods = (values.get("ods_code") or "").upper().replace(" ", "") or None
    kept: dict[str, Any] = {
        "name": values.get("name") or "",
        "ods_code": ods,
        "phone": values.get("phone") or "",
        "night_phone": (values.get("night_phone") or "") if home else "",
        "address": values.get("address") or "",
        "with_nursing": {"yes": True, "no": False}.get(values.get("with_nursing") or "") if home else None,
        "joined_on": date.fromisoformat(values["joined_on"]) if home and values.get("joined_on") else None,
    }
    errors: dict[str, str] = {}
    if not kept["name"]:
        errors["name"] = "Write the name, as people there say it."
    if ods and not _ODS.fullmatch(ods):
        errors["ods_code"] = "An ODS code has 1 to 9 letters and digits."
    elif ods and _taken(Organisation.ods_code == ods, row):
        errors["ods_code"] = "Another organisation has this ODS code."
    elif not ods and _taken(_same_name(kind, kept["name"]), row):
        errors["name"] = "There is one with this name already. Give the ODS code to tell them apart."
    for name in ("phone", "night_phone"):
        if kept[name] and not _PHONE.fullmatch(kept[name]):
            errors[name] = "Write a phone number that can be rung, for example 020 7946 0199."
    if errors:
        raise Invalid(errors)
    return kept


def _same_name(kind: OrganisationKind, name: str) -> Any:
    return (Organisation.kind == kind.value) & (func.lower(Organisation.name) == name.lower())


def _taken(condition: Any, row: Organisation | None) -> bool:
    others = select(Organisation.id).where(condition, Organisation.id != (row.id if row else 0))
    return db.session.scalar(others.limit(1)) is not None


def add_ward(actor: Actor, ref: str, values: Mapping[str, Any], now: datetime) -> Ward:
    """A ward of a hospital. `values`: name, kind (see WARD_KINDS), phone.

    A ward that was closed under this name is opened again.
    """
    _may_administer(actor)
    hospital = queries.get(actor, ref)
    if hospital.kind != OrganisationKind.HOSPITAL.value:
        raise NotFound("Only a hospital has wards.")
    checked = _checked_ward(hospital.id, None, values)
    closed = db.session.scalar(select(Ward).filter_by(organisation_id=hospital.id, name=checked["name"]))
    row = closed or Ward(organisation_id=hospital.id)
    row.closed_at = None
    for name, value in checked.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    audit.append(actor, audit.Note("ward.created", ("ward", row.ref)), now)
    return row


def change_ward(actor: Actor, ward_ref: str, version: int, values: Mapping[str, Any], now: datetime) -> Ward:
    """Changes a ward's name, kind or phone. Raises Stale when somebody else saved first."""
    _may_administer(actor)
    row = queries.ward(actor, ward_ref)
    checked = _checked_ward(row.organisation_id, row, values)
    if row.version != version:
        theirs = {"name": row.name, "kind": row.kind, "phone": row.phone}
        raise Stale("Somebody else changed this ward after you opened it.", theirs)
    for name, value in checked.items():
        setattr(row, name, value)
    db.session.flush()
    audit.append(actor, audit.Note("ward.changed", ("ward", row.ref)), now)
    return row


def close_ward(actor: Actor, ward_ref: str, now: datetime) -> Ward:
    """Takes a ward out of every list. Its history stays; staff who worked there keep their role.

    Raises Invalid while somebody from a care home is on it.
    """
    _may_administer(actor)
    row = queries.ward(actor, ward_ref)
    states = [state.value for state in OPEN_STATES]
    there = select(Transfer.id).where(Transfer.ward_id == row.id, Transfer.state.in_(states))
    if db.session.scalar(there.limit(1)):
        raise Invalid({"form": "Somebody from a care home is on this ward. The ward moves them first."})
    row.closed_at = now
    for table in (Membership, UserSession):
        db.session.execute(update(table).where(table.ward_id == row.id).values(ward_id=None))
    db.session.flush()
    audit.append(actor, audit.Note("ward.closed", ("ward", row.ref)), now)
    return row


def _checked_ward(hospital_id: int, row: Ward | None, values: Mapping[str, Any]) -> dict[str, str]:
    kept = {
        "name": values.get("name") or "",
        "kind": values.get("kind") or "",
        "phone": values.get("phone") or "",
    }
    errors: dict[str, str] = {}
    same = select(Ward).where(
        Ward.organisation_id == hospital_id,
        func.lower(Ward.name) == kept["name"].lower(),
        Ward.id != (row.id if row else 0),
    )
    taken = db.session.scalar(same)
    if not kept["name"]:
        errors["name"] = "Write the ward’s name, as staff say it."
    elif taken is not None and taken.closed_at is None:
        errors["name"] = "The hospital has a ward with this name already."
    elif taken is not None and (row is not None or taken.name != kept["name"]):
        errors["name"] = f"A closed ward is called {taken.name}. Add it again under exactly that name."
    if kept["kind"] not in WARD_KINDS:
        errors["kind"] = "Choose what kind of ward it is."
    if kept["phone"] and not _PHONE.fullmatch(kept["phone"]):
        errors["phone"] = "Write a phone number that can be rung."
    if errors:
        raise Invalid(errors)
    return kept


def add_bags(actor: Actor, ref: str, first: int | None, last: int | None, now: datetime) -> int:
    """Bags numbered from first to last for a home, in one go. Numbers that are there already stay.

    Written in the one way, 006 beside 001 to 005. Returns how many were added.
    """
    _may_administer(actor)
    home = queries.get(actor, ref)
    if home.kind != OrganisationKind.CARE_HOME.value:
        raise NotFound("Only a care home has red bags.")
    if first is None or last is None or first < 1 or last < first or last > 9999:
        raise Invalid({"last": "Write two numbers, the smaller first, for example 1 and 8."})
    if last - first >= MOST_BAGS_AT_ONCE:
        raise Invalid({"last": f"Add at most {MOST_BAGS_AT_ONCE} bags at a time."})
    there = [bag.number for bag in bag_queries.in_home(home.id)]
    wanted = [bag_states.written(str(number)) for number in range(first, last + 1)]
    new = [n for n in wanted if not any(bag_states.same_number(n, old) for old in there)]
    for number in new:
        bags.add(actor, home.id, number, now)
    return len(new)


def _may_administer(actor: Actor) -> None:
    if not can(actor, Permission.ADMIN_EDIT):
        raise NotPermitted("Only an administrator may do this.")
