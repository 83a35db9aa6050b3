"""One conversation with a mail server (RFC 5321), in the steps that a safe outbox needs."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType

from redbag.config import MailServer
from redbag.domain.mail_words import Message

TIMEOUT_SECONDS = 20


class NotTakenError(Exception):
    """The server did not take the message; it may be tried again. The text is the server's, without ours."""


class UnknownError(Exception):
    """The server fell silent after it had the message: nobody knows whether it went."""


class Post:
    """A connection that is opened for the first message and closed at the end."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> Post:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(
        self, to: str, message: Message, message_id: str, at: datetime, before_data: Callable[[], None]
    ) -> None:
        """Gives one message to the server. `before_data` is called when the server has accepted sender and
        address, and before it gets the message itself. Raises NotTakenError or UnknownError."""
        handing = False
        try:
            line = self._open()
            line.ehlo_or_helo_if_needed()
            _wanted(line.mail(self._server.sender))
            _wanted(line.rcpt(to))
            before_data()
            handing = True
            _wanted(line.data(self._written(to, message, message_id, at)))
        except smtplib.SMTPResponseException as refusal:
            self._hang_up()
            raise NotTakenError(_said(refusal.smtp_code, refusal.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as problem:
            self._hang_up()
            words = f"{type(problem).__name__}: the mail server did not answer."
            raise (UnknownError(words) if handing else NotTakenError(words)) from None

    def _open(self) -> smtplib.SMTP:
        if self._line is None:
            server, safe = self._server, ssl.create_default_context()
            if server.tls == "tls":
                self._line = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=safe)
            else:
                self._line = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
            if server.tls == "starttls":
                self._line.starttls(context=safe)
            if server.user:
                self._line.login(server.user, server.password)
        return self._line

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        try:
            line.quit()
        except (OSError, smtplib.SMTPException):
            line.close()

    def _written(self, to: str, message: Message, message_id: str, at: datetime) -> bytes:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._server.sender, to, message.subject
        letter["Date"] = format_datetime(at)
        # The same for every try, so that a receiving server can tell a second copy.
        letter["Message-ID"] = f"<{message_id}@{self._server.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter.as_bytes()


def _wanted(answer: tuple[int, bytes]) -> None:
    code, words = answer
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, words)


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {text}".split())[:200]
