"""`python -m redbag`: the operator's command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redbag.cli import main

if TYPE_CHECKING:
    from flask import Flask


def _make_app() -> Flask:
    """The application, made only by the commands that need it: help and previews start at once."""
    from redbag.app import create_app

    return create_app()


if __name__ == "__main__":
    main(_make_app)
