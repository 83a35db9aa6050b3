"""Guards: who may call a view, whether it writes, what it leaves in the audit log.

They set plain attributes on the view function (`required_permission`, `public`, `commits`, `audits`),
so that one test can walk the address map and refuse a route without a guard.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from flask import abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, current_user
from werkzeug.wrappers import Response

from redbag.database import begin_write, db
from redbag.domain.errors import Invalid, NotPermitted
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.domain.second_factor import is_fresh
from redbag.services import audit, idempotency
from redbag.services.overtaken import was_overtaken

View = Callable[..., ResponseReturnValue]


def now() -> datetime:
    """The clock of the request: one instant for all that the request does."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    instant: datetime = g.now
    return instant


def actor() -> Actor:
    """The person who makes this request. Only behind `@requires`."""
    found: Actor = g.actor
    return found


def is_guest() -> bool:
    """Whether somebody without an account is making this request, by a bag's access code. Only behind
    `@requires`."""
    return actor().role is Role.GUEST


def visitor() -> Actor | None:
    """The person at work who makes this request, on a page that a stranger may open too; else None.

    What the page shows them is audited under their name.
    """
    found: Actor | None = current_user.actor if current_user.is_authenticated else None
    if found is not None:
        g.actor = found
    return found


def let_go() -> None:
    """Ends the transaction, whatever became of it, and takes whoever asks for a stranger: the page that says
    that something went wrong is drawn without the database."""
    with suppress(Exception):
        db.session.rollback()
    g._login_user = AnonymousUserMixin()  # where Flask-Login keeps who was found


def public(view: View) -> View:
    """Anyone may call this view. Each one stands on a list in the tests, with the reason."""
    view.public = True  # type: ignore[attr-defined]
    return view


def signed_in_only(view: View) -> View:
    """A signed-in person with an account, who need not have said yet where they work."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not current_user.is_authenticated or current_user.is_guest:
            return _to_sign_in()
        if current_user.half_open:
            return _to_second_factor()
        return view(*args, **kwargs)

    guarded.signed_in_only = True  # type: ignore[attr-defined]
    return guarded


def half_signed_in(view: View) -> View:
    """A person with an account whose passphrase was right, and who need not have shown a second factor yet:
    the pages that ask for it. Each one stands on a list in the tests."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not current_user.is_authenticated or current_user.is_guest:
            return _to_sign_in()
        return view(*args, **kwargs)

    guarded.half_signed_in = True  # type: ignore[attr-defined]
    return guarded


