"""Security headers on every answer (quality: browser)."""

from __future__ import annotations

from flask import Flask, g
from werkzeug.wrappers import Response


def register(app: Flask) -> None:
    """Adds the headers after each request. Every page is `no-store` unless it said otherwise."""
    secure = app.config["REDBAG"].secure_cookies

    @app.after_request
    def harden(response: Response) -> Response:
        nonce = g.get("csp_nonce", "")
        headers = response.headers
        headers["Content-Security-Policy"] = (
            "default-src 'none'; "
            f"script-src 'self' 'nonce-{nonce}'; "
            "style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        headers.setdefault("Cache-Control", "no-store")
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response
