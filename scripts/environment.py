"""Make .venv and what belongs in it, once; redo whatever was left half finished.

Started by scripts/setup with any Python 3.11 or newer, so it uses the standard library only.
A part is believed to be there when its stamp in .venv/stamps equals the digest of what it was made
from. A stamp is written last, and `unfinished` stands beside the stamps for as long as pip is writing:
whoever finds it (a power cut, a closed terminal) makes .venv anew instead of believing it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
UNFINISHED = STAMPS / "unfinished"
VENDOR = ROOT / "static" / "vendor"
SIGN_IN_SERVICE = VENV / "sign-in-service"
PYTHON = VENV / "bin" / "python"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}-{platform.machine()}"

PACKAGES_FAILED = """
The packages could not be brought; the lines above say why. Most often the package registry cannot be
reached: check the network, or name the mirror you use (PIP_INDEX_URL=https://…), and start again.
Nothing has to be cleaned up first."""
FRONTEND_FAILED = """
The front-end parts could not be brought; the lines above say why. Most often the npm registry cannot be
reached: check the network, or name the mirror you use (npm_config_registry=https://…), and start again.
Nothing has to be cleaned up first."""
NO_VENV = """
This Python cannot make a virtual environment. On Debian and Ubuntu the part is a package of its own:
apt install python{version}-venv (or python3-venv). Then start again, or choose another Python with
PYTHON=/path/to/python."""
DISK = {
    errno.EROFS: "The disk is read-only here: move the folder to a disk that can be written, or remount it.",
    errno.EACCES: "This user may not write here: own the folder (chown), or start as the user who does.",
    errno.EPERM: "This user may not write here: own the folder (chown), or start as the user who does.",
    errno.ENOSPC: "The disk is full: set-up needs about 600 MB. Make room and start again.",
}


class SetupError(Exception):
    """Set-up cannot go on; the text says what the person at the keyboard can do."""


def main(words: Sequence[str]) -> int:
    """Make the parts named by `words` (run is always one of them); return the exit status."""
    try:
        with only_one():
            sweep()
            ensure_environment()
            ensure_frontend()
            for group in ("test", "check", "bench"):
                if group in words:
                    ensure_group(group)
            if "test" in words:
                ensure_sign_in_service()
            compress_static()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        advice = DISK.get(error.errno or 0)
        if advice is None:
            raise
        print(f"\nSet-up stopped: {error}\n{advice}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next start picks up again.", file=sys.stderr)
        return 130
    return 0


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the folder, so that two starts at once do not build into each other's .venv."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is setting up; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def sweep() -> None:
    """Throw away the temporary folders of a start that was killed; nobody else is at work now."""
    for pattern in ("packages-*", "frontend-*"):
        for folder in VENV.glob(pattern):
            shutil.rmtree(folder)


def ensure_environment() -> None:
    """Make .venv with the pinned packages of requirements.txt, or leave it when nothing changed."""
    requirements = ROOT / "requirements.txt"
    wanted = digest(VERSION, requirements)
    if venv_is_sound():
        if read(STAMPS / "run") == wanted:
            return
        say("The pinned packages changed; bringing them up to date")
    else:
        make_venv()
    install("run", wanted, ["-r", str(requirements)])


def ensure_group(group: str) -> None:
    """Install a dependency group of pyproject.toml into .venv, on top of the pinned packages."""
    packages = dependency_group(group)
    requirements = ROOT / "requirements.txt"
    wanted = digest(VERSION, requirements, *packages)
    if read(STAMPS / group) != wanted:
        say(f"Bringing what scripts/{group} needs")
        install(group, wanted, ["-c", str(requirements), *packages])


def ensure_sign_in_service() -> None:
    """Bring the OpenID Connect provider that the tests sign in with: its parts and its server, into .venv,
    where the Node of the test group runs it."""
    source = ROOT / "tests" / "sign_in_service"
    script = ROOT / "scripts" / "frontend.py"
    names = ("package.json", "package-lock.json", "server.mjs")
    wanted = digest(*(source / name for name in names), script)
    if SIGN_IN_SERVICE.is_dir() and read(STAMPS / "sign-in-service") == wanted:
        return
    say("Bringing the sign-in service of the tests")
    (STAMPS / "sign-in-service").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=VENV, prefix="frontend-") as folder:
        fresh = Path(folder) / "service"
        fresh.mkdir()
        for name in names:
            shutil.copy(source / name, fresh)
        if subprocess.run([PYTHON, str(script), "install", str(fresh)], check=False).returncode:
            raise SetupError(FRONTEND_FAILED)
        shutil.rmtree(fresh / "cache", ignore_errors=True)
        if SIGN_IN_SERVICE.exists():
            shutil.rmtree(SIGN_IN_SERVICE)
        fresh.rename(SIGN_IN_SERVICE)
    write(STAMPS / "sign-in-service", wanted)


def ensure_frontend() -> None:
    """Fill static/vendor from the npm lockfile, by a Node that comes from PyPI and goes away again."""
    node = dependency_group("frontend")
    script = ROOT / "scripts" / "frontend.py"
    lock = ROOT / "package-lock.json"
    wanted = digest(*node, ROOT / "package.json", lock, script)
    if VENDOR.is_dir() and read(STAMPS / "frontend") == wanted:
        return
    say("Bringing the front-end parts")
    (STAMPS / "frontend").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=VENV, prefix="frontend-") as folder:
        pip("install", "--no-compile", "--target", f"{folder}/node", *node)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, folder)
        environment = os.environ | {"PYTHONPATH": f"{folder}/node"}
        bring = [str(PYTHON), str(script), "bring", folder]
        if subprocess.run(bring, env=environment, check=False).returncode:
            raise SetupError(FRONTEND_FAILED)
    write(STAMPS / "frontend", wanted)


def compress_static() -> None:
    """Lay compressed copies beside the static files; those of unchanged files are left alone."""
    compress = [str(PYTHON), str(ROOT / "scripts" / "frontend.py"), "compress"]
    if subprocess.run(compress, check=False).returncode:
        raise SetupError("\nThe static files could not be compressed; the lines above say why.")


def venv_is_sound() -> bool:
    """Was .venv finished once, by this version of Python, and does it still start?"""
    finished = read(STAMPS / "run").split(" ")[0] == VERSION and not UNFINISHED.exists()
    if not finished or Path(sys.prefix) == VENV:
        return finished
    try:
        return subprocess.run([PYTHON, "-c", ""], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    say(f"Making .venv with Python {platform.python_version()} (once; a minute or two)")
    if VENV.exists():
        shutil.rmtree(VENV)
    base = getattr(sys, "_base_executable", None) or sys.executable
    made = subprocess.run([base, "-m", "venv", VENV], check=False, capture_output=True, text=True)
    if made.returncode:
        VENV.mkdir(exist_ok=True)  # a disk that cannot be written says so here, in its own words
        shutil.rmtree(VENV, ignore_errors=True)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError((made.stdout + made.stderr).strip() + "\n" + NO_VENV.format(version=version))
    STAMPS.mkdir()


def install(part: str, stamp: str, what: Sequence[str]) -> None:
    """Fetch first, then install from what was fetched: a dead network never spoils a working .venv."""
    with tempfile.TemporaryDirectory(dir=VENV, prefix="packages-") as folder:
        pip("download", "--dest", folder, *what)
        UNFINISHED.touch()
        (STAMPS / part).unlink(missing_ok=True)
        # Python compiles what it uses when it first uses it; compiling all of it takes half a minute.
        pip("install", "--no-compile", "--no-index", "--find-links", folder, *what)
    write(STAMPS / part, stamp)
    UNFINISHED.unlink()


def pip(command: str, *words: str) -> None:
    """Run pip on wheels only: nobody's machine needs a compiler."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary=:all:", "--retries=2"]
    if subprocess.run([PYTHON, "-m", "pip", command, *quiet, *words], check=False).returncode:
        raise SetupError(PACKAGES_FAILED)


def dependency_group(name: str) -> list[str]:
    """Read a group here, because the pip that comes with Python 3.11 does not know groups."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        group: list[str] = tomllib.load(file)["dependency-groups"][name]
    return group


def digest(*parts: str | Path) -> str:
    """Name what a part is made from: the Python it is for, and a hash over files and words."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        total.update(b"\0")
    return f"{VERSION} {total.hexdigest()}"


def read(stamp: Path) -> str:
    try:
        return stamp.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def write(stamp: Path, text: str) -> None:
    fresh = stamp.with_suffix(".new")
    fresh.write_text(text, encoding="ascii")
    fresh.replace(stamp)


def say(text: str) -> None:
    print(f"{text} …", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
