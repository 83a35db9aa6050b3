"""Shown once more who one is, before something grave: the passphrase, on this very form."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, request
from flask_login import current_user

from redbag.queries import accounts
from redbag.services import second_factors, sessions
from redbag.web.guards import now, origin, step
from redbag.web.identity import renew


def after_passphrase(act: Callable[[], None]) -> dict[str, str]:
    """Does `act` once the current passphrase was right; else what to say beside its field.

    The guess is counted first, and compared while nobody waits for the database. The view commits in steps.
    """
    limits: sessions.Limits = current_app.config["LIMITS"]
    with step():
        email = accounts.own_email(current_user.session_id)
        lane = f"signed in {current_user.account_ref}"
        attempt = sessions.begin_sign_in(email, origin(), limits, now(), lane)
    compared = sessions.compare(attempt, request.form.get("current_passphrase", ""))
    with step():
        account = accounts.own(current_user.session_id)
        problem = sessions.end_confirm(attempt, compared, account, current_user.actor, now())
        if not problem:
            token = second_factors.passphrase_was_shown(current_user.session_id, current_user.actor, now())
            act()
    if not problem:
        renew(token)
    return {"current_passphrase": problem} if problem else {}
