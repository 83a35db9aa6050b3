"""Pages for care home staff."""

from flask import Blueprint

blueprint = Blueprint("home", __name__)
