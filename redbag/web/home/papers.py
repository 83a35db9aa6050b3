"""Photos and papers of a resident: taken in, looked at, taken away. And photos of what travels."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid
from redbag.domain.papers import ITEM, PHOTO, SUMMARY, questions
from redbag.domain.permissions import Permission
from redbag.queries import papers, residents, transfers
from redbag.services import belongings
from redbag.services import papers as services
from redbag.services.journeys import load
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint
from redbag.web.home.steps import who
from redbag.web.small_pictures import small_picture
from redbag.web.uploads import jpeg, taken, takes_files


@blueprint.get("/residents/<resident_ref>/papers")
@requires(Permission.RESIDENT_EDIT)
@audits
def resident_papers(resident_ref: str) -> ResponseReturnValue:
    """What is kept of one resident, and a form for one more."""
    found = residents.get(actor(), resident_ref)
    note_read("resident.read", ("resident", found.ref))
    return _papers_page(found, Form(_asked(found), {"kind": request.args.get("kind", "")}))


@blueprint.post("/residents/<resident_ref>/papers")
@requires(Permission.RESIDENT_EDIT)
@takes_files(services.may_add)
@commits
def add_papers(resident_ref: str) -> ResponseReturnValue:
    """Keeps one or more papers of one kind."""
    found = residents.get(actor(), resident_ref)
    form = Form(_asked(found))
    try:
        typed = _read(form)
        added = services.add(actor(), resident_ref, typed["kind"], typed["title"] or "", taken(), now())
    except Invalid as problem:
        form.fail(problem)
        return _papers_page(residents.get(actor(), resident_ref), form), 422
    pages = sum(len(paper.pages) for paper in added)
    flash(f"{services.name_of(added[0])}: {pages} page{'s' if pages != 1 else ''} added.", "done")
    return redirect(url_for("home.resident_papers", resident_ref=resident_ref), 303)


def _asked(resident: Any) -> Any:
    return questions(travelling=services.travelling(resident) is not None)


def _read(form: Form) -> dict[str, Any]:
    """The answers. When one is wrong a refused file is told as well."""
    try:
        return form.read()
    except Invalid:
        try:
            taken()
        except Invalid as refused:
            form.fail(refused)
        raise


def _papers_page(resident: Any, form: Form) -> str:
    kept = papers.of_resident(resident, services.travelling(resident))
    return render_template(
        "home/papers.html",
        resident=resident,
        form=form,
        errors=form.errors,
        photo=next((paper for paper in kept if paper.kind == PHOTO), None),
        papers=[paper for paper in kept if paper.kind != PHOTO],
        name_of=services.name_of,
        removed=_removed(),
    )


@blueprint.get("/residents/<resident_ref>/photo", endpoint="photo")
@requires(Permission.RESIDENT_EDIT)
@audits
def show_photo_form(resident_ref: str) -> ResponseReturnValue:
    """A photo of the person, to be taken or chosen."""
    found = residents.get(actor(), resident_ref)
    note_read("resident.read", ("resident", found.ref))
    return _photo_page(found, Form(()))


@blueprint.post("/residents/<resident_ref>/photo")
@requires(Permission.RESIDENT_EDIT)
@takes_files(services.may_add, photo=True)
@commits
def save_photo(resident_ref: str) -> ResponseReturnValue:
    """Keeps the photo; it takes the place of an earlier one."""
    found = residents.get(actor(), resident_ref)
    form = Form(())
    try:
        services.set_photo(actor(), resident_ref, taken()[0], now())
    except Invalid as problem:
        form.fail(problem)
        return _photo_page(found, form), 422
    flash("The photo is kept. Everybody who must know who this is sees it.", "done")
    return redirect(url_for("home.resident", resident_ref=resident_ref), 303)


def _photo_page(resident: Any, form: Form) -> str:
    return render_template(
        "home/papers_photo.html",
        who=who(resident, papers.photo_of(resident.id)),
        form=form,
        errors=form.errors,
        title="Photo",
        hint="The face, from the front, in good light. Ask the person first.",
        back=url_for("home.resident", resident_ref=resident.ref),
        back_words=resident.full_name,
    )


@blueprint.post("/papers/<paper_ref>/remove")
@requires(Permission.RESIDENT_EDIT)
@commits
def remove_paper(paper_ref: str) -> ResponseReturnValue:
    """Takes a photo or a paper away; packs that were made with it keep it."""
    gone = services.remove(actor(), paper_ref, now())
    flash(f"{services.name_of(gone)}: removed. Packs that were made with it keep it.", "done")
    return redirect(_list_of(gone, removed=paper_ref), 303)


@blueprint.post("/papers/<paper_ref>/put-back")
@requires(Permission.RESIDENT_EDIT)
@commits
def put_paper_back(paper_ref: str) -> ResponseReturnValue:
    """Undoes the removal."""
    back = papers.own(actor().organisation_id, paper_ref)
    try:
        back = services.put_back(actor(), paper_ref, now())
        flash(f"{services.name_of(back)}: put back.", "done")
    except Invalid as problem:
        flash(" ".join(problem.errors.values()), "warning")
    return redirect(_list_of(back), 303)


def _list_of(paper: Any, removed: str | None = None) -> str:
    """Where the paper stood; `removed`: what the page offers to put back."""
    if paper.kind == ITEM and paper.transfer_id:
        return url_for("home.item_photos", ref=transfers.ref_of(paper.transfer_id), removed=removed)
    return url_for("home.resident_papers", resident_ref=paper.resident.ref, removed=removed)


def _removed() -> Any:
    """The paper that was removed just before this page, to be put back; None where there is none."""
    ref = request.args.get("removed", "")
    found = papers.own(actor().organisation_id, ref) if ref else None
    ours = found is not None and found.home_id == actor().organisation_id and found.kind != SUMMARY
    return found if found is not None and ours and found.removed_at else None


@blueprint.get("/papers/<paper_ref>")
@requires(Permission.RESIDENT_READ)
@audits
def paper(paper_ref: str) -> ResponseReturnValue:
    """Every page of one paper, under the name of the person."""
    found = papers.get(actor(), paper_ref)
    note_read("resident.read", ("resident", found.resident.ref))
    back = (url_for("home.resident_papers", resident_ref=found.resident.ref), "Photo and papers")
    if found.transfer_id and found.kind in (ITEM, SUMMARY):
        back = (url_for("home.transfer", ref=transfers.ref_of(found.transfer_id)), "The journey")
    return render_template(
        "home/papers_view.html",
        paper=found,
        title=services.name_of(found),
        who=who(found.resident),
        back=back[0],
        back_words=back[1],
    )


@blueprint.get("/papers/<paper_ref>/page-<number>.jpg")
@requires(Permission.RESIDENT_READ)
@audits
def paper_page(paper_ref: str, number: str) -> ResponseReturnValue:
    """One page, as a picture."""
    found = papers.get(actor(), paper_ref)
    content = papers.page(found, number)
    note_read("paper.read", ("paper", found.ref), what=found.kind, page=number)
    return jpeg(content)


@blueprint.get("/papers/<paper_ref>/small.jpg")
@requires(Permission.RESIDENT_READ)
@audits
def paper_small(paper_ref: str) -> ResponseReturnValue:
    """The first page, small."""
    return small_picture(papers.get(actor(), paper_ref))


@blueprint.get("/transfers/<ref>/belongings/photos")
@requires(Permission.TRANSFER_PACK)
@audits
def item_photos(ref: str) -> ResponseReturnValue:
    """What travels, each thing with its photo or the way to one."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return render_template(
        "home/papers_items.html",
        transfer=transfer,
        who=who(transfer.resident),
        items=belongings.list_for(transfer),
        photos=papers.of_items(transfer.id),
        name_of=services.name_of,
        removed=_removed(),
    )


