"""Papers on the ward: those that a pack brought, and the discharge summary that goes back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Permission
from redbag.queries import packs, papers, transfers
from redbag.services import journeys, reach
from redbag.services import papers as services
from redbag.services.reach import Reach
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.small_pictures import small_picture
from redbag.web.uploads import jpeg, taken, takes_files
from redbag.web.ward import blueprint


def _reached(token: str, ref: str, paper_ref: str) -> tuple[Reach, Any]:
    """The journey and one paper of its newest pack, or the summary. Raises NotFound, and IllegalTransition
    while somebody says that the pack is not this person's.

    A paper that the home has taken away since, perhaps another person's, is not shown any more.
    """
    found = reach.for_reading(actor(), token, ref)
    journeys.refuse_while_questioned(found.transfer)
    pack = packs.latest(found.transfer.id)
    try:
        return found, papers.frozen(pack.files if pack else (), paper_ref)
    except NotFound:
        if not ref:
            raise
        return found, papers.summary(found.transfer.id, paper_ref)


@blueprint.get("/b/<token>/papers/<paper_ref>", endpoint="paper")
@blueprint.get("/ward/transfers/<ref>/papers/<paper_ref>", endpoint="paper")
@requires(Permission.LABEL_OPEN)
@audits
def show_paper(paper_ref: str, token: str = "", ref: str = "") -> ResponseReturnValue:
    """Every page of one paper, under the name of the person."""
    found, paper = _reached(token, ref, paper_ref)
    note_read("transfer.read", ("transfer", found.transfer.ref))
    return render_template(
        "ward/paper.html",
        transfer=found.transfer,
        reach=found,
        paper=paper,
        title=services.name_of(paper),
    )


@blueprint.get("/b/<token>/papers/<paper_ref>/page-<number>.jpg", endpoint="paper_page")
@blueprint.get("/ward/transfers/<ref>/papers/<paper_ref>/page-<number>.jpg", endpoint="paper_page")
@requires(Permission.LABEL_OPEN)
@audits
def show_page(paper_ref: str, number: str, token: str = "", ref: str = "") -> ResponseReturnValue:
    """One page, as a picture."""
    _, paper = _reached(token, ref, paper_ref)
    content = papers.page(paper, number)
    note_read("paper.read", ("paper", paper.ref), what=paper.kind, page=number)
    return jpeg(content)


@blueprint.get("/b/<token>/papers/<paper_ref>/small.jpg", endpoint="paper_small")
@blueprint.get("/ward/transfers/<ref>/papers/<paper_ref>/small.jpg", endpoint="paper_small")
@requires(Permission.LABEL_OPEN)
@audits
def show_small(paper_ref: str, token: str = "", ref: str = "") -> ResponseReturnValue:
    """The first page, small."""
    return small_picture(_reached(token, ref, paper_ref)[1])


@blueprint.get("/ward/transfers/<ref>/summary", endpoint="summary")
@requires(Permission.STAY_RECORD)
@audits
def show_summary(ref: str) -> ResponseReturnValue:
    """The summary that is attached, and a form for attaching it."""
    found = reach.for_reading(actor(), "", ref)
    services.refuse_summary_now(found.transfer)
    note_read("transfer.read", ("transfer", ref))
    return _summary_page(found.transfer, Form(()))


@blueprint.post("/ward/transfers/<ref>/summary")
@requires(Permission.STAY_RECORD)
@takes_files(services.may_attach)
@commits
def add_summary(ref: str) -> ResponseReturnValue:
    """Attaches the summary, as PDF or photos."""
    transfer = transfers.get(actor(), ref)
    form = Form(())
    try:
        services.add_summary(actor(), ref, taken(), now())
    except Invalid as problem:
        form.fail(problem)
        return _summary_page(transfer, form), 422
    flash("The discharge summary is attached. The home sees it at once.", "done")
    return redirect(url_for("ward.summary", ref=ref), 303)


@blueprint.post("/ward/transfers/<ref>/summary/<paper_ref>/remove")
@requires(Permission.STAY_RECORD)
@commits
def remove_summary(ref: str, paper_ref: str) -> ResponseReturnValue:
    """Removes a file of the summary."""
    services.remove_summary(actor(), ref, paper_ref, now())
    flash("Discharge summary: removed.", "done")
    return redirect(url_for("ward.summary", ref=ref, removed=paper_ref), 303)


@blueprint.post("/ward/transfers/<ref>/summary/<paper_ref>/put-back")
@requires(Permission.STAY_RECORD)
@commits
def put_summary_back(ref: str, paper_ref: str) -> ResponseReturnValue:
    """Undoes the removal."""
    try:
        services.put_summary_back(actor(), ref, paper_ref, now())
        flash("Discharge summary: put back.", "done")
    except Invalid as problem:
        flash(" ".join(problem.errors.values()), "warning")
    return redirect(url_for("ward.summary", ref=ref), 303)


def _removed(transfer: Any) -> Any:
    """The file that was removed just before this page, to be put back; None where there is none."""
    ref = request.args.get("removed", "")
    found = papers.own(actor().organisation_id, ref) if ref else None
    ours = found is not None and found.transfer_id == transfer.id
    return found if found is not None and ours and found.removed_at else None


def _summary_page(transfer: Any, form: Form) -> str:
    return render_template(
        "ward/summary.html",
        transfer=transfer,
        form=form,
        errors=form.errors,
        papers=papers.summaries(transfer.id),
        name=services.name_of,
        own=actor().organisation_id,
        removed=_removed(transfer),
    )
