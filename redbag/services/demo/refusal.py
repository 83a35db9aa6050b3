"""Invented people in a database that is used for real: production does not start with them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import exists, make_url, select
from sqlalchemy.exc import DBAPIError

from redbag.config import ConfigurationError
from redbag.database import engine_for
from redbag.models import Account
from redbag.services.demo.places import NAMED


def refuse(url: str) -> bool:
    """Whether the database at `url` could be asked, and holds nobody of the demonstration, whose passphrase
    everybody can read. False where there is no database yet, or it does not answer.

    Raises ConfigurationError where they are there.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        return False  # asking would make the file
    engine = engine_for(url)
    emails = [one.email for one in NAMED.values()]
    try:
        with engine.connect() as connection:
            there = connection.scalar(select(exists(select(Account.id).where(Account.email.in_(emails)))))
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    if there:
        raise ConfigurationError(
            "This database holds the people of the demonstration, whose passphrase everybody can read. "
            "Production needs a database of its own: set DATABASE_URL to an empty one."
        )
    return True
