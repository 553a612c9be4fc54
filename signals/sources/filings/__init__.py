"""Company filings from the SEC: fetched, checked, kept as Parquet and reduced to the financing series.

Needs the extra ``[filings]`` (duckdb, pyarrow); `signals.sources.filings.extra.require` says so where it is missing.
"""
