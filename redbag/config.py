"""Environment to settings: one frozen, typed value, read when it is needed.

Three modes:
- demo: invented people, said on every page; `scripts/run --demo`.
- local: `scripts/run`; loopback only, secrets made once under instance/ with mode 0600.
- production: refuses a default secret, demo data, or an address without HTTPS.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
SECRET_BYTES = 32
_IN_A_CODE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?")


class Mode(StrEnum):
    """How strict the application is about where it runs."""

    DEMO = "demo"
    LOCAL = "local"
    PRODUCTION = "production"


class ConfigurationError(Exception):
    """The environment does not make a safe whole. The message says what to set."""


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is given to. `host`: "" for none. `tls`: starttls, tls (from the first byte) or none."""

    host: str = ""
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another.

    `secret_key` signs cookies and forms; `label_key` derives label tokens and access codes;
    `audit_key` chains the audit entries. Each can be replaced: those before it stand in `…_keys_old`, the
    last one first, and what they made goes on being read. `…_key_id`: what the first key of an installation
    is called beside what it made (security/key_ring.py).
    """

    mode: Mode
    database_url: str = field(repr=False)
    base_url: str
    secret_key: bytes = field(repr=False)
    label_key: bytes = field(repr=False)
    audit_key: bytes = field(repr=False)
    label_key_id: str = "l1"
    audit_key_id: str = "a1"
    behind_proxy: bool = False
    idle_minutes: int = 60
    shared_idle_minutes: int = 10
    absolute_hours: int = 13
    operator_name: str = "Red Bag"
    metrics_token: str = field(default="", repr=False)
    """Who may read /metrics from another machine; "": nobody."""
    log_answers: bool = False
    field_key: bytes | None = field(default=None, repr=False)
    """What seals new values of fields about a person (ADR 23); None: they are kept as they are."""
    field_keys_old: tuple[bytes, ...] = field(default=(), repr=False)
    """What opens values that were sealed before, besides."""
    secret_keys_old: tuple[bytes, ...] = field(default=(), repr=False)
    label_keys_old: tuple[bytes, ...] = field(default=(), repr=False)
    audit_keys_old: tuple[bytes, ...] = field(default=(), repr=False)
    mail: MailServer = MailServer()
    sign_in_secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What sign-in services know this installation by: the service's key, and its secret."""
    second_factor: bool = False
    """Whether a passphrase alone leaves a session half open (ADR 24). Always, in production."""
    turns: Path | None = None
    """Where the workers of one machine see who reads files now (storage/turns.py); None: one worker."""

    @property
    def secure_cookies(self) -> bool:
        """Cookies are `__Host-` and Secure wherever the address is HTTPS."""
        return self.base_url.startswith("https://")

    @property
    def asks_second_factor(self) -> bool:
        return self.second_factor or self.mode is Mode.PRODUCTION

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO


def instance_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Where the embedded database and the local secrets live."""
    env = os.environ if environ is None else environ
    return Path(env.get("REDBAG_INSTANCE", str(ROOT / "instance")))


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises ConfigurationError with what to do."""
    env = os.environ if environ is None else environ
    try:
        mode = Mode(env.get("REDBAG_MODE", "local"))
    except ValueError:
        raise ConfigurationError(
            f"REDBAG_MODE must be demo, local or production; it is “{env.get('REDBAG_MODE')}”."
        ) from None
    return _production(env) if mode is Mode.PRODUCTION else _on_this_machine(mode, env)


