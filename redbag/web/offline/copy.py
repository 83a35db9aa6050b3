"""The copy of a home's records that its tablet takes along, sealed there under the person's own key."""

from __future__ import annotations

import hashlib
import json

from flask import Response, request
from flask.typing import ResponseReturnValue

from redbag.domain.permissions import Permission
from redbag.queries import offline_copy
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.offline import blueprint, copied
from redbag.web.packed import packed


@blueprint.get("/offline/copy")
@requires(Permission.RESIDENT_READ)
@audits
def copy() -> ResponseReturnValue:
    """Everybody who lives here with their records; nothing where the tablet has just that already.

    `have`: the mark of the copy that the tablet has.
    """
    found = offline_copy.of_home(actor())
    text = json.dumps(copied.of_home(found, now()), ensure_ascii=False)
    mark = hashlib.sha256(text.encode()).hexdigest()
    if request.args.get("have") == mark:
        return "", 204
    note_read("tablet.copied", ("organisation", actor().organisation_ref), count=len(found.records))
    head = json.dumps({"sha": mark, "made_at": now().isoformat()})
    return packed(Response(f"{head[:-1]}, {text[1:]}".encode(), mimetype="application/json"))
