"""The terminal screens, each drawn from the JSON of its command and from nothing else."""
