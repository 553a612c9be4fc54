"""Without the extra the product says what is missing, and everything else goes on."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
BARE = [sys.executable, "-I", "-S", "-c"]  # the standard library alone: neither duckdb nor pyarrow


def test_without_the_extra_the_libraries_and_the_remedy_are_named():
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from signals.errors import UsageError
from signals.sources.filings.extra import missing, require
assert missing() == ("duckdb", "pyarrow"), missing()
try:
    require()
except UsageError as fault:
    print(fault.code, fault)
"""
    told = subprocess.run([*BARE, code], capture_output=True, text=True, check=True).stdout

    assert told.startswith("missing_extra company filings need duckdb and pyarrow, which are not installed.")
    assert "captilt[filings]" in told


def test_the_signals_and_the_claims_need_neither_library():
    code = (
        "import sys; sys.modules['duckdb'] = sys.modules['pyarrow'] = None; "
        "import signals.catalog, allocator.claims, captilt.contract.financing"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
