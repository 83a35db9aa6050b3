"""Pages for hospital staff, and for whoever scans a label."""

from flask import Blueprint

blueprint = Blueprint("ward", __name__)
