"""Pages for the administrator."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__)
