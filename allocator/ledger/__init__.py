"""The append-only ledger: what was recorded, with its inputs, in a chain of hashes."""
