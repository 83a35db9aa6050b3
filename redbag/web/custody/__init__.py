"""The custody record of a journey, for both ends of it; and its confirmation, for anybody with its code."""

from flask import Blueprint

blueprint = Blueprint("custody", __name__)
