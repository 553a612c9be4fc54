"""Settings: file, environment and secrets become one checked, frozen value.

Order: ``--config``, else ``CAPTILT_CONFIG``, else ./config.toml, else the XDG place, else the defaults
below; ``CAPTILT_SECTION__KEY`` in the environment goes over the file. Secrets are named in the file as
``env:NAME`` and read from the environment or from the secrets file, never printed.
"""

import json
import os
import re
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, field_validator

from allocator.settings import (
    METHOD,
    EvidenceSettings,
    ForecastSettings,
    Judgement,
    PortfolioSettings,
    ScenarioSettings,
    TiltSettings,
)
from captilt.channels.registry import CHANNELS, ChannelKind
from captilt.config import settings_file
from captilt.config.extensions import NO_EXTENSIONS, Extensions, load_extensions
from captilt.logger import log
from captilt.secrets import secret
from captilt.section import ADDRESS, SecretName, Section
from regime.settings import RegimeSettings
from signals.errors import StorageError, UsageError
from signals.filings.size_groups import SizeCut
from signals.sources.registry import SourceKind

NO_STATE_FOLDER = "no_state_folder"  # code of the failure
TIME = r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$"


class Provider(Section):
    """One data provider: where it answers and how long we wait."""

    enabled: bool = True
    url: str = Field(pattern=ADDRESS)
    timeout_seconds: float = Field(default=20.0, gt=0, le=300)
    budget_seconds: float = Field(default=120.0, gt=0, le=3600)  # all retries of one fetch together


class FredProvider(Provider):
    """FRED's API with vintages; needs a key."""

    url: str = Field(default="https://api.stlouisfed.org/fred", pattern=ADDRESS)
    key: SecretName = "env:FRED_API_KEY"
    requests_per_second: float = Field(default=2.0, gt=0, le=10)


class FredGraphProvider(Provider):
    """FRED's keyless graph files: latest revision only."""

    url: str = Field(default="https://fred.stlouisfed.org/graph/fredgraph.csv", pattern=ADDRESS)


class YahooProvider(Provider):
    """Yahoo's chart endpoint through yfinance."""

    url: str = Field(default="https://query2.finance.yahoo.com", pattern=ADDRESS)


class FrenchProvider(Provider):
    """Ken French's data library."""

    url: str = Field(default="https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/ftp", pattern=ADDRESS)


class EdgarProvider(Provider):
    """EDGAR's form indexes; asks for a declared user agent."""

    url: str = Field(default="https://www.sec.gov/Archives/edgar", pattern=ADDRESS)
    user_agent: str = ""
    requests_per_second: float = Field(default=8.0, gt=0, le=10)

    @property
    def is_asked(self) -> bool:
        """True where it is on and the SEC is told who asks."""
        return self.enabled and bool(self.user_agent)


class FilingsProvider(Section):
    """Company filings of the SEC: quarterly archives, JSON interfaces, indexes."""

    archives_url: str = Field(
        default="https://www.sec.gov/files/dera/data/financial-statement-data-sets", pattern=ADDRESS
    )
    api_url: str = Field(default="https://data.sec.gov/api/xbrl", pattern=ADDRESS)
    index_url: str = Field(default="https://www.sec.gov/Archives/edgar", pattern=ADDRESS)
    user_agent: str = ""  # empty: that of sources.edgar
    requests_per_second: float = Field(default=8.0, gt=0, le=10)
    timeout_seconds: float = Field(default=300.0, gt=0, le=3600)
    budget_seconds: float = Field(default=1200.0, gt=0, le=7200)  # of one file with all its retries
    first: str = Field(default="2009q1", pattern=r"^(2009|20[1-9]\d)q[1-4]$")


class BoardProvider(Provider):
    """The Federal Reserve Board's press releases: FOMC decisions minutes after their announcement."""

    url: str = Field(default="https://www.federalreserve.gov/feeds/press_monetary.xml", pattern=ADDRESS)


class H15Provider(Provider):
    """The Board's Data Download Program: Treasury yields without a key."""

    url: str = Field(default="https://www.federalreserve.gov/datadownload/Output.aspx", pattern=ADDRESS)


