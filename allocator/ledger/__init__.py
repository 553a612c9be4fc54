"""The append-only ledger: hash chain, entries and archived inputs."""
