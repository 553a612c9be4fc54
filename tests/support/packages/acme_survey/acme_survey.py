"""A monthly survey from a server of one's own: `date,value` in CSV, one line a month."""

import csv
import io

import numpy as np

from captilt.section import Section
from signals.series.dictionary import Series
from signals.sources.csv_sheet import Sheet
from signals.sources.http import Wire
from signals.sources.registry import SourceKind
from signals.sources.validation.series import checked

HOPE = Series(
    "acme_survey:HOPE", unit="net percent", frequency="M", stamp="first of month", known_at="period_end+12d 08:30"
)


class SurveySettings(Section):
    """``[sources.acme_survey]``."""

    enabled: bool = False
    url: str = "https://survey.acme.example/hope.csv"


class Survey:
    """One series from one address."""

    name = "acme_survey"

    def __init__(self, url):
        self._url = url
        self._wire = Wire("Acme", timeout=10, budget=30, per_second=2.0)

    def offers(self):
        return (HOPE.id,)

    def stored(self, _series, _now, /):
        return (HOPE.id,)

    def reach(self, seconds):
        self._wire.once(self._url, {}, sheet, seconds)

    def fetch(self, series, stored, now):
        return checked(HOPE, self._wire.read(self._url, {}, sheet), stored(series), now, name="Acme")


def sheet(body):
    """The rows of the file; ValueError for anything else."""
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    cells = {"date": [row["date"] for row in rows], "value": [row["value"] for row in rows]}
    return Sheet(HOPE.id, ("date", "value"), cells, np.arange(2, len(rows) + 2))


SOURCE = SourceKind("acme_survey", SurveySettings, lambda settings, _secret, _wanted: Survey(settings.url))
