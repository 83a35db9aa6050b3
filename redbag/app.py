"""create_app(): wiring only, read top to bottom."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from wsgiref.headers import Headers

from flask import Flask, abort, g, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response
from whitenoise import WhiteNoise

from redbag.config import ROOT, Mode, Settings, load_settings
from redbag.database import (
    ANSWER_SECONDS,
    answered_within,
    db,
    engine_options,
    give_up_what_hangs,
    use_what_is_there,
)
from redbag.domain.browser_words import browser_words
from redbag.domain.network_address import plain
from redbag.domain.permissions import Origin
from redbag.security import key_ring
from redbag.services import audit, field_keys, resident_figures, stay_figures
from redbag.services.labels import use_label_keys
from redbag.services.sessions import Limits
from redbag.web import (
    errors,
    filters,
    headers,
    identity,
    observing,
    outbox,
    packed,
    small_pictures,
    uploads,
)
from redbag.web.account.views import blueprint as account
from redbag.web.admin.views import blueprint as admin
from redbag.web.attention import counting
from redbag.web.attention.views import blueprint as attention
from redbag.web.custody.views import blueprint as custody
from redbag.web.front import blueprint as front
from redbag.web.home.views import blueprint as home
from redbag.web.offline.views import blueprint as offline
from redbag.web.reports import remembered
from redbag.web.reports.views import blueprint as reports
from redbag.web.undefined import ChainableButNeverSilent
from redbag.web.ward.views import blueprint as ward

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STRANGERS_FORM = 32 * 1024
"""Bytes of a form that nobody has to sign in for: a passphrase, a code, and the page's own fields."""


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application for one installation's settings."""
    settings = settings or load_settings()
    app = Flask("redbag", template_folder=str(ROOT / "templates"), static_folder=None)
    _configure(app, settings)
    _templates(app)
    db.init_app(app)
    with app.app_context():
        use_what_is_there(db.engine)
        give_up_what_hangs(db.engine)
    _field_keys(app, settings)
    _no_demo_data(app, settings)
    stay_figures.follow()
    resident_figures.follow()
    use_keys(settings)
    packed.register(app)  # first: what is done to an answer before it is packed is registered after
    _requests(app, settings)  # first: the answer to a refused form needs what it sets
    outbox.register(app)  # before the check of the form's token, whose refusal it puts in a few words
    uploads.register(app)  # before the check of the form's token, which reads the body
    CSRFProtect(app)
    _no_nul_in_forms(app)
    identity.register(LoginManager(app))
    headers.register(app)
    errors.register(app)
    filters.register(app)
    small_pictures.register(app)
    counting.register(app)
    observing.register(app)
    remembered.begin(app)
    own = (front, observing.blueprint, account, home, ward, attention, reports, admin, custody, offline)
    for blueprint in own:
        app.register_blueprint(blueprint)
    _answers_in_time(app)
    _static_files(app)
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app


