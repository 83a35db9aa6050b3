"""Red Bag as it is served, on a database of its own, to be killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

_PATIENCE_SECONDS = 300  # a machine that has much else to do is slow, and not broken
ROOT = Path(__file__).resolve().parent.parent.parent


class Server:
    """gunicorn with its workers, in a process group of their own.

    `code`: the folder of the program, where it is not this one. `clock`: a file that moves the clock of the
    requests (harnesses/clocked.py). `times`: a folder that is told how long the audit chain was held
    (harnesses/timed.py).
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        code: Path = ROOT,
        *,
        clock: Path | None = None,
        times: Path | None = None,
    ) -> None:
        self.port = _free_port()
        self.folder = folder
        self._code = code
        served = "clocked" if clock else "timed" if times else ""
        self._app = f"harnesses.{served}:app" if served else "wsgi:app"
        self.environ = {
            **os.environ,
            "REDBAG_MODE": "demo",
            "REDBAG_INSTANCE": str(folder),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "TMPDIR": str(folder),
            "PYTHONPATH": os.pathsep.join([str(code), str(ROOT / "scripts")]),
            "REDBAG_HARNESS_CLOCK": str(clock or ""),
            "REDBAG_HARNESS_TIMES": str(times or ""),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def install(self, homes: int = 3, transfers: int = 40) -> None:
        """Makes the tables in an empty database, and invents people."""
        self.command("db", "upgrade")
        self.command("demo", "load", "--homes", str(homes), "--transfers", str(transfers))

    def command(self, *words: str) -> str:
        """An operator's command on the same installation; what it printed. Raises where it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "redbag", *words],
            cwd=self._code,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    @property
    def log(self) -> Path:
        """What the server said on its standard error; beside its folder, which may be unfit to write to."""
        return self.folder.with_name(f"{self.folder.name}-server.log")

    def start(self) -> None:
        """Serves; comes back when the first request was answered."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(Path(sys.executable).with_name("gunicorn")),
                    "--config",
                    "gunicorn.conf.py",
                    "--bind",
                    f"127.0.0.1:{self.port}",
                    self._app,
                ],
                cwd=self._code,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait()

    def wait(self) -> None:
        """Comes back when a request is answered. Raises RuntimeError where none ever is."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while not self.answers():
            if not self.stands or time.monotonic() > until:
                raise RuntimeError(f"The server does not answer: see {self.log}")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether the process and its database work."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    @property
    def stands(self) -> bool:
        """Whether the process that was started is the one that serves now."""
        return self._process is not None and self._process.poll() is None

    @property
    def number(self) -> int:
        """The process that was started, the parent of those that answer."""
        if self._process is None:
            raise RuntimeError("The server was not started.")
        return self._process.pid

    def workers(self) -> list[int]:
        """The processes that answer, by number."""
        if self._process is None:
            return []
        told = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [int(number) for number in told.split()]

    def kill_workers(self) -> None:
        """SIGKILL to every process that answers, at once; the server that forked them makes new ones."""
        for number in self.workers():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL to the server and all its workers at once: nobody gets to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends it as an operator would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, how)
            self._process.wait(timeout=60)
            self._process = None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
