"""What a machine sees from outside: is it alive, is it ready, how often and how fast it answers.

Log lines and figures name the endpoint, never the address: addresses hold labels, codes and references. Every
line carries the request id that the error page shows.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging
import os
import time
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, abort, current_app, g, has_app_context, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from redbag.config import ROOT, Settings
from redbag.queries import health
from redbag.web.guards import public

blueprint = Blueprint("observing", __name__)
log = logging.getLogger("redbag.requests")

_BY_A_PROXY = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_REGISTRY = CollectorRegistry()
_REQUESTS = Counter(
    "redbag_requests_total", "Answers given", ("endpoint", "method", "status"), registry=_REGISTRY
)
_SECONDS = Histogram(
    "redbag_request_seconds",
    "From the first byte of a request to the answer, in seconds",
    ("endpoint",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10),
    registry=_REGISTRY,
)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """200 when the process and its database work, 503 when they do not."""
    working = health.database_works()
    return jsonify({"status": "ok" if working else "failing", "database": working}), 200 if working else 503


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """200 when people can be sent here: the database answers and its tables are not older than needed.

    Newer ones will do: old and new versions run side by side while one replaces the other.
    """
    there, wanted = health.revision(), _newest_migration()
    parts = {"database": there is not None, "tables": there is not None and there >= wanted}
    ready = all(parts.values())
    return jsonify({"status": "ready" if ready else "not ready", **parts}), 200 if ready else 503


def _newest_migration() -> str:
    return max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


@blueprint.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Figures for Prometheus: for this machine, or whoever brings the token (REDBAG_METRICS_TOKEN)."""
    if not _may_read_metrics(current_app.config["REDBAG"]):
        abort(404)
    return Response(generate_latest(_whole_registry()), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(settings: Settings) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.metrics_token:
        return hmac.compare_digest(given.encode(), settings.metrics_token.encode())
    if any(name in request.headers for name in _BY_A_PROXY):
        return False  # it comes from elsewhere, whatever stands in it
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _whole_registry() -> CollectorRegistry:
    """The figures of all workers of this machine, where several share a folder; else of this process."""
    if not os.environ.get(_FOLDER):
        return _REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def register(app: Flask) -> None:
    """Counts and times every answer, and writes one line about it."""
    _write_lines(app.config["REDBAG"])

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        took = time.perf_counter() - g.get("began", time.perf_counter())
        _REQUESTS.labels(endpoint, _method(request.method), response.status_code).inc()
        _SECONDS.labels(endpoint).observe(took)
        if log.isEnabledFor(logging.INFO):
            said = {"endpoint": endpoint, "method": request.method, "status": response.status_code}
            log.info("answered", extra={"said": said | {"ms": round(took * 1000, 1)}})
        return response


def _method(method: str) -> str:
    """A method that somebody made up does not make a row of its own."""
    return method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other"


class JsonLines(logging.Formatter):
    """One line of JSON: when, how grave, what, and the id of the request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. Of an error its kind and place are in the message already; a trace is never written,
        since it may quote what a person typed."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request": g.get("request_id", "") if has_app_context() else "",
        }
        return json.dumps(line | getattr(record, "said", {}), ensure_ascii=False)


def _write_lines(settings: Settings) -> None:
    """To the standard error, where whoever runs the server collects it; each answer too if asked for."""
    ours = logging.getLogger("redbag")
    if not any(isinstance(one.formatter, JsonLines) for one in ours.handlers):
        to = logging.StreamHandler()
        to.setFormatter(JsonLines())
        ours.addHandler(to)
    ours.setLevel(logging.INFO if settings.log_answers else logging.WARNING)
