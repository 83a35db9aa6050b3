"""What every template must hold to: it compiles, it escapes, it carries no script or style inline, and a
page's first comment names its person, its moment and its one main act."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from jinja2 import Environment, TemplateError

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
sys.path.insert(0, str(ROOT))

NOT_PAGES = {"layouts", "components"}
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
    paths = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    for path in paths:
        name = path.relative_to(TEMPLATES).as_posix()
        faults += [f"templates/{name}: {fault}" for fault in faults_in(environment, name, path)]
    for fault in faults:
        print(fault)
    print(f"{len(paths)} templates")
    return 1 if faults or not paths else 0


def application_environment() -> Environment:
    """Jinja as the application sets it up: its filters, its loaders, its escaping."""
    from redbag.app import create_app
    from redbag.config import load_settings

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({"REDBAG_INSTANCE": folder}))
    environment: Environment = app.jinja_env
    return environment


def faults_in(environment: Environment, name: str, path: Path) -> list[str]:
    faults = []
    try:
        environment.get_template(name)
    except TemplateError as error:
        faults.append(f"does not compile: {error}")
    source = path.read_text(encoding="utf-8")
    if is_page(name) and not names_its_use(source):
        faults.append(
            "the first line must be a comment with the page's person, moment and main act, as in "
            "{# A carer, with the crew at the door: what must go along. Main act: print the pack. #}"
        )
    bare = COMMENT.sub("", source)
    faults += [said for pattern, said in REFUSED.items() if re.search(pattern, bare, re.IGNORECASE)]
    if any(re.search(r"\{\{|\{%", body) for body in SCRIPT.findall(bare)):
        faults.append("a value written into a script: pass it by a data attribute")
    return faults


def is_page(name: str) -> bool:
    """Pages stand in a blueprint's folder; what they include begins with an underscore."""
    folder, _, file = name.rpartition("/")
    return folder.split("/")[0] not in NOT_PAGES and not file.startswith("_")


def names_its_use(source: str) -> bool:
    """A person and, after a comma, the moment; then the main act. In the comment that opens the file."""
    first = COMMENT.match(source)
    return first is not None and bool(
        re.match(r"\{#\s*\w[^,]*,\s*\w.*\bMain act:\s*\w", first.group(), re.DOTALL)
    )


if __name__ == "__main__":
    sys.exit(main())