def _on_this_machine(mode: Mode, env: Mapping[str, str]) -> Settings:
    folder = instance_dir(env)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    port = env.get("PORT", "8000")
    return Settings(
        mode=mode,
        database_url=database_address(
            env.get("DATABASE_URL") or f"sqlite:///{folder / f'redbag-{mode.value}.sqlite3'}"
        ),
        base_url=_label_address(env.get("REDBAG_BASE_URL", f"http://127.0.0.1:{port}")),
        secret_key=_kept_secret(folder / "secret.key"),
        label_key=_kept_secret(folder / "label.key"),
        audit_key=_kept_secret(folder / "audit.key"),
        turns=folder / "turns",
        metrics_token=_metrics_token(env),
        sign_in_secrets=_sign_in_secrets(env),
        log_answers=env.get("REDBAG_LOG_ANSWERS") == "1",
        behind_proxy=env.get("REDBAG_BEHIND_PROXY") == "1",
        second_factor=_second_factor(mode, env),
        field_key=_field_key(env),
        field_keys_old=_older_keys(env, "REDBAG_FIELD_KEY_OLD"),
        secret_keys_old=_older_keys(env, "REDBAG_SECRET_KEY_OLD"),
        label_keys_old=_older_keys(env, "REDBAG_LABEL_KEY_OLD"),
        audit_keys_old=_older_keys(env, "REDBAG_AUDIT_KEY_OLD"),
        # The people of the demo are invented, but an address that somebody types there may be real.
        mail=MailServer() if mode is Mode.DEMO else _mail_server(env),
    )


def _production(env: Mapping[str, str]) -> Settings:
    missing = [
        name
        for name in (
            "DATABASE_URL",
            "REDBAG_BASE_URL",
            "REDBAG_SECRET_KEY",
            "REDBAG_LABEL_KEY",
            "REDBAG_AUDIT_KEY",
        )
        if not env.get(name)
    ]
    if missing:
        raise ConfigurationError(f"Production needs {', '.join(missing)} to be set.")
    base_url = _label_address(env["REDBAG_BASE_URL"])
    address = urlsplit(base_url)
    if address.scheme != "https":
        raise ConfigurationError("REDBAG_BASE_URL must be https://HOST, without a path.")
    if address.hostname in ("localhost", "127.0.0.1", "::1"):
        raise ConfigurationError(
            "REDBAG_BASE_URL points at this machine: a printed label would open nowhere."
        )
    if env.get("REDBAG_BEHIND_PROXY") != "1":
        raise ConfigurationError(
            "Production is served behind a proxy that ends TLS: set REDBAG_BEHIND_PROXY=1."
        )
    keys = [
        _given_secret(env, name) for name in ("REDBAG_SECRET_KEY", "REDBAG_LABEL_KEY", "REDBAG_AUDIT_KEY")
    ]
    field_key = _field_key(env)
    older = {
        name: _older_keys(env, f"REDBAG_{name}_KEY_OLD") for name in ("FIELD", "SECRET", "LABEL", "AUDIT")
    }
    given = [*keys, *(key for some in older.values() for key in some), *([field_key] if field_key else [])]
    if len(set(given)) < len(given):
        raise ConfigurationError("The keys must differ from one another.")
    return Settings(
        mode=Mode.PRODUCTION,
        database_url=database_address(env["DATABASE_URL"]),
        base_url=base_url,
        secret_key=keys[0],
        label_key=keys[1],
        audit_key=keys[2],
        label_key_id=env.get("REDBAG_LABEL_KEY_ID", "l1"),
        audit_key_id=env.get("REDBAG_AUDIT_KEY_ID", "a1"),
        behind_proxy=True,
        second_factor=True,
        field_key=field_key,
        field_keys_old=older["FIELD"],
        secret_keys_old=older["SECRET"],
        label_keys_old=older["LABEL"],
        audit_keys_old=older["AUDIT"],
        turns=instance_dir(env) / "turns",
        metrics_token=_metrics_token(env),
        sign_in_secrets=_sign_in_secrets(env),
        log_answers=env.get("REDBAG_LOG_ANSWERS", "1") == "1",
        mail=_mail_server(env),
    )


def _second_factor(mode: Mode, env: Mapping[str, str]) -> bool:
    """On this machine alone a passphrase is enough, unless asked for. Behind a proxy others come in, and only
    a demonstration, where nobody is real, may go without."""
    if mode is Mode.LOCAL and env.get("REDBAG_BEHIND_PROXY") == "1":
        return True
    return env.get("REDBAG_SECOND_FACTOR") == "1"


_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_MAIL_PORTS = {"starttls": "587", "tls": "465", "none": "25"}


