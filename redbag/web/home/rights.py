"""A person's rights at their record, as the manager of the home answers them: restricted, lifted, erased."""

from __future__ import annotations

from flask import url_for

from redbag.domain.permissions import Permission
from redbag.queries import residents
from redbag.web.guards import actor
from redbag.web.home import blueprint
from redbag.web.record_rights import Of, offer_rights


def _of(resident_ref: str) -> Of:
    found = residents.get(actor(), resident_ref)
    page = url_for("home.resident", resident_ref=found.ref)
    return Of(found.ref, found.full_name, page, named=True)


offer_rights(blueprint, "/residents", Permission.HOME_MANAGE, _of, "home.residents")