class TreasuryProvider(Provider):
    """The Treasury's daily par yields."""

    url: str = Field(
        default="https://home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv",
        pattern=ADDRESS,
    )


class NewYorkFedProvider(Provider):
    """The New York Fed's reference rates."""

    url: str = Field(default="https://markets.newyorkfed.org/api/rates", pattern=ADDRESS)


class TiingoProvider(Provider):
    """Tiingo's prices beside Yahoo's; needs a key."""

    enabled: bool = False
    url: str = Field(default="https://api.tiingo.com/tiingo/daily", pattern=ADDRESS)
    key: SecretName = "env:TIINGO_API_KEY"


class Sources(Section):
    """Where data come from."""

    kinds: ClassVar[tuple[SourceKind, ...]] = ()  # of the user's own

    mode: Literal["auto", "api", "keyless", "offline", "sample"] = "auto"
    probe_seconds: float = Field(default=10.0, gt=0, le=60)  # deciding that nothing answers takes at most this
    fred: FredProvider = FredProvider()
    fredgraph: FredGraphProvider = FredGraphProvider()
    board: BoardProvider = BoardProvider()
    h15: H15Provider = H15Provider()
    treasury: TreasuryProvider = TreasuryProvider()
    nyfed: NewYorkFedProvider = NewYorkFedProvider()
    yahoo: YahooProvider = YahooProvider()
    tiingo: TiingoProvider = TiingoProvider()
    french: FrenchProvider = FrenchProvider()
    edgar: EdgarProvider = EdgarProvider()
    filings: FilingsProvider = FilingsProvider()


class AlertRules(Section):
    """When people are told; where is the matter of each channel's own table."""

    kinds: ClassVar[tuple[ChannelKind, ...]] = CHANNELS

    review_url: str = Field(default="http://127.0.0.1:8321", pattern=ADDRESS)
    material_probability: float = Field(default=0.15, ge=0, le=1)
    material_path_bp: float = Field(default=15.0, ge=0)
    material_points: float = Field(default=1.0, ge=0)
    cooldown_hours: float = Field(default=20.0, ge=0)
    quiet_from: str = Field(default="", pattern=TIME)  # HH:MM New York, empty for none
    quiet_to: str = Field(default="", pattern=TIME)
    weekly_digest: Literal["", "mon", "tue", "wed", "thu", "fri"] = "fri"
    give_up_hours: float = Field(default=24.0, gt=0)


if TYPE_CHECKING:

    class Alerts(AlertRules):
        """`AlertRules`, and one table for each channel of the registry."""

else:
    Alerts = create_model(
        "Alerts", __base__=AlertRules, **{kind.name: (kind.settings, kind.settings()) for kind in CHANNELS}
    )


class Schedule(Section):
    """The resident desk."""

    after_cut_minutes: int = Field(default=15, ge=0, le=300)
    look_minutes: int = Field(default=5, ge=1, le=60)  # between looks at missed sessions and the outbox
    retry_minutes: int = Field(default=30, ge=1, le=1440)  # after a run that failed
    ping_url: SecretName = "env:CAPTILT_PING_URL"  # dead-man's switch, Healthchecks protocol; optional


_SERVER = re.compile(r"postgresql\+psycopg://([^:@/\s]+@)?[^@\s]+")
_PASSWORD = re.compile(r"[?&](ssl)?password=", re.IGNORECASE)


def is_server_address(url: str) -> bool:
    """Whether `url` names a PostgreSQL database, and no password: libpq finds one (PGPASSWORD, PGPASSFILE)."""
    return bool(_SERVER.fullmatch(url)) and not _PASSWORD.search(url)


class Store(Section):
    """Where facts and ledger are kept."""

    url: str = ""  # empty: files in the state folder

    @field_validator("url")
    @classmethod
    def _names_a_server(cls, url: str) -> str:
        if url and not is_server_address(url):
            raise ValueError("must be postgresql+psycopg://USER@HOST/DATABASE, without a password")
        return url


