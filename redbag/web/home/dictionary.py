"""Completions while a medicine is typed. Without JavaScript the form's own lists of known words do."""

from __future__ import annotations

from dataclasses import asdict

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from redbag.domain.permissions import Permission
from redbag.queries import dictionary
from redbag.web.guards import actor, requires
from redbag.web.home import blueprint


@blueprint.get("/medicines/completions")
@requires(Permission.RESIDENT_EDIT)
def medicine_completions() -> ResponseReturnValue:
    """Names that fit what was typed: text, what it is, and its dm+d code where it has one. No person's."""
    offers = dictionary.completions(actor(), request.args.get("q", "")[:200])
    return jsonify([asdict(offer) for offer in offers])
