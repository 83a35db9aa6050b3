"""A wire between a browser and a server that can be cut: a dead corner, a reply that gets lost, a server that
accepts and never answers."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Literal

State = Literal["up", "down", "deaf"]
CHUNK = 65536
SLICE = 4096  # of a slow line, so that its connections share it


class Wire:
    """Passes bytes between `address` and a server on this machine, while it is up.

    `down`: connections are closed at once, as without a network. `deaf`: taken, and never answered. Cutting
    closes what is open, as walking out of reach does.

    `delay`: seconds there and back; `rate`: bytes a second towards the browser, for all connections together.
    """

    def __init__(self, port: int, delay: float = 0, rate: float = 0) -> None:
        self._server = port
        self.delay, self.rate = delay, rate
        self._line = threading.Lock()
        self.bytes = 0
        """What has come over the line to the browser."""
        self.state: State = "up"
        self._lost_posts = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.posts = 0
        """Forms that have passed on their way to the server."""
        self._ears = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"http://127.0.0.1:{self._ears.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def set(self, state: State) -> None:
        """Up, down or deaf from now on."""
        with self._lock:
            self.state = state
            for one in list(self._open):
                self._shut(one)
            self._open.clear()

    def lose_replies(self, count: int = 1) -> None:
        """The next forms reach the server, and their answers reach nobody."""
        self._lost_posts = count

    def close(self) -> None:
        """Ends it."""
        self.set("down")
        self._ears.close()

    def _listen(self) -> None:
        while True:
            try:
                browser, _ = self._ears.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        if self.state == "down":
            self._shut(browser)
            return
        with self._lock:
            self._open.add(browser)
        if self.state == "deaf":
            return
        time.sleep(self.delay)
        server = socket.create_connection(("127.0.0.1", self._server))
        with self._lock:
            self._open.add(server)
        back = threading.Thread(target=self._pass, args=(server, browser), daemon=True)
        back.start()
        self._pass(browser, server, counts=True)
        back.join(timeout=60)

    def _pass(self, one: socket.socket, other: socket.socket, *, counts: bool = False) -> None:
        with suppress(OSError):
            while data := one.recv(SLICE if self.rate else CHUNK):
                self._take_time(data, towards_browser=not counts)
                if counts and data.startswith(b"POST "):
                    self.posts += 1
                    if self._lost_posts > 0 and b"\r\nred-bag-outbox:" in data.split(b"\r\n\r\n")[0].lower():
                        self._lost_posts -= 1
                        self._swallow(one, data)
                        break
                other.sendall(data)
        for end in (one, other):
            self._shut(end)

    def _take_time(self, data: bytes, *, towards_browser: bool) -> None:
        if not towards_browser:
            time.sleep(self.delay)
            return
        with self._line:
            self.bytes += len(data)
            if self.rate:
                time.sleep(len(data) / self.rate)

    def _swallow(self, browser: socket.socket, data: bytes) -> None:
        """Brings the form to the server on a connection of its own, waits for the answer, and keeps it."""
        with socket.create_connection(("127.0.0.1", self._server), timeout=30) as alone:
            head, _, body = data.partition(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            while len(body) < length:
                body += browser.recv(CHUNK)
            closing = head.replace(b"Connection: keep-alive", b"Connection: close")
            alone.sendall(closing + b"\r\n\r\n" + body)
            with suppress(TimeoutError):
                alone.recv(CHUNK)

    @staticmethod
    def _shut(one: socket.socket) -> None:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            one.close()