class Backup(Section):
    """Verified copies of all state."""

    daily: bool = True  # after each session that the resident desk recorded
    keep: int = Field(default=7, ge=0, le=10_000)  # newest copies of the resident desk; 0 keeps all
    folder: str = ""  # empty: "backups" in the state folder


class Own(Section):
    """Signals, sources and channels of the user's own (docs/EXTENDING.md)."""

    folder: str = ""  # of .py and .toml files; relative to the settings file
    packages: tuple[str, ...] = ()  # installed packages whose entry points are used


class Logs(Section):
    """What is written to the log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: str = ""  # appended to; empty: stderr


class Review(Section):
    """The review page."""

    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=0, le=65535)
    # Needed for any other address than loopback.
    login_token: SecretName = "env:CAPTILT_REVIEW_TOKEN"  # noqa: S105 - the name of a variable
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    valid_days: int = Field(default=5, ge=1, le=60)  # sessions after which advice can no longer be decided
    certificate: str = ""  # PEM file; the page is then served over TLS
    certificate_key: str = ""
    trusted_proxy: str = ""  # address of a reverse proxy whose X-Forwarded-For and -Proto are believed


class Book(Section):
    """One account that stands in the review with orders of its own."""

    file: str
    policy_weight: float | None = Field(default=None, ge=0, le=1)  # None: that of [portfolio]
    shape: Literal["", "schwab", "fidelity", "vanguard", "ibkr-statement", "ibkr-flex", "weights", "table"] = ""
    decimal: Literal["", "point", "comma"] = ""  # empty: the file's own numbers tell
    account: str = ""  # rows of accounts whose name contains this; empty for all


class Settings(Section):
    """Every setting of the product; defaults equal the shipped config.toml."""

    extensions: ClassVar[Extensions] = NO_EXTENSIONS

    model_config = ConfigDict(hide_input_in_errors=True)

    portfolio: PortfolioSettings = PortfolioSettings()
    forecast: ForecastSettings = ForecastSettings()
    tilt: TiltSettings = TiltSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    regime: RegimeSettings = RegimeSettings()
    scenario: dict[str, ScenarioSettings] = Field(default={})
    legs: dict[str, Literal["small", "large", "cash", "other"]] = Field(default={})  # above the fund table
    books: dict[str, Book] = Field(default={})
    sources: Sources = Sources()
    filings: SizeCut = SizeCut()
    alerts: Alerts = Alerts()
    schedule: Schedule = Schedule()
    store: Store = Store()
    backup: Backup = Backup()
    own: Own = Own()
    logs: Logs = Logs()
    review: Review = Review()

    @field_validator("evidence")
    @classmethod
    def _current_multiplier(cls, evidence: EvidenceSettings) -> EvidenceSettings:
        if evidence.multiplier == "dsr":
            raise ValueError('multiplier: the deflated Sharpe ratio scales nothing any more; set "posterior" or "none"')
        return evidence

    @property
    def judgement(self) -> Judgement:
        """The part that the pure judgement reads."""
        return self.judgement_under(METHOD)

    def judgement_under(self, method: int) -> Judgement:
        """The same under a method that may no longer be in force, for a day that was recorded under it."""
        parts = (self.portfolio, self.forecast, self.tilt, self.evidence)
        own = self.extensions.signals
        if method == 1:
            from allocator.method_1 import with_settings

            judgement = with_settings(*parts)
        else:
            judgement = Judgement(*parts, method=method)
        return replace(judgement, own=own) if own else judgement


def find(explicit: Path | None) -> Path | None:
    """The settings file in force, None for the defaults."""
    if explicit is None and (named := os.environ.get("CAPTILT_CONFIG")):
        explicit = Path(named)
    if explicit is not None:
        if not explicit.is_file():
            raise UsageError(f"settings file {explicit} does not exist.", remedy="Name an existing file with --config.")
        return explicit
    paths = (Path("config.toml"), platformdirs.user_config_path("captilt") / "config.toml")
    return next((path for path in paths if path.is_file()), None)


def load(explicit: Path | None = None) -> Settings:
    """Read and check the settings; one line with file, key and remedy where something is wrong."""
    file = find(explicit)
    where = str(file) if file else "the defaults"
    values = settings_file.read(file) if file else {}
    kind = _with_extensions(values, file)
    settings_file.check(values, kind.model_fields, where)
    if settings_file.variables(kind.model_fields):
        from captilt.config.environment import reading_environment

        kind = reading_environment(kind)
    try:
        settings = kind(**values)
    except ValidationError as fault:
        raise settings_file.first_mistake(fault, values, where) from None
    names = frozenset(name.removeprefix("env:") for name in secret_names(settings))
    settings_file.check_variables(kind.model_fields, names)
    return settings


def _with_extensions(values: dict[str, Any], file: Path | None) -> type[Settings]:
    """`Settings`, with a table for each source and channel of the user's own."""
    table = values.get("own")
    table = table if isinstance(table, dict) else {}
    folder = os.environ.get("CAPTILT_OWN__FOLDER") or table.get("folder") or ""
    packages = table.get("packages") or ()
    if named := os.environ.get("CAPTILT_OWN__PACKAGES"):
        with suppress(ValueError):  # the check of the environment says that it is no list
            packages = json.loads(named)
    try:
        own = Own.model_validate({"folder": folder, "packages": packages})
    except ValidationError:
        return Settings  # the check of every table says what is wrong
    if not own.folder and not own.packages:
        return Settings
    own_folder = (file.parent if file else Path()) / Path(own.folder).expanduser() if own.folder else None
    return settings_with(load_extensions(own_folder, own.packages))


