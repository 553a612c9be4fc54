"""Run lock, backups, caches, logs and redaction of secrets."""
