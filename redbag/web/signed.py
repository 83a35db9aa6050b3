"""A signature as the page of a handover sends it: drawn, refused on purpose, or not asked for."""

from __future__ import annotations

from flask import request

from redbag.domain import signature
from redbag.services.signatures import Signed
from redbag.web.forms import Form


def signature_of(form: Form) -> Signed:
    """What became of the question for a signature. Raises Invalid for what our page does not draw."""
    return Signed(signature.parse(form.text("signature")), "not_signed" in request.form)
