"""Shape of the ledger's database, as numbered steps that either happen whole or not at all.

SQLite takes back table changes with its transaction, so a kill in the middle of a step leaves the
step before it. Alembic is imported only when there is a step to take.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

STEPS = ("0001", "0002")  # in `versions`, oldest first
NEWEST = STEPS[-1]
# Of what the steps make: `allocator.ledger.ledger_file.shape`.
SHAPE = "7f687864f5a3ac4ba7b859b306c2480e8dbc03fd8dc6d1a130c9b24e8f05fae0"


def upgrade(connection: "Connection") -> None:
    """Take every step from the database's version to the newest, inside the caller's transaction."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - the seam that alembic's own command uses

    with EnvironmentContext(config, script, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
