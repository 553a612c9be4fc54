"""What every command shares: the common options, and the desk they open."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from allocator.ledger.ledger import Ledger
    from captilt.config.settings import Settings
    from signals.store.store import Store


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Common:
    """Options of every command."""

    config: Annotated[Path | None, Parameter(help="Settings file.")] = None
    home: Annotated[Path | None, Parameter(help="Folder that holds all state.")] = None
    json: Annotated[bool, Parameter(help="Print one JSON object on stdout.", negative="")] = False
    as_of: Annotated[dt.date | None, Parameter(help="Study a past day (YYYY-MM-DD): prints, records nothing.")] = None


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class Desk:
    """Settings, state and clock of one command; the desk alone reads the clock.

    Attributes
    ----------
    settings : Settings
    home : Path
        Holds ``facts.db`` and ``ledger.db`` where no server does (``[store] url``), and the caches.
    clock : callable
        Returns the aware present instant.
    """

    settings: "Settings"
    home: Path
    clock: Callable[[], dt.datetime] = field(default=_now)

    @classmethod
    def open(cls, common: Common) -> "Desk":
        """Load the settings and find the state folder that `common` names."""
        from captilt.config import settings as config

        return cls(config.load(common.config), config.home(common.home))

    @cached_property
    def store(self) -> "Store":
        """The store of facts (opened, and made on first use).

        Raises
        ------
        CheckFailed
            Where the file is missing though the ledger has runs: a new one would answer as if nothing had been.
        """
        from signals.errors import CheckFailed
        from signals.store.shipped_decisions import open_store

        if url := self.settings.store.url:
            return self._with_tables(open_store(url, columns=self.home / "facts.columns"))
        file = self.home / "facts.db"
        if not file.exists() and (self.home / "ledger.db").exists() and self.ledger.run_days():
            raise CheckFailed(
                f"{file} is missing, though runs were recorded from it.",
                remedy=f"Bring it back with `captilt restore`; to begin with an empty one, `touch {file}` and import.",
                code="facts_missing",
            )
        return self._with_tables(open_store(file))

    def _with_tables(self, store: "Store") -> "Store":
        from captilt.operations.disk_cache import FolderCache

        store.tables = FolderCache(self.home / "cache")
        return store

    @property
    def backup_folder(self) -> Path:
        """The folder of the copies: the setting, else one in the state folder."""
        named = self.settings.backup.folder
        return Path(named).expanduser() if named else self.home / "backups"

    def demand_files(self) -> None:
        """Refuse to copy or restore what is on a server.

        Raises
        ------
        UsageError
            Where ``[store] url`` names a server.
        """
        from signals.errors import UsageError

        if self.settings.store.url:
            raise UsageError(
                "facts and ledger are on a server ([store] url), which is copied by its own means.",
                remedy="Use `pg_dump` and `pg_restore`, or `captilt data migrate --from URL` into an empty folder.",
            )

    @cached_property
    def ledger(self) -> "Ledger":
        """The append-only book (opened, and made on first use)."""
        from allocator.ledger.ledger import Ledger

        if url := self.settings.store.url:
            return Ledger.open(url, head=self.home / "ledger.head")
        return Ledger.open(self.home / "ledger.db")

    def moment(self, common: Common) -> dt.datetime:
        """The cut asked for: that of ``--as-of``, else the last one that has passed.

        Raises
        ------
        DateError
            For a day in the future, without a session, or before the record starts.
        """
        return self.cut_of(common.as_of)

    def cut_of(self, day: dt.date | None) -> dt.datetime:
        """The cut of `day`, or the last cut that has passed where `day` is None."""
        from signals.calendars import FIRST_RECORD, cut, day_of, is_session, previous_session, session_on_or_before
        from signals.errors import DateError

        now = self.clock()
        latest = session_on_or_before(day_of(now))
        if cut(latest) > now:
            latest = previous_session(latest)
        if day is None:
            return cut(latest)
        if day > latest:
            raise DateError(
                f"{day} is in the future of the last cut, {latest} 18:00 New York.",
                remedy="Ask for that day or an earlier one.",
            )
        if day < FIRST_RECORD:
            raise DateError(
                f"{day} lies before {FIRST_RECORD}, where the walk-forward record starts.",
                remedy="Ask for a later day.",
            )
        if not is_session(day):
            before = previous_session(day)
            raise DateError(f"{day} ({day:%A}) has no trading session.", remedy=f"The session before it is {before}.")
        return cut(day)
