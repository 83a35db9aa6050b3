"""Who has looked at this person's record: for the home's manager, and to be taken away for whoever asks."""

from __future__ import annotations

import csv
import io

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from redbag.documents.report_files import safe
from redbag.domain.london_time import to_london
from redbag.domain.permissions import Permission
from redbag.queries import residents, who_looked
from redbag.web.guards import actor, audits, exports, note_read, now, requires
from redbag.web.home import blueprint

_HEADINGS = ("when", "who", "role", "place", "what", "request")


@blueprint.get("/residents/<resident_ref>/who-looked")
@requires(Permission.HOME_MANAGE)
@audits
def who_has_looked(resident_ref: str) -> ResponseReturnValue:
    """The audit log of one person, in words, the newest first."""
    found = residents.get(actor(), resident_ref)
    only_looks = request.args.get("show") == "looks"
    page = who_looked.page(actor(), found, request.args.get("page", 1, type=int), only_looks=only_looks)
    note_read("audit.read", ("resident", found.ref))
    return render_template("home/who_looked.html", resident=found, page=page, only_looks=only_looks)


@blueprint.get("/residents/<resident_ref>/who-looked.csv")
@requires(Permission.HOME_MANAGE)
@exports(Permission.HOME_MANAGE)
@audits
def who_has_looked_csv(resident_ref: str) -> ResponseReturnValue:
    """The same as a table, all of it."""
    found = residents.get(actor(), resident_ref)
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(_HEADINGS)
    for one in who_looked.everything(actor(), found):
        cells = (one.who, one.role, one.place, one.did, one.request_id)
        write.writerow([to_london(one.at).isoformat(timespec="seconds"), *(safe(cell) for cell in cells)])
    note_read("audit.exported", ("resident", found.ref))
    answer = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    name = f"who-looked-{found.ref}-{to_london(now()):%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
