"""A mail server for tests (RFC 5321, as much as a sender says): it keeps what it took, or misbehaves."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message


@dataclass
class Mailbox:
    """What arrived. `refuses`: the command that is answered by an error (RCPT, DATA for the message itself);
    `falls_silent`: hangs up after it has taken the message, without an answer."""

    port: int = 0
    letters: list[tuple[str, Message]] = field(default_factory=list)
    refuses: str = ""
    falls_silent: bool = False
    calls: int = 0


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server on this machine, on a free port, until the end of the block."""
    box = Mailbox()

    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            box.calls += 1
            self._say("220 ready")
            to = ""
            while line := self.rfile.readline().decode().strip():
                word = line.split()[0].upper()
                if word == "QUIT":
                    self._say("221 bye")
                    return
                if word == box.refuses and word != "DATA":
                    self._say("550 no such mailbox here")
                elif word == "DATA":
                    if not self._take(to):
                        return
                else:
                    if word == "RCPT":
                        to = line.partition("<")[2].rstrip(">")
                    self._say("250 ok")

        def _take(self, to: str) -> bool:
            self._say("354 go on")
            lines = []
            while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                lines.append(line.removeprefix(".") if line.startswith("..") else line)
            if box.refuses == "DATA":
                self._say("451 come back later")
                return True
            box.letters.append((to, message_from_string("\n".join(lines))))
            if box.falls_silent:
                return False
            self._say("250 taken")
            return True

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = False
        block_on_close = True

    with Server(("127.0.0.1", 0), Line) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
