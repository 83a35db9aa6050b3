"""How gunicorn serves Red Bag, from scripts/run and in production alike.

No access log: the addresses of labels and invitations are secrets, and who looked at what is kept in
the audit log. Bind, certificates and the number of workers can be given on the command line.
"""

import ctypes
import gc
import logging
import os
import shutil
import tempfile
from contextlib import suppress

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

# The workers put what they count into one folder, so that /metrics tells of all of them.
# In memory where there is such a folder: a disk that is full would kill a worker that counts one more page.
_IN_MEMORY = "/dev/shm"  # noqa: S108 - mkdtemp makes a folder there that is ours alone
_counted = tempfile.mkdtemp(
    prefix="redbag-metrics-", dir=_IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counted

# glibc gives every thread a heap of its own, and keeps in each what the largest page ever needed there: with
# eight threads the memory of a worker grew for as long as another thread met its first report.
_M_ARENA_MAX, _HEAPS = -8, 2


def _few_heaps() -> None:
    """Before any thread is started. Elsewhere than on glibc there is nothing to be set."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)


_few_heaps()

bind = "127.0.0.1:8000"
workers = 2
worker_class = "gthread"
threads = 8
preload_app = True  # imported once for all workers: a start in half the time; no connection is open yet
timeout = 60  # seconds; the longest answer is a large export
graceful_timeout = 20
keepalive = 5
forwarder_headers = ""  # nobody says from outside where the application begins
control_socket_disable = True  # nobody asked for a second way to steer the server
loglevel = "warning"


class DiscreetLogger(Logger):
    """Keep secrets that stand in addresses out of the error log: `/B/TOKEN` is written `/B/…`."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.addFilter(discreet)


def discreet(record: logging.LogRecord) -> bool:
    """Shorten the addresses that a record quotes; a malformed request is named, not quoted."""
    if isinstance(record.args, tuple):
        record.args = tuple(shortened(arg) for arg in record.args)
    if str(record.msg).startswith("Invalid request from"):
        record.msg = str(record.msg).partition(": ")[0]
    return True


def shortened(value: object) -> object:
    """Cut an address after its first part; anything else stays as it is."""
    if isinstance(value, str) and value.startswith("/"):
        first, slash, _ = value[1:].partition("/")
        return f"/{first.partition('?')[0]}{slash and '/…'}"
    return value


logger_class = DiscreetLogger


def post_worker_init(_worker: Worker) -> None:
    """What is loaded now stays for good: the collector of garbage need not walk it again and again."""
    gc.collect()
    gc.freeze()


def when_ready(server: Arbiter) -> None:
    """Say where the pages are, once somebody listens there."""
    for address in server.address:
        if isinstance(address, tuple):
            print(f"Red Bag is at http://{address[0]}:{address[1]}/  (Ctrl+C stops it)", flush=True)


def on_exit(_server: Arbiter) -> None:
    """What was counted ends with the server."""
    shutil.rmtree(_counted, ignore_errors=True)
