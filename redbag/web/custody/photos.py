"""Photos of belongings as they were found: taken by either end, looked at from the custody record."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.services import custody_records, found_photos
from redbag.web.custody import blueprint
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.uploads import jpeg, taken, takes_files


@blueprint.get("/transfers/<ref>/custody/things/<thing_ref>/photo", endpoint="photograph")
@requires(Permission.TRANSFER_READ)
@audits
def show_photo_form(ref: str, thing_ref: str) -> ResponseReturnValue:
    """A photo of one thing as it is now, to be taken or chosen."""
    transfer, item = found_photos.thing(actor(), ref, thing_ref)
    note_read("transfer.read", ("transfer", ref))
    return _photo_page(transfer, item, Form(()))


@blueprint.post("/transfers/<ref>/custody/things/<thing_ref>/photo", endpoint="save_photo")
@requires(Permission.TRANSFER_READ)
@takes_files(found_photos.may, photo=True)
@commits
def save_photo(ref: str, thing_ref: str) -> ResponseReturnValue:
    """Keeps it with the custody record."""
    transfer, item = found_photos.thing(actor(), ref, thing_ref)
    form = Form(())
    try:
        found_photos.add(actor(), ref, thing_ref, taken()[0], now())
    except Invalid as problem:
        form.fail(problem)
        return _photo_page(transfer, item, form), 422
    flash(f"{item.description}: the photo is kept with the custody record.", "done")
    return redirect(url_for("custody.record", ref=ref), 303)


@blueprint.post("/transfers/<ref>/custody/photos/<shot_ref>/undo")
@requires(Permission.TRANSFER_READ)
@commits
def undo_photo(ref: str, shot_ref: str) -> ResponseReturnValue:
    """The wrong photo, taken a moment ago: off the record."""
    thing = found_photos.take_back(actor(), ref, shot_ref, now())
    flash(f"{thing}: the photo is taken back.", "done")
    return redirect(url_for("custody.record", ref=ref), 303)


@blueprint.get("/transfers/<ref>/custody/photos/<shot_ref>.jpg")
@requires(Permission.TRANSFER_READ)
@audits
def photo(ref: str, shot_ref: str) -> ResponseReturnValue:
    """One photo of a thing, as a picture."""
    paper, content = found_photos.picture(custody_records.may_read(actor(), ref), shot_ref)
    note_read("paper.read", ("paper", paper.ref), what=paper.kind, page="1")
    return jpeg(content)


def _photo_page(transfer: Any, item: Any, form: Form) -> str:
    return render_template("custody/photo.html", transfer=transfer, item=item, form=form, errors=form.errors)