@cache
def settings_with(extensions: Extensions) -> type[Settings]:
    """`Settings` with the signals, and a table for each source and channel, of the user's own."""
    if extensions == NO_EXTENSIONS:
        return Settings
    tables: dict[str, Any] = {kind.name: (kind.settings, kind.settings()) for kind in extensions.sources}
    sources: type[Sources] = create_model("Sources", __base__=Sources, **tables)
    tables = {kind.name: (kind.settings, kind.settings()) for kind in extensions.channels}
    alerts: type[Alerts] = create_model("Alerts", __base__=Alerts, **tables)
    sources.kinds = extensions.sources
    alerts.kinds = (*CHANNELS, *extensions.channels)
    changed: dict[str, Any] = {"sources": (sources, sources()), "alerts": (alerts, alerts())}
    made: type[Settings] = create_model("Settings", __base__=Settings, **changed)
    made.extensions = extensions
    return made


def home_name(explicit: Path | None = None) -> Path:
    """The folder that holds all state, whether it is there or not."""
    named = os.environ.get("CAPTILT_HOME")
    return explicit or (Path(named) if named else platformdirs.user_data_path("captilt"))


def home(explicit: Path | None = None) -> Path:
    """The folder that holds all state; made on first use.

    Raises
    ------
    StorageError
        With code ``no_state_folder``.
    """
    folder = home_name(explicit)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (mode := folder.stat().st_mode) & 0o077 and folder.stat().st_uid == os.getuid():
            folder.chmod(mode & 0o700)  # decisions and positions are nobody else's business
            log.warning("the state folder was open to others; its permissions were mended", folder=str(folder))
    except OSError as fault:
        raise StorageError(
            f"the state folder {folder} cannot be made or opened: {fault.strerror}. Nothing was recorded.",
            remedy="Look whether its disk is there, or name another folder with --home or CAPTILT_HOME.",
            code=NO_STATE_FOLDER,
        ) from None
    return folder


def secrets(settings: Settings) -> tuple[str, ...]:
    """The plain value of every secret that the settings name, for those who must black it out."""
    values = (secret(name) for name in secret_names(settings))
    return tuple(value.get_secret_value() for value in values if value is not None)


def log_settings(settings: Settings) -> dict[str, Any]:
    """What the log is begun with (see `captilt.operations.logs.begin`): how much, where, and what it must not show."""
    return {"level": settings.logs.level, "file": settings.logs.file, "secrets": secrets(settings)}


def secret_names(settings: BaseModel) -> tuple[str, ...]:
    """Every ``env:NAME`` among the settings, or in one of their tables."""
    return tuple(_named(settings.model_dump(mode="json")))


def _named(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.startswith("env:") else []
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [name for item in inside for name in _named(item)]
