"""What is missing before the first real journey."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, render_template
from flask.typing import ResponseReturnValue

from redbag.domain.permissions import Permission
from redbag.queries import organisations
from redbag.web.admin import blueprint
from redbag.web.guards import actor, requires

LACKING_WORDS = {
    "night_phone": "a phone that is answered at night",
    "bags": "red bags",
    "wards": "wards",
    "people": "people who work there",
}
LACKING_ACTS = {
    "night_phone": ("admin.edit_organisation", "Add the night phone"),
    "bags": ("admin.add_bags", "Add bags"),
    "wards": ("admin.add_ward", "Add wards"),
    "people": ("admin.invite", "Invite people"),
}


@blueprint.get("/admin")
@requires(Permission.ADMIN_READ)
def checklist() -> ResponseReturnValue:
    """The steps, done or not, and each home and hospital that still lacks something."""
    address = g.settings.base_url
    return render_template(
        "admin/checklist.html",
        found=organisations.checklist(actor()),
        shown=organisations.LACKING_SHOWN,
        address=address,
        address_is_local=urlsplit(address).hostname in ("localhost", "127.0.0.1", "::1"),
        words=LACKING_WORDS,
        acts=LACKING_ACTS,
    )
