"""What the tree itself must hold to: short files, nothing left for later, exact pins."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400  # lines; past this a file has two subjects
CODE = {".py", ".html", ".jinja", ".js", ".mjs", ".css", ""}
LOCKFILES = ("package-lock.json", "tests/sign_in_service/package-lock.json")
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")


def main() -> int:
    faults = [fault for path in files() for fault in faults_in(path)]
    faults += unpinned() + registry_addresses()
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def files() -> list[Path]:
    """Everything that git keeps or would keep."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file()]


def faults_in(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []  # a picture
    name = path.relative_to(ROOT)
    faults = [
        f"{name}:{number}: {found.group()}: finish it, or open an issue"
        for number, line in enumerate(lines, 1)
        if (found := LEFTOVER.search(line))
    ]
    migration = name.parts[0] == "migrations"  # grows with the tables, and is never edited again
    if path.suffix in CODE and len(lines) > LONGEST and not migration:
        faults.append(f"{name}: {len(lines)} lines, where {LONGEST} are the limit: split it by subject")
    return faults


def unpinned() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [
        f"requirements.txt:{number}: {line}: pin it exactly, name==version"
        for number, line in enumerate(lines, 1)
        if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)
    ]


def registry_addresses() -> list[str]:
    """The lockfiles name versions and their hashes; where they come from is for each machine to say."""
    return [
        f"{lockfile}: {name or 'the project'} has a “resolved” address: "
        "write the lockfile with npm install --package-lock-only --omit-lockfile-registry-resolved"
        for lockfile in LOCKFILES
        for name, package in json.loads((ROOT / lockfile).read_text(encoding="utf-8"))["packages"].items()
        if "resolved" in package
    ]


if __name__ == "__main__":
    sys.exit(main())
