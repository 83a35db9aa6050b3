"""Security headers on every answer (quality: browser)."""

from __future__ import annotations

from flask import Flask, g
from werkzeug.wrappers import Response

# The reader of codes is WebAssembly in a Worker, which lives by the policy of its own file; some browsers
# hold it to the policy of its page as well.
READER = "/static/js/scan_worker.js"
READER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def register(app: Flask) -> None:
    """Adds the headers after each request. Every page is `no-store` unless it said otherwise.

    A page that set `g.camera` may use the camera and the reader of codes; no other page may.
    """
    secure = app.config["REDBAG"].secure_cookies

    @app.after_request
    def harden(response: Response) -> Response:
        nonce = g.get("csp_nonce", "")
        reads = " 'wasm-unsafe-eval'" if g.get("camera") else ""
        headers = response.headers
        headers["Content-Security-Policy"] = (
            "default-src 'none'; "
            f"script-src 'self' 'nonce-{nonce}'{reads}; worker-src 'self'; "
            "style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        camera = "camera=(self)" if g.get("camera") else "camera=()"
        headers["Permissions-Policy"] = f"{camera}, microphone=(), geolocation=(), payment=(), usb=()"
        headers.setdefault("Cache-Control", "no-store")
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response
