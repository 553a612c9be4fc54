"""Every answer of the command line by name, and the JSON Schema of each (docs/schemas).

``python -m captilt.contract.answers`` writes the schemas anew; a test fails where they are out of date.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from captilt.contract.backtest import BacktestAnswer
from captilt.contract.challengers import ChallengersAnswer
from captilt.contract.evidence import ClaimsAnswer, EvidenceAnswer
from captilt.contract.fed_meeting import MeetingAnswer
from captilt.contract.fedpath import FedPathAnswer
from captilt.contract.financing import FinancingAnswer
from captilt.contract.hedge import HedgeAnswer
from captilt.contract.record import json_schema
from captilt.contract.regime import ChronologyAnswer, LeagueAnswer, RegimeAnswer
from captilt.contract.run import Run
from captilt.contract.scenario import ScenarioAnswer
from captilt.contract.signals import SignalAnswer, SignalsAnswer
from captilt.contract.vehicle import FundsAnswer, RecordAnswer

ANSWERS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "run": Run,
        "fedpath": FedPathAnswer,
        "fed-meeting": MeetingAnswer,
        "signals": SignalsAnswer,
        "signal": SignalAnswer,
        "regime": RegimeAnswer,
        "chronology": ChronologyAnswer,
        "league": LeagueAnswer,
        "backtest": BacktestAnswer,
        "evidence": EvidenceAnswer,
        "claims": ClaimsAnswer,
        "challengers": ChallengersAnswer,
        "scenario": ScenarioAnswer,
        "filings": FinancingAnswer,
        "hedge": HedgeAnswer,
        "vehicle-record": RecordAnswer,
        "vehicle-funds": FundsAnswer,
    }
)


def schema_text(name: str) -> str:
    """The JSON Schema of one answer as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **json_schema(ANSWERS[name])}
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def write_schemas(folder: Path) -> None:
    """Write the JSON Schema of every answer into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ANSWERS:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schemas"))
