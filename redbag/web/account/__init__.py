"""Signing in, joining, and one's own account."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)
