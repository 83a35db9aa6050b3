"""Do the migrations make exactly the tables that the models describe? Asked of a fresh SQLite file."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        config.set_main_option("sqlalchemy.url", f"sqlite:///{folder}/fresh.sqlite3")
        command.upgrade(config, "head")
        try:
            command.check(config)
        except CommandError as error:
            raise SystemExit(f"The models and the migrations differ: write a migration. {error}") from None


if __name__ == "__main__":
    main()