def _mail_server(env: Mapping[str, str]) -> MailServer:
    """The mail server, where one is set. A password and the names of homes travel encrypted, unless the
    server runs on this machine."""
    host, sender = env.get("REDBAG_SMTP_HOST", "").strip(), env.get("REDBAG_MAIL_FROM", "").strip()
    if not host:
        return MailServer()
    tls = env.get("REDBAG_SMTP_TLS", "starttls")
    if tls not in _MAIL_PORTS:
        raise ConfigurationError(f"REDBAG_SMTP_TLS must be starttls, tls or none; it is “{tls}”.")
    if tls == "none" and host not in _THIS_MACHINE:
        raise ConfigurationError("REDBAG_SMTP_TLS=none is for a mail server on this machine only.")
    port = env.get("REDBAG_SMTP_PORT", _MAIL_PORTS[tls])
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"REDBAG_SMTP_PORT must be a port; it is “{port}”.")
    if sender.count("@") != 1 or any(sign.isspace() or sign in "<>" for sign in sender):
        raise ConfigurationError("REDBAG_MAIL_FROM must be the address that e-mail comes from.")
    user, password = env.get("REDBAG_SMTP_USER", ""), env.get("REDBAG_SMTP_PASSWORD", "")
    return MailServer(host, int(port), tls, user, password, sender)


_OF_SERVICE = "REDBAG_SSO_SECRET_"


def _sign_in_secrets(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Kept here and not in the database, so that no backup holds one (ADR 26)."""
    found = {
        name.removeprefix(_OF_SERVICE).lower(): value.strip()
        for name, value in env.items()
        if name.startswith(_OF_SERVICE)
    }
    return tuple(sorted((key, secret) for key, secret in found.items() if key and secret))


def _metrics_token(env: Mapping[str, str]) -> str:
    token = env.get("REDBAG_METRICS_TOKEN", "").strip()
    if token and len(token) < SECRET_BYTES:
        raise ConfigurationError(f"REDBAG_METRICS_TOKEN must have {SECRET_BYTES} characters or more.")
    return token


def _label_address(typed: str) -> str:
    """The public address as labels carry it: a place and nothing behind it, in characters that a label's
    code holds (no underscore, no accent, no bracket)."""
    base_url = typed.rstrip("/")
    if not _IN_A_CODE.fullmatch(base_url):
        raise ConfigurationError(
            f"REDBAG_BASE_URL is “{typed}”. It must be https://HOST, without a path: labels carry it."
        )
    return base_url


def _field_key(env: Mapping[str, str]) -> bytes | None:
    return _secret(env["REDBAG_FIELD_KEY"], "REDBAG_FIELD_KEY") if env.get("REDBAG_FIELD_KEY") else None


def _older_keys(env: Mapping[str, str], name: str) -> tuple[bytes, ...]:
    """Keys apart by blanks or commas, the last one before the newest first."""
    given = env.get(name, "").replace(",", " ").split()
    return tuple(_secret(one, name) for one in given)


def _given_secret(env: Mapping[str, str], name: str) -> bytes:
    return _secret(env[name], name)


def _secret(given: str, name: str) -> bytes:
    try:
        key = bytes.fromhex(given)
    except ValueError:
        key = b""
    if len(key) < SECRET_BYTES or len(set(key)) < SECRET_BYTES // 4:
        raise ConfigurationError(
            f"{name} must be at least {SECRET_BYTES} random bytes in hex; "
            'make one with: python -c "import secrets; print(secrets.token_hex(32))"'
        )
    return key


def _kept_secret(path: Path) -> bytes:
    """A secret made once and kept with mode 0600.

    It gets its name when it is whole: processes that start together agree on one, and a start that was
    cut short leaves no half of one behind.
    """
    if not path.exists():
        whole = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(whole, path)
        whole.unlink()
    key = path.read_bytes()
    if len(key) < SECRET_BYTES:
        raise ConfigurationError(f"{path.name} under instance/ is damaged: restore it from a backup.")
    return key


def database_address(url: str) -> str:
    """PostgreSQL addresses as their tools write them, with the driver that is installed."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url
