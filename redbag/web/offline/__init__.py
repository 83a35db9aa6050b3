"""The tablet with no network: what it keeps, what it is told, and what it sends later (ADR 28)."""

from flask import Blueprint

blueprint = Blueprint("offline", __name__)