def compile_pages(app: Flask) -> None:
    """Makes the templates ready before anybody comes. Else each worker does it when somebody first asks for a
    page, which takes them a fifth of a second, and keeps everybody beside them waiting."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def use_keys(settings: Settings) -> None:
    """What this process chains the audit with, derives labels with, and seals fields with."""
    audit.use_chain(key_ring.audit_keys(settings))
    use_label_keys(key_ring.label_keys(settings))
    field_keys.use(settings.field_key, settings.field_keys_old)


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.secure_cookies
    app.config.update(
        REDBAG=settings,
        LIMITS=Limits(
            idle=timedelta(minutes=settings.idle_minutes),
            shared_idle=timedelta(minutes=settings.shared_idle_minutes),
            absolute=timedelta(hours=settings.absolute_hours),
            throttle_key=settings.secret_key,
            older_keys=settings.secret_keys_old,
            second_factor=settings.asks_second_factor,
            passphrases_shown=settings.is_demo,
        ),
        SECRET_KEY=base64.b64encode(settings.secret_key).decode(),
        SECRET_KEY_FALLBACKS=[base64.b64encode(key).decode() for key in settings.secret_keys_old],
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        SESSION_COOKIE_NAME="__Host-redbag" if secure else "redbag",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a pack may be typed over a whole night
        WTF_CSRF_SSL_STRICT=False,  # referrers are withheld on purpose; the token decides
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        TRUSTED_HOSTS=[urlsplit(settings.base_url).hostname] if settings.mode is Mode.PRODUCTION else None,
    )


def _field_keys(app: Flask, settings: Settings) -> None:
    """Nothing starts without a key that records are sealed under, or that the audit log's newest entry was
    made with. Where the database is away, or has no tables yet, the first request asks again."""

    def fit() -> bool:
        keys, chain = (settings.field_key, settings.field_keys_old), key_ring.audit_keys(settings)
        return field_keys.fit(settings.database_url, *keys, datetime.now(UTC), chain)

    fitting = fit()

    @app.before_request
    def begin() -> None:
        nonlocal fitting
        fitting = fitting or fit()


def _no_demo_data(app: Flask, settings: Settings) -> None:
    """Production does not start with invented people. Where the database is away, or has no tables yet, the
    first request asks again."""
    if settings.mode is not Mode.PRODUCTION:
        return
    from redbag.services.demo.refusal import refuse  # nobody else loads the makers of a demonstration

    clear = refuse(settings.database_url)

    @app.before_request
    def begin() -> None:
        nonlocal clear
        clear = clear or refuse(settings.database_url)


def _templates(app: Flask) -> None:
    """The design system's templates end in .jinja, which Flask would not escape: say so for all."""
    app.jinja_options = {
        "autoescape": True,
        "undefined": ChainableButNeverSilent,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(str(ROOT / "templates")), PackageLoader("nhsuk_frontend_jinja")]
    )


def _requests(app: Flask, settings: Settings) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id = uuid.uuid4().hex[:12]
        g.csp_nonce = secrets.token_urlsafe(16)
        browser = browser_words(request.headers.get("User-Agent", ""))
        g.origin = Origin(g.request_id, plain(request.remote_addr or ""), browser)
        g.settings = settings
        if getattr(app.view_functions.get(request.endpoint or ""), "public", False):
            request.max_content_length = STRANGERS_FORM
        # No record can be named with a NUL, and PostgreSQL takes none as a value.
        if "\0" in request.path or any("\0" in value for value in request.args.values()):
            abort(404)

    @app.after_request
    def name(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return response


def _no_nul_in_forms(app: Flask) -> None:
    """Whoever pastes a NUL among their words loses nothing else of them. After the check of the form's token,
    which reads the body first."""

    @app.before_request
    def leave_out() -> None:
        told = [*request.form.items(multi=True)]
        if any("\0" in text for pair in told for text in pair):
            without = ((name.replace("\0", ""), value.replace("\0", "")) for name, value in told)
            request.form = ImmutableMultiDict(without)


def _answers_in_time(app: Flask) -> None:
    """Where PostgreSQL hangs, a page says so instead of waiting with it."""
    page = app.wsgi_app

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with answered_within(ANSWER_SECONDS):
            return page(environ, start_response)

    app.wsgi_app = answer  # type: ignore[method-assign]


def _static_files(app: Flask) -> None:
    """Our own CSS and scripts, and the design system's as the set-up command brought them."""

    def harden(response_headers: Headers, _path: str, url: str) -> None:
        response_headers["X-Content-Type-Options"] = "nosniff"
        if url == headers.READER:
            response_headers["Content-Security-Policy"] = headers.READER_POLICY

    files = WhiteNoise(
        app.wsgi_app,
        max_age=3600,
        autorefresh=False,
        allow_all_origins=False,
        add_headers_function=harden,
    )
    files.add_files(str(ROOT / "static"), prefix="static/")
    app.wsgi_app = files  # type: ignore[method-assign]
