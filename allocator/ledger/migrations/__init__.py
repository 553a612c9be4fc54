"""Shape of the ledger's database, as numbered steps that either happen whole or not at all.

SQLite takes back table changes with its transaction, so a kill in the middle of a step leaves the
step before it. Alembic is imported only when there is a step to take.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

STEPS = ("0001",)  # in `versions`, oldest first
NEWEST = STEPS[-1]
# Of what the steps make: `allocator.ledger.ledger_file.shape`.
SHAPE = "01f07812b8f39d1b579b4ce2d8374d543777c3976172f43f646357c310cc8db4"


def upgrade(connection: "Connection") -> None:
    """Take every step from the database's version to the newest, inside the caller's transaction."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "allocator.ledger:migrations")
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - the seam that alembic's own command uses

    with EnvironmentContext(config, script, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
