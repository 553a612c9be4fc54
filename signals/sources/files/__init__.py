"""Import and export of facts as files."""
