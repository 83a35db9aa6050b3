"""A sign-in service that lies, on loopback: everything that a certified one would never say."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Lies:
    """What it says, to be changed by a test. `answers`: other answers by path; `sign`: makes the id_token of
    its claims."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    description: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "redbag", "sub": "joy", "iat": now, "exp": now + 300,
            "nonce": NONCE, "email": "joy@nhs.example", "email_verified": True,
        } | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.sign(claims) if self.sign else signed(claims, self.key)


NONCE = "the nonce that was sent"


def signed(claims: dict[str, Any], key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


@contextmanager
def lying() -> Iterator[Lies]:
    lies = Lies()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            path = self.path.partition("?")[0]
            lies.asked.append(path)
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if path in lies.answers:
                lies.answers[path](self)
                return
            told: dict[str, Any] = {
                "/.well-known/openid-configuration": lies.description,
                "/keys": {"keys": [lies.key.as_dict(private=False)]},
                "/token": {"access_token": "opens nothing", "token_type": "Bearer", "id_token": lies.token()},
                "/me": lies.userinfo,
            }[path]
            say(self, 200, json.dumps(told).encode())

        do_GET = do_POST = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests look at what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    lies.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    lies.description = {
        "issuer": lies.issuer,
        "authorization_endpoint": f"{lies.issuer}/auth",
        "token_endpoint": f"{lies.issuer}/token",
        "jwks_uri": f"{lies.issuer}/keys",
        "userinfo_endpoint": f"{lies.issuer}/me",
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    }
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield lies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def say(handler: BaseHTTPRequestHandler, status: int, content: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **headers}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
