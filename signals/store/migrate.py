"""Bring the tables of a store to this version; Alembic is imported only where there is something to do."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect

from signals.store import migrations
from signals.store.database import Location, damaged, reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0001"  # newest change in signals/store/migrations/versions; a test compares


def bring_up(engine: Engine, path: Location) -> None:
    """Create or migrate the tables at `path` in one transaction; a store of a later version is refused."""
    with reading(engine, path) as connection:
        tables = inspect(connection).get_table_names()
        version = (
            connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            if "alembic_version" in tables
            else None
        )
    if version == HEAD:
        return
    if version is None and "fact" in tables:
        raise damaged(path, "it has facts but no version")
    if version is not None and version > HEAD:
        raise damaged(path, f"its tables are of version {version}, this program knows {HEAD}")
    from alembic import command

    with writing(engine, path) as connection:
        command.upgrade(configured(connection), "head")


def configured(connection: object) -> "Config":
    """Alembic's settings without a file: where the changes are, and the connection to use."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config