def requires(permission: Permission) -> Callable[[View], View]:
    """A signed-in person at work who holds `permission` at all; over which record, services decide."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return _to_sign_in()
            if current_user.half_open:
                return _to_second_factor()
            if current_user.actor is None:
                return redirect(url_for("account.choose_place", next=_here()))
            g.actor = current_user.actor
            if not can(g.actor, permission):
                note_refusal("not permitted", permission)
                raise NotPermitted("This page is not part of your work.")
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def has_just_shown() -> bool:
    """Whether whoever is signed in has shown a few minutes ago who they are, otherwise than by a PIN."""
    return is_fresh(current_user.shown_at, now())


def confirms(page: str) -> Callable[[View], View]:
    """Before this view somebody who is signed in shows once more who they are, unless they just did (ASVS
    7.5.3). They go on where they were, or for a form at its page (the endpoint `page`). A half-open session
    has nothing more to show: whether it may go on, the service says.
    """

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if not current_user.half_open and not has_just_shown():
                there = _here() if request.method in ("GET", "HEAD") else _address_of(page, kwargs)
                return redirect(url_for("account.confirm", next=there), 303)
            return view(*args, **kwargs)

        guarded.confirms = True  # type: ignore[attr-defined]
        return guarded

    return guard


def _address_of(page: str, arguments: dict[str, Any]) -> str:
    """Where an endpoint is, for the arguments that it takes of these."""
    takes = {name for rule in current_app.url_map.iter_rules(page) for name in rule.arguments}
    return url_for(page, **{name: value for name, value in arguments.items() if name in takes})


def exports(people: Permission) -> Callable[[View], View]:
    """The view answers a file about people, to be taken away: asked before it as `confirms` does.

    `people`: the permission by which its reader sees people in it; others read counts there and are not
    asked. What is printed at the moment of care (a pack, a label, a ward card) is no export.
    """

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if can(actor(), people) and not has_just_shown():
                return redirect(url_for("account.confirm", next=_here()), 303)
            return view(*args, **kwargs)

        guarded.exports = people  # type: ignore[attr-defined]
        return guarded

    return guard


def commits(view: View) -> View:
    """The view writes: it runs inside one write transaction, which is committed once, here.

    What sign-in read is forgotten first. A form that carries an idempotency key acts once: sent again,
    it gets the answer that it got the first time. Overtaken by somebody who changed the same thing between
    our reading and our writing, it is done once more: the view then sees what stands and says so itself.
    """

    @functools.wraps(view)
    def writing(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        before = dict(session)
        try:
            return _in_one_transaction(view, args, kwargs)
        except Exception as problem:
            # Files were read to their end: such a form is sent again by its person.
            if not was_overtaken(problem) or request.files:
                raise
        session.clear()
        session.update(before)
        g.pop("answer_mark", None)
        return _in_one_transaction(view, args, kwargs)

    writing.commits = True  # type: ignore[attr-defined]
    return writing


def _in_one_transaction(view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Response:
    begin_write()
    try:
        _touch_session()
        answered = _earlier_answer()
        if answered is not None:
            db.session.rollback()
            return answered
        response = current_app.make_response(view(*args, **kwargs))
        if response.status_code < 400:
            _remember_answer(response)
            db.session.commit()
            g.acted = True  # what a tablet is told was done (web/outbox.py)
        else:
            db.session.rollback()
    except BaseException:
        db.session.rollback()
        raise
    return response


def commits_also_refusals(view: View) -> View:
    """For forms that carry a passphrase: what was written stands also when the answer is a refusal, so
    that a wrong guess stays counted. No idempotency key: nothing of such a form is kept, not as a hash.
    """

    @functools.wraps(view)
    def writing(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        with step():
            return current_app.make_response(view(*args, **kwargs))

    writing.commits = True  # type: ignore[attr-defined]
    return writing


def commits_in_steps(view: View) -> View:
    """The view writes, in `step()`s of its own: between them it does slow work for which nobody may wait."""
    view.commits = True  # type: ignore[attr-defined]
    return view


@contextmanager
def step() -> Iterator[None]:
    """One write transaction of a view that commits in steps."""
    begin_write()
    try:
        _touch_session()
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def audits(view: View) -> View:
    """The view shows a person. It renders on its snapshot; then the audit entries are committed in a
    short write transaction of their own, before the answer is sent."""

    @functools.wraps(view)
    def reading(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        g.reads = []
        response = current_app.make_response(view(*args, **kwargs))
        if g.reads and response.status_code < 400:
            begin_write()
            for note in g.reads:
                audit.append(g.get("actor"), note, now(), origin())
            _touch_session()
            db.session.commit()
        return response

    reading.audits = True  # type: ignore[attr-defined]
    return reading


def note_read(kind: str, subject: tuple[str, str] = ("", ""), **details: object) -> None:
    """Says what an `@audits` view has shown."""
    g.reads.append(audit.Note(kind, subject, details=details))


def origin() -> Any:
    """Where this request came from."""
    return g.origin


def _here() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def _to_sign_in() -> ResponseReturnValue:
    if request.method not in ("GET", "HEAD"):
        abort(401)
    return redirect(url_for("account.sign_in", next=_here()))


def _to_second_factor() -> ResponseReturnValue:
    if request.method not in ("GET", "HEAD"):
        abort(401)
    return redirect(url_for("account.second_factor", next=_here()))


def note_refusal(reason: str, permission: Permission | None = None) -> None:
    """Writes down, once a request, that a person at work was refused; a stranger's tries are not kept."""
    if g.get("refusal_noted") or not current_user.is_authenticated or current_user.actor is None:
        return
    g.refusal_noted = True
    details = {"permission": permission.value if permission else "", "endpoint": str(request.endpoint)}
    note = audit.Note("refused", outcome="refused", reason=reason, details=details)
    begin_write()
    audit.append(current_user.actor, note, now(), origin())
    db.session.commit()


def _touch_session() -> None:
    if current_user.is_authenticated and current_user.stale:
        current_user.touch(now())


def _scope() -> str:
    """Whose forms are remembered together: an account's, also in its next session, for a tablet may not hear
    an answer tonight and asks again tomorrow; a guest has no more than a session."""
    if current_user.is_authenticated and current_user.account_ref:
        return f"account:{current_user.account_ref}"
    if current_user.is_authenticated:
        return f"session:{current_user.session_id}"
    return f"address:{origin().address}"


def _form_key() -> tuple[str, str] | None:
    key = request.form.get("idempotency_key", "")
    if not key:
        return None
    if len(key) > 64:
        raise Invalid({"form": "This form is damaged. Open the page again."})
    told = [*request.form.items(multi=True), *g.get("file_prints", ())]
    return key, idempotency.fingerprint(g.settings.secret_key, request.path, told)


def _earlier_answer() -> Response | None:
    form = _form_key()
    answer = idempotency.earlier_answer(_scope(), *form) if form else None
    if not answer:
        return None
    address, _, g.answer_mark = answer.partition("#")
    g.acted = True
    return redirect(address)


def answered_already(key: str) -> str | None:
    """Where the form with this key, of whoever asks, has led; None where nothing was done by it yet."""
    answer = idempotency.answer_of(_scope(), key)
    return answer.partition("#")[0] if answer else None


def answered_before() -> Response | None:
    """The answer that this form got already, for whoever would do slow work before `@commits` asks. What
    was read is forgotten: nothing is held during that work. Raises Invalid as `@commits` does."""
    try:
        return _earlier_answer()
    finally:
        db.session.rollback()


def _remember_answer(response: Response) -> None:
    form = _form_key()
    if form and response.location:
        mark = g.get("answer_mark", "")
        answer = f"{response.location}#{mark}" if mark else response.location
        idempotency.remember(_scope(), *form, answer, now())
