"""Pages for managers and oversight readers."""

from flask import Blueprint

blueprint = Blueprint("reports", __name__)
