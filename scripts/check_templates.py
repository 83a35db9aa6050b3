"""What every template must hold to: it compiles, it escapes, it carries no script or style inline, and a
page's first comment names its person, its moment and its one main act."""

from __future__ import annotations

import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from jinja2 import Environment, TemplateError
from jinja2.meta import find_referenced_templates

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
sys.path.insert(0, str(ROOT))

NOT_PAGES = {"layouts", "components"}
FEWEST_WORDS = 2  # a person and a moment: "Carer, packing"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
REFUSED = {
    r"\|\s*safe\b": "|safe: let it be escaped",
    r"\bautoescape\b": "autoescape is on everywhere and stays on",
    r"<[^>]*\sstyle\s*=": "an inline style: the security policy refuses it; use a class",
    r"<[^>]*\son[a-z]+\s*=": "an inline handler: the security policy refuses it; use a module in static/",
    r"javascript:": "a javascript: address",
    r"<style\b": "an inline stylesheet: use a file in static/",
}
SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def main() -> int:
    environment = application_environment()
    faults = (
        [] if environment.autoescape is True else ["The templates are not escaped: autoescape must be True"]
    )
    names = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file())
    pages = set(names) - parts(environment, names)
    for name in names:
        faults += [f"templates/{name}: {fault}" for fault in faults_in(environment, name, name in pages)]
    for fault in faults:
        print(fault)
    print(f"{len(names)} templates, {len(pages)} of them pages")
    return 1 if faults or not pages else 0


def application_environment() -> Environment:
    """Jinja as the application sets it up: its filters, its loaders, its escaping."""
    from redbag.app import create_app
    from redbag.config import load_settings

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({"REDBAG_INSTANCE": folder}))
    environment: Environment = app.jinja_env
    return environment


def faults_in(environment: Environment, name: str, is_page: bool) -> list[str]:
    faults = []
    try:
        environment.get_template(name)
    except TemplateError as error:
        faults.append(f"does not compile: {error}")
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    if is_page and not names_its_use(source):
        faults.append(
            "the first line must be a comment with the page's person, moment and main act, as in "
            "{# A carer, with the crew at the door: what must go along. Main act: print the pack. #}"
        )
    bare = COMMENT.sub("", source)
    faults += [said for pattern, said in REFUSED.items() if re.search(pattern, bare, re.IGNORECASE)]
    if any(re.search(r"\{\{|\{%", body) for body in SCRIPT.findall(bare)):
        faults.append("a value written into a script: pass it by a data attribute")
    return faults


def parts(environment: Environment, names: list[str]) -> set[str]:
    """The templates that others extend, include or import: frames and macros, not pages."""
    used: set[str | None] = set()
    for name in names:
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        with suppress(TemplateError):  # said already, where the template is compiled
            used.update(find_referenced_templates(environment.parse(source)))
    return {name for name in names if name in used or name.split("/")[0] in NOT_PAGES}


def names_its_use(source: str) -> bool:
    """Does the opening comment say in a few words who is there and when, and then the main act?"""
    first = COMMENT.match(source)
    if first is None:
        return False
    scene, _, act = first.group().partition("Main act:")
    return len(re.findall(r"\w+", scene)) >= FEWEST_WORDS and re.search(r"\w", act) is not None


if __name__ == "__main__":
    sys.exit(main())
