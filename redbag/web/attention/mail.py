"""Where a home or a hospital is told by e-mail that something needs a look."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.attention import MAIL_KINDS
from redbag.domain.errors import Invalid, Stale
from redbag.domain.mail_words import message_for
from redbag.domain.permissions import OrganisationKind, Permission
from redbag.domain.record import Field, Kind
from redbag.queries import site_settings as queries
from redbag.services import site_settings
from redbag.web.attention import blueprint
from redbag.web.conflict import Difference, differences, version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, now, requires

QUESTIONS = (
    Field(
        "address",
        "E-mail address",
        hint="A mailbox that somebody reads on every shift. Leave it empty for no e-mail.",
        longest=site_settings.LONGEST_ADDRESS,
    ),
    Field("kinds", "Write when", Kind.CHOICES, MAIL_KINDS),
)


@blueprint.get("/settings/mail", endpoint="mail")
@requires(Permission.SITE_SETTINGS)
def own_mail() -> ResponseReturnValue:
    """The address and the switches of one's own place; an administrator chooses a place first."""
    if actor().organisation_kind is OrganisationKind.OPERATOR:
        return redirect(url_for("admin.organisations"))
    return _page(actor().organisation_ref)


@blueprint.post("/settings/mail", endpoint="save_mail")
@requires(Permission.SITE_SETTINGS)
@commits
def save_own_mail() -> ResponseReturnValue:
    """Keeps them."""
    return _save(actor().organisation_ref)


@blueprint.get("/admin/sites/<site_ref>/mail")
@requires(Permission.ADMIN_EDIT)
def site_mail(site_ref: str) -> ResponseReturnValue:
    """The address and the switches of any home or hospital."""
    return _page(site_ref)


@blueprint.post("/admin/sites/<site_ref>/mail")
@requires(Permission.ADMIN_EDIT)
@commits
def save_site_mail(site_ref: str) -> ResponseReturnValue:
    """Keeps them for the home or hospital."""
    return _save(site_ref)


def _save(ref: str) -> ResponseReturnValue:
    queries.site(actor(), ref)
    form = Form(QUESTIONS)
    version = version_sent()
    try:
        typed = form.read()
        row = site_settings.save_mail(
            actor(),
            ref,
            typed["address"] or "",
            request.form.getlist("kinds"),
            version=version,
            now=now(),
        )
    except Invalid as problem:
        form.fail(problem)
        return _page(ref, form, version=version), 422
    except Stale as stale:
        return _page(ref, form, conflict=differences(QUESTIONS, stale.theirs, typed)), 409
    flash(f"Saved. E-mail goes to {row.address}." if row.address else "Saved. No e-mail is sent.", "done")
    own = ref == actor().organisation_ref
    return redirect(url_for("attention.mail") if own else url_for("attention.site_mail", site_ref=ref), 303)


def _page(
    ref: str, form: Form | None = None, *, version: int | None = None, conflict: tuple[Difference, ...] = ()
) -> str:
    site = queries.site(actor(), ref)
    row = queries.mail_of(site.id)
    start = {"address": row.address, "kinds": row.kinds} if row else {"kinds": ["person", "bag", "stay"]}
    form = form or Form(QUESTIONS, start)
    newest, counts = queries.outbox_of(site.id)
    standing = row.version if row else 0
    return render_template(
        "attention/mail.html",
        form=form,
        errors=form.errors,
        site=site,
        own=ref == actor().organisation_ref,
        version=standing if version is None else version,
        conflict=conflict,
        server=bool(g.settings.mail.host),
        example=message_for(site.name, 1, g.settings.base_url),
        newest=newest,
        counts=counts,
        changes=[(one, _words(one)) for one in queries.changes(site.id, "mail")],
    )


def _words(row: Any) -> list[str]:
    names = dict(MAIL_KINDS)
    told = []
    for key, (before, after) in row.changes.items():
        if key == "address":
            told.append(f"Address: {before or 'none'}, now {after or 'none'}")
        else:
            on = [names[kind] for kind in after if kind not in before and kind in names]
            off = [names[kind] for kind in before if kind not in after and kind in names]
            told += [f"On: {words}" for words in on] + [f"Off: {words}" for words in off]
    return told
