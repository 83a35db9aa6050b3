"""What needs attention at one place, and how the place is told: pages of homes and hospitals alike."""

from flask import Blueprint

blueprint = Blueprint("attention", __name__)