@blueprint.get("/transfers/<ref>/belongings/<item_ref>/photo", endpoint="item_photo")
@requires(Permission.TRANSFER_PACK)
@audits
def show_item_form(ref: str, item_ref: str) -> ResponseReturnValue:
    """A photo of one thing, to be taken or chosen."""
    transfer = transfers.get(actor(), ref)
    item = services.item_of(transfer, item_ref)
    note_read("transfer.read", ("transfer", ref))
    return _item_page(transfer, item, Form(()))


@blueprint.post("/transfers/<ref>/belongings/<item_ref>/photo")
@requires(Permission.TRANSFER_PACK)
@takes_files(services.may_photograph, photo=True)
@commits
def save_item_photo(ref: str, item_ref: str) -> ResponseReturnValue:
    """Keeps the photo of one thing; it takes the place of an earlier one."""
    transfer = load(actor(), ref, Permission.TRANSFER_PACK)
    item = services.item_of(transfer, item_ref)
    form = Form(())
    try:
        services.set_item_photo(actor(), ref, item_ref, taken()[0], now())
    except Invalid as problem:
        form.fail(problem)
        return _item_page(transfer, item, form), 422
    flash(f"{item.description}: the photo is kept.", "done")
    return redirect(url_for("home.item_photos", ref=ref), 303)


def _item_page(transfer: Any, item: Any, form: Form) -> str:
    return render_template(
        "home/papers_photo.html",
        who=who(transfer.resident),
        form=form,
        errors=form.errors,
        title=f"Photo: {item.description}",
        hint="It helps a ward to tell whose it is. Take its marks and its colour into the picture.",
        back=url_for("home.item_photos", ref=transfer.ref),
        back_words="Photos of what travels",
    )
